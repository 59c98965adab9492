"""When a person is away, as people write it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.away_dates import (
    MOST_DAYS,
    AwayPast,
    AwayTooFar,
    AwayTooLong,
    AwayUnreadable,
    parse_away,
)
from incidents.errors import IncidentError

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("1–14 июля", "2027-07-01", "2027-07-14"),
        ("1 — 14 июля", "2027-07-01", "2027-07-14"),
        ("1-14 ИЮЛЯ 2027", "2027-07-01", "2027-07-14"),
        ("1−14 июля 2027 г.", "2027-07-01", "2027-07-14"),
        ("с 1 по 14 июля", "2027-07-01", "2027-07-14"),
        ("25.11-02.12", "2026-11-25", "2026-12-02"),
        ("25.11‐2.12", "2026-11-25", "2026-12-02"),
        ("25.11 - 02.12.2026", "2026-11-25", "2026-12-02"),
        ("25/11/26-02/12/26", "2026-11-25", "2026-12-02"),
        ("2026-11-25 - 2026-12-02", "2026-11-25", "2026-12-02"),
        ("25 ноября – 2 декабря", "2026-11-25", "2026-12-02"),
        ("с 25 ноября по 2 декабря", "2026-11-25", "2026-12-02"),
        ("с 25-го по 28-е ноября", "2026-11-25", "2026-11-28"),
        ("5-10 дек.", "2026-12-05", "2026-12-10"),
        ("25.11-28", "2026-11-25", "2026-11-28"),
        ("28.12-10.01", "2026-12-28", "2027-01-10"),
        ("с 28 декабря 2026 по 10 января", "2026-12-28", "2027-01-10"),
        ("28 декабря - 10 января 2027 года", "2026-12-28", "2027-01-10"),
        ("до пятницы", "2026-11-21", "2026-11-27"),
        ("по пт", "2026-11-21", "2026-11-27"),
        ("до субботы", "2026-11-21", "2026-11-28"),
        ("с понедельника по среду", "2026-11-23", "2026-11-25"),
        ("с субботы по среду", "2026-11-28", "2026-12-02"),
        ("с завтра по 30.11", "2026-11-22", "2026-11-30"),
        ("до 30 ноября", "2026-11-21", "2026-11-30"),
        ("сегодня", "2026-11-21", "2026-11-21"),
        ("Завтра", "2026-11-22", "2026-11-22"),
        ("25 ноября", "2026-11-25", "2026-11-25"),
        ("на неделю", "2026-11-21", "2026-11-27"),
        ("2 недели", "2026-11-21", "2026-12-04"),
        ("10 дней", "2026-11-21", "2026-11-30"),
        ("15–25 ноября", "2026-11-21", "2026-11-25"),  # it has begun already
        ("July 1-14", "2027-07-01", "2027-07-14"),
        ("1 – 14 July", "2027-07-01", "2027-07-14"),
        ("Nov 25, 2026 - Dec 2, 2026", "2026-11-25", "2026-12-02"),
        ("from 25th November to 2nd December", "2026-11-25", "2026-12-02"),
        ("until Friday", "2026-11-21", "2026-11-27"),
        ("today", "2026-11-21", "2026-11-21"),
        ("1 week", "2026-11-21", "2026-11-27"),
    ],
)
def test_dates_are_read_as_people_write_them(said: str, first: str, last: str) -> None:
    period = parse_away(said, SATURDAY)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("", AwayUnreadable),
        ("скоро", AwayUnreadable),
        ("30.02", AwayUnreadable),
        ("29 февраля", AwayUnreadable),
        ("31.11-02.12", AwayUnreadable),
        ("1-14 брюмера", AwayUnreadable),
        ("14–1 июля", AwayUnreadable),
        ("02.12.2026-25.11.2026", AwayUnreadable),
        ("с 25 ноября", AwayUnreadable),
        ("1-2-3", AwayUnreadable),
        ("5", AwayUnreadable),
        ("1–14 июля " * 100, AwayUnreadable),
        ("\0", AwayUnreadable),
        ("10–12 ноября", AwayPast),
        ("1.07.2026-14.07.2026", AwayPast),
        ("1 декабря – 28 февраля", AwayTooLong),
        ("63 дня", AwayTooLong),
        ("1–3 января 2028", AwayTooFar),
    ],
)
def test_what_cannot_be_meant_is_refused(said: str, refusal: type[IncidentError]) -> None:
    with pytest.raises(refusal):
        parse_away(said, SATURDAY)


def test_the_longest_absence_is_allowed() -> None:
    assert parse_away(f"{MOST_DAYS} дней", SATURDAY).days == MOST_DAYS


def test_on_a_friday_until_friday_is_a_week() -> None:
    assert parse_away("до пятницы", date(2026, 11, 27)).last == date(2026, 12, 4)


@given(
    today=st.dates(date(2024, 1, 1), date(2040, 12, 31)),
    ahead=st.integers(0, 200),
    days=st.integers(1, MOST_DAYS),
    spelling=st.sampled_from(
        ["{0:%d.%m}-{1:%d.%m}", "с {0:%d.%m.%Y} по {1:%d.%m.%Y}", "{0:%Y-%m-%d} — {1:%Y-%m-%d}"]
    ),
)
def test_any_days_come_back_as_they_were_written(today: date, ahead: int, days: int, spelling: str) -> None:
    first = today + timedelta(days=ahead)
    last = first + timedelta(days=days - 1)
    if (2, 29) in {(first.month, first.day), (last.month, last.day)} and "%Y" not in spelling:
        return  # without a year it is a day of no certain year
    period = parse_away(spelling.format(first, last), today)
    assert (period.first, period.last) == (first, last)


@given(said=st.text(max_size=300), today=st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_anything_else_is_refused_in_words(said: str, today: date) -> None:
    try:
        period = parse_away(said, today)
    except IncidentError:
        return
    assert today <= period.first <= period.last
    assert period.days <= MOST_DAYS
