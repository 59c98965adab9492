"""What Telegram told us, stored before it is confirmed: rows, whose they are, and what they became."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from models import InboxRow, InboxState
from models.database import Database


class AlreadyHandledError(Exception):
    """The update was marked done before: this handling is rolled back."""


def lane_of(update_: dict[str, Any]) -> int:
    """Whose update it is: the user's id, else the chat's, else 0. One lane's updates are handled in order."""
    for content in update_.values():
        if isinstance(content, dict):
            for key in ("from", "user", "chat"):
                person = content.get(key)
                if isinstance(person, dict) and isinstance(person.get("id"), int):
                    return int(person["id"])
    return 0


async def store(database: Database, updates: Sequence[dict[str, Any]], *, now: datetime) -> list[InboxRow]:
    """Keep the updates, all in one transaction; those known already are left alone. Returns the new ones."""
    values = [
        {
            "update_id": one["update_id"],
            # ASCII only: no NUL and no lone surrogate reaches the database.
            "payload": json.dumps(one),
            "state": InboxState.NEW,
            "lane": lane_of(one),
            "attempts": 0,
            "received_at": now,
            "error": "",
        }
        for one in updates
    ]
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    async with database.writing(urgent=True) as session:
        stored = await session.scalars(
            insert(InboxRow).values(values).on_conflict_do_nothing().returning(InboxRow.update_id)
        )
        new = set(stored)
        found = await session.scalars(
            select(InboxRow).where(InboxRow.update_id.in_(new)).order_by(InboxRow.update_id)
        )
        return list(found)


async def left_over(session: AsyncSession, *, after: int | None, limit: int) -> list[InboxRow]:
    """Updates stored by an earlier run and never handled, oldest first."""
    query = select(InboxRow).where(InboxRow.state == InboxState.NEW)
    if after is not None:
        query = query.where(InboxRow.update_id > after)
    return list(await session.scalars(query.order_by(InboxRow.update_id).limit(limit)))


async def mark_done(session: AsyncSession, update_id: int, *, now: datetime) -> None:
    """The last statement of the transaction in which the update was handled.

    Raises:
        AlreadyHandledError: somebody else handled it; the caller's work must not commit.
    """
    marked = await session.execute(
        update(InboxRow)
        .where(InboxRow.update_id == update_id, InboxRow.state == InboxState.NEW)
        .values(state=InboxState.DONE, done_at=now)
        .returning(InboxRow.update_id)
    )
    if marked.scalar_one_or_none() is None:
        raise AlreadyHandledError


async def mark_failed(session: AsyncSession, update_id: int, *, error: str, now: datetime) -> None:
    """Kept for a person; never replayed by itself."""
    await session.execute(
        update(InboxRow)
        .where(InboxRow.update_id == update_id, InboxRow.state == InboxState.NEW)
        .values(state=InboxState.FAILED, done_at=now, error=error[:500], attempts=InboxRow.attempts + 1)
    )
