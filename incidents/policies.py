"""The deadlines of an incident, and when people are reminded of them. Pure arithmetic: `now` comes in.

Stored with the incident at registration and never computed again (design.md, section 3): a change of the
configuration does not rewrite promises already made. Durations run on the policy's own calendar, except
`interim_total` and `close_after`, which are ordinary days: "7 days" never means 168 working hours. Working
days ("7wd") end at the closing of the last of them. The rules in use, with their sources: ready_policies.py.
"""

import hashlib
import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PrivateAttr,
    model_validator,
)

from incidents.calendars import WEEKDAYS, Calendar
from incidents.intervals import format_interval, parse_interval
from incidents.ladder import Ladder
from incidents.terms import Duration, Term, WorkingDays, format_duration
from models.kinds import Priority

OVERDUE: Final = "overdue"

_NOTHING: Final = timedelta(0)
_USUAL_NIGHT: Final = "22:00-08:00"


def _longest_first(steps: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    return tuple(sorted(set(steps), reverse=True))


def _quiet_interval(text: str) -> str:
    opens, closes = parse_interval(text)
    if opens == closes % (24 * 60):
        raise ValueError(f"{text!r} leaves no hour, or every hour, to be told anything")
    return format_interval((opens, closes))


@dataclass(frozen=True, slots=True)
class Moments:
    """What registration promises. Aware UTC."""

    registered_at: datetime
    first_reaction_due_at: datetime
    due_at: datetime


class ReminderStep(NamedTuple):
    """`code` is how much time is left ("12h", "30m") or "overdue"; unique within one deadline."""

    code: str
    at: datetime


class StepsDue(NamedTuple):
    """What a sweep does now: send one, mark it and all `passed_over` as fired."""

    to_send: str | None
    passed_over: tuple[str, ...]


class Policy(BaseModel, frozen=True, extra="forbid"):
    """`[policies.<name>]`: the deadlines. Durations: hours as a number, or "24h", "30m", "7d"."""

    name: str = Field(min_length=1, max_length=64, description="what people call it, e.g. Федеральный 24 ч")
    calendar: Calendar = Field(default=Calendar(), description="which time counts")
    first_reaction: Duration = Field(
        default=timedelta(hours=3), description="from registration to the first published words"
    )
    first_by_priority: dict[Priority, Duration] = Field(
        default_factory=dict, description='other first reactions for some priorities, e.g. accident = "1h"'
    )
    total: Term = Field(default=timedelta(hours=24), description="from registration to the published answer")
    by_priority: dict[Priority, Term] = Field(
        default_factory=dict, description='other totals for some priorities, e.g. accident = "4h"'
    )
    first_day: Literal["today", "tomorrow"] = Field(
        default="today",
        description='where working days ("3wd") begin: "today", a moment before the closing counts as the first '
        'day; "tomorrow", the first is the next working day',
    )
    return_window: Duration = Field(
        default=timedelta(hours=2), description="how long after assignment a body may say «не наше»"
    )
    preparation: Duration | None = Field(
        default=None,
        description="how long after assignment a body has its answer ready; none: it has until the deadline",
    )
    triage: Duration = Field(
        default=timedelta(hours=1),
        description="how long an incident may wait for a curator before curators are reminded",
    )
    release_after: Duration = Field(
        default=timedelta(hours=8),
        description="accepted and then silent for so long: goes back to the whole body",
    )
    interim_total: Term = Field(
        default=timedelta(days=7),
        description='from the interim answer to the final one: ordinary days whatever the calendar, or "7wd"',
    )
    close_after: Duration = Field(
        default=timedelta(days=15),
        description="how long the resident may disagree after an answer, in ordinary days",
    )
    remind_before: Annotated[tuple[Duration, ...], AfterValidator(_longest_first)] = Field(
        default=(timedelta(hours=12), timedelta(hours=4), timedelta(hours=1)),
        description="how much time is left when people are reminded; may be empty",
    )
    escalate: Ladder = Field(default=Ladder(), description="who is told when nobody below answers")
    quiet_hours: Annotated[str, AfterValidator(_quiet_interval)] | None = Field(
        default=None,
        description='local hours without reminders, e.g. "22:00-08:00"; accidents are told at any hour',
    )
    quiet: Literal["defer", "escalate"] = Field(
        default="defer",
        description='in quiet hours "defer": everything waits for their end; '
        '"escalate": all but the word that a deadline has passed',
    )

    _awake: Calendar | None = PrivateAttr(default=None)
    _day: Calendar = PrivateAttr()

    @model_validator(mode="after")
    def _working_days_need_a_working_calendar(self) -> Self:
        terms = (self.total, self.interim_total, *self.by_priority.values())
        if self.calendar.kind == "wall" and any(isinstance(term, WorkingDays) for term in terms):
            raise ValueError('working days ("wd") need a calendar of kind = "working"')
        return self

    @model_validator(mode="after")
    def _find_waking_hours(self) -> Self:
        if self.quiet_hours is not None:
            self._awake = _waking_hours(self.quiet_hours, tz=self.calendar.tz)
        self._day = self._awake or _waking_hours(_USUAL_NIGHT, tz=self.calendar.tz)
        return self

    def definition(self) -> str:
        """Canonical JSON: equal policies give equal text, and the text gives the policy back."""
        return json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the definition, 64 hexadecimal digits: the version an incident is stored with."""
        return hashlib.sha256(self.definition().encode()).hexdigest()

    def moments(self, registered_at: datetime, priority: Priority) -> Moments:
        """The deadlines of an incident registered now. The first reaction is never due after the answer."""
        due_at = self.after(registered_at, self.total_for(priority))
        first = self.calendar.add(registered_at, self.first_for(priority))
        return Moments(registered_at, min(first, due_at), due_at)

    def total_for(self, priority: Priority) -> timedelta | WorkingDays:
        return self.by_priority.get(priority, self.total)

    def first_for(self, priority: Priority) -> timedelta:
        return self.first_by_priority.get(priority, self.first_reaction)

    def after(self, start: datetime, term: timedelta | WorkingDays) -> datetime:
        """The end of a term on the policy's calendar."""
        if isinstance(term, WorkingDays):
            return self.calendar.closing_of_day(start, term.days, first_day=self.first_day)
        return self.calendar.add(start, term)

    def return_until(self, assigned_at: datetime) -> datetime:
        """Until when the body may say «не наше»."""
        return self.calendar.add(assigned_at, self.return_window)

    def prepare_until(self, assigned_at: datetime) -> datetime | None:
        """Until when the body has its answer ready by its own norm, which a late assignment does not shorten."""
        return None if self.preparation is None else self.calendar.add(assigned_at, self.preparation)

    def triage_until(self, since: datetime) -> datetime:
        """When curators are reminded of an incident nobody has assigned."""
        return self.calendar.add(since, self.triage)

    def release_at(self, last_heard_at: datetime) -> datetime:
        """When an accepted incident returns to the body: `release_after` since its official did anything."""
        return self.calendar.add(last_heard_at, self.release_after)

    def interim_until(self, interim_at: datetime) -> datetime:
        """When the final answer is due after an interim one."""
        if isinstance(self.interim_total, WorkingDays):
            return self.after(interim_at, self.interim_total)
        return interim_at + self.interim_total

    def waking_from(self, at: datetime, priority: Priority) -> datetime:
        """When people may first be told of something that has no deadline of its own: `at`, or by day."""
        if self._awake is None or priority is Priority.ACCIDENT:
            return at
        return self._awake.next_open(at)

    def is_quiet(self, at: datetime) -> bool:
        """Whether people sleep."""
        return self._awake is not None and not self._awake.is_open(at)

    def is_night(self, at: datetime) -> bool:
        """Whether people may be expected to sleep: quiet hours, or where there are none, 22:00-08:00."""
        return not self._day.is_open(at)

    def planned_at(self, at: datetime, due_at: datetime, priority: Priority) -> datetime:
        """When to tell what should be told at `at`: by day, and where the deadline comes sooner, before it."""
        return self._planned_at(at, due_at, priority)

    def close_at(self, answered_at: datetime) -> datetime:
        """When the resident's time to disagree is over."""
        return answered_at + self.close_after

    def reminder_moments(
        self, registered_at: datetime, due_at: datetime, *, priority: Priority = Priority.ORDINARY
    ) -> tuple[ReminderStep, ...]:
        """The steps of one deadline, in order; the last is always "overdue".

        Time left is counted on the policy's calendar. A step not after `registered_at` is left out: the card
        itself has just said it. A step in quiet hours waits for their end; if the deadline is not later than
        that, it comes early instead, as they begin, for a warning after the fact helps nobody. So two steps
        may share a moment, and "1h" may be sent with more than an hour left: say the true time, not the code.
        """
        steps = []
        for left in self.remind_before:
            at = self.calendar.back(due_at, left)
            if at > registered_at:
                at = self._planned_at(at, due_at, priority)
            if at > registered_at:
                steps.append(ReminderStep(format_duration(left), at))
        return (*steps, ReminderStep(OVERDUE, self._told_at(OVERDUE, due_at, due_at, priority)))

    def latest_due_step(
        self,
        now: datetime,
        *,
        registered_at: datetime,
        due_at: datetime,
        fired: AbstractSet[str],
        priority: Priority = Priority.ORDINARY,
    ) -> StepsDue:
        """What to send now of the steps whose time has come and which are not in `fired`.

        Only the latest is sent; those before it are passed over, also those before one already fired, and
        once the deadline has passed every step but "overdue". A sweep that comes late, into quiet hours,
        sends nothing until they end, unless the deadline comes sooner.
        """
        steps = self.reminder_moments(registered_at, due_at, priority=priority)
        last_fired = max((i for i, step in enumerate(steps) if step.code in fired), default=-1)
        passed_over: list[str] = []
        to_send = None
        for i, step in enumerate(steps):
            if step.code in fired:
                continue
            if i < last_fired or (now >= due_at and step.code != OVERDUE):
                passed_over.append(step.code)
            elif step.at <= now:
                if to_send is not None:
                    passed_over.append(to_send)
                to_send = step.code
        if to_send is not None and self._told_at(to_send, now, due_at, priority) > now:
            return StepsDue(None, ())
        return StepsDue(to_send, tuple(passed_over))

    def next_moment(
        self,
        now: datetime,
        *,
        registered_at: datetime,
        due_at: datetime,
        fired: AbstractSet[str],
        priority: Priority = Priority.ORDINARY,
    ) -> datetime | None:
        """When `latest_due_step` next has something to send: `now` if it has already, None if all is said."""
        steps = self.reminder_moments(registered_at, due_at, priority=priority)
        last_fired = max((i for i, step in enumerate(steps) if step.code in fired), default=-1)
        for step in steps[last_fired + 1 :]:
            if now < due_at or step.code == OVERDUE:
                return self._told_at(step.code, max(step.at, now), due_at, priority)
        return None

    def _told_at(self, code: str, at: datetime, due_at: datetime, priority: Priority) -> datetime:
        """When people hear of a step that is ready to be told at `at`."""
        if self._awake is None or priority is Priority.ACCIDENT:
            return at
        waking = self._awake.next_open(at)
        if code == OVERDUE:
            return at if self.quiet == "escalate" else waking
        return waking if waking < due_at else at

    def _planned_at(self, at: datetime, due_at: datetime, priority: Priority) -> datetime:
        """When a reminder is to be told whose time comes at `at`: by day, and before the deadline."""
        told_at = self._told_at("", at, due_at, priority)
        if self._awake is None or priority is Priority.ACCIDENT or self._awake.is_open(told_at):
            return told_at
        return self._awake.back(told_at, _NOTHING)


def _waking_hours(quiet_hours: str, *, tz: str) -> Calendar:
    """The rest of the day: quiet hours are only a calendar turned round."""
    begins, ends = parse_interval(quiet_hours)
    midnight = 24 * 60
    awake = [(ends, begins)] if ends < begins else [(0, begins), (ends, midnight)]
    intervals = tuple(format_interval(edges) for edges in awake if edges[0] < edges[1])
    return Calendar(kind="working", tz=tz, hours=dict.fromkeys(WEEKDAYS, intervals))
