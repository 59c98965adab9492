"""Deadlines worked out by hand from the published norms, and counted again minute by minute by somebody slow.

The slow one shares nothing with the program: its holidays are typed from the production calendars of 2026 and
2027, its hours are tables of minutes, and it looks at a clock on the wall once a minute.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.settings import load_policies
from incidents.policies import Policy
from models.kinds import Priority

CONFIG = """
[policies.short]
name = "с короткими днями"
like = "working-24h"
[policies.short.calendar]
short_before_holidays = true

[policies.lunch]
name = "с обедом"
total = "8h"
[policies.lunch.calendar]
kind = "working"
[policies.lunch.calendar.hours]
mon = ["09:00-13:00", "14:00-18:00"]
tue = ["09:00-13:00", "14:00-18:00"]
wed = ["09:00-13:00", "14:00-18:00"]
thu = ["09:00-13:00", "14:00-18:00"]
fri = ["09:00-13:00", "14:00-16:45"]

[policies.night]
name = "ночная смена"
total = "3h"
[policies.night.calendar]
kind = "working"
hours = { fri = ["22:00-24:00"], sat = ["00:00-06:00", "20:00-24:00"], sun = ["00:00-02:00"] }

[policies.thrice]
name = "три приёма в день"
total = "4h"
return_window = "2h"
[policies.thrice.calendar]
kind = "working"
[policies.thrice.calendar.hours]
mon = ["08:00-10:00", "12:00-14:00", "16:00-18:00"]
tue = ["08:00-10:00", "12:00-14:00", "16:00-18:00"]

[policies.vladivostok]
name = "Владивосток"
like = "working-24h"
total = "2h"
return_window = "1h"
calendar = { tz = "Asia/Vladivostok" }

[policies.yekaterinburg]
name = "Екатеринбург"
like = "working-24h"
calendar = { tz = "Asia/Yekaterinburg" }

[policies.berlin]
name = "без закрытия, часы переводят"
total = "24h"
[policies.berlin.calendar]
kind = "working"
tz = "Europe/Berlin"
[policies.berlin.calendar.hours]
mon = ["00:00-24:00"]
tue = ["00:00-24:00"]
wed = ["00:00-24:00"]
thu = ["00:00-24:00"]
fri = ["00:00-24:00"]
sat = ["00:00-24:00"]
sun = ["00:00-24:00"]
"""


# -- somebody slow

OFFICE = {day: [(480, 1020)] for day in range(5)}  # 08:00-17:00 in minutes, Monday is 0
CLOSED = {
    *(date(2026, 1, day) for day in range(1, 10)),
    date(2025, 12, 31),
    date(2026, 2, 23),
    date(2026, 3, 9),
    date(2026, 5, 1),
    date(2026, 5, 11),
    date(2026, 6, 12),
    date(2026, 11, 4),
    date(2026, 12, 31),
    *(date(2027, 1, day) for day in range(1, 9)),
    date(2027, 2, 22),
    date(2027, 2, 23),
    date(2027, 3, 8),
    date(2027, 11, 4),
    date(2027, 11, 5),
}
WORKED = {date(2027, 2, 20): [(480, 1020)]}
SHORT = {day: [(480, 960)] for day in (date(2026, 4, 30), date(2026, 5, 8), date(2026, 6, 11))}
SHORT |= {day: [(480, 960)] for day in (date(2026, 11, 3), date(2027, 2, 20))}


@dataclass(frozen=True)
class Slow:
    """`week` None: every minute counts."""

    week: Mapping[int, list[tuple[int, int]]] | None
    zone: str = "Europe/Moscow"
    closed: frozenset[date] = frozenset()
    special: Mapping[date, list[tuple[int, int]]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        if self.week is None:
            return True
        local = at.astimezone(ZoneInfo(self.zone))
        hours = self.special.get(local.date(), self.week.get(local.weekday(), []))
        if local.date() in self.closed:
            return False
        minute = local.hour * 60 + local.minute
        return any(opens <= minute < closes for opens, closes in hours)

    def add(self, start: datetime, minutes: int) -> datetime:
        at = start
        while minutes:
            minutes -= self.is_open(at)
            at += timedelta(minutes=1)
        return at

    def closing(self, start: datetime, days: int, *, from_tomorrow: bool) -> datetime:
        """Minute by minute too: a working day is one whose open time has just ended."""
        first = start.astimezone(ZoneInfo(self.zone)).date()
        at = start
        while True:
            at += timedelta(minutes=1)
            was = at - timedelta(minutes=1)
            day = was.astimezone(ZoneInfo(self.zone)).date()
            if self.is_open(was) and not self.is_open(at) and not (from_tomorrow and day == first):
                days -= 1
                if not days:
                    return at


RUSSIA = Slow(OFFICE, closed=frozenset(CLOSED), special=WORKED)
LUNCH_WEEK = {day: [(540, 780), (840, 1080)] for day in range(4)} | {4: [(540, 780), (840, 1005)]}
SLOW = {
    "federal-24h": Slow(None),
    "urgent-4h": Slow(None),
    "working-24h": RUSSIA,
    "working-3d": RUSSIA,
    "working-9h": RUSSIA,
    "working-8h": RUSSIA,
    "short": Slow(OFFICE, closed=frozenset(CLOSED), special={**WORKED, **SHORT}),
    "lunch": Slow(LUNCH_WEEK),
    "night": Slow({4: [(1320, 1440)], 5: [(0, 360), (1200, 1440)], 6: [(0, 120)]}),
    "thrice": Slow({day: [(480, 600), (720, 840), (960, 1080)] for day in range(2)}),
    "vladivostok": Slow(OFFICE, "Asia/Vladivostok", frozenset(CLOSED), WORKED),
    "yekaterinburg": Slow(OFFICE, "Asia/Yekaterinburg", frozenset(CLOSED), WORKED),
    "berlin": Slow({day: [(0, 1440)] for day in range(7)}, "Europe/Berlin"),
}


# -- the table: policy, norm, from (local), as much, until (local)

HOUR = 60
EXAMPLES = [
    # 24 working hours. The rule of Калуга itself: Friday 1, Monday 9, Tuesday 9, Wednesday 5.
    ("working-24h", "total", "2026-11-20 16:00", 24 * HOUR, "2026-11-25 13:00"),
    # The same on the Friday the rule was written for in our tests: 9 March rests, so all is a day later.
    ("working-24h", "total", "2026-03-06 16:00", 24 * HOUR, "2026-03-12 13:00"),
    # From an opening: 9 + 9 + 6.
    ("working-24h", "total", "2026-11-16 08:00", 24 * HOUR, "2026-11-18 14:00"),
    # 8 + 9 + 7.
    ("working-24h", "total", "2026-11-16 09:00", 24 * HOUR, "2026-11-18 15:00"),
    # 08:00 is in and 17:00 is out: nothing of Friday, then 9 + 9 + 6.
    ("working-24h", "total", "2026-11-20 17:00", 24 * HOUR, "2026-11-25 14:00"),
    # The last minute of Friday counts: 1 minute, 9 h, 9 h, 5 h 59.
    ("working-24h", "total", "2026-11-20 16:59", 24 * HOUR, "2026-11-25 13:59"),
    # A Saturday is Monday 08:00.
    ("working-24h", "total", "2026-11-21 12:00", 24 * HOUR, "2026-11-25 14:00"),
    # So is the last minute of Sunday.
    ("working-24h", "total", "2026-11-22 23:59", 24 * HOUR, "2026-11-25 14:00"),
    # Registered at night before work: that day's 08:00. 9 + 9 + 6.
    ("working-24h", "total", "2026-11-17 03:00", 24 * HOUR, "2026-11-19 14:00"),
    # Registered at night after work: the next day's 08:00.
    ("working-24h", "total", "2026-11-17 23:30", 24 * HOUR, "2026-11-20 14:00"),
    # Over a week-end: Thursday 9, Friday 9, Monday 6.
    ("working-24h", "total", "2026-11-19 08:00", 24 * HOUR, "2026-11-23 14:00"),
    # Unity Day, Wednesday 4 November: Tuesday 7, Thursday 9, Friday 8.
    ("working-24h", "total", "2026-11-03 10:00", 24 * HOUR, "2026-11-06 16:00"),
    # Registered on the holiday: Thursday 9, Friday 9, Monday 6.
    ("working-24h", "total", "2026-11-04 12:00", 24 * HOUR, "2026-11-09 14:00"),
    # New Year 2026: Tuesday 1; 31 December to 9 January rest; 12 January 9, 13 January 9, 14 January 5.
    ("working-24h", "total", "2025-12-30 16:00", 24 * HOUR, "2026-01-14 13:00"),
    # The first minute of the year: 12, 13 January 9 each, 14 January 6.
    ("working-24h", "total", "2026-01-01 00:00", 24 * HOUR, "2026-01-14 14:00"),
    # Friday 9 January 2026 rests instead of Saturday the 3rd.
    ("working-24h", "total", "2026-01-09 12:00", 24 * HOUR, "2026-01-14 14:00"),
    # 8 March 2026 is a Sunday, so Monday the 9th rests: Thursday 9, Friday 9, Tuesday 6.
    ("working-24h", "total", "2026-03-05 08:00", 24 * HOUR, "2026-03-10 14:00"),
    # Registered on Monday 9 March: Tuesday 9, Wednesday 9, Thursday 6.
    ("working-24h", "total", "2026-03-09 09:00", 24 * HOUR, "2026-03-12 14:00"),
    # Monday 23 February: Friday 5, Tuesday 9, Wednesday 9, Thursday 1.
    ("working-24h", "total", "2026-02-20 12:00", 24 * HOUR, "2026-02-26 09:00"),
    # Friday 1 May: Thursday 4, Monday 9, Tuesday 9, Wednesday 2.
    ("working-24h", "total", "2026-04-30 13:00", 24 * HOUR, "2026-05-06 10:00"),
    # 9 May is a Saturday, so Monday the 11th rests: Friday 1, Tuesday 9, Wednesday 9, Thursday 5.
    ("working-24h", "total", "2026-05-08 16:00", 24 * HOUR, "2026-05-14 13:00"),
    # Friday 12 June: Thursday 2, Monday 9, Tuesday 9, Wednesday 4.
    ("working-24h", "total", "2026-06-11 15:00", 24 * HOUR, "2026-06-17 12:00"),
    # New Year 2027: Wednesday 1; 31 December to 8 January rest, then a week-end; 11, 12 January 9, 13 January 5.
    ("working-24h", "total", "2026-12-30 16:00", 24 * HOUR, "2027-01-13 13:00"),
    # Saturday 20 February 2027 works for Monday the 22nd: Friday 1, Saturday 9, Wednesday 24 9, Thursday 5.
    ("working-24h", "total", "2027-02-19 16:00", 24 * HOUR, "2027-02-25 13:00"),
    # Registered on that Saturday: 5, Wednesday 9, Thursday 9, Friday 1.
    ("working-24h", "total", "2027-02-20 12:00", 24 * HOUR, "2027-02-26 09:00"),
    # Thursday 4 and Friday 5 November 2027: Wednesday 1, Monday 9, Tuesday 9, Wednesday 5.
    ("working-24h", "total", "2027-11-03 16:00", 24 * HOUR, "2027-11-10 13:00"),
    # Short days: Tuesday 3 November closes at 16:00. 1, Thursday 9, Friday 9, Monday 5.
    ("short", "total", "2026-11-03 15:00", 24 * HOUR, "2026-11-09 13:00"),
    # 16:00 of a short day is out: Monday 9, Tuesday 9, Wednesday 6.
    ("short", "total", "2026-04-30 16:00", 24 * HOUR, "2026-05-06 14:00"),
    # The Saturday that works for the eve of 23 February has the eve's hours: 8, Wednesday 9, Thursday 7.
    ("short", "total", "2027-02-20 08:00", 24 * HOUR, "2027-02-25 15:00"),
    # Friday 8 May is the eve of a Saturday holiday: 8, Tuesday 9, Wednesday 7.
    ("short", "total", "2026-05-08 08:00", 24 * HOUR, "2026-05-13 15:00"),
    # Lunch: half an hour before it, one and a half after, then 6 more until the evening and the next morning.
    ("lunch", "return", "2026-11-16 12:30", 2 * HOUR, "2026-11-16 15:30"),
    # Registered at lunch: from 14:00 to 18:00 4, the next day 09:00 to 13:00 4.
    ("lunch", "total", "2026-11-16 13:30", 8 * HOUR, "2026-11-17 13:00"),
    # Ends as lunch begins, not as it ends: 10:00 to 13:00.
    ("lunch", "first", "2026-11-16 10:00", 3 * HOUR, "2026-11-16 13:00"),
    # Friday closes at 16:45: 45 minutes, and 1 h 15 on Monday.
    ("lunch", "return", "2026-11-20 16:00", 2 * HOUR, "2026-11-23 10:15"),
    # Thursday 1 h, Friday 6 h 45, Monday 15 minutes.
    ("lunch", "total", "2026-11-19 17:00", 8 * HOUR, "2026-11-23 09:15"),
    # Through an open midnight.
    ("night", "total", "2026-11-20 23:00", 3 * HOUR, "2026-11-21 02:00"),
    # Saturday morning 1 h, Saturday night 2 h.
    ("night", "total", "2026-11-21 05:00", 3 * HOUR, "2026-11-21 22:00"),
    # Sunday's last half hour, then Friday 22:00 to midnight, then half an hour of Saturday.
    ("night", "total", "2026-11-22 01:30", 3 * HOUR, "2026-11-28 00:30"),
    # Three times a day: 1 h, 2 h at noon, 1 h of the third.
    ("thrice", "total", "2026-11-16 09:00", 4 * HOUR, "2026-11-16 17:00"),
    # From a closing moment: the next two hours are those at noon, and end as they close.
    ("thrice", "return", "2026-11-16 10:00", 2 * HOUR, "2026-11-16 14:00"),
    # Its own zone: Friday 16:30 in Владивосток is half an hour, Monday one hour and a half.
    ("vladivostok", "total", "2026-11-20 16:30", 2 * HOUR, "2026-11-23 09:30"),
    # Friday 1, Monday 9, Tuesday 9, Wednesday 5: the same in Екатеринбург, two hours before Москва.
    ("yekaterinburg", "total", "2026-11-20 16:00", 24 * HOUR, "2026-11-25 13:00"),
    # The night the clock is put forward has 23 hours: 24 h from noon end at one.
    ("berlin", "total", "2026-03-28 12:00", 24 * HOUR, "2026-03-29 13:00"),
    # The night it is put back has 25.
    ("berlin", "total", "2026-10-24 12:00", 24 * HOUR, "2026-10-25 11:00"),
    # The federal norm: 24 h by the clock, also on a Friday.
    ("federal-24h", "total", "2026-11-20 16:00", 24 * HOUR, "2026-11-21 16:00"),
    # And on New Year's Eve.
    ("federal-24h", "total", "2026-12-31 23:00", 24 * HOUR, "2027-01-01 23:00"),
    # Its first reaction, 3 h.
    ("federal-24h", "first", "2026-11-20 23:00", 3 * HOUR, "2026-11-21 02:00"),
    # 9 working hours are one whole day, and end at its closing.
    ("working-9h", "total", "2026-11-16 08:00", 9 * HOUR, "2026-11-16 17:00"),
    # 7 + 2.
    ("working-9h", "total", "2026-11-16 10:00", 9 * HOUR, "2026-11-17 10:00"),
    # Friday half an hour, Monday 8 and a half.
    ("working-9h", "total", "2026-11-20 16:30", 9 * HOUR, "2026-11-23 16:30"),
    # Raised importance within 4 working hours: 2 + 2.
    ("working-9h", "raised", "2026-11-16 15:00", 4 * HOUR, "2026-11-17 10:00"),
    # An accident too, on the eve of a holiday: Tuesday 1, Thursday 3.
    ("working-9h", "accident", "2026-11-03 16:00", 4 * HOUR, "2026-11-05 11:00"),
    # 8 working hours from 09:00 end at the closing.
    ("working-8h", "total", "2026-11-16 09:00", 8 * HOUR, "2026-11-16 17:00"),
    # 5 + 3 over a week-end.
    ("working-8h", "total", "2026-11-20 12:00", 8 * HOUR, "2026-11-23 11:00"),
    # First reaction to an accident within one hour: half an hour today, half tomorrow.
    ("working-8h", "first to accident", "2026-11-16 16:30", 1 * HOUR, "2026-11-17 08:30"),
    # To anything else within three: 2 + 1.
    ("working-8h", "first", "2026-11-20 15:00", 3 * HOUR, "2026-11-23 09:00"),
    # 4 hours that do not wait for Monday.
    ("urgent-4h", "total", "2026-11-21 23:00", 4 * HOUR, "2026-11-22 03:00"),
    # «Не наше» within 2 working hours of assignment: half an hour on Friday, the rest on Monday.
    ("working-24h", "return", "2026-11-20 16:30", 2 * HOUR, "2026-11-23 09:30"),
    # Within 30 minutes: 15 and 15.
    ("working-9h", "return", "2026-11-20 16:45", 30, "2026-11-23 08:15"),
    # Within 30 minutes of a morning.
    ("working-8h", "return", "2026-11-16 09:00", 30, "2026-11-16 09:30"),
    # Within 30 minutes by the clock, at night.
    ("urgent-4h", "return", "2026-11-16 23:45", 30, "2026-11-17 00:15"),
    # 22 working hours of preparation: Friday 1, Monday 9, Tuesday 9, Wednesday 3. Two less than the total.
    ("working-24h", "preparation", "2026-11-20 16:00", 22 * HOUR, "2026-11-25 11:00"),
    # First reaction: Friday 2, Monday 1.
    ("working-24h", "first", "2026-11-20 15:00", 3 * HOUR, "2026-11-23 09:00"),
    # A curator's hour: half today, half on Monday.
    ("working-24h", "triage", "2026-11-20 16:30", 1 * HOUR, "2026-11-23 08:30"),
    # Seven ordinary days from an interim answer, holidays or not.
    ("working-24h", "final", "2026-12-30 16:00", None, "2027-01-06 16:00"),
]
DAYS = [
    # 17:00 of the third working day; before 17:00 today is the first: Monday, Tuesday, Wednesday.
    ("working-3d", "total", "2026-11-16 10:00", 3, "2026-11-18 17:00"),
    # 16:59 is before.
    ("working-3d", "total", "2026-11-16 16:59", 3, "2026-11-18 17:00"),
    # 17:00 is not: Tuesday, Wednesday, Thursday.
    ("working-3d", "total", "2026-11-16 17:00", 3, "2026-11-19 17:00"),
    # At night before work, today is the first.
    ("working-3d", "total", "2026-11-16 02:00", 3, "2026-11-18 17:00"),
    # Friday, Monday, Tuesday.
    ("working-3d", "total", "2026-11-20 10:00", 3, "2026-11-24 17:00"),
    # Saturday: Monday, Tuesday, Wednesday.
    ("working-3d", "total", "2026-11-21 10:00", 3, "2026-11-25 17:00"),
    # Over Unity Day: Tuesday, Thursday, Friday.
    ("working-3d", "total", "2026-11-03 12:00", 3, "2026-11-06 17:00"),
    # The working Saturday is a day like any: Friday 19, Saturday 20, Wednesday 24 February.
    ("working-3d", "total", "2027-02-19 12:00", 3, "2027-02-24 17:00"),
    # 7 working days after an interim answer: Tuesday 1 … Friday 4, Monday 5, Tuesday 6, Wednesday 7.
    ("working-9h", "final", "2026-11-16 12:00", 7, "2026-11-25 17:00"),
    # Over New Year: 30 December 1, then 12-16 January are 2 … 6, Monday 19 January 7.
    ("working-9h", "final", "2025-12-29 12:00", 7, "2026-01-19 17:00"),
]

Norm = Callable[[Policy, datetime], datetime | None]
NORMS: dict[str, Norm] = {
    "total": lambda policy, at: policy.moments(at, Priority.ORDINARY).due_at,
    "raised": lambda policy, at: policy.moments(at, Priority.RAISED).due_at,
    "accident": lambda policy, at: policy.moments(at, Priority.ACCIDENT).due_at,
    "first": lambda policy, at: policy.moments(at, Priority.ORDINARY).first_reaction_due_at,
    "first to accident": lambda policy, at: policy.moments(at, Priority.ACCIDENT).first_reaction_due_at,
    "return": lambda policy, at: policy.return_until(at),
    "preparation": lambda policy, at: policy.prepare_until(at),
    "triage": lambda policy, at: policy.triage_until(at),
    "final": lambda policy, at: policy.interim_until(at),
}


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Policy]:
    path: Path = tmp_path_factory.mktemp("worked") / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return load_policies(path, {}).policies


@pytest.mark.parametrize(("name", "norm", "start", "minutes", "expected"), EXAMPLES)
def test_a_deadline_is_what_people_count(
    policies: Mapping[str, Policy], name: str, norm: str, start: str, minutes: int | None, expected: str
) -> None:
    zone = policies[name].calendar.zone
    at, due = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, expected))

    assert NORMS[norm](policies[name], at) == due
    if minutes is not None:
        assert SLOW[name].add(at.astimezone(ZoneInfo("UTC")), minutes) == due


@pytest.mark.parametrize(("name", "norm", "start", "days", "expected"), DAYS)
def test_working_days_end_at_a_closing(
    policies: Mapping[str, Policy], name: str, norm: str, start: str, days: int, expected: str
) -> None:
    policy = policies[name]
    at, due = (
        datetime.fromisoformat(text).replace(tzinfo=policy.calendar.zone) for text in (start, expected)
    )

    assert NORMS[norm](policy, at) == due
    from_tomorrow = policy.first_day == "tomorrow"
    assert SLOW[name].closing(at.astimezone(ZoneInfo("UTC")), days, from_tomorrow=from_tomorrow) == due


def test_there_are_more_than_fifty_examples() -> None:
    assert len(EXAMPLES) + len(DAYS) >= 51
