"""Answers: replies written by the account itself, under its own media and where it was @mentioned.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment/replies
and .../ig-user/mentions. A reply to a reply is hung under the first comment of the thread by Instagram, so the
person is named in the text. Photos are not possible, nor is any correction.
"""

import re
from dataclasses import dataclass
from typing import Final

from collectors.contract import NetworkError, Outcome, Published, Reply
from collectors.graph import Params
from collectors.graph.answers import Row, child, https, id_of, same
from collectors.graph.errors import TRANSIENT
from collectors.graph.paging import everything
from collectors.instagram.accounts import Account, Accounts
from collectors.instagram.posts import (
    NETWORK,
    ONE_COMMENT,
    REPLY_FIELDS,
    ability,
    author_of,
    comment_address,
)
from collectors.text import storable
from models.kinds import ReplyCapability

_ID: Final = re.compile(r"\d+", re.ASCII)
_USERNAME: Final = re.compile(r"[A-Za-z0-9._]{1,30}", re.ASCII)
_INVALID: Final = 100
_MOST_COMMENTS: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: under a comment, or, `comment` being "", under the media itself."""

    media: str
    comment: str = ""

    @property
    def edge(self) -> str:
        return f"{self.comment}/replies" if self.comment else f"{self.media}/comments"


class InstagramPublisher:
    """Writes and reads back with the tokens of the accounts."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._settings = accounts.settings

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        return False

    @property
    def text_limit(self) -> int:
        return self._settings.text_limit

    @property
    def photos_limit(self) -> int:
        return 0

    def measure(self, text: str) -> int:
        return len(storable(text))

    def objection(self, text: str) -> str:
        """Nothing is known beforehand."""
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Write the reply as the account whose media it is, else as the one that was @mentioned.

        Raises:
            NetworkError: see `maybe_done`.
        """
        place = place_of(reply)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(
                f"instagram: longer than {self.text_limit} characters", outcome=Outcome.REFUSED
            )
        for account in self._accounts:
            try:
                return await self._under_own(account, place, reply)
            except NetworkError as error:
                if error.outcome is not Outcome.GONE or error.code is None:
                    raise
        return await self._where_mentioned(place, reply)

    async def find(self, reply: Reply) -> Published | None:
        """Our reply with this text under this very comment or media, else None.

        Under others' media nothing can be read back: there it is None, and a person must look.

        Raises:
            NetworkError: the thread could not be read.
        """
        place = place_of(reply)
        for account in self._accounts:
            try:
                thread = await self.thread(account, place)
            except NetworkError as error:
                if error.outcome is Outcome.GONE:
                    continue
                raise
            name = await account.name()
            wanted = self._worded(reply, nested=thread.nested)
            for row in thread.rows:
                if is_by(row, account, name) and same(row.get("text"), wanted):
                    return thread.published(row)
        return None

    async def thread(self, account: Account, place: Place) -> "Thread":
        """What stands beside an answer of ours.

        Raises:
            NetworkError: it could not be read; GONE where it is not this account's media.
        """
        top, media = "", place.media
        if place.comment:
            comment = await account.client.get(place.comment, {"fields": ONE_COMMENT})
            top = id_of(comment, "parent_id") or place.comment
            permalink = https(child(comment, "media").get("permalink"))
        else:
            permalink = https((await account.client.get(media, {"fields": "id,permalink"})).get("permalink"))
        rows = await everything(
            account.client,
            f"{top}/replies" if top else f"{media}/comments",
            {"fields": REPLY_FIELDS, "limit": _MOST_COMMENTS},
            most_pages=self._settings.most_pages,
        )
        return Thread(rows, top=top, permalink=permalink, nested=bool(top) and top != place.comment)

    async def _under_own(self, account: Account, place: Place, reply: Reply) -> Published:
        """Raises: NetworkError: GONE with a code where the account cannot see the media: it is another's."""
        about = await self._about(account, place)
        parent = id_of(about, "parent_id")
        text = self._worded(reply, nested=bool(parent))
        try:
            answer = await account.client.post(place.edge, {"message": text})
        except NetworkError as error:
            raise _told(error) from None
        native = _written(answer, place.edge)
        permalink = https(child(about, "media").get("permalink") or about.get("permalink"))
        return Published(native, comment_address(permalink, native, top=parent or place.comment))

    async def _about(self, account: Account, place: Place) -> Row:
        """What is answered, read before: whom to name, and whether answers are taken there at all.

        Where that cannot be read just now, the writing call will tell.

        Raises:
            NetworkError: GONE.
        """
        fields = (
            ONE_COMMENT if place.comment else "id,permalink,media_type,media_product_type,is_comment_enabled"
        )
        try:
            row = await account.client.get(place.comment or place.media, {"fields": fields})
        except NetworkError as error:
            if error.outcome is Outcome.GONE:
                raise
            return {}
        able, why = ability(child(row, "media") if place.comment else row)
        if row.get("hidden") is True:
            able, why = ReplyCapability.IMPOSSIBLE, "hidden"
        if able is not ReplyCapability.API:
            raise NetworkError(f"instagram: {place.comment or place.media} is {why}", outcome=Outcome.GONE)
        return row

    async def _where_mentioned(self, place: Place, reply: Reply) -> Published:
        """Raises: NetworkError: GONE where nobody may answer: deleted, closed, or no mention of us."""
        form: Params = {"media_id": place.media, "message": storable(reply.text)}
        if place.comment:
            form = {**form, "comment_id": place.comment}
        gone: NetworkError | None = None
        for account in self._accounts:
            edge = f"{account.id}/mentions"
            try:
                native = _written(await account.client.post(edge, form), edge)
            except NetworkError as error:
                if error.outcome is not Outcome.GONE and error.code != _INVALID:
                    raise
                gone = NetworkError(str(error), outcome=Outcome.GONE, code=error.code)
            else:
                permalink = await self._address(account, place)
                return Published(native, comment_address(permalink, native, top=place.comment))
        raise gone or NetworkError("instagram: no account to answer as", outcome=Outcome.NEVER)

    async def _address(self, account: Account, place: Place) -> str:
        """Where the media stands; "" if it cannot be told: the answer is published all the same."""
        if place.comment:
            field = f"mentioned_comment.comment_id({place.comment}){{id,media{{id,permalink}}}}"
        else:
            field = f"mentioned_media.media_id({place.media}){{id,permalink}}"
        try:
            row = await account.client.get(account.id, {"fields": field})
        except NetworkError:
            return ""
        media = child(row, "mentioned_comment", "media") if place.comment else child(row, "mentioned_media")
        return https(media.get("permalink"))

    def _worded(self, reply: Reply, *, nested: bool) -> str:
        """The text; in a thread it names the person first, if that still fits."""
        text = storable(reply.text)
        named = f"@{reply.author_name} {text}"
        is_name = _USERNAME.fullmatch(reply.author_name) and f"@{reply.author_name}" not in text
        return named if nested and is_name and self.measure(named) <= self.text_limit else text


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments among which an answer stands. `nested`: what is answered is itself a reply."""

    rows: list[Row]
    top: str
    permalink: str
    nested: bool

    def published(self, row: Row) -> Published:
        native = id_of(row)
        return Published(native, comment_address(self.permalink, native, top=self.top))


def place_of(reply: Reply) -> Place:
    """Where the answer goes.

    Raises:
        NetworkError: NEVER, it is nothing of Instagram's.
    """
    place = Place(reply.root_id, reply.post_id) if reply.root_id else Place(reply.post_id)
    if not _ID.fullmatch(place.media) or (place.comment and not _ID.fullmatch(place.comment)):
        raise NetworkError(f"instagram: {reply.post_id!r} is no media of Instagram", outcome=Outcome.NEVER)
    return place


def is_by(row: Row, account: Account, name: str) -> bool:
    """Whether this very account wrote it."""
    author, number = author_of(row)
    return number == account.id or (bool(name) and author.lower() == name)


def _written(answer: Row, edge: str) -> str:
    native = id_of(answer)
    if native:
        return native
    raise NetworkError(
        f"instagram: no id in the answer to POST {edge}",
        outcome=Outcome.LATER,
        retry_after=TRANSIENT.retry_after,
        maybe_done=True,
    )


def _told(error: NetworkError) -> NetworkError:
    """Code 100 for a call that is always the same: it is the words, or the place, that Instagram minds."""
    if error.code != _INVALID or error.outcome is not Outcome.NEVER:
        return error
    return NetworkError(str(error), outcome=Outcome.REFUSED, code=error.code)
