"""A text being searched for places, and what is found in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from classifier.place_forms import small
from classifier.place_words import Sort

_WORD: Final = re.compile(r"[а-яa-z]++(?:-[а-яa-z]++|/[смд](?![а-я]))*+")
_BACKWARDS: Final = re.compile(r"[\s.,:«“\"'`„(]*([а-яa-z\d-]+)")
_GAP: Final = re.compile(r"\s{1,5}")
_NEAR: Final = 30
_BEHIND: Final = 70
_CAPITALS: Final = re.compile(r"[А-ЯЁ]+")
_CAPITAL: Final = re.compile(r"[А-ЯЁ](?<![А-Яа-яёЁA-Za-z.\d-][А-ЯЁ])[а-яё]{3,}+")
_LOUD: Final = re.compile(r"[А-ЯЁ][А-ЯЁ]{3}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named in a text.

    Attributes:
        start: offset in `features.plain(text)`; with `end` the span holds the type word and the house.
        type: settlement, street or quarter.
        name: the nominative without its type word, as a gazetteer has it.
        shown: for people: «ул. Ленина, 5», «д. Старый Бузец», «Железногорск».
        house: «5», «19Д», «10/1», «97К2»; empty if none.
        confidence: 0 … 1.
        territory: the municipality, where the gazetteer says it; else empty.
    """

    start: int
    end: int
    type: Sort
    name: str
    shown: str
    house: str
    confidence: float
    territory: str


class Page:
    """A plain text beside its small-letter twin of the same length."""

    __slots__ = ("capitals", "low", "shouts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.low = small(text)
        self.shouts = bool(_LOUD.search(text)) and 2 * sum(map(len, _CAPITALS.findall(text))) > len(text)
        self.capitals = [(found.start(), found.end()) for found in _CAPITAL.finditer(text)]
        """Spans of words of four letters and more that begin with a capital one and go on in small ones."""

    def triggers(self, wanted: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
        """The small-letter words that are among `wanted`, with their spans. Costs next to nothing where none is."""
        words = _WORD.findall(self.low)
        if wanted.keys().isdisjoint(words):
            return
        at = 0
        for word in words:  # faster than match objects
            start = self.low.find(word, at)
            at = start + len(word)
            if word in wanted:
                yield word, start, at

    def behind(self, start: int) -> str:
        """The small letters that stand before `start`, some seventy."""
        return self.low[max(0, start - _BEHIND) : start]

    def word_before(self, start: int) -> str:
        """The small-letter word before `start`, whatever marks stand between; empty if none is near."""
        found = _BACKWARDS.match(self.low[max(0, start - _NEAR) : start][::-1])
        return found[1][::-1] if found else ""

    def spaced(self, start: int) -> bool:
        """Whether white space stands before `start`."""
        return self.low[start - 1 : start].isspace()

    def capital(self, start: int) -> bool:
        """Whether a capital letter at `start` means something: in a text all in capitals it does not."""
        return not self.shouts and self.text[start : start + 1].isupper()

    def words_at(self, start: int, most: int) -> list[tuple[str, int, int]]:
        """Up to `most` words, parted by spaces only, with their spans; the first begins at `start`."""
        found: list[tuple[str, int, int]] = []
        while len(found) < most:
            match = _WORD.match(self.low, start)
            if match is None:
                break
            found.append((match[0], match.start(), match.end()))
            gap = _GAP.match(self.low, match.end())
            if gap is None or len(found) == most:
                break
            start = gap.end()
        return found
