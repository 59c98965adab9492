"""Telephone numbers of people. A hotline's, a reception's or a dispatcher's is an official one."""

import re
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import after, any_of, before, last

_GAP: Final = r"[\s().\-/]{0,3}"
_LOOKALIKE: Final = re.compile(r"(?<![А-Яа-яЁёA-Za-z])[0-9ОоOoЗзIlб]{1,12}(?![А-Яа-яЁёA-Za-z])")
_AS_DIGIT: Final = str.maketrans("ОоOoЗзIlб", "000033116")
_MOBILE: Final = re.compile(
    rf"(?<![\d\-])(?:\+\s?7{_GAP}9(?:{_GAP}\d){{8,10}}|[78]{_GAP}9(?:{_GAP}\d){{9}}|9\d{{0,2}}(?:{_GAP}\d){{7,9}})(?!\d)"
)
_CITY: Final = re.compile(
    rf"(?<![\d\-])(?:(?:\+\s?7|8){_GAP}[3-8]\d?(?:{_GAP}\d){{8,9}}|\(\d{{3,5}}\)\s?\d{{1,3}}[\s-]\d\d[\s-]\d\d)(?!\d)"
)
_LOCAL: Final = re.compile(r"(?<![\d.:/,-])\d{1,3}[\s-]\d\d-\d\d(?![\d:-]|\.\d)")
_FREE: Final = re.compile(r"(?:\+\s?7|8)[\s(-]{0,3}800")
_SPELLED: Final = re.compile(
    r"(?:плюс\s+семь|восемь|семь)[\s,-]{1,3}девят(?:ьсот|ь)"
    r"(?:[\s,-]{1,3}(?:ноль|од[ин]{2,3}|два|две|три|четыр|пят|шест|сем|восем|девят|десят|дв[ае]|сто|сорок)[а-я]{0,10}){3,12}",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(
    r"\s{0,2}(?:руб|₽|тыс|млн|млрд|кг|тонн|кв|м[²2]|шт|рубл|экз|штук|человек|%)", re.IGNORECASE
)
_NUMBERED: Final = re.compile(
    r"(?:№|\bN|заявк\w{0,3}|обращени\w{0,3}|контракт\w{0,3}|извещени\w{0,3}|договор\w{0,3}|закупк\w{0,3}|ИНН|ОГРН|КПП|счет|сч[её]т)"
    r"\s{0,2}(?:№)?\s{0,2}$",
    re.IGNORECASE,
)
_SPOKEN: Final = re.compile(
    r"тел[.е:\s]|телефон|звон|связ|набер|набира|трубк|вотсап|вайбер|ватсап|whatsapp|viber", re.IGNORECASE
)
_WINDOW: Final = 90
_DIGITS: Final = 10


def phones(text: str) -> list[Span]:
    """`text`: levelled."""
    plain = _LOOKALIKE.sub(_with_digits, text)
    found = [match.span() for match in _SPELLED.finditer(text)]
    found += [
        match.span()
        for match in _MOBILE.finditer(plain)
        if _is_number(plain, match) and not _is_official(plain, match.span(), weak=False)
    ]
    found += [
        match.span()
        for match in _CITY.finditer(plain)
        if _is_number(plain, match)
        and not _FREE.match(match.group())
        and not _is_official(plain, match.span(), weak=True)
    ]
    found += [match.span() for match in _LOCAL.finditer(plain) if _is_local(plain, match)]
    return _apart(found)


def _with_digits(match: re.Match[str]) -> str:
    token = match.group()
    return token.translate(_AS_DIGIT) if any(char.isdigit() for char in token) else token


def _is_number(text: str, match: re.Match[str]) -> bool:
    """Neither a sum nor the number of a paper."""
    digits = sum(char.isdigit() for char in match.group())
    if digits < _DIGITS or _AMOUNT.match(text, match.end()):
        return False
    ahead = before(text, match.start(), _WINDOW)
    if not match.group().isdigit() and not ahead.rstrip().endswith("№"):
        return True  # written in groups, as people write telephones
    return not _NUMBERED.search(ahead) or bool(_SPOKEN.search(ahead))


def _is_local(text: str, match: re.Match[str]) -> bool:
    """A number without its code is one only where something is said of calling."""
    around = before(text, match.start(), _WINDOW)
    if not _SPOKEN.search(around) and not re.search(r"домашн|городск", around, re.IGNORECASE):
        return False
    return not _is_official(text, match.span(), weak=True)


def _is_official(text: str, span: Span, *, weak: bool) -> bool:
    """What is said last before the number decides whose it is. `weak`: any office makes a city number official."""
    ahead = before(text, span[0], _WINDOW)
    private = last(any_of("private_phone"), ahead)
    strong = last(any_of("hotline"), ahead)
    office = last(any_of("office"), ahead) if weak else -1
    if max(strong, office) > private:
        return True
    return private < 0 and bool(
        re.match(r"\s?[(,-]", text[span[1] :]) and any_of("hotline").search(after(text, span[1], 30))
    )


def _apart(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
