"""The place a text names: a known place of the territory, a street with its house, or a town.

Modest by intention: where the post stands says more about the territory than its words do.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from classifier import features

_KNOWN: Final = 0.9
_STREET: Final = 0.7
_SETTLEMENT: Final = 0.6
_TOWN: Final = 0.4  # a capital letter and the dictionary say "toponym"; surnames do so too

_NAME: Final = r"«?(?P<name>[А-ЯЁ0-9][\w-]{1,30}(?:\s[А-ЯЁ][\w-]{2,30})?)»?"
_HOUSE: Final = r"(?:\s*,?\s*(?:д\.|дом)?\s*(?P<house>\d{1,3}(?:\s?[а-гА-Г]\b)?(?:/\d{1,3})?)(?!\w))?"

_TYPES: Final = (
    (r"ул\.|улиц[аеуы]|ул", "ул.", "femn", _STREET),
    (r"просп\.|пр-т|пр\.|проспект[аеу]?", "проспект", "masc", _STREET),
    (r"пер\.|переул(?:ок|ке|ка)", "переулок", "masc", _STREET),
    (r"бульвар[аеу]?|б-р", "бульвар", "masc", _STREET),
    (r"шоссе", "шоссе", "neut", _STREET),
    (r"площад[ьи]|пл\.", "площадь", "femn", _STREET),
    (r"набережн(?:ая|ой|ую)|наб\.", "набережная", "femn", _STREET),
    (r"мкр\.?|мкрн\.?|микрорайон[аеу]?", "мкр.", "masc", _SETTLEMENT),
    (r"ЖК|жк", "ЖК", "masc", _SETTLEMENT),
    (r"СНТ|снт", "СНТ", "neut", _SETTLEMENT),
    (r"пос\.|пгт|пос[её]л(?:ок|ке|ка)", "посёлок", "masc", _SETTLEMENT),
    (r"сел[оеа]|с\.", "село", "neut", _SETTLEMENT),
    (r"деревн[яеию]|дер\.|д\.", "деревня", "femn", _SETTLEMENT),
)
_AFTER_TYPE: Final = tuple(
    (re.compile(rf"(?<![\w-])(?:(?i:{spelling}))\s*{_NAME}{_HOUSE}"), shown, gender, confidence)
    for spelling, shown, gender, confidence in _TYPES
)
_BEFORE_STREET: Final = re.compile(r"(?<!\w)(?P<name>[А-ЯЁ][\w-]{2,30}(?:ой|ая|ую))\s+улиц[аеуы]" + _HOUSE)
_CAPITAL: Final = re.compile(r"(?<![\w.-])[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)*")
_TOO_WIDE: Final = frozenset({"россия", "русь", "европа", "америка", "земля"})


class PlaceFinder:
    """Finds one place in a text. `places`: names of the territory in the nominative, as they are to be shown."""

    def __init__(self, places: Sequence[str] = ()) -> None:
        self._known = {_lemmas(place): place for place in places if _lemmas(place)}
        self._longest = max(map(len, self._known), default=0)

    def find(self, text: str) -> tuple[str, float]:
        """The place in the nominative and the confidence, 0 … 1; an empty name and 0 if there is none."""
        plain_text = features.plain(text)
        street = _typed(plain_text)
        if street and street[1] == _STREET:
            return street
        return self._named(plain_text) or street or _town(plain_text) or ("", 0.0)

    def _named(self, plain_text: str) -> tuple[str, float] | None:
        lemmas = _lemmas(plain_text)
        for size in range(self._longest, 0, -1):
            for at in range(len(lemmas) - size + 1):
                place = self._known.get(lemmas[at : at + size])
                if place is not None:
                    return place, _KNOWN
        return None


def _lemmas(text: str) -> tuple[str, ...]:
    return tuple(features.lemma(token) for token in features.tokens(text))


def _typed(plain_text: str) -> tuple[str, float] | None:
    for pattern, shown, gender, confidence in _AFTER_TYPE:
        found = pattern.search(plain_text)
        if found:
            return _address(shown, found, gender=gender), confidence
    found = _BEFORE_STREET.search(plain_text)
    return (_address("ул.", found, gender="femn"), _STREET) if found else None


def _address(shown: str, found: re.Match[str], *, gender: str) -> str:
    name = " ".join(_nominative(word, gender) for word in found["name"].split())
    house = f", {found['house']}" if found["house"] else ""
    return f"{shown} {name}{house}"


@lru_cache(maxsize=4_096)
def _nominative(word: str, gender: str) -> str:
    """«Садовой» → «Садовая» beside «улица»; a person's name stays in the genitive («Гагарина»)."""
    parse = features.morphology().parse(word)[0]
    if "ADJF" not in parse.tag or "Surn" in parse.tag:
        return word
    form = parse.inflect({gender, "nomn", "sing"})
    return form.word.capitalize() if form else word


def _town(plain_text: str) -> tuple[str, float] | None:
    for found in _CAPITAL.finditer(plain_text):
        name = _toponym(found[0])
        if name:
            return name, _TOWN
    return None


@lru_cache(maxsize=16_384)
def _toponym(word: str) -> str:
    parse = features.morphology().parse(word)[0]
    if "Geox" not in parse.tag or parse.normal_form in _TOO_WIDE or "ADJF" in parse.tag:
        return ""
    return "-".join(part.capitalize() for part in str(parse.normal_form).split("-"))
