"""What holds of every calendar, moment and amount."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incidents.calendars import WEEKDAYS, Calendar

FIVE_DAYS = WEEKDAYS[:5]
SECOND = timedelta(seconds=1)
WALL = Calendar(tz="Europe/Berlin")
MOVED = Calendar(
    kind="working",
    hours=dict.fromkeys(FIVE_DAYS, ("08:00-12:00", "13:00-17:00")),
    holidays=[date(2026, 1, day) for day in range(1, 10)] + [date(2026, 3, 9)],
    moved={date(2026, 3, 7): "like monday", date(2026, 3, 6): ["08:00-12:00", "13:00-16:00"]},
)
WORKING = [
    Calendar(kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",))),
    MOVED,
    # Open over both clock changes, with an edge inside the hour that is skipped or happens twice.
    Calendar(
        kind="working", tz="Europe/Berlin", hours=dict.fromkeys(WEEKDAYS, ("01:00-02:30", "02:45-24:00"))
    ),
    # The clock changes at midnight here.
    Calendar(
        kind="working", tz="America/Havana", hours=dict.fromkeys(WEEKDAYS, ("00:00-00:30", "20:00-24:00"))
    ),
    # The clock changes by half an hour here.
    Calendar(
        kind="working", tz="Australia/Lord_Howe", hours={"sat": ["12:00-24:00"], "sun": ["00:00-12:00"]}
    ),
]
ALWAYS = Calendar(kind="working", tz="Europe/Berlin", hours=dict.fromkeys(WEEKDAYS, ("00:00-24:00",)))


@st.composite
def _intervals(draw: st.DrawFn) -> list[str]:
    """One to three a day, an hour long or more, edges on quarters of an hour."""
    edges = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    quarter = draw(st.sampled_from([0, 15, 30])) if pairs[-1][1] < 24 else 0
    return [f"{opens:02}:{quarter:02}-{closes:02}:{quarter:02}" for opens, closes in pairs]


@st.composite
def random_calendars(draw: st.DrawFn) -> Calendar:
    """Any working week of two days or more, with holidays and days of their own hours in 2026."""
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=2))
    dates = st.integers(0, 400).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
    moved = draw(st.dictionaries(dates, _intervals(), max_size=5))
    holidays = draw(st.sets(dates, max_size=25)) - set(moved)
    zone = draw(
        st.sampled_from(
            ["Europe/Moscow", "Europe/Kaliningrad", "Asia/Kamchatka", "Europe/Berlin", "America/Havana"]
        )
    )
    return Calendar(
        kind="working",
        tz=zone,
        hours={day: draw(_intervals()) for day in WEEKDAYS if day in days},
        holidays=tuple(holidays),
        moved={day: tuple(hours) for day, hours in moved.items()},
    )


calendars = st.one_of(st.sampled_from([WALL, ALWAYS, *WORKING]), random_calendars())
# Quarters of an hour meet opening and closing moments often; bare seconds meet everything else.
amounts = st.one_of(
    st.integers(0, 200).map(lambda n: n * timedelta(minutes=15)),
    st.integers(0, 200_000).map(lambda n: n * SECOND),
)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CLOCKS_CHANGE = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 6), (3, 28), (10, 24), (10, 31))
]
starts = st.one_of(
    st.builds(
        lambda near, n: near + n * timedelta(minutes=15),
        st.sampled_from(CLOCKS_CHANGE),
        st.integers(0, 300),
    ),
    st.integers(0, 365 * 86400).map(lambda n: YEAR + n * SECOND),
)
modest = settings(max_examples=80, deadline=None)


def strictly_closed(calendar: Calendar, at: datetime) -> bool:
    return not calendar.is_open(at) and not calendar.is_open(at - SECOND)


@modest
@given(calendars, starts, starts, amounts)
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, amount: timedelta
) -> None:
    earlier, later = sorted([one, other])
    assert calendar.add(earlier, amount) <= calendar.add(later, amount)


@modest
@given(calendars, starts, amounts, amounts)
def test_more_time_is_later_time(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    less, more = sorted([one, other])
    assert (calendar.add(start, less) < calendar.add(start, more)) == (less < more)


@modest
@given(calendars, starts, amounts, amounts)
def test_two_amounts_in_turn_are_their_sum(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@modest
@given(calendars, starts, amounts)
def test_no_result_is_inside_closed_time(calendar: Calendar, at: datetime, amount: timedelta) -> None:
    assert not strictly_closed(calendar, calendar.add(at, amount))
    assert not strictly_closed(calendar, calendar.back(at, amount))
    assert calendar.is_open(calendar.next_open(at))


@modest
@given(calendars, starts, amounts)
def test_what_was_added_lies_between(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    due = calendar.add(start, amount)
    assert calendar.between(start, due) == amount
    assert calendar.between(due, start) == -amount


@modest
@given(calendars, starts, amounts)
def test_counting_back_leaves_that_much_open_time(
    calendar: Calendar, end: datetime, amount: timedelta
) -> None:
    begin = calendar.back(end, amount)
    assert calendar.between(begin, end) == amount
    assert calendar.between(begin + SECOND, end) < amount or amount == timedelta(0)


@modest
@given(calendars, starts, amounts)
def test_counting_back_undoes_adding(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    opened = calendar.next_open(start)
    assert calendar.back(calendar.add(opened, amount), amount) == opened


@modest
@given(calendars, starts, starts, starts)
def test_open_time_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@modest
@given(calendars, starts)
def test_nothing_is_open_before_the_next_opening(calendar: Calendar, at: datetime) -> None:
    opening = calendar.next_open(at)
    assert calendar.between(at, opening) == timedelta(0)
    assert calendar.is_open(at) == (opening == at)


@modest
@given(starts, amounts)
def test_a_calendar_open_day_and_night_is_plain_time_whatever_the_clocks_do(
    start: datetime, amount: timedelta
) -> None:
    assert ALWAYS.add(start, amount) == WALL.add(start, amount) == start + amount
    assert ALWAYS.back(start, amount) == WALL.back(start, amount) == start - amount
    assert ALWAYS.between(start, start + amount) == WALL.between(start, start + amount) == amount
    assert ALWAYS.is_open(start)


def the_wall_clock_says_open(at: datetime) -> bool:
    """MOVED, said again in another way: by reading a Moscow clock."""
    local = at.astimezone(MOVED.zone)
    if local.date() in MOVED.holidays:
        return False
    if local.weekday() > 4 and local.date() != date(2026, 3, 7):
        return False
    closing = 16 if local.date() == date(2026, 3, 6) else 17
    return 8 <= local.hour < 12 or 13 <= local.hour < closing


@modest
@given(starts)
def test_open_is_what_a_clock_and_a_calendar_on_the_wall_say(at: datetime) -> None:
    assert MOVED.is_open(at) == the_wall_clock_says_open(at)


@settings(max_examples=30, deadline=None)
@given(starts, st.integers(0, 96))
def test_open_time_is_the_count_of_open_quarters(start: datetime, quarters: int) -> None:
    step = timedelta(minutes=15)
    first = start.replace(minute=start.minute // 15 * 15, second=0)
    counted = sum(the_wall_clock_says_open(first + n * step) for n in range(quarters))

    assert MOVED.between(first, first + quarters * step) == counted * step


@modest
@given(calendars, starts, amounts, st.sets(st.integers(0, 400), max_size=40))
def test_holidays_only_delay(
    calendar: Calendar, start: datetime, amount: timedelta, numbers: set[int]
) -> None:
    closed = {date(2026, 1, 1) + timedelta(days=number) for number in numbers} - set(calendar.moved)
    assume(calendar.kind == "working")
    fuller = Calendar(
        kind="working",
        tz=calendar.tz,
        hours=calendar.hours,
        holidays=(*calendar.holidays, *closed),
        moved=calendar.moved,
    )
    assert fuller.add(start, amount) >= calendar.add(start, amount)
    assert fuller.between(start, start + amount) <= calendar.between(start, start + amount)


@modest
@given(random_calendars(), starts, st.integers(1, 12), st.sampled_from(["today", "tomorrow"]))
def test_the_closing_of_a_day_is_later_with_every_day_and_from_tomorrow_at_most_a_day_later(
    calendar: Calendar, start: datetime, number: int, first_day: Literal["today", "tomorrow"]
) -> None:
    found = calendar.closing_of_day(start, number, first_day=first_day)

    assert found > start
    assert not strictly_closed(calendar, found)
    assert calendar.closing_of_day(start, number + 1, first_day=first_day) > found
    assert calendar.closing_of_day(start, number) <= found <= calendar.closing_of_day(start, number + 1)
    assert calendar.closing_of_day(found, 1) > found


def minute_by_minute(calendar: Calendar, start: datetime, minutes: int) -> datetime:
    """Somebody who reads a clock once a minute and knows only the written hours."""
    at = start
    while minutes:
        local = at.astimezone(ZoneInfo(calendar.tz))
        weekday: Any = WEEKDAYS[local.weekday()]
        hours = calendar.moved.get(local.date(), calendar.hours.get(weekday, ()))
        if local.date() in calendar.holidays:
            hours = ()
        now = f"{local:%H:%M}"
        minutes -= any(opens <= now < closes for opens, closes in (text.split("-") for text in hours))
        at += timedelta(minutes=1)
    return at


@settings(max_examples=40, deadline=None)
@given(random_calendars(), st.integers(0, 365 * 1440), st.integers(1, 600))
def test_a_sum_is_what_a_clock_on_the_wall_says_minute_by_minute(
    calendar: Calendar, begin: int, minutes: int
) -> None:
    start = YEAR + begin * timedelta(minutes=1)
    assume(calendar.tz.startswith(("Europe/Moscow", "Europe/Kal", "Asia")))  # these clocks never move

    assert calendar.add(start, minutes * timedelta(minutes=1)) == minute_by_minute(calendar, start, minutes)


@modest
@given(calendars, starts, starts)
def test_a_calendar_written_down_and_read_again_is_the_same(
    calendar: Calendar, one: datetime, other: datetime
) -> None:
    again = Calendar.model_validate_json(calendar.model_dump_json())
    assert again == calendar
    assert again.between(one, other) == calendar.between(one, other)
