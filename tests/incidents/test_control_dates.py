"""By when the final answer follows: what people write, and what may be promised."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.calendars import Calendar
from incidents.control_dates import (
    DateBeyondNorm,
    DateInThePast,
    DateUnreadable,
    NormIsOver,
    end_of,
    moment_of,
    offered,
    parse_day,
)

SATURDAY = date(2026, 11, 21)
WALL = Calendar()
OFFICE = Calendar(
    kind="working",
    hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-17:00",)),
    holidays=(date(2026, 11, 25),),
)


def msk(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, Moscow."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("25.11", date(2026, 11, 25)),
        ("до 25.11.", date(2026, 11, 25)),
        ("25.11.2026", date(2026, 11, 25)),
        ("25.11.26", date(2026, 11, 25)),
        ("25/11/2026 г.", date(2026, 11, 25)),
        ("2026-11-25", date(2026, 11, 25)),
        ("25 ноября", date(2026, 11, 25)),
        ("к 25-го ноября 2026 года", date(2026, 11, 25)),
        ("1 мая", date(2027, 5, 1)),
        ("5 марта", date(2027, 3, 5)),
        ("15 января", date(2027, 1, 15)),
        ("20.11", date(2026, 11, 20)),
        ("25 November", date(2026, 11, 25)),
        ("сегодня", SATURDAY),
        ("Завтра!", date(2026, 11, 22)),
        ("послезавтра", date(2026, 11, 23)),
        ("tomorrow", date(2026, 11, 22)),
        ("через 5 дней", date(2026, 11, 26)),
        ("через 1 день", date(2026, 11, 22)),
        ("через 2 недели", date(2026, 12, 5)),
        ("через неделю", date(2026, 11, 28)),
        ("in 3 days", date(2026, 11, 24)),
        ("пятница", date(2026, 11, 27)),
        ("в пятницу", date(2026, 11, 27)),
        ("до среды", date(2026, 11, 25)),
        ("вторник", date(2026, 11, 24)),
        ("суббота", date(2026, 11, 28)),
        ("пн", date(2026, 11, 23)),
        ("on Friday", date(2026, 11, 27)),
    ],
)
def test_a_day_as_people_write_it(written: str, meant: date) -> None:
    assert parse_day(written, today=SATURDAY) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "скоро",
        "31.02",
        "99.99",
        "0.11",
        "25.13",
        "25 мартобря",
        "через много дней",
        "через",
        "29 февраля",
        "в четверг вечером",
        "9" * 5000,
        "через 999 веков",
        "2026-13-01",
        "25.11.0",
        "\x00",
        "9999-99-99",
    ],
)
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(DateUnreadable):
        parse_day(written, today=SATURDAY)


@given(st.text(max_size=80), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_whatever_is_written_is_a_day_or_refused(written: str, today: date) -> None:
    with suppress(DateUnreadable):
        parse_day(written, today=today)


def test_a_day_ends_with_its_working_hours() -> None:
    assert end_of(date(2026, 11, 24), OFFICE) == msk(24, 17)
    assert end_of(date(2026, 11, 25), OFFICE) == msk(25, 18), "a holiday has no hours of its own"
    assert end_of(date(2026, 11, 24), WALL) == msk(24, 18)


def test_the_buttons_are_working_days_and_none_is_beyond_the_norm() -> None:
    now = msk(21, 12)
    week = msk(28, 12)
    assert offered(now=now, latest=week, calendar=WALL) == [
        date(2026, 11, 23),  # tomorrow is Sunday
        date(2026, 11, 24),
        date(2026, 11, 27),  # the seventh day is Saturday, and Monday would be too late
    ]
    assert offered(now=msk(23, 9), latest=msk(30, 9), calendar=OFFICE) == [
        date(2026, 11, 24),
        date(2026, 11, 26),
        date(2026, 11, 30),
    ]


def test_a_norm_of_hours_leaves_its_own_day() -> None:
    assert offered(now=msk(23, 9), latest=msk(23, 11), calendar=WALL) == [date(2026, 11, 23)]


def test_once_the_norm_is_over_nothing_is_offered() -> None:
    with pytest.raises(NormIsOver) as refused:
        offered(now=msk(23, 9), latest=msk(23, 9), calendar=WALL)
    assert refused.value.latest == msk(23, 9)


def test_a_promise_ends_with_the_day_or_with_the_norm() -> None:
    now, latest = msk(21, 12), msk(28, 12)
    assert moment_of(date(2026, 11, 27), now=now, latest=latest, calendar=WALL) == msk(27, 18)
    assert moment_of(date(2026, 11, 28), now=now, latest=latest, calendar=WALL) == latest
    with pytest.raises(DateBeyondNorm) as beyond:
        moment_of(date(2026, 11, 29), now=now, latest=latest, calendar=WALL)
    with pytest.raises(DateInThePast) as past:
        moment_of(date(2026, 11, 20), now=now, latest=latest, calendar=WALL)
    assert beyond.value.latest == past.value.latest == latest
    with pytest.raises(DateInThePast):
        moment_of(date(2026, 11, 21), now=msk(21, 19), latest=latest, calendar=WALL)


@given(
    st.integers(0, 10_000),
    st.integers(1, 30 * 24),
    st.sampled_from([WALL, OFFICE]),
)
def test_whatever_is_offered_can_be_promised(start: int, hours: int, calendar: Calendar) -> None:
    now = msk(2, 0) + timedelta(minutes=start)
    latest = now + timedelta(hours=hours)
    days = offered(now=now, latest=latest, calendar=calendar)
    assert 1 <= len(days) <= 3
    for day in days:
        assert now < moment_of(day, now=now, latest=latest, calendar=calendar) <= latest
