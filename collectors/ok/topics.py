"""Topics: their words and pictures, made into `FoundPost`.

Source: https://apiok.ru/dev/methods/rest/mediatopic/mediatopic.getByIds
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from collectors.contract import NetworkError, Outcome
from collectors.ok.client import OkClient, broken
from collectors.ok.pages import HASHTAG_FIND, NETWORK, SITE, Pages, by_page
from collectors.ok.reading import Row, count, inner, moment, number, objects, reference
from collectors.ok.settings import OkSettings
from collectors.text import storable
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

GROUP_TOPIC: Final = "GROUP_TOPIC"
USER_TOPIC: Final = "USER_TOPIC"
_SIZES: Final = ("pic1024max", "pic_max", "pic1024x768", "pic640x480")  # best first
_BLOCKS: Final = 3  # `media_limit`, the most there is: text, photos and one more block of a topic


@dataclass(slots=True)
class Topics:
    """Topics as they came, and who and what their references mean."""

    rows: dict[str, Row] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)

    def add(self, topics: Sequence[Row], entities: Row) -> None:
        self.rows |= {identity: row for row in topics if (identity := number(row, "id"))}
        for kind in ("user", "group"):
            for one in objects(entities, f"{kind}s"):
                self.names[f"{kind}:{number(one, 'uid')}"] = storable(one.get("name"))
        for kind, prefix in (("group_photos", "group_photo"), ("user_photos", "photo")):
            for one in objects(entities, kind):
                url = next((str(one[size]) for size in _SIZES if isinstance(one.get(size), str)), "")
                known_as = one.get("ref")
                self.photos[f"{prefix}:{number(one, 'id')}"] = url
                if isinstance(known_as, str):
                    self.photos[known_as] = url


def native_id(kind: str, topic: str) -> str:
    return f"{kind}:{topic}"


def topic_url(gid: str, topic: str) -> str:
    return f"{SITE}/group/{gid}/topic/{topic}"


def comments_count(row: Row) -> int:
    return count(inner(row, "discussion_summary"), "comments_count")


async def read_topics(client: OkClient, settings: OkSettings, ids: Sequence[str]) -> Topics:
    """The topics of these ids; deleted ones are missing.

    Raises:
        NetworkError: they could not be read.
    """
    found = Topics()
    for start in range(0, len(ids), settings.topics_at_once):
        asked = ids[start : start + settings.topics_at_once]
        question: dict[str, str | int] = {
            "topic_ids": ",".join(asked),
            "media_limit": _BLOCKS,
            "fields": settings.topic_fields,
        }
        try:
            answer = await client.ask("mediatopic.getByIds", question)
        except NetworkError as error:
            if error.outcome is Outcome.GONE:
                continue
            raise
        if answer is None:
            continue  # OK's way to say "none of them"
        if not isinstance(answer, dict) or not isinstance(answer.get("media_topics"), list):
            raise broken("mediatopic.getByIds", "no list `media_topics` in the answer")
        found.add(objects(answer, "media_topics"), inner(answer, "entities"))
    return found


def found_topic(
    row: Row, *, topics: Topics, pages: Pages, acting: str, group: str = "", title: str = ""
) -> FoundPost | None:
    """A topic as a post; None if it is unusable.

    `group`: whose discussion it is, where the list of discussions has said so; `title` stands in for a text.
    """
    topic, at = number(row, "id"), moment(row)
    kind, owner = reference(row, "owner_ref")
    kind, owner = ("group", group) if group else (kind, owner)
    if not topic or at is None or not owner or kind not in {"group", "user"}:
        return None
    return _found(row, topic=topic, owner=(kind, owner), at=at, topics=topics, pages=pages, acting=acting,
                  title=title)  # fmt: skip


def _found(
    row: Row,
    *,
    topic: str,
    owner: tuple[str, str],
    at: datetime,
    topics: Topics,
    pages: Pages,
    acting: str,
    title: str,
) -> FoundPost:
    kind, identity = owner
    in_group = kind == "group"
    page = pages.of(identity) if in_group else None
    capability, reason = pages.reply(identity) if in_group else (ReplyCapability.MANUAL, HASHTAG_FIND)
    author = reference(row, "author_ref")
    if not any(author):
        author = owner  # a topic without an author of its own is its owner's
    named = topics.names.get(":".join(author), "")
    ours = page is not None and (author == owner or by_page(row, pages=pages, acting=acting))
    group_name = topics.names.get(f"group:{identity}", "") if in_group else ""
    return FoundPost(
        network=NETWORK,
        native_id=native_id(GROUP_TOPIC if in_group else USER_TOPIC, topic),
        text=_text(row) or storable(title),
        url=topic_url(identity, topic) if in_group else f"{SITE}/profile/{identity}/statuses/{topic}",
        posted_at=at,
        community_id=identity if in_group else "",
        community_title=(page.title if page is not None and page.title else group_name),
        author_name=named,
        photos=_photos(row, topics.photos),
        by_community=ours,
        reply_capability=capability,
        reply_reason=reason,
        territory=page.territory if page is not None else "",
    )


def _text(row: Row) -> str:
    blocks = (storable(block.get("text")) for block in objects(row, "media") if block.get("type") == "text")
    return "\n\n".join(block for block in blocks if block)


def _photos(row: Row, known: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    for block in objects(row, "media"):
        references = block.get("photo_refs")
        if isinstance(references, list):
            found += [known.get(one, "") for one in references if isinstance(one, str)]
    return tuple(storable(url) for url in found if url.startswith(("https://", "http://")))
