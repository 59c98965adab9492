"""By when the final answer will follow an interim one: as people write it, and as the policy allows. Pure.

A day means the end of its working time; on a calendar without hours, and on a closed day, six in the evening.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from incidents.calendars import Calendar
from incidents.errors import IncidentError

_ONE_DAY: Final = timedelta(days=1)
_EVENING: Final = time(18)
_OFFERED: Final = (1, 3, 7)  # days from today
_LONGEST: Final = 60  # characters; a date is shorter
_HALF_A_YEAR: Final = 183  # days: a date without a year that lies further back is meant for the next year
_WEEKEND: Final = 5  # Saturday

_MONTHS: Final = (
    "янв январь января jan january",
    "фев февраль февраля feb february",
    "мар март марта mar march",
    "апр апрель апреля apr april",
    "май мая may",
    "июн июнь июня jun june",
    "июл июль июля jul july",
    "авг август августа aug august",
    "сен сент сентябрь сентября sep september",
    "окт октябрь октября oct october",
    "ноя ноябрь ноября nov november",
    "дек декабрь декабря dec december",
)
_MONTH: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS: Final = (
    ("понедельник", "пн", "monday", "mon"),
    ("вторник", "вт", "tuesday", "tue"),
    ("сред", "ср", "wednesday", "wed"),
    ("четверг", "чт", "thursday", "thu"),
    ("пятниц", "пт", "friday", "fri"),
    ("суббот", "сб", "saturday", "sat"),
    ("воскресень", "вс", "sunday", "sun"),
)
_NEAR: Final = {"сегодня": 0, "today": 0, "завтра": 1, "tomorrow": 1, "послезавтра": 2}
_COUNTS: Final = {"неделю": 7, "week": 7, "a week": 7, "день": 1, "a day": 1}

_BEFORE: Final = re.compile(r"^(?:не позже|до|к|во|в|на|by|on|until)\s+")
_NUMERIC: Final = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?(?:\s*г\.?)?")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAMED: Final = re.compile(r"(\d{1,2})(?:-?го)?\s+([а-яa-z]{3,9})\.?(?:\s+(\d{4}))?(?:\s*г(?:ода|\.)?)?")
_AFTER: Final = re.compile(
    r"(?:через|in)\s+(\d{1,3})\s+(дн(?:я|ей)?|день|суток|недел[юиь]|days?|weeks?)|(?:через|in)\s+(.+)"
)


class DateUnreadable(IncidentError):
    text_key = "refused.date_unreadable"


class DateInThePast(IncidentError):
    text_key = "refused.date_past"

    def __init__(self, *, latest: datetime) -> None:
        super().__init__(f"a control date in the past; at the latest {latest.isoformat()}")
        self.latest = latest


class DateBeyondNorm(IncidentError):
    text_key = "refused.date_beyond"

    def __init__(self, *, latest: datetime) -> None:
        super().__init__(f"a control date beyond {latest.isoformat()}")
        self.latest = latest


class NormIsOver(IncidentError):
    """An interim answer was given before, and the final one is overdue: no other date can be promised."""

    text_key = "refused.interim_over"

    def __init__(self, *, latest: datetime) -> None:
        super().__init__(f"the final answer was due at {latest.isoformat()}")
        self.latest = latest


def parse_day(text: str, *, today: date) -> date:
    """The day meant: "25.11", "25 ноября", "через 5 дней", "пятница", "завтра", "2026-11-25".

    Without a year the nearest one; a weekday is the next such day, never today.

    Raises:
        DateUnreadable: none of these, or no such day of the calendar.
    """
    words = " ".join(text.casefold().replace("ё", "е").split()).strip(" .,!")
    if len(words) > _LONGEST:
        raise DateUnreadable
    words = _BEFORE.sub("", words)
    try:
        found = _near(words, today) or _dated(words, today)
    except (ValueError, OverflowError):
        raise DateUnreadable from None
    if found is None:
        raise DateUnreadable
    return found


def _near(words: str, today: date) -> date | None:
    if words in _NEAR:
        return today + _NEAR[words] * _ONE_DAY
    for weekday, names in enumerate(_WEEKDAYS):
        long, short, english, brief = names
        if words in {short, english, brief} or re.fullmatch(f"{long}[ауыеюя]?", words):
            return today + ((weekday - today.weekday() - 1) % 7 + 1) * _ONE_DAY
    after = _AFTER.fullmatch(words)
    if after is None:
        return None
    number, unit, bare = after.groups()
    if bare is not None:
        return today + _COUNTS[bare] * _ONE_DAY if bare in _COUNTS else None
    return today + int(number) * (7 if unit.startswith(("недел", "week")) else 1) * _ONE_DAY


def _dated(words: str, today: date) -> date | None:
    if found := _ISO.fullmatch(words):
        year, month, day = map(int, found.groups())
        return date(year, month, day)
    if found := _NUMERIC.fullmatch(words):
        return _of_year(int(found[1]), int(found[2]), found[3], today)
    if found := _NAMED.fullmatch(words):
        named = _MONTH.get(found[2])
        return _of_year(int(found[1]), named, found[3], today) if named else None
    return None


def _of_year(day: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004 - "26"
    meant = date(today.year, month, day)
    return meant.replace(year=today.year + 1) if (today - meant).days > _HALF_A_YEAR else meant


def end_of(day: date, calendar: Calendar) -> datetime:
    """The end of the day's working time, aware UTC."""
    closes = calendar.back(_midnight(day + _ONE_DAY, calendar), timedelta(0))
    if calendar.kind == "working" and closes.astimezone(calendar.zone).date() == day:
        return closes
    return datetime.combine(day, _EVENING, calendar.zone).astimezone(UTC)


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, time.min, calendar.zone).astimezone(UTC)


def is_working(day: date, calendar: Calendar) -> bool:
    """Whether people work that day; where every hour counts, weekends are free."""
    if calendar.kind == "wall":
        return day.weekday() < _WEEKEND
    closes = calendar.back(_midnight(day + _ONE_DAY, calendar), timedelta(0))
    return closes.astimezone(calendar.zone).date() == day


def moment_of(day: date, *, now: datetime, latest: datetime, calendar: Calendar) -> datetime:
    """The control date's moment: the end of the day, or `latest` where that comes sooner on this very day.

    Raises:
        DateInThePast: the day is over.
        DateBeyondNorm: the policy does not allow so long; says the latest moment.
    """
    last = latest.astimezone(calendar.zone).date()
    if day > last:
        raise DateBeyondNorm(latest=latest)
    moment = min(end_of(day, calendar), latest)
    if moment <= now < latest and day == last:  # the office has closed, the norm has not
        moment = latest
    if moment <= now:
        raise DateInThePast(latest=latest)
    return moment


def offered(*, now: datetime, latest: datetime, calendar: Calendar) -> list[date]:
    """Tomorrow, in three days, in seven: working days, none beyond `latest`; its own day where none is left.

    Raises:
        NormIsOver: nothing can be promised any more.
    """
    if latest <= now:
        raise NormIsOver(latest=latest)
    today, last = now.astimezone(calendar.zone).date(), latest.astimezone(calendar.zone).date()
    found: list[date] = []
    for ahead in _OFFERED:
        day = today + ahead * _ONE_DAY
        while day <= last and not is_working(day, calendar):
            day += _ONE_DAY
        day = min(day, last)
        while day > today and not is_working(day, calendar):
            day -= _ONE_DAY
        if day > today and day not in found:
            found.append(day)
    return found or [last]
