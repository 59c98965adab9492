"""Public holidays and moved days of Russia as explicit dates of a calendar of working hours.

The `holidays` library keeps the facts: the holidays of ст. 112 ТК РФ and the Government's yearly transfers. What
it does not know yet, or has wrong, a region says in a file of its own (`read_override`), which wins.

A calendar keeps dates and not the word "RU", so a stored policy means the same for ever. Nor do the years depend
on today: a policy has a new version when its settings or the facts change, and never by itself at New Year.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from holidays.countries.russia import Russia
from holidays.holiday_base import HolidayBase

from incidents.calendars import Calendar
from incidents.intervals import Intervals, Minutes, format_interval, in_order
from models.person import Language

YEARS: Final = range(2025, 2041)
_SHORTER_BY: Final = 60  # minutes; ст. 95 ТК РФ: the working day before a holiday is an hour shorter
_ONE_DAY: Final = timedelta(days=1)
_MOVED: Final = re.compile(r"перенесено с (\d{2}\.\d{2}\.\d{4})")
_LANGUAGES: Final = {Language.RU: "ru", Language.EN: "en_US"}


@dataclass(frozen=True, slots=True)
class Facts:
    """`worked`: a weekend that is worked → the day that rests instead of it. `statutory`: ст. 112 itself."""

    closed: frozenset[date]
    worked: Mapping[date, date]
    statutory: frozenset[date]


@cache
def facts() -> Facts:
    """What the library knows of YEARS. Transfers it knows only as far as the Government has decreed them."""
    named = _library(Language.RU)
    moved = {
        datetime.strptime(match[1], "%d.%m.%Y").date(): day  # noqa: DTZ007 - a date alone
        for day, name in named.items()
        if (match := _MOVED.search(name))
    }
    of_law = _library(Language.RU, observed=False)
    return Facts(
        closed=frozenset(day for day in named if day.year in YEARS),
        worked={day: moved.get(day, _friday_before(day)) for day in sorted(named.weekend_workdays)},
        statutory=frozenset(day for day, name in of_law.items() if not _MOVED.search(name)),
    )


@cache
def _library(language: Language, *, observed: bool = True) -> HolidayBase:
    # The year after the last too: 31 December is the day before a holiday.
    years = range(YEARS.start, YEARS.stop + 1)
    named: HolidayBase = Russia(years=years, observed=observed, language=_LANGUAGES[language])  # type: ignore[no-untyped-call] # the library's constructor
    return named


def _friday_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 4) % 7)


def transfers_known_until() -> int:
    """The last year whose moved days the library knows."""
    return max(day.year for day, name in _library(Language.RU).items() if _MOVED.search(name))


def name_of(day: date, language: Language) -> str:
    """What the day off is called, "День Победы"; empty where the library knows none of that date."""
    return str(_library(language).get(day, "")) if day.year in YEARS else ""


@dataclass(frozen=True, slots=True)
class Override:
    """What the region's own file says: these dates are closed, those have hours of their own."""

    closed: frozenset[date] = frozenset()
    open: Mapping[date, tuple[str, ...] | str] = field(default_factory=dict)


def read_override(text: str) -> Override:
    """`closed = [2026-05-02]` and a table `[open]` of dates: intervals, or "like monday".

    Raises:
        ValueError: it is not that; one line that names the date. "like …" is looked at by the calendar.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from None
    if unknown := sorted(set(raw) - {"closed", "open"}):
        raise ValueError(f"{unknown[0]}: no such setting; known: closed, open")
    closed, opened = raw.get("closed", []), raw.get("open", {})
    if not isinstance(closed, list):
        raise ValueError("closed: expected a list of dates, such as [2026-05-02]")  # noqa: TRY004 - the file's fault
    if not isinstance(opened, dict):
        raise ValueError(  # noqa: TRY004 - the file's fault
            'open: expected a table of dates, such as 2026-05-16 = "like monday"'
        )
    found = Override(
        frozenset(_date(day, "closed") for day in closed),
        {_date(day, "open"): _hours(day, what) for day, what in opened.items()},
    )
    if both := sorted(found.closed & set(found.open)):
        raise ValueError(f"{both[0]} is both closed and open: leave it in one of them")
    return found


def _date(value: Any, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: {value!r} is not a date, such as 2026-05-02") from None


def _hours(day: str, what: Any) -> tuple[str, ...] | str:
    if isinstance(what, str):
        return what
    if isinstance(what, list) and all(isinstance(one, str) for one in what):
        try:
            return in_order(tuple(what))
        except ValueError as error:
            raise ValueError(f"open: {day}: {error}") from None
    raise ValueError(f'open: {day}: expected intervals, such as ["08:00-17:00"], or "like monday"')


def with_days_off(
    calendar: Calendar, *, of_russia: bool, short_days: bool = False, override: Override | None = None
) -> Calendar:
    """The calendar with every holiday, moved and short day as a date of its own.

    The library's facts give way to the calendar's own `holidays` and `moved`, and these to the override.

    Raises:
        ValueError: the override's hours are wrong.
    """
    closed, moved = _of_russia(calendar, short_days=short_days) if of_russia else (set(), {})
    own: dict[date, Any] = {**dict.fromkeys(calendar.holidays), **calendar.moved}
    if override is not None:
        own = {**own, **dict.fromkeys(override.closed), **override.open}
    for day, hours in own.items():
        closed.discard(day)
        moved.pop(day, None)
        if hours is None:
            closed.add(day)
        else:
            moved[day] = hours
    plain = {name: getattr(calendar, name) for name in ("kind", "tz", "hours")}
    return Calendar(**plain, holidays=tuple(closed), moved=moved)


def _of_russia(calendar: Calendar, *, short_days: bool) -> tuple[set[date], dict[date, Intervals | str]]:
    """Only dates that differ from their weekday's hours: a Sunday is closed without a word."""
    known = facts()
    hours = {day: calendar.week_hours(like) for day, like in known.worked.items()}
    if short_days:
        before = {day - _ONE_DAY for day in known.statutory} - known.closed
        # Who works on a Saturday instead of the day before a holiday has that day's short hours.
        before |= {day for day, like in known.worked.items() if like + _ONE_DAY in known.statutory}
        usual = {day: hours.get(day, calendar.week_hours(day)) for day in before}
        hours |= {day: _shortened(minutes) for day, minutes in usual.items()}
    differing = {day: minutes for day, minutes in hours.items() if minutes != calendar.week_hours(day)}
    closed = {day for day in known.closed if calendar.week_hours(day)}
    closed |= {day for day, minutes in differing.items() if not minutes}
    return closed, {day: _written(minutes) for day, minutes in sorted(differing.items()) if minutes}


def _shortened(hours: Sequence[Minutes]) -> tuple[Minutes, ...]:
    left, shorter = _SHORTER_BY, list(hours)
    while shorter and left:
        opens, closes = shorter.pop()
        cut = min(left, closes - opens)
        left -= cut
        if closes - cut > opens:
            shorter.append((opens, closes - cut))
    return tuple(shorter)


def _written(hours: Iterable[Minutes]) -> tuple[str, ...]:
    return tuple(map(format_interval, hours))
