"""Who stands in for whom. An absence counts while it has begun and is not over; chains are bounded, cycles safe."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Absence, Official

_LONGEST_CHAIN: Final = 8


async def standing_in(session: AsyncSession, official_id: int, now: datetime | None = None) -> int | None:
    """Who has this person's work now: they themselves, or their substitute, or the substitute's own.

    None: nobody in particular, the whole body has it. `now` counts absences whose time has come and which the
    sweep has not begun yet; without it only those begun.
    """
    seen: set[int] = set()
    person: int | None = official_id
    while person is not None and person not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(person)
        absence = await away(session, person, now)
        if absence is None:
            return person if person == official_id or await _can_be_told(session, person) else None
        person = absence.substitute_id
    return None


async def away(session: AsyncSession, official_id: int, now: datetime | None = None) -> Absence | None:
    """The absence the person is in."""
    begun: ColumnElement[bool] = Absence.begun_at.is_not(None)
    if now is not None:
        begun = or_(begun, and_(Absence.starts_at <= now, Absence.ends_at > now))
    found: Absence | None = await session.scalar(
        select(Absence)
        .where(Absence.official_id == official_id, Absence.over_at.is_(None), begun)
        .order_by(Absence.id.desc())
        .limit(1)
    )
    return found


async def _can_be_told(session: AsyncSession, official_id: int) -> bool:
    person = await session.get(Official, official_id)
    return person is not None and person.is_active and person.is_reachable


async def present(session: AsyncSession, official_ids: Collection[int]) -> list[int]:
    """The same people, with those away replaced by whoever stands in for them; in the order of ids."""
    gone = set(
        await session.scalars(
            select(Absence.official_id).where(
                Absence.official_id.in_(official_ids),
                Absence.begun_at.is_not(None),
                Absence.over_at.is_(None),
            )
        )
    )
    found = {person for person in official_ids if person not in gone}
    for person in gone:
        other = await standing_in(session, person)
        if other is not None:
            found.add(other)
    return sorted(found)
