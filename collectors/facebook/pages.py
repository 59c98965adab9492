"""The official pages: who they are, and whose token speaks for which."""

from collections.abc import Sequence
from urllib.parse import quote

from collectors.contract import NetworkError, Outcome, Page
from collectors.facebook.settings import FacebookSettings
from collectors.graph import GraphClient, GraphClients
from collectors.graph.answers import id_of
from collectors.graph.errors import TRANSIENT


class Pages:
    """The registry's pages as the last `watch` gave them, and the settings' tokens."""

    def __init__(self, settings: FacebookSettings, clients: GraphClients) -> None:
        self.settings = settings
        self._own: dict[str, GraphClient] = {
            page.id: clients.client(page.page_token)
            for page in settings.communities
            if page.page_token is not None
        }
        self._public = clients.client(settings.public_token) if settings.public_token is not None else None
        self._of: dict[str, Page] = {}
        self._ids: dict[str, str] = {}

    def watch(self, pages: Sequence[Page]) -> None:
        self._of = {page.native_id: page for page in pages if page.native_id}
        self._of |= {self._ids[page.name]: page for page in pages if page.name in self._ids}

    @property
    def tokens(self) -> dict[str, GraphClient]:
        """The number of a page → the client of its own token."""
        return self._own

    @property
    def public(self) -> GraphClient | None:
        return self._public

    def of(self, page_id: str) -> Page | None:
        """The registry's page with this number."""
        return self._of.get(page_id)

    def are_ours(self, author_id: str) -> bool:
        return author_id in self._of or author_id in self._own

    def reader(self, page_id: str) -> GraphClient:
        """Who reads this page.

        Raises:
            NetworkError: STOP, no token does.
        """
        client = self._own.get(page_id) or self._public
        if client is None:
            raise NetworkError(
                f"facebook: page {page_id} needs its Page token, or public_token", outcome=Outcome.STOP
            )
        return client

    def writer(self, page_id: str) -> GraphClient:
        """Who answers as this page.

        Raises:
            NetworkError: NEVER, we have no token of it.
        """
        client = self._own.get(page_id)
        if client is None:
            raise NetworkError(f"facebook: no Page token of page {page_id}", outcome=Outcome.NEVER)
        return client

    async def number(self, page: Page) -> str:
        """The page's number; of one known by its name only, Facebook is asked once.

        Raises:
            NetworkError: Facebook could not be asked, or knows no such page.
        """
        known = page.native_id or self._ids.get(page.name, "")
        if known:
            return known
        client = self._public or next(iter(self._own.values()), None)
        if client is None:
            raise NetworkError(f"facebook: page {page.name} needs its number", outcome=Outcome.STOP)
        number = id_of(await client.get(quote(page.name, safe=""), {"fields": "id"}))
        if not number:
            raise NetworkError(
                f"facebook: no number of the page {page.name} in the answer",
                outcome=Outcome.LATER,
                retry_after=TRANSIENT.retry_after,
            )
        self._ids[page.name] = number
        self._of.setdefault(number, page)
        return number
