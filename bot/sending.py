"""One call to Telegram for one message, and what its answer means.

Source of the errors' words: tdlib/telegram-bot-api, Client.cpp; core.telegram.org/bots/api#responseparameters.
"""

import html
import re
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageCaption,
    EditMessageText,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SetMyCommands,
)
from aiogram.methods.base import Response
from aiogram.types import (
    BotCommandScopeChat,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from handlers.outgoing import Outgoing, OutgoingFile

# pydantic forgets a generic model that nobody holds and makes it again, which stops the event loop for
# milliseconds at every call: a tenth of the program's time under load.
_HELD: Final = [
    Response.__class_getitem__(cast("type[Any]", method.__returning__))
    for method in (
        AnswerCallbackQuery,
        EditMessageCaption,
        EditMessageText,
        SendMediaGroup,
        SendMessage,
        SendPhoto,
        SetMyCommands,
    )
]
_LONGEST_PLACEHOLDER: Final = 64  # characters: input_field_placeholder
_NOT_MODIFIED: Final = "message is not modified"
_CANNOT_EDIT: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_BAD_MARKUP: Final = ("can't parse entities", "entity_bounds_invalid")
_NO_THREAD: Final = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_NO_REPLY: Final = ("message to be replied not found", "replied message not found")
_NO_CHAT: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "bot is not a member",
    "bot was kicked",
    "chat_write_forbidden",
    "rights to send",
    "chat_restricted",
    "user is deactivated",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What leaves for where. `plain`: without markup, after Telegram could not read it."""

    chat_id: int
    thread_id: int | None
    outgoing: Outgoing
    plain: bool = False
    anew: bool = False  # a message that could not be edited: this one takes its place


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Again:
    """Send this instead: Telegram will take it. `lost_thread`: the topic is gone."""

    letter: Letter
    lost_thread: bool = False


@dataclass(frozen=True, slots=True)
class Flood:
    """Nothing for so many seconds: Telegram's `retry_after`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing will ever reach this chat, until somebody unblocks or adds the bot."""

    error: str


@dataclass(frozen=True, slots=True)
class Migrated:
    chat_id: int


@dataclass(frozen=True, slots=True)
class TryLater:
    """The network or the server failed. The message may have arrived."""

    error: str


@dataclass(frozen=True, slots=True)
class BadToken:
    error: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Trying again cannot help."""

    error: str


Outcome = Sent | Again | Flood | Unreachable | Migrated | TryLater | BadToken | Refused


async def send(bot: Bot, letter: Letter) -> Outcome:
    """Make one call. Never raises for anything Telegram or the network does."""
    try:
        return Sent(await _call(bot, letter))
    except TelegramBadRequest as error:
        return _bad_request(error, letter)
    except ClientDecodeError as error:
        return _unreadable(error)
    except AiogramError as error:
        return _other(error)
    except OSError as error:
        return TryLater(f"{type(error).__name__}: {error}")


def _other(error: AiogramError) -> Outcome:
    words = getattr(error, "message", str(error))
    match error:
        case TelegramRetryAfter():
            return Flood(float(error.retry_after))
        case TelegramMigrateToChat():
            return Migrated(error.migrate_to_chat_id)
        case TelegramForbiddenError():
            return Unreachable(words)
        case TelegramUnauthorizedError() | TelegramNotFound() if "method" not in words:
            return BadToken(words)
        case TelegramEntityTooLarge():  # to aiogram a kind of network error
            return Refused(words)
        case TelegramNetworkError() | TelegramServerError():
            return TryLater(words)
    # 429 that does not say for how long.
    return TryLater(words) if "too many requests" in words.lower() else Refused(words)


def _unreadable(error: ClientDecodeError) -> Outcome:
    """Not JSON: some proxy spoke. JSON that says "ok" in a shape we do not know: it was sent."""
    if isinstance(error.data, dict) and error.data.get("ok") is True:
        result = error.data.get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        return Sent(number if isinstance(number, int) else None)
    return TryLater(f"unreadable answer: {type(error.original).__name__}")


def _bad_request(error: TelegramBadRequest, letter: Letter) -> Outcome:
    words = error.message.lower()
    outgoing = letter.outgoing
    if _NOT_MODIFIED in words:
        return Sent(outgoing.message_id)
    if any(part in words for part in _CANNOT_EDIT) and outgoing.message_id is not None:
        anew = Again(replace(letter, outgoing=replace(outgoing, message_id=None), anew=True))
        return Sent(outgoing.message_id) if outgoing.only_edit else anew
    if any(part in words for part in _BAD_MARKUP) and not letter.plain:
        return Again(replace(letter, outgoing=replace(outgoing, text=plain_text(outgoing.text)), plain=True))
    if any(part in words for part in _NO_THREAD) and letter.thread_id is not None:
        return Again(replace(letter, thread_id=None), lost_thread=True)
    if any(part in words for part in _NO_REPLY) and outgoing.reply_to is not None:
        return Again(replace(letter, outgoing=replace(outgoing, reply_to=None)))
    if any(part in words for part in _NO_CHAT):
        return Unreachable(error.message)
    if outgoing.album and outgoing.instead:  # an address Telegram cannot fetch, or no picture behind it
        return Again(replace(letter, outgoing=replace(outgoing, text=outgoing.instead, album=(), instead="")))
    return Refused(error.message)


def plain_text(markup: str) -> str:
    """The words of Telegram's HTML without its tags."""
    return html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", markup))


async def _call(bot: Bot, letter: Letter) -> int | None:
    outgoing = letter.outgoing
    if outgoing.commands is not None:
        await bot.set_my_commands(list(outgoing.commands), scope=BotCommandScopeChat(chat_id=letter.chat_id))
        return None
    if outgoing.message_id is not None:
        return await _edit(bot, letter, outgoing.message_id)
    reply = (
        ReplyParameters(message_id=outgoing.reply_to, allow_sending_without_reply=True)
        if outgoing.reply_to is not None
        else None
    )
    parse_mode = None if letter.plain else "HTML"
    if outgoing.file is not None:
        return await _send_file(bot, letter, outgoing.file, reply)
    if len(outgoing.album) > 1:
        return await _send_album(bot, letter, reply)
    photo = outgoing.album[0] if outgoing.album else outgoing.photo
    if photo is not None:
        message = await bot.send_photo(
            letter.chat_id,
            photo,
            caption=outgoing.text,
            parse_mode=parse_mode,
            message_thread_id=letter.thread_id,
            reply_parameters=reply,
            reply_markup=_markup(letter),
        )
    else:
        message = await bot.send_message(
            letter.chat_id,
            outgoing.text,
            parse_mode=parse_mode,
            message_thread_id=letter.thread_id,
            reply_parameters=reply,
            reply_markup=_markup(letter),
            **_preview(outgoing),
        )
    return message.message_id


async def _send_file(bot: Bot, letter: Letter, file: OutgoingFile, reply: ReplyParameters | None) -> int:
    message = await bot.send_document(
        letter.chat_id,
        BufferedInputFile(file.content, file.name),
        caption=letter.outgoing.text,
        parse_mode=None if letter.plain else "HTML",
        message_thread_id=letter.thread_id,
        reply_parameters=reply,
        reply_markup=_markup(letter),
    )
    return message.message_id


async def _send_album(bot: Bot, letter: Letter, reply: ReplyParameters | None) -> int:
    """One call, so that all of it arrives or nothing. Albums have no buttons."""
    outgoing = letter.outgoing
    first = InputMediaPhoto(
        media=outgoing.album[0], caption=outgoing.text, parse_mode=None if letter.plain else "HTML"
    )
    sent = await bot.send_media_group(
        letter.chat_id,
        [first, *(InputMediaPhoto(media=address) for address in outgoing.album[1:])],
        message_thread_id=letter.thread_id,
        reply_parameters=reply,
    )
    return sent[0].message_id


def _preview(outgoing: Outgoing) -> dict[str, Any]:
    """The picture above the words; without one, what the bot does by default: no preview of any link.

    Source: https://core.telegram.org/bots/api#linkpreviewoptions
    """
    if not outgoing.preview:
        return {}
    options = LinkPreviewOptions(url=outgoing.preview, prefer_large_media=True, show_above_text=True)
    return {"link_preview_options": options}


async def _edit(bot: Bot, letter: Letter, message_id: int) -> int:
    outgoing = letter.outgoing
    parse_mode = None if letter.plain else "HTML"
    if outgoing.photo is not None:
        edited = await bot.edit_message_caption(
            chat_id=letter.chat_id,
            message_id=message_id,
            caption=outgoing.text,
            parse_mode=parse_mode,
            reply_markup=outgoing.keyboard,
        )
    else:
        edited = await bot.edit_message_text(
            outgoing.text,
            chat_id=letter.chat_id,
            message_id=message_id,
            parse_mode=parse_mode,
            reply_markup=outgoing.keyboard,
            **_preview(outgoing),
        )
    return edited.message_id if isinstance(edited, Message) else message_id


def _markup(letter: Letter) -> InlineKeyboardMarkup | ForceReply | None:
    outgoing = letter.outgoing
    if not outgoing.force_reply:
        return outgoing.keyboard
    # In a group only the person named in the text is asked.
    selective = letter.chat_id < 0 and "tg://user" in outgoing.text
    return ForceReply(
        selective=selective or None,
        input_field_placeholder=outgoing.placeholder[:_LONGEST_PLACEHOLDER] or None,
    )
