"""Of two presses one wins; the other reads who was first, and when."""

from datetime import datetime
from typing import ClassVar, NoReturn

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import AlreadyTaken, AlreadyYours, IncidentError, StepNotAllowed
from incidents.lifecycle import allows
from incidents.people import Actor
from models import HistoryEntry, Incident, Official, Status, Step

_TOOK = (Step.ACCEPT, Step.DELEGATE)


class MovedOn(StepNotAllowed):
    """The same, where a person's step is the reason; says whose."""

    text_key: ClassVar[str] = "refused.moved_on"

    def __init__(self, *, step: Step, status: Status, name: str, at: datetime) -> None:
        super().__init__(step=step, status=status)
        self.name = name
        self.at = at


class GivenBack(IncidentError):
    """A colleague has said that it is not theirs."""

    text_key: ClassVar[str] = "refused.given_back"

    def __init__(self, *, name: str, at: datetime) -> None:
        super().__init__(f"given back by {name} at {at.isoformat()}")
        self.name = name
        self.at = at


async def must_allow(session: AsyncSession, incident: Incident, step: Step) -> None:
    """Raises: StepNotAllowed: and where a person moved the incident on, who and when (`MovedOn`)."""
    if allows(incident.status, step):
        return
    entry, person = await _last(session, incident) or (None, None)
    if entry is None or person is None:
        raise StepNotAllowed(step=step, status=incident.status)
    raise MovedOn(step=step, status=incident.status, name=person.name, at=entry.at)


async def must_not_be_given_back(session: AsyncSession, incident: Incident, actor: Actor) -> None:
    """Raises: GivenBack: a colleague of the same body was faster."""
    last = await _last(session, incident) if incident.body_id is None else None
    if last is None or last[0].step is not Step.RETURN or last[0].body_id not in actor.bodies:
        return
    raise GivenBack(name=last[1].name if last[1] else "—", at=last[0].at)


async def say_who_holds(session: AsyncSession, incident: Incident, actor: Actor) -> NoReturn:
    """Raises: AlreadyTaken, AlreadyYours; StepNotAllowed where nobody has taken it."""
    row = await _last(session, incident, *_TOOK)
    if row is None:
        raise StepNotAllowed(step=Step.ACCEPT, status=incident.status)
    entry, person = row
    # Who delegates is not who holds it.
    holder = await session.get(Official, incident.official_id) if incident.official_id else person
    if holder is not None and holder.id == actor.official_id:
        raise AlreadyYours(at=entry.at, status=incident.status)
    raise AlreadyTaken(name=holder.name if holder else "—", at=entry.at, status=incident.status)


async def _last(
    session: AsyncSession, incident: Incident, *steps: Step
) -> tuple[HistoryEntry, Official | None] | None:
    query = (
        select(HistoryEntry, Official)
        .outerjoin(Official, Official.id == HistoryEntry.official_id)
        .where(HistoryEntry.incident_id == incident.id)
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
    row = (await session.execute(query.where(HistoryEntry.step.in_(steps)) if steps else query)).first()
    return None if row is None else (row[0], row[1])
