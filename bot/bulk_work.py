"""Presses for many (incidents/bulk.py), gone on with: a transaction for each lot, until none is owed."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from handlers.context import Clock
from incidents import bulk
from models.database import Database

_log = logging.getLogger(__name__)


class BulkWork:
    """All it knows stands in the rows: after a restart it goes on where they say."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._broken: set[int] = set()

    async def work_off(self) -> None:
        """Every lot that is owed; a press that breaks is told of once, and holds up no other."""
        try:
            async with self._database.reading() as session:
                owed = [batch for batch in await bulk.owed(session) if batch not in self._broken]
            for batch in owed:
                await self._press(batch)
        except (SQLAlchemyError, OSError) as error:
            _log.info("presses for many wait, the database is away: %s", error)

    async def _press(self, batch: int) -> None:
        """Lot after lot; what another process is at, is left to it."""
        ahead: int | None = None
        while ahead != 0:
            try:
                async with self._database.writing() as session:
                    told = await bulk.work_off(session, batch=batch, now=self._clock())
            except (SQLAlchemyError, OSError):
                raise
            except Exception:  # noqa: BLE001 - one broken press must not hold up the others
                self._broken.add(batch)
                _log.exception("the press for many %s cannot be gone on with", batch)
                return
            if told.ahead == ahead:
                return
            ahead = told.ahead
