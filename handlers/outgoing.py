"""One message as it will leave: pure data between the words (handlers) and the sender (bot/delivery.py)."""

from dataclasses import dataclass

from aiogram.types import BotCommand, InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A document. `content` is made when the message leaves, and kept nowhere."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """HTML `text` of at most 4096 UTF-16 units. `message_id` set: edit that message, else send a new one.

    `force_reply` asks Telegram to open the reply field (such messages can never be edited). `reply_to` is a
    message of the same chat; a missing one is ignored. `commands` set: the chat's command menu instead of a
    message. `preview` is the address of a picture that Telegram shows above the text. `album`: at most ten
    addresses of photos, sent with `text` as their caption (at most 1024 units); where Telegram cannot fetch them,
    `instead` is said. `file`: a document, and `text` is its caption. `only_edit`: where the message to edit is gone,
    nothing takes its place.
    """

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    message_id: int | None = None
    reply_to: int | None = None
    force_reply: bool = False
    placeholder: str = ""
    photo: str | None = None
    commands: tuple[BotCommand, ...] | None = None
    preview: str = ""
    album: tuple[str, ...] = ()
    instead: str = ""
    file: OutgoingFile | None = None
    only_edit: bool = False
