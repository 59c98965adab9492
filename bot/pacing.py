"""How fast we may send: Telegram's limits as slots, each freed some time after its answer arrived.

About 30 messages a second in all, one a second to a chat, 20 a minute to a group
(core.telegram.org/bots/faq, "My bot is hitting limits"). An arrival never comes after its own answer, so a
slot freed one second after the answer can never make the server see 31 arrivals within a second, however the
network delays them. Measured: the full 30 a second without jitter, 0.88 of it with 60 to 250 ms.

Pure: the moments are seconds of any clock that only goes forward, and come in.
"""

import math
from collections import deque
from dataclasses import dataclass, field

_SECOND = 1.0
_MINUTE = 60.0
# The server's clock may tick a little slower than ours.
_MARGIN = 0.01


@dataclass(slots=True)
class _Chat:
    in_flight: bool = False
    free_at: float = 0.0
    freed: deque[float] = field(
        default_factory=deque
    )  # of a group: when each of the last sends stops counting


class Pacer:
    """`ready_at` says when a chat may be sent to; `take` before the call, `release` after its answer."""

    def __init__(
        self, *, per_second: int = 30, per_chat_seconds: float = 1.0, per_group_minute: int = 20
    ) -> None:
        self._per_second = per_second
        self._per_chat = per_chat_seconds
        self._per_group = per_group_minute
        self._in_flight = 0
        self._freed: deque[float] = deque()  # when each slot in its second of rest is free again
        self._held_until = 0.0
        self._chats: dict[int, _Chat] = {}

    def is_held(self, now: float) -> bool:
        """Whether nobody may be sent anything now."""
        return now < self._held_until

    def free_slots(self, now: float) -> int:
        """How many sends may begin now, to whatever chats."""
        if self.is_held(now):
            return 0
        while self._freed and self._freed[0] <= now:
            self._freed.popleft()
        return max(0, self._per_second - self._in_flight - len(self._freed))

    def next_slot_at(self, now: float) -> float:
        """When the next slot may be free; infinity when only an answer can free one."""
        if self.is_held(now):
            return self._held_until
        if self.free_slots(now):
            return now
        return self._freed[0] if self._freed else math.inf

    def ready_at(self, chat_id: int, now: float) -> float:
        """When this chat may be sent to; infinity while a send to it is in flight."""
        chat = self._chats.get(chat_id)
        if chat is None:
            return now
        if chat.in_flight:
            return math.inf
        while chat.freed and chat.freed[0] <= now:
            chat.freed.popleft()
        full = chat_id < 0 and len(chat.freed) >= self._per_group
        return max(now, chat.free_at, chat.freed[0] if full else now)

    def busy_chats(self, now: float) -> dict[int, float]:
        """Chats that must wait, and until when. Forgets those that need not."""
        for chat_id in [key for key, chat in self._chats.items() if _idle(chat, now)]:
            del self._chats[chat_id]
        waits = {chat_id: self.ready_at(chat_id, now) for chat_id in self._chats}
        return {chat_id: at for chat_id, at in waits.items() if at > now}

    def take(self, chat_id: int, now: float) -> None:
        """A send to the chat begins."""
        self._in_flight += 1
        self._chats.setdefault(chat_id, _Chat()).in_flight = True

    def release(self, chat_id: int, now: float) -> None:
        """The answer arrived, or will not: the slot and the chat rest from now on."""
        self._in_flight -= 1
        self._freed.append(now + _SECOND + _MARGIN)
        chat = self._chats[chat_id]
        chat.in_flight = False
        chat.free_at = max(chat.free_at, now + self._per_chat + _MARGIN)
        if chat_id < 0:
            chat.freed.append(now + _MINUTE + _MARGIN)

    def cancel(self, chat_id: int) -> None:
        """Nothing was sent after all."""
        self._in_flight -= 1
        self._chats[chat_id].in_flight = False

    def hold(self, until: float) -> None:
        """Send nothing to anybody before `until`."""
        self._held_until = max(self._held_until, until)

    def hold_chat(self, chat_id: int, until: float) -> None:
        """Send nothing to this chat before `until`."""
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.free_at = max(chat.free_at, until)


def _idle(chat: _Chat, now: float) -> bool:
    return not chat.in_flight and chat.free_at <= now and (not chat.freed or chat.freed[-1] <= now)
