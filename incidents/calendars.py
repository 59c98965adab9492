"""Which time counts: plain time ("wall"), or only the hours when the region works ("working").

Everything goes in as aware datetimes and comes out in UTC; only the calendar knows its time zone. A stretch
of open time holds its opening moment and not its closing one, so 17:00 of an 08:00-17:00 day is already
closed, yet a sum that ends exactly there is 17:00 today and not 08:00 tomorrow.

On the two nights a year when clocks move (no longer in Russia, but zones are data): a local time that happens
twice means its first occurrence, a local time that is skipped means the moment of the change.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, model_validator

from incidents.intervals import Intervals, Minutes, parse_interval

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_FULL_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# A deadline further away than this is a mistake in the configuration, not a deadline.
_SEARCH_DAYS: Final = 5 * 366
_ONE_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)

Span = tuple[datetime, datetime]  # UTC: opens, closes


class CalendarError(Exception):
    """The calendar has too little open time: the sum is not reached within five years."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder of zones
        raise ValueError(
            f"{name!r} is not a time zone this machine knows, such as Europe/Moscow "
            "(if it knows none, its time zone data is not installed)"
        ) from None
    return name


def _sorted_dates(days: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


class Calendar(BaseModel, frozen=True, extra="forbid"):
    """`[policies.<name>.calendar]`: which time counts towards a deadline."""

    kind: Literal["wall", "working"] = Field(
        default="wall", description='"wall": every hour counts; "working": only the open hours below count'
    )
    tz: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="Europe/Moscow", description="IANA time zone the hours, dates and quiet hours are in"
    )
    hours: dict[Weekday, Intervals] = Field(
        default_factory=dict,
        description='open local hours of each weekday, e.g. mon = ["08:00-12:00", "13:00-17:00"]; '
        "a day left out is closed",
    )
    holidays: Annotated[tuple[date, ...], AfterValidator(_sorted_dates)] = Field(
        default=(), description="dates that are closed whatever their weekday, e.g. 2026-05-01"
    )
    moved: dict[date, Intervals | str] = Field(
        default_factory=dict,
        description="dates with hours of their own (a short day, a moved working day): "
        'intervals, or "like monday"',
    )

    _zone: ZoneInfo = PrivateAttr()
    _week: tuple[tuple[Minutes, ...], ...] = PrivateAttr()
    _dates: dict[date, tuple[Minutes, ...]] = PrivateAttr()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._zone = ZoneInfo(self.tz)
        self._week = tuple(
            tuple(parse_interval(text) for text in self.hours.get(day, ())) for day in WEEKDAYS
        )
        if self.kind == "wall":
            if self.hours or self.holidays or self.moved:
                raise ValueError(
                    'a wall calendar is always open: hours, holidays, moved need kind = "working"'
                )
        elif not any(self._week):
            raise ValueError(
                'this calendar is never open: give at least one weekday hours, e.g. mon = ["08:00-17:00"]'
            )
        if both := sorted(set(self.holidays) & set(self.moved)):
            raise ValueError(f"{both[0]} is both a holiday and a moved day: leave it in one of them")
        self._dates = dict.fromkeys(self.holidays, ())
        self._dates |= {day: self._hours_of_moved(day, what) for day, what in self.moved.items()}
        return self

    def _hours_of_moved(self, day: date, what: tuple[str, ...] | str) -> tuple[Minutes, ...]:
        if not isinstance(what, str):
            hours = tuple(parse_interval(text) for text in what)
            if not hours:
                raise ValueError(f"moved {day} has no hours: a closed day belongs in holidays")
            return hours
        name = what.casefold().removeprefix("like ").strip()
        if not what.casefold().startswith("like ") or name not in (*WEEKDAYS, *_FULL_NAMES):
            raise ValueError(f'moved {day}: {what!r} is neither a list of intervals nor e.g. "like monday"')
        hours = self._week[[full[:3] for full in _FULL_NAMES].index(name[:3])]
        if not hours:
            raise ValueError(f"moved {day}: {what!r}, but that weekday is closed")
        return hours

    @property
    def zone(self) -> ZoneInfo:
        """The time zone people read these times in."""
        return self._zone

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The moment when `amount` of open time has passed since `start`.

        Never strictly inside closed time: it may be a closing moment; with no amount and a closed `start` it
        is the next opening.

        Raises:
            CalendarError: not within five years.
            ValueError: `start` is naive, or `amount` is negative.
        """
        moment, left = _utc(start), _not_negative(amount)
        if self.kind == "wall":
            return moment + left
        for opens, closes in self.open_from(moment):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise CalendarError(f"{amount} of open time do not pass within five years of {start}")

    def closing_of_day(
        self, start: datetime, number: int, *, first_day: Literal["today", "tomorrow"] = "today"
    ) -> datetime:
        """The closing of the `number`-th working day (1, 2, …); days are local dates that have open hours.

        "today": the date of `start` is the first of them if `start` is before its closing; "tomorrow": the
        first is a later date.

        Raises:
            CalendarError: not within five years, or a wall calendar, which never closes.
            ValueError: `start` is naive.
        """
        moment = _utc(start)
        day = self._local_date(moment)
        for _ in range(_SEARCH_DAYS if self.kind == "working" else 0):
            spans = self.spans_of(day)
            if spans and spans[-1][1] > moment and (first_day == "today" or day > self._local_date(moment)):
                number -= 1
                if number == 0:
                    return spans[-1][1]
            day += _ONE_DAY
        raise CalendarError(f"there are not so many working days within five years of {start}")

    def hours_on(self, day: date) -> tuple[Minutes, ...]:
        """The open hours of a local date; none where it is closed. A wall calendar has none at all."""
        return self._dates.get(day, self.week_hours(day))

    def week_hours(self, day: date) -> tuple[Minutes, ...]:
        """The open hours its weekday has."""
        return self._week[day.weekday()]

    def back(self, end: datetime, amount: timedelta) -> datetime:
        """The latest moment from which `amount` of open time remains until `end`.

        Never strictly inside closed time: it may be an opening moment; with no amount and a closed `end` it
        is the closing before it.

        Raises:
            CalendarError: not within five years.
            ValueError: `end` is naive, or `amount` is negative.
        """
        moment, left = _utc(end), _not_negative(amount)
        if self.kind == "wall":
            return moment - left
        for opens, closes in self._backward(moment):
            if left <= closes - opens:
                return closes - left
            left -= closes - opens
        raise CalendarError(f"{amount} of open time do not lie within five years before {end}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end`; negative when `end` is earlier.

        Raises:
            ValueError: one of them is naive.
        """
        first, last = _utc(start), _utc(end)
        if last < first:
            return -self.between(end, start)
        if self.kind == "wall":
            return last - first
        days = (self._local_date(last) - self._local_date(first)).days
        spans = self.open_from(first, days=days + 3)
        return sum((max(min(closes, last) - opens, _NOTHING) for opens, closes in spans), _NOTHING)

    def is_open(self, at: datetime) -> bool:
        """Whether time counts at this moment. An opening moment is open, a closing one is not."""
        moment = _utc(at)
        if self.kind == "wall":
            return True
        return any(opens <= moment < closes for opens, closes in self.open_from(moment, days=3))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself if that is open, else the next opening.

        Raises:
            CalendarError: not within five years.
        """
        moment = _utc(at)
        if self.kind == "wall":
            return moment
        for opens, closes in self.open_from(moment):
            if closes > moment:
                return opens
        raise CalendarError(f"nothing opens within five years of {at}")

    def _local_date(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def open_from(self, moment: datetime, *, days: int = _SEARCH_DAYS) -> Iterator[Span]:
        """What is left of open time from `moment` (UTC) on; first an empty span if it is a closing moment.

        Of a working calendar only. Looks through `days` local dates, beginning with the day before, which may
        close only now.
        """
        day = self._local_date(moment) - _ONE_DAY
        for _ in range(days):
            for opens, closes in self.spans_of(day):
                if closes >= moment:
                    yield max(opens, moment), closes
            day += _ONE_DAY

    def _backward(self, moment: datetime) -> Iterator[Span]:
        """Open time before `moment`, the nearest first; first an empty span if it is an opening moment."""
        day = self._local_date(moment) + _ONE_DAY
        for _ in range(_SEARCH_DAYS):
            for opens, closes in reversed(self.spans_of(day)):
                if opens <= moment:
                    yield opens, min(closes, moment)
            day -= _ONE_DAY

    def spans_of(self, day: date) -> list[Span]:
        """The open time of a local date as moments."""
        midnight = datetime.combine(day, time.min)
        spans = [
            (
                _instant(midnight + timedelta(minutes=opens), self._zone),
                _instant(midnight + timedelta(minutes=closes), self._zone),
            )
            for opens, closes in self.hours_on(day)
        ]
        return [(opens, closes) for opens, closes in spans if opens < closes]


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a naive local time; never runs backwards, so that spans stay in order."""
    after = local.replace(tzinfo=zone).astimezone(UTC)
    if after.astimezone(zone).replace(tzinfo=None) == local:
        return after
    # Skipped by the clock: zoneinfo answers with the offset before the change (fold=0, a moment after it) or
    # the offset after it (fold=1, a moment before it). The change itself lies between the two.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while (seconds := (after - before) // timedelta(seconds=1)) > 1:
        middle = before + timedelta(seconds=seconds // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC)


def _not_negative(amount: timedelta) -> timedelta:
    if amount < _NOTHING:
        raise ValueError(f"{amount} is negative")
    return amount
