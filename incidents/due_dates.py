"""Where the deadline of one incident comes from: its policy, why that one, and what was counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import MergedAway
from incidents.moving import load
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.policies import Policy
from incidents.policy_choice import Choice, choose, facts_of, policy_rules
from incidents.promises import DEFAULT, clock_began_at, newest_version, policy_of
from models import Assignment, Body, Incident
from models import Policy as PolicyRow
from models.kinds import Priority


@dataclass(frozen=True, slots=True)
class DueDate:
    """`row` None: not registered yet. `choice` None: today's rules would choose another policy.

    `priority`: the one the deadline was counted with; it may have been corrected since. None: no priority of the
    policy gives the stored deadline. `assignment`: the present turn, or the last. `interim_at`: the last interim
    answer. `sees_slack`: the reader is somebody who may act on a late assignment, and not the official.
    """

    incident: Incident
    policy: Policy
    row: PolicyRow | None
    choice: Choice | None
    chosen_for: Body | None
    priority: Priority | None
    assignment: Assignment | None
    interim_at: datetime | None
    sees_slack: bool

    @property
    def missing(self) -> timedelta:
        """How much of the body's preparation falls after the deadline, on the policy's calendar; or nothing."""
        turn, due_at = self.assignment, self.incident.due_at
        if turn is None or turn.prepare_until is None or due_at is None or turn.prepare_until <= due_at:
            return timedelta(0)
        return self.policy.calendar.between(due_at, turn.prepare_until)


async def due_date(session: AsyncSession, *, incident_id: int, actor: Actor) -> DueDate:
    """Raises: NoSuchIncident, MergedAway, NotAllowed, NotYours."""
    incident = await load(session, incident_id)
    await must_for(session, actor, Permission.DEADLINE, incident.body_id)
    if incident.merged_into_id is not None:
        raise MergedAway(number=incident_id, into=incident.merged_into_id)
    turns = list(
        await session.scalars(
            select(Assignment).where(Assignment.incident_id == incident_id).order_by(Assignment.id)
        )
    )
    policy = await policy_of(session, incident)
    row = await session.get_one(PolicyRow, incident.policy_id) if incident.policy_id else None
    first = turns[0] if turns and turns[0].assigned_at == incident.registered_at else None
    body = await session.get(Body, first.body_id) if first else None
    return DueDate(
        incident=incident,
        policy=policy,
        row=row,
        choice=await _choice(session, incident, body, row),
        chosen_for=body,
        priority=_counted_with(incident, policy),
        assignment=turns[-1] if turns else None,
        interim_at=await clock_began_at(session, incident) if incident.control_at else None,
        sees_slack=actor.may(Permission.APPROVE, incident.body_id) if incident.body_id else True,
    )


async def _choice(
    session: AsyncSession, incident: Incident, body: Body | None, row: PolicyRow | None
) -> Choice | None:
    """What the rules of today say, if it is the policy the incident has."""
    choice = choose(await policy_rules(session), facts_of(incident, body))
    name = choice.policy_name or DEFAULT
    if choice.policy_name and await newest_version(session, choice.policy_name) is None:
        choice, name = Choice(), DEFAULT
    return choice if row is None or row.name == name else None


def _counted_with(incident: Incident, policy: Policy) -> Priority | None:
    if incident.registered_at is None:
        return incident.priority
    candidates: tuple[Priority, ...] = (incident.priority, *Priority)
    for priority in candidates:
        if policy.moments(incident.registered_at, priority).due_at == incident.due_at:
            return priority
    return None
