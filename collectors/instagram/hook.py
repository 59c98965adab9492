"""Instagram's webhook: comments under our media, and @mentions of us elsewhere.

Source: https://developers.facebook.com/docs/instagram-platform/webhooks
Meta does not keep mentions: what is not stored when it is delivered is lost.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.graph.answers import Row, child, https, id_of
from collectors.graph.hooks import Door, opened
from collectors.instagram.accounts import Account, Accounts
from collectors.instagram.posts import (
    BY_API,
    MENTIONED_COMMENT,
    MENTIONED_MEDIA,
    ONE_COMMENT,
    ability,
    found_comment,
    found_media,
)
from collectors.pushing import HookAnswer, Pushed
from incidents.incoming import FoundPost

PATH: Final = "/hooks/instagram"


class InstagramHook:
    """Stores who spoke where; what was said is read by the API, which knows it best."""

    def __init__(self, accounts: Accounts, *, app_secret: SecretStr, verify_token: SecretStr) -> None:
        self._accounts = accounts
        self._door = Door(topic="instagram", app_secret=app_secret, verify_token=verify_token, names=_named)

    @property
    def path(self) -> str:
        return PATH

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """Verify over the raw bytes. Never raises."""
        return self._door.receive(method, query, headers, body)

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The comment or the mention an event speaks of; none where it is gone by now or not about us.

        Raises:
            NetworkError: it could not be read now.
        """
        number, change = opened(event)
        account = self._accounts.by_id(number)
        if account is None:
            return ()
        value = child(change, "value")
        try:
            if change.get("field") == "comments":
                found = await self._comment(account, id_of(value))
            elif id_of(value, "comment_id"):
                found = await self._mentioned_comment(account, id_of(value, "comment_id"))
            else:
                found = await self._mentioned_media(account, id_of(value, "media_id"))
        except NetworkError as error:
            if error.outcome is Outcome.GONE:
                return ()
            raise
        return (found,) if found is not None else ()

    async def _comment(self, account: Account, number: str) -> FoundPost | None:
        row = await account.client.get(number, {"fields": ONE_COMMENT})
        media = child(row, "media")
        return found_comment(
            row,
            media=id_of(media),
            permalink=https(media.get("permalink")),
            account=account,
            accounts=self._accounts,
            able=ability(media),
        )

    async def _mentioned_comment(self, account: Account, number: str) -> FoundPost | None:
        """A comment that @mentions us, under whosever media."""
        field = f"mentioned_comment.comment_id({number}){{{MENTIONED_COMMENT}}}"
        row = child(await account.client.get(account.id, {"fields": field}), "mentioned_comment")
        media = child(row, "media")
        return found_comment(
            row,
            media=id_of(media),
            permalink=https(media.get("permalink")),
            account=account,
            accounts=self._accounts,
            able=BY_API,
        )

    async def _mentioned_media(self, account: Account, number: str) -> FoundPost | None:
        """A media whose caption @mentions us."""
        field = f"mentioned_media.media_id({number}){{{MENTIONED_MEDIA}}}"
        row = child(await account.client.get(account.id, {"fields": field}), "mentioned_media")
        return found_media(row, account=account, accounts=self._accounts, able=BY_API)


def _named(change: Row) -> str:
    """What happened to what; "" for what brings no words we could read."""
    value = child(change, "value")
    match change.get("field"):
        case "comments":
            name = id_of(value)
        case "mentions":
            name = id_of(value, "comment_id") or id_of(value, "media_id")
        case _:
            return ""
    return f"{change['field']}:{name}:add" if name.isascii() and name.isdecimal() else ""
