"""Links to Instagram as people paste them.

A media's short code is not its number in the API and cannot be turned into it: it stands as the native id until
the answered media is read (verify.py). The web's number of a comment may be the API's, or its older one.
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from collectors.contract import Link, Page
from collectors.instagram.posts import NETWORK

_HOSTS: Final = frozenset({"instagram.com", "instagr.am"})
_KINDS: Final = frozenset({"p", "reel", "reels", "tv"})
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{5,40}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{5,30}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9._]{1,30}", re.ASCII)
_NO_PAGES: Final = frozenset({"explore", "accounts", "stories", "direct", "about", "developer", "legal"})


def parse_link(text: str) -> Link | None:
    """The media or the comment a link names, None if it is neither."""
    url = _instagram(text)
    if url is None:
        return None
    parts = [part for part in url.path.split("/") if part]
    if len(parts) > 2 and parts[0] not in _KINDS and parts[1] in _KINDS:  # noqa: PLR2004 - <name>/p/<code>
        parts = parts[1:]
    if len(parts) < 2 or parts[0] not in _KINDS or not _CODE.fullmatch(parts[1]):  # noqa: PLR2004 - p/<code>
        return None
    code, rest = parts[1], parts[2:]
    match rest:
        case []:
            return Link(NETWORK, code)
        case ["c", comment] | ["c", _, "r", comment] if _NUMBER.fullmatch(comment):
            return Link(NETWORK, comment, code)
        case _:
            return None


def page_of_link(text: str) -> Page | None:
    """The account a link leads to, None if it leads to none."""
    url = _instagram(text)
    if url is None:
        return None
    parts = [part for part in url.path.split("/") if part]
    if len(parts) != 1 or not _NAME.fullmatch(parts[0]) or parts[0].lower() in _NO_PAGES | _KINDS:
        return None
    return Page("", parts[0].lower())


def _instagram(text: str) -> SplitResult | None:
    """The address, if it is one of Instagram's; the scheme may be left out."""
    text = text.strip()
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        host = (url.hostname or "").lower()
    except ValueError:
        return None
    host = host.removeprefix("www.").removeprefix("m.")
    return url if url.scheme in {"http", "https"} and host in _HOSTS else None
