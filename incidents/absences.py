"""/away: a person is away for some days, and a colleague of their choice has their open and coming work.

An absence begins in the morning of its first day and ends in the morning after its last one: nobody is woken by
cards that change hands. Found in rows by the sweep; `begun_at` and `over_at` are what has been done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.away_dates import Period, checked
from incidents.being_away import begin, finish
from incidents.errors import IncidentError
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.workload import WORKERS
from models import Absence, Incident, Membership, Official, Role
from models.incident import OPEN

MORNING: Final = time(8)
_ROLES: Final = (*WORKERS, Role.APPROVER)


class AlreadyAway(IncidentError):
    """One absence at a time."""

    text_key = "refused.already_away"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class NotAway(IncidentError):
    text_key = "refused.not_away"


class NotYourColleague(IncidentError):
    """A coordinator says so of their own body only."""

    text_key = "refused.not_your_colleague"


class CannotStandIn(IncidentError):
    """Not of the same body, not reachable, or away themselves in these days."""

    text_key = "refused.cannot_stand_in"


class NobodyOfThatName(IncidentError):
    text_key = "refused.nobody_of_that_name"


class SeveralOfThatName(IncidentError):
    text_key = "refused.several_of_that_name"

    def __init__(self, *, names: str) -> None:
        super().__init__()
        self.names = names


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who could stand in, and what they hold already."""

    official: Official
    open: int


def moments(period: Period, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    """From when until when; who is away from today on is away now."""
    starts = datetime.combine(period.first, MORNING, zone)
    ends = datetime.combine(period.last + timedelta(days=1), MORNING, zone)
    is_today = period.first <= now.astimezone(zone).date()
    return (now if is_today else starts.astimezone(now.tzinfo)), ends.astimezone(now.tzinfo)


def days_of(absence: Absence, zone: tzinfo) -> Period:
    """The days as they were said."""
    first, after = absence.starts_at.astimezone(zone).date(), absence.ends_at.astimezone(zone).date()
    return Period(first, max(first, after - timedelta(days=1)))


async def bodies_of(session: AsyncSession, official_id: int) -> set[int]:
    """The bodies the person answers or approves for."""
    found = await session.scalars(
        select(Membership.body_id).where(Membership.official_id == official_id, Membership.role.in_(_ROLES))
    )
    return {body_id for body_id in found if body_id is not None}


async def may_set(session: AsyncSession, actor: Actor, official_id: int) -> None:
    """Raises: NotAllowed; NotYourColleague: the person is of another body."""
    if official_id == actor.official_id:
        actor.must(Permission.ABSENCE)
        return
    actor.must(Permission.ABSENCE_OF_OTHERS)
    scope = actor.scope(Permission.ABSENCE_OF_OTHERS)
    person = await session.get(Official, official_id)
    if person is None or not person.is_active:
        raise NotYourColleague
    if scope is not None and not scope & await bodies_of(session, official_id):
        raise NotYourColleague


async def candidates(
    session: AsyncSession, official_id: int, *, starts_at: datetime, ends_at: datetime
) -> list[Candidate]:
    """Who could stand in in these days, the least busy first: of one body and one right with the person."""
    mine = list(await session.scalars(select(Membership).where(Membership.official_id == official_id)))
    same = [
        Membership.role.in_(WORKERS if row.role in WORKERS else [row.role])
        & (Membership.body_id == row.body_id if row.body_id else Membership.body_id.is_(None))
        for row in mine
        if row.role in {*_ROLES, Role.CURATOR, Role.HEAD}
    ]
    if not same:
        return []
    away = select(Absence.official_id).where(
        Absence.over_at.is_(None), Absence.starts_at < ends_at, Absence.ends_at > starts_at
    )
    people = await session.scalars(
        select(Official)
        .join(Membership, Membership.official_id == Official.id)
        .where(
            or_(*same),
            Official.id != official_id,
            Official.is_active,
            Official.is_reachable,
            Official.id.not_in(away),
        )
        .distinct()
    )
    found = list(people)
    rows = await session.execute(
        select(Incident.official_id, func.count())
        .where(text(OPEN), Incident.official_id.in_([one.id for one in found]))
        .group_by(Incident.official_id)
    )
    holds = {official_id: number for official_id, number in rows}  # noqa: C416 - a Row is no pair to mypy
    offered = [Candidate(one, holds.get(one.id, 0)) for one in found]
    return sorted(offered, key=lambda one: (one.open, one.official.name, one.official.id))


async def set_away(
    session: AsyncSession,
    *,
    official_id: int,
    first: date,
    last: date,
    substitute_id: int | None,
    actor: Actor,
    zone: tzinfo,
    now: datetime,
) -> Absence:
    """The last press: these days, and this colleague. A plan for the same days gives way to the new one.

    Raises:
        NotAllowed, NotYourColleague, AwayPast, AwayTooLong, AwayTooFar, AwayUnreadable.
        AlreadyAway: an absence has begun.
        CannotStandIn: the colleague may not, or cannot.
    """
    await may_set(session, actor, official_id)
    starts_at, ends_at = moments(checked(Period(first, last), now.astimezone(zone).date()), zone, now)
    for planned in await _open(session, official_id):
        if planned.starts_at < ends_at and planned.ends_at > starts_at:
            if planned.begun_at is not None:
                raise AlreadyAway(until=planned.ends_at)
            planned.over_at = now
    offered = await candidates(session, official_id, starts_at=starts_at, ends_at=ends_at)
    if substitute_id is not None and substitute_id not in {one.official.id for one in offered}:
        raise CannotStandIn
    absence = Absence(
        official_id=official_id,
        substitute_id=substitute_id,
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=actor.official_id,
        created_at=now,
    )
    session.add(absence)
    await session.flush()
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action="away_planned",
        outcome="done",
        absence_id=absence.id,
        official_id=official_id,
        substitute_id=substitute_id,
    )
    person = await session.get_one(Official, official_id)
    if starts_at > now:
        await _tell_plan(session, absence, person, actor, now=now)
    else:
        await begin(session, absence, now=now)
    return absence


async def _tell_plan(
    session: AsyncSession, absence: Absence, person: Official, actor: Actor, *, now: datetime
) -> None:
    if absence.substitute_id is not None:
        other = await session.get_one(Official, absence.substitute_id)
        outbox.book_notice(
            session, "away_asked", chat_id=other.telegram_id, now=now, absence_id=absence.id, name=person.name
        )
    if actor.official_id != person.id:
        outbox.book_notice(
            session,
            "away_set_by",
            chat_id=person.telegram_id,
            now=now,
            absence_id=absence.id,
            name=actor.name,
        )


async def call_off(session: AsyncSession, *, official_id: int, actor: Actor, now: datetime) -> Absence:
    """Back early, or the plan has fallen through.

    Raises:
        NotAllowed, NotYourColleague.
        NotAway: there is neither.
    """
    await may_set(session, actor, official_id)
    planned = await _open(session, official_id)
    if not planned:
        raise NotAway
    absence = planned[0]
    if absence.begun_at is not None:
        await finish(session, absence, now=now)
        return absence
    absence.over_at = now
    if absence.substitute_id is not None:
        other = await session.get_one(Official, absence.substitute_id)
        person = await session.get_one(Official, official_id)
        outbox.book_notice(
            session,
            "away_called_off",
            chat_id=other.telegram_id,
            now=now,
            absence_id=absence.id,
            name=person.name,
        )
    return absence


async def _open(session: AsyncSession, official_id: int) -> list[Absence]:
    """Begun or planned, the nearest first."""
    found = await session.scalars(
        select(Absence)
        .where(Absence.official_id == official_id, Absence.over_at.is_(None))
        .order_by(Absence.starts_at, Absence.id)
    )
    return list(found)


async def own(session: AsyncSession, official_id: int) -> list[Absence]:
    """The person's own absences that are not over."""
    return await _open(session, official_id)


async def seen_by(session: AsyncSession, actor: Actor) -> list[tuple[Absence, str, str]]:
    """Who is away or will be, with the names of both; a coordinator sees their own bodies'.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.ABSENCE_OF_OTHERS)
    scope = actor.scope(Permission.ABSENCE_OF_OTHERS)
    query = select(Absence).where(Absence.over_at.is_(None)).order_by(Absence.starts_at, Absence.id)
    if scope is not None:
        theirs = select(Membership.official_id).where(Membership.body_id.in_(scope))
        query = query.where(Absence.official_id.in_(theirs))
    found = list(await session.scalars(query))
    ids = {one.official_id for one in found} | {one.substitute_id for one in found if one.substitute_id}
    rows = await session.execute(select(Official.id, Official.name).where(Official.id.in_(ids)))
    names: dict[int, str] = {official_id: name for official_id, name in rows}  # noqa: C416 - a Row is no pair to mypy
    return [(one, names[one.official_id], names.get(one.substitute_id or 0, "")) for one in found]


async def named(session: AsyncSession, actor: Actor, words: Sequence[str]) -> tuple[Official, int] | None:
    """The colleague whose name the words begin with, and how many words that took; None: nobody's.

    Raises:
        SeveralOfThatName: it is not clear whose.
    """
    scope = actor.scope(Permission.ABSENCE_OF_OTHERS)
    query = select(Official).where(Official.is_active).order_by(Official.name, Official.id)
    if scope is not None:
        theirs = select(Membership.official_id).where(Membership.body_id.in_(scope))
        query = query.where(Official.id.in_(theirs))
    people = list(await session.scalars(query))
    for length in range(min(3, len(words)), 0, -1):
        wanted = [word.casefold() for word in words[:length]]
        found = [one for one in people if _is_called(one, wanted)]
        if len(found) > 1:
            raise SeveralOfThatName(names=", ".join(one.name for one in found[:5]))
        if found:
            return found[0], length
    return None


def _is_called(person: Official, wanted: Sequence[str]) -> bool:
    names = person.name.casefold().split()
    username = person.username.casefold()
    return all(word in names for word in wanted) or (
        bool(username) and [word.removeprefix("@") for word in wanted] == [username]
    )
