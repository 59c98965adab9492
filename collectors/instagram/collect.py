"""One account's own media with the comments under them, and media of others that tag the account.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
Polling: each minute the newest media; comments of a media whose number of comments is another one; each hour
everything of the last days again, because Instagram does not tell that a comment was hidden or edited.
Answers: published by the account itself, see publish.py.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from collectors.graph import Params
from collectors.graph.answers import Row, child, children, id_of, moment, whole
from collectors.graph.feed import Listed, Pending
from collectors.graph.paging import everything, next_after, pages
from collectors.instagram.accounts import Account, Accounts
from collectors.instagram.posts import (
    BY_API,
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    NETWORK,
    PHOTO_TAG,
    REPLY_FIELDS,
    TAGGED_FIELDS,
    Ability,
    ability,
    found_comment,
    found_media,
)
from collectors.text import storable
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

OWN: Final = "media"
TAGGED: Final = "tags"
MOST_COMMENTS: Final = 50  # on one page, whatever is asked for


class AccountSource:
    """One list of one account: `edge` is "media" or "tags"."""

    def __init__(self, account: Account, edge: str, accounts: Accounts) -> None:
        self._account = account
        self._edge = edge
        self._accounts = accounts
        self._settings = accounts.settings

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def feed(self) -> str:
        return f"{NETWORK}:{self._edge}:{self._account.id}"

    @property
    def every(self) -> timedelta:
        settings = self._settings
        ours = self._edge == OWN
        return timedelta(seconds=settings.every_seconds if ours else settings.tagged_every_seconds)

    async def pages(self) -> AsyncGenerator[Sequence[Listed], None]:
        fields = MEDIA_FIELDS if self._edge == OWN else TAGGED_FIELDS
        params: Params = {"fields": fields, "limit": self._settings.posts_per_page}
        found = pages(
            self._account.client,
            f"{self._account.id}/{self._edge}",
            params,
            most_pages=self._settings.most_pages,
        )
        async with aclosing(found):
            async for page in found:
                made = (self._listed(row) for row in page)
                yield [row for row in made if row is not None]

    async def comments(self, pending: Pending, *, after: int) -> Sequence[FoundPost]:
        """The comments and the replies to them, newest comment first.

        Raises:
            NetworkError: they could not be read.
        """
        found: list[FoundPost] = []
        params: Params = {
            "fields": COMMENT_FIELDS,
            "limit": min(self._settings.comments_per_page, MOST_COMMENTS),
        }
        listed = pages(
            self._account.client, f"{pending.id}/comments", params, most_pages=self._settings.most_pages
        )
        async with aclosing(listed):
            async for page in listed:
                for row in page:
                    replies = await self._replies(row)
                    found += self._found(row, replies, pending)
        return [comment for comment in found if comment.posted_at.timestamp() >= after]

    async def _replies(self, row: Row) -> list[Row]:
        """Those that came with the comment; where there are more of them, all."""
        nested = child(row, "replies")
        if not next_after(nested):
            return children(row, "replies")
        return await everything(
            self._account.client,
            f"{id_of(row)}/replies",
            {"fields": REPLY_FIELDS, "limit": MOST_COMMENTS},
            most_pages=self._settings.most_pages,
        )

    def _found(self, row: Row, replies: Sequence[Row], pending: Pending) -> list[FoundPost]:
        top = id_of(row)
        made = [self._comment(row, pending), *(self._comment(reply, pending, top=top) for reply in replies)]
        return [comment for comment in made if comment is not None]

    def _comment(self, row: Row, pending: Pending, *, top: str = "") -> FoundPost | None:
        able: Ability = BY_API
        if "able" in pending.about:
            able = (ReplyCapability(pending.about["able"]), pending.about.get("why", ""))
        return found_comment(
            row,
            media=pending.id,
            permalink=pending.about.get("permalink", ""),
            account=self._account,
            accounts=self._accounts,
            able=able,
            top=top,
        )

    def _listed(self, row: Row) -> Listed | None:
        posted, native = moment(row, "timestamp"), id_of(row)
        if posted is None or not native:
            return None
        seconds = int(posted.timestamp())
        if self._edge == TAGGED:
            able: Ability = (ReplyCapability.MANUAL, PHOTO_TAG)
            sign = ""
        else:
            able = ability(row)
            sign = _sign(row)
            self._accounts.own_media.add(native)
            self._account.username = self._account.username or storable(row.get("username")).lower()
        return Listed(
            id=native,
            posted=seconds,
            changed=seconds,
            sign=sign,
            found=found_media(row, account=self._account, accounts=self._accounts, able=able),
            about={"permalink": storable(row.get("permalink")), "able": able[0], "why": able[1]},
        )


def _sign(row: Row) -> str:
    """What is another one when there is a comment more, or when comments are closed; "" when there are none."""
    count = whole(row, "comments_count")
    return "" if count == 0 else f"{count}:{row.get('is_comment_enabled')}"
