"""One feed, asked whether it has changed. Source: RFC 9110, section 13 (conditional requests)."""

import asyncio
import hashlib
import logging
from datetime import datetime, timedelta
from typing import Final

import httpx
from pydantic import BaseModel, Field, ValidationError

from collectors.contract import Batch, NetworkError, Outcome
from collectors.rss.entries import Entry, NotAFeedError, read_feed
from collectors.rss.settings import FeedSettings, RssSettings
from incidents.incoming import FoundPost
from incidents.keywords import Matcher
from models.kinds import ReplyCapability

_log = logging.getLogger(__name__)

NETWORK: Final = "rss"
NO_API: Final = "no_api"  # FoundPost.reply_reason
_BROKEN: Final = timedelta(minutes=10)
_LONGEST_WAIT: Final = 86_400
_MOST_SEEN: Final = 2000  # keys remembered: feeds without dates bring the same entries again and again
_LONGEST_NAME: Final = 120  # characters of a feed's name


class _Place(BaseModel):
    """The cursor. `since`: Unix seconds; entries older than it are never brought."""

    since: float
    etag: str = ""
    modified: str = ""
    seen: list[str] = Field(default_factory=list)


class RssFeed:
    """A `fetch` is one GET; nothing came while the site says 304."""

    def __init__(
        self, http: httpx.AsyncClient, settings: RssSettings, feed: FeedSettings, matcher: Matcher
    ) -> None:
        self._http = http
        self._settings = settings
        self._feed = feed
        self._matcher = matcher

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        name = f"rss:{self._feed.url}"
        return name if len(name) <= _LONGEST_NAME else f"rss:{_digest(name)}"

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self._settings.every_seconds)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """What the feed has not brought yet.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        place = self._place(cursor, now)
        reply, content = await self._get(place)
        if reply.status_code == httpx.codes.NOT_MODIFIED:
            return Batch([], place.model_dump_json())
        try:
            # Minutes of one CPU may stand in five hostile megabytes.
            title, entries = await asyncio.to_thread(read_feed, content, base=self._feed.url)
        except NotAFeedError as error:
            raise _later(f"no feed came: {error}") from None
        known = set(place.seen)
        fresh = [one for one in entries if one.key not in known]
        wanted = await asyncio.to_thread(lambda: [one for one in fresh if self._is_wanted(one, place)])
        place.seen = [*place.seen, *(one.key for one in fresh)][-_MOST_SEEN:]
        place.etag = reply.headers.get("ETag", "")[:200]
        place.modified = reply.headers.get("Last-Modified", "")[:100]
        return Batch([self._found(one, title, now) for one in wanted], place.model_dump_json())

    def _place(self, cursor: str | None, now: datetime) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                _log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        return _Place(since=now.timestamp() - self._settings.first_hours * 3600)

    async def _get(self, place: _Place) -> tuple[httpx.Response, bytes]:
        headers = {"If-None-Match": place.etag, "If-Modified-Since": place.modified}
        asked = {name: value for name, value in headers.items() if value}
        try:
            async with (
                asyncio.timeout(self._settings.timeout_seconds),
                self._http.stream("GET", self._feed.url, headers=asked) as reply,
            ):
                content = bytearray()
                async for part in reply.aiter_bytes():
                    content += part
                    if len(content) > self._settings.most_bytes:
                        raise _later(f"longer than {self._settings.most_bytes} bytes")
        except (httpx.HTTPError, TimeoutError) as error:
            raise _later(type(error).__name__) from None
        self._refuse(reply)
        return reply, bytes(content)

    def _refuse(self, reply: httpx.Response) -> None:
        status = reply.status_code
        if status in {httpx.codes.OK, httpx.codes.NOT_MODIFIED}:
            return
        if status in {
            httpx.codes.NOT_FOUND,
            httpx.codes.GONE,
            httpx.codes.UNAUTHORIZED,
            httpx.codes.FORBIDDEN,
        }:
            raise NetworkError(
                f"rss {self._feed.url}: HTTP {status}: is it still there?", outcome=Outcome.STOP
            )
        if reply.is_redirect:
            raise _later("it has moved: put the new address into the settings")
        asked = reply.headers.get("Retry-After", "")
        wait = timedelta(seconds=min(int(asked), _LONGEST_WAIT)) if asked.isdecimal() else _BROKEN
        raise NetworkError(f"rss: HTTP {status}", outcome=Outcome.LATER, retry_after=wait)

    def _is_wanted(self, entry: Entry, place: _Place) -> bool:
        if entry.at is not None and entry.at.timestamp() < place.since:
            return False
        return not self._feed.only_keywords or bool(self._matcher.hits(entry.text))

    def _found(self, entry: Entry, title: str, now: datetime) -> FoundPost:
        return FoundPost(
            network=NETWORK,
            native_id=entry.key,
            text=entry.text,
            url=entry.url,
            posted_at=min(entry.at or now, now),
            community_title=self._feed.title or title,
            author_name=entry.author,
            reply_capability=ReplyCapability.MANUAL,
            reply_reason=NO_API,
            territory=self._feed.territory,
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _later(words: str) -> NetworkError:
    return NetworkError(f"rss: {words}", outcome=Outcome.LATER, retry_after=_BROKEN)
