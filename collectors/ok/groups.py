"""The discussions of all official groups at once: topics, and the comments under them.

Source: https://apiok.ru/dev/methods/rest/discussions/discussions.getList
Polling: each minute the list of the acting user's group discussions, down to where nothing has changed;
comments of a topic whose number of comments has changed; each hour everything of the last days again, a part
each minute, because OK does not tell that a message was edited.
Answers: official answers of the group (as_admin), see publish.py; off until the operator has tried them.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, Field, ValidationError

from collectors.contract import Batch, NetworkError, Outcome
from collectors.ok.client import OkClient, broken
from collectors.ok.comments import found_comment, read_comments
from collectors.ok.pages import NETWORK, Account, Pages
from collectors.ok.reading import Row, count, moment, number, objects
from collectors.ok.settings import OkSettings
from collectors.ok.topics import GROUP_TOPIC, Topics, comments_count, found_topic, read_topics
from collectors.text import storable
from incidents.incoming import FoundPost

log = logging.getLogger(__name__)

TOPICS_AT_ONCE: Final = (
    20  # topics whose comments one `fetch` reads: so much is lost and read again if it fails
)
_FIELDS: Final = (
    "discussion.OBJECT_TYPE,discussion.OBJECT_ID,discussion.NEW_COMMENTS_COUNT,discussion.TITLE,group.UID"
)


class _Pending(BaseModel):
    """A topic whose comments are to be read; those older than `after` (Unix seconds) have been brought."""

    topic: str
    group: str
    seen_as: str
    after: int


class _Walk(BaseModel):
    """One passage over the list. `deep` goes through the whole window of days; `first` is the first since the
    registry has changed: groups may have come whose past is nobody's news.
    """

    started: int
    deep: bool
    first: bool
    anchor: str = ""
    used: list[str] = Field(default_factory=list)
    topics: list[str] = Field(default_factory=list)


class _Place(BaseModel):
    """The cursor. Times are Unix seconds; `since`: nothing written earlier is ever brought.

    `counts`: topic → its numbers of comments as they were read. `again`: topics (with their groups) whose
    comments wait to be read once more; a portion of them is `due` after each passage.
    """

    since: int
    walked: int = 0
    deep: int = 0
    pages: str = ""
    counts: dict[str, str] = Field(default_factory=dict)
    pending: list[_Pending] = Field(default_factory=list)
    again: list[tuple[str, str]] = Field(default_factory=list)
    due: bool = False
    walk: _Walk | None = None


class OkGroups:
    """Reads all watched groups with one token. A `fetch` is one page, or the comments of a few topics."""

    def __init__(self, *, client: OkClient, settings: OkSettings, pages: Pages, account: Account) -> None:
        self._client = client
        self._settings = settings
        self._pages = pages
        self._account = account

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return "ok:groups"

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self._settings.every_seconds)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """The next portion since `cursor`; `more` until the passage is complete.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        await self._pages.resolve(self._client)
        acting = await self._account.uid()
        place = self._place(cursor, int(now.timestamp()))
        if place.pending:
            found = await self._changed(place, acting)
        elif place.due:
            found = await self._once_more(place, acting, int(now.timestamp()))
        else:
            found = await self._topics(place, acting, int(now.timestamp()))
        more = bool(place.pending or place.walk or place.due)
        return Batch(found, place.model_dump_json(), more=more)

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        return _Place(since=now - int(self._settings.first_hours * 3600))

    async def _topics(self, place: _Place, acting: str, now: int) -> list[FoundPost]:
        """One page of discussions; those whose comments have changed are noted down."""
        walk = place.walk = place.walk or self._new_walk(place, now)
        listed, met, following = await self._page(walk)
        topics = await read_topics(self._client, self._settings, list(listed))
        found: list[FoundPost] = []
        interesting = not listed  # a page of other groups says nothing of ours
        known = met <= set(walk.topics)
        walk.topics += sorted(met)
        for topic, row in listed.items():
            read = topics.rows.get(topic)
            interesting |= self._note(topic, row, read, place=place, walk=walk)
            if read is not None and self._is_fresh(read, place=place, walk=walk):
                found += self._found(read, row, topics=topics, acting=acting)
        self._step(following, place=place, walk=walk, interesting=interesting and not known)
        return found

    def _new_walk(self, place: _Place, now: int) -> _Walk:
        changed = place.pages != self._pages.digest
        waited = now - place.deep >= self._settings.reread_seconds and not place.again
        return _Walk(started=now, deep=changed or waited, first=changed)

    async def _page(self, walk: _Walk) -> tuple[dict[str, Row], set[str], str]:
        """The watched groups' topics of one page, all topics of it, and where the next one begins."""
        question: dict[str, str | int] = {
            "category": "GROUP",
            "types": GROUP_TOPIC,
            "direction": "FORWARD",
            "count": self._settings.discussions_per_page,
            "fields": _FIELDS,
        }
        if walk.anchor:
            question["anchor"] = walk.anchor
        try:
            answer = await self._client.call("discussions.getList", question)
        except NetworkError as error:
            if not walk.anchor or error.outcome not in {Outcome.NEVER, Outcome.GONE}:
                raise
            # How long an anchor lives is not documented: a dead one must not stop the feed for ever.
            log.warning(
                "%s: the list cannot be read on (%s), the next reading starts anew", self.feed, error.code
            )
            return {}, set(), ""
        if not isinstance(answer.get("discussions"), list):
            raise broken("discussions.getList", "no list `discussions` in the answer")
        rows = objects(answer, "discussions")
        listed = {
            topic: row
            for row in rows
            if row.get("object_type") == GROUP_TOPIC
            and (topic := number(row, "object_id"))
            and self._pages.of(_group(row)) is not None
        }
        following = answer.get("anchor")
        met = {number(row, "object_id") for row in rows}
        return listed, met, following if rows and isinstance(following, str) else ""

    def _note(self, topic: str, row: Row, read: Row | None, *, place: _Place, walk: _Walk) -> bool:
        """Remember what the list says of this topic; whether it is a reason to look at older ones too."""
        total = comments_count(read) if read is not None else 0
        seen_as = f"{count(row, 'new_comments_count')}.{total}"
        at = moment(read) if read is not None else None
        created = int(at.timestamp()) if at is not None else 0
        recent = created >= walk.started - int(self._settings.comments_of_days * 86_400)
        changed = seen_as != place.counts.get(topic, "0.0")
        if changed and walk.first and not recent and topic not in place.counts:
            place.counts[topic] = seen_as
            return False
        if changed:
            self._wait_for(topic, _group(row), seen_as, place=place, walk=walk)
        elif walk.deep and recent and total > 0 and (topic, _group(row)) not in place.again:
            place.again.append((topic, _group(row)))
        return changed or (walk.deep and recent) or created >= place.walked - self._settings.overlap_seconds

    def _wait_for(self, topic: str, group: str, seen_as: str, *, place: _Place, walk: _Walk) -> None:
        """Put a topic into the queue; one that waits already keeps its place and its `after`."""
        if any(pending.topic == topic for pending in place.pending):
            return
        after = 0
        if walk.deep:
            after = walk.started - int(self._settings.comments_of_days * 86_400)
        elif topic in place.counts:
            after = place.walked - self._settings.overlap_seconds
        place.pending.append(_Pending(topic=topic, group=group, seen_as=seen_as, after=after))

    def _is_fresh(self, row: Row, *, place: _Place, walk: _Walk) -> bool:
        at = moment(row)
        if at is None:
            return False
        created = at.timestamp()
        window = walk.started - self._settings.comments_of_days * 86_400
        fresh = window if walk.deep else place.walked - self._settings.overlap_seconds
        return created >= max(place.since, fresh)

    def _found(self, read: Row, row: Row, *, topics: Topics, acting: str) -> list[FoundPost]:
        post = found_topic(
            read,
            topics=topics,
            pages=self._pages,
            acting=acting,
            group=_group(row),
            title=storable(row.get("title")),
        )
        return [post] if post is not None else []

    def _step(self, following: str, *, place: _Place, walk: _Walk, interesting: bool) -> None:
        """Move on to the next page, or end the passage."""
        endless = len(walk.used) + 1 >= self._settings.most_pages
        if following and interesting and following not in walk.used and not endless:
            walk.used.append(following)
            walk.anchor = following
            return
        if endless and following:
            log.warning("%s: stopped after %d pages with no end in sight", self.feed, len(walk.used) + 1)
        place.walked, place.walk = walk.started, None
        place.due = bool(place.again)
        if walk.deep:
            met = set(walk.topics)
            place.deep, place.pages = walk.started, self._pages.digest
            place.counts = {topic: known for topic, known in place.counts.items() if topic in met}

    async def _changed(self, place: _Place, acting: str) -> list[FoundPost]:
        """The comments of some of the noted topics; a failure half-way keeps what has been read."""
        found: list[FoundPost] = []
        for done, pending in enumerate(place.pending[:TOPICS_AT_ONCE]):
            after = max(place.since, pending.after)
            try:
                found += await self._comments(pending.topic, pending.group, after=after, acting=acting)
            except NetworkError:
                if done == 0:
                    raise
                break
            place.counts[pending.topic] = pending.seen_as
            place.pending = place.pending[1:]
        return found

    async def _once_more(self, place: _Place, acting: str, now: int) -> list[FoundPost]:
        """The comments of some topics again, whole: the edited ones are among them."""
        found: list[FoundPost] = []
        place.due = False
        window = now - int(self._settings.comments_of_days * 86_400)
        for done, (topic, group) in enumerate(place.again[:TOPICS_AT_ONCE]):
            try:
                found += await self._comments(topic, group, after=max(place.since, window), acting=acting)
            except NetworkError:
                if done == 0:
                    raise
                break
            place.again = place.again[1:]
        return found

    async def _comments(self, topic: str, group: str, *, after: int, acting: str) -> list[FoundPost]:
        """The comments of one topic written since `after`; none if the topic is gone."""
        oldest = datetime.fromtimestamp(max(after, 0), UTC)
        try:
            rows: Mapping[str, Row] = await read_comments(self._client, self._settings, topic, after=oldest)
        except NetworkError as error:
            if error.outcome is not Outcome.GONE:
                raise
            log.info("%s: comments of topic %s are closed to us (%s)", self.feed, topic, error.code)
            return []
        made = (
            found_comment(row, topic=topic, group=group, pages=self._pages, acting=acting)
            for row in rows.values()
        )
        return [post for post in made if post is not None and post.posted_at >= oldest]


def _group(row: Row) -> str:
    """The group a discussion belongs to; "" if it says of none."""
    groups: Sequence[Row] = objects(row, "ref_objects")
    return next((number(one, "id") for one in groups if str(one.get("type", "")).upper() == "GROUP"), "")
