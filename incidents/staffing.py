"""Who is there: the people with their roles, and who may let them go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError
from incidents.people import Actor, must_for_body
from incidents.permissions import Permission
from models import Absence, Body, Incident, Membership, Official, Role
from models.incident import OPEN


class NotYourself(IncidentError):
    """Nobody locks themselves out."""

    text_key = "refused.not_yourself"


class MoreThanYours(IncidentError):
    """The person is somebody elsewhere too: only the roles in one's own body may be taken."""

    text_key = "refused.more_than_yours"


class RoleGone(IncidentError):
    """The role was taken away before, or the person has left."""

    text_key = "refused.role_gone"


@dataclass(frozen=True, slots=True)
class Held:
    """One role; `mine`: the reader may take it away."""

    membership_id: int
    role: Role
    body: Body | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is there, as the reader may see them: with the roles in the reader's bodies only."""

    official: Official
    roles: Sequence[Held]
    absence: Absence | None
    substitute: str
    open_incidents: int
    may_dismiss: bool


def may_take(actor: Actor, membership: Membership) -> bool:
    """A curator takes any role away, a coordinator an official's of their own body; nobody their own."""
    if membership.official_id == actor.official_id:
        return False
    if actor.scope(Permission.PEOPLE) is None:
        return True
    return membership.role is Role.OFFICIAL and actor.may(Permission.PEOPLE, membership.body_id)


async def may_let_go(
    session: AsyncSession, actor: Actor, official_id: int, held: Sequence[Membership]
) -> None:
    """Whether all these roles of the person may be taken away by this one.

    Raises:
        NotAllowed: by nobody but others. NotYourBody: another body's. MoreThanYours: some, but not all of them.
        NotYourself, RoleGone.
    """
    actor.must(Permission.PEOPLE)
    if not held:
        raise RoleGone
    if official_id == actor.official_id:
        raise NotYourself
    if all(may_take(actor, one) for one in held):
        return
    if any(may_take(actor, one) for one in held):
        raise MoreThanYours
    await must_for_body(session, actor, Permission.PEOPLE, held[0].body_id)
    # An approver or a fellow coordinator of the same body: a curator's business.
    actor.must(Permission.INVITE_ANYBODY)


async def may_dismiss(session: AsyncSession, actor: Actor, official_id: int) -> None:
    """Raises: as `may_let_go`, of all the person's roles."""
    held = await session.scalars(select(Membership).where(Membership.official_id == official_id))
    await may_let_go(session, actor, official_id, list(held))


async def staff(
    session: AsyncSession,
    actor: Actor,
    *,
    now: datetime,
    body_id: int | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[list[Person], int]:
    """Some of the people with a role, by name, and how many there are in all. `body_id`: of this body only.

    Raises:
        NotAllowed, NotYourBody.
    """
    actor.must(Permission.PEOPLE)
    mine = []
    if body_id is not None:
        await must_for_body(session, actor, Permission.PEOPLE, body_id)
        mine = [Membership.body_id == body_id]
    elif (scope := actor.scope(Permission.PEOPLE)) is not None:
        mine = [Membership.body_id.in_(scope)]
    shown = Official.id.in_(select(Membership.official_id).where(*mine))
    where = (Official.is_active, shown)
    total = await session.scalar(select(func.count()).select_from(Official).where(*where)) or 0
    people = list(
        await session.scalars(
            select(Official).where(*where).order_by(Official.name, Official.id).limit(limit).offset(offset)
        )
    )
    return [await _person(session, actor, one, now=now) for one in people], total


async def person(session: AsyncSession, actor: Actor, official_id: int, *, now: datetime) -> Person:
    """One of them.

    Raises:
        NotAllowed.
        NotYourBody: they work elsewhere.
        RoleGone: they have left.
    """
    actor.must(Permission.PEOPLE)
    official = await session.get(Official, official_id)
    if official is None or not official.is_active:
        raise RoleGone
    found = await _person(session, actor, official, now=now)
    if not found.roles:
        held = await session.scalar(
            select(Membership).where(Membership.official_id == official_id).order_by(Membership.id).limit(1)
        )
        if held is not None:
            await must_for_body(session, actor, Permission.PEOPLE, held.body_id)
        raise RoleGone
    return found


async def _person(session: AsyncSession, actor: Actor, official: Official, *, now: datetime) -> Person:
    rows = await session.execute(
        select(Membership, Body)
        .outerjoin(Body, Body.id == Membership.body_id)
        .where(Membership.official_id == official.id)
        .order_by(Membership.id)
    )
    held = [(membership, body) for membership, body in rows]
    scope = actor.scope(Permission.PEOPLE)
    absence = await session.scalar(
        select(Absence)
        .where(
            Absence.official_id == official.id,
            Absence.over_at.is_(None),
            Absence.starts_at <= now,
            Absence.ends_at > now,
        )
        .order_by(Absence.id.desc())
        .limit(1)
    )
    substitute: str | None = None
    if absence is not None and absence.substitute_id is not None:
        substitute = await session.scalar(select(Official.name).where(Official.id == absence.substitute_id))
    on_hand = await session.scalar(
        select(func.count()).select_from(Incident).where(text(OPEN), Incident.official_id == official.id)
    )
    return Person(
        official=official,
        roles=[
            Held(one.id, one.role, body, may_take(actor, one))
            for one, body in held
            if scope is None or one.body_id in scope
        ],
        absence=absence,
        substitute=substitute or "",
        open_incidents=on_hand or 0,
        may_dismiss=bool(held) and all(may_take(actor, one) for one, _ in held),
    )
