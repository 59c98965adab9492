"""Whether somebody is in a group right now: asked of Telegram, because a card stays in a chat for months."""

import logging
from typing import Final

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramAPIError
from aiogram.types import ChatMemberRestricted

_PATIENCE: Final = 3  # seconds: a person waits with the finger on the button
_OUT: Final = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.KICKED})
_log = logging.getLogger(__name__)


async def left_group(bot: Bot, chat_id: int, user_id: int) -> bool:
    """Whether the person is not in the group. False where Telegram does not say: the database has the word then.

    Asked outside any transaction. Source: https://core.telegram.org/bots/api#getchatmember
    """
    try:
        member = await bot.get_chat_member(chat_id, user_id, request_timeout=_PATIENCE)
    except TelegramAPIError as error:
        _log.warning("who is in chat %s is not known: %s", chat_id, error.message)
        return False
    if isinstance(member, ChatMemberRestricted):
        return not member.is_member
    return member.status in _OUT
