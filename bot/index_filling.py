"""Indexing what was stored before there was an index: at the start, a little at a time, behind everybody's work.

`migrate` only makes the empty table, so that no start waits for it. What is new is indexed as it is stored; a search
finds the older incidents as they are filled in, the newest first: about a thousand a second.
"""

import asyncio
import logging
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from incidents import indexing
from models.database import Database

_log = logging.getLogger(__name__)

_PAUSE: Final = 0.05  # seconds between two transactions: whoever presses goes first


class IndexFilling:
    """Looked at each hour: an older version of the program running beside this one stores without indexing."""

    def __init__(self, database: Database, *, pause: float = _PAUSE) -> None:
        self._database = database
        self._pause = pause

    async def fill(self) -> None:
        """Fill in all that is missing, each hundred in its own short transaction."""
        filled = 0
        try:
            while done := await self._some():
                filled += done
                await asyncio.sleep(self._pause)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("older incidents cannot be indexed now: %s", error)
        if filled:
            _log.info("%s older incidents can be found by their words now", filled)

    async def _some(self) -> int:
        async with self._database.reading() as session:
            if not await indexing.has_missing(session):
                return 0
        async with self._database.writing() as session:
            return await indexing.fill(session)
