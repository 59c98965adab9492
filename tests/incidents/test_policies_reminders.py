"""Reminder steps, worked out by hand. Local times are Moscow's, three hours ahead of UTC."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.calendars import Calendar
from incidents.policies import Policy, ReminderStep, StepsDue
from models.kinds import Priority

MOSCOW = ZoneInfo("Europe/Moscow")
FIVE_DAYS = ("mon", "tue", "wed", "thu", "fri")
FEDERAL = Policy(name="Федеральный 24 ч", by_priority={"accident": "4h"})
KALUGA = Policy(
    name="Калуга",
    calendar=Calendar(kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",))),
    return_window="2h",
)
QUIET = Policy(name="тихие ночи", quiet_hours="22:00-08:00")
ESCALATE = Policy(name="тихие ночи, кроме просрочки", quiet_hours="22:00-08:00", quiet="escalate")


def msk(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026: the 2nd is a Monday, the 6th a Friday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=MOSCOW)


def sweep(
    policy: Policy,
    now: datetime,
    due_at: datetime,
    *,
    fired: set[str] | None = None,
    priority: Priority = Priority.ORDINARY,
) -> StepsDue:
    return policy.latest_due_step(
        now,
        registered_at=due_at - timedelta(hours=24),
        due_at=due_at,
        fired=fired or set(),
        priority=priority,
    )


def look_again(policy: Policy, now: datetime, due_at: datetime, *, fired: set[str]) -> datetime | None:
    return policy.next_moment(now, registered_at=due_at - timedelta(hours=24), due_at=due_at, fired=fired)


STEPS = [
    pytest.param(
        FEDERAL,
        msk(6, 16),
        msk(7, 16),
        [("12h", msk(7, 4)), ("4h", msk(7, 12)), ("1h", msk(7, 15)), ("overdue", msk(7, 16))],
        id="the federal day",
    ),
    pytest.param(
        FEDERAL,
        msk(6, 16),
        msk(6, 20),
        [("1h", msk(6, 19)), ("overdue", msk(6, 20))],
        id="four hours: the 4h step would be the registration itself",
    ),
    pytest.param(
        KALUGA,
        msk(6, 16),
        msk(11, 13),
        [("12h", msk(10, 10)), ("4h", msk(11, 9)), ("1h", msk(11, 12)), ("overdue", msk(11, 13))],
        id="working hours left, in working hours",
    ),
    pytest.param(
        KALUGA,
        msk(5, 9),
        msk(9, 9),
        [("12h", msk(5, 15)), ("4h", msk(6, 14)), ("1h", msk(9, 8)), ("overdue", msk(9, 9))],
        id="one hour left on Monday at the opening, not on Friday at the closing",
    ),
    pytest.param(
        QUIET,
        msk(5, 15),
        msk(6, 15),
        [("12h", msk(6, 8)), ("4h", msk(6, 11)), ("1h", msk(6, 14)), ("overdue", msk(6, 15))],
        id="12h would be 03:00: waits for the morning",
    ),
    pytest.param(
        QUIET,
        msk(5, 7),
        msk(6, 7),
        [("12h", msk(5, 19)), ("4h", msk(5, 22)), ("1h", msk(5, 22)), ("overdue", msk(6, 8))],
        id="the morning is too late for 03:00 and 06:00: the evening before; overdue is told in the morning",
    ),
    pytest.param(
        QUIET,
        msk(5, 8),
        msk(6, 8),
        [("12h", msk(5, 20)), ("4h", msk(5, 22)), ("1h", msk(5, 22)), ("overdue", msk(6, 8))],
        id="quiet ends just as the deadline comes",
    ),
    pytest.param(
        QUIET,
        msk(6, 2),
        msk(6, 7),
        [("overdue", msk(6, 8))],
        id="a whole deadline within one night has no evening before",
    ),
    pytest.param(
        QUIET,
        msk(6, 7),
        msk(6, 11),
        [("1h", msk(6, 10)), ("overdue", msk(6, 11))],
        id="a step at registration is not put off till the morning: the card said it",
    ),
    pytest.param(
        ESCALATE,
        msk(5, 7),
        msk(6, 7),
        [("12h", msk(5, 19)), ("4h", msk(5, 22)), ("1h", msk(5, 22)), ("overdue", msk(6, 7))],
        id="overdue wakes people where the region wants that",
    ),
    pytest.param(
        Policy(name="x", remind_before=()), msk(5, 7), msk(6, 7), [("overdue", msk(6, 7))], id="no reminders"
    ),
    pytest.param(
        Policy(name="x", remind_before=("30m", 2, "30m")),
        msk(5, 7),
        msk(6, 7),
        [("2h", msk(6, 5)), ("30m", msk(6, 6, 30)), ("overdue", msk(6, 7))],
        id="other steps, in any order, once",
    ),
    pytest.param(
        Policy(name="x", remind_before=("1h",), quiet_hours="13:00-14:30"),
        msk(5, 15),
        msk(6, 15),
        [("1h", msk(6, 14, 30)), ("overdue", msk(6, 15))],
        id="quiet at lunch",
    ),
    pytest.param(
        Policy(name="x", remind_before=("8h",), quiet_hours="00:00-07:00"),
        msk(5, 11),
        msk(6, 11),
        [("8h", msk(6, 7)), ("overdue", msk(6, 11))],
        id="quiet from midnight",
    ),
]


@pytest.mark.parametrize(("policy", "registered_at", "due_at", "expected"), STEPS)
def test_reminder_steps(
    policy: Policy, registered_at: datetime, due_at: datetime, expected: list[tuple[str, datetime]]
) -> None:
    assert policy.reminder_moments(registered_at, due_at) == tuple(ReminderStep(*step) for step in expected)


def test_accidents_are_told_at_any_hour() -> None:
    moments = QUIET.reminder_moments(msk(5, 23), msk(6, 3), priority=Priority.ACCIDENT)

    assert moments == (ReminderStep("1h", msk(6, 2)), ReminderStep("overdue", msk(6, 3)))
    assert sweep(QUIET, msk(6, 2), msk(6, 3), priority=Priority.ACCIDENT).to_send == "1h"
    assert sweep(QUIET, msk(6, 4), msk(6, 3), priority=Priority.ACCIDENT).to_send == "overdue"


def test_a_sweep_in_time_sends_each_step() -> None:
    due = msk(7, 16)

    assert sweep(FEDERAL, msk(7, 3, 59), due) == StepsDue(None, ())
    assert sweep(FEDERAL, msk(7, 4), due) == StepsDue("12h", ())
    assert sweep(FEDERAL, msk(7, 5), due, fired={"12h"}) == StepsDue(None, ())
    assert sweep(FEDERAL, msk(7, 12), due, fired={"12h"}) == StepsDue("4h", ())
    assert sweep(FEDERAL, msk(7, 16), due, fired={"12h", "4h", "1h"}) == StepsDue("overdue", ())
    assert sweep(FEDERAL, msk(9, 16), due, fired={"12h", "4h", "1h", "overdue"}) == StepsDue(None, ())


def test_after_downtime_only_the_latest_step_is_sent() -> None:
    due = msk(7, 16)

    assert sweep(FEDERAL, msk(7, 15, 30), due) == StepsDue("1h", ("12h", "4h"))
    assert sweep(FEDERAL, msk(7, 15, 30), due, fired={"12h"}) == StepsDue("1h", ("4h",))
    assert sweep(FEDERAL, msk(8, 0), due) == StepsDue("overdue", ("12h", "4h", "1h"))


def test_a_step_before_one_already_sent_is_never_sent() -> None:
    assert sweep(FEDERAL, msk(7, 13), msk(7, 16), fired={"4h"}) == StepsDue(None, ("12h",))
    assert sweep(FEDERAL, msk(7, 17), msk(7, 16), fired={"overdue"}) == StepsDue(None, ("12h", "4h", "1h"))


def test_a_late_sweep_does_not_wake_people() -> None:
    # The 12h step was due at 20:00; the program came back at 03:00.
    assert sweep(QUIET, msk(6, 3), msk(6, 12)) == StepsDue(None, ())
    assert look_again(QUIET, msk(6, 3), msk(6, 12), fired=set()) == msk(6, 8)
    assert sweep(QUIET, msk(6, 8), msk(6, 12)) == StepsDue("4h", ("12h",))


def test_a_late_sweep_wakes_people_when_the_deadline_comes_before_the_morning() -> None:
    assert sweep(QUIET, msk(5, 22, 1), msk(6, 7), fired={"12h"}) == StepsDue("1h", ("4h",))


def test_once_the_deadline_has_passed_no_time_left_is_spoken_of() -> None:
    # 07:30: overdue since 07:00, to be told at 08:00; "1h" would be a lie by now.
    assert sweep(QUIET, msk(6, 7), msk(6, 7)) == StepsDue(None, ("12h", "4h", "1h"))
    assert sweep(QUIET, msk(6, 7, 30), msk(6, 7)) == StepsDue(None, ("12h", "4h", "1h"))
    assert sweep(QUIET, msk(6, 8), msk(6, 7)) == StepsDue("overdue", ("12h", "4h", "1h"))


def test_overdue_found_late_in_the_night_waits_too() -> None:
    # Overdue since 21:00; the program came back at 02:00.
    assert sweep(QUIET, msk(6, 2), msk(5, 21)) == StepsDue(None, ())
    assert look_again(QUIET, msk(6, 2), msk(5, 21), fired=set()) == msk(6, 8)
    assert sweep(ESCALATE, msk(6, 2), msk(5, 21)).to_send == "overdue"
    assert look_again(ESCALATE, msk(6, 2), msk(5, 21), fired=set()) == msk(6, 2)


def test_when_to_look_again() -> None:
    due = msk(7, 16)

    assert look_again(FEDERAL, msk(6, 17), due, fired=set()) == msk(7, 4)
    assert look_again(FEDERAL, msk(7, 5), due, fired=set()) == msk(7, 5)
    assert look_again(FEDERAL, msk(7, 5), due, fired={"12h"}) == msk(7, 12)
    assert look_again(FEDERAL, msk(7, 15, 59), due, fired={"12h", "4h", "1h"}) == due
    assert look_again(FEDERAL, msk(7, 17), due, fired={"12h"}) == msk(7, 17)
    assert look_again(FEDERAL, msk(7, 17), due, fired={"overdue"}) is None
