"""What can be verified by reading alone: accounts, tokens, and answers written by hand.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user
"""

from collections.abc import Sequence

from collectors.contract import Check, Link, NetworkError, Outcome, Page, PageFacts, Published, Reply
from collectors.graph import Params
from collectors.graph.answers import Row, id_of, rows, same
from collectors.instagram.accounts import Account, Accounts
from collectors.instagram.posts import COMMENT_FIELDS, MEDIA_FIELDS
from collectors.instagram.publish import InstagramPublisher, Place, is_by, place_of
from collectors.text import storable

_LEGACY = "legacy_instagram_comment_id"


class InstagramReadings:
    """Reading calls only."""

    def __init__(self, accounts: Accounts, publisher: InstagramPublisher) -> None:
        self._accounts = accounts
        self._publisher = publisher

    async def look_up(self, page: Page) -> PageFacts:
        """What Instagram tells of an account; of one without a token of ours, nothing.

        Raises:
            NetworkError: it could not be asked.
        """
        account = self._accounts.of(page)
        if account is None and page.name:
            for one in self._accounts:
                if await one.name() == page.name.lower():
                    account = one
        if account is None:
            return PageFacts(page.native_id, page.name, can_answer=False, problem="no token of this account")
        row = await account.client.get(account.id, {"fields": "id,username,name"})
        return PageFacts(
            native_id=account.id,
            name=storable(row.get("username")).lower(),
            title=storable(row.get("name")),
            can_answer=True,
        )

    async def check(self) -> Sequence[Check]:
        """Whether the tokens are alive, whose they are, and what they may read. Never raises."""
        return [check for account in self._accounts for check in await self._account(account)]

    async def verify_link(self, link: Link, reply: Reply) -> Published | None:
        """Our answer to `reply`, if the link leads to it: told by its number, else by its words.

        Raises:
            NetworkError: LATER or STOP; NEVER where it cannot be told: no account of ours may read the media.
        """
        place = place_of(reply)
        refused = 0
        for account in self._accounts:
            try:
                found = await self._linked(account, place, link, reply)
            except NetworkError as error:
                if error.outcome not in {Outcome.GONE, Outcome.NEVER}:
                    raise
                refused += 1
            else:
                if found is not None:
                    return found
        if refused == len(self._accounts):
            raise NetworkError("instagram: no account of ours may read this media", outcome=Outcome.NEVER)
        return None

    async def _linked(self, account: Account, place: Place, link: Link, reply: Reply) -> Published | None:
        media = await account.client.get(place.media, {"fields": "id,shortcode"})
        if media.get("shortcode") != (link.root_id or link.native_id):
            return None
        thread = await self._publisher.thread(account, place)
        name = await account.name()
        for row in thread.rows:
            if is_by(row, account, name) and await self._is_meant(account, row, link, reply):
                return thread.published(row)
        return None

    async def _is_meant(self, account: Account, row: Row, link: Link, reply: Reply) -> bool:
        """Whether this comment of ours is the one the link names and the words are the answer's."""
        words_agree = not reply.text or storable(row.get("text")).endswith(reply.text.strip())
        if link.root_id is None:
            return bool(reply.text) and same(row.get("text"), reply.text)
        if id_of(row) == link.native_id:
            return words_agree
        older = await account.client.get(id_of(row), {"fields": f"id,{_LEGACY}"})
        return words_agree and id_of(older, _LEGACY) == link.native_id

    async def _account(self, account: Account) -> list[Check]:
        subject = f"account {account.id}"
        try:
            me = await account.client.get(account.id, {"fields": "id,username"})
            found = [Check(subject, f"the token speaks for @{storable(me.get('username'))}")]
        except NetworkError as error:
            return [Check(subject, "the token was not accepted", str(error))]
        try:
            params: Params = {"fields": MEDIA_FIELDS, "limit": 5}
            media = rows(await account.client.get(f"{account.id}/media", params), what=subject)
            found.append(Check(f"{subject}: media", f"{len(media)} read"))
            if media:
                found.append(await self._comments(subject, id_of(media[0]), account))
        except NetworkError as error:
            found.append(Check(f"{subject}: media", "cannot be read", str(error)))
        found.append(await self._hashtags(subject, account))
        return found

    async def _comments(self, subject: str, media: str, account: Account) -> Check:
        subject = f"{subject}: comments"
        try:
            params: Params = {"fields": COMMENT_FIELDS, "limit": 5}
            read = rows(await account.client.get(f"{media}/comments", params), what=subject)
        except NetworkError as error:
            return Check(subject, "cannot be read", str(error))
        return Check(subject, f"{len(read)} read")

    async def _hashtags(self, subject: str, account: Account) -> Check:
        subject = f"{subject}: hashtags"
        try:
            path = f"{account.id}/recently_searched_hashtags"
            used = rows(await account.client.get(path, {"fields": "id", "limit": 30}), what=subject)
        except NetworkError as error:
            return Check(subject, "cannot be searched", str(error))
        return Check(subject, f"{len(used)} of 30 searched in 7 days")
