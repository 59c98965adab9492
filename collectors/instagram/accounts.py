"""The official accounts: who they are, and whose token speaks for which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collectors.contract import Page
from collectors.graph import GraphClient, GraphClients
from collectors.instagram.settings import InstagramSettings
from collectors.text import storable


@dataclass(slots=True)
class Account:
    """An account we have a token of. `username` is "" until it is known."""

    id: str
    username: str
    client: GraphClient

    async def name(self) -> str:
        """Its username, in small letters; Instagram is asked once.

        Raises:
            NetworkError: it could not be asked.
        """
        if not self.username:
            row = await self.client.get(self.id, {"fields": "id,username"})
            self.username = storable(row.get("username")).lower()
        return self.username


class Accounts:
    """The registry's accounts as the last `watch` gave them, and the settings' tokens."""

    def __init__(self, settings: InstagramSettings, clients: GraphClients) -> None:
        self.settings = settings
        self._own = [
            Account(one.id, one.username.removeprefix("@").lower(), clients.client(one.token))
            for one in settings.accounts
            if one.token is not None
        ]
        self._pages: tuple[Page, ...] = ()
        # Media of ours that were seen: what a hashtag brings does not tell its author.
        self.own_media: set[str] = set()

    def watch(self, pages: Sequence[Page]) -> None:
        self._pages = tuple(pages)
        for page in pages:
            account = self.of(page)
            if account is not None and not account.username:
                account.username = page.name.lower()

    def __iter__(self) -> Iterator[Account]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    def of(self, page: Page) -> Account | None:
        """The account of a page of the registry, if we have its token."""
        return next(
            (
                one
                for one in self._own
                if one.id == page.native_id
                or (not page.native_id and one.username and one.username == page.name.lower())
            ),
            None,
        )

    def by_id(self, number: str) -> Account | None:
        return next((one for one in self._own if one.id == number), None)

    def page_of(self, account: Account) -> Page:
        """The registry's page of an account."""
        found = (page for page in self._pages if self.of(page) is account)
        return next(found, Page(account.id, account.username))

    def are_ours(self, *, number: str = "", username: str = "") -> bool:
        """Whether an official account wrote it."""
        name = username.lower()
        if any((number and one.id == number) or (name and one.username == name) for one in self._own):
            return True
        return any(
            (number and page.native_id == number) or (name and page.name.lower() == name)
            for page in self._pages
        )
