"""The one place where an incident's status changes: table, history, card, all in the caller's transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import NoSuchIncident
from incidents.lifecycle import advance
from models import HistoryEntry, Incident, Official, Status, Step


async def load(session: AsyncSession, incident_id: int) -> Incident:
    """The incident by its number.

    Raises:
        NoSuchIncident: there is none.
    """
    incident = await session.get(Incident, incident_id)
    if incident is None:
        raise NoSuchIncident(incident_id)
    return incident


async def move(
    session: AsyncSession,
    incident: Incident,
    step: Step,
    *,
    now: datetime,
    by: int | None,
    reason: str = "",
    body_id: int | None = None,
) -> Status:
    """Take one step: status, history row, and a refresh of every card. Returns the status before.

    `by` is the official's id, None when the program itself does it; `body_id` the body concerned where it is
    not the one that holds the incident.

    Raises:
        StepNotAllowed: the table has no such step from here.
        sqlalchemy.orm.exc.StaleDataError: somebody was faster (at the flush).
    """
    before = incident.status
    incident.status = advance(before, step)
    session.add(
        HistoryEntry(
            incident_id=incident.id,
            step=step,
            before=before,
            after=incident.status,
            official_id=by,
            body_id=body_id if body_id is not None else incident.body_id,
            reason=reason,
            at=now,
        )
    )
    await session.flush()
    await outbox.refresh_cards(session, incident, now=now)
    return before


async def last_step(session: AsyncSession, incident: Incident) -> tuple[HistoryEntry | None, str]:
    """The newest history row and the name of who did it ("" for the program itself)."""
    row = (
        await session.execute(
            select(HistoryEntry, Official.name)
            .outerjoin(Official, Official.id == HistoryEntry.official_id)
            .where(HistoryEntry.incident_id == incident.id)
            .order_by(HistoryEntry.id.desc())
            .limit(1)
        )
    ).first()
    return (None, "") if row is None else (row[0], row[1] or "")
