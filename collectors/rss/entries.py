"""The entries of a feed. Sources: https://www.rssboard.org/rss-specification and RFC 4287 (Atom)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Final
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_TAG: Final = re.compile(r"<[^<>]*>")
_LONGEST: Final = 20_000  # characters of one entry


class NotAFeedError(Exception):
    """The bytes are no RSS and no Atom."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` names the entry for ever; `at` is None where the feed does not say."""

    key: str
    url: str
    text: str
    author: str
    at: datetime | None


def read_feed(content: bytes, *, base: str) -> tuple[str, list[Entry]]:
    """The feed's title and its entries, as they stand in it.

    Raises:
        NotAFeedError: no XML, XML with a DTD or entities, or XML of another kind.
    """
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise NotAFeedError(type(error).__name__) from None
    if _name(root) not in {"rss", "RDF", "feed"}:
        raise NotAFeedError(f"<{_name(root)[:40]}> is no feed")
    channels = list(_children(root, "channel"))
    # RSS 2.0 has its items in the channel, RSS 1.0 and Atom beside or without it.
    items = [one for place in (root, *channels) for one in _children(place, "item", "entry")]
    head = channels[0] if channels else root
    title = _plain(_text(head, "title"))
    return title, [entry for item in items if (entry := _entry(item, base)) is not None]


def _entry(item: Element, base: str) -> Entry | None:
    url = _address(base, _link(item))
    key = _text(item, "guid") or _text(item, "id") or url
    words = [_plain(_text(item, "title"))]
    body = _plain(_text(item, "encoded") or _text(item, "content") or _text(item, "description", "summary"))
    if body and body != words[0]:
        words.append(body)
    text = "\n\n".join(part for part in words if part)[:_LONGEST]
    if not key or not text or not url.startswith(("http://", "https://")):
        return None
    # Keys are addresses of any length, and two sites may use the same: hashed together with the feed's.
    digest = hashlib.sha256(f"{base}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return Entry(digest, url, text, _author(item), _moment(item))


def _address(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:  # "http://[" and the like
        return ""


def _author(item: Element) -> str:
    """The name: in Atom an address of e-mail may stand beside it."""
    person = next(_children(item, "creator", "author"), None)
    name = (_text(person, "name") or "".join(person.itertext())) if person is not None else ""
    return _plain(name)[:200]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(item: Element, *names: str) -> Iterator[Element]:
    return (child for child in item if _name(child) in names)


def _text(item: Element, *names: str) -> str:
    for child in _children(item, *names):
        words = "".join(child.itertext()).strip()
        if words:
            return words
    return ""


def _link(item: Element) -> str:
    for child in _children(item, "link"):
        if child.get("rel", "alternate") == "alternate" and (found := child.get("href") or child.text):
            return found.strip()
    guid = next(_children(item, "guid"), None)
    is_link = guid is not None and guid.get("isPermaLink", "true") == "true"
    return (guid.text or "").strip() if is_link and guid is not None else ""


def _plain(markup: str) -> str:
    """HTML as it would be read: no tags, one space between words."""
    return " ".join(unescape(_TAG.sub(" ", markup)).replace("\0", "").split())


def _moment(item: Element) -> datetime | None:
    """RFC 822 (RSS) or RFC 3339 (Atom, Dublin Core)."""
    written = _text(item, "pubDate", "published", "date") or _text(item, "updated")
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            found = datetime.fromisoformat(written)
        except ValueError:
            return None
    try:
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
