"""One message as it will leave: pure data between the words (handlers) and the sender (bot/delivery.py)."""

from dataclasses import dataclass

from aiogram.types import BotCommand, InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Outgoing:
    """HTML `text` of at most 4096 UTF-16 units. `message_id` set: edit that message, else send a new one.

    `force_reply` asks Telegram to open the reply field (such messages can never be edited). `reply_to` is a
    message of the same chat; a missing one is ignored. `commands` set: the chat's command menu instead of a
    message.
    """

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    message_id: int | None = None
    reply_to: int | None = None
    force_reply: bool = False
    placeholder: str = ""
    photo: str | None = None
    commands: tuple[BotCommand, ...] | None = None
