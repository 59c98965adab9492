"""How a deadline comes about, day by day: what /why and `python -m bot deadline` print. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from incidents.calendars import Span
from incidents.policies import Policy
from incidents.terms import WorkingDays

_NOTHING: Final = timedelta(0)
_ONE_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One local date of the sum. `stretches` (UTC) are what counts of it; `so_far` is the sum at its end.

    `number`: which working day it is, where these are counted; 0 where it is not counted. `is_closed`: nothing is
    open on this date; `is_special`: it has other hours than its weekday, or may be a holiday by name.
    """

    date: date
    stretches: tuple[Span, ...]
    so_far: timedelta
    number: int
    is_closed: bool
    is_special: bool

    @property
    def counted(self) -> timedelta:
        return sum((closes - opens for opens, closes in self.stretches), _NOTHING)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """`days` from the date of `start` to that of `end`; none where time is counted without a break."""

    start: datetime
    term: timedelta | WorkingDays
    end: datetime
    days: tuple[Day, ...] = ()


def reckon(policy: Policy, start: datetime, term: timedelta | WorkingDays) -> Reckoning:
    """The term on the policy's calendar, as `Policy.after` counts it.

    Raises:
        CalendarError: not within five years.
        ValueError: `start` is naive.
    """
    end = policy.after(start, term)
    start = start.astimezone(UTC)
    if policy.calendar.kind == "wall":
        return Reckoning(start, term, end)
    days = _numbered if isinstance(term, WorkingDays) else _summed
    return Reckoning(start, term, end, tuple(days(policy, start, end)))


def reckon_interim(policy: Policy, interim_at: datetime) -> Reckoning:
    """From an interim answer to the final one: ordinary days, or working days."""
    if isinstance(policy.interim_total, WorkingDays):
        return reckon(policy, interim_at, policy.interim_total)
    return Reckoning(interim_at.astimezone(UTC), policy.interim_total, policy.interim_until(interim_at))


def _dates(policy: Policy, start: datetime, end: datetime) -> list[date]:
    zone = policy.calendar.zone
    first = start.astimezone(zone).date()
    # What closes at midnight ends on the date before it.
    last = max((end - _MOMENT).astimezone(zone).date(), first)
    return [first + number * _ONE_DAY for number in range((last - first).days + 1)]


def _summed(policy: Policy, start: datetime, end: datetime) -> Iterator[Day]:
    so_far = _NOTHING
    for day in _dates(policy, start, end):
        cut = [(max(opens, start), min(closes, end)) for opens, closes in policy.calendar.spans_of(day)]
        stretches = [(opens, closes) for opens, closes in cut if opens < closes]
        so_far += sum((closes - opens for opens, closes in stretches), _NOTHING)
        yield _day(policy, day, tuple(stretches), so_far, 0)


def _numbered(policy: Policy, start: datetime, end: datetime) -> Iterator[Day]:
    number = 0
    first = start.astimezone(policy.calendar.zone).date()
    for day in _dates(policy, start, end):
        spans = policy.calendar.spans_of(day)
        counts = bool(spans) and spans[-1][1] > start and (day > first or policy.first_day == "today")
        number += counts
        yield _day(policy, day, (), _NOTHING, number if counts else 0)


def _day(policy: Policy, day: date, stretches: tuple[Span, ...], so_far: timedelta, number: int) -> Day:
    calendar = policy.calendar
    hours = calendar.hours_on(day)
    is_special = hours != calendar.week_hours(day) or (not hours and bool(calendar.holidays))
    return Day(day, stretches, so_far, number, is_closed=not hours, is_special=is_special)
