"""X's feeds: a search, or a list of one account's posts or mentions, read page by page.

Source: https://docs.x.com/x-api/posts/search/integrate/paginate , .../x-api/fundamentals/pagination
Polling: mentions each minute, searches as often as X's 450 in 15 minutes allow; every post read is money.
Answers: published where the author mentioned or quoted our account, see publish.py.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ValidationError

from collectors.contract import Batch
from collectors.x.accounts import BUDGET, NO_TOKEN, Accounts
from collectors.x.client import XClient, XError
from collectors.x.dialect import POST_PARAMETERS
from collectors.x.links import NETWORK
from collectors.x.oauth1 import Signer
from collectors.x.posts import Answer, answer_of, found_post, id_at, moment
from collectors.x.problems import Trouble
from collectors.x.settings import XSettings
from collectors.x.spending import OWN_READ, READ, SUMMONED_REPLY, Spending
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, Matcher

log = logging.getLogger(__name__)

WEEK: Final = timedelta(days=7)  # nothing older is searched
MARGIN: Final = timedelta(minutes=30)
JUST_NOW: Final = timedelta(seconds=15)  # X takes no `start_time` later than ten seconds ago
FUTURE: Final = timedelta(minutes=1)  # how far ahead of ours X's clock may be
WINDOW: Final = timedelta(minutes=15)
MOST_RESTARTS: Final = 2
MOST_EMPTY: Final = 3  # pages in a row with nothing on them
NEWEST_POSSIBLE: Final = (1 << 63) - 1


class _Round(BaseModel):
    """A passage over the pages, newest to oldest. `newest`: of its first page; `oldest`: of all so far; `empty`: pages
    in a row that brought nothing.
    """

    began: float
    newest: int
    oldest: int
    token: str
    pages: int = 0
    empty: int = 0


class _Place(BaseModel):
    """The cursor. `since_id`: the newest post brought, 0: none yet. `start`: nothing earlier can be missing
    (Unix seconds); X may find what was posted just before a round only after it.

    `query`: what was asked for; `restarts`: rounds in a row whose next page X refused.
    """

    start: float
    since_id: int = 0
    query: str = ""
    restarts: int = 0
    round: _Round | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What every feed reads with."""

    client: XClient
    signer: Signer
    accounts: Accounts
    spending: Spending
    settings: XSettings
    can_write: bool


class XFeed:
    """One list of posts. `asked`: what is asked for besides the window, e.g. the query.

    `is_search`: it reaches back seven days and no further. `keywords`: a post must have one of them; none: any.
    """

    def __init__(
        self,
        *,
        name: str,
        reading: Reading,
        every: timedelta,
        path: str = "/2/tweets/search/recent",
        asked: Mapping[str, str],
        keywords: Sequence[Keyword] = (),
        is_own: bool = False,
    ) -> None:
        """`path` may hold "{own}", our account's number. `is_own`: X asks less for what is our own."""
        self._name = name
        self._reading = reading
        self._every = every
        self._path = path
        self._asked = asked
        self._matcher = Matcher(keywords) if keywords else None
        self._is_own = is_own

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return self._name

    @property
    def every(self) -> timedelta:
        return self._every

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """One page; `more` until the round is complete.

        Raises:
            NetworkError: and the cursor stays where it was. STOP: the month's budget is spent.
        """
        reading = self._reading
        await reading.spending.may_read()
        await reading.accounts.resolve()
        place = self._place(cursor, now)
        try:
            body = await reading.client.get(
                self._path.format(own=reading.accounts.own_id), self._question(place, now), by=reading.signer
            )
        except XError as error:
            return self._started_over(place, error)
        answer = answer_of(body)
        await reading.spending.add(answer.read * (OWN_READ if self._is_own else READ))
        obstacle = await self._obstacle()
        self._step(place, answer, now)
        return Batch(self._found(answer, obstacle), place.model_dump_json(), more=place.round is not None)

    def _place(self, cursor: str | None, now: datetime) -> _Place:
        settings, query = self._reading.settings, self._asked.get("query", "")
        place = None
        if cursor is not None:
            try:
                place = _Place.model_validate_json(cursor)
            except ValidationError:
                log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        if place is None:
            return _Place(start=(now - timedelta(hours=settings.first_hours)).timestamp(), query=query)
        if place.query != query:
            # Words and pages moved here from another query, which may have been read less far.
            place = _Place(start=place.start - self._every.total_seconds(), query=query)
        return place

    def _question(self, place: _Place, now: datetime) -> dict[str, str]:
        settings = self._reading.settings
        question = {
            **self._asked,
            **POST_PARAMETERS[settings.dialect],
            "max_results": str(settings.per_page),
            **self._window(place, now),
        }
        if place.round is not None:
            question["pagination_token"] = place.round.token
        return question

    def _window(self, place: _Place, now: datetime) -> dict[str, str]:
        """Since the newest post of the round before, or since a little before that round, if it was later.

        X refuses to search from a `since_id` older than seven days, and from a `start_time` of this moment.
        """
        began = datetime.fromtimestamp(place.round.began, UTC) if place.round is not None else now
        start = min(datetime.fromtimestamp(place.start, UTC), began - JUST_NOW)
        since = min(place.since_id, id_at(start))
        is_search = "query" in self._asked
        if since and (not is_search or moment(str(since)) > began - WEEK + MARGIN):
            return {"since_id": str(since)}
        return {"start_time": _written(max(start, began - WEEK + MARGIN) if is_search else start)}

    def _started_over(self, place: _Place, error: XError) -> Batch:
        """X does not keep a next page for ever: the round begins again, a few times at most.

        Raises:
            NetworkError: it was something else.
        """
        if error.trouble is not Trouble.BAD_REQUEST or place.round is None or place.restarts >= MOST_RESTARTS:
            raise error
        log.warning("%s: the next page is refused, the round begins again: %s", self.feed, error)
        place.round = None
        place.restarts += 1
        return Batch((), place.model_dump_json(), more=True)

    async def _obstacle(self) -> str:
        """Why the program could not answer anything now, "" if it could."""
        if not self._reading.can_write:
            return NO_TOKEN
        return "" if await self._reading.spending.may_answer(SUMMONED_REPLY) else BUDGET

    def _found(self, answer: Answer, obstacle: str) -> list[FoundPost]:
        reading = self._reading
        made = (
            found_post(
                row,
                answer,
                accounts=reading.accounts,
                obstacle=obstacle,
                needs_summons=reading.settings.tier == "self_serve",
            )
            for row in answer.rows
        )
        return [post for post in made if post is not None and self._is_wanted(post)]

    def _is_wanted(self, post: FoundPost) -> bool:
        return self._matcher is None or bool(self._matcher.hits(post.text))

    def _step(self, place: _Place, answer: Answer, now: datetime) -> None:
        """On to the next page, or the round is complete: then `since_id` is the newest of its first page."""
        # An id from the future would hide every post before it.
        ids = [one for one in answer.ids if one <= id_at(now + FUTURE)]
        before = place.round or _Round(
            began=now.timestamp(),
            newest=max([place.since_id, *ids]),
            oldest=NEWEST_POSSIBLE,
            token="",
        )
        oldest = min([before.oldest, *ids])
        pages = before.pages + 1
        empty = 0 if answer.rows else before.empty + 1
        moves = oldest < before.oldest or 0 < empty < MOST_EMPTY
        goes_on = moves and answer.next_token not in {"", before.token}
        if goes_on and pages < self._reading.settings.most_pages:
            changes = {"oldest": oldest, "token": answer.next_token, "pages": pages, "empty": empty}
            place.round = before.model_copy(update=changes)
            return
        if answer.next_token:
            log.warning("%s: stopped after %d pages with no end in sight", self.feed, pages)
        place.since_id, place.round, place.restarts = before.newest, None, 0
        place.start = max(place.start, before.began - self._reading.settings.overlap_seconds)


def _written(when: datetime) -> str:
    """RFC 3339 in whole seconds, as X takes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def shared_pace(usual_seconds: int, *, feeds: int, per_window: int) -> timedelta:
    """How often each of so many feeds may be read so that all together keep within the window's limit."""
    fair = WINDOW.total_seconds() * feeds / per_window
    return timedelta(seconds=max(usual_seconds, fair))
