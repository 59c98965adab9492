"""The auditor: every open incident has a live owner, a delivered card and a future step. Once an hour.

What hangs is mended where that is safe (a card is sent again, a look is planned, a question asked again), and said
to the curators in one line: when there is something new, and once a day.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import being_away, outbox
from incidents.hanging import (
    PATIENCE,
    Hang,
    Why,
    overslept,
    ownerless,
    stepless,
    unasked,
    undelivered,
    unowned,
)
from incidents.lifecycle import WITH_BODY
from incidents.moving import load_to_change
from incidents.promises import plan_next_look
from incidents.responding import free_from_the_gone
from models import (
    Absence,
    Alarm,
    Body,
    ChatState,
    Claim,
    Incident,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Status,
    Urgency,
)

_AGAIN: Final = timedelta(days=1)
_KEY: Final = "auditor:hanging"
_NEWEST: Final = 5000  # rows of the outbox: there is no index of dead ones, and older ones were told of
_MOST: Final = 500  # of one kind


@dataclass(frozen=True, slots=True)
class Audit:
    """`technical`: what only an operator can mend, in English for the log and the alarm."""

    hangs: tuple[Hang, ...]
    technical: tuple[str, ...]


async def find(session: AsyncSession, *, now: datetime) -> Audit:
    """Look through everything, mend what is safe. Books nothing for curators: `look` does."""
    hangs = [
        *await _without_chat(session),
        *await _without_curators(session),
        *await _without_card(session, now=now),
        *await _without_step(session, now=now),
        *await _without_holder(session, now=now),
        *await _without_question(session, now=now),
    ]
    await session.execute(delete(Claim).where(Claim.until < now - PATIENCE))
    return Audit(tuple(hangs), tuple(await _technical(session, hangs, now=now)))


async def _without_chat(session: AsyncSession) -> list[Hang]:
    """A body may be dead and its coordinators awake: they have the cards."""
    rows = sorted(await session.scalars(unowned()))
    found = await session.execute(select(Incident.id, Incident.body_id).where(Incident.id.in_(rows)))
    bodies = {number: body_id for number, body_id in found if body_id is not None}
    awake = {one: bool(await outbox.coordinators(session, one)) for one in sorted(set(bodies.values()))}
    return [Hang(number, Why.NO_CHAT) for number in rows if not awake[bodies[number]]]


async def _without_curators(session: AsyncSession) -> list[Hang]:
    if await outbox.curators(session):
        return []
    waiting = await session.scalars(
        select(Incident.id)
        .where(Incident.status.in_([Status.NEW, Status.REGISTERED]))
        .order_by(Incident.id)
        .limit(_MOST)
    )
    return [Hang(number, Why.NO_CURATOR) for number in waiting]


async def _without_card(session: AsyncSession, *, now: datetime) -> list[Hang]:
    """Sent again, unless it waits to be sent."""
    hangs = []
    for number in sorted(await session.scalars(undelivered(now))):
        incident = await load_to_change(session, number)
        body = await session.get(Body, incident.body_id)
        if body is None or body.chat_id is None or incident.status not in WITH_BODY:
            continue
        if await _waits(session, f"card:{number}:{body.chat_id}"):
            continue
        await outbox.show_card(session, incident, chat_id=body.chat_id, thread_id=body.thread_id, now=now)
        hangs.append(Hang(number, Why.NO_CARD, is_mended=True))
    return hangs


async def _waits(session: AsyncSession, subject: str) -> bool:
    found = await session.scalar(
        select(OutboxRow.id)
        .where(OutboxRow.subject == subject, OutboxRow.state == OutboxState.WAITING)
        .limit(1)
    )
    return found is not None


async def _without_step(session: AsyncSession, *, now: datetime) -> list[Hang]:
    hangs = []
    for number in sorted(await session.scalars(stepless())):
        await plan_next_look(session, await load_to_change(session, number), now=now)
        hangs.append(Hang(number, Why.NO_STEP, is_mended=True))
    await session.flush()
    return [*hangs, *(Hang(number, Why.NO_STEP) for number in await session.scalars(overslept(now)))]


async def _without_holder(session: AsyncSession, *, now: datetime) -> list[Hang]:
    hangs = []
    for number in sorted(await session.scalars(ownerless())):
        incident = await load_to_change(session, number)
        is_free = await free_from_the_gone(session, incident, now=now)
        await plan_next_look(session, incident, now=now)
        hangs.append(Hang(number, Why.NO_HOLDER, is_mended=is_free))
    return hangs


async def _without_question(session: AsyncSession, *, now: datetime) -> list[Hang]:
    hangs = []
    for prompt in list(await session.scalars(unasked(now))):
        waiting = await session.scalars(
            select(OutboxRow).where(
                OutboxRow.chat_id == prompt.chat_id,
                OutboxRow.state == OutboxState.WAITING,
                OutboxRow.kind == OutboxKind.PROMPT,
            )
        )
        if any(row.payload.get("prompt_id") == prompt.id for row in waiting):
            continue
        outbox.book(
            session,
            OutboxKind.PROMPT,
            chat_id=prompt.chat_id,
            payload={"prompt_id": prompt.id},
            urgency=Urgency.ANSWERED_PERSON,
            now=now,
        )
        prompt.created_at = now  # asked anew: another quarter of an hour
        if prompt.incident_id is not None:
            hangs.append(Hang(prompt.incident_id, Why.NO_QUESTION, is_mended=True))
    return hangs


async def _technical(session: AsyncSession, hangs: Sequence[Hang], *, now: datetime) -> list[str]:
    """What curators cannot help with."""
    said = []
    nobody = [hang.incident_id for hang in hangs if hang.why is Why.NO_CURATOR]
    if nobody:
        said.append(f"no curator can be reached, and {len(nobody)} incidents wait for one: invite a curator")
    late = [hang.incident_id for hang in hangs if hang.why is Why.NO_STEP and not hang.is_mended]
    if late:
        said.append(f"{len(late)} incidents are overdue for the sweep: {', '.join(map(str, late[:20]))}")
    lost = [hang.incident_id for hang in hangs if hang.why is Why.NO_STEP and hang.is_mended]
    if lost:
        said.append(f"{len(lost)} open incidents had no next step: {', '.join(map(str, lost[:20]))}")
    stuck = await being_away.due(session, now=now - PATIENCE)
    begun = await session.scalars(
        select(Absence.id).where(Absence.id.in_(stuck), or_(*_is_stuck(now - PATIENCE)))
    )
    if absences := list(begun):
        said.append(f"{len(absences)} absences did not begin or end in time")
    dead = await _dead_rows(session, now=now)
    if dead:
        said.append(
            f"{dead} messages of the last day could not be delivered: see outbox rows with state dead"
        )
    return said


def _is_stuck(before: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Absence.ends_at <= before, Absence.begun_at.is_(None) & (Absence.starts_at <= before)


async def _dead_rows(session: AsyncSession, *, now: datetime) -> int:
    """Dead although their chat is alive: who is blocked was told of when it happened."""
    newest = await session.scalar(select(func.max(OutboxRow.id))) or 0
    gone = select(Official.telegram_id).where(or_(Official.is_reachable.is_(False), ~Official.is_active))
    silent = select(Body.chat_id).where(Body.chat_state == ChatState.DEAD, Body.chat_id.is_not(None))
    found: int | None = await session.scalar(
        select(func.count())
        .select_from(OutboxRow)
        .where(
            OutboxRow.id > newest - _NEWEST,
            OutboxRow.state == OutboxState.DEAD,
            OutboxRow.created_at > now - _AGAIN,
            OutboxRow.chat_id.not_in(gone),
            OutboxRow.chat_id.not_in(silent),
        )
    )
    return found or 0


async def look(session: AsyncSession, *, now: datetime) -> Audit:
    """Find, mend, and tell the curators once: of a new set, or of the same a day later."""
    audit = await find(session, now=now)
    alarm = await session.get(Alarm, _KEY)
    if not audit.hangs:
        if alarm is not None and alarm.cleared_at is None:
            alarm.cleared_at = now
        return audit
    names = sorted({f"{hang.incident_id}:{hang.why.value}" for hang in audit.hangs})
    signature = hashlib.sha256("\n".join(names).encode()).hexdigest()
    is_new = alarm is None or alarm.cleared_at is not None or alarm.text != signature
    if alarm is None:
        alarm = Alarm(key=_KEY, raised_at=now)
        session.add(alarm)
    if is_new or alarm.raised_at <= now - _AGAIN:
        alarm.text, alarm.raised_at, alarm.cleared_at = signature, now, None
        told = [[hang.incident_id, hang.why.value, hang.is_mended] for hang in audit.hangs]
        await outbox.tell_curators(session, "hanging", now=now, total=len(told), hangs=told[:50])
    return audit
