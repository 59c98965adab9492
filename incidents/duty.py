"""Who is awake at night: the duty chat of a body, else the region's. Bound and unbound here, and shown what is urgent.

Night is the policy's quiet hours; for a new card also the time outside its working calendar. What is urgent is an
accident and what is raised; the rest waits for the morning, and its card says so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import IncidentError
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.policies import Policy
from models import Body, ChatState, DutyChat, Incident, Priority


class NotAGroup(IncidentError):
    """A duty chat is for several people: a group, or a topic of one."""

    text_key = "refused.duty_not_a_group"


class WorkingChat(IncidentError):
    """The chat is a body's own already: in the morning nobody could tell one thing from the other."""

    text_key = "refused.duty_working_chat"

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.name = name


class NoDutyHere(IncidentError):
    """Nothing to unbind."""

    text_key = "refused.duty_none"


@dataclass(frozen=True, slots=True)
class Bound:
    """A duty chat and whose it is; `body` None: the region's."""

    chat: DutyChat
    body: Body | None


async def chat_for(session: AsyncSession, body_id: int | None) -> DutyChat | None:
    """The duty chat that hears of what is with this body; None where nobody watches."""
    found: DutyChat | None = await session.scalar(
        select(DutyChat)
        .where(DutyChat.state == ChatState.LIVE, (DutyChat.body_id == body_id) | DutyChat.body_id.is_(None))
        .order_by(DutyChat.body_id.is_(None), DutyChat.id.desc())
        .limit(1)
    )
    return found


async def watching(
    session: AsyncSession, incident: Incident, policy: Policy, *, now: datetime
) -> DutyChat | None:
    """Who is told now instead of people who sleep."""
    return await chat_for(session, incident.body_id) if policy.is_quiet(now) else None


def is_night(policy: Policy, at: datetime) -> bool:
    """Whether a new card may find nobody at work."""
    return policy.is_night(at) or not policy.calendar.is_open(at)


def morning_after(policy: Policy, at: datetime) -> datetime:
    """When people are at work again."""
    for _ in range(3):  # the working day may begin in quiet hours, and their end lie outside the working day
        at = policy.calendar.next_open(policy.waking_from(at, Priority.ORDINARY))
    return at


def waits_until(
    policy: Policy, priority: Priority, *, assigned_at: datetime, now: datetime
) -> datetime | None:
    """Until when a card that came at night may wait; None: it may not, or it is morning."""
    if priority is not Priority.ORDINARY or not is_night(policy, assigned_at):
        return None
    morning = morning_after(policy, assigned_at)
    return morning if now < morning else None


async def show_new(
    session: AsyncSession, incident: Incident, body: Body, policy: Policy, *, now: datetime
) -> None:
    """A body was given something urgent at night: the duty chat sees the card as well, at once."""
    if incident.priority is Priority.ORDINARY or not is_night(policy, now):
        return
    duty = await chat_for(session, body.id)
    # One chat has one card of an incident: where the duty topic is in the body's own group, it stands there.
    if duty is not None and duty.chat_id != body.chat_id:
        await outbox.show_card(session, incident, chat_id=duty.chat_id, thread_id=duty.thread_id, now=now)


def tell(session: AsyncSession, duty: DutyChat, key: str, *, now: datetime, **params: Any) -> None:
    """Owe a notice to the duty chat."""
    outbox.book_notice(session, key, chat_id=duty.chat_id, thread_id=duty.thread_id, now=now, **params)


async def bind(
    session: AsyncSession,
    *,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    title: str,
    now: datetime,
    body_id: int | None = None,
) -> Bound:
    """From now on the chat watches over the body, or the region; the one before it is told that it does no more.

    Raises:
        NotAllowed: only curators bind one.
        NotAGroup: a private chat.
        WorkingChat: it is a body's own.
    """
    actor.must(Permission.DUTY)
    if chat_id > 0:
        raise NotAGroup
    same_thread = Body.thread_id.is_(None) if thread_id is None else Body.thread_id == thread_id
    taken = await session.scalar(select(Body).where(Body.chat_id == chat_id, same_thread).limit(1))
    if taken is not None:
        raise WorkingChat(name=taken.name)
    for old in await _of(session, body_id):
        if (old.chat_id, old.thread_id) != (chat_id, thread_id) and old.state is ChatState.LIVE:
            tell(session, old, "duty_moved", now=now, chat=title)
        await session.delete(old)
    await session.flush()
    chat = DutyChat(
        body_id=body_id,
        chat_id=chat_id,
        thread_id=thread_id,
        title=title[:200],
        bound_by=actor.official_id,
        bound_at=now,
    )
    session.add(chat)
    await session.flush()
    _note(session, "bound", actor, chat_id, body_id, now=now)
    return Bound(chat, await session.get(Body, body_id) if body_id else None)


async def _of(session: AsyncSession, body_id: int | None) -> list[DutyChat]:
    mine = DutyChat.body_id.is_(None) if body_id is None else DutyChat.body_id == body_id
    return list(await session.scalars(select(DutyChat).where(mine)))


async def unbind(
    session: AsyncSession, *, actor: Actor, chat_id: int, thread_id: int | None, now: datetime
) -> int:
    """The chat watches no more; how many bindings ended. From a private chat: the region's.

    Raises:
        NotAllowed: only curators.
        NoDutyHere: there was nothing to end.
    """
    actor.must(Permission.DUTY)
    here: ColumnElement[bool]
    if chat_id > 0:
        here = DutyChat.body_id.is_(None)
    else:
        same_thread = DutyChat.thread_id.is_(None) if thread_id is None else DutyChat.thread_id == thread_id
        here = (DutyChat.chat_id == chat_id) & same_thread
    gone = list(await session.scalars(delete(DutyChat).where(here).returning(DutyChat.id)))
    if not gone:
        raise NoDutyHere
    _note(session, "unbound", actor, chat_id, None, now=now)
    return len(gone)


async def overview(session: AsyncSession) -> list[Bound]:
    """Every duty chat, the region's first."""
    rows = await session.execute(
        select(DutyChat, Body)
        .outerjoin(Body, Body.id == DutyChat.body_id)
        .order_by(DutyChat.body_id.is_not(None), Body.name, DutyChat.id)
    )
    return [Bound(chat, body) for chat, body in rows]


def _note(
    session: AsyncSession,
    outcome: str,
    actor: Actor,
    chat_id: int,
    body_id: int | None,
    *,
    now: datetime,
) -> None:
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=chat_id,
        action="duty",
        outcome=outcome,
        body_id=body_id,
    )
