"""What is to be read now: the registry's pages and the keywords, given to each network whenever they change."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collectors.contract import Collector, Connector, Page, Watch
from incidents.keywords import Forms, Keyword, Matcher
from incidents.watching import active_rows, understood
from models import Community, KeywordRow
from models.database import Database

_log = logging.getLogger(__name__)


class Watching:
    """`look()` gives the feeds there should be; the publishers learn of new pages by the same."""

    def __init__(self, database: Database, connectors: Mapping[str, Connector], *, forms: Forms) -> None:
        self._database = database
        self._connectors = connectors
        self._forms = forms
        self._turn = asyncio.Lock()
        self._seen: dict[str, Watch] = {}
        self._feeds: dict[str, Sequence[Collector]] = {}
        self._rows: list[tuple[int, str, str, tuple[str, ...]]] = []
        self._keywords: list[tuple[Keyword, tuple[str, ...]]] = []
        self.matcher = Matcher(())

    async def look(self) -> Sequence[Collector]:
        """Every feed of every network, as the registry and the keywords want it now.

        Raises:
            SQLAlchemyError: they cannot be read; nothing has changed then.
        """
        async with self._turn:
            async with self._database.reading() as session:
                pages = await watched_pages(session)
                rows = await active_rows(session)
            await self._understand(rows)
            for network, connector in self._connectors.items():
                wanted = Watch(pages=tuple(pages.get(network, ())), keywords=self._keywords_of(network))
                if self._seen.get(network) != wanted:
                    self._feeds[network] = connector.watch(wanted)
                    self._seen[network] = wanted
                    _log.info("%s: %s feeds are read", network, len(self._feeds[network]))
            return [feed for feeds in self._feeds.values() for feed in feeds]

    def _keywords_of(self, network: str) -> tuple[Keyword, ...]:
        return tuple(keyword for keyword, networks in self._keywords if not networks or network in networks)

    async def _understand(self, rows: Sequence[KeywordRow]) -> None:
        """Word forms come out of a dictionary: off the event loop, and only when something has changed."""
        known = [(row.id, row.text, row.territory, tuple(row.networks)) for row in rows]
        if known == self._rows:
            return
        keywords = await asyncio.to_thread(understood, rows, self._forms)
        networks = {row.id: tuple(row.networks) for row in rows}
        self._keywords = [(keyword, networks[keyword.id]) for keyword in keywords]
        self.matcher = await asyncio.to_thread(Matcher, keywords)
        self._rows = known


async def watched_pages(session: AsyncSession) -> dict[str, list[Page]]:
    """Network → the registry's pages that are to be read."""
    rows = await session.scalars(select(Community).where(Community.is_watched).order_by(Community.id))
    pages: defaultdict[str, list[Page]] = defaultdict(list)
    for row in rows:
        pages[row.network].append(
            Page(native_id=row.native_id or "", name=row.name, title=row.title, territory=row.territory)
        )
    return pages
