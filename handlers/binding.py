"""/bind: the chat, or the topic, where it is written becomes the body's."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import BindTo
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html
from incidents import outbox
from incidents.chats import Place, bind, is_known, titled
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.routing import body_by_code
from models import Body, OutboxKind

_MOST: Final = 6  # buttons
HOW_TO_BIND: Final = frozenset({"how_to_bind", "added_to_group"})  # notices of bot/reach.py


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(bind_asked, Command("bind"))
    router.callback_query.register(body_chosen, BindTo.filter())
    return router


async def bind_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.BIND)
    code = (command.args or "").strip().partition(" ")[0]
    async with transaction() as session:
        if code:
            chosen = [await body_by_code(session, code)]
        else:
            chosen = await _own(session, actor)
        if len(chosen) == 1:
            text = await _bind(session, chosen[0], place_of(message, spot), actor, reader, spot)
            tell(session, spot, text, now=reader.now)
        else:
            rows = [[keyboards.button(body.name, BindTo(body_id=body.id))] for body in chosen]
            text = reader.words("bind.which") if chosen else reader.words("bind.use")
            tell(session, spot, text, now=reader.now, rows=rows)


async def _own(session: AsyncSession, actor: Actor) -> list[Body]:
    """The bodies the person answers for; a curator who answers for none must name one."""
    found = await session.scalars(
        select(Body)
        .where(Body.id.in_(actor.bodies), Body.is_active)
        .order_by(Body.name, Body.id)
        .limit(_MOST)
    )
    return list(found)


def place_of(message: Message, spot: Spot) -> Place:
    """The chat or topic as it is called in lists. A topic's name is in the message that began it.

    Source: https://core.telegram.org/bots/api#message (reply_to_message of a topic's messages)
    """
    began = message.reply_to_message.forum_topic_created if message.reply_to_message else None
    group = message.chat.title or message.chat.full_name or ""
    topic = began.name if began is not None and spot.thread_id is not None else None
    return Place(spot.chat_id, spot.thread_id, titled(group, topic))


async def how_to_bind(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader, house: House
) -> Outgoing | None:
    """To whoever added the bot to a group by hand; None where an invitation has bound the group meanwhile."""
    group = payload.get("group", chat_id)
    if await is_known(session, group):
        return None
    title = line(payload.get("title", ""), 60) or "—"
    return Outgoing(reader.words(f"notice.{payload['key']}", bot=house.bot_username, title=title))


async def body_chosen(
    query: CallbackQuery,
    *,
    callback_data: BindTo,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.BIND)
    message = query.message
    place = place_of(message, spot) if isinstance(message, Message) else Place(spot.chat_id, spot.thread_id)
    async with transaction() as session:
        body = await session.get(Body, callback_data.body_id)
        if body is None:
            text = reader.words("bind.use")
        else:
            text = await _bind(session, body, place, actor, reader, spot)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("bind.short"))


async def _bind(
    session: AsyncSession, body: Body, place: Place, actor: Actor, reader: Reader, spot: Spot
) -> Html:
    is_new = await bind(session, body_id=body.id, place=place, actor=actor, now=reader.now)
    if not is_new:
        return reader.words("bind.already", body=body.name)
    outbox.book(
        session,
        OutboxKind.COMMANDS,
        chat_id=spot.chat_id,
        payload={},
        subject=f"commands:{spot.chat_id}",
        now=reader.now,
    )
    return reader.words("welcome.bound", body=body.name)
