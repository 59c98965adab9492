"""Who hears of an unanswered incident, and when: coordinator, curators, head. Pure arithmetic: `now` comes in.

The moments, on the policy's calendar: the coordinator with 4 hours left, the curators with 1 hour left, the head
2 hours after the deadline. A short deadline shortens them: the coordinator hears no earlier than at half of it,
the curators no earlier than at three quarters.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import BaseModel, Field

from incidents.calendars import Calendar
from incidents.terms import Duration


class Level(StrEnum):
    """Upwards. The official is told by reminders (incidents/policies.py)."""

    COORDINATOR = "coordinator"
    CURATOR = "curator"
    HEAD = "head"


UPWARDS: Final = tuple(Level)
_SHARE: Final = {Level.COORDINATOR: 2, Level.CURATOR: 4}  # at most one half, one quarter of the time is left


class Ladder(BaseModel, frozen=True, extra="forbid"):
    """`[policies.<name>.escalate]`: nobody below has answered, so the next one hears of it. None: never."""

    coordinator: Duration | None = Field(
        default=timedelta(hours=4), description="how much time is left when the body's coordinator is told"
    )
    curator: Duration | None = Field(
        default=timedelta(hours=1), description="how much time is left when curators are told"
    )
    head: Duration | None = Field(
        default=timedelta(hours=2), description="how long after the deadline the head is told"
    )

    def moments(self, calendar: Calendar, *, since: datetime, due_at: datetime) -> dict[Level, datetime]:
        """When each level would be told, were everybody awake at any hour; upwards in time."""
        found: dict[Level, datetime] = {}
        latest = since
        whole = calendar.between(since, due_at)
        for level, left in ((Level.COORDINATOR, self.coordinator), (Level.CURATOR, self.curator)):
            if left is not None:
                found[level] = latest = max(latest, calendar.back(due_at, min(left, whole / _SHARE[level])))
        if self.head is not None:
            found[Level.HEAD] = max(latest, calendar.add(due_at, self.head))
        return found


class Rung(NamedTuple):
    """A level, and when it is to be told."""

    level: Level
    at: datetime


class RungsDue(NamedTuple):
    """What a sweep does now: tell one level, mark it and all `passed_over` as fired."""

    to_tell: Level | None
    passed_over: tuple[Level, ...]


def due(rungs: Sequence[Rung], fired: AbstractSet[Level], now: datetime) -> RungsDue:
    """After downtime only the highest whose time has come; never one below a level that was told."""
    last = max((i for i, rung in enumerate(rungs) if rung.level in fired), default=-1)
    ready = [i for i, rung in enumerate(rungs) if i > last and rung.at <= now]
    if not ready:
        return RungsDue(None, ())
    top = ready[-1]
    below = (rung.level for rung in rungs[:top] if rung.level not in fired)
    return RungsDue(rungs[top].level, tuple(below))


def next_at(rungs: Sequence[Rung], fired: AbstractSet[Level]) -> datetime | None:
    """When `due` next has somebody to tell; None: all were told."""
    last = max((i for i, rung in enumerate(rungs) if rung.level in fired), default=-1)
    return min((rung.at for rung in rungs[last + 1 :]), default=None)
