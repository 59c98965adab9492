"""Quarters of a town: «мкр. Северный», «СНТ Рябинка», «парк Героев», «Северо-Западный район»."""

import re
from collections.abc import Iterator
from typing import Final

from classifier.place_forms import adjective_nominative, small, tags, titled
from classifier.place_page import Mention, Page
from classifier.place_words import (
    NOT_NAMES,
    NOT_QUARTERS,
    NOT_STREETS,
    TYPES,
    TypeWord,
)
from classifier.street_names import (
    is_road_adjective,
)

_TYPED: Final = 0.8
_BARE: Final = 0.5

_QUARTER: Final = re.compile(
    r"[\s.]{0,3}\)?\s?(?P<open>[«“\"'`„]?)\s?(?P<name>[А-ЯЁа-яё\d][А-ЯЁа-яё\d-]*(?:\s[А-ЯЁ\d][А-ЯЁа-яё\d-]*){0,2})"
)
_QUOTED: Final = re.compile(r"[\s.]{0,3}\)?\s?[«“\"'`„]\s?(?P<name>[^»”\"'`«“„\n]{2,40}?)\s?[»”\"'`“]")
_COMPASS: Final = re.compile(
    r"(?P<name>[а-я]{4,20}(?:-[а-я]{4,20})?(?:ый|ий|ой|ого|ему|ому|ом|им|ым))\s{1,2}$"
)
_SUGAR: Final = re.compile(r"(?<=на )сах(?:арн[а-я]{2}\s|\.?\s?)завод[а-я]?(?![а-я])")
_PARKS: Final = frozenset({"парк", "сквер"})
_LONGEST_NUMBER: Final = 3  # «мкр. 112»
_SHORTEST: Final = 3
_LONGEST_SPAN: Final = 60


def typed_quarter(page: Page, word: str, start: int, end: int) -> Mention | None:
    """The quarter whose type word stands at `start` … `end`."""
    type_word = TYPES[word]
    if page.low[start - 1 : start] == "(" and page.low[end : end + 1] == ")":
        start -= 1
    if word.startswith("округ"):
        return _okrug(page, start, end)
    compass = _compass(page, start, end, type_word) if type_word.shown == "мкр." else None
    if compass:
        return compass
    if not type_word.short and page.low[end : end + 1] == ".":
        return None
    found = _QUOTED.match(page.text, end) or _QUARTER.match(page.text, end)
    if found is None or found.end("name") - start > _LONGEST_SPAN:
        return None
    name = small(found["name"])
    first = name.split()[0] if name.split() else ""
    quoted = found.re is _QUOTED
    if not quoted and not _may_be_quarter(page, found.start("name"), first, type_word):
        return None
    if type_word.shown not in {"СНТ", "СТ", "ДНТ", "ЖК", "КП"} and not quoted:
        name = _quarter_nominative(name, type_word, page)
    shown = name if any(char.isdigit() for char in name) and " " not in name else titled(name)
    shown = shown.upper() if found["name"].isupper() and not page.shouts else shown
    return Mention(start, found.end(), "quarter", shown, f"{type_word.shown} {shown}", "", _TYPED, "")


def _may_be_quarter(page: Page, at: int, first: str, type_word: TypeWord) -> bool:
    if (
        not first
        or first in NOT_QUARTERS
        or first in NOT_NAMES
        or first in TYPES
        or page.low[at - 1 : at] == ")"
    ):
        return False
    if first[0].isdigit():
        return type_word.shown in {"мкр.", "квартал"} and len(first) <= _LONGEST_NUMBER
    if page.capital(at):
        return True
    if type_word.shown in _PARKS:
        return first.endswith(("ов", "ев", "ей")) and "anim" in tags(first)[0]
    return (
        type_word.short
        and len(first) > _SHORTEST
        and first.endswith(("ый", "ий", "ая", "ка", "ово", "ево", "ино"))
    )


def _quarter_nominative(name: str, type_word: TypeWord, page: Page) -> str:
    words = name.split()
    if len(words) > 1 and words[-1].isdigit():  # «микрорайоне Льгова 2»
        head = words[0]
        return f"{head[:-1] if head.endswith(('ва', 'на')) else head} {words[-1]}"
    return " ".join([adjective_nominative(words[0], type_word.gender), *words[1:]])


def _compass(page: Page, start: int, end: int, type_word: TypeWord) -> Mention | None:
    """«Северо-Западного микрорайона»: named by an adjective before the type word."""
    behind = page.behind(start)
    found = _COMPASS.search(behind)
    if found is None or found["name"] in NOT_STREETS:
        return None
    at = start - len(behind) + found.start("name")
    if not page.capital(at) and "-" not in found["name"]:
        return None
    name = titled(adjective_nominative(found["name"], "masc"))
    return Mention(at, end, "quarter", name, f"{type_word.shown} {name}", "", _TYPED, "")


def compass_district(page: Page, start: int, end: int) -> Mention | None:
    """«Северо-Западный район» is a part of a town, not a district of the region."""
    found = re.search(r"(?P<name>(?:северо|юго)-(?:запад|восточ|восток)[а-я]+)\s{1,2}$", page.behind(start))
    if found is None:
        return None
    at = start - len(page.behind(start)) + found.start("name")
    name = titled(adjective_nominative(found["name"], "masc"))
    return Mention(at, end, "quarter", name, f"{name} район", "", _TYPED, "")


def _okrug(page: Page, start: int, end: int) -> Mention | None:
    behind = page.behind(start)
    found = re.search(r"(?P<name>жд|ж/д|[а-я]{4,20})\s{1,2}$", behind)
    if found is None:
        return None
    at = start - len(behind) + found.start("name")
    word = found["name"]
    if word in {"жд", "ж/д"}:
        name = "железнодорожный"
    elif page.capital(at) and is_road_adjective(word, "masc"):
        name = adjective_nominative(word, "masc")
    else:
        return None
    shown = titled(name)
    return Mention(at, end, "quarter", shown, f"{shown} округ", "", _TYPED, "")


def sugar_factory(page: Page) -> Iterator[Mention]:
    """A settlement of a sugar factory, called so without a name in every beet region."""
    if "сах" not in page.low:
        return
    for found in _SUGAR.finditer(page.low):
        yield Mention(found.start(), found.end(), "quarter", "Сахзавод", "Сахзавод", "", _BARE, "")
