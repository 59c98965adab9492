"""Posts, comments and people as VK's answers show them.

Source: https://dev.vk.com/ru/reference/objects (API 5.199)
"""

from collections.abc import Container, Iterable
from typing import Any, Final

from sandbox.vk.things import Comment, Community, Post
from sandbox.vk.world import VkWorld

PREVIEW: Final = 90  # characters of a comment shown when `preview_length` is not sent
_MAY_LIKE: Final = {"can_like": 0, "count": 0, "user_likes": 0}


def post(world: VkWorld, one: Post) -> dict[str, Any]:
    closed = world.comments_closed(one)
    shape: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "id": one.id,
        "owner_id": one.owner_id,
        "from_id": one.from_id,
        "date": one.date,
        "text": one.text,
        "post_type": "post",
        "type": "post",
        "marked_as_ads": 0,
        "attachments": [_photo(one, url) for url in one.photos],
        "comments": {
            "count": one.live,
            "can_post": int(not closed),
            "groups_can_post": _groups_may(world, one),
        },
        "likes": dict(_MAY_LIKE),
        "reposts": {"count": 0, "user_reposted": 0},
        "views": {"count": 0},
        "hash": "",
    }
    if one.edited is not None:
        shape["edited"] = one.edited
    if one.pinned:
        shape["is_pinned"] = 1
    return shape


def comment(world: VkWorld, one: Comment, *, preview: int, thread_items: int) -> dict[str, Any]:
    """`preview`: characters of text, 0 for all; `thread_items`: how many of the thread to show."""
    text = one.text[:preview] + "…" if preview and len(one.text) > preview else one.text
    shape: dict[str, Any] = {
        "id": one.id,
        "from_id": one.from_id,
        "date": one.date,
        "text": "" if one.deleted else text,
        "post_id": one.post_id,
        "owner_id": one.owner_id,
        "parents_stack": [one.top] if one.top is not None else [],
        "attachments": [_photo(one, url) for url in one.photos],
    }
    if one.deleted:
        shape["deleted"] = True
    if one.top is None:
        shown = [inner for inner in one.thread if not inner.deleted]
        may = rights(world, world.posts[one.owner_id, one.post_id])
        shape["thread"] = {
            "count": len(shown),
            "items": [
                comment(world, inner, preview=preview, thread_items=0) for inner in shown[:thread_items]
            ],
            "show_reply_button": True,
            **may,
        }
    elif one.reply_to is not None:
        shape["reply_to_comment"] = one.reply_to
        shape["reply_to_user"] = world.comment(one.owner_id, one.reply_to).from_id
    return shape


def rights(world: VkWorld, one: Post) -> dict[str, bool]:
    return {"can_post": not world.comments_closed(one), "groups_can_post": _groups_may(world, one)}


def people(world: VkWorld, owners: Iterable[int]) -> dict[str, Any]:
    """`profiles` and `groups` of an extended answer."""
    there = set(owners)
    return {
        "profiles": [user(number, world.users[number]) for number in sorted(there) if number in world.users],
        "groups": [
            group(world.communities[-number]) for number in sorted(there) if -number in world.communities
        ],
    }


def user(number: int, name: str) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {
        "id": number,
        "first_name": first,
        "last_name": last,
        "can_access_closed": True,
        "is_closed": False,
    }


def group(one: Community, fields: Container[str] = ()) -> dict[str, Any]:
    shape = {"id": one.id, "name": one.title, "screen_name": one.name, "is_closed": 0, "type": "page"}
    return shape | {"verified": int(one.verified)} if "verified" in fields else shape


def _groups_may(world: VkWorld, one: Post) -> bool:
    community = world.communities.get(-one.owner_id)
    return not world.comments_closed(one) and (community is None or community.groups_may_comment)


def _photo(of: Post | Comment, url: str) -> dict[str, Any]:
    sizes = [
        {"type": "s", "url": f"{url}?size=s", "width": 75, "height": 50},
        {"type": "z", "url": url, "width": 1080, "height": 720},
        {"type": "x", "url": f"{url}?size=x", "width": 604, "height": 403},
    ]
    photo = {
        "id": 456_239_017,
        "album_id": -7,
        "owner_id": of.owner_id,
        "date": of.date,
        "has_tags": False,
        "text": "",
        "sizes": sizes,
    }
    return {"type": "photo", "photo": photo}
