"""Troubles an operator must mend: raised once, told once, cleared when they are over."""

import logging
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import Clock
from incidents import outbox
from models import Alarm
from models.database import Database

_log = logging.getLogger(__name__)
_LONGEST = 500  # characters: the column's


async def raise_alarm(session: AsyncSession, key: str, text: str, *, now: datetime) -> bool:
    """Owe the operators one notice of the trouble; False when they have been told already."""
    alarm = await session.get(Alarm, key)
    if alarm is not None and alarm.cleared_at is None:
        return False
    if alarm is None:
        alarm = Alarm(key=key)
        session.add(alarm)
    alarm.text, alarm.raised_at, alarm.cleared_at = text[:_LONGEST], now, None
    for chat_id in await outbox.operators(session):
        outbox.book_notice(session, "alarm", chat_id=chat_id, now=now, text=alarm.text)
    return True


async def clear_alarm(session: AsyncSession, key: str, *, now: datetime) -> bool:
    """The trouble is over: tell those who heard of it. False when there was none."""
    alarm = await session.get(Alarm, key)
    if alarm is None or alarm.cleared_at is not None:
        return False
    alarm.cleared_at = now
    for chat_id in await outbox.operators(session):
        outbox.book_notice(session, "alarm_cleared", chat_id=chat_id, now=now, text=alarm.text)
    return True


class Trouble:
    """One trouble as this process knows it: however often it is met, one line in the log and one alarm.

    `notify=False`: only the log says it; such a trouble mends itself.
    """

    def __init__(self, database: Database, clock: Clock, *, key: str, notify: bool = True) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._notify = notify
        self._checked = False
        self.standing = False

    async def met(self, text: str) -> None:
        if self.standing:
            return
        self.standing = True
        _log.log(logging.CRITICAL if self._notify else logging.WARNING, "%s", text)
        if self._notify:
            await self._write(text)

    async def over(self) -> None:
        """All is well. Cheap when it was well before; the first call also clears what a past run left."""
        if not self.standing and self._checked:
            return
        if self.standing:
            _log.warning("over: %s", self._key)
        self.standing, self._checked = False, True
        if self._notify:
            await self._write(None)

    async def _write(self, text: str | None) -> None:
        try:
            async with self._database.writing() as session:
                if text is None:
                    await clear_alarm(session, self._key, now=self._clock())
                else:
                    await raise_alarm(session, self._key, text, now=self._clock())
        except SQLAlchemyError as error:
            _log.error("the alarm %s could not be stored: %s", self._key, error)
