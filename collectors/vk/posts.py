"""VK's posts and comments made into `FoundPost`.

Source: https://dev.vk.com/ru/reference/objects/post and .../comment
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from collectors.text import storable
from collectors.vk.communities import Communities, native_of, whole
from collectors.vk.text import readable
from incidents.incoming import FoundPost

NETWORK: Final = "vk"
SITE: Final = "https://vk.com"
_NOT_PUBLISHED: Final = frozenset({"postpone", "suggest"})

Row = Mapping[str, object]


def post_id(owner_id: int, number: int) -> str:
    return f"wall{owner_id}_{number}"


def comment_id(owner_id: int, post: int, number: int) -> str:
    return f"wall{owner_id}_{post}_r{number}"


def comment_url(owner_id: int, post: int, number: int, *, thread: int | None) -> str:
    url = f"{SITE}/{post_id(owner_id, post)}?reply={number}"
    return f"{url}&thread={thread}" if thread is not None else url


def names(answer: Row) -> dict[int, str]:
    """Who is who in an `extended` answer: owner id (a community's is negative) → name."""
    known: dict[int, str] = {}
    for user in _objects(answer.get("profiles")):
        number = whole(user, "id")
        if number is not None:
            both = (storable(user.get("first_name")), storable(user.get("last_name")))
            known[number] = " ".join(part for part in both if part)
    for group in _objects(answer.get("groups")):
        number = whole(group, "id")
        if number is not None:
            known[-number] = storable(group.get("name"))
    return known


def found_post(row: Row, *, who: Mapping[int, str], pages: Communities) -> FoundPost | None:
    """A wall post, or a comment that a search brought as one; None if it is unusable or not published."""
    if row.get("post_type") in _NOT_PUBLISHED or row.get("is_deleted"):
        return None
    owner, number = whole(row, "owner_id"), whole(row, "id")
    if owner is None or number is None:
        return None
    rights = _object(row.get("comments"))
    root = whole(row, "post_id")
    if row.get("post_type") == "reply" and root is not None:
        return found_comment(row, owner_id=owner, post=root, who=who, pages=pages, rights=rights)
    native = post_id(owner, number)
    return _found(
        row, native=native, url=f"{SITE}/{native}", owner_id=owner, who=who, pages=pages, rights=rights
    )


def found_comment(
    row: Row, *, owner_id: int, post: int, who: Mapping[int, str], pages: Communities, rights: Row
) -> FoundPost | None:
    """A comment under `post`; None if it is deleted or unusable."""
    number = whole(row, "id")
    if number is None or row.get("deleted"):
        return None
    stack = parents(row)
    parent = whole(row, "reply_to_comment") or (stack[-1] if stack else None)
    return _found(
        row,
        native=comment_id(owner_id, post, number),
        url=comment_url(owner_id, post, number, thread=stack[0] if stack else None),
        owner_id=owner_id,
        who=who,
        pages=pages,
        rights=rights,
        root=post_id(owner_id, post),
        parent=comment_id(owner_id, post, parent) if parent is not None else None,
    )


def parents(comment: Row) -> list[int]:
    """The comments above this one, the thread's first one first."""
    stack = comment.get("parents_stack")
    return [number for number in stack if isinstance(number, int)] if isinstance(stack, list) else []


def _found(
    row: Row,
    *,
    native: str,
    url: str,
    owner_id: int,
    who: Mapping[int, str],
    pages: Communities,
    rights: Row,
    root: str | None = None,
    parent: str | None = None,
) -> FoundPost | None:
    posted_at = _time(row, "date")
    author = whole(row, "from_id")
    if posted_at is None or author is None:
        return None
    page = pages.of(owner_id)
    capability, reason = pages.reply(owner_id, rights)
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=_whole_text(row),
        url=url,
        posted_at=posted_at,
        community_id=native_of(owner_id) if page is not None or owner_id < 0 else "",
        community_title=page.title if page is not None else who.get(owner_id, "") if owner_id < 0 else "",
        author_name=who.get(author, ""),
        root_id=root,
        parent_id=parent,
        edited_at=_time(row, "edited"),
        photos=_photos(row),
        by_community=pages.of(author) is not None,
        reply_capability=capability,
        reply_reason=reason,
        territory=page.territory if page is not None else "",
    )


def _whole_text(row: Row) -> str:
    """The author's own words, then the words of what is shared: a bare repost has none of its own."""
    history = row.get("copy_history")
    shared = [readable(copy.get("text")) for copy in _objects(history)]
    return "\n\n".join(part for part in (readable(row.get("text")), *shared) if part)


def _photos(row: Row) -> tuple[str, ...]:
    attached = (_object(item.get("photo")) for item in _objects(row.get("attachments")))
    urls = (_largest(photo) for photo in attached if photo)
    return tuple(url for url in urls if url.startswith(("https://", "http://")))


def _largest(photo: Row) -> str:
    sizes = [*_objects(photo.get("sizes")), _object(photo.get("orig_photo"))]
    best = max(sizes, key=lambda size: (whole(size, "width") or 0) * (whole(size, "height") or 0))
    return storable(best.get("url"))


def _time(row: Row, key: str) -> datetime | None:
    """Unix seconds → aware UTC; None for 0, for nothing, and for a year no calendar has."""
    seconds = whole(row, key)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _object(value: object) -> Row:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterable[Row]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
