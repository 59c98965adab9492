"""What can be verified by reading alone: the token, the account's keys, the budget; what X tells of one account.

Source: https://docs.x.com/x-api/users/lookup , .../x-api/posts/counts
"""

from collections.abc import Sequence

from collectors.contract import Check, NetworkError, Outcome, Page, PageFacts
from collectors.text import storable
from collectors.x.accounts import NO_TOKEN, Accounts
from collectors.x.client import XClient, broken
from collectors.x.dialect import USER_PARAMETERS
from collectors.x.oauth1 import Signer
from collectors.x.posts import Row
from collectors.x.spending import COUNTED, Spending


class XChecks:
    """Asks; changes nothing. `writer`: None where there are no keys to answer with."""

    def __init__(
        self,
        *,
        client: XClient,
        reader: Signer,
        writer: Signer | None,
        accounts: Accounts,
        spending: Spending,
    ) -> None:
        self._client = client
        self._reader = reader
        self._writer = writer
        self._accounts = accounts
        self._spending = spending

    async def look_up(self, page: Page) -> PageFacts:
        """Number, name, title, verification mark, and whether our keys are this account's.

        Raises:
            NetworkError: X could not be asked; GONE, it knows no such account.
        """
        path = f"/2/users/by/username/{page.name}" if page.name else f"/2/users/{page.native_id}"
        if not (page.name or page.native_id).replace("_", "").isascii() or "/" in page.name + page.native_id:
            raise NetworkError(f"x: no account named {page.name or page.native_id}", outcome=Outcome.GONE)
        user = _user(await self._client.get(path, USER_PARAMETERS, by=self._reader), path)
        name = storable(user.get("username")).lower()
        is_ours = self._writer is not None and name == self._accounts.own_name
        verified = user.get("verified")
        return PageFacts(
            native_id=storable(user.get("id")),
            name=name,
            title=storable(user.get("name")),
            is_verified=verified if isinstance(verified, bool) else None,
            can_answer=is_ours,
            problem="" if is_ours else NO_TOKEN,
        )

    async def check(self) -> Sequence[Check]:
        """One count, which the Bearer token pays for; whose the account's keys are; the budget."""
        return [await self._bearer(), await self._keys(), await self._budget()]

    async def _bearer(self) -> Check:
        question = {"query": "город", "granularity": "day"}
        try:
            await self._spending.may_read()
            answer = await self._client.get("/2/tweets/counts/recent", question, by=self._reader)
        except NetworkError as error:
            return Check("Bearer token", "search does not answer", str(error))
        await self._spending.add(COUNTED)
        meta = answer.get("meta")
        totals = meta if isinstance(meta, dict) else {}
        total = totals.get("total_post_count", totals.get("total_tweet_count", "?"))
        return Check("Bearer token", f"search answers, {total} posts of seven days have «город»")

    async def _keys(self) -> Check:
        subject = f"keys of @{self._accounts.own_name}" if self._accounts.own_name else "keys of the account"
        if self._writer is None:
            return Check(subject, "there are none: answers go by hand", NO_TOKEN)
        try:
            answer = await self._client.get("/2/users/me", USER_PARAMETERS, by=self._writer)
            name = storable(_user(answer, "/2/users/me").get("username")).lower()
        except NetworkError as error:
            return Check(subject, "are not accepted", str(error))
        if name != self._accounts.own_name:
            return Check(subject, f"are those of @{name}", "wrong_account")
        return Check(subject, "are accepted; whether they may write shows only at the first answer")

    async def _budget(self) -> Check:
        told = await self._spending.told()
        try:
            await self._spending.may_read()
        except NetworkError as error:
            return Check("budget", told, str(error))
        return Check("budget", told)


def _user(answer: Row, path: str) -> Row:
    user = answer.get("data")
    if not isinstance(user, dict) or not isinstance(user.get("id"), str):
        raise broken(f"GET {path}: no user")
    return user
