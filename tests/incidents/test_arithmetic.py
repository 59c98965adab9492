"""The lines of a deadline add up to the deadline, whatever the calendar."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.arithmetic import reckon, reckon_interim
from incidents.calendars import Calendar
from incidents.policies import Policy
from incidents.terms import WorkingDays
from tests.incidents.test_calendars_properties import amounts, random_calendars, starts

modest = settings(max_examples=80, deadline=None)
FIVE_DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar(
    kind="working",
    hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",)),
    holidays=(date(2026, 3, 9),),
    moved={date(2026, 3, 6): ("08:00-16:00",)},
)


@modest
@given(random_calendars(), starts, amounts)
def test_the_stretches_are_the_whole_sum_and_end_where_the_deadline_is(
    calendar: Calendar, start: datetime, amount: timedelta
) -> None:
    reckoning = reckon(Policy(name="x", calendar=calendar), start, amount)

    assert reckoning.end == calendar.add(start, amount)
    stretches = [one for day in reckoning.days for one in day.stretches]
    assert sum((closes - opens for opens, closes in stretches), timedelta(0)) == amount
    assert reckoning.days[-1].so_far == amount
    assert stretches == sorted(stretches)
    assert all(start <= opens < closes <= reckoning.end for opens, closes in stretches)
    assert not stretches or stretches[-1][1] == reckoning.end
    dates = [day.date for day in reckoning.days]
    assert dates == [dates[0] + timedelta(days=number) for number in range(len(dates))]


@modest
@given(random_calendars(), starts, st.integers(1, 12), st.sampled_from(["today", "tomorrow"]))
def test_working_days_are_numbered_up_to_the_last(
    calendar: Calendar, start: datetime, number: int, first_day: str
) -> None:
    policy = Policy.model_validate({"name": "x", "calendar": calendar, "first_day": first_day})
    reckoning = reckon(policy, start, WorkingDays(number))

    numbers = [day.number for day in reckoning.days if day.number]
    assert numbers == list(range(1, number + 1))
    assert reckoning.end == calendar.closing_of_day(start, number, first_day=policy.first_day)


def test_a_day_says_why_it_does_not_count() -> None:
    policy = Policy(name="x", calendar=OFFICE)
    # Thursday 5 March, 16:00 in Moscow: 1 h, a short Friday 8 h, a week-end, a holiday, Tuesday 1 h.
    reckoning = reckon(policy, datetime(2026, 3, 5, 13, tzinfo=UTC), timedelta(hours=10))

    assert [(day.date.day, day.counted // timedelta(hours=1)) for day in reckoning.days] == [
        (5, 1),
        (6, 8),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 1),
    ]
    assert [day.date.day for day in reckoning.days if day.is_closed] == [7, 8, 9]
    assert [day.date.day for day in reckoning.days if day.is_special] == [6, 7, 8, 9]


def test_time_without_a_break_has_no_days() -> None:
    policy = Policy(name="x")
    start = datetime(2026, 3, 5, 13, tzinfo=UTC)
    assert reckon(policy, start, timedelta(hours=24)).days == ()
    assert reckon_interim(policy, start).end == start + timedelta(days=7)
