"""How fast a bot may send.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
30 messages a second overall, one a second per chat, 20 a minute per group. The windows slide, and run
on the real monotonic clock.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["enforce", "count", "off"]

OVERALL = 30
PER_CHAT = 1
PER_GROUP = 20
SECOND = 1.0
MINUTE = 60.0
_QUIET = frozenset({"sendchataction", "sendmessagedraft"})
_FORGET_ABOVE = 10_000


def produces_message(method: str) -> bool:
    """Whether a call (name in lower case) counts against the limits."""
    return method not in _QUIET and method.startswith(
        ("send", "editmessage", "copymessage", "forwardmessage")
    )


class _Window:
    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.arrivals: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 when it fits now."""
        while self.arrivals and self.arrivals[0] <= now - self.seconds:
            self.arrivals.popleft()
        if len(self.arrivals) < self.most:
            return 0.0
        return self.arrivals[len(self.arrivals) - self.most] + self.seconds - now


class Limits:
    def __init__(self, mode: Mode, monotonic: Callable[[], float]) -> None:
        self.mode = mode
        self._monotonic = monotonic
        self._overall = _Window(OVERALL, SECOND)
        self._chats: dict[int, _Window] = defaultdict(lambda: _Window(PER_CHAT, SECOND))
        self._groups: dict[int, _Window] = defaultdict(lambda: _Window(PER_GROUP, MINUTE))

    def arrive(self, chat_id: int | None) -> int | None:
        """Count one arrival. Whole seconds to wait if it is over a limit, None if it is not.

        A refused arrival takes no place in the window: who obeys `retry_after` gets through.
        """
        now = self._monotonic()
        windows = [self._overall]
        if chat_id is not None:
            windows.append(self._chats[chat_id])
            if chat_id < 0:
                windows.append(self._groups[chat_id])
        wait = max(window.wait(now) for window in windows)
        if wait <= 0 or self.mode != "enforce":
            for window in windows:
                window.arrivals.append(now)
        self._forget(now)
        return math.ceil(wait) if wait > 0 else None

    def _forget(self, now: float) -> None:
        if len(self._chats) > _FORGET_ABOVE:
            for chat_id in [key for key, window in self._chats.items() if not window.wait(now) > 0]:
                del self._chats[chat_id]
