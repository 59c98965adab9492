"""Links of t.me. Source: https://core.telegram.org/api/links#public-username-links and #message-links"""

import re
from typing import Final
from urllib.parse import urlsplit

from collectors.contract import Link, Page

NETWORK: Final = "telegram"
_HOSTS: Final = frozenset({"t.me", "telegram.me", "telegram.dog"})
_NAME: Final = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
# Addresses of t.me that are no chat's.
_NO_NAMES: Final = frozenset(
    {"joinchat", "share", "addstickers", "addemoji", "addlist", "addtheme", "proxy", "socks", "login"}
)
_PRIVATE: Final = re.compile(r"/c/(\d{1,16})/(?:\d{1,16}/)?(\d{1,16})/?", re.ASCII)
_SUPERGROUP: Final = 1_000_000_000_000  # chat id = -(this + the number in the link)


def message_id(chat_id: int, number: int) -> str:
    """The native id of a message."""
    return f"{chat_id}:{number}"


def message_url(chat_id: int, username: str, number: int, *, thread: int | None = None) -> str:
    """Where the message is seen: by name where the chat has one, else for members only."""
    inner = f"{thread}/{number}" if thread is not None else str(number)
    if username:
        return f"https://t.me/{username}/{inner}"
    return f"https://t.me/c/{-chat_id - _SUPERGROUP}/{inner}"


def parse_link(url: str) -> Link | None:
    """A message by the number of its chat; a link by the chat's name has no such number.

    Nor has "?comment=": it names a message of the discussion group by the number of the channel.
    """
    path = _path(url) if "comment=" not in url else None
    found = _PRIVATE.fullmatch(path) if path is not None else None
    if found is None:
        return None
    return Link(NETWORK, message_id(-(_SUPERGROUP + int(found[1])), int(found[2])))


def page_of_link(url: str) -> Page | None:
    """A channel or group by its name, or by the number of its chat."""
    text = url.strip()
    if re.fullmatch(r"-100\d{1,13}", text, re.ASCII):
        return Page(native_id=text)
    if text.startswith("@") and _NAME.fullmatch(text[1:]):
        return Page(native_id="", name=text[1:].lower())
    path = _path(text)
    if path is None:
        return None
    private = re.match(r"/c/(\d{1,16})(?:/|$)", path, re.ASCII)
    if private is not None:
        return Page(native_id=str(-(_SUPERGROUP + int(private[1]))))
    name = path.removeprefix("/s/").strip("/").partition("/")[0]
    is_name = _NAME.fullmatch(name) is not None and name.lower() not in _NO_NAMES
    return Page(native_id="", name=name.lower()) if is_name else None


def _path(url: str) -> str | None:
    text = url.strip()
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return address.path if host in _HOSTS and address.scheme in {"http", "https"} else None
