"""Comments under one topic.

Source: https://apiok.ru/dev/methods/rest/discussions/discussions.getComments
"""

from datetime import datetime

from collectors.ok.client import OkClient, broken
from collectors.ok.pages import NETWORK, Pages, by_page
from collectors.ok.reading import Row, moment, number, objects
from collectors.ok.settings import OkSettings
from collectors.ok.topics import GROUP_TOPIC, native_id, topic_url
from collectors.text import storable
from incidents.incoming import FoundPost

_OWN_KEYS = ("discussionId", "discussionType", "has_more", "anchor")


def comment_id(topic: str, comment: str) -> str:
    return f"{native_id(GROUP_TOPIC, topic)}:{comment}"


async def read_comments(
    client: OkClient, settings: OkSettings, topic: str, *, after: datetime | None = None
) -> dict[str, Row]:
    """The comments of a topic by id, the newest pages first, down to those written before `after`.

    Nothing is marked as read: people share the account with us. An answer that never ends does, after
    `most_pages` pages or at the first page with nothing new.

    Raises:
        NetworkError: the comments cannot be read.
    """
    found: dict[str, Row] = {}
    anchor, used = "LAST", {""}
    for _ in range(settings.most_pages):
        answer = await client.call(
            "discussions.getComments",
            {
                "discussionId": topic,
                "discussionType": GROUP_TOPIC,
                "anchor": anchor,
                "direction": "BACKWARD",
                "count": settings.comments_per_page,
                "fields": settings.comment_fields,
                "mark_as_read": "false",
            },
        )
        page = {identity: row for row in _rows(answer) if (identity := number(row, "id"))}
        nothing_new = page.keys() <= found.keys()
        found |= page
        following = answer.get("anchor")
        if nothing_new or not answer.get("has_more") or not isinstance(following, str) or following in used:
            break
        if after is not None and _reaches(page, after):
            break
        anchor = following
        used.add(following)
    return found


def _rows(answer: Row) -> list[Row]:
    if isinstance(answer.get("comments"), list):
        return objects(answer, "comments")
    # A discussion without comments has been seen to come without the list.
    if "comments" not in answer and any(key in answer for key in _OWN_KEYS):
        return []
    raise broken("discussions.getComments", "no list `comments` in the answer")


def _reaches(page: dict[str, Row], after: datetime) -> bool:
    """Whether the page has come down to comments written before `after`."""
    times = [at for row in page.values() if (at := moment(row)) is not None]
    return bool(times) and min(times) < after


def found_comment(row: Row, *, topic: str, group: str, pages: Pages, acting: str) -> FoundPost | None:
    """A comment under a group's topic; None if it is unusable."""
    identity, at = number(row, "id"), moment(row)
    if not identity or at is None:
        return None
    page = pages.of(group)
    capability, reason = pages.reply(group)
    parent = number(row, "reply_to_comment_id")
    return FoundPost(
        network=NETWORK,
        native_id=comment_id(topic, identity),
        text=storable(row.get("text")),
        url=topic_url(group, topic),  # a comment has no lasting link of its own
        posted_at=at,
        community_id=group,
        community_title=page.title if page is not None else "",
        author_name=storable(row.get("author_name")),
        root_id=native_id(GROUP_TOPIC, topic),
        parent_id=comment_id(topic, parent) if parent and parent != "0" else None,
        by_community=by_page(row, pages=pages, acting=acting),
        reply_capability=capability,
        reply_reason=reason,
        territory=page.territory if page is not None else "",
    )
