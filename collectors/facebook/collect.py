"""One page's wall with the comments under it, and the posts elsewhere that tag the page.

Source: https://developers.facebook.com/docs/graph-api/reference/page/feed/ and .../object/comments/
Polling: each minute the newest posts; comments of a post whose number of comments or last change is another
one; each hour everything of the last days again. There is no search for words: they are matched locally.
Answers: published by the page itself, see publish.py.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from collectors.contract import Page
from collectors.facebook.pages import Pages
from collectors.facebook.posts import (
    COMMENT_FIELDS,
    COUNTED,
    NETWORK,
    POST_FIELDS,
    found_comment,
    found_post,
    wall_of,
)
from collectors.graph import Params
from collectors.graph.answers import Row, child, id_of, moment, whole
from collectors.graph.feed import Listed, Pending
from collectors.graph.paging import everything, pages
from incidents.incoming import FoundPost

WALL: Final = "feed"  # all of it: the page's own posts and its visitors'
TAGGED: Final = "tagged"


class PageSource:
    """One list of one page: `edge` is "feed" or "tagged"."""

    def __init__(self, page: Page, edge: str, official: Pages) -> None:
        self._page = page
        self._edge = edge
        self._official = official
        self._settings = official.settings

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"{NETWORK}:{self._edge}:{self._page.native_id or self._page.name}"

    @property
    def every(self) -> timedelta:
        settings = self._settings
        on_wall = self._edge == WALL
        return timedelta(seconds=settings.every_seconds if on_wall else settings.tagged_every_seconds)

    async def pages(self) -> AsyncGenerator[Sequence[Listed], None]:
        number = await self._official.number(self._page)
        fields = COUNTED if self._edge == WALL else POST_FIELDS
        params: Params = {"fields": fields, "limit": self._settings.posts_per_page}
        client = self._official.reader(number)
        found = pages(client, f"{number}/{self._edge}", params, most_pages=self._settings.most_pages)
        async with aclosing(found):
            async for page in found:
                made = (self._listed(row, number) for row in page)
                yield [row for row in made if row is not None]

    async def comments(self, pending: Pending, *, after: int) -> Sequence[FoundPost]:
        """The comments of all levels.

        Raises:
            NetworkError: they could not be read.
        """
        number = wall_of(pending.id)
        found = await everything(
            self._official.reader(number),
            f"{pending.id}/comments",
            {
                "fields": COMMENT_FIELDS,
                "filter": "stream",
                "order": "chronological",
                "since": after,
                "limit": self._settings.comments_per_page,
            },
            most_pages=self._settings.most_pages,
        )
        made = (found_comment(row, post_id=pending.id, page_id=number, pages=self._official) for row in found)
        return [comment for comment in made if comment is not None and comment.posted_at.timestamp() >= after]

    def _listed(self, row: Row, number: str) -> Listed | None:
        posted, native = moment(row, "created_time"), id_of(row)
        if posted is None or not native:
            return None
        changed = moment(row, "updated_time") or posted
        on_wall = self._edge == WALL and wall_of(native) == number
        return Listed(
            id=native,
            posted=int(posted.timestamp()),
            changed=int(changed.timestamp()),
            sign=_sign(row, int(changed.timestamp())) if on_wall else "",
            found=found_post(row, page_id=number, pages=self._official),
        )


def _sign(row: Row, changed: int) -> str:
    """What is another one when there is a comment more; "" when there are none."""
    total = whole(child(row, "comments", "summary"), "total_count")
    return "" if total == 0 else f"{total}:{changed}"
