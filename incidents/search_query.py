"""One line of a question taken apart: words, phrases, what to leave out, whose, when, how it stands. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from incidents.search_periods import NotADayError, Period, period_at
from incidents.search_words import LONGEST_WORD, folded, names, stem, telling, without_marks, words

LONGEST: Final = 300  # characters of a question; more is not read
_MOST_WORDS: Final = 20
_LARGEST_NUMBER: Final = 2**31 - 1
_SHORTEST_NAME: Final = 3  # letters: "ад" begins too many names
_Meaning = TypeVar("_Meaning", str, int)


@dataclass(frozen=True, slots=True)
class Term:
    """Stems that stand one after another; the last one's mere beginning, if `is_prefix`.

    `instead`: stems that would do as well, of a word that is nowhere.
    """

    stems: tuple[str, ...]
    is_prefix: bool = False
    instead: tuple[str, ...] = ()
    said: str = ""  # as the person wrote it


@dataclass(frozen=True, slots=True)
class Known:
    """What may stand after "status:", "topic:", "body:": folded name → what it means. Several names may mean one."""

    statuses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    topics: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bodies: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood. None: not asked for. `unknown`: what was not understood, as it was written."""

    number: int | None = None
    links: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    authors: tuple[Term, ...] = ()
    author_links: tuple[str, ...] = ()
    bodies: frozenset[int] | None = None
    statuses: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    period: Period | None = None
    unknown: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Asked(unknown=self.unknown)


_KEYS: Final[Mapping[str, str]] = {
    "орган": "body", "body": "body",
    "статус": "status", "status": "status",
    "тема": "topic", "topic": "topic",
    "автор": "author", "author": "author", "от": "author", "by": "author",
}  # fmt: skip
_KEY: Final = re.compile(rf"({'|'.join(_KEYS)}):\s*(?!//)")
_NUMBER: Final = re.compile(r"\s*(?:№|#|no\.?|n)?\s*(\d{1,10})\s*", re.ASCII | re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^\s<>\"]+|(?:[a-z0-9-]+\.)+[a-z]{2,10}/[^\s<>\"]+")
_QUOTED: Final = re.compile(r"(-?)[\"«“„]([^\"«»“”„]*)[\"»”]?")
_WORD: Final = re.compile(r"(-?)([^\W_]+)(\*?)")
_VALUE: Final = re.compile(r"[\"«“„]([^\"«»“”„]*)[\"»”]?|(\S+)")


def understand(text: str, *, today: date, known: Known | None = None) -> Asked:
    """Never fails: what cannot be understood is left out and named in `unknown`."""
    text = text[:LONGEST]
    if number := _NUMBER.fullmatch(text):
        value = int(number[1])
        if 0 < value <= _LARGEST_NUMBER:
            return Asked(number=value)
    return _Reading(text, today, known or Known()).asked()


class _Reading:
    """One question from left to right: at each place the first that fits is taken."""

    def __init__(self, text: str, today: date, known: Known) -> None:
        self._as_written = " ".join(without_marks(text).split())
        # Lower case letter by letter, so that a place in one is the same place in the other.
        self._text = "".join(one if len(one.lower()) != 1 else one.lower() for one in self._as_written)
        self._text = self._text.replace("ё", "е")
        self._today = today
        self._known = known
        self._found = Asked()

    def asked(self) -> Asked:
        at = 0
        tries: tuple[Callable[[int], int], ...] = (
            self._key, self._link, self._quoted, self._period, self._word,
        )  # fmt: skip
        while at < len(self._text):
            is_start = at == 0 or not self._text[at - 1].isalnum()
            after = next((end for read in tries if (end := read(at)) > at), at) if is_start else at
            at = max(after, at + 1)
        return replace(self._found, terms=self._telling(self._found.terms)[:_MOST_WORDS])

    @staticmethod
    def _telling(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Without "на" and "the", unless nothing else was asked; a quoted phrase keeps its own."""
        single = [folded(term.said) for term in terms if len(term.stems) == 1 and not term.is_prefix]
        others = len(terms) > len(single)
        kept = set(telling(["", *single] if others else single))
        return tuple(
            term for term in terms if len(term.stems) > 1 or term.is_prefix or folded(term.said) in kept
        )

    def _link(self, at: int) -> int:
        found = _LINK.match(self._text, at)
        if not found:
            return at
        link = self._as_written[at : found.end()].rstrip(".,;)")
        self._found = replace(self._found, links=(*self._found.links, link)[:3])
        return found.end()

    def _quoted(self, at: int) -> int:
        found = _QUOTED.match(self._text, at)
        if not found:
            return at
        self._add(tuple(stem(word) for word in words(found[2])), found[2].strip(), minus=bool(found[1]))
        return found.end()

    def _word(self, at: int) -> int:
        found = _WORD.match(self._text, at)
        if not found:
            return at
        plain = words(found[2])
        minus = bool(found[1])
        if found[3] and plain:
            beginning = plain[-1][:LONGEST_WORD]
            self._add((beginning,), f"{found[2]}*", minus=minus, is_prefix=True)
        for word in [] if found[3] else plain:
            self._add((stem(word),), word, minus=minus)
        return found.end()

    def _add(self, stems: tuple[str, ...], said: str, *, minus: bool, is_prefix: bool = False) -> None:
        if not stems:
            return
        # "дорога*" begins no stem, but the word itself is meant as well.
        itself = tuple({stem(stems[0])} - {stems[0]}) if is_prefix else ()
        term = Term(stems[:_MOST_WORDS], is_prefix, instead=itself, said=said)
        if minus:
            self._found = replace(self._found, without=(*self._found.without, term)[:_MOST_WORDS])
        elif term.stems not in [one.stems for one in self._found.terms]:
            self._found = replace(self._found, terms=(*self._found.terms, term))

    def _period(self, at: int) -> int:
        try:
            found = period_at(self._text, at, self._today)
        except NotADayError as error:
            end = int(error.args[0])
            self._misunderstood(at, end)
            return end
        if found is None or self._found.period is not None:
            return at
        self._found = replace(self._found, period=found[0])
        return found[1]

    def _key(self, at: int) -> int:
        key = _KEY.match(self._text, at)
        if not key:
            return at
        read = {
            "body": self._body,
            "status": self._status,
            "topic": self._topic,
            "author": self._author,
        }[_KEYS[key[1]]]
        end = read(key.end())
        if end == key.end():
            value = _VALUE.match(self._text, key.end())
            end = value.end() if value else key.end()
            self._misunderstood(at, end)
        return end

    def _misunderstood(self, at: int, end: int) -> None:
        self._found = replace(self._found, unknown=(*self._found.unknown, self._as_written[at:end])[:5])

    def _body(self, at: int) -> int:
        values, end = _named(self._text, at, self._known.bodies)
        if values:
            self._found = replace(self._found, bodies=(self._found.bodies or frozenset()) | values)
        return end

    def _status(self, at: int) -> int:
        values, end = _named(self._text, at, self._known.statuses)
        if values:
            self._found = replace(self._found, statuses=(self._found.statuses or frozenset()) | values)
        return end

    def _topic(self, at: int) -> int:
        values, end = _named(self._text, at, self._known.topics)
        if values:
            self._found = replace(self._found, topics=(self._found.topics or frozenset()) | values)
        return end

    def _author(self, at: int) -> int:
        link = _LINK.match(self._text, at)
        if link:
            said = self._as_written[at : link.end()]
            self._found = replace(self._found, author_links=(*self._found.author_links, said)[:3])
            return link.end()
        found = _VALUE.match(self._text, at)
        marks = names((found[1] or found[2] or "").removeprefix("@")) if found else []
        if not found or not marks:
            return at
        term = Term(tuple(marks), said=(found[1] or found[2]).strip())
        self._found = replace(self._found, authors=(*self._found.authors, term)[:3])
        return found.end()


def _named(
    text: str, at: int, meanings: Mapping[str, frozenset[_Meaning]]
) -> tuple[frozenset[_Meaning], int]:
    """What is named here and where the name ends: the longest known name, else every name one word begins.

    A word in another form will do: «дорога» is the beginning of «Дороги и мосты».
    """
    value = _VALUE.match(text, at)
    if value is None:
        return frozenset(), at
    whole = [name for name in meanings if text.startswith(name, at) and not _goes_on(text, at + len(name))]
    if whole and value[1] is None:
        name = max(whole, key=len)
        return meanings[name], at + len(name)
    said = (value[1] or value[2] or "").strip(" ,;")
    exact = meanings.get(said)
    if exact is not None:
        return exact, value.end()
    alike = _beginning_with(said, meanings)
    found = frozenset(one for name in alike for one in meanings[name])
    return found, value.end() if found else at


def _goes_on(text: str, at: int) -> bool:
    return at < len(text) and (text[at].isalnum() or text[at] in "_-")


def _beginning_with(said: str, names_known: Collection[str]) -> list[str]:
    wanted = [stem(word) for word in words(said)]
    if not wanted or len(said) < _SHORTEST_NAME:
        return []
    return [
        name for name in names_known if [stem(word) for word in words(name)[: len(wanted)]] == wanted
    ] or [name for name in names_known if name.startswith(said)]
