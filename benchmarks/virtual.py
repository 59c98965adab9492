"""An hour in a minute: an event loop whose clock jumps to the next timer whenever nothing else is to be done.

Sockets are real: the emulated networks and our clients talk HTTP to each other inside this one loop. What was
written to a loopback socket can be read at once, so time stands still while anybody has something to say.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_GRACE: Final = 0.0005  # real seconds the kernel may take to carry bytes over the loopback


class VirtualClock:
    """Seconds since an arbitrary moment, and the date that goes with them."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        """Aware UTC."""
        return self._start + timedelta(seconds=self.seconds - 1000.0)


class _Selector(selectors.DefaultSelector):
    """Waiting moves the clock instead."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        ready = super().select(_GRACE)
        if not ready and timeout is not None and timeout > 0:
            self._clock.seconds += timeout
        return ready


def run(main: Coroutine[Any, Any, Any], clock: VirtualClock) -> Any:
    """`asyncio.run` on the virtual clock. Call `install` before anything that reads the time is imported."""
    loop = asyncio.SelectorEventLoop(_Selector(clock))
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def install() -> VirtualClock:
    """Everybody who asks for the monotonic time from now on is told the virtual one."""
    clock = VirtualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    time.monotonic = clock.monotonic
    return clock
