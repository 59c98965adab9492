"""The bot's queue of updates, and the two ways out of it.

Source: https://core.telegram.org/bots/api#getting-updates
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from sandbox.clock import SandboxClock
from sandbox.telegram import errors
from sandbox.telegram.state import Json
from sandbox.telegram.waiting import Bell

KEPT_SECONDS = 24 * 3600
MAX_PAGE = 100
OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_FIRST_ID = 100_000_000


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str | None = None
    failures: int = 0
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass
class UpdateQueue:
    clock: SandboxClock
    confirmed: Callable[[int], None]
    allowed: list[str] | None = None
    webhook: Webhook = field(default_factory=Webhook)
    bell: Bell = field(default_factory=Bell)
    _pending: deque[tuple[int, int, Json]] = field(default_factory=deque)
    _last_id: int = _FIRST_ID
    _generation: int = 0
    _ended_by_webhook: bool = False
    _releases: int = 0

    def push(self, kind: str, payload: Json) -> int | None:
        """Queue an update; its id, or None when the bot does not want this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in OPT_IN
        if not wanted:
            return None
        self._last_id += 1
        update = {"update_id": self._last_id, kind: payload}
        self._pending.append((self._last_id, self.clock.unix(), update))
        self.bell.ring()
        return self._last_id

    @property
    def pending(self) -> int:
        """How many wait, without those Telegram has thrown away after 24 hours."""
        oldest = self.clock.unix() - KEPT_SECONDS
        while self._pending and self._pending[0][1] < oldest:
            self._pending.popleft()
        return len(self._pending)

    def page(self, limit: int) -> list[Json]:
        """The oldest waiting updates."""
        if not self.pending:
            return []
        return [update for _, _, update in islice(self._pending, limit)]

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps only that many from the end."""
        if offset < 0:
            offset = self._pending[offset][0] if -offset <= len(self._pending) else 0
        count = 0
        while self._pending and self._pending[0][0] < offset:
            self._pending.popleft()
            count += 1
        if count:
            self.confirmed(count)

    def drop(self) -> None:
        self._pending.clear()

    def set_webhook(self, webhook: Webhook) -> None:
        """Switch ways; a waiting poller is turned out."""
        self.webhook = webhook
        self._generation += 1
        self._ended_by_webhook = bool(webhook.url)
        self.bell.ring()

    def release(self) -> None:
        """Let go whoever waits, with what there is."""
        self._releases += 1
        self.bell.ring()

    async def poll(self, *, offset: int, limit: int, seconds: float, allowed: list[str] | None) -> list[Json]:
        """What getUpdates answers, waiting up to `seconds` for the first update.

        Raises:
            ApiError: 409 for a webhook that is set, or another poller that came while this one waited.
        """
        if self.webhook.url:
            raise errors.WEBHOOK_ACTIVE.error()
        if allowed is not None:
            self.allowed = allowed or None
        self._generation += 1
        self._ended_by_webhook = False
        mine, releases = self._generation, self._releases
        self.bell.ring()
        if offset:
            self.confirm(offset)
        deadline = time.monotonic() + seconds
        while True:
            if self._generation != mine:
                by = errors.POLL_ENDED_BY_WEBHOOK if self._ended_by_webhook else errors.POLL_ENDED_BY_POLL
                raise by.error()
            left = deadline - time.monotonic()
            if self.pending or left <= 0 or self._releases != releases:
                return self.page(max(1, min(limit, MAX_PAGE)))
            await self.bell.wait(left)
