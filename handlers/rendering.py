"""An outbox row as the message it is now: the words are chosen when it leaves, not when it was booked."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import card_buttons, commands, keyboards
from handlers.cards import card
from handlers.context import House
from handlers.notices import notice
from handlers.outgoing import Outgoing
from handlers.photos import first_photo
from handlers.questions import question
from handlers.standing_in import morning_line
from handlers.times import Reader
from handlers.words import Words
from incidents import finding
from incidents.delegating import gives_out_here
from incidents.reviewing import reviewers
from models import (
    Card,
    CardState,
    Incident,
    Language,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    Prompt,
    Status,
)


async def render(session: AsyncSession, row: OutboxRow, *, house: House, now: datetime) -> Outgoing | None:
    """The message to send, or None: there is nothing to say any more. Writes nothing."""
    words = Words(await language_of_chat(session, row.chat_id, house))
    return await _RENDERERS[row.kind](session, row, Reader(words, house.zone, now), house)


async def language_of_chat(session: AsyncSession, chat_id: int, house: House) -> Language:
    """A person's own language in their private chat; the region's in a group."""
    found: Language | None = await session.scalar(
        select(Official.language).where(Official.telegram_id == chat_id)
    )
    return found or house.language


async def _card(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    number = row.payload["incident_id"]
    standing = await session.scalar(
        select(Card).where(Card.incident_id == number, Card.chat_id == row.chat_id)
    )
    if standing is None:
        return None
    is_disarmed = standing.state is CardState.DISARMED
    if is_disarmed and standing.message_id is None:
        return None  # it never reached the chat
    shown = await finding.view(session, number)
    rows = card_buttons.under_card(
        shown,
        reader.words,
        for_curators=standing.for_curators,
        state=standing.state,
        compose=house.compose,
        gives_out=await gives_out_here(session, shown.incident.body_id, chat_id=row.chat_id),
        reviews=await _reviews_here(session, shown.incident, row.chat_id),
    )
    # A curator's card follows the incident to its end; "handed over" is said to a body.
    gone = is_disarmed and not standing.for_curators
    text = card(shown, await finding.history(session, number), reader, disarmed=gone)
    morning = None if is_disarmed else await morning_line(session, shown.incident, reader)
    return Outgoing(
        f"{text}\n{morning}" if morning else text,
        keyboard=keyboards.markup(rows),
        message_id=standing.message_id,
        preview=first_photo(shown),
        only_edit=gone,
    )


async def _reviews_here(session: AsyncSession, incident: Incident, chat_id: int) -> bool:
    if chat_id < 0 or incident.status is not Status.ON_REVIEW or incident.body_id is None:
        return True
    return chat_id in await reviewers(session, incident.body_id)


async def _text(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    payload = row.payload
    keyboard = keyboards.markup(payload.get("keyboard"))
    return Outgoing(payload["text"], keyboard=keyboard, reply_to=payload.get("reply_to"))


async def _edit(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    payload = row.payload
    keyboard = keyboards.markup(payload.get("keyboard"))
    return Outgoing(payload["text"], keyboard=keyboard, message_id=payload["message_id"])


async def _prompt(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    prompt = await session.get(Prompt, row.payload["prompt_id"])
    if prompt is None or prompt.closed_at is not None:
        return None
    return await question(session, prompt, reader, house.rules)


async def _commands(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    if row.chat_id < 0:
        return Outgoing("", commands=commands.group_menu(reader.words))
    roles = await session.scalars(
        select(Membership.role)
        .join(Official, Official.id == Membership.official_id)
        .where(Official.telegram_id == row.chat_id, Official.is_active)
    )
    return Outgoing("", commands=commands.menu(reader.words, set(roles)))


async def _notice(session: AsyncSession, row: OutboxRow, reader: Reader, house: House) -> Outgoing | None:
    return await notice(session, row.chat_id, row.payload, reader, house)


_Renderer = Callable[[AsyncSession, OutboxRow, Reader, House], Awaitable[Outgoing | None]]
_RENDERERS: Final[Mapping[OutboxKind, _Renderer]] = {
    OutboxKind.CARD: _card,
    OutboxKind.NOTICE: _notice,
    OutboxKind.TEXT: _text,
    OutboxKind.PROMPT: _prompt,
    OutboxKind.EDIT: _edit,
    OutboxKind.COMMANDS: _commands,
}
