"""A person blocked the bot, or a body's chat is dead: nothing waits in silence for somebody who hears nothing.

Done in the transaction that learned of it, and undone when they are back.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.handing_over import Handed, give_back, hand_over, note, receipts
from incidents.lifecycle import WITH_BODY
from incidents.moving import load_to_change
from incidents.reviewing import ask_for_review
from incidents.substitutes import standing_in
from models import Absence, Body, ChatState, DutyChat, Incident, Membership, Official, Status

_MOST_SHOWN: Final = 20  # incidents of a dead body whose cards others get at once; the rest is in their lists
_WHY: Final = "lost"
_REMEMBERED: Final = timedelta(days=90)  # who comes back later finds nothing waiting
# Said of a person who never wrote to the bot in private: they work in their body's group and see all of it.
_NEVER_BEGAN: Final = "initiate"


async def person_lost(
    session: AsyncSession, chat_id: int, *, error: str, now: datetime, is_told: bool = False
) -> None:
    """What they held goes to their substitute, if one is set, else to the body; coordinators and curators hear once.

    `is_told`: they have just heard that a body's chat, the person's own, is dead.
    """
    person = await session.scalar(
        select(Official).where(Official.telegram_id == chat_id, Official.is_active, Official.is_reachable)
    )
    if person is None:
        return
    person.is_reachable = False
    await session.flush()
    if _NEVER_BEGAN in error.casefold():
        return
    to = await _substitute(session, person, now=now)
    handed = await hand_over(session, person, to, now=now)
    note(session, person, handed, {}, why=_WHY, now=now)
    if handed.taken and to is not None:
        other = await session.get_one(Official, to)
        _tell(session, "lost_stand_in", other.telegram_id, person, handed.taken, now=now)
    bosses = set() if is_told else {*await _bosses(session, person), *await outbox.curators(session)}
    for boss in sorted(bosses - {chat_id}):
        _tell(session, "person_lost", boss, person, sorted(handed.to), now=now)
    bodies = await session.scalars(select(Incident.body_id).where(Incident.id.in_(handed.free)).distinct())
    for body_id in sorted(body_id for body_id in bodies if body_id is not None):
        numbers = await session.scalars(
            select(Incident.id).where(Incident.id.in_(handed.free), Incident.body_id == body_id)
        )
        body = await session.get_one(Body, body_id)
        if body.chat_id != chat_id:
            await outbox.tell_body(
                session, "lost_free", body=body, now=now, name=person.name, taken=sorted(numbers)
            )


def _tell(
    session: AsyncSession, key: str, chat_id: int, person: Official, numbers: list[int], *, now: datetime
) -> None:
    outbox.book_notice(session, key, chat_id=chat_id, now=now, name=person.name, taken=numbers)


async def _substitute(session: AsyncSession, person: Official, *, now: datetime) -> int | None:
    """Of the absence the person is in, else of the next one planned: they are away already."""
    absence = await session.scalar(
        select(Absence)
        .where(
            Absence.official_id == person.id, Absence.over_at.is_(None), Absence.substitute_id.is_not(None)
        )
        .order_by(Absence.begun_at.is_(None), Absence.starts_at)
        .limit(1)
    )
    if absence is None or absence.substitute_id is None:
        return None
    to = await standing_in(session, absence.substitute_id, now)
    other = await session.get(Official, to) if to is not None else None
    return other.id if other is not None and other.is_active and other.is_reachable else None


async def _bosses(session: AsyncSession, person: Official) -> list[int]:
    mine = await session.scalars(
        select(Membership.body_id)
        .where(Membership.official_id == person.id, Membership.body_id.is_not(None))
        .distinct()
    )
    return [
        chat
        for body_id in sorted(one for one in mine if one is not None)
        for chat in await outbox.coordinators(session, body_id)
    ]


async def bodies_lost(
    session: AsyncSession, chat_id: int, *, error: str, now: datetime, thread_id: int | None = None
) -> bool:
    """The cards of a body whose chat is dead go to its coordinators, else to the curators. False: it was no body's.

    `thread_id`: only this topic of the chat is dead.
    """
    await _set_duty(session, chat_id, ChatState.DEAD, thread_id)
    bodies = await session.scalars(_of(chat_id, thread_id).where(Body.chat_state != ChatState.DEAD))
    lost = list(bodies)
    for body in lost:
        body.chat_state = ChatState.DEAD
        await session.flush()
        coordinators = [one for one in await outbox.coordinators(session, body.id) if one != chat_id]
        for one in coordinators:
            outbox.book_notice(
                session, "body_lost_coordinator", chat_id=one, now=now, body=body.name, error=error[:200]
            )
        await outbox.tell_curators(session, "body_unreachable", now=now, body=body.name, error=error[:200])
        for incident in await _with(session, body, limit=_MOST_SHOWN):
            for one in coordinators:
                await outbox.show_card(session, incident, chat_id=one, now=now)
            if not coordinators:
                await outbox.show_to_curators(session, incident, now=now)
    return bool(lost)


async def person_back(session: AsyncSession, chat_id: int, *, now: datetime) -> None:
    """They can be told again: what nobody has begun meanwhile is theirs again."""
    person = await session.scalar(
        select(Official).where(Official.telegram_id == chat_id, Official.is_reachable.is_(False))
    )
    if person is None:
        return
    person.is_reachable = True
    await session.flush()
    if await standing_in(session, person.id) != person.id:
        return  # away: it comes back when they do
    handed = await receipts(session, person, why=_WHY, since=now - _REMEMBERED)
    back = await give_back(session, person, handed, now=now)
    note(session, person, Handed(dict.fromkeys(handed, person.id)), {}, why=_WHY, now=now)
    if back:
        _tell(session, "lost_back", chat_id, person, back, now=now)


async def bodies_back(
    session: AsyncSession, chat_id: int, *, now: datetime, thread_id: int | None = None
) -> None:
    """The chat is owed the cards it missed; whoever had them meanwhile needs theirs no more."""
    await _set_duty(session, chat_id, ChatState.LIVE, thread_id)
    bodies = await session.scalars(_of(chat_id, thread_id).where(Body.chat_state == ChatState.DEAD))
    for body in list(bodies):
        body.chat_state = ChatState.LIVE
        await session.flush()
        for incident in await _with(session, body):
            await outbox.place_cards(session, incident, body=body, now=now)
            if incident.status is Status.ON_REVIEW:
                await ask_for_review(session, incident, body, now=now)
            await outbox.refresh_cards(session, incident, now=now)


def _of(chat_id: int, thread_id: int | None) -> Select[Body]:
    """The bodies of a chat, or of one topic of it."""
    query = select(Body).where(Body.chat_id == chat_id)
    return query if thread_id is None else query.where(Body.thread_id == thread_id)


async def _set_duty(session: AsyncSession, chat_id: int, state: ChatState, thread_id: int | None) -> None:
    for duty in await session.scalars(select(DutyChat).where(DutyChat.chat_id == chat_id)):
        if thread_id is None or duty.thread_id == thread_id:
            duty.state = state


async def _with(session: AsyncSession, body: Body, *, limit: int | None = None) -> list[Incident]:
    numbers = await session.scalars(
        select(Incident.id)
        .where(Incident.body_id == body.id, Incident.status.in_(list(WITH_BODY)))
        .order_by(Incident.due_at, Incident.id)
        .limit(limit)
    )
    return [await load_to_change(session, number) for number in list(numbers)]
