"""A list of posts whose comments are read too: when to read what, and where the reading has got to.

Each time the newest posts are read, and the comments of those posts whose sign (their number of comments, the
time of the last change) is another one than before; each `reread_seconds` everything of the last days, because
the Graph API does not tell that a comment was edited.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, Field, ValidationError

from collectors.contract import Batch, NetworkError, Outcome
from collectors.graph.settings import GraphSettings
from incidents.incoming import FoundPost

_log = logging.getLogger(__name__)

POSTS_AT_ONCE = 20  # posts whose comments one `fetch` reads: so much is lost and read again if it fails


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list. Times are Unix seconds.

    `sign` changes when its comments do; "" where there are none to be read. `about` is whatever the source
    wants back when it is asked for the comments.
    """

    id: str
    posted: int
    changed: int
    sign: str
    found: FoundPost | None
    about: dict[str, str] = field(default_factory=dict)


class Pending(BaseModel):
    """A post whose comments are to be read; those older than `after` (Unix seconds) have been brought."""

    id: str
    sign: str
    after: int
    about: dict[str, str] = Field(default_factory=dict)


class Source(Protocol):
    """One list of one network."""

    @property
    def network(self) -> str: ...

    @property
    def feed(self) -> str: ...

    @property
    def every(self) -> timedelta: ...

    def pages(self) -> AsyncGenerator[Sequence[Listed], None]:
        """The list, newest first, page by page."""
        ...

    async def comments(self, pending: Pending, *, after: int) -> Sequence[FoundPost]:
        """The post's comments not older than `after` (Unix seconds)."""
        ...


class _Place(BaseModel):
    """The cursor. Times are Unix seconds; `since`: nothing posted earlier is ever brought."""

    since: int
    seen: int = 0
    walked: int = 0
    deep: int = 0
    signs: dict[str, str] = Field(default_factory=dict)
    pending: list[Pending] = Field(default_factory=list)


class PostsAndComments:
    """Reads one source. A `fetch` is the posts, or the comments of a few of them."""

    def __init__(self, source: Source, settings: GraphSettings) -> None:
        self._source = source
        self._settings = settings

    @property
    def network(self) -> str:
        return self._source.network

    @property
    def feed(self) -> str:
        return self._source.feed

    @property
    def every(self) -> timedelta:
        return self._source.every

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """The next portion since `cursor`; `more` until the noted comments are read.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        seconds = int(now.timestamp())
        place = self._place(cursor, seconds)
        found = await self._comments(place) if place.pending else await self._posts(place, seconds)
        return Batch(found, place.model_dump_json(), more=bool(place.pending))

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                _log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        return _Place(since=now - int(self._settings.first_hours * 3600))

    async def _posts(self, place: _Place, now: int) -> list[FoundPost]:
        """The posts since the last reading, or all of the last days; changed comments are noted down."""
        settings = self._settings
        deep = now - place.deep >= settings.reread_seconds
        window = now - int(settings.comments_of_days * 86_400)
        fresh = place.seen - settings.overlap_seconds
        walked = place.walked - settings.overlap_seconds
        newest, signs = place.seen, {} if deep else place.signs
        found: list[FoundPost] = []
        async with aclosing(self._source.pages()) as pages:
            async for page in pages:
                for row in page:
                    # A date from the future would hide every post before it.
                    newest = max(newest, min(row.posted, now))
                    if row.posted >= window:
                        self._note(row, place=place, signs=signs, deep=deep)
                    is_fresh = deep or row.posted >= fresh or row.changed >= walked
                    if row.found is not None and is_fresh and row.posted >= place.since:
                        found.append(row.found)
                if page and page[-1].posted < (window if deep else fresh):
                    break
        place.seen, place.walked, place.signs = newest, now, signs
        place.deep = now if deep else place.deep
        return found

    def _note(self, row: Listed, *, place: _Place, signs: dict[str, str], deep: bool) -> None:
        """Remember what this post says of its comments."""
        if not row.sign:
            signs.pop(row.id, None)
            return
        if deep or row.sign != place.signs.get(row.id):
            after = 0 if deep else max(0, place.walked - self._settings.overlap_seconds)
            place.pending.append(Pending(id=row.id, sign=row.sign, after=after, about=row.about))
        # The old sign stays until the comments have been read.
        if row.id in place.signs:
            signs[row.id] = place.signs[row.id]

    async def _comments(self, place: _Place) -> list[FoundPost]:
        """The comments of some of the noted posts; a failure half-way keeps what has been read."""
        found: list[FoundPost] = []
        for done, pending in enumerate(place.pending[:POSTS_AT_ONCE]):
            try:
                found += await self._source.comments(pending, after=max(place.since, pending.after))
            except NetworkError as error:
                if error.outcome is not Outcome.GONE:
                    if done == 0:
                        raise
                    break
                _log.info("%s: the comments of %s are closed to us (%s)", self.feed, pending.id, error.code)
            place.signs[pending.id] = pending.sign
            place.pending = place.pending[1:]
        return found
