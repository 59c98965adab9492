"""What time it is: the machine's clock, or in the sandbox a clock that somebody moves."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from handlers.context import Clock

_log = logging.getLogger(__name__)
_EVERY: Final = 0.5  # seconds between two looks at the clock we follow
_LONGEST_NAP: Final = 0.5  # seconds: a clock that is moved must be noticed soon


class SystemClock:
    """Aware UTC now."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class FollowingClock:
    """The machine's clock plus the offset of another, which `follow` keeps up with.

    The other answers a GET with JSON: {"offset_seconds": 10800} or {"now": "2026-03-02T09:00:00+00:00"}.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._offset = timedelta(0)
        self._lost = False

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def look(self) -> None:
        """Take over the other clock's time once; an answer that makes no sense leaves the time as it was."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            await self._look(http)

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while True:
                await asyncio.sleep(_EVERY)
                await self._look(http)

    async def _look(self, http: httpx.AsyncClient) -> None:
        try:
            self._offset = _offset(await http.get(self._url))
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError) as error:
            if not self._lost:
                _log.warning("the clock at %s does not answer: %s", self._url, error)
            self._lost = True
        else:
            self._lost = False


def _offset(reply: httpx.Response) -> timedelta:
    told = reply.raise_for_status().json()
    if "offset_seconds" in told:
        return timedelta(seconds=float(told["offset_seconds"]))
    now = datetime.fromisoformat(told["now"])
    if now.tzinfo is None:
        raise ValueError("the clock tells a time without a zone")
    return now - datetime.now(UTC)


async def sleep_until(moment: datetime, clock: Clock) -> None:
    """Sleep until the clock shows `moment`, also when the clock is moved meanwhile."""
    while (left := (moment - clock()).total_seconds()) > 0:  # noqa: ASYNC110 - no event tells of a moved clock
        await asyncio.sleep(min(left, _LONGEST_NAP))
