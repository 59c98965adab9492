"""Bots Long Poll: a community's news at once, without a public address.

Source: https://dev.vk.com/ru/api/bots-long-poll/getting-started
Push: one request waits up to 25 seconds for the next events; the cursor is VK's own number of the last one.
VK keeps events for a short time only: after a longer silence the wall's polling (collect.py) catches up.
Once per start the community's settings are read, and what we need is switched on, nothing is switched off.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from collectors.contract import Batch, NetworkError, Outcome, Page
from collectors.vk.client import VkClient
from collectors.vk.collect import place_of
from collectors.vk.communities import Communities
from collectors.vk.events import WANTED, Events
from collectors.vk.posts import NETWORK
from collectors.vk.settings import VkSettings

log = logging.getLogger(__name__)

_PAUSE: Final = timedelta(seconds=1)
_FRESH: Final = timedelta(minutes=2)  # since the last good answer: so long the news count as coming
_NO_RIGHT: Final = frozenset({7, 15, 27, 28, 203})
_LONGEST: Final = 20  # digits of an event's number
_HISTORY_LOST, _KEY_EXPIRED, _ALL_LOST = 1, 2, 3


@dataclass(frozen=True, slots=True)
class _Server:
    url: str
    key: str


class VkLongPoll:
    """Waits for one community's events with its own token. Long-lived: it keeps the session's key."""

    def __init__(
        self, *, client: VkClient, reader: VkClient, settings: VkSettings, page: Page, pages: Communities
    ) -> None:
        self._client = client
        self._reader = reader
        self._settings = settings
        self._page = page
        self._pages = pages
        self._events = Events(reader=reader, pages=pages)
        self._server: _Server | None = None
        self._is_subscribed = False
        self._well_at: datetime | None = None

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"vk:events:{place_of(self._page)}"

    @property
    def every(self) -> timedelta:
        return _PAUSE

    def is_well(self, now: datetime) -> bool:
        """Whether the community's news come by themselves."""
        return self._well_at is not None and abs(now - self._well_at) <= _FRESH

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """What happens next, within `long_poll_seconds`.

        Raises:
            NetworkError: and the cursor stays where it was. STOP: the token may not listen.
        """
        await self._pages.resolve(self._reader)
        group = -self._pages.owner(self._page)
        if not self._is_subscribed:
            await self._subscribe(group)
        ts = _ts(cursor)
        if self._server is None or ts is None:
            newest = await self._open(group)
            ts = ts if ts is not None else newest
        answer = await self._wait(ts)
        failed = answer.get("failed")
        if failed is not None:
            return self._again(failed, answer, ts=ts)
        following, updates = _number(answer.get("ts")), answer.get("updates")
        if following is None or not isinstance(updates, list):
            raise self._broken("neither `updates` nor `failed`")
        found = await self._events.posts([update for update in updates if isinstance(update, dict)])
        self._well_at = now
        return Batch(found, _cursor(following))

    async def _wait(self, ts: str) -> dict[str, Any]:
        if self._server is None:
            raise AssertionError("opened just before")
        try:
            return await self._client.listen(
                self._server.url, key=self._server.key, ts=ts, wait=self._settings.long_poll_seconds
            )
        except NetworkError:
            self._forget()
            raise

    def _again(self, failed: object, answer: dict[str, Any], *, ts: str) -> Batch:
        """What VK's `failed` asks for; what was lost the polling of the wall brings."""
        following = _number(answer.get("ts"))
        if failed == _KEY_EXPIRED:
            self._server = None
            return Batch((), _cursor(ts))
        if failed == _HISTORY_LOST and following is not None:
            log.warning("%s: VK has forgotten some events, polling brings them", self.feed)
            self._well_at = None
            return Batch((), _cursor(following))
        if failed in {_HISTORY_LOST, _ALL_LOST}:
            log.warning("%s: VK has lost its place, polling brings what is missing", self.feed)
            self._forget()
            return Batch((), None)
        raise self._broken(f"failed {str(failed)[:20]}")

    async def _open(self, group: int) -> str:
        """Have a server and a key; the number of the newest event."""
        try:
            answer = await self._client.call("groups.getLongPollServer", {"group_id": group})
        except NetworkError as error:
            self._is_subscribed = False  # somebody may have switched it off
            raise self._told(error) from None
        url, key, ts = answer.get("server"), answer.get("key"), _number(answer.get("ts"))
        if not isinstance(url, str) or not isinstance(key, str) or ts is None:
            raise self._broken("no server, key or ts")
        self._server = _Server(url if "://" in url else f"https://{url}", key)
        return ts

    async def _subscribe(self, group: int) -> None:
        """Switch on what is off; another bot of the community may rely on the rest."""
        try:
            known = await self._client.call("groups.getLongPollSettings", {"group_id": group})
            events = known.get("events")
            on = events if isinstance(events, dict) else {}
            missing: dict[str, str | int] = {name: 1 for name in WANTED if not on.get(name)}
            if not known.get("is_enabled"):
                missing |= {"enabled": 1, "api_version": self._settings.api_version}
            if missing:
                await self._client.ask("groups.setLongPollSettings", {"group_id": group, **missing})
        except NetworkError as error:
            raise self._told(error) from None
        self._is_subscribed = True

    def _told(self, error: NetworkError) -> NetworkError:
        """A missing right in words an operator understands."""
        if error.code not in _NO_RIGHT:
            return error
        page = self._pages.of(self._pages.owner(self._page))
        return NetworkError(
            f"vk: the token of «{page.title if page is not None else self._page.name}» may not manage the "
            f"community ({error.code}): its news do not come at once, the wall is read by polling as before",
            outcome=Outcome.STOP,
            code=error.code,
        )

    def _forget(self) -> None:
        self._server = None
        self._well_at = None

    def _broken(self, what: str) -> NetworkError:
        self._forget()
        return NetworkError(f"vk Long Poll: {what}", outcome=Outcome.LATER, retry_after=timedelta(minutes=1))


def _cursor(ts: str) -> str:
    return json.dumps({"ts": ts})


def _ts(cursor: str | None) -> str | None:
    """The number of the last event, None to begin with the next one."""
    try:
        place = json.loads(cursor) if cursor is not None else None
    except (ValueError, RecursionError):
        return None
    return _number(place.get("ts")) if isinstance(place, dict) else None


def _number(ts: object) -> str | None:
    """VK writes it as text, after a failure as a number."""
    if isinstance(ts, int) and not isinstance(ts, bool):
        return str(ts)
    return ts if isinstance(ts, str) and ts.isascii() and ts.isdecimal() and len(ts) <= _LONGEST else None
