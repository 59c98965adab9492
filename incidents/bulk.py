"""One press for many: acts booked as rows, done some at a time, and undone together.

A booked act is a row of `triage_acts` whose `version` is 0: what is owed. The press books them all and does the first
ones in its own transaction; the scheduler (bot/schedule.py) goes on with the rest, a transaction for each lot, also
after a restart, for all there is to know stands in the rows. Each incident is a step of its own: one that has moved
meanwhile is left as it is and counted, and holds up no other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import acts, outbox
from incidents.errors import IncidentError
from incidents.people import Actor, actor_of
from incidents.permissions import Permission
from incidents.storms import MOST
from incidents.undoing import UNDO_FOR, NothingToUndo, UndoTooLate, undo
from models import Incident, LabelField, Official, OutboxKind, Step, TriageAct, Urgency

LOT: Final = 20
"""Incidents of one transaction: on SQLite everybody else waits for it, a fraction of a second."""

NOTICE: Final = "bulk"
"""The key of the notice that tells how far it is."""

_RECENT: Final = 5000  # acts; what is owed is never older, for while nobody works it off nobody books more


class NobodyChosen(IncidentError):
    """Everything was ticked off, or taken by others meanwhile."""

    text_key = "refused.nobody_chosen"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with each: assign to `body_id`, merge into `into_id`, or skip for `reason`."""

    step: Step
    body_id: int = 0
    into_id: int = 0
    reason: str = ""
    teaches: tuple[LabelField, str] | None = None

    def plan(self) -> dict[str, Any]:
        return {
            "body": self.body_id,
            "into": self.into_id,
            "reason": self.reason,
            "teaches": list(self.teaches) if self.teaches else None,
        }


@dataclass(frozen=True, slots=True)
class Spot:
    """The message that shows how far it is. `subject`: the card it began from."""

    chat_id: int
    thread_id: int | None
    message_id: int | None
    subject: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one press is: `left` were not as they were any more, `ahead` are still to do."""

    batch: int
    step: Step
    done: int
    left: int
    ahead: int
    body_id: int
    into_id: int
    subject: int
    official_id: int

    @property
    def total(self) -> int:
        return self.done + self.left + self.ahead


async def begin(
    session: AsyncSession, task: Task, numbers: Sequence[int], *, actor: Actor, spot: Spot, now: datetime
) -> Progress:
    """Book it for these incidents, at most MOST, and do the first lot.

    Raises:
        NotAllowed, NobodyChosen.
    """
    actor.must(Permission.TRIAGE)
    wanted = [number for number in dict.fromkeys(numbers) if number != task.into_id][:MOST]
    if not wanted:
        raise NobodyChosen
    plans = [(number, task.step, task.plan()) for number in sorted(wanted)]
    return await _book(session, plans, actor=actor, spot=spot, now=now)


async def begin_undo(
    session: AsyncSession, *, batch: int, actor: Actor, spot: Spot, now: datetime
) -> Progress:
    """Take back all of one press, as far as nobody has moved it since.

    Raises:
        NotAllowed, NothingToUndo, UndoTooLate.
    """
    actor.must(Permission.TRIAGE)
    found = await session.scalars(
        select(TriageAct)
        .where(
            TriageAct.batch == batch,
            TriageAct.official_id == actor.official_id,
            TriageAct.version > 0,
            TriageAct.undone_at.is_(None),
            TriageAct.step != Step.UNDO,
        )
        .order_by(TriageAct.incident_id)
    )
    done = list(found)
    if not done:
        raise NothingToUndo
    if now - max(act.at for act in done) > UNDO_FOR:
        raise UndoTooLate(number=done[0].incident_id)
    plans = [(act.incident_id, Step.UNDO, {"act": act.id}) for act in done]
    return await _book(session, plans, actor=actor, spot=spot, now=now)


async def _book(
    session: AsyncSession,
    plans: Sequence[tuple[int, Step, dict[str, Any]]],
    *,
    actor: Actor,
    spot: Spot,
    now: datetime,
) -> Progress:
    # Before the rows: a foreign key holds the incident too, and two who hold it could neither of them change it.
    await _lock(session, {number for number, _, _ in plans} | {plan.get("into") for _, _, plan in plans})
    where = {"spot": [spot.chat_id, spot.thread_id, spot.message_id], "subject": spot.subject}
    rows = [
        TriageAct(
            official_id=actor.official_id,
            incident_id=number,
            step=step,
            version=0,
            before={**plan, **where},
            at=now,
        )
        for number, step, plan in plans
    ]
    session.add_all(rows)
    await session.flush()
    batch = min(row.id for row in rows)
    for row in rows:
        row.batch = batch
    await session.flush()
    return await work_off(session, batch=batch, now=now)


async def owed(session: AsyncSession) -> list[int]:
    """Presses that are not worked off yet, the oldest first."""
    newest = await session.scalar(select(func.max(TriageAct.id))) or 0
    found = await session.scalars(
        select(TriageAct.batch)
        .where(TriageAct.batch > newest - _RECENT, TriageAct.version == 0, TriageAct.undone_at.is_(None))
        .distinct()
        .order_by(TriageAct.batch)
    )
    return [batch for batch in found if batch is not None]


async def work_off(session: AsyncSession, *, batch: int, now: datetime) -> Progress:
    """Do the next lot of a press, and owe a look at how far it is where that takes more than one."""
    # Of several processes each takes rows of its own.
    rows = list(
        await session.scalars(
            select(TriageAct)
            .where(TriageAct.batch == batch, TriageAct.version == 0, TriageAct.undone_at.is_(None))
            .order_by(TriageAct.incident_id)
            .limit(LOT)
            .with_for_update(skip_locked=True)
        )
    )
    actor = await _who(session, rows[0]) if rows else None
    await _lock(session, await _touched(session, rows))
    for row in rows:
        await _do(session, row, actor, now=now)
    told = await progress(session, batch)
    if rows and told.total > LOT:
        await _tell(session, rows[0], now=now)
    return told


async def _who(session: AsyncSession, row: TriageAct) -> Actor | None:
    """With the rights of today: somebody who is no curator any more goes on with nothing."""
    person = await session.get_one(Official, row.official_id)
    return await actor_of(session, person.telegram_id)


async def _touched(session: AsyncSession, rows: Sequence[TriageAct]) -> set[int | None]:
    """All that the lot will change: its incidents, and what they join or part from."""
    undone = [row.before["act"] for row in rows if row.step is Step.UNDO]
    acted = await session.scalars(select(TriageAct).where(TriageAct.id.in_(undone)))
    return {row.incident_id for row in rows} | {act.before.get("into") for act in [*acted, *rows]}


async def _lock(session: AsyncSession, numbers: Collection[int | None]) -> None:
    """In the order in which everybody locks: two presses at once must not wait for each other crosswise."""
    await session.execute(
        select(Incident.id)
        .where(Incident.id.in_([number for number in numbers if number]))
        .order_by(Incident.id)
        .with_for_update()
    )


async def _do(session: AsyncSession, row: TriageAct, actor: Actor | None, *, now: datetime) -> None:
    plan = dict(row.before)
    try:
        if actor is None:
            raise NobodyChosen
        async with session.begin_nested():
            await _step(session, row, plan, actor, now=now)
    except IncidentError as refusal:
        # The savepoint took the row's own changes back as well.
        await session.refresh(row)
        row.undone_at, row.before = now, {**plan, "refused": refusal.text_key}
        await session.flush()


async def _step(
    session: AsyncSession, row: TriageAct, plan: Mapping[str, Any], actor: Actor, *, now: datetime
) -> None:
    number = row.incident_id
    if row.step is Step.ASSIGN:
        await acts.give(session, incident_id=number, body_id=plan["body"], actor=actor, now=now, act=row)
    elif row.step is Step.MERGE:
        await acts.join(session, incident_id=number, into_id=plan["into"], actor=actor, now=now, act=row)
    elif row.step is Step.SKIP:
        teaches = (LabelField(plan["teaches"][0]), plan["teaches"][1]) if plan["teaches"] else None
        await acts.dismiss(
            session, incident_id=number, reason=plan["reason"], actor=actor, now=now, teaches=teaches, act=row
        )
    else:
        await undo(session, act_id=plan["act"], actor=actor, now=now)
        incident = await session.get_one(Incident, number)
        row.version, row.at = incident.version, now
        await session.flush()


async def progress(session: AsyncSession, batch: int) -> Progress:
    """How far a press is, from its rows."""
    rows = list(
        await session.scalars(select(TriageAct).where(TriageAct.batch == batch).order_by(TriageAct.id))
    )
    first = rows[0]
    return Progress(
        batch=batch,
        step=first.step,
        done=sum(row.version > 0 for row in rows),
        left=sum(row.version == 0 and row.undone_at is not None for row in rows),
        ahead=sum(row.version == 0 and row.undone_at is None for row in rows),
        body_id=first.before.get("body") or 0,
        into_id=first.before.get("into") or 0,
        subject=first.before["subject"],
        official_id=first.official_id,
    )


async def subject_of(session: AsyncSession, batch: int) -> int:
    """The card a press began from.

    Raises:
        NothingToUndo: there was no such press.
    """
    first = await session.scalar(
        select(TriageAct).where(TriageAct.batch == batch).order_by(TriageAct.id).limit(1)
    )
    if first is None:
        raise NothingToUndo
    return int(first.before["subject"])


async def _tell(session: AsyncSession, row: TriageAct, *, now: datetime) -> None:
    """The words are chosen when it leaves, so a later one says what an earlier one would: they fold."""
    chat_id, thread_id, message_id = row.before["spot"]
    if message_id is None:
        return
    outbox.book(
        session,
        OutboxKind.NOTICE,
        chat_id=chat_id,
        thread_id=thread_id,
        payload={"key": NOTICE, "batch": row.batch, "message_id": message_id},
        urgency=Urgency.ANSWERED_PERSON,
        subject=f"{NOTICE}:{row.batch}",
        now=now,
    )
