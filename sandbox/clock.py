"""The sandbox's own time: the machine's clock plus an offset that moves when told."""

import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """One clock for every emulated network, so that a story can skip a weekend.

    Rate windows must not be fooled by `forward`: they use `monotonic`, which never moves by hand.
    """

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """Aware UTC: real time plus the offset."""
        return datetime.now(UTC) + self.offset

    def unix(self) -> int:
        """Whole seconds since 1970 on the moved clock, as the Bot API writes dates."""
        return int(self.now().timestamp())

    def forward(self, by: timedelta) -> None:
        """Move the clock ahead.

        Raises:
            ValueError: `by` is negative; dates of messages would run backwards.
        """
        if by < timedelta(0):
            raise ValueError("the sandbox clock only moves forward")
        self.offset += by

    @staticmethod
    def monotonic() -> float:
        """Seconds on the real monotonic clock."""
        return time.monotonic()
