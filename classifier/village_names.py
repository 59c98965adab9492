"""How a settlement's name is put together and put into the nominative where no gazetteer has it."""

import re
from functools import lru_cache
from typing import Final

from classifier.place_forms import (
    adjective_nominative,
    is_adjective,
    known,
    settlement_nominative,
    tags,
    titled,
)
from classifier.place_page import Mention, Page
from classifier.place_words import (
    FIRST_NAMES,
    RANKS,
    TAILS,
    TYPES,
    TypeWord,
    word_set,
)

_TYPED: Final = 0.75
_CLIPPED: Final = re.compile(r"(?P<letter>[ВНБМ])\.\s?(?=[А-ЯЁ][а-яё]{3})")
_CLIPPED_STEMS: Final = {"В": "верхн", "Н": "нижн", "Б": "больш", "М": "мал"}
INTO: Final = word_set("в во из до от под")
"""Prepositions before a name of two capital words."""
_ONTO: Final = frozenset(["в", "во", "из", "до", "на"])
_PAIRED: Final = re.compile(r"(?:верхн|нижн|больш|мал|стар|нов|средн|перв|втор|красн|сух|бел)[а-я]{2,4}")
_VILLAGE: Final = ("ово", "ево", "ино", "ыно")
_SHORTEST_VILLAGE: Final = 5
_MOST_WORDS: Final = 2
_SHORTEST_PART: Final = 4
_HAS_DISTRICT: Final = re.compile(r"\s{1,2}(?:район|р-н|с/с|сельсовет)")


@lru_cache(maxsize=4_096)
def known_town(word: str) -> bool:
    return known(word) and "Geox" in tags(word)[0]


def is_pair(page: Page, words: list[tuple[str, int, int]]) -> bool:
    return len(words) > 1 and page.capital(words[1][1]) and len(words[1][0]) >= _SHORTEST_PART


@lru_cache(maxsize=8_192)
def sounds_like(word: str) -> frozenset[str]:
    """The prepositions that make a village of a capital word, if any do."""
    if word.endswith(_VILLAGE) and len(word) > _SHORTEST_VILLAGE:
        return _ONTO
    return INTO if _PAIRED.fullmatch(word) else frozenset()


def clipped(page: Page, at: int, start: int) -> Mention | None:
    """«Н. Гридино», «Б.Угоны»: the adjective is one letter."""
    found = _CLIPPED.match(page.text, at)
    if found is None:
        return None
    word, _, end = page.words_at(found.end(), 1)[0]
    stem = _CLIPPED_STEMS[found["letter"]]
    if word.endswith(("ова", "ева")):
        return None  # a person: «М. Жукова»
    soft = stem in {"верхн", "нижн"}
    if word.endswith(("о", "е")):
        ending = "ее" if soft else "ое"
    elif word.endswith(("а", "я")):
        ending = "яя" if soft else "ая"
    elif word.endswith(("ы", "и")):
        ending = "ие" if soft or stem == "больш" else "ые"
    else:
        ending = {"больш": "ой"}.get(stem, "ий" if soft else "ый")
    name = titled(f"{stem}{ending} {word}")
    return Mention(start, end, "settlement", name, name, "", _TYPED, "")


def rest_end(page: Page, end: int, rest: str) -> int:
    """Where a name of several words ends, or 0 if its other words do not follow."""
    if not rest:
        return end
    gap = 1 if page.low[end : end + 1].isspace() else 0
    till = end + gap + len(rest)
    follows = gap and page.low.startswith(rest, end + gap) and not page.low[till : till + 1].isalpha()
    return till if follows else 0


def size_of(page: Page, words: list[tuple[str, int, int]], *, imeni: bool) -> int:
    if imeni:
        return min(3, len(words))
    if words[0][0] in FIRST_NAMES | RANKS and len(words) > 1 and page.capital(words[1][1]):
        return 2
    if len(words) > 1 and words[1][0] in TAILS and is_adjective(words[0][0]):
        return 2
    size = 1
    while (
        size < len(words)
        and size < _MOST_WORDS
        and page.capital(words[size][1])
        and words[size][0] not in TYPES
    ):
        first = words[0][0]
        if words[size][0].endswith(("ского", "цкого", "ский")) and _HAS_DISTRICT.match(
            page.low, words[size][2]
        ):
            break
        if not first.endswith(
            ("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ого", "его", "ом", "ем", "ых", "их", "ей")
        ):
            break
        size += 1
    return size


def nominative(said: list[str], type_word: TypeWord) -> list[str]:
    if len(said) == 1:
        return [settlement_nominative(said[0], type_word.gender, short=type_word.short)]
    return pair_nominative(said)


def pair_nominative(said: list[str]) -> list[str]:
    if len(said) == 1:
        return said
    head, tail = said
    if head in FIRST_NAMES | RANKS:
        return said
    if tail.endswith(("ово", "ево", "ино", "ыно", "ове", "еве", "ова")):
        return [adjective_nominative(head, "neut"), f"{tail[:-1]}о"]
    if head.endswith(("ая", "ой", "ую", "ей", "яя")):
        return [adjective_nominative(head, "femn"), settlement_nominative(tail, "femn", short=False)]
    if head.endswith(("ые", "ых", "ие", "их")):
        return said
    return [adjective_nominative(head, "masc"), _without_case(tail)]


def _without_case(tail: str) -> str:
    """«(в Старом) Бузце» → «Бузец»."""
    if tail.endswith(("це", "ца", "цу")) and tail[-3] not in "аеиоуыя":
        return f"{tail[:-2]}ец"
    return (
        tail[:-1]
        if tail.endswith(("е", "а", "у", "ом")) and tail[-2] not in "аеиоуыя" and tail[-1] != "м"
        else tail
    )
