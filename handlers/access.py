"""Who is there: nobody gets past this page without a name, and every refused try is in the audit trail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiogram import BaseMiddleware, Bot
from aiogram.types import CallbackQuery, InaccessibleMessage, Message, TelegramObject, User

from handlers.callbacks import modern
from handlers.commands import COMMANDS
from handlers.context import Clock, House, Reading, Transaction
from handlers.membership import left_group
from handlers.telling import Spot, acknowledge, spot_of, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.chats import Place, works_in
from incidents.people import Actor, actor_of, audit
from incidents.permissions import Permission
from models import Language

# https://core.telegram.org/bots/api#message: `from` is this account when a group's admin writes anonymously.
ANONYMOUS_ADMIN: Final = 1087968824
_OURS: Final = frozenset({"start", *(one.name for one in COMMANDS)})
_IN_ANY_GROUP: Final = frozenset({"start", "help", "bind"})  # what makes a group a body's, and how

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Try:
    """One press or message, as access sees it."""

    event: Message | CallbackQuery
    user: User
    spot: Spot
    actor: Actor | None
    command: str | None  # ours, without the slash

    @property
    def is_press(self) -> bool:
        return isinstance(self.event, CallbackQuery)


class Access(BaseMiddleware):
    """Hands on `actor`, `words`, `reader` and `spot`; `actor` is None only for a newcomer's /start."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Message | CallbackQuery) or event.from_user is None:
            return None
        user, spot = event.from_user, spot_of(event)
        house: House = data["house"]
        reading: Reading = data["reading"]
        async with reading() as session:
            actor = await actor_of(session, user.id)
            tried = _Try(event, user, spot, actor, _command_of(event, house))
            is_at_work = await _is_at_work(session, tried)
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
        outcome = await _refusal(tried, data["bot"], house, is_at_work=is_at_work)
        if outcome is None:
            return await handler(event, data)
        return await _turn_away(tried, outcome, reader, data["transaction"])


def _command_of(event: TelegramObject, house: House) -> str | None:
    """The command of ours that a message is; another bot's is none."""
    if not isinstance(event, Message):
        return None
    first, *_ = (event.text or event.caption or "").split(maxsplit=1) or [""]
    name, _, bot = first.partition("@")
    meant_for_us = not bot or bot.lower() == house.bot_username.lower()
    return name[1:] if name.startswith("/") and name[1:] in _OURS and meant_for_us else None


async def _is_at_work(session: Any, tried: _Try) -> bool:
    """Buttons and commands work in one's private chat, and in the chat or topic of a body one sees."""
    actor, spot = tried.actor, tried.spot
    if actor is None:
        return False
    is_asked = tried.is_press or tried.command is not None
    if spot.is_private or not is_asked or tried.command in _IN_ANY_GROUP:
        return True
    if actor.scope(Permission.SEE_INCIDENT) is None:
        return True
    message = tried.event.message if isinstance(tried.event, CallbackQuery) else tried.event
    knows_topic = not isinstance(message, InaccessibleMessage)
    return await works_in(session, actor, Place(spot.chat_id, spot.thread_id), knows_topic=knows_topic)


async def _refusal(tried: _Try, bot: Bot, house: House, *, is_at_work: bool) -> str | None:
    """Why not, as the end of a key of words; None: go on. Empty: said by nobody."""
    if tried.actor is None:
        return None if _is_newcomer(tried) else _why_a_stranger(tried)
    if not is_at_work:
        return "wrong_chat" if tried.is_press else "wrong_chat_command"
    is_asked = tried.is_press or tried.command is not None or _is_reply(tried.event, bot)
    if is_asked and not tried.spot.is_private and await left_group(bot, tried.spot.chat_id, tried.user.id):
        return "not_member"
    return None


def _why_a_stranger(tried: _Try) -> str:
    if tried.user.id == ANONYMOUS_ADMIN and tried.command is not None:
        return "anonymous"
    return "stranger" if tried.is_press or tried.spot.is_private else ""


def _is_reply(event: Message | CallbackQuery, bot: Bot) -> bool:
    replied = event.reply_to_message if isinstance(event, Message) else None
    return replied is not None and replied.from_user is not None and replied.from_user.id == bot.id


def language_of(user: User, house: House) -> Language:
    """A stranger's language, by what their Telegram says."""
    code = (user.language_code or "")[:2]
    return Language(code) if code in {one.value for one in Language} else house.language


def _is_newcomer(tried: _Try) -> bool:
    has_token = isinstance(tried.event, Message) and len((tried.event.text or "").split(maxsplit=1)) == 2  # noqa: PLR2004 - command and token
    return tried.command == "start" and has_token and tried.user.id != ANONYMOUS_ADMIN


async def _turn_away(tried: _Try, outcome: str, reader: Reader, transaction: Transaction) -> None:
    event, spot = tried.event, tried.spot
    if isinstance(event, Message) and (not outcome or event.edit_date is not None):
        return  # a group talks among itself
    # The text may hold an invitation: of a message only the command's name is kept.
    said = event.data if isinstance(event, CallbackQuery) else f"/{tried.command}" if tried.command else ""
    async with transaction() as session:
        audit(
            session,
            now=reader.now,
            telegram_id=tried.user.id,
            chat_id=spot.chat_id,
            action="press" if tried.is_press else "message",
            outcome=outcome,
            data=(said or "")[:64],
        )
        if isinstance(event, Message):
            bare = outcome in {"stranger", "anonymous"}
            text = reader.words(outcome) if bare else reader.words(f"refused.{outcome}")
            tell(session, spot, text, now=reader.now)
    if isinstance(event, CallbackQuery):
        await acknowledge(event, reader.words.plain(f"refused.{outcome}"), alert=True)
