"""The turns of an incident: which bodies had it, for how long, and how each turn ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models import Assignment, Body, HistoryEntry, Step


@dataclass(frozen=True, slots=True)
class Turn:
    """One body's turn. `suggested`: whose it is, as the body said when it gave the incident back.

    `ended_at` None: the incident is there now. `return_until`: until when giving back is within the norm.
    """

    body_id: int
    body: str
    began_at: datetime
    return_until: datetime
    ended_at: datetime | None
    ended_by: Step | None
    reason: str
    suggested_id: int | None
    suggested: str

    @property
    def late_by(self) -> timedelta | None:
        """How much later than its norm the body gave it back; None: in time, or it ended otherwise."""
        if self.ended_by is not Step.RETURN or self.ended_at is None or self.ended_at <= self.return_until:
            return None
        return self.ended_at - self.return_until


async def turns(session: AsyncSession, incident_id: int) -> list[Turn]:
    """Oldest first; the last may be the present one."""
    suggested = aliased(Body)
    rows = await session.execute(
        select(Assignment, Body.name, suggested.name)
        .join(Body, Body.id == Assignment.body_id)
        .outerjoin(suggested, suggested.id == Assignment.suggested_body_id)
        .where(Assignment.incident_id == incident_id)
        .order_by(Assignment.id)
        .execution_options(populate_existing=True)
    )
    return [
        Turn(
            body_id=row.body_id,
            body=body,
            began_at=row.assigned_at,
            return_until=row.return_until,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
            reason=row.reason,
            suggested_id=row.suggested_body_id,
            suggested=other or "",
        )
        for row, body, other in rows
    ]


def return_of(turns: Sequence[Turn], entry: HistoryEntry) -> Turn | None:
    """The turn that this step of the history ended, where the body gave the incident back."""
    ended = (one for one in turns if one.ended_by is Step.RETURN and one.ended_at == entry.at)
    return next(ended, None) if entry.step is Step.RETURN else None


@dataclass(frozen=True, slots=True)
class Returns:
    """How often a body gave back in some time, and how often later than its norm allows."""

    total: int
    late: int


async def late_returns(session: AsyncSession, body_id: int, *, since: datetime, until: datetime) -> Returns:
    """What the body gave back from `since` up to `until`, exclusive."""
    is_late = Assignment.ended_at > Assignment.return_until
    found = await session.execute(
        select(func.count(), func.coalesce(func.sum(case((is_late, 1), else_=0)), 0)).where(
            Assignment.body_id == body_id,
            Assignment.ended_by == Step.RETURN,
            Assignment.ended_at >= since,
            Assignment.ended_at < until,
        )
    )
    total, late = found.one()
    return Returns(total, late)
