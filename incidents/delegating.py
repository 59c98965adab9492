"""Giving out work inside a body: its coordinator says which colleague holds an incident."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import IncidentError
from incidents.lifecycle import advance
from incidents.moving import load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import plan_next_look
from incidents.responding import free_from_the_gone
from incidents.workload import WORKERS, Load, of_people
from models import Absence, Assignment, Body, Card, CardState, Incident, Membership, Official, Role, Step

TOLD = "delegated"  # the notice to the one who has it now
TAKEN_AWAY = "delegated_away"  # the notice to the one who had it


class NotAColleague(IncidentError):
    """Not of this body, or not any more."""

    text_key: ClassVar[str] = "refused.not_a_colleague"


class ColleagueAway(IncidentError):
    """On leave, or has blocked the bot: the incident would wait for nobody."""

    text_key: ClassVar[str] = "refused.colleague_away"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"{name} is away or cannot be reached")
        self.name = name


class HoldsAlready(IncidentError):
    text_key: ClassVar[str] = "refused.holds_already"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"{name} holds it already")
        self.name = name


class HeldMeanwhile(IncidentError):
    """The coordinator chose from what they saw, and a colleague was faster."""

    text_key: ClassVar[str] = "refused.held_meanwhile"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"meanwhile {name} took it")
        self.name = name


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who may be given an incident of a body. `away_until` None: at work."""

    official: Official
    load: Load
    away_until: datetime | None

    @property
    def can_take(self) -> bool:
        return self.official.is_reachable and self.away_until is None


async def colleagues(session: AsyncSession, body_id: int, *, now: datetime) -> list[Colleague]:
    """Everybody of the body who may hold its incidents, the least busy first; who cannot take any is last."""
    loads = await of_people(session, body_id, now)
    away = await _away(session, loads, now=now)
    people = await session.scalars(select(Official).where(Official.id.in_(loads)))
    found = [Colleague(one, loads[one.id], away.get(one.id)) for one in people]
    return sorted(
        found, key=lambda one: (not one.can_take, one.load.open, one.official.name, one.official.id)
    )


async def _away(
    session: AsyncSession, official_ids: Collection[int], *, now: datetime
) -> dict[int, datetime]:
    """Official → until when they are away."""
    rows = await session.execute(
        select(Absence.official_id, func.max(Absence.ends_at))
        .where(
            Absence.official_id.in_(official_ids),
            Absence.starts_at <= now,
            Absence.ends_at > now,
            Absence.over_at.is_(None),
        )
        .group_by(Absence.official_id)
    )
    return {official_id: until for official_id, until in rows}  # noqa: C416 - a Row is no pair to mypy


async def gives_out_here(session: AsyncSession, body_id: int | None, *, chat_id: int) -> bool:
    """Whether a card in this chat shows the button: in a group of a body that has a coordinator, and to one."""
    if body_id is None:
        return False
    query = (
        select(Membership.id)
        .join(Official, Official.id == Membership.official_id)
        .where(Membership.body_id == body_id, Membership.role == Role.COORDINATOR, Official.is_active)
    )
    if chat_id > 0:
        query = query.where(Official.telegram_id == chat_id)
    return await session.scalar(query.limit(1)) is not None


async def delegate(
    session: AsyncSession,
    *,
    incident_id: int,
    official_id: int,
    actor: Actor,
    now: datetime,
    holder: int | None = None,
) -> Incident:
    """The body's coordinator gives the incident to a colleague, who holds it from now on and is told.

    `holder`: the official who had it when the coordinator chose, 0 for none. None: whoever has it.

    Raises:
        NotAllowed, NotYours, NoSuchIncident, StepNotAllowed.
        NotAColleague, ColleagueAway: this person cannot hold it.
        HoldsAlready: they do.
        HeldMeanwhile: somebody else has it than the coordinator saw.
    """
    incident = await load_to_change(session, incident_id)
    await must_for(session, actor, Permission.DELEGATE, incident.body_id)
    advance(incident.status, Step.DELEGATE)  # raises
    await free_from_the_gone(session, incident, now=now)
    body = await session.get_one(Body, incident.body_id)
    person = await _who_can(session, body.id, official_id, now=now)
    before = await session.get(Official, incident.official_id) if incident.official_id else None
    if before is not None and before.id == person.id:
        raise HoldsAlready(name=person.name)
    if holder is not None and before is not None and before.id != holder:
        raise HeldMeanwhile(name=before.name)
    await hand_to(session, incident, body, person, by=actor, before=before, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def _who_can(session: AsyncSession, body_id: int, official_id: int, *, now: datetime) -> Official:
    person = await session.get(Official, official_id)
    member = await session.scalar(
        select(Membership.id)
        .where(
            Membership.official_id == official_id,
            Membership.body_id == body_id,
            Membership.role.in_(WORKERS),
        )
        .limit(1)
    )
    if person is None or member is None or not person.is_active:
        raise NotAColleague
    if not person.is_reachable or await _away(session, [official_id], now=now):
        raise ColleagueAway(name=person.name)
    return person


async def hand_to(
    session: AsyncSession,
    incident: Incident,
    body: Body,
    person: Official,
    *,
    by: Actor | None,
    before: Official | None,
    now: datetime,
    tells: bool = True,
) -> None:
    """Make this colleague hold the incident, whoever held it `before`. `by` None: an absence did it.

    Their card comes to their private chat; the former holder's loses its buttons, and both are told.
    `tells` False: whoever calls tells them of many at once.
    """
    incident.official_id = person.id
    await session.execute(
        update(Assignment)
        .where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
        .values(accepted_at=func.coalesce(Assignment.accepted_at, now), accepted_by=person.id)
    )
    if before is not None and before.telegram_id != body.chat_id:
        await session.execute(
            update(Card)
            .where(
                Card.incident_id == incident.id,
                Card.chat_id == before.telegram_id,
                Card.for_curators.is_(False),
            )
            .values(state=CardState.DISARMED)
        )
    if person.telegram_id != body.chat_id:
        await outbox.show_card(session, incident, chat_id=person.telegram_id, now=now)
    giver = by.official_id if by else None
    await move(session, incident, Step.DELEGATE, now=now, by=giver, reason=person.name)
    if not tells:
        return
    name = by.name if by else ""
    if person.id != giver:
        outbox.book_notice(
            session, TOLD, chat_id=person.telegram_id, now=now, incident_id=incident.id, by=name
        )
    if before is not None and before.id != giver and before.is_active and before.is_reachable:
        outbox.book_notice(
            session,
            TAKEN_AWAY,
            chat_id=before.telegram_id,
            now=now,
            incident_id=incident.id,
            by=name,
            name=person.name,
        )
