"""How the checks read: one shape for look-alikes, sentences, words, and what stands around a place. Pure."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from incidents.answer_checks.findings import Span

_END: Final = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_BEFORE_DOT: Final = re.compile(r"([а-яёa-z]+)$", re.IGNORECASE)
# A dot after one of these ends no sentence.
_SHORT: Final = frozenset(
    (
        *("ул", "д", "дд", "кв", "г", "гг", "им", "тел", "пос", "обл", "р", "пр", "просп", "пер"),
        *("пл", "стр", "корп", "руб", "тыс", "млн", "млрд", "ст", "п", "пп", "ч", "т", "гр", "с"),
        *("к", "к-т", "исп", "зам", "мед", "ком", "ауд", "наб", "ш", "мкр"),
    )
)
_ODD: Final = re.compile(r"[^\x00-\x7fА-яЁё№«»]|[\t\r\x0b\x0c]")
_WORD: Final = re.compile(r"[А-ЯЁа-яёA-Za-z]+(?:-[А-ЯЁа-яёA-Za-z]+)*")


class Word(NamedTuple):
    """A word as written, and where."""

    text: str
    start: int
    end: int


@cache
def lists() -> dict[str, Any]:
    """The package's own words: words.toml."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@cache
def any_of(name: str) -> re.Pattern[str]:
    """One pattern of a list of words.toml: each is a regular expression from the beginning of a word."""
    found: Iterable[str] = lists()[name]
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})", re.IGNORECASE)


def level(text: str) -> str:
    """The text with every odd space, dash and digit as the plain one; as long as it was, so that spans hold."""
    return _ODD.sub(lambda match: _levelled(match.group()), text)


@cache
def _levelled(char: str) -> str:
    if char.isspace() or char in "\u200b\u200c\u200d\u2060\ufeff\u00ad":
        return " "
    if char in "‐‑‒–—―−":
        return "-"
    if char.isdecimal() and not char.isascii():
        return str(int(char))
    return char


def sentences(text: str) -> list[Span]:
    """A dot after «ул», «д», an initial and the like ends none."""
    found: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group() == "." and _is_short(text[max(0, match.start() - 6) : match.start()]):
            continue
        if text[start : match.end()].strip():
            found.append((start, match.end()))
        start = match.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return found


def _is_short(before: str) -> bool:
    word = _BEFORE_DOT.search(before)
    return word is not None and (len(word[1]) == 1 or word[1].casefold() in _SHORT)


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    return [
        Word(match.group(), match.start(), match.end())
        for match in _WORD.finditer(text, start, len(text) if end is None else end)
    ]


def folded(word: str) -> str:
    return word.casefold().replace("ё", "е")


def sentence_of(spans: Sequence[Span], at: int) -> Span:
    return next((span for span in spans if span[0] <= at < span[1]), (0, at))


def before(text: str, at: int, size: int) -> str:
    """At most so many characters before the place, of its own sentence or line."""
    piece = text[max(0, at - size) : at]
    cuts = [
        match.end()
        for match in _END.finditer(piece)
        if match.end() < len(piece) and not _is_short(piece[: match.start()])
    ]
    return piece[cuts[-1] :] if cuts else piece


def after(text: str, at: int, size: int) -> str:
    """At most so many characters after the place, of its own line."""
    return text[at : at + size].split("\n", 1)[0]


def last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match begins; -1 where there is none."""
    found = -1
    for match in pattern.finditer(text):
        found = match.start()
    return found
