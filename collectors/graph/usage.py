"""How much of Meta's limits is used up: told by headers of every answer, kept by slowing down and stopping.

Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from collectors.contract import NetworkError, Outcome

APP_HEADER: Final = "X-App-Usage"
BUSINESS_HEADER: Final = "X-Business-Use-Case-Usage"
UNTOLD_WAIT: Final = timedelta(minutes=15)  # limits roll over an hour; X-App-Usage tells no end
LONGEST_WAIT: Final = timedelta(days=1)
SLOWEST: Final = 5.0  # seconds between two calls just below the stop
_SHARES: Final = ("call_count", "total_cputime", "total_time")


@dataclass(frozen=True, slots=True)
class Load:
    """`percent` of the limit; `regain`: how long until calls are let in again, None where it is not told."""

    percent: float = 0.0
    regain: timedelta | None = None


def app_load(headers: Mapping[str, str]) -> Load:
    """What X-App-Usage tells; nothing for a header that is absent or garbage."""
    told = _read(headers.get(APP_HEADER, ""))
    return Load(_share(told)) if isinstance(told, dict) else Load()


def business_load(headers: Mapping[str, str]) -> Load:
    """The fullest of what X-Business-Use-Case-Usage tells. Its times are minutes."""
    told = _read(headers.get(BUSINESS_HEADER, ""))
    lists: Iterable[Any] = told.values() if isinstance(told, dict) else ()
    cases = [case for cases in lists if isinstance(cases, list) for case in cases if isinstance(case, dict)]
    minutes = max((_number(case.get("estimated_time_to_regain_access")) for case in cases), default=0.0)
    regain = min(timedelta(minutes=minutes), LONGEST_WAIT) if minutes > 0 else None
    return Load(max(map(_share, cases), default=0.0), regain)


class Pace:
    """Lets calls through: at once, slowly above `slow_percent`, not at all from `stop_percent` on.

    `clock` counts seconds, monotonic.
    """

    def __init__(
        self,
        *,
        slow_percent: float,
        stop_percent: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._slow = slow_percent
        self._stop = stop_percent
        self._clock = clock
        self._sleep = sleep
        self._interval = 0.0
        self._free_at = clock()
        self._closed_until = clock()

    @property
    def left(self) -> timedelta:
        """How long calls are still held back; zero when they are not."""
        return timedelta(seconds=max(0.0, self._closed_until - self._clock()))

    def learn(self, load: Load) -> None:
        """Take in what the headers of an answer told."""
        if load.percent >= self._stop or load.regain is not None:
            self.close(load.regain or UNTOLD_WAIT)
        if load.percent < self._slow:
            self._interval = 0.0
        else:
            part = (load.percent - self._slow + 1) / max(1.0, self._stop - self._slow)
            self._interval = min(SLOWEST, SLOWEST * part)

    def close(self, wait: timedelta) -> None:
        """No call for `wait`."""
        self._closed_until = max(self._closed_until, self._clock() + wait.total_seconds())

    async def turn(self, what: str) -> None:
        """Wait for a call's turn.

        Raises:
            NetworkError: LATER, the limit is used up.
        """
        self._refuse(what)
        now = self._clock()
        at = max(now, self._free_at)
        self._free_at = at + self._interval
        if at > now:
            await self._sleep(at - now)
            self._refuse(what)

    def _refuse(self, what: str) -> None:
        if self.left > timedelta(0):
            raise NetworkError(
                f"{what}: Meta's limit of calls is used up", outcome=Outcome.LATER, retry_after=self.left
            )


def _read(header: str) -> object:
    try:
        return json.loads(header) if header else None
    except (ValueError, RecursionError):
        return None


def _share(case: Mapping[str, Any]) -> float:
    return max(_number(case.get(name)) for name in _SHARES)


def _number(value: object) -> float:
    """A number that can be reckoned with, from a header anybody may have spoilt."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6  # noqa: PLR2004 - minutes or per cent: more is garbage
    return float(value) if good and isinstance(value, int | float) else 0.0
