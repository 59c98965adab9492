"""/bodies: which bodies can be reached, and how much each has."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Invite, TurnBodies
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents.lifecycle import WITH_BODY
from incidents.people import Actor
from incidents.permissions import Permission
from models import Body, ChatState, Incident

_PAGE: Final = 6
_MARKS: Final = {ChatState.LIVE: "🟢", ChatState.NONE: "⚪️", ChatState.DEAD: "🔴"}


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(bodies_asked, Command("bodies"))
    router.callback_query.register(bodies_turned, TurnBodies.filter())
    return router


async def bodies_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    actor.must(Permission.SEE_BODIES)
    async with transaction() as session:
        text, rows = await _screen(session, 0, reader.words)
        tell(session, spot, text, now=reader.now, rows=rows)


async def bodies_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnBodies,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        actor.must(Permission.SEE_BODIES)
        text, rows = await _screen(session, callback_data.offset, reader.words)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _screen(session: AsyncSession, offset: int, words: Words) -> tuple[str, keyboards.Rows]:
    open_count = (
        select(Incident.body_id, func.count().label("open"))
        .where(Incident.status.in_(list(WITH_BODY)))
        .group_by(Incident.body_id)
        .subquery()
    )
    total = await session.scalar(select(func.count()).select_from(Body).where(Body.is_active)) or 0
    found = await session.execute(
        select(Body, func.coalesce(open_count.c.open, 0))
        .outerjoin(open_count, open_count.c.body_id == Body.id)
        .where(Body.is_active)
        .order_by(Body.name, Body.id)
        .limit(_PAGE)
        .offset(offset)
    )
    shown = [(body, count) for body, count in found]
    if not shown:
        return words("bodies.none"), [invite_curator(words)]
    blocks = [words("bodies.head", total=total), *(_row(body, count, words) for body, count in shown)]
    rows: keyboards.Rows = [
        [keyboards.button(words.plain("button.invite", body=body.name), Invite(body_id=body.id))]
        for body, _ in shown
    ]
    return "\n\n".join(blocks), [*rows, invite_curator(words), *_turning(offset, total, words)]


def _row(body: Body, count: int, words: Words) -> Html:
    if body.chat_state is ChatState.LIVE:
        chat = words("bodies.chat_live", title=line(body.chat_title or "—", 60))
    elif body.chat_state is ChatState.DEAD:
        chat = words("bodies.chat_dead")
    else:
        chat = words("bodies.chat_none")
    name = line(body.name, 80)
    return words("bodies.row", mark=_MARKS[body.chat_state], name=name, code=body.code, chat=chat, open=count)


def invite_curator(words: Words) -> list[keyboards.Button]:
    return [keyboards.button(words.plain("button.invite_curator"), Invite(body_id=0))]


def _turning(offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = TurnBodies(offset=max(offset - _PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + _PAGE < total:
        row.append(keyboards.button(words.plain("button.next_page"), TurnBodies(offset=offset + _PAGE)))
    return [row] if row else []
