"""What curators do with an incident: register and assign, skip, merge, reopen; and handing it to a body."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import ReasonMissing, SameBody, StepNotAllowed
from incidents.moving import load, move
from incidents.people import Actor
from incidents.promises import plan_next_look, policy_of, start_clock
from incidents.routing import reachable_body
from models import Assignment, Body, Incident, Post, Status, Step


async def assign(
    session: AsyncSession, *, incident_id: int, body_id: int, actor: Actor, now: datetime, reason: str = ""
) -> Incident:
    """A curator gives the incident to a body, from wherever it is; registers it where nobody has.

    Raises:
        CuratorsOnly, NoSuchIncident, NoSuchBody, BodyUnreachable, SameBody, StepNotAllowed.
    """
    actor.must_be_curator()
    incident = await load(session, incident_id)
    body = await reachable_body(session, body_id)
    if incident.body_id == body.id and incident.status is Status.ASSIGNED:
        raise SameBody(name=body.name)
    if incident.status is Status.NEW:
        await start_clock(session, incident, now=now, body=body)
        await move(session, incident, Step.REGISTER, now=now, by=actor.official_id)
    step = Step.ASSIGN if incident.status is Status.REGISTERED else Step.REASSIGN
    await give_to(session, incident, body, step=step, by=actor.official_id, now=now, reason=reason)
    await plan_next_look(session, incident, now=now)
    return incident


async def give_to(
    session: AsyncSession,
    incident: Incident,
    body: Body,
    *,
    step: Step,
    by: int | None,
    now: datetime,
    reason: str = "",
    suggested_by_body: bool = False,
) -> None:
    """Open the body's turn: the old card is disarmed, a new one is owed to the body's chat."""
    old_chat = await _chat_of(session, incident.body_id)
    await end_assignment(session, incident, step=step, now=now, reason=reason)
    incident.body_id = body.id
    incident.official_id = None
    policy = await policy_of(session, incident)
    session.add(
        Assignment(
            incident_id=incident.id,
            body_id=body.id,
            assigned_by=by,
            assigned_at=now,
            return_until=policy.return_until(now),
        )
    )
    if old_chat is not None and old_chat != body.chat_id:
        await outbox.disarm_cards(session, incident, chat_id=old_chat)
    await move(session, incident, step, now=now, by=by, reason=reason)
    if body.chat_id is not None:
        await outbox.show_card(session, incident, chat_id=body.chat_id, thread_id=body.thread_id, now=now)


async def _chat_of(session: AsyncSession, body_id: int | None) -> int | None:
    if body_id is None:
        return None
    chat_id: int | None = await session.scalar(select(Body.chat_id).where(Body.id == body_id))
    return chat_id


async def end_assignment(
    session: AsyncSession,
    incident: Incident,
    *,
    step: Step,
    now: datetime,
    reason: str = "",
    suggested_body_id: int | None = None,
) -> None:
    """Close the present turn, if there is one."""
    await session.execute(
        update(Assignment)
        .where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
        .values(ended_at=now, ended_by=step, reason=reason, suggested_body_id=suggested_body_id)
    )


async def skip(
    session: AsyncSession, *, incident_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """No answer is owed: spam, a joke, another region. The reason is kept.

    Raises:
        CuratorsOnly, NoSuchIncident, ReasonMissing, StepNotAllowed.
    """
    actor.must_be_curator()
    incident = await load(session, incident_id)
    if not reason.strip():
        raise ReasonMissing
    await end_assignment(session, incident, step=Step.SKIP, now=now, reason=reason)
    await outbox.disarm_cards(session, incident)
    await move(session, incident, Step.SKIP, now=now, by=actor.official_id, reason=reason.strip())
    await plan_next_look(session, incident, now=now)
    return incident


async def merge(
    session: AsyncSession, *, incident_id: int, into_id: int, actor: Actor, now: datetime
) -> Incident:
    """The same problem again: its posts move to the other incident, and get its answer too.

    Raises:
        CuratorsOnly, NoSuchIncident, StepNotAllowed: also when the other is settled or the same.
    """
    actor.must_be_curator()
    incident = await load(session, incident_id)
    target = await load(session, into_id)
    if target.id == incident.id or target.status not in {
        Status.NEW,
        Status.REGISTERED,
        Status.ASSIGNED,
        Status.ACCEPTED,
        Status.REWORK,
    }:
        raise StepNotAllowed(step=Step.MERGE, status=target.status)
    incident.merged_into_id = target.id
    await end_assignment(session, incident, step=Step.MERGE, now=now)
    await session.execute(update(Post).where(Post.incident_id == incident.id).values(incident_id=target.id))
    await outbox.disarm_cards(session, incident)
    await move(session, incident, Step.MERGE, now=now, by=actor.official_id, reason=f"№ {target.id}")
    await plan_next_look(session, incident, now=now)
    await outbox.refresh_cards(session, target, now=now)
    return target


async def reopen(
    session: AsyncSession, *, incident_id: int, actor: Actor, reason: str, now: datetime
) -> Incident:
    """The resident disagrees, or it was skipped by mistake: back to distribution, the deadline as it was.

    Raises:
        CuratorsOnly, NoSuchIncident, StepNotAllowed.
    """
    actor.must_be_curator()
    incident = await load(session, incident_id)
    await start_clock(session, incident, now=now)
    incident.body_id = incident.official_id = incident.answered_at = None
    await move(session, incident, Step.REOPEN, now=now, by=actor.official_id, reason=reason)
    await plan_next_look(session, incident, now=now)
    await outbox.show_to_curators(session, incident, now=now)
    return incident
