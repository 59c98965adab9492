"""What a body does with an incident: take it, say it is not theirs, hand it on."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import labels, outbox
from incidents.errors import ReasonMissing, SameBody
from incidents.first import must_allow, must_not_be_given_back, say_who_holds
from incidents.intake import clean
from incidents.lifecycle import advance, allows
from incidents.moving import end_assignment, load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import plan_next_look
from incidents.routing import reachable_body
from incidents.triage import give_to
from models import (
    Assignment,
    Body,
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
    await must_be_with(session, incident, actor, Permission.ACCEPT)
    await free_from_the_gone(session, incident, now=now)
    if incident.status is not Status.ASSIGNED:
        await say_who_holds(session, incident, actor)
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
        await say_who_holds(session, incident, actor)


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
            Membership.role.in_([Role.OFFICIAL, Role.COORDINATOR]),
            Membership.body_id == incident.body_id,
            Official.is_active,
        )
    )
    if still_here is not None:
        return False
    await release(session, incident, now=now)
    return True


async def must_be_with(
    session: AsyncSession, incident: Incident, actor: Actor, permission: Permission = Permission.ANSWER
) -> None:
    """Raises: NotAllowed; NotYours: it is another body's, and whose; GivenBack: a colleague was faster."""
    await must_not_be_given_back(session, incident, actor)
    await must_for(session, actor, permission, incident.body_id)


async def hand_over(
    session: AsyncSession, *, incident_id: int, body_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """Pass the incident to the body whose business it is, with a reason. The deadline does not move.

    A curator may do so from any body; an official only with what is with their own.

    Raises:
        NoSuchIncident, NotYours, NoSuchBody, BodyUnreachable, SameBody, ReasonMissing, StepNotAllowed.
        AlreadyTaken: a colleague holds it.
    """
    incident = await load_to_change(session, incident_id)
    await must_be_with(session, incident, actor, Permission.HAND_OVER)
    await _must_not_be_a_colleagues(session, incident, actor, now=now)
    await must_allow(session, incident, Step.REASSIGN)
    body = await reachable_body(session, body_id)
    if body.id == incident.body_id:
        raise SameBody(name=body.name)
    if not reason.strip():
        raise ReasonMissing
    reason = clean(reason).strip()
    await labels.body_chosen(session, incident, body, actor=actor, now=now)
    await give_to(
        session,
        incident,
        body,
        step=Step.REASSIGN,
        by=actor.official_id,
        now=now,
        reason=reason,
    )
    await plan_next_look(session, incident, now=now)
    return incident


async def _must_not_be_a_colleagues(
    session: AsyncSession, incident: Incident, actor: Actor, *, now: datetime
) -> None:
    """What a colleague works on is not taken from under their hands, but by the coordinator or a curator.

    Raises:
        AlreadyTaken: says who holds it.
    """
    if actor.may(Permission.REASSIGN) or actor.may(Permission.DELEGATE, incident.body_id):
        return
    await free_from_the_gone(session, incident, now=now)
    if incident.official_id not in {None, actor.official_id}:
        await say_who_holds(session, incident, actor)


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

    It has a norm of its own, `Assignment.return_until`. Later it is possible as well, and is said to be late.

    Raises:
        NoSuchIncident, NotYours, NoSuchBody, ReasonMissing, StepNotAllowed.
        GivenBack, AlreadyTaken: a colleague was faster.
        BodyUnreachable, SameBody: whose it is said to be.
    """
    incident = await load_to_change(session, incident_id)
    await must_be_with(session, incident, actor, Permission.RETURN)
    await _must_not_be_a_colleagues(session, incident, actor, now=now)
    reason = clean(reason).strip()
    if not reason:
        raise ReasonMissing
    await must_allow(session, incident, Step.RETURN)
    body = await session.get_one(Body, incident.body_id)
    suggested = await reachable_body(session, suggested_body_id) if suggested_body_id is not None else None
    if suggested is not None and suggested.id == body.id:
        raise SameBody(name=body.name)
    await end_assignment(
        session,
        incident,
        step=Step.RETURN,
        now=now,
        reason=reason,
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
        reason=reason,
        body_id=body.id,
    )
    await outbox.tell_curators(
        session,
        "returned",
        now=now,
        incident_id=incident.id,
        body=body.name,
        name=actor.name,
        reason=reason,
    )
    await plan_next_look(session, incident, now=now)
    return incident
