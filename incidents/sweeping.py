"""What time brings: reminders, escalation, release of the silent, closing, and the auditor.

Everything is found in rows, so nothing is lost over a restart and nothing fires twice.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import duty, escalating, outbox
from incidents.lifecycle import SETTLED, WITH_BODY
from incidents.moving import load_to_change, move
from incidents.policies import OVERDUE, Policy
from incidents.promises import (
    clock_began_at,
    deadline_of,
    fired_steps,
    last_heard_at,
    nag_moment,
    plan_next_look,
    policy_of,
    present_deadline,
    release_moment,
    reminder_prefix,
    triage_moment,
)
from incidents.queueing import ageing
from incidents.responding import free_from_the_gone, release
from incidents.reviewing import reviewers
from incidents.unsent import remind_of_draft
from models import Body, Incident, Official, Reminder, Status, Step
from models.incident import OPEN


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
    incident = await load_to_change(session, incident_id)
    if incident.next_look_at is None or incident.next_look_at > now:
        return
    policy = await policy_of(session, incident)
    if incident.status is Status.ANSWERED:
        if policy.close_at(incident.answered_at or now) <= now:
            await outbox.disarm_cards(session, incident)
            await move(session, incident, Step.CLOSE, now=now, by=None)
    elif incident.status not in SETTLED:
        await _release(session, incident, policy, now=now)
        await _nag(session, incident, policy, now=now)
        await _remind(session, incident, policy, now=now)
        await remind_of_draft(session, incident, policy, deadline_of(incident), now=now)
        await _upwards(session, incident, policy, now=now)
        await _hurry_curators(session, incident, policy, now=now)
    await plan_next_look(session, incident, now=now)


async def _release(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    """Silent for too long, or held by somebody who left: anybody of the body may take it now."""
    holder = await session.get(Official, incident.official_id) if incident.official_id else None
    if not await free_from_the_gone(session, incident, now=now):
        moment = await release_moment(session, incident, policy, now=now)
        if moment is None or moment > now:
            return
        await release(session, incident, now=now)
    name = holder.name if holder else ""
    await _tell_holder(session, incident, "released", now=now, name=name)


async def _tell_holder(
    session: AsyncSession, incident: Incident, key: str, *, now: datetime, **params: Any
) -> bool:
    """Tell the body, and who must approve. False where it cannot be reached: curators were told instead."""
    body = await session.get_one(Body, incident.body_id)
    told = await outbox.tell_body(session, key, body=body, now=now, incident_id=incident.id, **params)
    if not told:
        await outbox.show_to_curators(session, incident, now=now)
        await outbox.tell_curators(session, "overdue_curators", now=now, incident_id=incident.id)
    if incident.status is Status.ON_REVIEW:
        for chat_id in await reviewers(session, body.id):
            if chat_id != body.chat_id:
                await outbox.show_card(session, incident, chat_id=chat_id, now=now)
                outbox.book_notice(session, "review_waits", chat_id=chat_id, now=now, incident_id=incident.id)
    return told


async def _remind(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    due_at, since = deadline_of(incident), await clock_began_at(session, incident)
    if due_at is None or since is None:
        return
    watched = await duty.watching(session, incident, policy, now=now)
    deadline = await present_deadline(session, incident)
    if watched is not None and deadline is not None and due_at <= now:
        escalating.overdue_at_night(session, incident, watched, deadline, now=now)
        await session.flush()
        return
    step = policy.latest_due_step(
        now,
        registered_at=since,
        due_at=due_at,
        fired=await fired_steps(session, incident),
        priority=incident.priority,
    )
    prefix = await reminder_prefix(session, incident)
    for code in step.passed_over:
        session.add(Reminder(incident_id=incident.id, code=prefix + code, told=False, at=now))
    if step.to_send is None:
        return
    told = watched is None  # the duty chat hears of it by the ladder, not twice
    session.add(Reminder(incident_id=incident.id, code=prefix + step.to_send, told=told, at=now))
    await session.flush()
    if not told:
        return
    key = "overdue" if step.to_send == OVERDUE else "reminder"
    with_body = incident.status in WITH_BODY
    body_was_told = with_body and await _tell_holder(session, incident, key, now=now)
    if not with_body or (body_was_told and key == "overdue"):
        await outbox.show_to_curators(session, incident, now=now)
        await outbox.tell_curators(session, f"{key}_curators", now=now, incident_id=incident.id)
    if key == "overdue":
        await outbox.refresh_cards(session, incident, now=now)


async def _upwards(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    """Nobody answers: the next level hears of it; and of an answer that waits for somebody's word."""
    deadline = await present_deadline(session, incident)
    if deadline is not None:
        await escalating.escalate(session, incident, policy, deadline, now=now)
    if escalating.waits(incident):
        heard_at = await last_heard_at(session, incident)
        await escalating.nudge(session, incident, policy, heard_at=heard_at, now=now)


async def _nag(session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime) -> None:
    """Overdue, said, and still not moved: the body hears of it again."""
    moment = await nag_moment(session, incident, policy, now=now)
    if moment is not None and moment <= now:
        await _note(session, incident, "late", told=True, now=now)
        await _tell_holder(session, incident, "overdue", now=now)


async def _hurry_curators(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> None:
    """Each hour one waiting incident speaks for all: a full queue must not bury the curators."""
    moment = await triage_moment(session, incident, policy, now=now)
    if moment is None or moment > now:
        return
    waiting = Incident.status.in_([Status.NEW, Status.REGISTERED])
    spoken: datetime | None = await session.scalar(
        select(func.max(Reminder.at))
        .join(Incident, Incident.id == Reminder.incident_id)
        .where(waiting, Reminder.told, Reminder.code.startswith("triage:"))
    )
    tell = spoken is None or policy.triage_until(spoken) <= now
    await _note(session, incident, "triage", told=tell, now=now)
    if not tell:
        return
    queue = await ageing(session, now=now)
    if queue.is_overload:
        await outbox.tell_curators(
            session, "queue_overload", now=now, total=queue.total, hour=queue.over_hour
        )
    else:
        await outbox.tell_curators(session, "waits_for_triage", now=now, incident_id=incident.id)


async def _note(session: AsyncSession, incident: Incident, family: str, *, told: bool, now: datetime) -> None:
    """Keep that a repeating reminder fired, under the next number of its family."""
    count = await session.scalar(
        select(func.count())
        .select_from(Reminder)
        .where(Reminder.incident_id == incident.id, Reminder.code.startswith(f"{family}:"))
    )
    session.add(Reminder(incident_id=incident.id, code=f"{family}:{(count or 0) + 1}", told=told, at=now))
    await session.flush()


async def forgotten(session: AsyncSession) -> list[int]:
    """The auditor: open incidents that nothing would ever look at again. Must be empty, always."""
    found = await session.scalars(select(Incident.id).where(text(OPEN), Incident.next_look_at.is_(None)))
    return list(found)
