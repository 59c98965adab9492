"""What a curator does with a waiting incident, remembered for as long as it can be undone (incidents/undoing.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import triage
from incidents.errors import IncidentError
from incidents.labels import NO_ANSWER, Lesson
from incidents.moving import load_to_change
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.queueing import WAITING
from models import (
    Card,
    CardState,
    HistoryEntry,
    Incident,
    Label,
    Post,
    Prediction,
    Status,
    Step,
    TriageAct,
)


class NotInQueue(IncidentError):
    """Somebody has dealt with it, or a body has it already."""

    text_key = "refused.not_in_queue"

    def __init__(self, *, number: int, status: Status) -> None:
        super().__init__(f"incident {number} is {status} and waits no more")
        self.number = number
        self.status = status


async def give(
    session: AsyncSession,
    *,
    incident_id: int,
    body_id: int,
    actor: Actor,
    now: datetime,
    act: TriageAct | None = None,
) -> TriageAct:
    """Assign what waits; registers it by that. `act`: the booked row to fill, None makes one.

    Raises:
        NotAllowed, NoSuchIncident, NotInQueue, NoSuchBody, BodyUnreachable.
    """
    before = await _before(session, [incident_id], incident_id, actor)
    incident = await triage.assign(
        session, incident_id=incident_id, body_id=body_id, actor=actor, now=now, holder=0
    )
    before["body"] = body_id
    return await _keep(session, incident, Step.ASSIGN, before, actor=actor, now=now, act=act)


async def dismiss(
    session: AsyncSession,
    *,
    incident_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    teaches: Lesson | None = NO_ANSWER,
    act: TriageAct | None = None,
) -> TriageAct:
    """No answer is owed to what waits, for this reason.

    Raises:
        NotAllowed, NoSuchIncident, NotInQueue, ReasonMissing.
    """
    before = await _before(session, [incident_id], incident_id, actor)
    incident = await triage.skip(
        session, incident_id=incident_id, reason=reason, actor=actor, now=now, teaches=teaches
    )
    before["reason"] = reason[:300]
    return await _keep(session, incident, Step.SKIP, before, actor=actor, now=now, act=act)


async def join(
    session: AsyncSession,
    *,
    incident_id: int,
    into_id: int,
    actor: Actor,
    now: datetime,
    act: TriageAct | None = None,
) -> TriageAct:
    """What waits is the same problem as another one: its posts go there.

    Raises:
        NotAllowed, NoSuchIncident, NotInQueue, SameIncident, StepNotAllowed.
    """
    before = await _before(session, [incident_id, into_id], incident_id, actor)
    posts = await session.scalars(select(Post.id).where(Post.incident_id == incident_id).order_by(Post.id))
    before |= {"into": into_id, "posts": list(posts)}
    await triage.merge(session, incident_id=incident_id, into_id=into_id, actor=actor, now=now)
    incident = await session.get_one(Incident, incident_id)
    return await _keep(session, incident, Step.MERGE, before, actor=actor, now=now, act=act)


async def _before(
    session: AsyncSession, to_lock: Sequence[int], incident_id: int, actor: Actor
) -> dict[str, Any]:
    """How it stands now. All that the step will change is locked here, in the order in which everybody locks."""
    actor.must(Permission.TRIAGE)
    locked = {number: await load_to_change(session, number) for number in sorted(set(to_lock))}
    incident = locked[incident_id]
    if incident.status not in WAITING:
        raise NotInQueue(number=incident_id, status=incident.status)
    cards = await session.scalars(
        select(Card.id).where(
            Card.incident_id == incident_id, Card.state == CardState.LIVE, Card.for_curators
        )
    )
    newest = await session.scalar(select(func.max(Label.id)).where(Label.incident_id == incident_id))
    return {
        "status": incident.status.value,
        "cards": list(cards),
        "labels": newest or 0,
        "outcomes": await _outcomes(session, incident_id),
    }


async def _outcomes(session: AsyncSession, incident_id: int) -> list[list[Any]]:
    rows = await session.execute(
        select(Prediction.id, Prediction.outcome, Prediction.outcome_at)
        .join(Post, Post.id == Prediction.post_id)
        .where(Post.incident_id == incident_id)
        .order_by(Prediction.id)
    )
    return [[number, outcome, at.isoformat() if at else None] for number, outcome, at in rows]


async def _keep(
    session: AsyncSession,
    incident: Incident,
    step: Step,
    before: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    act: TriageAct | None,
) -> TriageAct:
    await session.flush()
    labels = await session.scalars(
        select(Label.id).where(Label.incident_id == incident.id, Label.id > before["labels"])
    )
    judged = {number: outcome for number, outcome, _ in await _judged(session, before)}
    before["labels"] = list(labels)
    # What the step made of each prediction: undone only where nothing else has judged it since.
    before["outcomes"] = [[*row, judged[row[0]]] for row in before["outcomes"] if judged[row[0]] != row[1]]
    before["history"] = await session.scalar(
        select(func.max(HistoryEntry.id)).where(HistoryEntry.incident_id == incident.id)
    )
    if act is None:
        act = TriageAct(official_id=actor.official_id, incident_id=incident.id, step=step)
        session.add(act)
    act.version, act.before, act.at = incident.version, {**(act.before or {}), **before}, now
    await session.flush()
    return act


async def _judged(session: AsyncSession, before: dict[str, Any]) -> list[tuple[int, str, datetime | None]]:
    numbers = [row[0] for row in before["outcomes"]]
    rows = await session.execute(
        select(Prediction.id, Prediction.outcome, Prediction.outcome_at).where(Prediction.id.in_(numbers))
    )
    return [(number, outcome, at) for number, outcome, at in rows]
