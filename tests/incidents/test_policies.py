"""Deadlines worked out by hand. Local times are Moscow's, three hours ahead of UTC."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from incidents.calendars import Calendar
from incidents.policies import Policy
from incidents.terms import Duration, format_duration, parse_duration
from models.kinds import Priority

MOSCOW = ZoneInfo("Europe/Moscow")
FIVE_DAYS = ("mon", "tue", "wed", "thu", "fri")
FEDERAL = Policy(name="Федеральный 24 ч", by_priority={"accident": "4h"})
KALUGA = Policy(
    name="Калуга",
    calendar=Calendar(kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",))),
    return_window="2h",
)


def msk(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026: the 2nd is a Monday, the 6th a Friday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (24, 86400),
        (0.5, 1800),
        ("24h", 86400),
        ("30m", 1800),
        ("7d", 7 * 86400),
        ("1h30m", 5400),
        (" 1h 30m ", 5400),
        ("1.5h", 5400),
        ("90s", 90),
        (timedelta(hours=3), 10800),
        ("366d", 366 * 86400),
    ],
)
def test_a_duration_is_hours_or_a_word(written: Any, seconds: int) -> None:
    assert TypeAdapter(Duration).validate_python(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "24",
        "24 hours",
        "h",
        "-1h",
        "1h!",
        0,
        -3,
        "0h",
        "0.4s",
        1e300,
        float("nan"),
        float("inf"),
        "367d",
        10**400,
        -(10**400),
        "9" * 400 + "h",
        timedelta(0),
        True,
        None,
        [24],
        {"hours": 24},
    ],
)
def test_what_is_not_a_duration_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match=r"duration|out of range"):
        TypeAdapter(Duration).validate_python(written)


@pytest.mark.parametrize("text", ["1s", "90m", "24h", "168h", "30m", "5401s"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("policy", "registered_at", "priority", "first_reaction", "due"),
    [
        pytest.param(FEDERAL, msk(6, 16), Priority.ORDINARY, msk(6, 19), msk(7, 16), id="24 h, plain"),
        pytest.param(FEDERAL, msk(6, 16), Priority.RAISED, msk(6, 19), msk(7, 16), id="no override"),
        pytest.param(FEDERAL, msk(6, 16), Priority.ACCIDENT, msk(6, 19), msk(6, 20), id="an accident"),
        pytest.param(
            KALUGA, msk(6, 16), Priority.ORDINARY, msk(9, 10), msk(11, 13), id="Fri 16:00, Wed 13:00"
        ),
        pytest.param(KALUGA, msk(7, 23), Priority.ORDINARY, msk(9, 11), msk(11, 14), id="Saturday night"),
        pytest.param(
            Policy(name="x", total="2h"),
            msk(6, 16),
            Priority.ORDINARY,
            msk(6, 18),
            msk(6, 18),
            id="short total",
        ),
    ],
)
def test_registration_starts_the_clock(
    policy: Policy, registered_at: datetime, priority: Priority, first_reaction: datetime, due: datetime
) -> None:
    moments = policy.moments(registered_at, priority)

    assert (moments.registered_at, moments.first_reaction_due_at, moments.due_at) == (
        registered_at,
        first_reaction,
        due,
    )


def test_the_other_windows() -> None:
    assert KALUGA.return_until(msk(6, 16)) == msk(9, 9)
    assert KALUGA.triage_until(msk(6, 16, 30)) == msk(9, 8, 30)
    assert KALUGA.release_at(msk(6, 16)) == msk(9, 15)
    # Days of the calendar on the wall, even where only working hours count.
    assert KALUGA.interim_until(msk(6, 16)) == msk(13, 16)
    assert KALUGA.close_at(msk(6, 16)) == msk(21, 16)


def test_the_definition_gives_the_policy_back() -> None:
    policy = Policy(
        name="Калуга",
        calendar={
            "kind": "working",
            "hours": {"mon": ["08:00-12:00", "13:00-17:00"]},
            "holidays": ["2026-05-01"],
            "moved": {"2026-05-02": "like monday", "2026-04-30": ["08:00-16:00"]},
        },
        by_priority={"accident": "4h", "raised": 8},
        quiet_hours="22:00-08:00",
    )

    again = Policy.model_validate_json(policy.definition())

    assert (again, again.digest) == (policy, policy.digest)
    assert again.moments(msk(2, 10), Priority.RAISED) == policy.moments(msk(2, 10), Priority.RAISED)
    assert json.loads(policy.definition())["by_priority"] == {"accident": "4h", "raised": "8h"}
    assert "Калуга" in policy.definition()


def test_the_digest_tells_policies_apart_and_not_their_spelling() -> None:
    one = Policy(
        name="x", total="24h", by_priority={"accident": "4h", "raised": "8h"}, remind_before=("1h", "4h")
    )
    same = Policy(
        name="x", total=24, by_priority={"raised": 8.0, "accident": "240m"}, remind_before=("4h", "60m")
    )
    closed = Calendar(
        kind="working", hours=dict.fromkeys(FIVE_DAYS, ("08:00-17:00",)), holidays=[date(2026, 5, 1)]
    )

    assert one.digest == same.digest
    assert len({one.digest, FEDERAL.digest, Policy(name="x", calendar=closed).digest, KALUGA.digest}) == 4
    assert len(one.digest) == 64


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x", "totl": "24h"}, "totl"),
        ({"name": "x", "total": "a day"}, 'write hours as a number, or "24h"'),
        ({"name": "x", "total": 0}, "out of range"),
        ({"name": "x", "by_priority": {"urgent": "4h"}}, "by_priority.urgent"),
        ({"name": "x", "remind_before": "4h"}, "remind_before"),
        ({"name": "x", "remind_before": ["soon"]}, "remind_before.0"),
        ({"name": "x", "quiet_hours": "at night"}, "not an interval such as"),
        ({"name": "x", "quiet_hours": "00:00-24:00"}, "every hour"),
        ({"name": "x", "quiet_hours": "08:00-08:00"}, "every hour"),
        ({"name": "x", "quiet": "drop"}, "'defer' or 'escalate'"),
        ({"name": "x", "calendar": {"kind": "working"}}, "never open"),
    ],
)
def test_a_wrong_policy_is_refused_in_words_that_help(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Policy.model_validate(settings)
    assert complaint in str(refusal.value)


def test_every_setting_is_described() -> None:
    for model in (Policy, Calendar):
        assert [key for key, field in model.model_fields.items() if not field.description] == []
