"""The control date of an interim answer: which days may be promised, and the moment a day stands for."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.calendars import Calendar
from incidents.control_dates import moment_of, offered, parse_day
from incidents.drafting import own_draft
from incidents.people import Actor
from incidents.promises import policy_of
from models import HistoryEntry, Incident, Step


@dataclass(frozen=True, slots=True)
class Choice:
    """The days to choose from, and the latest moment the policy allows."""

    incident: Incident
    days: list[date]
    latest: datetime


async def choice(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Choice:
    """What the author of a draft may promise.

    Raises:
        DraftGone, NotYours.
        NormIsOver: an interim answer was given long ago, and only the final one is left to give.
    """
    _, incident = await own_draft(session, answer_id, actor)
    latest, calendar = await _norm(session, incident, now=now)
    return Choice(incident, offered(now=now, latest=latest, calendar=calendar), latest)


async def day_of(session: AsyncSession, incident: Incident, text: str, *, now: datetime) -> date:
    """The day a person wrote; whether it is allowed is asked when the answer is sent.

    Raises:
        DateUnreadable.
    """
    _, calendar = await _norm(session, incident, now=now)
    return parse_day(text, today=now.astimezone(calendar.zone).date())


async def promised(session: AsyncSession, incident: Incident, day: date, *, now: datetime) -> datetime:
    """The moment by which the final answer is promised with this day.

    Raises:
        DateInThePast, DateBeyondNorm.
    """
    latest, calendar = await _norm(session, incident, now=now)
    return moment_of(day, now=now, latest=latest, calendar=calendar)


async def _norm(session: AsyncSession, incident: Incident, *, now: datetime) -> tuple[datetime, Calendar]:
    """The policy's norm, counted from the first interim answer: a second one buys no more than it left."""
    policy = await policy_of(session, incident)
    first: datetime | None = await session.scalar(
        select(func.min(HistoryEntry.at)).where(
            HistoryEntry.incident_id == incident.id, HistoryEntry.step == Step.PUBLISH_INTERIM
        )
    )
    return policy.interim_until(first or now), policy.calendar
