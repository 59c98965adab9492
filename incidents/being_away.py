"""What an absence does: when it begins, while it lasts, when it is over. Found in rows by the sweep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.handing_over import (
    Handed,
    bring_chats_back,
    give_back,
    hand_over,
    move_chats,
    note,
    receipts,
    sent_to,
)
from incidents.substitutes import standing_in
from models import Absence, Body, Incident, Official
from models.incident import OPEN


def _why(absence: Absence) -> str:
    return f"away:{absence.id}"


async def due(session: AsyncSession, *, now: datetime) -> list[int]:
    """Absences whose beginning or end has come; and those begun whose person holds something again."""
    holding = select(Incident.official_id).where(text(OPEN), Incident.official_id.is_not(None))
    found = await session.scalars(
        select(Absence.id)
        .where(
            Absence.over_at.is_(None),
            or_(
                Absence.ends_at <= now,
                Absence.begun_at.is_(None) & (Absence.starts_at <= now),
                Absence.begun_at.is_not(None) & Absence.official_id.in_(holding),
            ),
        )
        .order_by(Absence.id)
    )
    return list(found)


async def look_at(session: AsyncSession, absence_id: int, *, now: datetime) -> None:
    """Do whatever is due for one absence."""
    absence = await session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if absence is None or absence.over_at is not None:
        return
    if absence.ends_at <= now:
        await finish(session, absence, now=now)
    elif absence.begun_at is None:
        if absence.starts_at <= now:
            await begin(session, absence, now=now)
    else:
        await catch_up(session, absence, now=now)


async def begin(session: AsyncSession, absence: Absence, *, now: datetime) -> None:
    """The work goes over, and where the body's chat was the person's own, the chat as well; both are told."""
    absence.begun_at = now
    await session.flush()
    person = await session.get_one(Official, absence.official_id)
    to = await _stand_in(session, absence, now=now)
    moved = await move_chats(session, person, to, now=now)
    handed = await hand_over(session, person, to, now=now)
    note(session, person, handed, moved, why=_why(absence), now=now)
    other = await session.get(Official, to) if to is not None else None
    _tell(
        session, "away_begun" if other else "away_begun_alone", person, absence, handed,
        now=now, name=other.name if other else "",
    )  # fmt: skip
    if other is not None:
        _tell(session, "away_stand_in", other, absence, handed, now=now, name=person.name)
    await _tell_bodies(session, person, handed.free, absence, now=now)


async def _stand_in(session: AsyncSession, absence: Absence, *, now: datetime) -> int | None:
    to = await standing_in(session, absence.official_id, now)
    return None if to == absence.official_id else to


async def catch_up(session: AsyncSession, absence: Absence, *, now: datetime) -> None:
    """What came to the absent person since: an answer sent back, or something given to them by name.

    What they have themselves worked on while away stays with them.
    """
    person = await session.get_one(Official, absence.official_id)
    to = await _stand_in(session, absence, now=now)
    handed = await hand_over(session, person, to, now=now, unless_touched_since=absence.begun_at)
    if not handed.to:
        return
    note(session, person, handed, {}, why=_why(absence), now=now)
    if handed.taken and to is not None:
        other = await session.get_one(Official, to)
        _tell(session, "away_more", other, absence, handed, now=now, name=person.name)
    await _tell_bodies(session, person, handed.free, absence, now=now)


async def finish(session: AsyncSession, absence: Absence, *, now: datetime) -> None:
    """The person is back: whatever the substitute has not begun is theirs again, and so is their chat."""
    absence.over_at = now
    await session.flush()
    if absence.begun_at is None:
        return
    person = await session.get_one(Official, absence.official_id)
    why, since = _why(absence), absence.begun_at
    handed = await receipts(session, person, why=why, since=since)
    back: list[int] = []
    if person.is_active and person.is_reachable:
        moved = await sent_to(session, person, why=why, since=since)
        await bring_chats_back(session, person, moved, now=now)
        back = await give_back(session, person, handed, now=now)
        _tell(session, "away_over", person, absence, Handed(dict.fromkeys(back, person.id)), now=now)
    for official_id in sorted(
        {who for who, _ in handed.values() if who} | {absence.substitute_id or 0} - {0}
    ):
        other = await session.get(Official, official_id)
        if other is not None and other.is_active:
            kept = await _kept(session, other, [number for number in handed if number not in back])
            _tell(
                session, "away_over_stand_in", other, absence, Handed(dict.fromkeys(kept, other.id)),
                now=now, name=person.name,
            )  # fmt: skip


async def _kept(session: AsyncSession, other: Official, numbers: Sequence[int]) -> list[int]:
    found = await session.scalars(
        select(Incident.id).where(text(OPEN), Incident.official_id == other.id, Incident.id.in_(numbers))
    )
    return sorted(found)


def _tell(
    session: AsyncSession,
    key: str,
    person: Official,
    absence: Absence,
    handed: Handed,
    *,
    now: datetime,
    **params: Any,
) -> None:
    if person.is_active and person.is_reachable:
        outbox.book_notice(
            session,
            key,
            chat_id=person.telegram_id,
            now=now,
            absence_id=absence.id,
            taken=handed.taken,
            **params,
        )


async def _tell_bodies(
    session: AsyncSession, person: Official, free: Sequence[int], absence: Absence, *, now: datetime
) -> None:
    """What nobody in particular has now is said once in each body's chat."""
    rows = await session.execute(
        select(Incident.body_id, Incident.id).where(Incident.id.in_(free)).order_by(Incident.id)
    )
    by_body: dict[int, list[int]] = {}
    for body_id, number in rows:
        by_body.setdefault(body_id or 0, []).append(number)
    for body_id, numbers in by_body.items():
        body = await session.get_one(Body, body_id)
        said: dict[str, Any] = {"absence_id": absence.id, "taken": numbers, "name": person.name}
        if not await outbox.tell_body(session, "away_free", body=body, now=now, **said):
            await outbox.tell_curators(session, "away_free", now=now, **said)
