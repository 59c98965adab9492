"""Updates of registered channels and groups: residents' posts, not work. They go to what is pushed (bot/pushes.py).

A chat where a body works is never a source, whatever the registry says: its officials' words are no appeals.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import Clock
from models import Body, Community, PushRow
from models.database import Database

_NETWORK: Final = "telegram"
_KINDS: Final = ("message", "edited_message", "channel_post", "edited_channel_post")
# A basic group has no addresses for its messages; the discussion group of a channel is never one.
_PUBLIC: Final = frozenset({"channel", "supergroup"})


class Sources:
    """Which updates are somebody's post in a registered chat."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def is_one(self, update: Mapping[str, Any]) -> bool:
        """Whether the update is a message of a watched chat of the registry, and of no body's work chat."""
        chat = next((_chat(update[kind]) for kind in _KINDS if kind in update), None)
        number = chat.get("id") if chat is not None else None
        if chat is None or type(number) is not int or chat.get("type") not in _PUBLIC:
            return False
        names = [Community.native_id == str(number)]
        if chat.get("username"):
            names.append(Community.name == str(chat["username"]).lower())
        async with self._database.reading() as session:
            found = await session.scalar(
                select(Community.id)
                .where(
                    Community.network == _NETWORK,
                    Community.is_watched,
                    or_(*names),
                    ~exists().where(Body.chat_id == number),
                )
                .limit(1)
            )
        return found is not None

    async def keep(self, session: AsyncSession, update: Mapping[str, Any]) -> None:
        """Put the update where pushed events wait; the caller's transaction marks it done in the inbox."""
        now = self._clock()
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        await session.execute(
            insert(PushRow)
            .values(
                network=_NETWORK,
                key=str(update["update_id"]),
                body=json.dumps(update).encode(),
                received_at=now,
                not_before=now,
                attempts=0,
                error="",
            )
            .on_conflict_do_nothing()
        )


def _chat(message: object) -> Mapping[str, Any] | None:
    chat = message.get("chat") if isinstance(message, dict) else None
    return chat if isinstance(chat, dict) else None
