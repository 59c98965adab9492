"""TelegramWorld: the whole emulated Telegram behind one name."""

from typing import Any

from sandbox.telegram import views
from sandbox.telegram.driver_channels import Channels
from sandbox.telegram.faults import Fault
from sandbox.telegram.state import Json

PAGE = 200


class TelegramWorld(Channels):
    """State and rules (`Core`), what people do (`People`, `Groups`, `Channels`), what people see, and trouble."""

    def chat_list(self) -> list[Json]:
        """All chats as people see them in their lists."""
        return [views.chat_seen(chat, self.people) for chat in self.chats.values()]

    def messages(
        self, chat_id: int, *, after: int = 0, limit: int = PAGE, deleted: bool = False
    ) -> list[Json]:
        """A chat as people read it, oldest first; `deleted` shows the removed ones too."""
        chat = self.chat(chat_id)
        found: list[Json] = []
        for message_id in range(after + 1, chat.last_id + 1):
            message = chat.messages[message_id]
            if deleted or not message.deleted:
                found.append(self.view(message))
                if len(found) >= limit:
                    break
        return found

    def last_messages(self, chat_id: int, limit: int = PAGE) -> list[Json]:
        """The newest messages of a chat, oldest of them first."""
        chat = self.chat(chat_id)
        found: list[Json] = []
        for message_id in range(chat.last_id, 0, -1):
            message = chat.messages[message_id]
            if not message.deleted:
                found.append(self.view(message))
                if len(found) >= limit:
                    break
        return found[::-1]

    def fault(self, kind: Any, method: str = "*", **how: Any) -> Fault:
        """Order trouble; see faults.Fault for what `how` may hold.

        Raises:
            ValueError: no such kind.
        """
        return self.faults.order(Fault(kind=kind, method=method, **how))

    def revoke_token(self, new: str | None = None) -> None:
        """The old token answers 401 from now on; `new` replaces it, None leaves the bot locked out."""
        self.token = new
        self.updates.release()

    def summary(self) -> Json:
        """Numbers of the run; see Record.summary."""
        return self.record.summary()

    def close(self) -> None:
        """The server is going down: whoever waits is let go."""
        self.updates.release()
        self.events.bell.ring()
