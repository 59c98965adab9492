"""Links to Odnoklassniki that a person may paste.

Source: https://apiok.ru/dev/methods/rest/url/url.getInfo, and the addresses a browser shows
"""

import re
from typing import Final
from urllib.parse import urlsplit

from collectors.contract import Link, Page
from collectors.ok.pages import NETWORK
from collectors.ok.topics import GROUP_TOPIC, native_id

_HOSTS: Final = frozenset(
    f"{prefix}{host}" for prefix in ("", "www.", "m.") for host in ("ok.ru", "odnoklassniki.ru")
)
_TOPIC: Final = re.compile(r"/(?:group/?\d{1,20}|[\w.-]{2,64})/topic/(\d{1,20})(?:/.*)?", re.ASCII)
_GROUP: Final = re.compile(r"/group/?(\d{1,20})(?:/.*)?", re.ASCII)
_NAME: Final = re.compile(r"/([A-Za-z][\w.-]{1,63})/?", re.ASCII)
# First parts of OK's own addresses: no group has such a name.
_RESERVED: Final = frozenset(
    {
        "app", "apps", "dk", "discussions", "feed", "game", "games", "gifts", "group", "groups", "guests", "help",
        "hobby", "live", "market", "messages", "music", "online", "profile", "search", "settings", "video",
    }
)  # fmt: skip


def parse_link(text: str) -> Link | None:
    """A link to a group's topic. Comments have no lasting links: theirs is the topic's.

    None: it is no topic of Odnoklassniki.
    """
    path = _path(text)
    found = _TOPIC.fullmatch(path) if path else None
    return Link(NETWORK, native_id(GROUP_TOPIC, found[1])) if found else None


def page_of_link(text: str) -> Page | None:
    """A link to a group, by its number or by its short name; a topic's link names its group as well."""
    path = _path(text)
    if path is None:
        return None
    numbered = _GROUP.fullmatch(path)
    if numbered:
        return Page(native_id=numbered[1])
    named = _NAME.fullmatch(re.sub(r"/topic/\d+.*", "", path))
    if named and named[1].lower() not in _RESERVED:
        return Page(native_id="", name=named[1].lower())
    return None


def _path(text: str) -> str | None:
    """The path of an address at OK; None for any other."""
    words = text.strip()
    try:
        parts = urlsplit(words if "://" in words else f"https://{words}")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or (parts.hostname or "") not in _HOSTS:
        return None
    return parts.path
