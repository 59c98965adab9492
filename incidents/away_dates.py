"""«1–14 июля», "25.11-02.12", «до пятницы»: when a person will be away, as people write it. Pure; `today` comes in.

Both ends count: who is away «1–14 июля» is away on the 14th still, «до пятницы» on Friday too. A date without a
year is the nearest one; of those that are over by less than a month nobody means next year's.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from incidents.errors import IncidentError

MOST_DAYS: Final = 62
_FURTHEST: Final = timedelta(days=366)
_JUST_OVER: Final = timedelta(days=31)
_LONGEST: Final = 100  # characters

_MONTHS: Final = (
    ("январ", "янв", "january", "jan"),
    ("феврал", "фев", "february", "feb"),
    ("март", "мар", "march", "mar"),
    ("апрел", "апр", "april", "apr"),
    ("мая", "май", "мае", "may"),
    ("июн", "june", "jun"),
    ("июл", "july", "jul"),
    ("август", "авг", "august", "aug"),
    ("сентябр", "сент", "сен", "september", "sept", "sep"),
    ("октябр", "окт", "october", "oct"),
    ("ноябр", "ноя", "november", "nov"),
    ("декабр", "дек", "december", "dec"),
)
_ENDINGS: Final = ("", "ь", "я", "а", "е", "ю", "й", ".")
_MONTH: Final = {
    f"{stem}{ending}": n for n, stems in enumerate(_MONTHS, 1) for stem in stems for ending in _ENDINGS
}
_WEEKDAYS: Final = (
    ("понедельник", "понедельника", "пн", "monday", "mon"),
    ("вторник", "вторника", "вт", "tuesday", "tue"),
    ("среда", "среды", "среду", "ср", "wednesday", "wed"),
    ("четверг", "четверга", "чт", "thursday", "thu"),
    ("пятница", "пятницы", "пятницу", "пт", "friday", "fri"),
    ("суббота", "субботы", "субботу", "сб", "saturday", "sat"),
    ("воскресенье", "воскресенья", "вс", "sunday", "sun"),
)
_WEEKDAY: Final = {name: n for n, names in enumerate(_WEEKDAYS) for name in names}
_NEAR: Final = {"сегодня": 0, "today": 0, "завтра": 1, "завтрашнего дня": 1, "tomorrow": 1, "послезавтра": 2}
_UNTIL: Final = re.compile(r"(?:до|по|until|till|to|through)\s+(.+)")
_FROM: Final = re.compile(r"(?:с|со|from)\s+(.+)")
_BETWEEN: Final = re.compile(r"\s*-\s*|\s+(?:по|до|to|until|till|through)\s+")
_SPAN: Final = re.compile(
    r"(?:на\s+|for\s+)?(\d{1,3})?\s*(день|дня|дней|days?|недел[юияь]|недель|weeks?|месяц|month)"
)
_ISO: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DOTTED: Final = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?\.?")
_NAMED: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-zа-я]+\.?)(?:,?\s+(\d{4}))?")
_NAMED_FIRST: Final = re.compile(r"([a-z]+\.?)\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


class AwayUnreadable(IncidentError):
    """No dates, or dates that there are not."""

    text_key = "refused.away_unreadable"


class AwayPast(IncidentError):
    text_key = "refused.away_past"


class AwayTooLong(IncidentError):
    """Such an absence is a change of staff: the person's roles are to be given to another."""

    text_key = "refused.away_too_long"

    def __init__(self, *, days: int) -> None:
        super().__init__()
        self.days = days
        self.most = MOST_DAYS


class AwayTooFar(IncidentError):
    text_key = "refused.away_too_far"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both ends counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class _Date:
    """As written: without a month it has the other end's."""

    day: int
    month: int | None = None
    year: int | None = None


def parse_away(text: str, today: date) -> Period:
    """The days meant.

    Raises:
        AwayUnreadable, AwayPast, AwayTooLong, AwayTooFar.
    """
    words = _tidy(text)
    if not words or len(words) > _LONGEST:
        raise AwayUnreadable
    try:
        period = _read(words, today)
    except (ValueError, OverflowError):  # 30.02, or beyond the calendar
        raise AwayUnreadable from None
    return checked(period, today)


def checked(period: Period, today: date) -> Period:
    """The part of it that is still to come.

    Raises:
        AwayUnreadable: it ends before it begins.
        AwayPast, AwayTooLong, AwayTooFar.
    """
    if period.last < period.first:
        raise AwayUnreadable
    if period.last < today:
        raise AwayPast
    period = Period(max(period.first, today), period.last)
    if period.first - today > _FURTHEST:
        raise AwayTooFar
    if period.days > MOST_DAYS:
        raise AwayTooLong(days=period.days)
    return period


def _tidy(text: str) -> str:
    """Lower case, one kind of dash, one kind of space, dates without the order of the ISO."""
    plain = unicodedata.normalize("NFKC", text[: _LONGEST * 2]).casefold().replace("ё", "е")
    dashed = "".join("-" if unicodedata.category(one) == "Pd" or one == "−" else one for one in plain)
    dotted = _ISO.sub(lambda found: f"{found[3]}.{found[2]}.{found[1]}", dashed)
    without = re.sub(r"(\d{4})\s*(?:г\.|года|году|г)(?=\s|-|$)", r"\1", dotted)
    without = re.sub(r"(\d)-?(?:го|ое|е)\b", r"\1", without)
    return re.sub(r"\s+", " ", without).strip(" .,;!")


def _read(words: str, today: date) -> Period:
    if (near := _near(words, today)) is not None:
        return Period(near, near)
    if span := _SPAN.fullmatch(words):
        return Period(today, today + timedelta(days=_days_of(span) - 1))
    if until := _UNTIL.fullmatch(words):
        near = _near(until[1], today)
        return Period(today, near if near is not None else _one(until[1], today).last)
    since = _FROM.fullmatch(words)
    ends = _BETWEEN.split(since[1] if since else words)
    if len(ends) == 1 and since is None:  # "from the 25th": until when?
        return _one(words, today)
    if len(ends) != 2:  # noqa: PLR2004 - from and to
        raise ValueError(words)
    return _two(ends[0], ends[1], today)


def _days_of(span: re.Match[str]) -> int:
    number = int(span[1] or 1)
    if span[2].startswith(("нед", "week")):
        return 7 * number
    return 30 * number if span[2].startswith(("мес", "month")) else number


def _near(words: str, today: date) -> date | None:
    """Today, tomorrow, or a day of the week: the next one, never today."""
    words = words.removeprefix("в ").removeprefix("во ").removeprefix("on ")
    if words in _NEAR:
        return today + timedelta(days=_NEAR[words])
    if words in _WEEKDAY:
        return today + timedelta(days=(_WEEKDAY[words] - today.weekday() - 1) % 7 + 1)
    return None


def _one(words: str, today: date) -> Period:
    last = _dated(_parsed(words), today)
    return Period(last, last)


def _two(left: str, right: str, today: date) -> Period:
    first, last = _near(left, today), _near(right, today)
    begins = None if first is not None else _parsed(left)
    ends = None if last is not None else _parsed(right)
    if begins and ends:  # "1-14 июля", "July 1-14"
        begins = _Date(begins.day, begins.month or ends.month, begins.year)
        ends = _Date(ends.day, ends.month or begins.month, ends.year)
        if begins.year and not ends.year:
            ends = _Date(ends.day, ends.month, begins.year)
            if (ends.month or 0) < (begins.month or 0):
                ends = _Date(ends.day, ends.month, begins.year + 1 if begins.year else None)
    if first and last and last < first:  # on a Tuesday, "from Monday to Wednesday"
        last += timedelta(days=7)
    last = last or _dated(ends, today)
    return Period(first or _before(begins, last), last)


def _before(written: _Date | None, last: date) -> date:
    """The beginning: without a year, the nearest before the end."""
    if written is None or written.month is None:
        raise ValueError(written)
    if written.year is not None:
        return date(written.year, written.month, written.day)
    first = date(last.year, written.month, written.day)
    is_of_year_before = first > last and written.month != last.month
    return date(last.year - 1, written.month, written.day) if is_of_year_before else first


def _dated(written: _Date | None, today: date) -> date:
    if written is None or written.month is None:
        raise ValueError(written)
    if written.year is not None:
        return date(written.year, written.month, written.day)
    this_year = date(today.year, written.month, written.day)
    return this_year if this_year >= today - _JUST_OVER else this_year.replace(year=today.year + 1)


def _parsed(words: str) -> _Date:
    words = words.strip()
    if found := _DOTTED.fullmatch(words):
        return _Date(int(found[1]), int(found[2]), _year(found[3]))
    if found := _NAMED.fullmatch(words):
        return _Date(int(found[1]), _MONTH.get(found[2]) or _unknown(words), _year(found[3]))
    if found := _NAMED_FIRST.fullmatch(words):
        return _Date(int(found[2]), _MONTH.get(found[1]) or _unknown(words), _year(found[3]))
    if found := _DAY.fullmatch(words):
        return _Date(int(found[1]))
    raise ValueError(words)


def _unknown(words: str) -> int:
    raise ValueError(words)


def _year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) + 2000 if len(digits) == 2 else int(digits)  # noqa: PLR2004 - "26"
