"""Hashtags: the only search of other people's topics that Odnoklassniki has.

Source: https://apiok.ru/dev/methods/rest/search/search.tagContents
Polling: every 10 minutes, the time since the last search with an overlap.
Answers: by hand; in the registry's own groups as there.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError

from collectors.contract import Batch
from collectors.ok.client import OkClient, broken
from collectors.ok.pages import NETWORK, Account, Pages
from collectors.ok.reading import Row, inner, moment, objects, written
from collectors.ok.settings import OkSettings
from collectors.ok.topics import GROUP_TOPIC, USER_TOPIC, Topics, found_topic
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, hashtag_of, matches

log = logging.getLogger(__name__)


def compiled(keywords: Sequence[Keyword]) -> Sequence[str]:
    """What is asked of OK: hashtags, each once."""
    return [f"#{tag}" for tag in dict.fromkeys(hashtag_of(keyword) for keyword in keywords) if tag]


class _Place(BaseModel):
    """The cursor: topics written up to `seen` (Unix seconds) have been brought."""

    seen: int


class OkTag:
    """Finds topics with one hashtag; `keywords` are those that are searched by it."""

    def __init__(
        self,
        *,
        client: OkClient,
        settings: OkSettings,
        tag: str,
        keywords: Sequence[Keyword],
        pages: Pages,
        account: Account,
    ) -> None:
        self._client = client
        self._settings = settings
        self._tag = tag
        self._keywords = keywords
        self._pages = pages
        self._account = account

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"ok:tag:{self._tag}"

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self._settings.search_every_seconds)

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """The topics with the hashtag since `cursor`.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        await self._pages.resolve(self._client)
        acting = await self._account.uid()
        place = self._place(cursor, int(now.timestamp()))
        topics = await self._read(place.seen - self._settings.overlap_seconds)
        made = (
            found_topic(row, topics=topics, pages=self._pages, acting=acting) for row in topics.rows.values()
        )
        found = [post for post in made if post is not None and self._is_wanted(post)]
        times = [int(at.timestamp()) for row in topics.rows.values() if (at := moment(row)) is not None]
        # A date from the future would hide every topic before it.
        seen = max(place.seen, min(max(times, default=0), int(now.timestamp())))
        return Batch(found, _Place(seen=seen).model_dump_json())

    def _place(self, cursor: str | None, now: int) -> _Place:
        if cursor is not None:
            try:
                return _Place.model_validate_json(cursor)
            except ValidationError:
                log.warning("%s: the cursor is unreadable, starting anew", self.feed)
        overlap = self._settings.overlap_seconds
        return _Place(seen=now - int(self._settings.first_hours * 3600) + overlap)

    async def _read(self, since: int) -> Topics:
        """Every topic with the hashtag written after `since`, an endless answer cut after `most_pages`."""
        found = Topics()
        anchor, used = "", {""}
        asked_for = {
            "since": written(datetime.fromtimestamp(max(since, 0), UTC)),
            "types": [GROUP_TOPIC, USER_TOPIC],
        }
        for _ in range(self._settings.most_pages):
            question: dict[str, str | int] = {
                "query": self._tag,
                "filter": json.dumps(asked_for),
                "count": self._settings.found_per_page,
                "fields": self._settings.topic_fields,
            }
            if anchor:
                question["anchor"] = anchor
            answer = await self._client.call("search.tagContents", question)
            rows, entities = _rows(answer)
            known = len(found.rows)
            found.add(rows, entities)
            following = answer.get("anchor")
            if len(found.rows) == known or not isinstance(following, str) or following in used:
                break
            anchor = following
            used.add(anchor)
        else:
            log.warning("%s: stopped after %d pages", self.feed, self._settings.most_pages)
        return found

    def _is_wanted(self, post: FoundPost) -> bool:
        """OK was asked for the hashtag alone: the other words, and those that must not occur, are looked at here."""
        # Where the words did not come, OK is believed.
        return not post.text or any(matches(keyword, post.text) for keyword in self._keywords)


def _rows(answer: Row) -> tuple[list[Row], Row]:
    """The topics, which clients have found among the entities, and the entities."""
    entities = inner(answer, "entities")
    for holder in (entities, answer):
        if isinstance(holder.get("media_topics"), list):
            return objects(holder, "media_topics"), entities
    if "entities" in answer or "anchor" in answer:
        return [], entities  # nothing was found
    raise broken("search.tagContents", "neither `entities` nor `anchor` in the answer")
