"""Residents' text made fit for a phone: cleaned and cut before it is escaped, so no cut can break the HTML."""

import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from handlers.words import Html

_CONTROLS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_TURNERS: Final = re.compile(
    "[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]"
)  # they turn the card's own words
_BLANK_LINES: Final = re.compile(r"\n\s*\n\s*")
_FIRST_STRONG: Final = "\u2068"
_POP: Final = "\u2069"
_JOINER: Final = "\u200d"
_MARKS: Final = 2  # in a row; natural scripts need no more, zalgo has dozens
_ROOM: Final = 600  # UTF-16 units that escaping may add; a text of nothing but "&" is cut sooner
_LINES: Final = 15
_EVERY_LINE: Final = 1000
_AT_ONCE: Final = 800  # UTF-16 units: half a screen of a phone, the other half is for what is said of it
_ELLIPSIS: Final = "…"


def utf16(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def excerpt(text: str, limit: int, *, lines: int = _LINES) -> str:
    """At most `limit` UTF-16 units of the text in at most so many lines, with "…" where it was cut."""
    whole = _calm(text)
    shown = _cut("\n".join(whole.split("\n")[:lines]), limit - 1)
    if shown == whole and utf16(whole) < limit:
        return _isolated(whole)
    return _isolated(shown.rstrip(_JOINER + " \n") + _ELLIPSIS)


def line(text: str, limit: int) -> str:
    """The same as one line: for titles, names and buttons."""
    return excerpt(" ".join(text.split()), limit)


def quoted(text: str, limit: int, *, lines: int = _LINES) -> Html:
    """The excerpt, escaped."""
    return Html(html.escape(excerpt(text, limit, lines=lines), quote=False))


def whole(text: str, limit: int) -> Html:
    """All of the text's lines, escaped; behind a fold where they would fill a phone's screen."""
    shown = quoted(text, limit, lines=_EVERY_LINE)
    if utf16(text) <= _AT_ONCE and len(text.split("\n")) <= _LINES:
        return shown
    return Html(f"<blockquote expandable>{shown}</blockquote>")


def folded(rows: Sequence[Html | str], *, shown: int) -> Html:
    """Lines of HTML, all but the first `shown` of them behind a fold that a touch opens.

    A fold around one or two lines would take more room than they do.
    Source: https://core.telegram.org/bots/api#html-style (expandable block quotation)
    """
    if len(rows) <= shown + 2:
        return Html("\n".join(rows))
    rest = "\n".join(rows[shown:])
    return Html("\n".join([*rows[:shown], f"<blockquote expandable>{rest}</blockquote>"]))


def link(url: str, text: str) -> Html:
    """The text, leading to the address where that is one Telegram accepts."""
    words = html.escape(text, quote=False)
    if not is_link(url):
        return Html(words)
    return Html(f'<a href="{html.escape(url, quote=True)}">{words}</a>')


def is_link(url: str) -> bool:
    """Whether Telegram would take it in a button: one bad address would lose the whole message."""
    if re.search(r"[\s\x00-\x1f]", url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _calm(text: str) -> str:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r", "")
    text = _TURNERS.sub("", _CONTROLS.sub(" ", text))
    calm: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MARKS:
            calm.append(char)
    return _BLANK_LINES.sub("\n\n", "".join(calm)).strip()


def _cut(text: str, limit: int) -> str:
    visible = raw = 0
    for at, char in enumerate(text):
        visible += utf16(char)
        raw += utf16(html.escape(char, quote=False))
        if visible > limit or raw > limit + _ROOM:
            return text[:at]
    return text


def _isolated(text: str) -> str:
    """Right-to-left text is kept from turning the numbers and times around it."""
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"{_FIRST_STRONG}{text}{_POP}"
    return text
