"""Numbers that are one person's: passport, СНИЛС, ИНН of a person, policy, card, account.

A number that looks like one is taken for one even where its checksum fails: people mistype. Where only the
checksum can tell (a bare row of digits), it decides. An organisation's ИНН has ten digits and is public.
"""

import re
from collections.abc import Iterator
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import before

_NAMED: Final = re.compile(
    r"(?<![а-яё])(?:полис\w{0,3}|лицев\w{2,3}\s{1,2}сч[её]т\w{0,3}|л/с|мед(?:ицинск\w{2,3}|\.)?\s?карт\w{1,2}"
    r"|амбулаторн\w{2,3}\s{1,2}карт\w{1,2}|удостоверени\w{1,2}|загран\w{0,8}"
    r"|паспорт\w{0,6}|снилс\w{0,2}|инн(?:\s{1,2}физ\w{0,8})?|сери[яиюей]{1,2}|карт[аеуы]|карту)"
    r"[^\d\n]{0,24}(\d(?:[\d .\-]|[№,(]|номер){3,24}\d)",
    re.IGNORECASE,
)
_OF_THINGS: Final = re.compile(
    r"паспорт\w{0,6}\s(?:объект|дорог|отход|готовност|безопасност|изделия)|карт\w{0,2}\s(?:сайт|дорог|маршрут)",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|(?:19|20)\d\d|\d{1,2}[:.]\d\d\s?-\s?\d{1,2}[:.]\d\d")
_PASSPORT: Final = re.compile(r"(?<![\d.-])\d\d\s?\d\d\s{1,2}(?:№\s?)?\d{6}(?![\d-])")
_SNILS: Final = re.compile(r"(?<![\d-])\d{3}[-. ]\d{3}[-. ]\d{3}[-. ]{1,3}\d\d(?![\d-])")
_CARD: Final = re.compile(r"(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)")
_ROW: Final = re.compile(r"(?<![\d№-])\d{11,16}(?![\d-])")
_BIRTH_PAPER: Final = re.compile(r"(?<![А-Яа-яA-Za-z])[IVXLCХУ1]{1,5}\s?-\s?[А-ЯЁ]{2}\s?№?\s?\d{6}(?!\d)")
_OF_PAPER: Final = re.compile(
    r"(?:№|N|заявк\w{0,3}|обращени\w{0,3}|контракт\w{0,3}|извещени\w{0,3}|договор\w{0,3}|закупк\w{0,3}|разрешени\w{0,3}|ОГРН\w{0,2}|КПП|р/с|сч[её]т\w{0,2})"
    r"\s{0,2}[:№]?\s{0,2}$",
    re.IGNORECASE,
)
_ENOUGH: Final = 5
_ORGANISATION: Final = 10
_SNILS_LENGTH, _INN_LENGTH, _CARD_LENGTH = 11, 12, 16


def documents(text: str) -> list[Span]:
    """`text`: levelled."""
    found = sorted(
        {
            *_named(text),
            *(match.span() for match in _PASSPORT.finditer(text) if not _of_paper(text, match)),
            *(match.span() for match in _SNILS.finditer(text) if not _of_paper(text, match)),
            *(match.span() for match in _CARD.finditer(text)),
            *(match.span() for match in _ROW.finditer(text) if _is_ones_own(text, match)),
            *(match.span() for match in _BIRTH_PAPER.finditer(text)),
        }
    )
    return [one for at, one in enumerate(found) if at == 0 or one[0] >= found[at - 1][1]]


def _of_paper(text: str, match: re.Match[str]) -> bool:
    return bool(_OF_PAPER.search(before(text, match.start(), 30)))


def _named(text: str) -> Iterator[Span]:
    for match in _NAMED.finditer(text):
        number = match[1].strip(" .,-")
        digits = re.sub(r"\D", "", number)
        if _OF_THINGS.search(match.group()) or _DATE.match(number) or len(digits) < _ENOUGH:
            continue
        if match.group()[:3].casefold() == "инн" and len(digits) <= _ORGANISATION:
            continue
        yield match.span()


def _is_ones_own(text: str, match: re.Match[str]) -> bool:
    """A bare row of digits is told by its checksum alone."""
    digits = match.group()
    if _of_paper(text, match):
        return False
    if len(digits) == _SNILS_LENGTH:
        return digits[:2] not in {"79", "89"} and is_snils(digits)
    if len(digits) == _INN_LENGTH:
        return is_inn(digits)
    return len(digits) == _CARD_LENGTH and is_luhn(digits)


def is_snils(digits: str) -> bool:
    """Eleven digits with the right last two."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


def is_inn(digits: str) -> bool:
    """Twelve digits, a person's, with the right last two."""
    first = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    second = (3, *first)
    numbers = [int(digit) for digit in digits]
    return all(
        sum(map(int.__mul__, weights, numbers)) % 11 % 10 == numbers[len(weights)]
        for weights in (first, second)
    )


def is_luhn(digits: str) -> bool:
    """Bank cards, and policies of medical insurance."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0
