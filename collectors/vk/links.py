"""Links to VK as people paste them: posts, comments, pages.

Source: https://dev.vk.com/ru/reference/objects/post and .../comment; addresses as the site writes them
"""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from collectors.contract import Link, Page
from collectors.vk.posts import NETWORK, comment_id, post_id

_HOSTS: Final = frozenset({"vk.com", "vk.ru", "vkontakte.ru"})
_POST: Final = re.compile(r"wall(-?\d{1,19})_(\d{1,19})(?:_r(\d{1,19}))?", re.ASCII)
_COMMUNITY: Final = re.compile(r"(?:club|public|event)(\d{1,19})", re.ASCII)
_PERSON: Final = re.compile(r"id\d{1,19}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_.]{2,64}", re.ASCII)
# What the site itself stands under these addresses: never a page.
_SECTIONS: Final = frozenset(
    {
        "feed",
        "im",
        "al_feed.php",
        "groups",
        "friends",
        "video",
        "music",
        "search",
        "login",
        "settings",
        "share.php",
    }
)


def parse_link(text: str) -> Link | None:
    """The post or comment a link names; None if it names none of VK's.

    Known forms: /wall-1_2, ?reply=3, ?reply=5&thread=3, ?w=wall-1_2 over any page, w=wall-1_2_r3.
    """
    address = _address(text)
    if address is None:
        return None
    path, query = address
    found = _POST.fullmatch(path) or _POST.match((query.get("w") or query.get("z") or [""])[0])
    if found is None:
        return None
    owner, post = int(found[1]), int(found[2])
    reply = (query.get("reply") or [""])[0]
    comment = found[3] or (reply if reply.isascii() and reply.isdecimal() else None)
    root = post_id(owner, post)
    if comment is None:
        return Link(NETWORK, root)
    return Link(NETWORK, comment_id(owner, post, int(comment)), root_id=root)


def page_of_link(text: str) -> Page | None:
    """The page a link names: vk.com/gorod, vk.com/club1, vk.com/id7; a link to its post will do."""
    address = _address(text)
    if address is None:
        return None
    path, _ = address
    if post := _POST.fullmatch(path):
        owner = int(post[1])
        return Page(native_id=str(-owner) if owner < 0 else f"id{owner}")
    name = path.lower().removeprefix("@")
    if community := _COMMUNITY.fullmatch(name):
        return Page(native_id=community[1])
    if _PERSON.fullmatch(name):
        return Page(native_id=name)
    if name in _SECTIONS or not _NAME.fullmatch(name):
        return None
    return Page(native_id="", name=name)


def _address(text: str) -> tuple[str, dict[str, list[str]]] | None:
    """Path without its slashes, and the query; None unless it is VK's."""
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("m.").removeprefix("www.")
        query = parse_qs(parts.query)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or host not in _HOSTS:
        return None
    return parts.path.strip("/"), query
