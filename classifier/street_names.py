"""The name of a street as people write it: «К.Либкнехта», «50 лет октября», «1-я Заводская», «генерала григорова»."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from classifier.houses import house_at
from classifier.place_forms import FEMALE_SURNAMES, adjective_nominative, known, tags, titled
from classifier.place_page import Page
from classifier.place_words import (
    CLIPPED_ADJECTIVES,
    FIRST_NAMES,
    FULL_NAMES,
    NAME_STARTS,
    NOT_NAMES,
    NOT_STREETS,
    RANKS,
    TAILS,
    TYPES,
    WELL_KNOWN,
)

_MONTHS: Final = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
_GAP: Final = re.compile(r"[.\s_]{0,4}(?P<open>[«“\"'`„]?)\s?")
_SPACE: Final = re.compile(r":?\s{1,4}(?P<open>[«“\"'`„(]?)\s?")
_YEARS: Final = re.compile(
    r"(?P<number>\d{1,3})[\s-]{0,2}(?P<years>лет(?:ия|ию|ие)?)\s{1,2}(?P<of>[а-я]{3,20}(?:\s(?:власти|октября|победы))?)"
)
_DATE: Final = re.compile(rf"(?P<number>\d{{1,2}})\s{{0,2}}(?P<month>{_MONTHS})|(?P<year>19\d\d)\sгода")
_ORDINAL: Final = re.compile(
    r"(?P<number>\d{1,2})(?:\s?-?\s?(?P<suffix>ая|я|ый|ий|ой|й|го|му|м|ое|е|ья))?(?![а-я\d])\s{1,2}(?=[а-я]{4})"
)
_INITIALS: Final = re.compile(r"(?P<one>[А-ЯЁ])\.\s?(?:[А-ЯЁ]\.\s?)?(?=[А-ЯЁ][а-яё]{2,})")
_DIVISION: Final = re.compile(r"\s{1,2}(\d{1,3})-?[йя]?\s{1,2}(?:[а-я]{4,20}ой\s)?(?:дивизии|гвардейской)")
_FEMALE: Final = ("ая", "яя", "ую", "юю", "ой", "ей")
_MALE: Final = ("ый", "ий", "ой", "ого", "его", "ому", "ему", "ым", "им", "ом", "ем", "ые", "ие")
_ORDINAL_OF: Final = {"femn": "я", "masc": "й", "neut": "е"}
_OF_SECOND: Final = frozenset({"юных", "красных", "памяти", "героев", "малых", "белых", "братьев"})
_SURNAMES: Final = ("ова", "ева", "ина", "ына", "енко", "яна", "ича", "юка", "ука", "ана", "ера")
_SHORTEST_ADJECTIVE: Final = 4
_LIKELY_READINGS: Final = 3
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Name:
    """A name read from a text: where it begins and ends, and its nominative."""

    start: int
    end: int
    nominative: str


def after_type(
    page: Page, end: int, *, gender: str, short: bool, plural: bool = False, oblique: bool = False
) -> Name | None:
    """The name that follows a street's type word ending at `end`."""
    gap = (_GAP if short else _SPACE).match(page.low, end)
    if gap is None or (gap.end() == end and not short):
        return None
    name = name_at(page, gap.end(), gender=gender, trusted=short or plural, oblique=oblique)
    if name is None:
        return None
    closed = bool(gap["open"]) and page.text[name.end : name.end + 1] in "»”\"'`“"
    return Name(name.start, name.end + closed, name.nominative)


def name_at(page: Page, start: int, *, gender: str, trusted: bool, oblique: bool = False) -> Name | None:
    """The name that begins at `start`. `trusted`: what stands before it makes a name of small letters too."""
    low = page.low
    if low[start : start + 1].isdigit():
        return _dated(page, start) or _numbered(page, start, gender=gender, trusted=trusted)
    initials = _INITIALS.match(page.text, start)
    if initials:
        return _initialled(page, start, initials, gender=gender)
    return _plain(page, start, gender=gender, trusted=trusted, oblique=oblique)


def _dated(page: Page, start: int) -> Name | None:
    years = _YEARS.match(page.low, start)
    if years and not years["of"].startswith(("назад", "подряд", "уже")):
        name = f"{years['number']} {years['years']} {years['of']}"
        return Name(start, years.end(), titled(name))
    date = _DATE.match(page.low, start)
    if date:
        name = f"{date['number']} {date['month']}" if date["month"] else f"{date['year']} года"
        return Name(start, date.end(), titled(name))
    return None


def _numbered(page: Page, start: int, *, gender: str, trusted: bool) -> Name | None:
    ordinal = _ORDINAL.match(page.low, start)
    if ordinal is None or not (ordinal["suffix"] or page.capital(ordinal.end()) or page.shouts):
        return None
    rest = _plain(page, ordinal.end(), gender=gender, trusted=trusted or bool(ordinal["suffix"]))
    if rest is None:
        return None
    return Name(start, rest.end, f"{ordinal['number']}-{_ORDINAL_OF[gender]} {rest.nominative}")


def _initialled(page: Page, start: int, initials: re.Match[str], *, gender: str) -> Name | None:
    rest = _plain(page, initials.end(), gender=gender, trusted=True)
    if rest is None:
        return None
    letter, name = initials["one"].lower(), rest.nominative
    full = FULL_NAMES.get(name.lower().replace("ё", "е"), "")
    if full.startswith(letter):
        return Name(start, rest.end, titled(full))
    if name.endswith(("ая", "яя")) and letter in CLIPPED_ADJECTIVES:
        return Name(start, rest.end, titled(f"{CLIPPED_ADJECTIVES[letter]} {name}"))
    return Name(start, rest.end, name)


def _plain(page: Page, start: int, *, gender: str, trusted: bool, oblique: bool = False) -> Name | None:
    words = page.words_at(start, 3)
    if not words or not _may_begin(page, words, gender=gender, trusted=trusted, oblique=oblique):
        return None
    skipped = 1 if words[0][0] in {"имени", "им"} and len(words) > 1 else 0
    words = words[skipped:]
    size = _size(page, words)
    end = words[size - 1][2]
    said = [word for word, _, _ in words[:size]]
    division = _DIVISION.match(page.low, end)
    if division and size == 1:
        return Name(start, division.end(), titled(f"{said[0]} {division[1]}-й {division[0].split()[-1]}"))
    if (
        oblique
        and size == 1
        and gender == "femn"
        and said[0].endswith(("вке", "нке", "вку", "нку", "вки", "нки"))
    ):
        said = [f"{said[0][:-1]}а"]
    return Name(start, end, titled(" ".join(_nominative(said, gender))))


def _may_begin(
    page: Page, words: list[tuple[str, int, int]], *, gender: str, trusted: bool, oblique: bool
) -> bool:
    word, start, end = words[0]
    if word in NOT_NAMES or (len(word) < _SHORTEST and word != "хо"):
        return False
    if page.capital(start):
        return _may_be_capital(page, word, start, end)
    if word in WELL_KNOWN or word in RANKS or (word in FIRST_NAMES and len(words) > 1):
        return True
    if word in TYPES or word in NOT_STREETS:
        return False
    if len(words) > 1 and words[1][0] in TAILS and is_road_adjective(word, gender):
        return True
    if "INFN" in tags(word)[0] or "VERB" in tags(word)[0]:
        return False
    if trusted:
        return (
            sounds_like_person(word)
            or is_road_adjective(word, gender)
            or house_at(page, end) is not None
            or page.shouts
        )
    return _named_in_full(page, word, start, end, gender=gender, oblique=oblique)


def _may_be_capital(page: Page, word: str, start: int, end: int) -> bool:
    if word in NOT_STREETS:
        return not describes(page, start, end)
    return word not in TYPES or TYPES[word].short or word.startswith("набережн")


def _named_in_full(page: Page, word: str, start: int, end: int, *, gender: str, oblique: bool) -> bool:
    """A small-letter name after «улица» in full: an adjective that is not said of the street itself."""
    if is_road_adjective(word, gender) and "ADJF" in tags(word)[0]:
        if gender != "femn" and house_at(page, end) is None:
            return False  # «проезда специального транспорта»
        nominative = word.endswith(("ая", "яя") if gender == "femn" else ("ый", "ий"))
        named = oblique if nominative else not describes(page, start, end)
        return named or not _said_of_street(word)
    return sounds_like_person(word) and (house_at(page, end) is not None or page.shouts)


def describes(page: Page, start: int, end: int) -> bool:
    """Whether the word belongs to the next one: «Курская область», «Обоянской ЦРБ», «Светлана Петровна»."""
    if not page.text[end : end + 1].isspace():
        return False
    following = page.words_at(_past_space(page, end), 1)
    if not following or following[0][0] in TYPES or len(following[0][0]) < _SHORTEST:
        return False
    word, at, till = following[0]
    if till - at > 1 and page.text[at:till].isupper() and not page.shouts:
        return True
    said = tags(word)[:_LIKELY_READINGS]
    if page.capital(at):
        return "Name" in said[0] or "NOUN" in said[0]
    return word not in {"дом", "дома", "доме"} and any(_agree(page.low[start:end], tag) for tag in said)


def _past_space(page: Page, end: int) -> int:
    while page.low[end : end + 1].isspace():
        end += 1
    return end


_AGREEMENT: Final = (
    (("ая", "яя"), ("femn,sing,nomn",)),
    (("ую", "юю"), ("femn,sing,accs",)),
    (("ой", "ей"), ("femn,sing,gent", "femn,sing,datv", "femn,sing,loct", "femn,sing,ablt")),
    (("ого", "его"), ("masc,sing,gent", "neut,sing,gent")),
    (("ому", "ему"), ("masc,sing,datv", "neut,sing,datv")),
    (("ом", "ем"), ("masc,sing,loct", "neut,sing,loct")),
    (("ый", "ий"), ("masc,sing,nomn",)),
)


def _agree(adjective: str, tag: str) -> bool:
    if "NOUN" not in tag:
        return False
    plain_tag = tag.replace(" ", ",")
    return any(
        adjective.endswith(endings)
        and any(all(part in plain_tag for part in form.split(",")) for form in wanted)
        for endings, wanted in _AGREEMENT
    )


@lru_cache(maxsize=4_096)
def _said_of_street(word: str) -> bool:
    """«улица грязная»: a quality, unlike «улица садовая»."""
    return "Qual" in tags(word)[0]


def is_road_adjective(word: str, gender: str) -> bool:
    endings = _FEMALE if gender == "femn" else _MALE
    return len(word) > _SHORTEST_ADJECTIVE and word.endswith(endings) and word not in FEMALE_SURNAMES


@lru_cache(maxsize=4_096)
def sounds_like_person(word: str) -> bool:
    """Whether a small-letter word is a surname in the genitive, known or by its ending."""
    if word in WELL_KNOWN:
        return True
    if len(word) <= _SHORTEST_ADJECTIVE or not word.endswith(("ого", "ко", "ой", "а", "я", "и", "ы")):
        return False
    if word.endswith(("ского", "цкого")):
        return not known(word) or "Qual" not in tags(word)[0]
    if not known(word):
        return word.endswith(_SURNAMES)
    return any("Surn" in tag and "gent" in tag for tag in tags(word))


def _size(page: Page, words: list[tuple[str, int, int]]) -> int:
    """How many of the words are the name."""
    if len(words) == 1:
        return 1
    first, second = words[0][0], words[1][0]
    cap = page.capital(words[1][1])
    if first in RANKS:
        return 3 if words[2:] and second in FIRST_NAMES and page.capital(words[2][1]) else 2
    if second in NOT_NAMES or (second in TYPES and second not in TAILS and not second.startswith("набережн")):
        return 1
    if cap and not page.shouts and (first in _OF_SECOND or _first_name(first)):
        return 2
    if first in FIRST_NAMES and (cap or page.shouts or second in WELL_KNOWN or sounds_like_person(second)):
        return 2
    starts = any(first.startswith(start) for start in NAME_STARTS) and not first.endswith(("ова", "ева"))
    return 2 if (starts and cap) or (second in TAILS and first.endswith((*_FEMALE, "ого"))) else 1


@lru_cache(maxsize=4_096)
def _first_name(word: str) -> bool:
    """«Кати (Зеленко)»: a first name in the genitive, as the dictionary has it."""
    return any("Name" in tag and "sing,gent" in tag for tag in tags(word)[:2])


def _nominative(said: list[str], gender: str) -> list[str]:
    if len(said) == 1:
        return [adjective_nominative(said[0], gender)]
    if (
        said[0] in RANKS
        or said[0] in FIRST_NAMES
        or said[1] in {"армии", "гвардии", "коммуны", "дивизии", "воли", "победы"}
    ):
        return said
    if said[1].endswith(_FEMALE):
        return [adjective_nominative(word, "femn") for word in said]
    if said[0].endswith("ой") and said[1].endswith(
        ("слободы", "слободе", "горы", "горе", "рощи", "роще", "поляны")
    ):
        return [adjective_nominative(said[0], "femn"), f"{said[1][:-1]}а"]
    return said
