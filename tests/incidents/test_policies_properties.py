"""What holds of reminders for every policy, deadline, and moment at which the program happens to run."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.calendars import WEEKDAYS, Calendar
from incidents.policies import OVERDUE, Moments, Policy
from models.kinds import Priority

OFFICE = Calendar(
    kind="working", tz="Europe/Berlin", hours=dict.fromkeys(WEEKDAYS[:5], ("08:00-12:00", "13:00-17:00"))
)
MINUTE = timedelta(minutes=1)
policies = st.builds(
    Policy,
    name=st.just("x"),
    calendar=st.sampled_from([Calendar(), OFFICE]),
    total=st.sampled_from(["4h", "24h", "3d"]),
    remind_before=st.sampled_from([(), ("12h", "4h", "1h"), ("30m", "10h")]),
    quiet_hours=st.sampled_from([None, "22:00-08:00", "00:00-07:00", "12:00-14:00"]),
    quiet=st.sampled_from(["defer", "escalate"]),
)
priorities = st.sampled_from(Priority)
# Around the nights when Berlin changes its clocks, and a plain week.
registrations = st.builds(
    lambda near, minutes: near + minutes * MINUTE,
    st.sampled_from([datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 2), (3, 27), (10, 23))]),
    st.integers(0, 5 * 1440),
)
pauses = st.lists(st.integers(1, 2000).map(lambda minutes: minutes * MINUTE), min_size=1, max_size=25)
modest = settings(max_examples=60, deadline=None)


def is_quiet(policy: Policy, at: datetime) -> bool:
    """Said again in another way: by reading a clock. Quiet hours here begin and end at full hours."""
    if policy.quiet_hours is None:
        return False
    begins, ends = int(policy.quiet_hours[:2]), int(policy.quiet_hours[6:8])
    hour = at.astimezone(policy.calendar.zone).hour
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


@modest
@given(policies, registrations, priorities)
def test_steps_are_in_order_after_registration_and_end_with_overdue(
    policy: Policy, registered_at: datetime, priority: Priority
) -> None:
    due_at = policy.moments(registered_at, priority).due_at
    steps = policy.reminder_moments(registered_at, due_at, priority=priority)

    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert len({step.code for step in steps}) == len(steps)
    assert all(registered_at < step.at < due_at for step in steps[:-1])
    assert steps[-1].code == OVERDUE
    assert steps[-1].at >= due_at


@modest
@given(policies, registrations, priorities)
def test_no_step_is_planned_inside_quiet_hours(
    policy: Policy, registered_at: datetime, priority: Priority
) -> None:
    due_at = policy.moments(registered_at, priority).due_at
    steps = policy.reminder_moments(registered_at, due_at, priority=priority)

    if priority is not Priority.ACCIDENT:
        loud = steps[:-1] if policy.quiet == "escalate" else steps
        # The minute before tells the evening at 22:00 sharp from the night.
        assert not any(is_quiet(policy, step.at) and is_quiet(policy, step.at - MINUTE) for step in loud)


@modest
@given(policies, registrations, priorities, pauses)
def test_however_the_sweeps_fall_each_step_is_dealt_with_once_and_overdue_is_always_told(
    policy: Policy, registered_at: datetime, priority: Priority, sleeps: list[timedelta]
) -> None:
    moments = policy.moments(registered_at, priority)
    deadline = {"registered_at": registered_at, "due_at": moments.due_at}
    codes = [s.code for s in policy.reminder_moments(**deadline, priority=priority)]
    sent: list[str] = []
    dealt_with: list[str] = []
    now = registered_at
    # The last sweep is days after the deadline, at noon in Berlin's summer or winter.
    finish = (moments.due_at + timedelta(days=3)).astimezone(UTC).replace(hour=15)
    for sleep in [*sleeps, timedelta(0)]:
        now = now + sleep if sleep else max(now + timedelta(days=2), finish).replace(hour=15)
        due = policy.latest_due_step(now, **deadline, fired=set(dealt_with), priority=priority)
        again = policy.next_moment(now, **deadline, fired=set(dealt_with), priority=priority)
        assert (due.to_send is not None) == (again == now)
        dealt_with += due.passed_over
        if due.to_send is not None:
            check_honest(due.to_send, now, moments)
            sent.append(due.to_send)
            dealt_with.append(due.to_send)
        assert policy.latest_due_step(now, **deadline, fired=set(dealt_with), priority=priority) == (None, ())

    assert sorted(dealt_with) == sorted(codes)
    assert sent == [code for code in codes if code in sent]
    assert sent[-1] == OVERDUE
    assert policy.next_moment(now, **deadline, fired=set(dealt_with), priority=priority) is None


def check_honest(code: str, now: datetime, moments: Moments) -> None:
    """ "Overdue" is never said before the deadline, and time left is never spoken of after it."""
    assert (code == OVERDUE) == (now >= moments.due_at)


@modest
@given(policies, registrations, priorities)
def test_waking_only_when_told_to_sends_every_planned_step_at_its_moment(
    policy: Policy, registered_at: datetime, priority: Priority
) -> None:
    due_at = policy.moments(registered_at, priority).due_at
    deadline = {"registered_at": registered_at, "due_at": due_at}
    fired: set[str] = set()
    woken: list[datetime] = []
    wake = policy.next_moment(registered_at, **deadline, fired=fired, priority=priority)
    while (now := wake) is not None:
        due = policy.latest_due_step(now, **deadline, fired=fired, priority=priority)
        assert due.to_send is not None
        woken.append(now)
        fired |= {due.to_send, *due.passed_over}
        wake = policy.next_moment(now, **deadline, fired=fired, priority=priority)

    steps = policy.reminder_moments(**deadline, priority=priority)
    assert woken == sorted({step.at for step in steps})
    assert fired == {step.code for step in steps}
