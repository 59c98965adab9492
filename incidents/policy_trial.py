"""What other policies would have made of the incidents there are: a dry run. Only reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.policies import Policy
from incidents.policy_choice import choose, facts_of
from incidents.promises import DEFAULT
from models import Assignment, Body, HistoryEntry, Incident, PolicyRule, Status, Step
from models import Policy as PolicyRow

# Nobody owes these an answer: no deadline was kept or missed.
_NOT_OWED: Final = (Status.SKIPPED, Status.MERGED, Status.SOURCE_GONE)
_ANSWERS: Final = (Step.PUBLISH, Step.PUBLISH_INTERIM, Step.ANSWER_DIRECTLY)


@dataclass(frozen=True, slots=True)
class Trial:
    """One incident. `answered_at`: its first published words, which stop this clock; `until`: now, without any."""

    number: int
    policy_name: str  # then
    new_policy_name: str
    due_at: datetime
    new_due_at: datetime
    answered_at: datetime | None
    until: datetime

    @property
    def shift(self) -> timedelta:
        return self.new_due_at - self.due_at

    @property
    def was_late(self) -> bool:
        return (self.answered_at or self.until) > self.due_at

    @property
    def would_be_late(self) -> bool:
        return (self.answered_at or self.until) > self.new_due_at


@dataclass(frozen=True, slots=True)
class Summary:
    """The incidents of one policy then that would be under one policy now."""

    policy_name: str
    new_policy_name: str
    count: int
    late: int
    would_be_late: int
    shift: timedelta  # the median


async def try_policies(
    session: AsyncSession,
    policies: Mapping[str, Policy],
    rules: Sequence[PolicyRule],
    *,
    since: datetime,
    now: datetime,
) -> list[Trial]:
    """Every incident registered since, with the deadline it would have. Topic and priority as they are today.

    Raises:
        CalendarError: a new policy cannot be counted.
    """
    found = await session.execute(
        select(Incident, PolicyRow.name, Body)
        .join(PolicyRow, PolicyRow.id == Incident.policy_id)
        .outerjoin(
            Assignment,
            and_(Assignment.incident_id == Incident.id, Assignment.assigned_at == Incident.registered_at),
        )
        .outerjoin(Body, Body.id == Assignment.body_id)
        .where(Incident.registered_at >= since, Incident.status.not_in(_NOT_OWED))
        .order_by(Incident.id)
    )
    answered = await _answered(session, since)
    trials: dict[int, Trial] = {}
    for incident, name, body in found:
        if incident.registered_at is None or incident.due_at is None:
            continue  # the query leaves none
        chosen = choose(rules, facts_of(incident, body)).policy_name or DEFAULT
        chosen = chosen if chosen in policies else DEFAULT
        new = policies[chosen].moments(incident.registered_at, incident.priority)
        said = [at for at in (incident.answered_at, answered.get(incident.id)) if at is not None]
        trials[incident.id] = Trial(
            number=incident.id,
            policy_name=name,
            new_policy_name=chosen,
            due_at=incident.due_at,
            new_due_at=new.due_at,
            answered_at=min(said, default=None),
            until=now,
        )
    return list(trials.values())


async def _answered(session: AsyncSession, since: datetime) -> dict[int, datetime]:
    rows = await session.execute(
        select(HistoryEntry.incident_id, func.min(HistoryEntry.at))
        .join(Incident, Incident.id == HistoryEntry.incident_id)
        .where(Incident.registered_at >= since, HistoryEntry.step.in_(_ANSWERS))
        .group_by(HistoryEntry.incident_id)
    )
    return {number: at for number, at in rows}  # noqa: C416 - rows are no pairs to mypy


def summaries(trials: Sequence[Trial]) -> list[Summary]:
    """By policy then and now, the most numerous first."""
    groups: dict[tuple[str, str], list[Trial]] = {}
    for one in trials:
        groups.setdefault((one.policy_name, one.new_policy_name), []).append(one)
    found = [
        Summary(
            policy_name=old,
            new_policy_name=new,
            count=len(group),
            late=sum(one.was_late for one in group),
            would_be_late=sum(one.would_be_late for one in group),
            shift=timedelta(seconds=median(one.shift.total_seconds() for one in group)),
        )
        for (old, new), group in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.policy_name, one.new_policy_name))


def most_moved(trials: Sequence[Trial], *, most: int = 10) -> list[Trial]:
    """Those whose deadline moves farthest, either way; none that does not move."""
    moved = [one for one in trials if one.shift]
    return sorted(moved, key=lambda one: (-abs(one.shift), one.number))[:most]
