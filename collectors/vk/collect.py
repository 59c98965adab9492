"""One community's wall: its posts, other people's posts on it, and the comments under both.

Source: https://dev.vk.com/ru/method/wall.get
Polling: each minute the newest posts; comments of a post whose number of comments has changed; each hour
everything of the last days again, because VK does not tell that a comment was edited. While Long Poll brings
the wall's news (longpoll.py) each ten minutes is enough: this feed is then what catches up. Many walls share
one token's daily quota of wall.get: each is read the more rarely.
Answers: published by the community itself, see publish.py.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, Field, ValidationError

from collectors.contract import Batch, NetworkError, Outcome, Page
from collectors.vk.client import VkClient
from collectors.vk.communities import Communities, owner_of, rows, whole
from collectors.vk.posts import NETWORK, Row, found_comment, found_post, names
from collectors.vk.settings import VkSettings
from collectors.vk.threads import read_comments
from incidents.incoming import FoundPost

log = logging.getLogger(__name__)

POSTS_AT_ONCE = 20  # posts whose comments one `fetch` reads: so much is lost and read again if it fails


class _Pending(BaseModel):
    """A post whose comments are to be read; those older than `after` (Unix seconds) have been brought."""

    post: int
    count: int
    after: int


class _Walk(BaseModel):
    """One passage over the wall, newest to oldest. `deep` goes through the whole window of days."""

    started: int
    deep: bool
    newest: int
    offset: int = 0
    pages: int = 0
    last: int | None = None
    oldest: int | None = None


class _Place(BaseModel):
    """The cursor. Times are Unix seconds; `since`: nothing posted earlier is ever brought."""

    since: int
    seen: int = 0
    walked: int = 0
    deep: int = 0
    counts: dict[int, int] = Field(default_factory=dict)
    pending: list[_Pending] = Field(default_factory=list)
    walk: _Walk | None = None


def place_of(page: Page) -> str:
    """The page in the names of its feeds, the same for ever: its owner id, else its short address."""
    owner = owner_of(page.native_id)
    return str(owner) if owner is not None else page.name.lower()


def shared_pace(usual: float, *, feeds: int, per_day: int) -> timedelta:
    """How often each of `feeds` may be read when all of them have `per_day` readings; `usual`: seconds."""
    fair = feeds * 86_400 / per_day if per_day else 0.0
    return timedelta(seconds=max(usual, fair))


class VkWall:
    """Reads one wall with the service token. A `fetch` is one page, or the comments of a few posts."""

    def __init__(
        self,
        *,
        client: VkClient,
        settings: VkSettings,
        page: Page,
        pages: Communities,
        is_pushed: Callable[[datetime], bool] = lambda _: False,
    ) -> None:
        """`is_pushed`: whether the wall's news come by themselves at that time."""
        self._client = client
        self._settings = settings
        self._page = page
        self._pages = pages
        self._is_pushed = is_pushed
        self._read_at: datetime | None = None

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"vk:wall:{place_of(self._page)}"

    @property
    def every(self) -> timedelta:
        settings = self._settings
        pushed = self._read_at is not None and self._is_pushed(self._read_at)
        usual = settings.every_seconds_with_push if pushed else settings.every_seconds
        return shared_pace(usual, feeds=len(self._pages.watched), per_day=settings.walls_per_day)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """The next portion since `cursor`; `more` until the passage is complete.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        await self._pages.resolve(self._client)
        self._read_at = now
        place = self._place(cursor, int(now.timestamp()))
        if place.pending:
            found = await self._comments(place)
        else:
            found = await self._posts(place, int(now.timestamp()))
        return Batch(found, place.model_dump_json(), more=bool(place.pending or place.walk))

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        return _Place(since=now - int(self._settings.first_hours * 3600))

    async def _posts(self, place: _Place, now: int) -> list[FoundPost]:
        """One page of the wall; the posts whose comments have changed are noted down."""
        settings = self._settings
        if place.walk is None:
            deep = now - place.deep >= settings.reread_seconds
            place.walk = _Walk(started=now, deep=deep, newest=place.seen)
        walk = place.walk
        owner = self._pages.owner(self._page)
        answer = await self._client.call(
            "wall.get",
            {
                "owner_id": owner,
                "offset": walk.offset,
                "count": settings.posts_per_page,
                "filter": "all",
                "extended": 1,
            },
        )
        items, who = rows(answer, "items"), names(answer)
        found: list[FoundPost] = []
        for item in items:
            self._note(item, place=place, walk=walk)
            if self._is_fresh(item, place=place, walk=walk):
                post = found_post(item, who=who, pages=self._pages)
                found += [post] if post is not None else []
        self._step(items, total=whole(answer, "count") or 0, place=place, walk=walk)
        return found

    def _is_fresh(self, item: Row, *, place: _Place, walk: _Walk) -> bool:
        date, edited = whole(item, "date") or 0, whole(item, "edited") or 0
        fresh = place.seen - self._settings.overlap_seconds
        return date >= place.since and (walk.deep or max(date, edited) >= fresh)

    def _note(self, item: Row, *, place: _Place, walk: _Walk) -> None:
        """Remember what this post says of the passage and of its comments."""
        number, date = whole(item, "id"), whole(item, "date")
        if number is None or date is None:
            return
        # A date from the future would hide every post before it.
        walk.newest = max(walk.newest, min(date, walk.started))
        pinned = item.get("is_pinned") == 1
        if date < self._window(walk) and not pinned:
            return
        if not pinned:
            walk.oldest = min(number, walk.oldest) if walk.oldest is not None else number
        comments = item.get("comments")
        count = whole(comments, "count") or 0 if isinstance(comments, dict) else 0
        if count == 0:
            place.counts.pop(number, None)
        elif walk.deep or count != place.counts.get(number):
            after = 0 if walk.deep else place.walked - self._settings.overlap_seconds
            waiting = {pending.post for pending in place.pending}
            if number not in waiting:
                place.pending.append(_Pending(post=number, count=count, after=after))

    def _window(self, walk: _Walk) -> int:
        return walk.started - int(self._settings.comments_of_days * 86_400)

    def _step(self, items: Sequence[Row], *, total: int, place: _Place, walk: _Walk) -> None:
        """Move on to the next page, or end the passage."""
        size = self._settings.posts_per_page
        walk.offset += size - size // 10  # pages overlap: a post deleted meanwhile moves the rest up
        walk.pages += 1
        reach = self._window(walk) if walk.deep else place.seen - self._settings.overlap_seconds
        # The pinned post stands first whatever its age: it says nothing of where the page has got to.
        dates = [whole(item, "date") for item in items if item.get("is_pinned") != 1]
        old = any(date is not None and date < reach for date in dates[-1:])
        at_end = not items or old or walk.offset + size // 10 >= total
        last = whole(items[-1], "id") if items else None
        if not at_end and last != walk.last and walk.pages < self._settings.most_pages:
            walk.last = last
            return
        if not at_end:
            log.warning("%s: stopped after %d pages with no end in sight", self.feed, walk.pages)
        place.seen, place.walked, place.walk = walk.newest, walk.started, None
        if walk.deep:
            place.deep = walk.started
            place.counts = {post: count for post, count in place.counts.items() if post >= (walk.oldest or 0)}

    async def _comments(self, place: _Place) -> list[FoundPost]:
        """The comments of some of the noted posts; a failure half-way keeps what has been read."""
        found: list[FoundPost] = []
        for done, pending in enumerate(place.pending[:POSTS_AT_ONCE]):
            try:
                found += await self._comments_of(pending, since=place.since)
            except NetworkError as error:
                if error.outcome is not Outcome.GONE:
                    if done == 0:
                        raise
                    break
                log.info("%s: comments of post %d are closed to us (%s)", self.feed, pending.post, error.code)
            place.counts[pending.post] = pending.count
            place.pending = place.pending[1:]
        return found

    async def _comments_of(self, pending: _Pending, *, since: int) -> list[FoundPost]:
        owner = self._pages.owner(self._page)
        comments = await read_comments(
            self._client,
            owner_id=owner,
            post=pending.post,
            page_size=self._settings.comments_per_page,
            most_pages=self._settings.most_pages,
        )
        after = max(since, pending.after)
        fresh = [row for row in comments.rows.values() if (whole(row, "date") or 0) >= after]
        made = (
            found_comment(
                row,
                owner_id=owner,
                post=pending.post,
                who=comments.who,
                pages=self._pages,
                rights=comments.rights,
            )
            for row in fresh
        )
        return [post for post in made if post is not None]
