"""Policies as rows: which version an incident was registered under, and when it must be looked at again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import duty, escalating
from incidents.lifecycle import SETTLED, WITH_BODY
from incidents.policies import OVERDUE, Policy
from incidents.policy_choice import Facts, choose, facts_of, policy_rules
from incidents.unsent import draft_moment
from models import Answer, Body, HistoryEntry, Incident, Priority, Prompt, Reminder, Status, Step
from models import Policy as PolicyRow

DEFAULT = "default"
_FINAL = "final"  # reminders of a control date
_NAG_EVERY = timedelta(days=1)  # once all is said and the deadline is past


@lru_cache(maxsize=64)
def _parse(definition: str) -> Policy:
    return Policy.model_validate_json(definition)


async def install_policies(session: AsyncSession, policies: Mapping[str, Policy], *, now: datetime) -> None:
    """Store each configured policy as a new version where its words changed. `DEFAULT` must be among them."""
    for name, policy in policies.items():
        newest = await newest_version(session, name)
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


async def newest_version(session: AsyncSession, name: str) -> PolicyRow | None:
    found: PolicyRow | None = await session.scalar(
        select(PolicyRow).where(PolicyRow.name == name).order_by(PolicyRow.version.desc()).limit(1)
    )
    return found


async def current_policy(session: AsyncSession) -> tuple[int, Policy]:
    """The newest version of the default policy: its row id and itself.

    Raises:
        LookupError: no policy was installed.
    """
    row = await newest_version(session, DEFAULT)
    if row is None:
        raise LookupError("no default policy is installed: run `python -m bot migrate` and start again")
    return row.id, _parse(row.definition)


async def policy_for(session: AsyncSession, facts: Facts) -> tuple[int, Policy]:
    """The newest version of the policy that the rules choose, or of the default one: its row id and itself.

    Raises:
        LookupError: no policy was installed.
    """
    chosen = choose(await policy_rules(session), facts).policy_name
    row = await newest_version(session, chosen) if chosen else None
    return (row.id, _parse(row.definition)) if row else await current_policy(session)


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
    incident.policy_id, policy = await policy_for(session, facts_of(incident, body))
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
        await draft_moment(session, incident, policy, deadline_of(incident), now=now),
    ]
    if escalating.waits(incident):
        heard_at = await last_heard_at(session, incident)
        moments.append(await escalating.next_nudge(session, incident, policy, heard_at=heard_at, now=now))
    deadline = await present_deadline(session, incident)
    if deadline is not None:
        moments.append(await escalating.next_rung(session, incident, policy, deadline, now=now))
        moments += await _reminder_moments(session, incident, policy, deadline, now=now)
    # Never empty: what waits for curators has the first, what a body has the last or, all said, the third.
    return min(moment for moment in moments if moment is not None)


async def present_deadline(session: AsyncSession, incident: Incident) -> escalating.Deadline | None:
    """What the incident's reminders and its ladder are counted from; None before registration."""
    due_at, since = deadline_of(incident), await clock_began_at(session, incident)
    if due_at is None or since is None:
        return None
    fired = frozenset(await fired_steps(session, incident))
    return escalating.Deadline(since, due_at, fired, await reminder_prefix(session, incident))


async def _reminder_moments(
    session: AsyncSession,
    incident: Incident,
    policy: Policy,
    deadline: escalating.Deadline,
    *,
    now: datetime,
) -> list[datetime | None]:
    """When somebody is next reminded. Where a duty chat is awake, it hears of the deadline, people in the morning."""
    at = policy.next_moment(
        now,
        registered_at=deadline.since,
        due_at=deadline.due_at,
        fired=deadline.fired,
        priority=incident.priority,
    )
    if at is None or at < deadline.due_at or await duty.chat_for(session, incident.body_id) is None:
        return [at]
    at_night = max(deadline.due_at, now)
    is_owed = policy.is_quiet(at_night) and escalating.AT_NIGHT not in deadline.fired
    return [policy.waking_from(at, Priority.ORDINARY), at_night if is_owed else None]


async def clock_began_at(session: AsyncSession, incident: Incident) -> datetime | None:
    """From when the present deadline runs: the last interim answer's publication, else registration."""
    if incident.control_at is None:
        return incident.registered_at
    published: datetime | None = await session.scalar(
        select(func.max(HistoryEntry.at)).where(
            HistoryEntry.incident_id == incident.id, HistoryEntry.step == Step.PUBLISH_INTERIM
        )
    )
    return published or incident.registered_at


async def reminder_prefix(session: AsyncSession, incident: Incident) -> str:
    """What the codes of the present deadline's reminders begin with: a second control date has its own."""
    if incident.control_at is None:
        return ""
    count = await session.scalar(
        select(func.count()).where(
            HistoryEntry.incident_id == incident.id, HistoryEntry.step == Step.PUBLISH_INTERIM
        )
    )
    return f"{_FINAL}{count}:" if count and count > 1 else f"{_FINAL}:"


def deadline_of(incident: Incident) -> datetime | None:
    """When the next answer is due: the final one's control date after an interim answer, else the total."""
    return incident.control_at or incident.due_at


async def fired_steps(session: AsyncSession, incident: Incident) -> set[str]:
    """Codes of the reminders that have fired for the present deadline."""
    prefix = await reminder_prefix(session, incident)
    codes = await session.scalars(select(Reminder.code).where(Reminder.incident_id == incident.id))
    if not prefix:
        return {code for code in codes if not code.startswith(_FINAL)}
    return {code.removeprefix(prefix) for code in codes if code.startswith(prefix)}


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
    told = await reminder_prefix(session, incident) + OVERDUE
    since = max(
        await last_heard_at(session, incident),
        await reminded_at(session, incident, told),
        await reminded_at(session, incident, "late:"),
    )
    return policy.waking_from(max(since + _NAG_EVERY, now), incident.priority)


async def reminded_at(session: AsyncSession, incident: Incident, prefix: str = "") -> datetime:
    """When a reminder whose code begins so last fired; without one, the incident's beginning."""
    at: datetime | None = await session.scalar(
        select(func.max(Reminder.at)).where(
            Reminder.incident_id == incident.id, Reminder.code.startswith(prefix)
        )
    )
    return at or incident.created_at
