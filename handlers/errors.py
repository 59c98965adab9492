"""The only place that turns a refusal into words. Anything that is no refusal is a bug, and travels on."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.context import Transaction
from handlers.objections import objection, short_remarks
from handlers.prompts import withdraw_hopeless
from handlers.telling import Spot, acknowledge, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.absences import NotYourColleague
from incidents.chats import ChatTaken
from incidents.checking import PersonalData
from incidents.errors import (
    IncidentError,
    InvitationRefused,
    KeywordFault,
    NoSuchBody,
    NoSuchIncident,
    NotAllowed,
    NotYours,
    TextRefused,
)
from incidents.keywords import LONGEST, MOST_LINES, MOST_WORDS
from incidents.people import Actor, NotYourBody, audit
from incidents.searches import SearchGone
from incidents.staffing import MoreThanYours, NotYourself
from models import Status, Step

# Tries that a forged button or a guessed number makes.
_AUDITED: Final = (
    *(NotYours, NotYourBody, NotAllowed, NoSuchIncident, NoSuchBody, InvitationRefused),
    *(ChatTaken, MoreThanYours, NotYourColleague, NotYourself, SearchGone),
)


def words_of(refusal: IncidentError, reader: Reader) -> str:
    """Plain text: alerts know no HTML."""
    blanks = {name: _shown(value, reader) for name, value in vars(refusal).items()}
    if isinstance(refusal, NotAllowed):
        blanks["who"] = ", ".join(reader.words.plain(f"role.{role.value}") for role in refusal.who)
    if "network" in blanks:
        blanks["network"] = reader.words.name("network", str(blanks["network"]))
    if isinstance(refusal, PersonalData):
        blanks["groups"] = short_remarks(refusal.groups, reader.words)
    if isinstance(refusal, TextRefused):
        return objection(refusal, reader.words)
    if isinstance(refusal, NotYours) and refusal.holder:
        return reader.words.plain("refused.not_yours_holder", **blanks)
    return reader.words.plain(refusal.text_key, **blanks)


def bug_words(words: Words, number: str) -> str:
    """What the person is told when the program itself failed; receiving logs the same number."""
    return words("bug", number=number)


def _shown(value: object, reader: Reader) -> object:
    if isinstance(value, datetime):
        return reader.moment(value)
    if isinstance(value, KeywordFault):
        limits = {"characters": LONGEST, "words": MOST_WORDS, "lines": MOST_LINES}
        return reader.words.plain(f"keyword_fault.{value.value}", **limits)
    if isinstance(value, Status):
        return reader.words.plain(f"status.{value.value}")
    if isinstance(value, Step):
        return reader.words.plain(f"step.{value.value}")
    return value


class Refusals(BaseMiddleware):
    """A press is answered with an alert, a message with a message; the step itself was rolled back."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        try:
            return await handler(event, data)
        except IncidentError as refusal:
            text = words_of(refusal, data["reader"])
            if isinstance(event, CallbackQuery):
                await _refuse_press(event, refusal, text, data)
            elif isinstance(event, Message):
                await _refuse_message(event, refusal, text, data)
            return None


async def _refuse_press(
    query: CallbackQuery, refusal: IncidentError, text: str, data: dict[str, Any]
) -> None:
    if isinstance(refusal, _AUDITED):
        transaction: Transaction = data["transaction"]
        async with transaction() as session:
            _audit(session, "press", refusal, data, telegram_id=query.from_user.id, pressed=query.data or "")
    await acknowledge(query, text, alert=True)


async def _refuse_message(message: Message, refusal: IncidentError, text: str, data: dict[str, Any]) -> None:
    transaction: Transaction = data["transaction"]
    reader: Reader = data["reader"]
    spot: Spot = data["spot"]
    actor: Actor | None = data["actor"]
    async with transaction() as session:
        if isinstance(refusal, _AUDITED):
            telegram_id = message.from_user.id if message.from_user else None
            # The text may hold an invitation: only the command's name is kept.
            command = (message.text or "").split(maxsplit=1)[:1]
            _audit(session, "message", refusal, data, telegram_id=telegram_id, pressed="".join(command)[:64])
        if actor is not None:
            await withdraw_hopeless(session, message, actor, refusal, now=reader.now)
        tell(session, spot, reader.words("plain", text=text), now=reader.now, reply_to=spot.message_id)


def _audit(
    session: Any,
    action: str,
    refusal: IncidentError,
    data: dict[str, Any],
    *,
    telegram_id: int | None,
    pressed: str,
) -> None:
    reader: Reader = data["reader"]
    spot: Spot = data["spot"]
    audit(
        session,
        now=reader.now,
        telegram_id=telegram_id,
        chat_id=spot.chat_id,
        action=action,
        outcome=type(refusal).__name__,
        data=pressed,
    )
