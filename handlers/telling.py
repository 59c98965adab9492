"""Owing words to whoever wrote or pressed, and the one direct reply: the acknowledgement of a press."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.excerpts import line
from incidents import outbox
from models import Card, OutboxKind, Urgency

_ALERT: Final = 200  # https://core.telegram.org/bots/api#answercallbackquery
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was written or pressed. `message_id` is the message written, or the one with the button."""

    chat_id: int
    thread_id: int | None
    message_id: int | None
    is_private: bool


def spot_of(event: Message | CallbackQuery) -> Spot:
    message = event.message if isinstance(event, CallbackQuery) else event
    if message is None:  # a button so old that Telegram does not say where it stands
        telegram_id = event.from_user.id if event.from_user else 0
        return Spot(telegram_id, None, None, is_private=True)
    in_topic = isinstance(message, Message) and message.is_topic_message
    return Spot(
        message.chat.id,
        message.message_thread_id if in_topic and isinstance(message, Message) else None,
        message.message_id,
        is_private=message.chat.type == "private",
    )


def tell(
    session: AsyncSession,
    spot: Spot,
    text: str,
    *,
    now: datetime,
    rows: Sequence[Sequence[Any]] = (),
    reply_to: int | None = None,
) -> None:
    """Owe rendered words to the spot, before anything else that waits for its chat."""
    payload = {"text": text, "keyboard": [list(row) for row in rows], "reply_to": reply_to}
    outbox.book(
        session,
        OutboxKind.TEXT,
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        payload=payload,
        urgency=Urgency.ANSWERED_PERSON,
        now=now,
    )


def change(
    session: AsyncSession,
    spot: Spot,
    text: str,
    *,
    now: datetime,
    rows: Sequence[Sequence[Any]] = (),
) -> None:
    """Owe other words and buttons for the very message that was pressed."""
    if spot.message_id is None:
        return
    outbox.book(
        session,
        OutboxKind.EDIT,
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        payload={"message_id": spot.message_id, "text": text, "keyboard": [list(row) for row in rows]},
        urgency=Urgency.ANSWERED_PERSON,
        now=now,
    )


async def ask(
    session: AsyncSession, spot: Spot, text: str, *, now: datetime, rows: Sequence[Sequence[Any]]
) -> None:
    """The next menu: in the place of the one that was pressed, or below the card, which keeps its own words."""
    if await stands_on_card(session, spot):
        tell(session, spot, text, now=now, rows=rows, reply_to=spot.message_id)
    else:
        change(session, spot, text, now=now, rows=rows)


async def stands_on_card(session: AsyncSession, spot: Spot) -> bool:
    """Whether the message pressed is an incident's own card, which must not be overwritten."""
    found = await session.scalar(
        select(Card.id).where(Card.chat_id == spot.chat_id, Card.message_id == spot.message_id)
    )
    return found is not None


async def acknowledge(query: CallbackQuery, text: str, *, alert: bool = False) -> None:
    """Answer the press, at most 200 characters. What it did is stored already, so a failure here is only noted.

    "query is too old" is what Telegram says after a pause: ordinary after a restart.
    """
    try:
        await query.answer(line(text, _ALERT), show_alert=alert)
    except TelegramAPIError as error:
        _log.info("a press could not be acknowledged: %s", error.message)
