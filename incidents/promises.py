"""Policies as rows: which version an incident was registered under, and when it must be looked at again."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.lifecycle import SETTLED
from incidents.policies import Policy
from models import Body, HistoryEntry, Incident, Reminder, Status
from models import Policy as PolicyRow

DEFAULT = "default"


@lru_cache(maxsize=64)
def _parse(definition: str) -> Policy:
    return Policy.model_validate_json(definition)


async def install_policies(session: AsyncSession, policies: dict[str, Policy], *, now: datetime) -> None:
    """Store each configured policy as a new version where its words changed. `DEFAULT` must be among them."""
    for name, policy in policies.items():
        newest = await _newest(session, name)
        if newest is None or newest.digest != policy.digest:
            session.add(
                PolicyRow(
                    name=name,
                    version=newest.version + 1 if newest else 1,
                    digest=policy.digest,
                    definition=policy.definition(),
                    created_at=now,
                )
            )
    await session.flush()


async def _newest(session: AsyncSession, name: str) -> PolicyRow | None:
    found: PolicyRow | None = await session.scalar(
        select(PolicyRow).where(PolicyRow.name == name).order_by(PolicyRow.version.desc()).limit(1)
    )
    return found


async def current_policy(session: AsyncSession, body: Body | None = None) -> tuple[int, Policy]:
    """The newest version of the body's policy, or of the default one: its row id and itself.

    Raises:
        LookupError: no policy was installed.
    """
    row = await _newest(session, body.policy_name) if body and body.policy_name else None
    row = row or await _newest(session, DEFAULT)
    if row is None:
        raise LookupError("no default policy is installed: run `python -m bot migrate` and start again")
    return row.id, _parse(row.definition)


async def policy_of(session: AsyncSession, incident: Incident) -> Policy:
    """The policy the incident was registered under; before registration, the default one."""
    if incident.policy_id is None:
        return (await current_policy(session))[1]
    row = await session.get_one(PolicyRow, incident.policy_id)
    return _parse(row.definition)


async def start_clock(
    session: AsyncSession, incident: Incident, *, now: datetime, body: Body | None = None
) -> None:
    """Registration: take the policy's snapshot and compute the deadlines. A running clock is left alone."""
    if incident.registered_at is not None:
        return
    incident.policy_id, policy = await current_policy(session, body)
    moments = policy.moments(now, incident.priority)
    incident.registered_at = now
    incident.first_reaction_due_at = moments.first_reaction_due_at
    incident.due_at = moments.due_at


async def plan_next_look(session: AsyncSession, incident: Incident, *, now: datetime) -> None:
    """Set when the sweep must look at the incident again: every open one has such a moment."""
    incident.next_look_at = await _next_look(session, incident, now=now)


async def _next_look(session: AsyncSession, incident: Incident, *, now: datetime) -> datetime | None:
    policy = await policy_of(session, incident)
    if incident.status is Status.ANSWERED:
        return policy.close_at(incident.answered_at or now)
    if incident.status in SETTLED:
        return None
    moments = [
        await triage_moment(session, incident, policy),
        await release_moment(session, incident, policy),
    ]
    due_at = deadline_of(incident)
    if due_at is not None and incident.registered_at is not None:
        moments.append(
            policy.next_moment(
                now,
                registered_at=incident.registered_at,
                due_at=due_at,
                fired=await fired_steps(session, incident),
                priority=incident.priority,
            )
        )
    ahead = [moment for moment in moments if moment is not None]
    # Overdue and all said: still nobody's to forget, so it is looked at once a working shift.
    return min(ahead, default=policy.release_at(now))


def deadline_of(incident: Incident) -> datetime | None:
    """When the next answer is due: the final one's control date after an interim answer, else the total."""
    return incident.control_at or incident.due_at


async def fired_steps(session: AsyncSession, incident: Incident) -> set[str]:
    """Codes of the reminders that have fired for the present deadline."""
    prefix = "final:" if incident.control_at else ""
    codes = await session.scalars(select(Reminder.code).where(Reminder.incident_id == incident.id))
    return {code.removeprefix(prefix) for code in codes if code.startswith("final:") == bool(prefix)}


async def last_heard_at(session: AsyncSession, incident: Incident) -> datetime:
    """When anybody last moved the incident."""
    at: datetime | None = await session.scalar(
        select(func.max(HistoryEntry.at)).where(HistoryEntry.incident_id == incident.id)
    )
    return at or incident.created_at


async def release_moment(session: AsyncSession, incident: Incident, policy: Policy) -> datetime | None:
    """When an accepted and silent incident goes back to the whole body."""
    if incident.status is not Status.ACCEPTED:
        return None
    return policy.release_at(await last_heard_at(session, incident))


async def triage_moment(session: AsyncSession, incident: Incident, policy: Policy) -> datetime | None:
    """When curators are next reminded of an incident that waits for them; once an hour at most."""
    if incident.status not in {Status.NEW, Status.REGISTERED}:
        return None
    reminded: datetime | None = await session.scalar(
        select(func.max(Reminder.at)).where(
            Reminder.incident_id == incident.id, Reminder.code.startswith("triage:")
        )
    )
    since = await last_heard_at(session, incident)
    return policy.triage_until(max(since, reminded) if reminded else since)
