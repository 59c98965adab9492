"""Search for words in all public posts.

Source: https://dev.vk.com/ru/method/newsfeed.search
Polling: every 5 minutes, more rarely where many searches share one token's daily quota; newest first, and
never more than the first 1000 of a period: a fuller period is cut in two by `end_time`.
Answers: by the community the settings name, where the wall's owner lets communities comment.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ValidationError

from collectors.contract import Batch
from collectors.vk.client import VkClient
from collectors.vk.collect import shared_pace
from collectors.vk.communities import Communities, rows, whole
from collectors.vk.posts import NETWORK, Row, found_post, names
from collectors.vk.settings import VkSettings
from collectors.vk.words import feed_of
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, Matcher

log = logging.getLogger(__name__)

SHOWN_AT_MOST: Final = 1000  # results of one period, whatever the paging
MOST_PERIODS: Final = 50  # 50 000 posts between two searches: more is an answer that never ends


class _Period(BaseModel):
    """What is left of the searched period after it was cut: Unix seconds."""

    start: int
    end: int
    newest: int
    cuts: int = 1


class _Place(BaseModel):
    """The cursor: posts up to `seen` (Unix seconds) have been brought."""

    seen: int
    period: _Period | None = None


class VkSearch:
    """Finds posts with the words of one query, by the service token."""

    def __init__(
        self,
        *,
        client: VkClient,
        settings: VkSettings,
        query: str,
        pages: Communities,
        keywords: Sequence[Keyword] = (),
        searches: int = 1,
    ) -> None:
        """`keywords`: one of them a found post must have; none: any post will do. `searches`: how many share
        the quota.
        """
        self._client = client
        self._settings = settings
        self._query = query
        self._pages = pages
        self._matcher = Matcher(keywords) if keywords else None
        self._searches = searches

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return feed_of(self._query)

    @property
    def every(self) -> timedelta:
        settings = self._settings
        usual = settings.search_every_seconds
        return shared_pace(usual, feeds=self._searches, per_day=settings.searches_per_day)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """Up to 1000 posts since `cursor`; `more` when there were more.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        await self._pages.resolve(self._client)
        place = self._place(cursor, int(now.timestamp()))
        period = place.period
        start = period.start if period is not None else place.seen - self._settings.overlap_seconds
        end = period.end if period is not None else None
        found, dates, full = await self._read(start=start, end=end)
        newest = max([place.seen, period.newest if period is not None else 0, *dates])
        # A date from the future would hide every post before it.
        newest = max(place.seen, min(newest, int(now.timestamp())))
        place.period = self._rest(
            dates, start=start, end=end, newest=newest, cuts=period.cuts if period else 0
        )
        if not full or place.period is None:
            place = _Place(seen=newest)
        return Batch(found, place.model_dump_json(), more=place.period is not None)

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        overlap = self._settings.overlap_seconds
        return _Place(seen=now - int(self._settings.first_hours * 3600) + overlap)

    def _rest(
        self, dates: Sequence[int], *, start: int, end: int | None, newest: int, cuts: int
    ) -> _Period | None:
        """The older part of a period too full to be shown whole; None when nothing is left."""
        if not dates or min(dates) <= start:
            return None
        if cuts >= MOST_PERIODS:
            log.warning("%s: stopped after %d full periods", self.feed, cuts)
            return None
        older = min(dates) + 1  # whether `end_time` itself is shown is not documented
        if end is not None and older >= end:
            older = end - 1  # a thousand posts in one second: the rest of that second cannot be reached
        return _Period(start=start, end=older, newest=newest, cuts=cuts + 1)

    async def _read(self, *, start: int, end: int | None) -> tuple[list[FoundPost], list[int], bool]:
        """The posts of a period, their dates, and whether VK has more of them than it shows."""
        found: dict[str, FoundPost] = {}
        dates: list[int] = []
        token = ""
        used = {token}
        count = 0
        for _ in range(-(-SHOWN_AT_MOST // self._settings.found_per_page)):
            answer = await self._client.call(
                "newsfeed.search", self._question(start=start, end=end, token=token)
            )
            items, who = rows(answer, "items"), names(answer)
            count += len(items)
            dates += [date for item in items if (date := whole(item, "date")) is not None]
            found |= self._usable(items, who)
            following = answer.get("next_from")
            if not items or not isinstance(following, str) or following in used:
                break
            token = following
            used.add(token)
        else:
            return list(found.values()), dates, True
        return list(found.values()), dates, count >= SHOWN_AT_MOST

    def _question(self, *, start: int, end: int | None, token: str) -> dict[str, str | int]:
        question: dict[str, str | int] = {
            "q": self._query,
            "count": self._settings.found_per_page,
            "extended": 1,
            "start_time": start,
        }
        if end is not None:
            question["end_time"] = end
        if token:
            question["start_from"] = token
        return question

    def _usable(self, items: Sequence[Row], who: dict[int, str]) -> dict[str, FoundPost]:
        made = (
            found_post(item, who=who, pages=self._pages) for item in items if item.get("marked_as_ads") != 1
        )
        return {post.native_id: post for post in made if post is not None and self._is_wanted(post)}

    def _is_wanted(self, post: FoundPost) -> bool:
        return self._matcher is None or bool(self._matcher.hits(post.text))
