"""The official accounts: the one whose keys we have, and those that are only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collectors.contract import Page
from collectors.x.client import XClient, broken
from collectors.x.dialect import USER_PARAMETERS
from collectors.x.oauth1 import Signer

# Why an answer cannot be published by the program: FoundPost.reply_reason.
NO_TOKEN: Final = "no_token"  # noqa: S105 - a reason, not a secret
NOT_SUMMONED: Final = "not_summoned"
COMMENTS_CLOSED: Final = "comments_closed"
BUDGET: Final = "budget"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever writes: X's number, and the name after @ in small letters ("" unknown)."""

    id: str
    name: str = ""


class Accounts:
    """Every official account, by number and by name. `own_name`: "" where we have no keys to answer with."""

    def __init__(self, *, own_name: str, client: XClient, reader: Signer) -> None:
        self.own_name = own_name
        self.own_id = ""
        self._client = client
        self._reader = reader
        self._by_id: dict[str, Page] = {}
        self._by_name: dict[str, Page] = {}

    def watch(self, pages: Sequence[Page]) -> None:
        """The registry's pages take the place of those before."""
        self._by_id = {page.native_id: page for page in pages if page.native_id}
        self._by_name = {page.name.lower(): page for page in pages if page.name}
        known = self._by_name.get(self.own_name)
        if known is not None and known.native_id and self.own_name:
            self.own_id = known.native_id

    async def resolve(self) -> None:
        """Ask X once for our own account's number.

        Raises:
            NetworkError: X could not be asked, or knows no such account.
        """
        if not self.own_name or self.own_id:
            return
        path = f"/2/users/by/username/{self.own_name}"
        answer = await self._client.get(path, USER_PARAMETERS, by=self._reader)
        found = answer.get("data")
        number = found.get("id") if isinstance(found, dict) else None
        if not isinstance(number, str) or not number:
            raise broken(f"GET {path}: no id")
        self.own_id = number

    def page_of(self, person: Person) -> Page | None:
        """The registry's page this person is."""
        return self._by_id.get(person.id) or self._by_name.get(person.name)

    def is_own(self, person: Person) -> bool:
        """Whether it is the account that answers."""
        if not self.own_name:
            return False
        return person.name == self.own_name or bool(self.own_id and person.id == self.own_id)

    def is_official(self, person: Person) -> bool:
        return self.is_own(person) or self.page_of(person) is not None
