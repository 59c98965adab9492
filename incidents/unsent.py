"""A draft that lies unsent while its deadline comes near: its author is reminded of it once."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.policies import Policy
from models import Answer, AnswerState, Body, Incident, Official, Reminder, Status

_UNTOUCHED = timedelta(hours=2)
_NEAR = timedelta(hours=4)
_HELD = frozenset({Status.ACCEPTED, Status.REWORK, Status.INTERIM})


async def draft_moment(
    session: AsyncSession, incident: Incident, policy: Policy, due_at: datetime | None, *, now: datetime
) -> datetime | None:
    """When to speak of the draft: two hours after it was written, four before the deadline; None: not at all.

    A deadline that has passed speaks for itself.
    """
    draft = await _unsent(session, incident)
    if draft is None or due_at is None:
        return None
    at = policy.waking_from(max(draft.created_at + _UNTOUCHED, due_at - _NEAR, now), incident.priority)
    return at if at < due_at else None


async def remind_of_draft(
    session: AsyncSession, incident: Incident, policy: Policy, due_at: datetime | None, *, now: datetime
) -> None:
    """Say it where the work is done, once for each draft."""
    moment = await draft_moment(session, incident, policy, due_at, now=now)
    if moment is None or moment > now:
        return
    draft = await _unsent(session, incident)
    if draft is None or incident.body_id is None:
        return
    session.add(Reminder(incident_id=incident.id, code=_code(draft), told=True, at=now))
    author = await session.get(Official, draft.official_id) if draft.official_id else None
    body = await session.get_one(Body, incident.body_id)
    name = author.name if author else ""
    await outbox.tell_body(session, "draft_waits", body=body, now=now, incident_id=incident.id, name=name)


async def _unsent(session: AsyncSession, incident: Incident) -> Answer | None:
    """The incident's draft that nobody was reminded of yet."""
    if incident.status not in _HELD:
        return None
    draft: Answer | None = await session.scalar(
        select(Answer)
        .where(
            Answer.incident_id == incident.id,
            Answer.state == AnswerState.DRAFT,
            Answer.revises_id.is_(None),
        )
        .order_by(Answer.version.desc())
        .limit(1)
    )
    if draft is None:
        return None
    said = await session.scalar(
        select(Reminder.id).where(Reminder.incident_id == incident.id, Reminder.code == _code(draft))
    )
    return draft if said is None else None


def _code(draft: Answer) -> str:
    return f"draft:{draft.id}"
