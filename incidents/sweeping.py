"""What time brings: reminders, escalation, release of the silent, closing, and the auditor.

Everything is found in rows, so nothing is lost over a restart and nothing fires twice.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.lifecycle import SETTLED
from incidents.moving import load, move
from incidents.policies import OVERDUE, Policy
from incidents.promises import (
    deadline_of,
    fired_steps,
    plan_next_look,
    policy_of,
    release_moment,
    triage_moment,
)
from models import Body, Incident, Official, Reminder, Status, Step


async def due(session: AsyncSession, *, now: datetime, limit: int = 100) -> list[int]:
    """Incidents whose moment has come, the longest waiting first."""
    found = await session.scalars(
        select(Incident.id)
        .where(Incident.next_look_at.is_not(None), Incident.next_look_at <= now)
        .order_by(Incident.next_look_at)
        .limit(limit)
    )
    return list(found)


async def look_at(session: AsyncSession, *, incident_id: int, now: datetime) -> None:
    """Do whatever is due for one incident, and plan the next look."""
    incident = await load(session, incident_id)
    if incident.next_look_at is None or incident.next_look_at > now:
        return
    policy = await policy_of(session, incident)
    if incident.status is Status.ANSWERED:
        if policy.close_at(incident.answered_at or now) <= now:
            await outbox.disarm_cards(session, incident)
            await move(session, incident, Step.CLOSE, now=now, by=None)
    elif incident.status not in SETTLED:
        await _release(session, incident, policy, now=now)
        await _remind(session, incident, policy, now=now)
        await _hurry_curators(session, incident, policy, now=now)
    await plan_next_look(session, incident, now=now)


async def _release(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    """Accepted and silent for too long: anybody of the body may take it now."""
    moment = await release_moment(session, incident, policy)
    if moment is None or moment > now:
        return
    holder = await session.get(Official, incident.official_id) if incident.official_id else None
    incident.official_id = None
    await move(session, incident, Step.RELEASE, now=now, by=None)
    body = await session.get_one(Body, incident.body_id)
    await outbox.tell_body(
        session, "released", body=body, now=now, incident_id=incident.id, name=holder.name if holder else ""
    )


async def _remind(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    due_at = deadline_of(incident)
    if due_at is None or incident.registered_at is None:
        return
    step = policy.latest_due_step(
        now,
        registered_at=incident.registered_at,
        due_at=due_at,
        fired=await fired_steps(session, incident),
        priority=incident.priority,
    )
    prefix = "final:" if incident.control_at else ""
    for code in step.passed_over:
        session.add(Reminder(incident_id=incident.id, code=prefix + code, told=False, at=now))
    if step.to_send is None:
        return
    session.add(Reminder(incident_id=incident.id, code=prefix + step.to_send, told=True, at=now))
    await session.flush()
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    key = "overdue" if step.to_send == OVERDUE else "reminder"
    if body is not None:
        await outbox.tell_body(session, key, body=body, now=now, incident_id=incident.id)
    if key == "overdue" or body is None:
        await outbox.show_to_curators(session, incident, now=now)
        await outbox.tell_curators(session, f"{key}_curators", now=now, incident_id=incident.id)
    if key == "overdue":
        await outbox.refresh_cards(session, incident, now=now)


async def _hurry_curators(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> None:
    moment = await triage_moment(session, incident, policy)
    if moment is None or moment > now:
        return
    count = await session.scalar(
        select(func.count())
        .select_from(Reminder)
        .where(Reminder.incident_id == incident.id, Reminder.code.startswith("triage:"))
    )
    session.add(Reminder(incident_id=incident.id, code=f"triage:{(count or 0) + 1}", told=True, at=now))
    await session.flush()
    await outbox.tell_curators(session, "waits_for_triage", now=now, incident_id=incident.id)


async def forgotten(session: AsyncSession) -> list[int]:
    """The auditor: open incidents that nothing would ever look at again. Must be empty, always."""
    found = await session.scalars(
        select(Incident.id).where(Incident.status.not_in(list(SETTLED)), Incident.next_look_at.is_(None))
    )
    return list(found)
