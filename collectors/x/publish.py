"""Answers: posts of our own account under the resident's.

Source: https://docs.x.com/x-api/posts/manage-tweets/introduction ; https://docs.x.com/x-api/media/upload-media
Self-serve keys may answer only where the author mentioned or quoted the account (since 2026-02-23): the collector
says so of every post. X has no idempotency key: after an unknown outcome our own posts are read back.
"""

import base64
from datetime import timedelta
from typing import Any, Final

from collectors.contract import Link, NetworkError, Outcome, Photo, Published, Reply
from collectors.text import storable
from collectors.x.accounts import Accounts
from collectors.x.client import XClient, XError
from collectors.x.dialect import POST_PARAMETERS
from collectors.x.links import NATIVE, NETWORK, intent_url, permalink
from collectors.x.oauth1 import Signer
from collectors.x.posts import Answer, Row, answer_of, author_of, first_id, full_text, references
from collectors.x.problems import Trouble
from collectors.x.settings import XSettings
from collectors.x.spending import OWN_READ, POST, POST_WITH_LINK, READ, SUMMONED_REPLY, Spending
from collectors.x.text import cashtags, has_link, measure, same

PHOTOS: Final = 4
LARGEST_PHOTO: Final = 5 * 1024 * 1024  # bytes
READ_BACK_PAGES: Final = 10


class XPublisher:
    """Writes with the account's own keys, reads back with the Bearer token."""

    def __init__(
        self,
        *,
        client: XClient,
        reader: Signer,
        writer: Signer | None,
        accounts: Accounts,
        spending: Spending,
        settings: XSettings,
    ) -> None:
        self._client = client
        self._reader = reader
        self._writer = writer
        self._accounts = accounts
        self._spending = spending
        self._settings = settings

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
        return PHOTOS

    def measure(self, text: str) -> int:
        """X's weights: a link is 23, an emoji 2."""
        return measure(text)

    def objection(self, text: str) -> str:
        """A "link" unless the settings allow links, a second "cashtag"; "" if all is well."""
        if not self._settings.allow_links and has_link(text):
            return "link"
        return "cashtag" if cashtags(text) > 1 else ""

    async def publish(self, reply: Reply) -> Published:
        """Post the answer once.

        Raises:
            NetworkError: see `maybe_done`. BY_HAND: nobody asked the account, or the budget is spent.
        """
        target = _target(reply)
        self._refuse_text(reply)
        if self._writer is None:
            raise NetworkError("x: no keys to answer with", outcome=Outcome.NEVER)
        price = self._price(reply.text)
        if not await self._spending.may_answer(price):
            raise NetworkError(
                f"x: the month's budget is spent; the answer can be published by hand: {intent_url(target)}",
                outcome=Outcome.BY_HAND,
            )
        body: dict[str, Any] = {
            "text": storable(reply.text),
            "reply": {"in_reply_to_tweet_id": target},
        }
        if reply.photos:
            media = [await self._upload(photo, self._writer) for photo in reply.photos]
            body["media"] = {"media_ids": media}
        try:
            answer = await self._client.post("/2/tweets", body, by=self._writer)
        except NetworkError as error:
            if error.maybe_done:
                await self._spending.add(price)
            if isinstance(error, XError) and error.trouble is Trouble.DUPLICATE:
                return await self._standing_already(reply, error)
            raise
        await self._spending.add(price)
        made = answer.get("data")
        native = made.get("id") if isinstance(made, dict) else None
        if not isinstance(native, str) or not NATIVE.fullmatch(native):
            raise _unknown("POST /2/tweets: no id in the answer")
        return self._published(native)

    async def find(self, reply: Reply) -> Published | None:
        """Our post with this text under this very post, else None.

        Raises:
            NetworkError: our own posts could not be read.
        """
        target = _target(reply)
        for row in await self._own_since(target):
            if references(row).get("replied_to") == target and same(full_text(row), reply.text):
                return self._published(first_id(row))
        return None

    async def verify_link(self, link: Link, reply: Reply) -> Published | None:
        """The post a pasted link names, if an official account wrote it as an answer to `reply`'s post.

        Raises:
            NetworkError: it could not be read.
        """
        target = _target(reply)
        answer = await self._read({"ids": link.native_id})
        row = next((row for row in answer.rows if row["id"] == link.native_id), None)
        author = author_of(row, answer) if row is not None else None
        if row is None or author is None or not self._accounts.is_official(author):
            return None
        if target not in {references(row).get("replied_to"), row.get("conversation_id")}:
            return None
        if reply.text and not same(full_text(row), reply.text):
            return None
        return Published(first_id(row), permalink(first_id(row), author.name))

    async def _standing_already(self, reply: Reply, refusal: XError) -> Published:
        """X says these words were published: perhaps under this very post, by a call whose answer was lost.

        Raises:
            NetworkError: REFUSED, they stand elsewhere; LATER and `maybe_done`, they are nowhere to be seen.
        """
        unknown = _unknown(str(refusal).removeprefix("x "))
        try:
            own = await self._own_since("")
        except NetworkError:
            raise unknown from None
        alike = [row for row in own if same(full_text(row), reply.text)]
        for row in alike:
            if references(row).get("replied_to") == reply.post_id:
                return self._published(first_id(row))
        if not alike:
            raise unknown
        elsewhere = permalink(first_id(alike[0]), self._accounts.own_name)
        raise NetworkError(
            f"x: X takes no words a second time, and these stand under {elsewhere}: change a few",
            outcome=Outcome.REFUSED,
        )

    async def _own_since(self, native_id: str) -> list[Row]:
        """Our own posts, newest first: those after the one named, or the newest hundred."""
        await self._accounts.resolve()
        question = {"max_results": "100"} | ({"since_id": native_id} if native_id else {})
        path = f"/2/users/{self._accounts.own_id}/tweets"
        found: list[Row] = []
        for _ in range(READ_BACK_PAGES if native_id else 1):
            answer = await self._read(question, path=path, price=OWN_READ)
            found += answer.rows
            if not answer.next_token or answer.next_token == question.get("pagination_token"):
                break
            question["pagination_token"] = answer.next_token
        return found

    async def _read(self, question: dict[str, str], *, path: str = "/2/tweets", price: int = READ) -> Answer:
        parameters = {**POST_PARAMETERS[self._settings.dialect], **question}
        answer = answer_of(await self._client.get(path, parameters, by=self._reader))
        await self._spending.add(answer.read * price)
        return answer

    async def _upload(self, photo: Photo, writer: Signer) -> str:
        """The media id of one picture; nobody sees it before the post."""
        body = {"media": base64.b64encode(photo.content).decode(), "media_category": "tweet_image"}
        answer = await self._client.post("/2/media/upload", body, by=writer, writes=False)
        made = answer.get("data")
        native = made.get("id") if isinstance(made, dict) else None
        if not isinstance(native, str) or not native:
            raise NetworkError(
                "x POST /2/media/upload: no id in the answer",
                outcome=Outcome.LATER,
                retry_after=timedelta(minutes=1),
            )
        return native

    def _refuse_text(self, reply: Reply) -> None:
        """Raises:
        NetworkError: REFUSED, X would not take it, or for more than the settings allow.
        """
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"x: longer than {self.text_limit} in X's weights", outcome=Outcome.REFUSED)
        if objection := self.objection(reply.text):
            raise NetworkError(f"x: the text is not accepted: {objection}", outcome=Outcome.REFUSED)
        if len(reply.photos) > PHOTOS or any(len(one.content) > LARGEST_PHOTO for one in reply.photos):
            raise NetworkError("x: at most 4 photos of 5 MB", outcome=Outcome.REFUSED)

    def _price(self, text: str) -> int:
        """Micro-dollars. Self-serve keys answer only who summoned them, and that is cheaper."""
        if has_link(text):
            return POST_WITH_LINK
        return SUMMONED_REPLY if self._settings.tier == "self_serve" else POST

    def _published(self, native_id: str) -> Published:
        return Published(native_id, permalink(native_id, self._accounts.own_name))


def _target(reply: Reply) -> str:
    if not NATIVE.fullmatch(reply.post_id):
        raise NetworkError(f"x: {reply.post_id!r} is no post of X", outcome=Outcome.NEVER)
    return reply.post_id


def _unknown(what: str) -> NetworkError:
    return NetworkError(f"x {what}", outcome=Outcome.LATER, retry_after=timedelta(minutes=1), maybe_done=True)
