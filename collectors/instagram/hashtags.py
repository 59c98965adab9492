"""Media with a hashtag, by whomever: the only search Instagram has, 30 hashtags an account in 7 days.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-hashtag/recent-media
Polling: every 15 minutes; the list holds 24 hours, not strictly in order, without the authors' names, and its
cursor may repeat.
Answers: by hand. "You cannot comment on hashtagged media objects discovered through the API."
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ValidationError

from collectors.contract import Batch, NetworkError, Outcome
from collectors.graph import Params
from collectors.graph.answers import Row, children, id_of, moment
from collectors.graph.errors import TRANSIENT
from collectors.graph.paging import everything, pages
from collectors.instagram.accounts import Account, Accounts
from collectors.instagram.posts import FOUND_FIELDS, HASHTAG_FIND, NETWORK, found_media
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, Matcher, hashtag_of
from models.kinds import ReplyCapability

_log = logging.getLogger(__name__)

HASHTAGS_A_WEEK: Final = 30
_PER_PAGE: Final = 50  # more is refused
_SURE: Final = timedelta(days=6)  # after which it is asked again whether the tag still counts
_DISORDER: Final = 7200  # seconds by which the list may be out of order


class Budget:
    """One account's 30 hashtags. Tags are taken one after another, so that two cannot share the last place."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._turn = asyncio.Lock()

    async def number(self, tag: str, known: str) -> str:
        """The tag's number, if the account may ask for it. `known`: the number, if it was learnt before.

        Raises:
            NetworkError: STOP, 30 other hashtags were asked for in the last 7 days.
        """
        client = self._account.client
        async with self._turn:
            used = await everything(
                client,
                f"{self._account.id}/recently_searched_hashtags",
                {"fields": "id", "limit": HASHTAGS_A_WEEK},
                most_pages=3,
            )
            numbers = {id_of(row) for row in used}
            if known and known in numbers:
                return known
            if len(numbers) >= HASHTAGS_A_WEEK:
                raise NetworkError(
                    f"instagram: #{tag} cannot be searched: 30 other hashtags were searched in the last 7 days,"
                    " and Instagram allows no more; switch a keyword off, or add an account",
                    outcome=Outcome.STOP,
                )
            question: Params = {"user_id": self._account.id, "q": tag}
            number = _number(await client.get("ig_hashtag_search", question))
        if not number:
            raise NetworkError(
                f"instagram: no number of #{tag} in the answer",
                outcome=Outcome.LATER,
                retry_after=TRANSIENT.retry_after,
            )
        return number


class _Place(BaseModel):
    """The cursor. Times are Unix seconds; `asked`: when the tag was last known to be one of the account's 30."""

    seen: int
    number: str = ""
    asked: int = 0
    account: str = ""


class HashtagFeed:
    """What one hashtag brings for the keywords that want it."""

    def __init__(
        self, tag: str, keywords: Sequence[Keyword], *, account: Account, budget: Budget, accounts: Accounts
    ) -> None:
        self._tag = tag
        self._matcher = Matcher(keywords)
        self._account = account
        self._budget = budget
        self._accounts = accounts
        self._settings = accounts.settings

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"{NETWORK}:hashtag:{self._tag}"

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self._settings.hashtags_every_seconds)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """What was posted since `cursor`, 24 hours at most.

        Raises:
            NetworkError: and the cursor stays where it was; STOP when the week's 30 are used up.
        """
        seconds = int(now.timestamp())
        place = self._place(cursor, seconds)
        is_sure = seconds - place.asked < _SURE.total_seconds() and place.account == self._account.id
        if not place.number or not is_sure:
            place.number = await self._budget.number(self._tag, place.number)
            place.asked, place.account = seconds, self._account.id
        found, newest = await self._read(place)
        # A date from the future would hide every post before it.
        place.seen = max(place.seen, min(newest, seconds))
        return Batch(found, place.model_dump_json())

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                _log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        return _Place(seen=now - int(self._settings.first_hours * 3600) + _DISORDER)

    async def _read(self, place: _Place) -> tuple[list[FoundPost], int]:
        """The fresh media, and the newest date; the first page without any fresh one is the last."""
        params: Params = {"user_id": self._account.id, "fields": FOUND_FIELDS, "limit": _PER_PAGE}
        listed = pages(
            self._account.client,
            f"{place.number}/recent_media",
            params,
            most_pages=self._settings.hashtag_pages,
        )
        found: list[FoundPost] = []
        newest = place.seen
        async with aclosing(listed):
            async for page in listed:
                dates = [_date(row) for row in page]
                newest = max([newest, *dates])
                fresh = [row for row in page if _date(row) >= place.seen - _DISORDER]
                found += [post for row in fresh if (post := self._found(row)) is not None]
                if page and not fresh:
                    break
        return found, newest

    def _found(self, row: Row) -> FoundPost | None:
        """The media as a find, None where the keywords' other words say no."""
        able = (ReplyCapability.MANUAL, HASHTAG_FIND)
        post = found_media(row, account=self._account, accounts=self._accounts, able=able)
        if post is None or not self._matcher.hits(post.text):
            return None
        return replace(post, community_id="", community_title="", territory="")


class Searching:
    """Shares the hashtags out: the first thirty to the first account, the next to the second, and so on."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._shares = [(account, Budget(account)) for account in accounts]

    def feeds(self, keywords: Sequence[Keyword]) -> list[HashtagFeed]:
        """A feed for every hashtag; those beyond the accounts' budgets stop by themselves, with the reason."""
        feeds = []
        for place, (tag, wanting) in enumerate(hashtags(keywords).items()):
            account, budget = self._shares[min(place // HASHTAGS_A_WEEK, len(self._shares) - 1)]
            feeds.append(HashtagFeed(tag, wanting, account=account, budget=budget, accounts=self._accounts))
        return feeds


def hashtags(keywords: Sequence[Keyword]) -> dict[str, list[Keyword]]:
    """The hashtags to be searched, and the keywords that want each."""
    wanted: dict[str, list[Keyword]] = {}
    for keyword in sorted(keywords, key=lambda one: one.id):
        tag = hashtag_of(keyword)
        if tag is not None:
            wanted.setdefault(tag, []).append(keyword)
    return wanted


def compiled(keywords: Sequence[Keyword]) -> list[str]:
    """What Instagram is asked for."""
    return [f"#{tag}" for tag in hashtags(keywords)]


def _number(answer: Row) -> str:
    """Older pages of the documentation show {"id": …} instead of a list."""
    listed = children({"of": answer}, "of")
    return id_of(listed[0]) if listed else id_of(answer)


def _date(row: Row) -> int:
    posted = moment(row, "timestamp")
    return int(posted.timestamp()) if posted is not None else 0
