"""The queue of the curators: what comes first, who looks at what now, and how long it has waited.

The order, the weightier first: an accident, then what is raised, then the rest; of the same urgency what a body
returned (its clock runs) before what is new; of those the nearest deadline, and where there is none the oldest.

A claim is a courtesy and no lock: it keeps two curators from reading the same card. Who may act is decided by the
step itself, which only one of two can take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.finding import Page
from incidents.people import Actor
from incidents.permissions import Permission
from models import Claim, HistoryEntry, Incident, Official, Priority, Status

WAITING: Final = (Status.NEW, Status.REGISTERED)

LEASE: Final = timedelta(minutes=15)
"""How long a card is one curator's; every press begins it anew (field.md 4, 15)."""

OVERLOAD: Final = 30
"""So many waiting is more than one curator gets through in an hour (field.md 4, 14)."""

_HALF_HOUR: Final = timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)
_TRIES: Final = 50  # cards that others may take under one's hands

_URGENCY: Final = case(
    (Incident.priority == Priority.ACCIDENT, 0), (Incident.priority == Priority.RAISED, 1), else_=2
)
_NEW_AFTER_RETURNED: Final = case((Incident.status == Status.REGISTERED, 0), else_=1)
IN_ORDER: Final = (
    _URGENCY,
    _NEW_AFTER_RETURNED,
    func.coalesce(Incident.control_at, Incident.due_at, Incident.created_at),
    Incident.id,
)


# -- whose turn it is


async def begin(session: AsyncSession, *, actor: Actor, now: datetime) -> Incident | None:
    """The first card of a new round: what was passed over in the last one is not passed over any more.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.TRIAGE)
    await session.execute(delete(Claim).where(Claim.official_id == actor.official_id))
    return await take_next(session, actor=actor, now=now)


async def take_next(session: AsyncSession, *, actor: Actor, now: datetime) -> Incident | None:
    """Claim the first card nobody else is at; None: there is none.

    What this person passed over in this round comes after all the rest, the longest passed over first.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.TRIAGE)
    await release(session, actor=actor, now=now)
    for number in await _free(session, actor, now=now):
        if await claim(session, incident_id=number, actor=actor, now=now):
            return await session.get_one(Incident, number)
    return None


async def _free(session: AsyncSession, actor: Actor, *, now: datetime) -> list[int]:
    mine = Claim.official_id == actor.official_id
    found = await session.scalars(
        select(Incident.id)
        .outerjoin(Claim, Claim.incident_id == Incident.id)
        .where(
            Incident.status.in_(WAITING),
            or_(Claim.incident_id.is_(None), Claim.until <= now, mine),
        )
        .order_by(case((mine, 1), else_=0), case((mine, Claim.until)), *IN_ORDER)
        .limit(_TRIES)
    )
    return list(found)


async def claim(session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime) -> bool:
    """The card is this person's for a while, or for a while more; False: somebody else is at it.

    Of two at the same moment one gets it: by the row's lock, or by the key of a new row.
    """
    known = await session.scalar(select(Claim.incident_id).where(Claim.incident_id == incident_id))
    if known is None:
        if not await _is_still(session, incident_id):
            return False
        try:
            async with session.begin_nested():
                session.add(Claim(incident_id=incident_id, official_id=actor.official_id, until=now + LEASE))
        except IntegrityError:
            return False
        return True
    # A locked row is being claimed this very moment: nobody waits for it, there are other cards.
    row = await session.scalar(
        select(Claim)
        .where(Claim.incident_id == incident_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None or (row.official_id != actor.official_id and row.until > now):
        return False
    row.official_id, row.until = actor.official_id, now + LEASE
    await session.flush()
    return True


async def _is_still(session: AsyncSession, incident_id: int) -> bool:
    """Whether nobody is changing the incident at this very moment: the new row's key would wait for them."""
    found = await session.scalar(
        select(Incident.id)
        .where(Incident.id == incident_id)
        .with_for_update(read=True, key_share=True, skip_locked=True)
    )
    return found is not None


async def pass_over(session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime) -> None:
    """«Пропустить»: anybody's again, and for this person the last of the round.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.TRIAGE)
    if await claim(session, incident_id=incident_id, actor=actor, now=now):
        await session.execute(
            update(Claim)
            .where(Claim.incident_id == incident_id, Claim.official_id == actor.official_id)
            .values(until=now)
        )


async def tick(session: AsyncSession, *, incident_id: int, is_on: bool, actor: Actor, now: datetime) -> None:
    """One of many chosen for a press, or left out of it: what is chosen is claimed."""
    if is_on:
        await claim(session, incident_id=incident_id, actor=actor, now=now)
    else:
        mine = Claim.official_id == actor.official_id
        await session.execute(delete(Claim).where(Claim.incident_id == incident_id, mine))


async def release(session: AsyncSession, *, actor: Actor, now: datetime, but: Sequence[int] = ()) -> None:
    """The person is at nothing any more, `but` these; what they passed over stays so."""
    await session.execute(
        delete(Claim).where(
            Claim.official_id == actor.official_id, Claim.until > now, Claim.incident_id.not_in(but)
        )
    )


async def stop(session: AsyncSession, *, actor: Actor, now: datetime) -> None:
    """«Хватит»: everything is anybody's again.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.TRIAGE)
    await session.execute(delete(Claim).where(Claim.official_id == actor.official_id))


# -- who is at what


@dataclass(frozen=True, slots=True)
class Held:
    """Who looks at a card, and until when it is theirs."""

    official_id: int
    name: str
    until: datetime


async def held(session: AsyncSession, numbers: Sequence[int], *, now: datetime) -> Mapping[int, Held]:
    """Of these incidents those that somebody is at."""
    rows = await session.execute(
        select(Claim, Official.name)
        .join(Official, Official.id == Claim.official_id)
        .where(Claim.incident_id.in_(numbers), Claim.until > now)
    )
    return {row.incident_id: Held(row.official_id, name, row.until) for row, name in rows}


async def held_by_another(
    session: AsyncSession, incident_id: int, *, actor: Actor, now: datetime
) -> Held | None:
    """Who else is at it."""
    found = (await held(session, [incident_id], now=now)).get(incident_id)
    return None if found is None or found.official_id == actor.official_id else found


async def next_held(session: AsyncSession, *, now: datetime) -> tuple[int, Held] | None:
    """The first of the queue that somebody is at, and who: for whoever finds nothing free."""
    row = (
        await session.execute(
            select(Claim, Official.name)
            .join(Incident, Incident.id == Claim.incident_id)
            .join(Official, Official.id == Claim.official_id)
            .where(and_(Incident.status.in_(WAITING), Claim.until > now))
            .order_by(*IN_ORDER)
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    found, name = row
    return found.incident_id, Held(found.official_id, name, found.until)


async def page(session: AsyncSession, *, actor: Actor, limit: int, offset: int) -> Page:
    """Some of the queue, in the order in which it is worked off.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.SEE_QUEUE)
    waiting = Incident.status.in_(WAITING)
    total = await session.scalar(select(func.count()).select_from(Incident).where(waiting))
    rows = await session.scalars(
        select(Incident).where(waiting).order_by(*IN_ORDER).limit(limit).offset(offset)
    )
    return Page(list(rows), total or 0)


# -- how long it waits


@dataclass(frozen=True, slots=True)
class Ageing:
    """How many wait, and since when: from their arrival, or from their return to the queue."""

    total: int
    over_half_hour: int = 0  # those over an hour among them
    over_hour: int = 0
    oldest: datetime | None = None

    @property
    def is_overload(self) -> bool:
        return self.total >= OVERLOAD


async def ageing(session: AsyncSession, *, now: datetime) -> Ageing:
    """The whole queue at a glance."""
    moved = (
        select(func.max(HistoryEntry.at))
        .where(HistoryEntry.incident_id == Incident.id)
        .correlate(Incident)
        .scalar_subquery()
    )
    rows = await session.execute(select(Incident.created_at, moved).where(Incident.status.in_(WAITING)))
    since = [back or arrived for arrived, back in rows]
    return Ageing(
        total=len(since),
        over_half_hour=sum(now - at > _HALF_HOUR for at in since),
        over_hour=sum(now - at > _HOUR for at in since),
        oldest=min(since, default=None),
    )
