"""How much bodies and people have on hand: shown to whoever gives out work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from models import Incident, Membership, Official, Role
from models.incident import OPEN

# Spelled as in the partial indexes, or the engines do not see that they fit.
_IS_OPEN = text(OPEN)
WORKERS = (Role.OFFICIAL, Role.COORDINATOR)  # who may hold an incident


@dataclass(frozen=True, slots=True)
class Load:
    """Open incidents on hand, and how many of them are past their deadline."""

    open: int = 0
    overdue: int = 0


async def of_bodies(session: AsyncSession, ids: Collection[int], now: datetime) -> dict[int, Load]:
    """Body → what it has and owes; every one of `ids` is there. One query, by ix_incidents_body_due_open."""
    return await _loads(session, Incident.body_id, Incident.body_id.in_(ids), ids, now)


async def of_people(session: AsyncSession, body_id: int, now: datetime) -> dict[int, Load]:
    """Official → what they hold, for whatever body; everybody is there who may hold this body's incidents.

    By ix_incidents_official_due_open.
    """
    people = list(
        await session.scalars(
            select(Official.id)
            .join(Membership, Membership.official_id == Official.id)
            .where(Membership.body_id == body_id, Membership.role.in_(WORKERS), Official.is_active)
            .distinct()
        )
    )
    return await _loads(session, Incident.official_id, Incident.official_id.in_(people), people, now)


async def _loads(
    session: AsyncSession,
    owner: InstrumentedAttribute[int | None],
    whose: ColumnElement[bool],
    ids: Collection[int],
    now: datetime,
) -> dict[int, Load]:
    is_late = func.coalesce(Incident.control_at, Incident.due_at) < now
    rows = await session.execute(
        select(owner, func.count(), func.sum(case((is_late, 1), else_=0)))
        .where(_IS_OPEN, whose)
        .group_by(owner)
    )
    counted = {number: Load(count, late) for number, count, late in rows}
    return {number: counted.get(number, Load()) for number in ids}
