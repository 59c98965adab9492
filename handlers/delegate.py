"""«Поручить» and /delegate: the coordinator of a body gives an incident to a colleague."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.arguments import number_of
from handlers.callbacks.moving import Delegate, DelegateTo
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.telling import Spot, acknowledge, ask, change, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.delegating import Colleague, colleagues, delegate
from incidents.first import must_allow
from incidents.lifecycle import SETTLED
from incidents.moving import load
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import deadline_of
from models import Incident, Official, Step

_PAGE: Final = 8  # people
_NAME: Final = 40  # UTF-16 units
_SHORT: Final = 16  # beside the numbers of a button, which must not be cut


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(delegate_asked, Command("delegate"))
    router.callback_query.register(delegate_pressed, Delegate.filter())
    router.callback_query.register(colleague_chosen, DelegateTo.filter())
    return router


async def delegate_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.DELEGATE)
    number, _ = number_of(command)
    async with transaction() as session:
        if number is None:
            tell(session, spot, reader.words("delegate.use"), now=reader.now)
            return
        text, rows = await _screen(session, number, 0, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def delegate_pressed(
    query: CallbackQuery,
    *,
    callback_data: Delegate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.incident_id, callback_data.offset, actor, reader)
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("delegate.choose"))


async def _screen(
    session: AsyncSession, number: int, offset: int, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    words = reader.words
    incident = await load(session, number)
    await must_for(session, actor, Permission.DELEGATE, incident.body_id)
    await must_allow(session, incident, Step.DELEGATE)
    everybody = await colleagues(session, incident.body_id or 0, now=reader.now)
    others = [one for one in everybody if one.official.id != incident.official_id]
    free = [one for one in others if one.can_take]
    shown = free[offset : offset + _PAGE]
    lines = [
        words("delegate.whom", number=number) if free else words("delegate.nobody", number=number),
        *(_out(one, reader) for one in others if not one.can_take),
    ]
    rows = [[_colleague(one, incident, words)] for one in shown]
    return "\n".join(lines), [*rows, *_turning(number, offset, len(free), words), *keyboards.put_away(words)]


def _out(one: Colleague, reader: Reader) -> Html:
    """Who cannot be given anything now, and why."""
    name = line(one.official.name, _NAME)
    if one.away_until is not None:
        return reader.words("delegate.away", name=name, until=reader.day(one.away_until))
    return reader.words("delegate.blocked", name=name)


def _colleague(one: Colleague, incident: Incident, words: Words) -> keyboards.Button:
    blanks = {"name": line(one.official.name, _SHORT), "open": one.load.open, "overdue": one.load.overdue}
    late = bool(one.load.overdue)
    label = words.plain("delegate.busy_late", **blanks) if late else words.plain("delegate.busy", **blanks)
    press = DelegateTo(incident_id=incident.id, official_id=one.official.id, holder=incident.official_id or 0)
    return keyboards.button(label, press)


def _turning(number: int, offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = Delegate(incident_id=number, offset=max(offset - _PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + _PAGE < total:
        further = Delegate(incident_id=number, offset=offset + _PAGE)
        row.append(keyboards.button(words.plain("button.next_page"), further))
    return [row] if row else []


async def colleague_chosen(
    query: CallbackQuery,
    *,
    callback_data: DelegateTo,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, words = callback_data.incident_id, reader.words
    async with transaction() as session:
        await delegate(
            session,
            incident_id=number,
            official_id=callback_data.official_id,
            actor=actor,
            now=reader.now,
            holder=callback_data.holder,
        )
        name = (await session.get_one(Official, callback_data.official_id)).name
        change(session, spot, words("delegate.done", number=number, name=name), now=reader.now)
    await acknowledge(query, words.plain("delegate.done_short", name=name))


async def given(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """What a colleague hears who holds the incident now; nothing where it was given on meanwhile."""
    incident = await load(session, told["incident_id"])
    if incident.status in SETTLED or not await _holds(session, incident, chat_id):
        return None
    due_at = deadline_of(incident)
    text = reader.words(
        "notice.delegated",
        number=incident.id,
        by=line(told["by"], _NAME) or reader.words("list.program"),
        deadline=reader.deadline(due_at) if due_at else "",
    )
    return Outgoing(text, reply_to=await card_message(session, incident.id, chat_id))


async def taken_away(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """What the colleague hears who held it before."""
    incident = await load(session, told["incident_id"])
    if incident.status in SETTLED or await _holds(session, incident, chat_id):
        return None
    text = reader.words(
        "notice.delegated_away",
        number=incident.id,
        name=line(told["name"], _NAME),
        by=line(told["by"], _NAME) or reader.words("list.program"),
    )
    return Outgoing(text, reply_to=await card_message(session, incident.id, chat_id))


async def _holds(session: AsyncSession, incident: Incident, chat_id: int) -> bool:
    holder = await session.get(Official, incident.official_id) if incident.official_id else None
    return holder is not None and holder.telegram_id == chat_id
