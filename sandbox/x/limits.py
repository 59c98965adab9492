"""X's limits: windows of 15 minutes, for each app and each user apart.

Source: https://docs.x.com/x-api/fundamentals/rate-limits . Of the endpoints without a figure there or in our notes
the figure is a round guess, marked "?".
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

WINDOW: Final = 900.0  # seconds
DAY: Final = 86_400.0

# "METHOD /path" → calls in a window by an app, by a user.
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "GET /2/tweets/search/recent": (450, 300),
    "GET /2/tweets/counts/recent": (300, 300),
    "GET /2/users/:id/mentions": (450, 300),
    "GET /2/users/:id/tweets": (900, 900),  # ?
    "GET /2/tweets": (900, 900),  # ?
    "GET /2/tweets/:id": (900, 900),  # ?
    "GET /2/users/by/username/:name": (300, 900),  # ?
    "GET /2/users/:id": (300, 900),  # ?
    "GET /2/users/me": (75, 75),  # ?
    "POST /2/tweets": (0, 100),
    "DELETE /2/tweets/:id": (0, 50),
    "POST /2/media/upload": (0, 500),  # ?
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`over`: it is above the limit. `headers` go with the answer whatever it is."""

    allowed: bool
    over: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Limits:
    """`mode`: enforce, count (let through and count) or off. `own` replaces documented figures.

    Windows run on the machine's own time: a story that moves the sandbox's clock does not open them.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    mode: str = "enforce"
    own: dict[str, int] = field(default_factory=dict)
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, name: str, who: str, *, is_user: bool) -> Verdict:
        """One call more."""
        limit = self.own.get(name, LIMITS[name][is_user])
        now = self.monotonic()
        opened, used = self._windows.get((name, who), (now, 0))
        if now - opened >= WINDOW:
            opened, used = now, 0
        over = self.mode != "off" and used >= limit
        allowed = not over or self.mode == "count"
        used += allowed
        self._windows[name, who] = (opened, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - used)),
            "x-rate-limit-reset": str(int(self.wall() + WINDOW - (now - opened)) + 1),
        }
        return Verdict(allowed, over, {} if self.mode == "off" else headers)
