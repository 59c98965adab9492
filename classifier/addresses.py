"""Streets and roads of a text with their type words before or after, and in lists."""

import re
from collections.abc import Iterator
from typing import Final

from classifier.houses import house_at, house_near
from classifier.place_forms import adjective_nominative, titled
from classifier.place_page import Mention, Page
from classifier.place_words import (
    NEEDS_DOT,
    NOT_STREETS,
    PLURAL_STREETS,
    TYPES,
    WELL_KNOWN,
    TypeWord,
    word_set,
)
from classifier.street_names import (
    Name,
    after_type,
    describes,
    is_road_adjective,
    name_at,
    sounds_like_person,
)

_SURE: Final = 0.85
_TYPED: Final = 0.8
_LISTED: Final = 0.65
_REVERSED: Final = re.compile(
    r"(?P<ordinal>\d{1,2}\s?-?\s?(?:ая|я|ый|ий|ой|й|го|му|м|ое|е)?\s)?"
    r"(?:(?P<clipped>[вн])\.\s?|(?P<first>[а-я]+(?:няя|ней|нюю|шая|шой|лая|лой|вая|вой|рая|рой|сная|сной)\s))?"
    r"(?P<name>[а-я]{3,25}(?:-[а-я]{2,20})?)[»”\"]?\s{1,2}$"
)
_NUMBER_ONLY: Final = re.compile(r"(?<![\d.,-])(?P<number>\d{1,2})-?(?:я|й|му|го|м|ой|ом|ый|ая)\s{1,2}$")
_OWN_TYPE: Final = re.compile(r"\s{1,2}(?:пер(?:еул)?|переул|пр-д|проезд|бульвар|шоссе|тупик)")
_LIST: Final = re.compile(
    r"(?:[»”\"]?\s?[,/]\s?(?:на\s|по\s|и\s)?|\s{1,4}(?:и|до|или)\s{1,4}(?:на\s|по\s)?|\s?[-–—]\s?)(?P<open>[«“\"]?)(?=[А-ЯЁа-яё\d])"
)
_ROAD: Final = re.compile(
    r"[\s.]{0,2}[«“\"]?(?P<name>[мрeе]\s?-?\s?\d{1,3}|\d\d[а-яa-z]-\d{3}|[а-я]{3,20}\s?[-–—]\s?[а-я]{3,20}"
    r"(?:\s?[-–—]\s?[а-я]{3,20})?)[»”\"]?(?![а-я\d])"
)
ROADS: Final = word_set(
    "трасса трассы трассе трассу трассой автотрасса автотрассы автотрассе автотрассу автодорога автодороги "
    "автодороге автодорогу дорога дороги дороге дорогу шоссе"
)


def typed_street(page: Page, word: str, start: int, end: int) -> Iterator[Mention]:
    """The street whose type word stands at `start` … `end`, and those listed after it."""
    type_word = TYPES[word]
    if word in NEEDS_DOT and page.low[end : end + 1] != "." and not page.capital(_skip(page, end)):
        return
    plural = word in PLURAL_STREETS and not word.startswith(("улицы", "переулки"))
    oblique = word.endswith(("у", "е", "ы", "ам", "ами", "ах", "ом", "а"))
    name = after_type(
        page,
        end,
        gender=type_word.gender,
        short=type_word.short,
        plural=plural,
        oblique=oblique and word != "улица",
    )
    if name and _OWN_TYPE.match(page.low, name.end) and name.nominative.endswith("й"):
        return
    if name is None or (not page.capital(name.start) and _reversed(page, start, type_word)):
        backwards = (
            None if type_word.short and type_word.shown == "ул." else _reversed(page, start, type_word)
        )
        if backwards:
            yield street(page, backwards, backwards.start, type_word, confidence=_TYPED, close=end)
        return
    found = street(page, name, start, type_word, confidence=_TYPED)
    yield found
    yield from listed(page, found.end, type_word, plural=plural or word in PLURAL_STREETS)


def _skip(page: Page, end: int) -> int:
    while page.low[end : end + 1] in {" ", "."}:
        end += 1
    return end


def _reversed(page: Page, start: int, type_word: TypeWord) -> Name | None:
    """«Майском бульваре», «2-го Воротнего переулка»: an adjective before the type word."""
    behind = page.behind(start)
    found = _REVERSED.search(behind)
    if found is None:
        return _bare_number(page, start, type_word)
    word, begin = found["name"], start - len(behind) + found.start("name")
    capital = page.capital(begin) or (bool(found["ordinal"]) and "-" in found["ordinal"])
    if not is_road_adjective(word, type_word.gender) or not capital or word in NOT_STREETS:
        return _bare_number(page, start, type_word)
    nominative = adjective_nominative(word, type_word.gender, person=False)
    if found["first"] and page.capital(start - len(behind) + found.start("first")):
        begin = start - len(behind) + found.start("first")
        nominative = f"{adjective_nominative(found['first'].strip(), type_word.gender)} {nominative}"
    if found["ordinal"]:
        begin = start - len(behind) + found.start("ordinal")
        digits = re.match(r"\d+", found["ordinal"])
        nominative = (
            f"{digits[0] if digits else ''}-{'я' if type_word.gender == 'femn' else 'й'} {nominative}"
        )
    return Name(begin, start, titled(nominative))


def _bare_number(page: Page, start: int, type_word: TypeWord) -> Name | None:
    """«40-й переулок»."""
    found = _NUMBER_ONLY.search(page.behind(start))
    if found is None:
        return None
    suffix = "я" if type_word.gender == "femn" else "й"
    begin = start - len(page.behind(start)) + found.start("number")
    return Name(begin, start, f"{found['number']}-{suffix}")


def street(
    page: Page, name: Name, start: int, type_word: TypeWord, *, confidence: float, close: int = 0
) -> Mention:
    end = max(name.end, close)
    house = house_at(page, end)
    number = house.number if house else house_near(page, start, end)
    return Mention(
        start=start,
        end=house.end if house else end,
        type="street",
        name=name.nominative,
        shown=f"{type_word.shown} {name.nominative}{', ' if number else ''}{number}",
        house=number,
        confidence=_SURE if number and confidence == _TYPED else confidence,
        territory="",
    )


def listed(page: Page, end: int, type_word: TypeWord, *, plural: bool) -> Iterator[Mention]:
    """The names that share the type word: «ул. Литейной, Чернышевского и Глинки»."""
    for _ in range(8):
        link = _LIST.match(page.text, end)
        if link is None:
            return
        start = link.end()
        words = page.words_at(start, 2)
        if words and words[0][0] in TYPES:
            return
        name = name_at(page, start, gender=type_word.gender, trusted=plural)
        if (
            name is None
            or name.nominative[-1:].isdigit()
            or not words
            or not _fits_list(page, name, words, plural=plural)
        ):
            return
        found = street(page, name, start, type_word, confidence=_LISTED)
        yield found
        end = found.end


def _fits_list(page: Page, name: Name, words: list[tuple[str, int, int]], *, plural: bool) -> bool:
    word, start, end = words[0]
    if not (page.capital(start) or plural) or (len(words) > 1 and describes(page, start, end)):
        return False
    return word in WELL_KNOWN or word.endswith(("ая", "яя", "ой", "ую")) or sounds_like_person(word)


def road(page: Page, word: str, start: int, end: int) -> Mention | None:
    """A road with a number or two ends: «трассе М-2», «автотрассе Рыльск-Конышевка»."""
    found = _ROAD.match(page.low, end)
    if found is None:
        return None
    name = found["name"]
    if name[-1].isdigit():
        shown = re.sub(r"\s", "", page.text[found.start("name") : found.end("name")])
    elif not page.capital(found.start("name")):
        return None
    else:
        shown = " - ".join(titled(part.strip()) for part in re.split(r"\s?[-–—]\s?", name))
    if page.behind(start).endswith(("фед.", "фед. ")):
        start -= 4 + page.behind(start).endswith(" ")
    return Mention(start, found.end(), "street", shown, f"дорога {shown}", "", _TYPED, "")
