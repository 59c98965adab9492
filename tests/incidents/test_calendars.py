"""Worked examples of the calendar, each countable on fingers. All times here are local to the calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from incidents.calendars import Calendar, CalendarError
from incidents.intervals import format_interval, parse_interval

FIVE_DAYS = ("mon", "tue", "wed", "thu", "fri")
KALUGA = Calendar(kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",)))
LUNCH = Calendar(kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-12:00", "13:00-17:00")))
# A Friday-night shift, and Saturday closing at the midnight where Sunday opens.
NIGHT = Calendar(
    kind="working",
    hours={"fri": ["22:00-24:00"], "sat": ["00:00-06:00", "20:00-24:00"], "sun": ["00:00-02:00"]},
)
LATE = Calendar(kind="working", hours={"fri": ["22:00-24:00"]})
# 2026: the Victory Day holiday moves to Monday 11 May; Saturday 16 May works like a Monday; 30 April is short.
MAY = Calendar(
    kind="working",
    hours={**dict.fromkeys(FIVE_DAYS, ("09:00-18:00",)), "fri": ["09:00-16:45"]},
    holidays=[date(2026, 5, 1), date(2026, 5, 11)],
    moved={date(2026, 5, 16): "like monday", date(2026, 4, 30): ["09:00-17:00"]},
)
BERLIN = Calendar(kind="wall", tz="Europe/Berlin")
BERLIN_DAILY = Calendar(
    kind="working", tz="Europe/Berlin", hours=dict.fromkeys((*FIVE_DAYS, "sat", "sun"), ("00:00-24:00",))
)
# The clock jumps 02:00 → 03:00 on 29 March 2026 and back 03:00 → 02:00 on 25 October.
BERLIN_NIGHT = Calendar(kind="working", tz="Europe/Berlin", hours={"sun": ["01:00-02:30", "02:30-04:00"]})
VLADIVOSTOK = Calendar(
    kind="working", tz="Asia/Vladivostok", hours=dict.fromkeys(FIVE_DAYS, ("09:00-18:00",))
)


def local(calendar: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


# 2 March 2026 is a Monday, 6 March a Friday.
SUMS = [
    pytest.param(KALUGA, "2026-03-06 16:00", 24, "2026-03-11 13:00", id="Fri 16:00 + 24 h = Wed 13:00"),
    pytest.param(KALUGA, "2026-03-06 16:00", 1, "2026-03-06 17:00", id="ends at the closing, not on Monday"),
    pytest.param(KALUGA, "2026-03-06 17:00", 1, "2026-03-09 09:00", id="17:00 is out"),
    pytest.param(KALUGA, "2026-03-06 08:00", 9, "2026-03-06 17:00", id="a whole day"),
    pytest.param(KALUGA, "2026-03-07 12:00", 0.5, "2026-03-09 08:30", id="Saturday counts from Monday"),
    pytest.param(KALUGA, "2026-03-07 12:00", 0, "2026-03-09 08:00", id="nothing, from closed time"),
    pytest.param(KALUGA, "2026-03-06 17:00", 0, "2026-03-06 17:00", id="nothing, from a closing moment"),
    pytest.param(KALUGA, "2026-03-02 03:00", 45, "2026-03-06 17:00", id="a whole week"),
    pytest.param(LUNCH, "2026-03-02 11:30", 1, "2026-03-02 13:30", id="over lunch"),
    pytest.param(LUNCH, "2026-03-02 11:00", 1, "2026-03-02 12:00", id="until lunch"),
    pytest.param(LUNCH, "2026-03-02 12:30", 4, "2026-03-02 17:00", id="registered at lunch"),
    pytest.param(NIGHT, "2026-03-06 23:00", 3, "2026-03-07 02:00", id="through an open midnight"),
    pytest.param(NIGHT, "2026-03-07 05:00", 6, "2026-03-08 01:00", id="two night shifts"),
    pytest.param(NIGHT, "2026-03-08 01:30", 1, "2026-03-13 22:30", id="to the next week's night"),
    pytest.param(LATE, "2026-03-07 00:00", 0, "2026-03-07 00:00", id="nothing, from closing at midnight"),
    pytest.param(MAY, "2026-04-30 16:00", 2, "2026-05-04 10:00", id="short day, holiday, week-end"),
    pytest.param(MAY, "2026-05-08 15:45", 2, "2026-05-12 10:00", id="a holiday on Monday"),
    pytest.param(MAY, "2026-05-15 16:45", 9, "2026-05-16 18:00", id="a working Saturday like Monday"),
    pytest.param(VLADIVOSTOK, "2026-03-06 17:00", 2, "2026-03-09 10:00", id="its own zone, not Moscow's"),
    pytest.param(Calendar(), "2026-03-06 16:00", 24, "2026-03-07 16:00", id="wall"),
    pytest.param(BERLIN, "2026-03-28 12:00", 24, "2026-03-29 13:00", id="wall, 23-hour day"),
    pytest.param(BERLIN, "2026-10-24 12:00", 24, "2026-10-25 11:00", id="wall, 25-hour day"),
    pytest.param(BERLIN_DAILY, "2026-03-28 12:00", 24, "2026-03-29 13:00", id="always open, 23-hour day"),
    pytest.param(BERLIN_DAILY, "2026-10-24 12:00", 24, "2026-10-25 11:00", id="always open, 25-hour day"),
    pytest.param(BERLIN_NIGHT, "2026-03-29 01:00", 2, "2026-03-29 04:00", id="two open hours left of three"),
    pytest.param(BERLIN_NIGHT, "2026-10-25 01:00", 4, "2026-10-25 04:00", id="four open hours, not three"),
    pytest.param(BERLIN_NIGHT, "2026-03-22 01:00", 3, "2026-03-22 04:00", id="an ordinary Sunday"),
]


@pytest.mark.parametrize(("calendar", "start", "hours", "expected"), SUMS)
def test_open_time_is_added(calendar: Calendar, start: str, hours: float, expected: str) -> None:
    found = calendar.add(local(calendar, start), timedelta(hours=hours))

    assert found == local(calendar, expected).astimezone(UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(("calendar", "start", "hours", "expected"), SUMS)
def test_open_time_is_measured(calendar: Calendar, start: str, hours: float, expected: str) -> None:
    first, last = local(calendar, start), local(calendar, expected)

    assert calendar.between(first, last) == timedelta(hours=hours)
    assert calendar.between(last, first) == -timedelta(hours=hours)


@pytest.mark.parametrize(
    ("calendar", "end", "hours", "expected"),
    [
        pytest.param(KALUGA, "2026-03-11 13:00", 24, "2026-03-06 16:00", id="the other way round"),
        pytest.param(KALUGA, "2026-03-09 09:00", 1, "2026-03-09 08:00", id="the latest: Monday, not Friday"),
        pytest.param(KALUGA, "2026-03-09 08:00", 1, "2026-03-06 16:00", id="from an opening moment"),
        pytest.param(KALUGA, "2026-03-08 12:00", 1, "2026-03-06 16:00", id="from Sunday"),
        pytest.param(KALUGA, "2026-03-08 12:00", 0, "2026-03-06 17:00", id="nothing, from Sunday"),
        pytest.param(KALUGA, "2026-03-09 08:00", 0, "2026-03-09 08:00", id="nothing, from an opening"),
        pytest.param(LUNCH, "2026-03-02 13:30", 1, "2026-03-02 11:30", id="over lunch"),
        pytest.param(NIGHT, "2026-03-07 02:00", 3, "2026-03-06 23:00", id="through an open midnight"),
        pytest.param(MAY, "2026-05-12 10:00", 2, "2026-05-08 15:45", id="a holiday on Monday"),
        pytest.param(BERLIN, "2026-03-29 13:00", 24, "2026-03-28 12:00", id="wall, 23-hour day"),
        pytest.param(BERLIN_NIGHT, "2026-10-25 04:00", 4, "2026-10-25 01:00", id="four hours that night"),
    ],
)
def test_open_time_is_counted_back(calendar: Calendar, end: str, hours: float, expected: str) -> None:
    assert calendar.back(local(calendar, end), timedelta(hours=hours)) == local(calendar, expected)


@pytest.mark.parametrize(
    ("calendar", "at", "opening"),
    [
        (KALUGA, "2026-03-06 08:00", "2026-03-06 08:00"),
        (KALUGA, "2026-03-06 07:59", "2026-03-06 08:00"),
        (KALUGA, "2026-03-06 16:59:59", "2026-03-06 16:59:59"),
        (KALUGA, "2026-03-06 17:00", "2026-03-09 08:00"),
        (LUNCH, "2026-03-06 12:00", "2026-03-06 13:00"),
        (NIGHT, "2026-03-07 00:00", "2026-03-07 00:00"),
        (NIGHT, "2026-03-07 06:00", "2026-03-07 20:00"),
        (MAY, "2026-05-01 12:00", "2026-05-04 09:00"),
        (MAY, "2026-05-16 12:00", "2026-05-16 12:00"),
        (MAY, "2026-05-23 12:00", "2026-05-25 09:00"),
        (BERLIN_NIGHT, "2026-03-29 04:00", "2026-04-05 01:00"),
        (BERLIN, "2026-03-29 04:00", "2026-03-29 04:00"),
    ],
)
def test_open_and_closed(calendar: Calendar, at: str, opening: str) -> None:
    moment = local(calendar, at)

    assert calendar.next_open(moment) == local(calendar, opening)
    assert calendar.is_open(moment) == (at == opening)


def test_an_opening_the_clock_skips_is_the_moment_of_the_change() -> None:
    calendar = Calendar(kind="working", tz="Europe/Berlin", hours={"sun": ["02:20-05:00"]})

    assert calendar.next_open(local(calendar, "2026-03-28 12:00")) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_opening_that_happens_twice_is_the_first() -> None:
    calendar = Calendar(kind="working", tz="Europe/Berlin", hours={"sun": ["02:30-05:00"]})

    assert calendar.next_open(local(calendar, "2026-10-24 12:00")) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_hours_the_clock_skips_altogether_do_not_count() -> None:
    calendar = Calendar(kind="working", tz="Europe/Berlin", hours={"sun": ["02:10-02:50"]})
    saturday = local(calendar, "2026-03-28 12:00")

    assert calendar.next_open(saturday) == local(calendar, "2026-04-05 02:10")
    assert calendar.between(saturday, saturday + timedelta(days=2)) == timedelta(0)


def test_a_clock_that_goes_back_into_yesterday_loses_nothing() -> None:
    # https://github.com/eggert/tz, northamerica: until 2011 Goose Bay went from Sunday 00:01 to Saturday 23:01.
    calendar = Calendar(kind="working", tz="America/Goose_Bay", hours={"sun": ["00:00-12:00"]})
    second_saturday_2330 = datetime(2010, 11, 7, 3, 30, tzinfo=UTC)
    assert second_saturday_2330.astimezone(calendar.zone).strftime("%a %H:%M") == "Sat 23:30"

    assert calendar.is_open(second_saturday_2330)
    quarter = timedelta(minutes=15)
    assert calendar.back(second_saturday_2330, quarter) == second_saturday_2330 - quarter
    assert calendar.between(second_saturday_2330 - timedelta(hours=12), second_saturday_2330) == timedelta(
        minutes=30
    )


def test_any_zone_is_taken_and_utc_given_back() -> None:
    tokyo = datetime(2026, 3, 6, 22, tzinfo=ZoneInfo("Asia/Tokyo"))  # 16:00 in Moscow

    found = KALUGA.add(tokyo, timedelta(hours=24))

    assert (found, found.tzinfo) == (local(KALUGA, "2026-03-11 13:00"), UTC)


def test_the_same_zone_name_at_both_ends_of_a_dst_night_does_not_fool_the_difference() -> None:
    # Subtracting two datetimes of one zone ignores offsets: 24 h where 23 have passed.
    assert BERLIN.between(local(BERLIN, "2026-03-28 12:00"), local(BERLIN, "2026-03-29 12:00")) == timedelta(
        hours=23
    )


NAIVE = datetime(2026, 3, 6, 16)  # noqa: DTZ001 - naive on purpose
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize("calendar", [Calendar(), KALUGA])
def test_naive_times_and_negative_amounts_are_refused(calendar: Calendar) -> None:
    hour = timedelta(hours=1)
    for call in (
        lambda: calendar.add(NAIVE, hour),
        lambda: calendar.back(NAIVE, hour),
        lambda: calendar.between(NOON, NAIVE),
        lambda: calendar.between(NAIVE, NOON),
        lambda: calendar.is_open(NAIVE),
        lambda: calendar.next_open(NAIVE),
    ):
        with pytest.raises(ValueError, match="no time zone"):
            call()
    for negative in (calendar.add, calendar.back):
        with pytest.raises(ValueError, match="negative"):
            negative(NOON, -hour)


def test_a_sum_years_away_is_an_error_and_not_an_endless_search() -> None:
    with pytest.raises(CalendarError, match="five years"):
        KALUGA.add(NOON, timedelta(hours=9 * 5 * 53 * 6))
    with pytest.raises(CalendarError, match="five years"):
        KALUGA.back(NOON, timedelta(hours=9 * 5 * 53 * 6))
    mondays = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(53 * 6)]
    shut = Calendar(kind="working", hours={"mon": ["08:00-17:00"]}, holidays=mondays)
    with pytest.raises(CalendarError, match="nothing opens"):
        shut.next_open(NOON)


WORKING: dict[str, Any] = {"kind": "working", "hours": {"mon": ["08:00-17:00"]}}


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"kind": "working"}, "never open"),
        ({"kind": "working", "hours": {"mon": [], "tue": []}}, "never open"),
        ({"kind": "working", "moved": {"2026-05-01": ["08:00-17:00"]}}, "never open"),
        ({"kind": "wall", "hours": {"mon": ["08:00-17:00"]}}, "wall calendar is always open"),
        ({"kind": "wall", "holidays": ["2026-05-01"]}, "wall calendar is always open"),
        ({"kind": "sidereal"}, "'wall' or 'working'"),
        ({"tz": "Europe/Kaluga"}, "Europe/Kaluga"),
        ({"tz": "Europe"}, "not a time zone"),
        ({"tz": "../etc/passwd"}, "not a time zone"),
        ({"tz": ""}, "not a time zone"),
        ({"timezone": "Europe/Moscow"}, "timezone"),
        ({"kind": "working", "hours": {"monday": ["08:00-17:00"]}}, "hours.monday"),
        ({"kind": "working", "hours": {"mon": ["8-17"]}}, "not an interval such as 08:00-17:00"),
        ({"kind": "working", "hours": {"mon": ["08:00-17:60"]}}, "not an interval"),
        ({"kind": "working", "hours": {"mon": ["08:00-24:01"]}}, "from 00:00 to 24:00"),
        ({"kind": "working", "hours": {"mon": ["24:00-24:00"]}}, "from 00:00 to 24:00"),
        ({"kind": "working", "hours": {"mon": ["22:00-06:00"]}}, "night shift"),
        ({"kind": "working", "hours": {"mon": ["08:00-08:00"]}}, "ends before it begins"),
        ({"kind": "working", "hours": {"mon": ["08:00-12:30", "12:00-17:00"]}}, "12:00-17:00 overlaps"),
        ({"kind": "working", "hours": {"mon": ["13:00-17:00", "08:00-12:00"]}}, "out of order"),
        ({**WORKING, "holidays": ["1 May"]}, "holidays"),
        ({**WORKING, "holidays": ["2026-05-02"], "moved": {"2026-05-02": "like monday"}}, "both a holiday"),
        ({**WORKING, "moved": {"2026-05-02": "like tuesday"}}, "that weekday is closed"),
        ({**WORKING, "moved": {"2026-05-02": "like payday"}}, "neither a list of intervals"),
        ({**WORKING, "moved": {"2026-05-02": "monday"}}, "neither a list of intervals"),
        ({**WORKING, "moved": {"2026-05-02": []}}, "belongs in holidays"),
        ({**WORKING, "moved": {"2026-05-02": ["17:00-08:00"]}}, "ends before it begins"),
    ],
)
def test_a_wrong_calendar_is_refused_in_words_that_help(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Calendar.model_validate(settings)
    assert complaint in str(refusal.value)


@pytest.mark.parametrize("like", ["like monday", "like mon", "Like Monday"])
def test_a_moved_day_may_name_its_weekday_short_or_long(like: str) -> None:
    calendar = Calendar.model_validate({**WORKING, "moved": {"2026-05-02": like}})

    assert calendar.is_open(datetime(2026, 5, 2, 12, tzinfo=calendar.zone))


def test_hours_are_kept_in_one_form() -> None:
    calendar = Calendar(
        kind="working", hours={"mon": [" 8:00 - 17:00 "]}, holidays=["2026-06-12", "2026-01-01"]
    )

    assert calendar.hours == {"mon": ("08:00-17:00",)}
    assert calendar.holidays == (date(2026, 1, 1), date(2026, 6, 12))
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        KALUGA.tz = "Europe/Samara"  # type: ignore[misc]  # the point of the test


def test_intervals_are_read_and_written() -> None:
    assert parse_interval("22:00-08:05") == (1320, 485)
    assert format_interval((0, 1440)) == "00:00-24:00"
