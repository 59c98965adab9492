"""Streets named without a type word: «Орловская, 6», «на Смородиновой», «ленина 5», «4-му Аэродромному»."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from classifier.addresses import listed, street
from classifier.houses import house_at
from classifier.place_forms import FEMALE_SURNAMES, adjective_nominative, forms, known, small, tags, titled
from classifier.place_page import Mention, Page
from classifier.place_words import (
    CLIPPED_ADJECTIVES,
    FIRST_NAMES,
    FULL_NAMES,
    NOT_NAMES,
    NOT_STREETS,
    TYPES,
    WELL_KNOWN,
    TypeWord,
    word_set,
)
from classifier.street_names import Name, describes, name_at, sounds_like_person

_HOUSED: Final = 0.7
_AGAIN: Final = 0.7
_BARE: Final = 0.5
_STREET: Final = TYPES["улица"]
_LANE: Final = TypeWord("street", "", "masc", short=False)

_ORDINAL: Final = re.compile(r"\d(?<![\d.,-]\d)\d?-?(?P<suffix>я|й|ая|ый|му|го|м|ой|ом)\s(?=[А-ЯЁ][а-яё]{4})")
_INITIAL: Final = re.compile(
    r"[А-ЯЁ](?<![А-Яа-яёЁ.][А-ЯЁ])\.\s?(?=[А-ЯЁ][а-яё]{3,20},?\s?(?:д\.?|дом)?\s?\d)"
)
_YEARS: Final = re.compile(r"\d{2}\s?$")
_SHORTEST: Final = 3
_DIGIT: Final = re.compile(r"\d")
_HOUSE_NEAR: Final = 14
_FEMALE: Final = ("ая", "яя", "ой", "ую")
_MALE: Final = ("ому", "ом", "ого", "ый", "ий")
_PERSON: Final = ("ова", "ева", "ина", "ына", "ского", "цкого", "ко", "ого", "а", "я", "ой")
_GENITIVE_OF_MANY: Final = ("ов", "ев", "ей")
_ENDINGS: Final = tuple({*_FEMALE, *_MALE, *_PERSON, *_GENITIVE_OF_MANY, "ца", "и", "ы"})
_ON: Final = frozenset({"на", "по"})
_TOWARDS: Final = word_set(
    "сторону стороны от до с со через вдоль возле около между угол угла перекресток перекрестке перекрестка "
    "пересечении пересечение начала конца начале конце районе"
)  # fmt: skip
_NTH: Final = re.compile(r"\s\d{1,3}-?[йя]?\s[дг]")
_MANY: Final = frozenset({"бойцов", "героев", "воинов"})
_CROSSINGS: Final = ("перекрест", "пересечен")
_STRONG: Final = word_set("сторону угол угла перекресток перекрестке перекрестка пересечении пересечение")
_CLIPPED: Final = re.compile(r"(?:по|на|от|до|с)\s{1,2}(?P<letter>[внбм])\.\s{0,2}$")
_PERSONS_BEFORE: Final = word_set("г-н г-жа господин госпожа фамилия директор врач доктор учитель депутат")


def streets_again(page: Page, found: Sequence[Mention]) -> Iterator[Mention]:
    """Streets typed once and then called by the bare name."""
    by_form: dict[str, Mention] = {}
    for mention in found:
        low = small(mention.name)
        if mention.type == "street" and " " not in low and len(low) > _SHORTEST:
            by_form |= dict.fromkeys(
                forms(low) if low.endswith(("ая", "яя", "ий", "ый")) else (low,), mention
            )
    if not by_form:
        return
    taken = {mention.start for mention in found}
    for start, end in page.capitals:
        typed = by_form.get(page.low[start:end])
        if typed is None or start in taken or _is_other(page, start, end):
            continue
        type_word = TypeWord("street", _type_shown(typed), "", short=False)
        name = Name(start, end, typed.name)
        yield _trimmed(street(page, name, start, type_word, confidence=_AGAIN))


def _type_shown(typed: Mention) -> str:
    first = typed.shown.partition(" ")[0]
    return "" if typed.name.startswith(first) else first


def _is_other(page: Page, start: int, end: int) -> bool:
    """A person («Дорохова Елена»), or an adjective of something else («Курская область»)."""
    before = page.word_before(start)
    return (
        describes(page, start, end)
        or before in _PERSONS_BEFORE
        or (before in FIRST_NAMES and page.low[start - 1] == " ")
    )


def bare_streets(page: Page) -> Iterator[Mention]:
    """Capital words that a house, a preposition or their fame makes streets."""
    for start, end in page.capitals:
        word = page.low[start:end]
        if not _promising(word):
            continue
        found = (
            _full_name(page, word, start)
            or _housed(page, word, start, end)
            or _governed(page, word, start, end)
        )
        if found:
            yield found
            yield from listed(page, found.end, _STREET, plural=False)
        if word in _MANY:
            yield from _division(page, start)
    for initial in _INITIAL.finditer(page.text):
        name = name_at(page, initial.start(), gender="femn", trusted=False)
        if name and house_at(page, name.end):
            yield street(page, name, name.start, _STREET, confidence=_HOUSED)
    for ordinal in _ORDINAL.finditer(page.text) if page.capitals else ():
        found = _numbered(page, ordinal)
        if found:
            yield found


def _full_name(page: Page, word: str, start: int) -> Mention | None:
    """«Льва Толстого 10А», «на Карла Маркса»."""
    if word not in FIRST_NAMES:
        return None
    name = name_at(page, start, gender="femn", trusted=False)
    if name is None or " " not in name.nominative:
        return None
    famous = small(name.nominative) in FULL_NAMES.values() and page.word_before(start) in _ON | _TOWARDS
    if not famous and house_at(page, name.end) is None:
        return None
    return street(page, name, start, _STREET, confidence=_HOUSED)


@lru_cache(maxsize=8_192)
def _promising(word: str) -> bool:
    if word in NOT_STREETS or word in NOT_NAMES or word in TYPES:
        return False
    return word in _MANY or word.endswith(_ENDINGS)


def _division(page: Page, start: int) -> Iterator[Mention]:
    name = name_at(page, start, gender="femn", trusted=False)
    if name and name.nominative.endswith("дивизии"):
        yield street(page, name, start, _STREET, confidence=_BARE)


def _housed(page: Page, word: str, start: int, end: int) -> Mention | None:
    if word in _MANY and _NTH.match(page.low, end):
        return None
    if page.shouts or not _DIGIT.search(page.low, end, end + _HOUSE_NEAR) or house_at(page, end) is None:
        return None
    if word.endswith(("ая", "яя")):
        believed = page.word_before(start) not in {"эта", "наша"}
    elif word.endswith(("ой", "ую")):
        believed = page.word_before(start) in _ON | _TOWARDS
    else:
        believed = _bears_a_name(word) or page.word_before(start) == "адресу"
    if not believed or page.word_before(start) in FIRST_NAMES:
        return None
    return _bare(page, word, start, end, confidence=_HOUSED)


@lru_cache(maxsize=4_096)
def _bears_a_name(word: str) -> bool:
    """«Дейнеки», «Энергетиков», «Победы»: what a street is called after, in the genitive; or no word at all."""
    if word in WELL_KNOWN or _many_people(word):
        return True
    if not known(word):
        return not word.endswith(("ый", "ий", "ом"))
    return sounds_like_person(word) and "Name" not in tags(word)[0]


def _many_people(word: str) -> bool:
    return word.endswith(_GENITIVE_OF_MANY) and any(
        "anim" in tag and "plur,gent" in tag for tag in tags(word)[:2]
    )


def _bare(page: Page, word: str, start: int, end: int, *, confidence: float) -> Mention:
    full = FULL_NAMES.get(word, "")
    person = page.low[:start].rstrip().rpartition(" ")[2].rstrip(".")
    if full and person and full.startswith(person) and page.low[start - 1] in " .":
        start = page.low.rindex(person, 0, start)
        word = full
    nominative = titled(word if word == full else adjective_nominative(word, "femn"))
    return street(page, Name(start, end, nominative), start, _STREET, confidence=confidence)


def _governed(page: Page, word: str, start: int, end: int) -> Mention | None:
    """«на Смородиновой», «по Гагарина», «в сторону Кулакова», «на Магистральном»."""
    if page.shouts or not (page.spaced(start) or page.low[start - 1 : start] in {"«", "“", '"'}):
        return None
    before = page.word_before(start)
    if word.endswith("ой") and _CLIPPED.search(page.behind(start)):
        return _clipped(page, start)
    if not (before in _ON or before in _TOWARDS or before.startswith(_CROSSINGS)) or describes(
        page, start, end
    ):
        return None
    if _is_street(word, before):
        return _bare(page, word, start, end, confidence=_BARE)
    if (
        before in _ON
        and word.endswith(("ском", "цком", "ному", "ном", "скому"))
        and _adjective(word)
        and not _geo(word)
    ):
        name = Name(start, end, titled(adjective_nominative(word, "masc")))
        return _trimmed(street(page, name, start, _LANE, confidence=_BARE))
    return None


def _is_street(word: str, before: str) -> bool:
    """Whether a capital word after this preposition can be nothing but a street."""
    on, crossing = before in _ON, before.startswith(_CROSSINGS)
    if word.endswith("ой") and word not in FEMALE_SURNAMES:
        return _adjective(word, on=on)
    if (word.endswith("ую") and before in {"на", "через"}) or (word.endswith("ая") and crossing):
        return _adjective(word)
    if word in WELL_KNOWN and not word.endswith("ая"):
        return True
    if before == "по" and word not in _MANY and _many_people(word):
        return True
    return (on or crossing or before in _STRONG) and _genitive_only(word)


def _clipped(page: Page, start: int) -> Mention | None:
    """«по В. Луговой»."""
    found = _CLIPPED.search(page.behind(start))
    name = name_at(page, start, gender="femn", trusted=True)
    if found is None or name is None:
        return None
    begin = start - len(page.behind(start)) + found.start("letter")
    full = titled(f"{CLIPPED_ADJECTIVES[found['letter']]} {name.nominative}")
    return street(page, Name(begin, name.end, full), begin, _STREET, confidence=_BARE)


def _trimmed(found: Mention) -> Mention:
    return Mention(
        found.start, found.end, "street", found.name, found.shown.strip(), found.house, found.confidence, ""
    )


def _adjective(word: str, *, on: bool = True) -> bool:
    """Whether it is one; «от Сапрановой» is rather a person than a street."""
    if not on and not known(word) and word.endswith(("овой", "евой", "иной")):
        return False
    first = tags(word)[0]
    return "ADJF" in first and "Apro" not in first and "Anum" not in first


def _geo(word: str) -> bool:
    return any("Geox" in tag or "Surn" in tag for tag in tags(word))


def _genitive_only(word: str) -> bool:
    """«на Кулакова»: nothing but a street stands so."""
    return word.endswith(("ова", "ева", "ина", "ына", "ского", "цкого")) and (
        not known(word) or any("Surn" in tag for tag in tags(word))
    )


def _numbered(page: Page, ordinal: re.Match[str]) -> Mention | None:
    words = page.words_at(ordinal.end(), 1)
    word = words[0][0]
    if not _adjective(word) or word in NOT_STREETS or describes(page, *words[0][1:]):
        return None
    female = word.endswith(_FEMALE)
    name = name_at(page, ordinal.start(), gender="femn" if female else "masc", trusted=False)
    if name is None:
        return None
    found = street(page, name, ordinal.start(), _STREET if female else _LANE, confidence=_BARE)
    return found if female else _trimmed(found)


def known_streets(page: Page, word: str, start: int, end: int) -> Mention | None:
    """A street of every town in small letters, believed only with a house: «на ленина 5»."""
    house = house_at(page, end)
    before = page.word_before(start)
    if house is None or not (before in _ON | _TOWARDS or page.shouts or page.capital(start)):
        return None
    return _bare(page, word, start, end, confidence=_HOUSED)


def years_street(page: Page, start: int, end: int) -> Mention | None:
    """«50 лет Октября», met at «лет»."""
    number = _YEARS.search(page.behind(start))
    if number is None:
        return None
    begin = start - len(page.behind(start)) + number.start()
    name = name_at(page, begin, gender="femn", trusted=True)
    after = page.low[end:].lstrip()[:20]
    if name is None or not after.startswith(("октября", "победы", "советской", "влксм", "ссср", "комсомол")):
        return None
    return street(page, name, begin, _STREET, confidence=_HOUSED)
