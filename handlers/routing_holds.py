"""/routing: how each topic is routed by the program itself, and the switch that hands a topic to the curators."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import HoldTopic, ReleaseTopic, TurnRouting
from handlers.cards import topic_name
from handlers.context import Transaction
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents import contract
from incidents.contract import TopicRouting
from incidents.people import Actor, audit
from incidents.permissions import Permission
from models import RoutingHold

PAGE: Final = 6


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(routing_asked, Command("routing"))
    router.callback_query.register(routing_turned, TurnRouting.filter())
    router.callback_query.register(hold_pressed, HoldTopic.filter())
    router.callback_query.register(release_pressed, ReleaseTopic.filter())
    return router


async def routing_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    actor.must(Permission.ROUTING)
    async with transaction() as session:
        text, rows = await _screen(session, 0, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def routing_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnRouting,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.ROUTING)
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.offset, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def hold_pressed(
    query: CallbackQuery,
    *,
    callback_data: HoldTopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        hold = await contract.hold_topic(session, callback_data.topic, actor=actor, now=reader.now)
        await _show_done(session, hold, "held", callback_data.offset, actor, reader, spot)
    await acknowledge(
        query, reader.words.plain("routing.is_held", topic=topic_name(hold.topic, reader.words))
    )


async def release_pressed(
    query: CallbackQuery,
    *,
    callback_data: ReleaseTopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        hold = await contract.release_topic(session, callback_data.hold_id, actor=actor, now=reader.now)
        await _show_done(session, hold, "released", callback_data.offset, actor, reader, spot)
    await acknowledge(
        query, reader.words.plain("routing.is_released", topic=topic_name(hold.topic, reader.words))
    )


async def _show_done(
    session: AsyncSession,
    hold: RoutingHold,
    outcome: str,
    offset: int,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    audit(
        session,
        now=reader.now,
        telegram_id=actor.telegram_id,
        chat_id=spot.chat_id,
        action="routing",
        outcome=outcome,
        topic=hold.topic,
    )
    text, rows = await _screen(session, offset, reader)
    change(session, spot, text, now=reader.now, rows=rows)


async def _screen(session: AsyncSession, offset: int, reader: Reader) -> tuple[str, keyboards.Rows]:
    words = reader.words
    topics = await contract.overview(session, now=reader.now)
    offset = offset if offset < len(topics) else 0
    here = topics[offset : offset + PAGE]
    lines = [_head(topics, words), "", *[await _row(session, one, reader) for one in here]]
    rows: keyboards.Rows = [[_switch(one, offset, words)] for one in here]
    return "\n".join(lines), [*rows, *_turning(offset, len(topics), words)]


def _head(topics: list[TopicRouting], words: Words) -> Html:
    posts = sum(one.posts for one in topics)
    return words(
        "routing.head",
        days=contract.WINDOW.days,
        assigned=sum(one.assigned for one in topics),
        posts=posts,
        right=sum(one.judged.right for one in topics),
        judged=sum(one.judged.judged for one in topics),
    )


async def _row(session: AsyncSession, one: TopicRouting, reader: Reader) -> Html:
    words, topic = reader.words, topic_name(one.topic, reader.words)
    if one.hold is not None:
        shadow = await contract.shadow(session, one.hold)
        since = reader.day(one.hold.held_at)
        right, judged = one.hold.right, one.hold.judged
        row = words("routing.row_held", topic=topic, since=since, right=right, judged=judged)
        if not shadow.judged:
            return row
        would = words("routing.shadow", right=shadow.right, judged=shadow.judged)
        return Html(f"{row}\n{would}")
    if not one.assigned and not one.judged.judged:
        return words("routing.row_idle", topic=topic, posts=one.posts)
    return words(
        "routing.row",
        topic=topic,
        assigned=one.assigned,
        posts=one.posts,
        right=one.judged.right,
        judged=one.judged.judged,
    )


def _switch(one: TopicRouting, offset: int, words: Words) -> keyboards.Button:
    topic = topic_name(one.topic, words)
    if one.hold is not None:
        press = ReleaseTopic(hold_id=one.hold.id, offset=offset)
        return keyboards.button(words.plain("routing.release", topic=topic), press)
    return keyboards.button(
        words.plain("routing.hold", topic=topic), HoldTopic(topic=one.topic, offset=offset)
    )


def _turning(offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = TurnRouting(offset=max(offset - PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + PAGE < total:
        row.append(keyboards.button(words.plain("button.next_page"), TurnRouting(offset=offset + PAGE)))
    return [row] if row else []
