"""Who is there: nobody gets past this page without a name, and every refused try is in the audit trail."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject, User
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks import modern
from handlers.context import Clock, House, Reading, Transaction
from handlers.telling import Spot, acknowledge, spot_of, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.people import Actor, actor_of, audit, works_in
from models import Language

# https://core.telegram.org/bots/api#message: `from` is this account when a group's admin writes anonymously.
ANONYMOUS_ADMIN: Final = 1087968824

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Access(BaseMiddleware):
    """Hands on `actor`, `words`, `reader` and `spot`; `actor` is None only for a newcomer's /start."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Message | CallbackQuery) or event.from_user is None:
            return None
        user, spot = event.from_user, spot_of(event)
        reading: Reading = data["reading"]
        async with reading() as session:
            actor = await actor_of(session, user.id)
            is_at_work = await _is_at_work(session, event, actor, spot)
        house: House = data["house"]
        clock: Clock = data["clock"]
        language = actor.language if actor else language_of(user, house)
        # What is written into a group is for everybody there; an alert is seen by one.
        if not spot.is_private and isinstance(event, Message):
            language = house.language
        words = Words(language)
        reader = Reader(words, house.zone, clock())
        data |= {"actor": actor, "words": words, "reader": reader, "spot": spot}
        if isinstance(event, CallbackQuery):
            event = event.model_copy(update={"data": modern(event.data or "")})
        if isinstance(event, CallbackQuery) and actor is not None and not is_at_work:
            return await _turn_away_press(event, "wrong_chat", spot, reader, data["transaction"])
        if actor is not None or _is_newcomer(event):
            return await handler(event, data)
        return await _turn_away(event, spot, reader, data["transaction"])


async def _is_at_work(session: AsyncSession, event: TelegramObject, actor: Actor | None, spot: Spot) -> bool:
    """Buttons work in one's private chat, and in the group of a body one answers for."""
    if actor is None or not isinstance(event, CallbackQuery) or spot.is_private or actor.is_curator:
        return actor is not None
    return await works_in(session, actor, chat_id=spot.chat_id)


def language_of(user: User, house: House) -> Language:
    """A stranger's language, by what their Telegram says."""
    code = (user.language_code or "")[:2]
    return Language(code) if code in {one.value for one in Language} else house.language


def _is_newcomer(event: TelegramObject) -> bool:
    if not isinstance(event, Message) or event.from_user is None:
        return False
    parts = (event.text or "").split(maxsplit=1)
    is_start = len(parts) == 2 and parts[0].partition("@")[0] == "/start"  # noqa: PLR2004 - command and token
    return is_start and event.from_user.id != ANONYMOUS_ADMIN


async def _turn_away(
    event: Message | CallbackQuery | TelegramObject, spot: Spot, reader: Reader, transaction: Transaction
) -> None:
    if isinstance(event, CallbackQuery):
        await _turn_away_press(event, "stranger", spot, reader, transaction)
    elif isinstance(event, Message) and event.from_user is not None:
        await _turn_away_message(event, event.from_user, spot, reader, transaction)


async def _turn_away_press(
    query: CallbackQuery, outcome: str, spot: Spot, reader: Reader, transaction: Transaction
) -> None:
    async with transaction() as session:
        audit(
            session,
            now=reader.now,
            telegram_id=query.from_user.id,
            chat_id=spot.chat_id,
            action="press",
            outcome=outcome,
            data=query.data,
        )
    await acknowledge(query, reader.words.plain(f"refused.{outcome}"), alert=True)


async def _turn_away_message(
    message: Message, user: User, spot: Spot, reader: Reader, transaction: Transaction
) -> None:
    is_command = (message.text or "").startswith("/")
    if user.id == ANONYMOUS_ADMIN and is_command:
        key = "anonymous"
    elif spot.is_private:
        key = "stranger"
    else:
        return  # a group talks among itself
    if message.edit_date is not None:
        return
    async with transaction() as session:
        audit(
            session,
            now=reader.now,
            telegram_id=user.id,
            chat_id=spot.chat_id,
            action="message",
            outcome=key,
        )
        tell(session, spot, reader.words(key), now=reader.now)
