"""VK's reading methods.

Source: https://dev.vk.com/ru/method/wall , .../newsfeed.search , .../groups , .../users , .../utils
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any, Final

from sandbox.vk import shapes
from sandbox.vk.params import Params
from sandbox.vk.refusals import Refusal, bad_parameter
from sandbox.vk.things import RIGHTS, Comment, Post, Token
from sandbox.vk.world import Unknown, VkWorld

SEARCH_SHOWS: Final = 1000
_DAY: Final = 86_400
_GONE: Final = "post was not found or was deleted"


def wall_get(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    owner = _owner(world, params)
    posts = world.walls.get(owner, [])
    chosen = params.get("filter") or "all"
    if chosen == "owner":
        posts = [one for one in posts if one.from_id == owner]
    elif chosen == "others":
        posts = [one for one in posts if one.from_id != owner]
    elif chosen != "all":
        raise Refusal(15, f"no access to filter {chosen}")
    pinned = [one for one in posts if one.pinned]
    if pinned:
        posts = [*(one for one in posts if not one.pinned), *pinned]  # shown from the end
    offset, count = params.between("offset", 0, most=10**9), params.between("count", 20, most=100)
    shown = _from_the_end(posts, offset, count)
    return _posts(world, params, shown, total=len(posts))


def wall_get_by_id(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    params.text("posts")
    found = []
    for name in params.many("posts"):
        owner, _, number = name.partition("_")
        if not (owner.lstrip("-").isdecimal() and number.isdecimal()):
            raise bad_parameter("posts is invalid")
        one = world.post(int(owner), int(number))
        found += [one] if one is not None else []
    answer = _posts(world, params, found, total=len(found))
    del answer["count"]
    return answer


def wall_search(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    owner = _owner(world, params)
    words = params.text("query").lower().split()
    found = [one for one in world.walls.get(owner, []) if _has(one, words)]
    if params.flag("owners_only"):
        found = [one for one in found if one.from_id == owner]
    offset, count = params.between("offset", 0, most=10**9), params.between("count", 20, most=100)
    return _posts(world, params, _from_the_end(found, offset, count), total=len(found))


def newsfeed_search(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    """Newest first, the first 1000 of the period only; `start_from` is the place reached."""
    # VK documents neither minus-words nor quotes for this search.
    words = [bare for word in params.text("q").lower().split() if (bare := word.lstrip("-"))]
    count = params.between("count", 30, most=200)
    start = params.whole("start_time", world.unix() - _DAY)
    end = params.whole("end_time", world.unix())
    period = world.timeline[
        bisect_left(world.timeline, start, key=_date) : bisect_right(world.timeline, end, key=_date)
    ]
    found = [one for one in reversed(period) if _has(one, words)]
    shown = found[:SEARCH_SHOWS]
    place = params.get("start_from", "").partition("/")[0] or "0"
    if not place.isdecimal():
        raise bad_parameter("start_from is invalid")
    offset = int(place)
    page = shown[offset : offset + count]
    answer = _posts(world, params, page, total=len(shown))
    answer["total_count"] = len(found)
    if offset + count < len(shown):
        following = shown[offset + count]
        answer["next_from"] = f"{offset + count}/{following.owner_id}_{following.id}"
    return answer


def wall_get_comments(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    post = _post(world, params)
    if params.get("comment_id"):
        level = [one for one in _comment(world, post, params.whole("comment_id")).thread if not one.deleted]
    else:
        level = [one for one in post.comments if _stands(one)]
    total = len(level)
    sort = params.get("sort") or "asc"
    if sort not in {"asc", "desc", "smart"}:
        raise bad_parameter("sort is invalid")
    if sort == "desc":
        level = level[::-1]
    offset = params.whole("offset", 0)
    if params.get("start_comment_id"):
        first = params.whole("start_comment_id")
        offset += next((at for at, one in enumerate(level) if one.id == first), 0)
    count = params.between("count", 10, most=100)
    shown = level[max(offset, 0) : max(offset, 0) + count]
    inside = params.between("thread_items_count", 0, most=10)
    preview = params.between("preview_length", shapes.PREVIEW, most=10**6)
    answer: dict[str, Any] = {
        "count": post.live,
        "items": [shapes.comment(world, one, preview=preview, thread_items=inside) for one in shown],
        "current_level_count": total,
        "show_reply_button": True,
        **shapes.rights(world, post),
    }
    if params.flag("extended"):
        everyone = [one for top in shown for one in (top, *top.thread[:inside])]
        answer |= shapes.people(world, (one.from_id for one in everyone))
        answer["post_author_id"] = post.from_id
    return answer


def wall_get_comment(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    owner = params.whole("owner_id")
    found = world.comments.get((owner, params.whole("comment_id")))
    if found is None or found.deleted or (owner, found.post_id) not in world.posts:
        raise Refusal(15, "comment was not found or was deleted")
    answer: dict[str, Any] = {"items": [shapes.comment(world, found, preview=0, thread_items=10)]}
    return answer | shapes.people(world, [found.from_id]) if params.flag("extended") else answer


def groups_get_by_id(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    asked = params.many("group_ids") or params.many("group_id")
    if not asked and token.kind == "community":
        asked = [str(token.community_id)]
    if not asked:
        raise bad_parameter("group_ids is undefined")
    found = [
        shapes.group(one, params.many("fields"))
        for key in asked
        for one in world.communities.values()
        if key.lower() in {str(one.id), one.name.lower(), f"club{one.id}", f"public{one.id}"}
    ]
    if not found:
        raise Refusal(100, "group_ids is invalid")
    return {"groups": found, "profiles": []}


def groups_get_token_permissions(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    settings = [{"name": name, "setting": RIGHTS[name]} for name in token.rights if name in RIGHTS]
    return {"mask": sum(RIGHTS.get(name, 0) for name in token.rights), "permissions": settings}


def users_get(world: VkWorld, params: Params, token: Token) -> list[dict[str, Any]]:
    numbers = [int(one) for one in params.many("user_ids") if one.isdecimal()]
    fields, address = params.many("fields"), {number: name for name, number in world.addresses.items()}
    found = [shapes.user(number, world.users[number]) for number in numbers if number in world.users]
    for person in found:
        if "verified" in fields:
            person["verified"] = 0
        if "screen_name" in fields:
            person["screen_name"] = address.get(person["id"], f"id{person['id']}")
    return found


def utils_get_server_time(world: VkWorld, params: Params, token: Token) -> int:
    return world.unix()


def utils_resolve_screen_name(world: VkWorld, params: Params, token: Token) -> dict[str, Any] | list[Any]:
    name = params.text("screen_name").lower()
    for one in world.communities.values():
        if name in {one.name.lower(), f"club{one.id}"}:
            return {"type": "group", "object_id": one.id}
    if name in world.addresses:
        return {"type": "user", "object_id": world.addresses[name]}
    return []


def _owner(world: VkWorld, params: Params) -> int:
    domain = params.get("domain", "")
    if domain and not params.get("owner_id"):
        for one in world.communities.values():
            if domain.lower() == one.name.lower():
                return -one.id
        raise bad_parameter("domain is invalid")
    owner = params.whole("owner_id")
    if owner < 0 and -owner not in world.communities:
        raise Refusal(15, "group is blocked")
    return owner


def _post(world: VkWorld, params: Params) -> Post:
    owner = params.whole("owner_id")
    found = world.post(owner, params.whole("post_id"))
    if found is None:
        raise Refusal(15, _GONE)
    return found


def _comment(world: VkWorld, post: Post, number: int) -> Comment:
    try:
        found = world.comment(post.owner_id, number)
    except Unknown:
        raise Refusal(15, "comment was not found or was deleted") from None
    return found if found.top is None else world.comment(post.owner_id, found.top)


def _stands(one: Comment) -> bool:
    return not one.deleted or any(not inner.deleted for inner in one.thread)


def _has(one: Post, words: Iterable[str]) -> bool:
    text = one.text.lower()
    return all(word.removeprefix("-") not in text if word[0] == "-" else word in text for word in words)


def _date(one: Post) -> int:
    return one.date


def _from_the_end(posts: list[Post], offset: int, count: int) -> list[Post]:
    """Newest first, without turning the whole wall round."""
    end = max(len(posts) - offset, 0)
    return posts[max(end - count, 0) : end][::-1]


def _posts(world: VkWorld, params: Params, shown: list[Post], *, total: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"count": total, "items": [shapes.post(world, one) for one in shown]}
    if params.flag("extended"):
        answer |= shapes.people(world, [owner for one in shown for owner in (one.owner_id, one.from_id)])
    return answer
