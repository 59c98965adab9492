"""Whether a chat can be reached: blocked, kicked, back again, or become a supergroup. Events, not crashes.

What an update tells of it is read in bot/chat_events.py.
"""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import losing, outbox
from incidents.lifecycle import SETTLED
from models import (
    Body,
    Card,
    CardState,
    DutyChat,
    Incident,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Prompt,
)


async def chat_lost(session: AsyncSession, chat_id: int, *, error: str, now: datetime) -> None:
    """Nothing reaches this chat any more: what waits for it is given up, and others take over at once."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.chat_id == chat_id, OutboxRow.state == OutboxState.WAITING)
        .values(state=OutboxState.DEAD, error=error[:500], leased_until=None)
    )
    is_told = await losing.bodies_lost(session, chat_id, error=error, now=now)
    await losing.person_lost(session, chat_id, error=error, now=now, is_told=is_told)


async def is_shared(session: AsyncSession, chat_id: int, thread_id: int | None) -> bool:
    """Whether another body has this group, or another topic of it."""
    other = or_(Body.thread_id.is_(None), Body.thread_id != thread_id)
    found = await session.scalar(select(Body.id).where(Body.chat_id == chat_id, other).limit(1))
    return found is not None


async def topic_lost(
    session: AsyncSession, chat_id: int, thread_id: int | None, *, error: str, now: datetime
) -> None:
    """One topic of a shared group is closed or gone: its body's words must not go where another body reads."""
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.chat_id == chat_id,
            OutboxRow.thread_id == thread_id,
            OutboxRow.state == OutboxState.WAITING,
        )
        .values(state=OutboxState.DEAD, error=error[:500], leased_until=None)
    )
    await losing.bodies_lost(session, chat_id, error=error, now=now, thread_id=thread_id)


async def topic_back(session: AsyncSession, chat_id: int, *, thread_id: int, now: datetime) -> None:
    """The topic is open again."""
    await losing.bodies_back(session, chat_id, now=now, thread_id=thread_id)


async def chat_back(session: AsyncSession, chat_id: int, *, now: datetime) -> None:
    """The chat can be reached again: it is owed the cards it missed."""
    await losing.bodies_back(session, chat_id, now=now)
    await losing.person_back(session, chat_id, now=now)


async def chat_migrated(session: AsyncSession, *, old: int, new: int, now: datetime) -> None:
    """A group became a supergroup with another id: everything kept for the old id moves.

    Messages of the old group cannot be edited from the new one, so the open cards are owed anew.
    Source: core.telegram.org/bots/api#responseparameters (migrate_to_chat_id)
    """
    await session.execute(update(Body).where(Body.chat_id == old).values(chat_id=new))
    await session.execute(update(DutyChat).where(DutyChat.chat_id == old).values(chat_id=new))
    await session.execute(update(Prompt).where(Prompt.chat_id == old).values(chat_id=new))
    waiting = await session.scalars(
        select(OutboxRow).where(OutboxRow.chat_id == old, OutboxRow.state == OutboxState.WAITING)
    )
    for row in waiting:
        row.chat_id = new
        if row.kind is OutboxKind.CARD:
            row.subject = f"card:{row.payload['incident_id']}:{new}"
    there = set(await session.scalars(select(Card.incident_id).where(Card.chat_id == new)))
    rows = await session.execute(
        select(Card, Incident).join(Incident, Incident.id == Card.incident_id).where(Card.chat_id == old)
    )
    for card, incident in rows:
        if card.incident_id in there:
            await session.delete(card)
            continue
        card.chat_id, card.message_id = new, None
        if card.state is CardState.LIVE and incident.status not in SETTLED:
            await outbox.show_card(
                session,
                incident,
                chat_id=new,
                thread_id=card.thread_id,
                for_curators=card.for_curators,
                now=now,
            )
