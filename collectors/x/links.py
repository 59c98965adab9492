"""Links to X as people paste them, and as we make them.

Source: addresses as the site writes them; https://developer.x.com/en/docs/x-for-websites/tweet-button (Web Intent)
"""

import re
from typing import Final
from urllib.parse import urlencode, urlsplit

from collectors.contract import Link, Page

NETWORK: Final = "x"
SITE: Final = "https://x.com"
NATIVE: Final = re.compile(r"[0-9]{1,19}")
_HOSTS: Final = frozenset({"x.com", "twitter.com"})
_POST: Final = re.compile(r"(?:(\w{1,15})|i/web|i)/status(?:es)?/([0-9]{1,19})(?:/.*)?", re.ASCII)
_NAME: Final = re.compile(r"\w{1,15}", re.ASCII)
_NUMBERED: Final = re.compile(r"i/user/([0-9]{1,19})", re.ASCII)
# What the site itself stands under these addresses: never an account.
_SECTIONS: Final = frozenset(
    {"home", "explore", "search", "notifications", "messages", "settings", "login", "i", "intent", "hashtag"}
    | {"share", "compose", "jobs", "tos", "privacy", "about", "logout", "signup"}
)


def permalink(native_id: str, name: str = "") -> str:
    """The post's address; X finds the account by itself where `name` is unknown."""
    return f"{SITE}/{name}/status/{native_id}" if name else f"{SITE}/i/web/status/{native_id}"


def intent_url(native_id: str, text: str = "") -> str:
    """Where a person answers by hand: the answer's window, under the post, with the words already in it."""
    asked = {"in_reply_to": native_id} | ({"text": text} if text else {})
    return f"https://twitter.com/intent/tweet?{urlencode(asked)}"


def parse_link(text: str) -> Link | None:
    """The post a link names; None if it names none of X's.

    Known forms: x.com/name/status/1, x.com/i/web/status/1, x.com/i/status/1, twitter.com, mobile., www., and
    /photo/1 behind any.
    """
    path = _path(text)
    found = _POST.fullmatch(path) if path is not None else None
    return Link(NETWORK, found[2]) if found else None


def page_of_link(text: str) -> Page | None:
    """The account a link names: x.com/gorod, x.com/i/user/7; a link to its post, or @gorod, will do."""
    path = text.strip()[1:] if text.strip().startswith("@") else _path(text)
    if path is None:
        return None
    if numbered := _NUMBERED.fullmatch(path):
        return Page(native_id=numbered[1])
    if (post := _POST.fullmatch(path)) and post[1]:
        path = post[1]
    name = path.lower()
    if name in _SECTIONS or not _NAME.fullmatch(name):
        return None
    return Page(native_id="", name=name)


def _path(text: str) -> str | None:
    """The path without its slashes; None unless the address is X's."""
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.").removeprefix("m.")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or host not in _HOSTS:
        return None
    return parts.path.strip("/")
