"""Upwards when nobody answers: the ladder of one deadline, and what waits for an approver or for its publication.

Every step is a Reminder row, so that it is taken once: "up:<level>" of the ladder, "review:N" of an answer nobody
reviews, "publish:N" of one nobody publishes. Planned by incidents/promises.py, taken by incidents/sweeping.py.

An answer that waits is spoken of when a part of the policy's `release_after` has passed in silence:

| waits for | 1/4 | 1/2 | 1 |
|---|---|---|---|
| the approver (ON_REVIEW) | the approvers | the coordinators, else the curators | the curators |
| publication (APPROVED) | | the body | the curators |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import duty, outbox
from incidents.ladder import UPWARDS, Level, Rung, due, next_at
from incidents.lifecycle import WITH_BODY
from incidents.policies import Policy
from models import Body, DutyChat, Incident, Official, Priority, Reminder, Status

_CODE: Final = "up:"
_Audience = Literal["approvers", "coordinators", "body", "curators"]
_WAITS: Final[Mapping[Status, tuple[str, Sequence[tuple[float, _Audience]]]]] = {
    Status.ON_REVIEW: ("review", ((0.25, "approvers"), (0.5, "coordinators"), (1, "curators"))),
    Status.APPROVED: ("publish", ((0.5, "body"), (1, "curators"))),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The present deadline of an incident. `fired`: codes of its reminders, without `prefix`."""

    since: datetime
    due_at: datetime
    fired: frozenset[str]
    prefix: str


def told_at(policy: Policy, at: datetime, due_at: datetime, priority: Priority) -> datetime:
    """When people hear of what is ready at `at`: by day, or at once where the deadline would come sooner."""
    waking = policy.waking_from(at, priority)
    if at < due_at <= waking or (at >= due_at and policy.quiet == "escalate"):
        return at
    return waking


def rungs(
    incident: Incident, policy: Policy, deadline: Deadline, *, now: datetime, is_watched: bool
) -> list[Rung]:
    """The levels still to be told of this deadline, and when. `is_watched`: a duty chat is awake at any hour.

    Once it has passed, "overdue" says it to everybody below the head.
    """
    raw = policy.escalate.moments(policy.calendar, since=deadline.since, due_at=deadline.due_at)
    found: list[Rung] = []
    latest = deadline.since
    for level, at in raw.items():
        # What no body has the curators have themselves, and are reminded of.
        if level is not Level.HEAD and (incident.status not in WITH_BODY or now >= deadline.due_at):
            continue
        moment = at
        if not is_watched and at < deadline.due_at:
            moment = policy.planned_at(at, deadline.due_at, incident.priority)
        elif not is_watched:
            moment = told_at(policy, at, deadline.due_at, incident.priority)
        if moment > deadline.since:  # else the card itself has just said it
            latest = max(latest, moment)
            found.append(Rung(level, latest))
    return found


def _fired(deadline: Deadline) -> frozenset[Level]:
    return frozenset(level for level in UPWARDS if _CODE + level.value in deadline.fired)


async def next_rung(
    session: AsyncSession, incident: Incident, policy: Policy, deadline: Deadline, *, now: datetime
) -> datetime | None:
    """When the ladder next has somebody to tell."""
    is_watched = await duty.chat_for(session, incident.body_id) is not None
    found = rungs(incident, policy, deadline, now=now, is_watched=is_watched)
    at = next_at(found, _fired(deadline))
    if at is None:
        return None
    at = max(at, now)
    return at if is_watched else told_at(policy, at, deadline.due_at, incident.priority)


async def escalate(
    session: AsyncSession, incident: Incident, policy: Policy, deadline: Deadline, *, now: datetime
) -> None:
    """Tell the level whose time has come; where nobody of it can be reached, the next one."""
    watched = await duty.chat_for(session, incident.body_id)
    step = due(
        rungs(incident, policy, deadline, now=now, is_watched=watched is not None), _fired(deadline), now
    )
    if step.to_tell is None:
        return
    if watched is None and told_at(policy, now, deadline.due_at, incident.priority) > now:
        return
    silent = list(step.passed_over)
    told: Level | None = None
    if watched is not None and policy.is_quiet(now):
        duty.tell(session, watched, "escalated_duty", now=now, incident_id=incident.id)
        told = step.to_tell
    else:
        for level in UPWARDS[UPWARDS.index(step.to_tell) :]:
            if getattr(policy.escalate, level.value) is not None and await _tell(
                session, incident, level, now=now
            ):
                told = level
                break
            silent.append(level)
    reached = {*silent, told} - _fired(deadline)
    for level in (one for one in UPWARDS if one in reached):
        code = f"{deadline.prefix}{_CODE}{level.value}"
        session.add(Reminder(incident_id=incident.id, code=code, told=level is told, at=now))
    await session.flush()


async def _tell(session: AsyncSession, incident: Incident, level: Level, *, now: datetime) -> bool:
    """Owe the words to everybody of the level who can be reached; False: there is nobody."""
    chats = await _chats_of(session, incident, level)
    for chat_id in chats:
        outbox.book_notice(
            session, f"escalated_{level.value}", chat_id=chat_id, now=now, incident_id=incident.id
        )
    return bool(chats)


async def _chats_of(session: AsyncSession, incident: Incident, level: Level) -> list[int]:
    if level is Level.CURATOR:
        return await outbox.curators(session)
    if level is Level.HEAD:
        return await outbox.heads(session, incident.body_id)
    if incident.body_id is None:
        return []
    return await others_of(session, incident)


async def others_of(session: AsyncSession, incident: Incident) -> list[int]:
    """The body's coordinators, but for whoever was told of the incident already."""
    if incident.body_id is None:
        return []
    body = await session.get_one(Body, incident.body_id)
    holder = await session.get(Official, incident.official_id) if incident.official_id else None
    knows = {body.chat_id, holder.telegram_id if holder else None}
    return [chat for chat in await outbox.coordinators(session, body.id) if chat not in knows]


def waits(incident: Incident) -> bool:
    """Whether an answer waits for its approver, or for its publication."""
    return incident.status in _WAITS


async def next_nudge(
    session: AsyncSession, incident: Incident, policy: Policy, *, heard_at: datetime, now: datetime
) -> datetime | None:
    """When somebody is next told of an answer that waits for its approver, or for its publication."""
    steps = await _nudges(session, incident, policy, heard_at=heard_at)
    return policy.waking_from(max(steps[0][0], now), incident.priority) if steps else None


async def _nudges(
    session: AsyncSession, incident: Incident, policy: Policy, *, heard_at: datetime
) -> list[tuple[datetime, _Audience]]:
    """The steps still to be taken since the answer was heard of, each with its moment."""
    if incident.status not in _WAITS:
        return []
    family, steps = _WAITS[incident.status]
    taken = await session.scalar(
        select(func.count()).where(
            Reminder.incident_id == incident.id,
            Reminder.code.startswith(f"{family}:"),
            Reminder.at >= heard_at,
        )
    )
    return [
        (policy.calendar.add(heard_at, policy.release_after * part), audience)
        for part, audience in steps[taken or 0 :]
    ]


async def nudge(
    session: AsyncSession, incident: Incident, policy: Policy, *, heard_at: datetime, now: datetime
) -> None:
    """Tell whoever holds up an answer, or who can help; after downtime only the last of them."""
    steps = await _nudges(session, incident, policy, heard_at=heard_at)
    ready = [audience for at, audience in steps if at <= now]
    if not ready or policy.waking_from(now, incident.priority) > now:
        return
    family, _ = _WAITS[incident.status]
    key = "review_waits" if ready[-1] == "approvers" else f"{family}_hangs"
    chats = await _audience(session, incident, ready[-1])
    for chat_id, thread_id in chats:
        outbox.book_notice(
            session, key, chat_id=chat_id, thread_id=thread_id, now=now, incident_id=incident.id
        )
    taken = await session.scalar(
        select(func.count()).where(
            Reminder.incident_id == incident.id, Reminder.code.startswith(f"{family}:")
        )
    )
    for number, audience in enumerate(ready, (taken or 0) + 1):
        told = bool(chats) and audience is ready[-1]
        session.add(Reminder(incident_id=incident.id, code=f"{family}:{number}", told=told, at=now))
    await session.flush()


async def _audience(
    session: AsyncSession, incident: Incident, audience: _Audience
) -> list[tuple[int, int | None]]:
    body = await session.get_one(Body, incident.body_id)
    if audience == "body" and body.chat_id is not None and outbox.is_live(body):
        return [(body.chat_id, body.thread_id)]
    chats: list[int] = []
    if audience == "approvers":
        chats = await outbox.approvers(session, body.id)
    elif audience == "coordinators":
        chats = await others_of(session, incident)
    return [(chat, None) for chat in chats or await outbox.curators(session)]


def overdue_at_night(
    session: AsyncSession, incident: Incident, watched: DutyChat, deadline: Deadline, *, now: datetime
) -> None:
    """The deadline passes while people sleep: the duty chat hears of it once, and they in the morning."""
    if AT_NIGHT not in deadline.fired:
        duty.tell(session, watched, "overdue_duty", now=now, incident_id=incident.id)
        code = deadline.prefix + AT_NIGHT
        session.add(Reminder(incident_id=incident.id, code=code, told=True, at=now))


AT_NIGHT: Final = "duty:overdue"
