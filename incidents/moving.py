"""The one place where an incident's status changes: table, history, card, all in the caller's transaction."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import NoSuchIncident
from incidents.indexing import SPEAKS, reindex
from incidents.lifecycle import WITH_BODY, advance
from incidents.outcomes import judge_step
from models import Assignment, HistoryEntry, Incident, Status, Step


async def load(session: AsyncSession, incident_id: int) -> Incident:
    """The incident by its number.

    Raises:
        NoSuchIncident: there is none.
    """
    incident = await session.get(Incident, incident_id)
    if incident is None:
        raise NoSuchIncident(incident_id)
    return incident


async def load_to_change(session: AsyncSession, incident_id: int) -> Incident:
    """The incident as it is now, nobody else's until the transaction ends: every step begins with this.

    On PostgreSQL whoever comes second waits here and then reads what the first one did. Without it two
    publications of one answer, settled at the same moment, would each see the other as still on its way.

    Raises:
        NoSuchIncident: there is none.
    """
    incident = await session.scalar(
        select(Incident)
        .where(Incident.id == incident_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if incident is None:
        raise NoSuchIncident(incident_id)
    return incident


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

    A body's turn ends with the step by which it owes nothing any more.

    `by` is the official's id, None when the program itself does it; `body_id` the body concerned where it is
    not the one that holds the incident.

    Raises:
        StepNotAllowed: the table has no such step from here.
        sqlalchemy.orm.exc.StaleDataError: somebody was faster (at the flush).
    """
    before = incident.status
    incident.status = advance(before, step)
    concerned = body_id if body_id is not None else incident.body_id
    session.add(
        HistoryEntry(
            incident_id=incident.id,
            step=step,
            before=before,
            after=incident.status,
            official_id=by,
            body_id=concerned,
            reason=reason,
            at=now,
        )
    )
    await session.flush()
    await judge_step(session, incident, step, by=by, body_id=concerned, now=now)
    if before in WITH_BODY and incident.status not in WITH_BODY:
        await end_assignment(session, incident, step=step, now=now, reason=reason)
    if step in SPEAKS:
        await reindex(session, incident.id)
    await outbox.refresh_cards(session, incident, now=now)
    return before
