"""Days as people say them: «вчера», «за 3 дня», «01.11–07.11», «с 1 ноября», "last week". Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final[Mapping[str, int]] = {
    "январ": 1, "феврал": 2, "март": 3, "апрел": 4, "ма": 5, "июн": 6, "июл": 7, "август": 8, "сентябр": 9,
    "октябр": 10, "ноябр": 11, "декабр": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_RU: Final = "январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр"
_EN: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_GENITIVE: Final = rf"(?:{_RU})[яа]"
_YEAR: Final = r"(?:20\d\d)(?: ?(?:года?|г\.?)(?!\w))?"
_DAY: Final = (
    r"(?:20\d\d-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}(?:\.(?:20)?\d\d)?"
    rf"|\d{{1,2}} (?:{_GENITIVE}|{_EN})(?: {_YEAR})?|(?:{_EN}) \d{{1,2}}(?:,? 20\d\d)?)(?![\d.]*\d)"
)
_LENGTHS: Final[Mapping[str, int]] = {
    "д": 1, "с": 1, "н": 7, "м": 30, "г": 365, "л": 365, "da": 1, "we": 7, "mo": 30, "ye": 365,
}  # fmt: skip
_LONGEST: Final = 3650  # days


@dataclass(frozen=True, slots=True)
class Period:
    """From and to, both days counted; None: open on that side."""

    since: date | None
    until: date | None


class NotADayError(ValueError):
    """It looks like a date, and no calendar has it: 31.02."""


def _day(text: str, today: date) -> date:
    """A date without a year is the last such day, today at the latest."""
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    year: int | None = None
    if re.match(r"20\d\d-", text):
        year, month, day = numbers
    elif "." in text and len(numbers) > 1:
        day, month = numbers[:2]
        year = numbers[2] if len(numbers) > 2 else None  # noqa: PLR2004 - day, month, year
    else:
        day, month = numbers[0], _month(text)
        year = numbers[1] if len(numbers) > 1 else None
    return _dated(day, month, year, today)


def _dated(day: int, month: int, year: int | None, today: date) -> date:
    try:
        if year is not None:
            return date(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 - "26" is 2026
        this_year = [
            date(one, month, day) for one in (today.year, today.year - 1) if _exists(day, month, one)
        ]
        return next(one for one in this_year if one <= today)
    except (ValueError, StopIteration):
        raise NotADayError from None


def _exists(day: int, month: int, year: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _month(text: str) -> int:
    found = re.search(rf"{_EN}|{_RU}", text)
    return _MONTHS[found[0]] if found else 0


def _whole_month(year: int, month: int) -> Period:
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), following - timedelta(days=1))


def _range(found: re.Match[str], today: date) -> Period:
    until = _day(found["until"], today)
    since = _day(found["since"], today)
    if since > until and not re.search(r"20\d\d|\.\d\d\.\d\d", found["since"]):
        since = _dated(since.day, since.month, until.year - 1, today)  # 25.12–05.01
    if since > until:
        raise NotADayError
    return Period(since, until)


def _days_of_month(found: re.Match[str], today: date) -> Period:
    until = _day(f"{found['until']} {found['rest']}", today)
    return Period(_dated(int(found["since"]), until.month, until.year, today), until)


def _last(found: re.Match[str], today: date) -> Period:
    unit = next(days for name, days in _LENGTHS.items() if found["unit"].startswith(name))
    days = min(int(found["number"] or 1) * unit, _LONGEST)
    return Period(today - timedelta(days=days - 1 if unit == 1 else days), today)


def _named_month(found: re.Match[str], today: date) -> Period:
    month = _month(found["month"])
    year = re.search(r"20\d\d", found[0])
    if year:
        return _whole_month(int(year[0]), month)
    return _whole_month(today.year if month <= today.month else today.year - 1, month)


def _week(today: date, *, ago: int) -> Period:
    monday = today - timedelta(days=today.weekday() + 7 * ago)
    return Period(monday, monday + timedelta(days=6))


def _month_ago(today: date, *, ago: int) -> Period:
    last = today.replace(day=1) - timedelta(days=1) if ago else today
    return _whole_month(last.year, last.month)


def _one(today: date, *, ago: int) -> Period:
    return Period(today - timedelta(days=ago), today - timedelta(days=ago))


_Reading = Callable[[re.Match[str], date], Period]
_NOMINATIVE: Final = r"(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)ь|март|май|август"
_ALONE: Final = (
    "january|february|april|june|july|august|september|october|november|december"  # who knows "may"
)
_READINGS: Final[tuple[tuple[str, _Reading], ...]] = (
    (rf"(?:с |from |since )?(?P<since>{_DAY})(?: ?[-–—] ?| по | до | to | till | until )(?P<until>{_DAY})", _range),
    (
        rf"(?:с )?(?P<since>\d{{1,2}}) ?(?:[-–—]| по ) ?(?P<until>\d{{1,2}}) (?P<rest>{_GENITIVE}(?: {_YEAR})?)",
        _days_of_month,
    ),
    (rf"(?:с|начиная с|from|since) (?P<day>{_DAY})", lambda found, today: Period(_day(found["day"], today), None)),
    (rf"(?:по|до|until|till|before|to) (?P<day>{_DAY})", lambda found, today: Period(None, _day(found["day"], today))),
    (_DAY, lambda found, today: Period(_day(found[0], today), _day(found[0], today))),
    (r"сегодня|today", lambda _, today: _one(today, ago=0)),
    (r"вчера|yesterday", lambda _, today: _one(today, ago=1)),
    (r"позавчера", lambda _, today: _one(today, ago=2)),
    (r"(?:на )?этой неделе|this week", lambda _, today: _week(today, ago=0)),
    (r"(?:на )?прошлой неделе", lambda _, today: _week(today, ago=1)),
    (r"(?:в )?этом месяце|this month", lambda _, today: _month_ago(today, ago=0)),
    (r"(?:в )?прошлом месяце", lambda _, today: _month_ago(today, ago=1)),
    (
        r"за (?:последн\w+ )?(?:(?P<number>\d{1,3}) )?(?P<unit>сутки|суток|дн[яей]+|день|недел\w+|месяц\w*|год\w*|лет)",
        _last,
    ),
    (
        r"(?:(?:for|in|over|during) )?(?:the )?(?:last|past) (?:(?P<number>\d{1,3}) )?(?P<unit>day|week|month|year)s?",
        _last,
    ),
    (rf"(?:(?:в|за) )(?P<month>(?:{_RU})[ьейт]?)(?: {_YEAR})?", _named_month),
    (rf"(?P<month>{_NOMINATIVE})(?: {_YEAR})?", _named_month),
    (rf"(?:in |during )(?P<month>{_EN})(?:,? 20\d\d)?", _named_month),
    (rf"(?P<month>{_ALONE})(?:,? 20\d\d)?", _named_month),
)  # fmt: skip
_COMPILED: Final = [(re.compile(rf"(?:{pattern})(?!\w)"), read) for pattern, read in _READINGS]


def period_at(text: str, at: int, today: date) -> tuple[Period, int] | None:
    """The period said at this place of a folded text, and where its words end; the longest reading wins.

    Raises:
        NotADayError: a date that no calendar has; `args` hold where its words end.
    """
    matches = [(found, read) for pattern, read in _COMPILED if (found := pattern.match(text, at))]
    if not matches:
        return None
    found, read = max(matches, key=lambda one: one[0].end())
    try:
        return read(found, today), found.end()
    except NotADayError:
        raise NotADayError(found.end()) from None
