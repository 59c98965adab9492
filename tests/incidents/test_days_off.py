"""Holidays, moved and short days: against the production calendars, typed here; and a region's own file."""

import re
from datetime import date

import pytest

from incidents.calendars import WEEKDAYS, Calendar
from incidents.days_off import Override, facts, name_of, read_override, transfers_known_until, with_days_off
from models import Language

OFFICE = Calendar(kind="working", hours=dict.fromkeys(WEEKDAYS[:5], ("08:00-17:00",)))
SIX_DAYS = Calendar(
    kind="working",
    hours={**dict.fromkeys(WEEKDAYS[:5], ("08:00-12:00", "13:00-17:00")), "sat": ("09:00-10:00",)},
)


def closed(calendar: Calendar, year: int) -> list[str]:
    return [f"{day:%d.%m}" for day in calendar.holidays if day.year == year]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (
            2026,
            "01.01 02.01 05.01 06.01 07.01 08.01 09.01 23.02 09.03 01.05 11.05 12.06 04.11 31.12",
        ),
        (
            2027,
            "01.01 04.01 05.01 06.01 07.01 08.01 22.02 23.02 08.03 03.05 10.05 14.06 04.11 05.11 31.12",
        ),
    ],
)
def test_the_working_days_that_rest(year: int, days: str) -> None:
    assert closed(with_days_off(OFFICE, of_russia=True), year) == days.split()


def test_a_moved_saturday_works_like_the_day_that_rests_for_it() -> None:
    assert with_days_off(OFFICE, of_russia=True).moved == {
        date(2025, 11, 1): ("08:00-17:00",),
        date(2027, 2, 20): ("08:00-17:00",),
    }


def test_the_day_before_a_holiday_is_an_hour_shorter_where_that_is_wanted() -> None:
    moved = with_days_off(OFFICE, of_russia=True, short_days=True).moved
    shown = {day: hours for day, hours in moved.items() if 2026 <= day.year <= 2027}
    # Not 31 December, which rests in both years; not 8 November or any Sunday; the moved Saturday is an eve.
    assert shown == dict.fromkeys(
        [
            date(2026, 4, 30),
            date(2026, 5, 8),
            date(2026, 6, 11),
            date(2026, 11, 3),
            date(2027, 2, 20),
            date(2027, 4, 30),
            date(2027, 6, 11),
            date(2027, 11, 3),
        ],
        ("08:00-16:00",),
    )


def test_a_short_day_loses_its_last_hour_and_an_hour_of_work_is_no_day_at_all() -> None:
    found = with_days_off(SIX_DAYS, of_russia=True, short_days=True)
    assert found.moved[date(2026, 11, 3)] == ("08:00-12:00", "13:00-16:00")
    # Saturday 7 March is the eve of the 8th, and its only hour goes.
    assert date(2026, 3, 7) in found.holidays


def test_years_are_the_same_whatever_the_day_and_the_facts_reach_far_enough() -> None:
    years = {day.year for day in with_days_off(OFFICE, of_russia=True).holidays}
    assert years == set(range(2025, 2041))
    assert transfers_known_until() >= 2027
    assert all(day.weekday() > 4 for day in facts().worked)


def test_what_the_region_says_wins_over_its_calendar_and_that_over_the_library() -> None:
    calendar = Calendar(
        kind="working",
        hours=OFFICE.hours,
        holidays=(date(2026, 8, 28), date(2026, 8, 31)),
        moved={date(2026, 5, 1): ("10:00-12:00",)},
    )
    override = read_override(
        'closed = [2026-12-30]\n[open]\n2026-12-31 = "like monday"\n2026-08-31 = ["08:00-12:00"]'
    )
    found = with_days_off(calendar, of_russia=True, override=override)

    assert {date(2026, 8, 28), date(2026, 12, 30)} <= set(found.holidays)
    assert found.moved[date(2026, 5, 1)] == ("10:00-12:00",)
    assert found.moved[date(2026, 8, 31)] == ("08:00-12:00",)
    assert found.moved[date(2026, 12, 31)] == "like monday"
    assert date(2026, 12, 31) not in found.holidays


def test_nothing_to_say_changes_nothing() -> None:
    assert with_days_off(OFFICE, of_russia=False) == OFFICE
    assert read_override("") == Override()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("closed = [", "is not TOML: "),
        ("shut = []", "shut: no such setting; known: closed, open"),
        ("closed = 2026-05-02", "closed: expected a list of dates, such as [2026-05-02]"),
        ('closed = ["May Day"]', "closed: 'May Day' is not a date, such as 2026-05-02"),
        ("closed = [2026-05-02T10:00:00]", "is not a date, such as 2026-05-02"),
        ("closed = [5]", "closed: 5 is not a date, such as 2026-05-02"),
        ("open = []", 'open: expected a table of dates, such as 2026-05-16 = "like monday"'),
        (
            "[open]\n2026-05-16 = 9",
            'open: 2026-05-16: expected intervals, such as ["08:00-17:00"], or "like monday"',
        ),
        (
            "closed = [2026-05-16]\n[open]\n2026-05-16 = []",
            "2026-05-16 is both closed and open: leave it in one of them",
        ),
    ],
)
def test_a_fault_of_the_file_is_one_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        read_override(text)
    assert "\n" not in str(refused.value)


def test_a_day_off_is_called_by_its_name() -> None:
    assert name_of(date(2026, 3, 9), Language.RU) == "Международный женский день (выходной)"
    assert name_of(date(2026, 11, 4), Language.EN) == "Unity Day"
    assert name_of(date(2026, 11, 5), Language.RU) == ""
    assert name_of(date(1990, 1, 1), Language.RU) == ""
