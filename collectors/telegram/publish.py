"""Answers: replies in the discussion group. Source: https://core.telegram.org/bots/api#sendmessage"""

import re
from typing import Final

from collectors.contract import NetworkError, Outcome, Published, Reply
from collectors.telegram.bot_api import BotApi
from collectors.telegram.links import NETWORK, message_id, message_url

_NATIVE: Final = re.compile(r"(-\d{1,16}):(\d{1,16})", re.ASCII)


class TelegramPublisher:
    """Writes as the bot. What it wrote it can never read again: an unknown outcome goes to a person."""

    def __init__(self, api: BotApi, *, text_limit: int) -> None:
        self._api = api
        self._text_limit = text_limit

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        return False

    @property
    def text_limit(self) -> int:
        return self._text_limit

    @property
    def photos_limit(self) -> int:
        return 0

    def measure(self, text: str) -> int:
        """UTF-16 units: never looser than Telegram's own count."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def objection(self, text: str) -> str:
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Reply to the message.

        Raises:
            NetworkError: see `maybe_done`.
        """
        found = _NATIVE.fullmatch(reply.post_id)
        if found is None:
            raise NetworkError(f"telegram: {reply.post_id!r} is no message", outcome=Outcome.NEVER)
        if self.measure(reply.text) > self._text_limit:
            raise NetworkError(f"telegram: longer than {self._text_limit}", outcome=Outcome.REFUSED)
        chat_id, number = int(found[1]), int(found[2])
        sent = await self._api.call(
            "sendMessage",
            {
                "chat_id": chat_id,
                "text": reply.text,
                "link_preview_options": {"is_disabled": True},
                # A message that was deleted is not answered beside it: Telegram refuses.
                "reply_parameters": {"message_id": number},
            },
            writes=True,
        )
        new, chat, thread = sent.get("message_id"), sent.get("chat"), sent.get("message_thread_id")
        username = str(chat.get("username") or "") if isinstance(chat, dict) else ""
        if not isinstance(new, int):
            raise NetworkError("telegram sendMessage: no message_id", outcome=Outcome.LATER, maybe_done=True)
        url = message_url(chat_id, username, new, thread=thread if isinstance(thread, int) else None)
        return Published(message_id(chat_id, new), url)

    async def edit(self, reply: Reply, *, native_id: str) -> None:
        """Change the words of a message of ours. Source: https://core.telegram.org/bots/api#editmessagetext

        Raises:
            NetworkError: see `maybe_done`.
        """
        found = _NATIVE.fullmatch(native_id)
        if found is None:
            raise NetworkError(f"telegram: {native_id!r} is no message", outcome=Outcome.NEVER)
        if self.measure(reply.text) > self._text_limit:
            raise NetworkError(f"telegram: longer than {self._text_limit}", outcome=Outcome.REFUSED)
        question = {
            "chat_id": int(found[1]),
            "message_id": int(found[2]),
            "text": reply.text,
            "link_preview_options": {"is_disabled": True},
        }
        try:
            await self._api.call("editMessageText", question, writes=True)
        except NetworkError as error:
            if "message is not modified" not in str(error):  # the words stand there already
                raise

    async def find(self, reply: Reply) -> Published | None:
        """A bot is never told of its own messages: nothing can be found."""
        return None
