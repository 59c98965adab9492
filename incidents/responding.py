"""What a body does with an incident: take it, say it is not theirs, hand it on."""

from datetime import datetime
from typing import NoReturn

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import labels, outbox
from incidents.errors import AlreadyTaken, AlreadyYours, NotYours, ReasonMissing, SameBody, StepNotAllowed
from incidents.lifecycle import advance, allows
from incidents.moving import end_assignment, load_to_change, move
from incidents.people import Actor
from incidents.promises import plan_next_look
from incidents.routing import existing_body, reachable_body
from incidents.triage import give_to
from models import (
    Assignment,
    Body,
    HistoryEntry,
    Incident,
    Membership,
    Official,
    Role,
    Status,
    Step,
)


async def accept(session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime) -> Incident:
    """Take the incident: this person promises an answer before the deadline.

    Raises:
        NoSuchIncident, NotYours.
        AlreadyTaken: somebody was faster; says who and when.
        AlreadyYours: the same person pressed twice.
        StepNotAllowed: it has moved on.
    """
    incident = await load_to_change(session, incident_id)
    await must_be_with(session, incident, actor)
    await free_from_the_gone(session, incident, now=now)
    if incident.status is not Status.ASSIGNED:
        await _say_who_was_first(session, incident, actor)
    await _take(session, incident, actor, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def _take(session: AsyncSession, incident: Incident, actor: Actor, *, now: datetime) -> None:
    incident.official_id = actor.official_id
    await session.execute(
        update(Assignment)
        .where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
        .values(accepted_at=now, accepted_by=actor.official_id)
    )
    await move(session, incident, Step.ACCEPT, now=now, by=actor.official_id)


async def hold(session: AsyncSession, incident: Incident, actor: Actor, *, now: datetime) -> None:
    """Make sure this person holds the incident before writing an answer: who answers, accepts by that.

    Raises:
        NotYours, AlreadyTaken, StepNotAllowed.
    """
    await must_be_with(session, incident, actor)
    await free_from_the_gone(session, incident, now=now)
    if incident.status is Status.ASSIGNED:
        await _take(session, incident, actor, now=now)
    elif not allows(incident.status, Step.SEND):
        advance(incident.status, Step.SEND)  # raises
    elif incident.official_id != actor.official_id:
        await _say_who_was_first(session, incident, actor)


async def release(session: AsyncSession, incident: Incident, *, now: datetime, reason: str = "") -> None:
    """Nobody in particular holds it any more: anybody of the body may take it.

    Raises:
        StepNotAllowed: an answer is on its way, or nobody has it.
    """
    incident.official_id = None
    await session.execute(
        update(Assignment)
        .where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
        .values(accepted_at=None, accepted_by=None)
    )
    await move(session, incident, Step.RELEASE, now=now, by=None, reason=reason)


async def free_from_the_gone(session: AsyncSession, incident: Incident, *, now: datetime) -> bool:
    """Release what is held by a person who left or answers for this body no more. True if that was so."""
    if not allows(incident.status, Step.RELEASE):
        return False
    still_here = await session.scalar(
        select(Membership.id)
        .join(Official, Official.id == Membership.official_id)
        .where(
            Membership.official_id == incident.official_id,
            Membership.role == Role.OFFICIAL,
            Membership.body_id == incident.body_id,
            Official.is_active,
        )
    )
    if still_here is not None:
        return False
    await release(session, incident, now=now)
    return True


async def must_be_with(session: AsyncSession, incident: Incident, actor: Actor) -> None:
    """Raises: NotYours: it is another body's, and whose."""
    if incident.body_id in actor.bodies:
        return
    holder: str | None = await session.scalar(select(Body.name).where(Body.id == incident.body_id))
    raise NotYours(holder=holder or "")


async def _say_who_was_first(session: AsyncSession, incident: Incident, actor: Actor) -> NoReturn:
    row = (
        await session.execute(
            select(HistoryEntry, Official)
            .join(Official, Official.id == HistoryEntry.official_id)
            .where(HistoryEntry.incident_id == incident.id, HistoryEntry.step == Step.ACCEPT)
            .order_by(HistoryEntry.id.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        raise StepNotAllowed(step=Step.ACCEPT, status=incident.status)
    entry, official = row
    if official.id == actor.official_id:
        raise AlreadyYours(at=entry.at, status=incident.status)
    raise AlreadyTaken(name=official.name, at=entry.at, status=incident.status)


async def hand_over(
    session: AsyncSession, *, incident_id: int, body_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """Pass the incident to the body whose business it is, with a reason. The deadline does not move.

    A curator may do so from any body; an official only with what is with their own.

    Raises:
        NoSuchIncident, NotYours, NoSuchBody, BodyUnreachable, SameBody, ReasonMissing, StepNotAllowed.
    """
    incident = await load_to_change(session, incident_id)
    if not actor.is_curator:
        await must_be_with(session, incident, actor)
    body = await reachable_body(session, body_id)
    if body.id == incident.body_id:
        raise SameBody(name=body.name)
    if not reason.strip():
        raise ReasonMissing
    await labels.body_chosen(session, incident, body, actor=actor, now=now)
    await give_to(
        session,
        incident,
        body,
        step=Step.REASSIGN,
        by=actor.official_id,
        now=now,
        reason=reason.strip(),
    )
    await plan_next_look(session, incident, now=now)
    return incident


async def give_back(
    session: AsyncSession,
    *,
    incident_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    suggested_body_id: int | None = None,
) -> Incident:
    """«Не наше»: back to the curators with a reason and, if known, whose it is. The deadline does not move.

    Raises:
        NoSuchIncident, NotYours, NoSuchBody, ReasonMissing, StepNotAllowed.
    """
    incident = await load_to_change(session, incident_id)
    await must_be_with(session, incident, actor)
    if not reason.strip():
        raise ReasonMissing
    if suggested_body_id is not None:
        await existing_body(session, suggested_body_id)
    advance(incident.status, Step.RETURN)  # raises
    body = await session.get_one(Body, incident.body_id)
    await end_assignment(
        session,
        incident,
        step=Step.RETURN,
        now=now,
        reason=reason.strip(),
        suggested_body_id=suggested_body_id,
    )
    await outbox.disarm_cards(session, incident, keep_curators=True)
    await outbox.show_to_curators(session, incident, now=now, leaves_body=True)
    incident.body_id = incident.official_id = None
    await move(
        session,
        incident,
        Step.RETURN,
        now=now,
        by=actor.official_id,
        reason=reason.strip(),
        body_id=body.id,
    )
    await outbox.tell_curators(
        session,
        "returned",
        now=now,
        incident_id=incident.id,
        body=body.name,
        name=actor.name,
        reason=reason.strip(),
    )
    await plan_next_look(session, incident, now=now)
    return incident
