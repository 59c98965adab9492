"""What curators do with an incident: register and assign, skip, merge, reopen; and handing it to a body."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import duty, labels, outbox
from incidents.booking import book_publications, submitted_answer
from incidents.errors import GivenMeanwhile, ReasonMissing, SameBody, SameIncident, StepNotAllowed
from incidents.indexing import reindex
from incidents.lifecycle import SETTLED, advance, allows
from incidents.moving import end_assignment, load_to_change, move
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.promises import plan_next_look, policy_of, start_clock
from incidents.routing import reachable_body
from models import Assignment, Body, Incident, Post, Status, Step


async def assign(
    session: AsyncSession,
    *,
    incident_id: int,
    body_id: int,
    actor: Actor,
    now: datetime,
    reason: str = "",
    holder: int | None = None,
) -> Incident:
    """A curator gives the incident to a body, from wherever it is; registers it where nobody has.

    `holder`: the body that had it when the curator chose, 0 for none: two curators who choose at once must not
    undo each other. None: whoever has it.

    Raises:
        NotAllowed, NoSuchIncident, NoSuchBody, BodyUnreachable, SameBody, StepNotAllowed.
        GivenMeanwhile: another body has it than the curator saw.
    """
    actor.must(Permission.TRIAGE)
    incident = await load_to_change(session, incident_id)
    body = await reachable_body(session, body_id)
    if incident.body_id == body.id and allows(incident.status, Step.REASSIGN):
        raise SameBody(name=body.name)  # its official may be at work on it: nobody's turn is begun anew
    if holder is not None and incident.body_id is not None and incident.body_id != holder:
        raise GivenMeanwhile(name=(await session.get_one(Body, incident.body_id)).name)
    if incident.status is Status.NEW:
        await start_clock(session, incident, now=now, body=body)
        await move(session, incident, Step.REGISTER, now=now, by=actor.official_id)
    step = Step.ASSIGN if incident.status is Status.REGISTERED else Step.REASSIGN
    await labels.body_chosen(session, incident, body, actor=actor, now=now)
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
) -> None:
    """Open the body's turn: the old cards are disarmed, a new one is owed to the body's chat."""
    advance(incident.status, step)  # raises
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
            prepare_until=policy.prepare_until(now),
        )
    )
    await outbox.place_cards(session, incident, body=body, now=now)
    await duty.show_new(session, incident, body, policy, now=now)
    await move(session, incident, step, now=now, by=by, reason=reason)


async def skip(
    session: AsyncSession,
    *,
    incident_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    teaches: labels.Lesson | None = labels.NO_ANSWER,
) -> Incident:
    """No answer is owed: spam, a joke, another region. The reason is kept.

    `teaches`: what the reason says of the words themselves; None where it says nothing, as "answered already".

    Raises:
        NotAllowed, NoSuchIncident, ReasonMissing, StepNotAllowed.
    """
    actor.must(Permission.TRIAGE)
    incident = await load_to_change(session, incident_id)
    if not reason.strip():
        raise ReasonMissing
    await outbox.disarm_cards(session, incident)
    await move(session, incident, Step.SKIP, now=now, by=actor.official_id, reason=reason.strip())
    if teaches is not None:
        field, value = teaches
        await labels.record(session, incident=incident, field=field, value=value, actor=actor, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def merge(
    session: AsyncSession, *, incident_id: int, into_id: int, actor: Actor, now: datetime
) -> Incident:
    """The same problem again: its posts move to the other incident, and get its answer too.

    Raises:
        NotAllowed, NoSuchIncident, SameIncident.
        StepNotAllowed: also when the other is settled, or its clock does not run but this
            one's does: a deadline is never merged away.
    """
    actor.must(Permission.TRIAGE)
    if incident_id == into_id:
        raise SameIncident(number=incident_id)
    # In one order for everybody: two who merge crosswise must not wait for each other.
    pair = {number: await load_to_change(session, number) for number in sorted({incident_id, into_id})}
    incident, target = pair[incident_id], pair[into_id]
    loses_clock = incident.registered_at is not None and target.registered_at is None
    if target.status in SETTLED or loses_clock:
        raise StepNotAllowed(step=Step.MERGE, status=target.status)
    incident.merged_into_id = target.id
    await outbox.disarm_cards(session, incident)
    await move(session, incident, Step.MERGE, now=now, by=actor.official_id, reason=f"№ {target.id}")
    await plan_next_look(session, incident, now=now)
    await session.execute(update(Post).where(Post.incident_id == incident.id).values(incident_id=target.id))
    if target.status is Status.APPROVED:
        await book_publications(session, target, await submitted_answer(session, target), now=now)
    for number in sorted(pair):
        await reindex(session, number)
    await outbox.refresh_cards(session, target, now=now)
    return target


async def reopen(
    session: AsyncSession, *, incident_id: int, actor: Actor, reason: str, now: datetime
) -> Incident:
    """The resident disagrees, or it was skipped by mistake: back to distribution, the deadline as it was.

    Raises:
        NotAllowed, NoSuchIncident, StepNotAllowed.
    """
    actor.must(Permission.REOPEN)
    incident = await load_to_change(session, incident_id)
    advance(incident.status, Step.REOPEN)  # raises
    await start_clock(session, incident, now=now)
    incident.body_id = incident.official_id = incident.answered_at = None
    await outbox.disarm_cards(session, incident, keep_curators=True)
    await outbox.show_to_curators(session, incident, now=now)
    await move(session, incident, Step.REOPEN, now=now, by=actor.official_id, reason=reason)
    await plan_next_look(session, incident, now=now)
    return incident
