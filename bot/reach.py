"""Whether a chat can be reached: blocked, kicked, back again, or become a supergroup. Events, not crashes."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.lifecycle import SETTLED, WITH_BODY
from models import (
    Body,
    Card,
    CardState,
    ChatState,
    Incident,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Prompt,
)

_MOST_SHOWN: Final = (
    20  # incidents of a dead body whose cards curators get at once; the rest is in their list
)

_OUT: Final = frozenset({"kicked", "left"})


async def chat_lost(session: AsyncSession, chat_id: int, *, error: str, now: datetime) -> None:
    """Nothing reaches this chat any more: what waits for it is given up, and curators take over at once."""
    await session.execute(update(Official).where(Official.telegram_id == chat_id).values(is_reachable=False))
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.chat_id == chat_id, OutboxRow.state == OutboxState.WAITING)
        .values(state=OutboxState.DEAD, error=error[:500], leased_until=None)
    )
    bodies = await session.scalars(
        select(Body).where(Body.chat_id == chat_id, Body.chat_state != ChatState.DEAD)
    )
    for body in bodies:
        body.chat_state = ChatState.DEAD
        await session.flush()
        await outbox.tell_curators(session, "body_unreachable", now=now, body=body.name, error=error[:200])
        for incident in await _with(session, body, limit=_MOST_SHOWN):
            await outbox.show_to_curators(session, incident, now=now)


async def chat_back(session: AsyncSession, chat_id: int, *, now: datetime) -> None:
    """The chat can be reached again: it is owed the cards it missed."""
    await session.execute(update(Official).where(Official.telegram_id == chat_id).values(is_reachable=True))
    for body in await session.scalars(
        select(Body).where(Body.chat_id == chat_id, Body.chat_state == ChatState.DEAD)
    ):
        body.chat_state = ChatState.LIVE
        for incident in await _with(session, body):
            await outbox.show_card(session, incident, chat_id=chat_id, thread_id=body.thread_id, now=now)


async def _with(session: AsyncSession, body: Body, *, limit: int | None = None) -> list[Incident]:
    found = await session.scalars(
        select(Incident)
        .where(Incident.body_id == body.id, Incident.status.in_(list(WITH_BODY)))
        .order_by(Incident.due_at, Incident.id)
        .limit(limit)
    )
    return list(found)


async def chat_migrated(session: AsyncSession, *, old: int, new: int, now: datetime) -> None:
    """A group became a supergroup with another id: everything kept for the old id moves.

    Messages of the old group cannot be edited from the new one, so the open cards are owed anew.
    Source: core.telegram.org/bots/api#responseparameters (migrate_to_chat_id)
    """
    await session.execute(update(Body).where(Body.chat_id == old).values(chat_id=new))
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


Event = Callable[[AsyncSession, datetime], Awaitable[None]]


def reach_event(raw: dict[str, Any]) -> Event | None:
    """What an update tells about reaching a chat, as the thing to do; None when it tells nothing.

    Source: core.telegram.org/bots/api#chatmemberupdated; a private chat says "kicked" when the bot is
    blocked and "member" when it is let in again.
    """
    changed = raw.get("my_chat_member")
    if isinstance(changed, dict):
        return _membership(changed)
    message = raw.get("message")
    if not isinstance(message, dict):
        return None
    here = _whole(message.get("chat"), "id")
    new, old = _whole(message, "migrate_to_chat_id"), _whole(message, "migrate_from_chat_id")
    if here is not None and new is not None:
        return lambda session, now: chat_migrated(session, old=here, new=new, now=now)
    if here is not None and old is not None:
        return lambda session, now: chat_migrated(session, old=old, new=here, now=now)
    return None


def _membership(changed: dict[str, Any]) -> Event | None:
    chat_id = _whole(changed.get("chat"), "id")
    after = changed.get("new_chat_member")
    status = after.get("status") if isinstance(after, dict) else None
    if chat_id is None or not isinstance(status, str):
        return None
    if status in _OUT:
        return lambda session, now: chat_lost(session, chat_id, error=status, now=now)
    return lambda session, now: chat_back(session, chat_id, now=now)


def _whole(container: Any, key: str) -> int | None:
    value = container.get(key) if isinstance(container, dict) else None
    return value if type(value) is int else None
