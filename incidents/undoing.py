"""«Отменить»: a curator takes back what they did in the queue, while nobody has moved it since.

What an undone press taught is forgotten, and what it made of the classifier's predictions is made undone: a press by
mistake is no lesson. The deadline stays as it was: taking a press back gives nobody more time.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import IncidentError
from incidents.indexing import reindex
from incidents.moving import load, load_to_change, move
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.promises import plan_next_look
from models import (
    Card,
    CardState,
    HistoryEntry,
    Incident,
    Label,
    Post,
    Prediction,
    Publication,
    Status,
    Step,
    TriageAct,
)

UNDO_FOR: Final = timedelta(minutes=10)


class NothingToUndo(IncidentError):
    """There is no such act, or it is somebody else's."""

    text_key = "refused.nothing_to_undo"


class UndoneAlready(IncidentError):
    text_key = "refused.undone_already"

    def __init__(self, *, number: int) -> None:
        super().__init__(f"what was done with {number} has been undone")
        self.number = number


class UndoTooLate(IncidentError):
    """The time to undo it is over."""

    text_key = "refused.undo_too_late"

    def __init__(self, *, number: int) -> None:
        super().__init__(f"what was done with {number} is too long ago to be undone")
        self.number = number


class MovedSince(IncidentError):
    """Somebody has gone on from there."""

    text_key = "refused.moved_since"

    def __init__(self, *, number: int, status: Status) -> None:
        super().__init__(f"incident {number} is {status} by now")
        self.number = number
        self.status = status


async def act_of(session: AsyncSession, act_id: int, *, actor: Actor) -> TriageAct:
    """The person's own act that was done.

    Raises:
        NotAllowed, NothingToUndo.
    """
    actor.must(Permission.TRIAGE)
    act = await session.get(TriageAct, act_id)
    if act is None or act.official_id != actor.official_id or not act.version or act.step is Step.UNDO:
        raise NothingToUndo
    return act


async def undo(session: AsyncSession, *, act_id: int, actor: Actor, now: datetime) -> TriageAct:
    """Take one act back. Of two presses at once one does it.

    Raises:
        NotAllowed, NothingToUndo, UndoneAlready, UndoTooLate.
        MovedSince: also when the answer it was merged into is on its way.
    """
    act = await act_of(session, act_id, actor=actor)
    if now - act.at > UNDO_FOR:
        raise UndoTooLate(number=act.incident_id)
    done = await session.execute(
        update(TriageAct).where(TriageAct.id == act_id, TriageAct.undone_at.is_(None)).values(undone_at=now)
    )
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise UndoneAlready(number=act.incident_id)
    both = sorted({act.incident_id, act.before.get("into") or act.incident_id})
    locked = {number: await load_to_change(session, number) for number in both}
    incident = locked[act.incident_id]
    if incident.version != act.version and await _has_moved(session, incident, act):
        raise MovedSince(number=incident.id, status=incident.status)
    if act.step is Step.ASSIGN:
        await _take_from_body(session, incident, actor, now=now)
    else:
        if act.step is Step.MERGE:
            await _part(session, incident, act, now=now)
        was_new = act.before["status"] == Status.NEW
        step = Step.UNDO if was_new else Step.REOPEN
        await move(session, incident, step, now=now, by=actor.official_id)
    await _unlearn(session, act)
    await _revive_cards(session, incident, act, now=now)
    await plan_next_look(session, incident, now=now)
    await session.flush()
    return act


async def _has_moved(session: AsyncSession, incident: Incident, act: TriageAct) -> bool:
    """A correction or a reminder changes the row as well; only a step is somebody's going on."""
    newest = await session.scalar(
        select(func.max(HistoryEntry.id)).where(HistoryEntry.incident_id == incident.id)
    )
    return bool(newest != act.before["history"])


async def _take_from_body(session: AsyncSession, incident: Incident, actor: Actor, *, now: datetime) -> None:
    """The body's turn ends, its card is disarmed; registered it stays, and its clock runs on."""
    body_id = incident.body_id
    await outbox.disarm_cards(session, incident, keep_curators=True)
    incident.body_id = incident.official_id = None
    await move(session, incident, Step.UNDO, now=now, by=actor.official_id, body_id=body_id)


async def _part(session: AsyncSession, incident: Incident, act: TriageAct, *, now: datetime) -> None:
    """The posts come back from the incident they had joined.

    Raises:
        MovedSince: they are not there any more, or an answer is on its way to them.
    """
    target = await load(session, act.before["into"])
    posts = act.before["posts"]
    still = await session.scalar(
        select(func.count()).select_from(Post).where(Post.id.in_(posts), Post.incident_id == target.id)
    )
    answered = await session.scalar(select(Publication.id).where(Publication.post_id.in_(posts)).limit(1))
    if still != len(posts) or answered is not None:
        raise MovedSince(number=target.id, status=target.status)
    incident.merged_into_id = None
    await session.execute(update(Post).where(Post.id.in_(posts)).values(incident_id=incident.id))
    for number in sorted({incident.id, target.id}):
        await reindex(session, number)
    await outbox.refresh_cards(session, target, now=now)


async def _unlearn(session: AsyncSession, act: TriageAct) -> None:
    await session.execute(delete(Label).where(Label.id.in_(act.before["labels"])))
    for number, outcome, at, made in act.before["outcomes"]:
        prediction = await session.get(Prediction, number, populate_existing=True)
        if prediction is not None and prediction.outcome == made:
            prediction.outcome = outcome
            prediction.outcome_at = datetime.fromisoformat(at) if at else None


async def _revive_cards(session: AsyncSession, incident: Incident, act: TriageAct, *, now: datetime) -> None:
    """The curators' cards that were alive before, where they stand: a minute later nobody looks for a new one."""
    cards = await session.scalars(select(Card).where(Card.id.in_(act.before["cards"])))
    for card in cards:
        card.state, card.for_curators = CardState.LIVE, True
    await session.flush()
    await outbox.refresh_cards(session, incident, now=now)
