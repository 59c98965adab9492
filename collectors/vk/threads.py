"""All comments under one post, threads included.

Source: https://dev.vk.com/ru/method/wall.getComments
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.vk.client import VkClient
from collectors.vk.communities import rows, whole
from collectors.vk.posts import Row, names

SHOWN_IN_THREAD = 10  # the most `thread_items_count` allows; a longer thread needs its own calls
RIGHTS = ("can_post", "groups_can_post")


@dataclass(slots=True)
class Comments:
    """`rights` holds the post's `can_post` and `groups_can_post`. `rows` has deleted comments too."""

    rows: dict[int, Row] = field(default_factory=dict)
    who: dict[int, str] = field(default_factory=dict)
    rights: dict[str, object] = field(default_factory=dict)


async def read_comments(
    client: VkClient, *, owner_id: int, post: int, page_size: int, most_pages: int
) -> Comments:
    """Every comment of a post, newest first, threads of any length whole.

    `most_pages` bounds each level, so an answer that never ends does.

    Raises:
        NetworkError: the comments cannot be read.
    """
    found = Comments()
    where = {"owner_id": owner_id, "post_id": post}
    level = await _level(client, found, where, page_size=page_size, most_pages=most_pages, sort="desc")
    for number, comment in level.items():
        thread = comment.get("thread")
        if not isinstance(thread, dict):
            continue
        shown = {inner: row for row in _items(thread) if (inner := whole(row, "id")) is not None}
        found.rows |= shown
        if (whole(thread, "count") or 0) > len(shown):
            inside = {**where, "comment_id": number}
            await _level(client, found, inside, page_size=page_size, most_pages=most_pages, sort="asc")
    return found


async def _level(
    client: VkClient,
    found: Comments,
    where: Mapping[str, int],
    *,
    page_size: int,
    most_pages: int,
    sort: str,
) -> dict[int, Row]:
    level: dict[int, Row] = {}
    # Pages overlap: a comment deleted between two calls moves the rest up by one.
    step = page_size - page_size // 10
    for page in range(most_pages):
        answer = await client.call(
            "wall.getComments",
            {
                **where,
                "offset": page * step,
                "count": page_size,
                "sort": sort,
                "preview_length": 0,  # whole texts; VK cuts them at 90 characters unless told not to
                "extended": 1,
                "thread_items_count": SHOWN_IN_THREAD,
            },
        )
        items = {number: row for row in rows(answer, "items") if (number := whole(row, "id")) is not None}
        found.who |= names(answer)
        # The first answer speaks of the post; a thread's own, later, must not overrule it.
        found.rights = {key: answer[key] for key in RIGHTS if key in answer} | found.rights
        nothing_new = items.keys() <= level.keys()
        level |= items
        total = whole(answer, "current_level_count") or whole(answer, "count") or 0
        if nothing_new or page * step + page_size >= total:
            break
    found.rows |= level
    return level


def _items(thread: Row) -> list[Row]:
    items = thread.get("items")
    return [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
