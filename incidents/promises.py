"""Policies as rows: which version an incident was registered under, and when it must be looked at again."""

from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.lifecycle import SETTLED, WITH_BODY
from incidents.policies import OVERDUE, Policy
from models import Answer, Body, HistoryEntry, Incident, Prompt, Reminder, Status
from models import Policy as PolicyRow

DEFAULT = "default"
_NAG_EVERY = timedelta(days=1)  # once all is said and the deadline is past


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
        await triage_moment(session, incident, policy, now=now),
        await release_moment(session, incident, policy, now=now),
        await nag_moment(session, incident, policy, now=now),
    ]
    due_at, since = deadline_of(incident), clock_began_at(incident, policy)
    if due_at is not None and since is not None:
        moments.append(
            policy.next_moment(
                now,
                registered_at=since,
                due_at=due_at,
                fired=await fired_steps(session, incident),
                priority=incident.priority,
            )
        )
    # Never empty: what waits for curators has the first, what a body has the last or, all said, the third.
    return min(moment for moment in moments if moment is not None)


def clock_began_at(incident: Incident, policy: Policy) -> datetime | None:
    """From when the present deadline runs: the interim answer's publication, else registration."""
    return incident.control_at - policy.interim_total if incident.control_at else incident.registered_at


def deadline_of(incident: Incident) -> datetime | None:
    """When the next answer is due: the final one's control date after an interim answer, else the total."""
    return incident.control_at or incident.due_at


async def fired_steps(session: AsyncSession, incident: Incident) -> set[str]:
    """Codes of the reminders that have fired for the present deadline."""
    prefix = "final:" if incident.control_at else ""
    codes = await session.scalars(select(Reminder.code).where(Reminder.incident_id == incident.id))
    return {code.removeprefix(prefix) for code in codes if code.startswith("final:") == bool(prefix)}


async def last_heard_at(session: AsyncSession, incident: Incident) -> datetime:
    """When anybody last did anything with the incident: a step, a press of «Ответить», a draft."""
    heard = [
        await session.scalar(select(func.max(column)).where(owner == incident.id))
        for column, owner in (
            (HistoryEntry.at, HistoryEntry.incident_id),
            (Prompt.created_at, Prompt.incident_id),
            (Answer.created_at, Answer.incident_id),
        )
    ]
    return max((at for at in heard if at is not None), default=incident.created_at)


async def release_moment(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> datetime | None:
    """When a silent incident goes back to the whole body; under control, not before the control date."""
    if incident.status not in {Status.ACCEPTED, Status.REWORK, Status.INTERIM}:
        return None
    at = policy.release_at(await last_heard_at(session, incident))
    if incident.status is Status.INTERIM and incident.control_at is not None:
        at = max(at, incident.control_at)
    return policy.waking_from(max(at, now), incident.priority)


async def triage_moment(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> datetime | None:
    """When curators are next reminded of an incident that waits for them; once an hour at most."""
    if incident.status not in {Status.NEW, Status.REGISTERED}:
        return None
    since = max(await last_heard_at(session, incident), await reminded_at(session, incident, "triage:"))
    return policy.waking_from(max(policy.triage_until(since), now), incident.priority)


async def nag_moment(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> datetime | None:
    """When a body hears again, after "overdue", of what it still owes and does not move: once a day."""
    if incident.status not in WITH_BODY or OVERDUE not in await fired_steps(session, incident):
        return None
    since = max(await last_heard_at(session, incident), await reminded_at(session, incident))
    return policy.waking_from(max(since + _NAG_EVERY, now), incident.priority)


async def reminded_at(session: AsyncSession, incident: Incident, prefix: str = "") -> datetime:
    """When a reminder whose code begins so last fired; without one, the incident's beginning."""
    at: datetime | None = await session.scalar(
        select(func.max(Reminder.at)).where(
            Reminder.incident_id == incident.id, Reminder.code.startswith(prefix)
        )
    )
    return at or incident.created_at
