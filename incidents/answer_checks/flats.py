"""Flats: by word, by a dash after the house, by the order of the flat. A house without a flat is nobody's secret."""

import re
from collections.abc import Iterator
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import after, before

_NUMERAL: Final = (
    r"(?:десять|(?:один|две|три|четыр|пят|шест|сем|восем|девят)надцать|двадцать|тридцать|сорок|(?:пять|шесть|семь|восемь)десят"
    r"|девяносто|сто|двести|триста)"
)
_UNIT: Final = r"(?:один|два|три|четыре|пять|шесть|семь|восемь|девять)"
_FLAT: Final = (
    r"(?<![а-яёa-z])(?:кв(?:-ра|-ры|-ре|-ру)?|квартир(?:а|ы|е|у|ой|ам|ах|ами)?|flat|apt|kv|апартамент\w{0,3})"
)
_NUMBER: Final = r"(?:(?:под|с|за)\s{1,2}номером|номер|№|N)?\s{0,2}[(]?\s{0,2}№?\s{0,2}"
_BY_WORD: Final = re.compile(
    rf"{_FLAT}\.?\s{{0,2}}{_NUMBER}(\d{{1,4}})(?!\d)(\s{{0,2}}-\s{{0,2}}\d{{1,4}})?", re.IGNORECASE
)
_SPELLED: Final = re.compile(
    rf"{_FLAT}\.?\s{{1,2}}(?:номер\s)?(?:{_NUMERAL}(?:\s{_UNIT})?|{_UNIT}(?=\s*(?:[.,;)]|$)))(?![а-яё])",
    re.IGNORECASE,
)
_IN_WORDS: Final = re.compile(
    r"(?<![а-яё])(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|[а-яё]{2,8}надцат|двадцат|тридцат|сороков"
    r"|[а-яё]{3,9}десят|девяност|сот)(?:ая|ой|ую|ья|ьей|ью)\s(?:квартир(?:а|е|у|ы|ой)|кв\.)(?![а-яё])",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(
    r"(?<![\d.,-])(\d{1,4})(-?(?:й|я|ю|ая|ой|ую|ей|ую))?\s(?:квартир(?:а|е|у|ы|ой)?|кв(?=\s?[.,)]?\s?$))(?![а-яё])",
    re.IGNORECASE,
)
_DASHED: Final = re.compile(
    r"(?P<street>(?<![а-яё])(?:ул\.?|улиц[аеуы]|пр-т|просп\w{0,6}\.?|пер\.|переул\w{2,4}|бульвар\w?|адрес\w{0,2}:?)\s)?"
    r"(?:[А-ЯЁ][а-яё]{2,20}(?:\s[А-ЯЁ][а-яё]{2,20}){0,2}),?\s{1,2}(?:д\.?\s?|дом\s)?"
    r"\d{1,3}[а-яА-Я]?\s?-\s?\d{1,4}(?![\d-]|[.:]\d)"
)
_HOUSES: Final = re.compile(
    r"дома(?![а-яё])|дом(?:ах|ов|ами)|участ|между|ч[её]тн|перекр[её]ст|№№|\bс \d", re.IGNORECASE
)
_AFTER_HOUSE: Final = re.compile(
    r"(?<![а-яё])д(?:ом)?\.?\s?\d{1,3}[а-я]?,?\s{0,2}к\.?\s?(\d{2,4})(?!\d)", re.IGNORECASE
)
_ROOM: Final = re.compile(r"(?<![а-яё])ком(?:нат(?:а|ы|е|у|ой)|\.)\s?№?\s?\d{1,4}", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d$")
_COUNTED: Final = re.compile(
    r"(?:дом[еауы]?|всего|ещ[её]|купил\w?|построил\w?|приобрел\w?|расселил\w?|выдал\w?|сдал\w?|получил\w?)\s(?:\d{1,3}[а-я]?\s)?$",
    re.IGNORECASE,
)
_WIDE: Final = 9
_PLAIN_COUNT: Final = frozenset("234")


def flats(text: str) -> list[Span]:
    """`text`: levelled."""
    found = [
        *(match.span() for match in _BY_WORD.finditer(text) if _is_flat(text, match)),
        *(match.span() for match in _SPELLED.finditer(text)),
        *(match.span() for match in _IN_WORDS.finditer(text)),
        *(match.span() for match in _ORDINAL.finditer(text) if _is_ordinal(text, match)),
        *_dashed(text),
        *(match.span() for match in _AFTER_HOUSE.finditer(text)),
    ]
    found += [match.span() for match in _ROOM.finditer(text) if "общежит" in _line(text, match).casefold()]
    return sorted(found)


def _line(text: str, match: re.Match[str]) -> str:
    return before(text, match.start(), 80) + match.group() + after(text, match.end(), 60)


def _is_flat(text: str, match: re.Match[str]) -> bool:
    """Not the third quarter of a year, not square metres, not a forester's square, not the whole staircase."""
    ahead, behind = text[max(0, match.start() - 4) : match.start()], after(text, match.end(), 20)
    if re.match(r"\s?(?:м(?![а-яё])|м[²2]|метр|км|шт)", behind):
        return False
    if _YEAR.search(match[1]) and (re.search(r"\d\s?$", ahead) or re.match(r"\s?г", behind)):
        return False
    if re.search(r"выдел|выд\.|лесничеств", _line(text, match), re.IGNORECASE):
        return False
    if match[2]:
        first, second = int(match[1]), int(re.sub(r"\D", "", match[2]))
        return second - first <= _WIDE
    return True


def _is_ordinal(text: str, match: re.Match[str]) -> bool:
    """«в 45 квартире», «31-я квартира», but neither «3 квартиры» nor «в доме 81 квартира»."""
    ahead, form = before(text, match.start(), 40), match.group().casefold()
    if match[2] or form.endswith(("е", "ой")):
        return True
    if form.endswith("квартир"):
        return False
    if re.search(r"\d\s?(?:и|,)\s?$", ahead):
        return True
    if form.endswith("ы") and match[1][-1] in _PLAIN_COUNT and match[1][-2:-1] != "1":
        return False
    return not _COUNTED.search(ahead)


def _dashed(text: str) -> Iterator[Span]:
    for match in _DASHED.finditer(text):
        if _HOUSES.search(before(text, match.end(), 60)):
            continue
        ahead = before(text, match.start(), 20)
        is_named = match["street"] or re.search(
            r"(?:адрес\w{0,2}|ул|улиц\w|пр-т|просп\w*)[.:]?\s{0,2}$", ahead, re.IGNORECASE
        )
        behind = after(text, match.end(), 12)
        if is_named or (
            re.match(r"\s?(?:[,;:.)]|$)", behind)
            and not re.match(r"[А-ЯЁ][а-яё]+(?:лось|тся|[её]м|им)\b", match.group())
        ):
            yield match.span()
