"""What changed in the chats, for screens and scripted people who wait for it."""

import time
from typing import Any

from sandbox.telegram.state import Json
from sandbox.telegram.waiting import Bell

PAGE = 500
KEPT = 20_000


class EventLog:
    """Numbered events; the newest 20 000 at least are kept."""

    def __init__(self) -> None:
        self._events: list[Json] = []
        self._first = 1
        self.bell = Bell()

    @property
    def last(self) -> int:
        """Number of the newest event, 0 before the first."""
        return self._first + len(self._events) - 1

    def add(self, kind: str, chat_id: int | None, **what: Any) -> None:
        self._events.append({"seq": self.last + 1, "type": kind, "chat_id": chat_id, **what})
        if len(self._events) > 2 * KEPT:
            # Dropped by halves: each event is moved at most once.
            del self._events[:KEPT]
            self._first += KEPT
        self.bell.ring()

    def since(self, seq: int, limit: int = PAGE) -> list[Json]:
        """Events after number `seq`, oldest first, at most `limit`."""
        start = max(seq + 1 - self._first, 0)
        return self._events[start : start + limit]

    async def wait(self, seq: int, seconds: float, limit: int = PAGE) -> list[Json]:
        """As `since`, but waits up to `seconds` for the first one."""
        deadline = time.monotonic() + seconds
        while not (events := self.since(seq, limit)):
            left = deadline - time.monotonic()
            if left <= 0 or not await self.bell.wait(left):
                return self.since(seq, limit)
        return events
