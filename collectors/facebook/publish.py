"""Answers: comments written by the page itself.

Source: https://developers.facebook.com/docs/graph-api/reference/object/comments/#publishing
A comment carries one photo at most, as form data in `source`.
"""

import re
from dataclasses import dataclass
from typing import Final

from collectors.contract import NetworkError, Outcome, Published, Reply
from collectors.facebook.pages import Pages
from collectors.facebook.posts import COMMENT_FIELDS, NETWORK, SUMMARY, comment_address, wall_of
from collectors.graph import GraphClient, Params
from collectors.graph.answers import Row, child, id_of, moment, same
from collectors.graph.errors import TRANSIENT
from collectors.graph.paging import everything
from collectors.text import storable

_POST: Final = re.compile(r"\d+_\d+", re.ASCII)
_COMMENT: Final = re.compile(r"\d+(?:_\d+)*", re.ASCII)
_INVALID: Final = 100
PHOTOS: Final = 1


@dataclass(frozen=True, slots=True)
class Target:
    """`comment` is None when the post itself is answered."""

    page: str
    post: str
    comment: str | None

    @property
    def id(self) -> str:
        return self.comment or self.post


class FacebookPublisher:
    """Writes and reads back with the tokens of the pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._settings = pages.settings

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        """Facebook has no key; it refuses a duplicate now and then (506), on which nobody may rely."""
        return False

    @property
    def text_limit(self) -> int:
        return self._settings.text_limit

    @property
    def photos_limit(self) -> int:
        return PHOTOS

    def measure(self, text: str) -> int:
        return len(storable(text))

    def objection(self, text: str) -> str:
        """Nothing is known beforehand: a link Facebook dislikes is refused when it is posted (1609005)."""
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Write the comment.

        Raises:
            NetworkError: see `maybe_done`.
        """
        target = target_of(reply)
        client = self._pages.writer(target.page)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"facebook: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        photo = reply.photos[0] if reply.photos else None
        try:
            answer = await client.post(
                f"{target.id}/comments", {"message": storable(reply.text)}, photo=photo
            )
        except NetworkError as error:
            if error.code != _INVALID or error.outcome is not Outcome.NEVER:
                raise
            raise await self._explained(client, target, error) from None
        native = id_of(answer)
        if not native:
            raise NetworkError(
                f"facebook: no id in the answer to POST {target.id}/comments",
                outcome=Outcome.LATER,
                retry_after=TRANSIENT.retry_after,
                maybe_done=True,
            )
        return Published(native, comment_address({}, target.post, native))

    async def find(self, reply: Reply) -> Published | None:
        """Our comment with this text under this very post or comment, else None.

        In a thread Facebook does not tell which reply a reply answers: there the same words of ours, written
        after the asking, count.

        Raises:
            NetworkError: the thread could not be read.
        """
        target = target_of(reply)
        rows = await self._thread(self._pages.writer(target.page), target)
        by_id = {id_of(row): row for row in rows}
        asked = by_id.get(target.comment or "", {})
        above = [target.comment or ""]
        if target.comment and id_of(child(asked, "parent")):
            above.append(id_of(child(asked, "parent")))  # where a reply to a reply is hung
        since = moment(asked, "created_time")
        for parent in above:
            for row in rows:
                at = moment(row, "created_time")
                ours = id_of(child(row, "from")) == target.page and same(row.get("message"), reply.text)
                too_old = since is not None and at is not None and at < since
                if ours and id_of(child(row, "parent")) == parent and not too_old:
                    return Published(id_of(row), comment_address(row, target.post, id_of(row)))
        return None

    async def edit(self, reply: Reply, *, native_id: str) -> None:
        """Put other words in place of an answer of ours; its photo stays.

        Source: https://developers.facebook.com/docs/graph-api/reference/comment/#updating

        Raises:
            NetworkError: see `maybe_done`.
        """
        page = target_of(reply).page
        if not _COMMENT.fullmatch(native_id):
            raise NetworkError(f"facebook: {native_id!r} is no comment", outcome=Outcome.NEVER)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"facebook: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        await self._pages.writer(page).post(native_id, {"message": storable(reply.text)})

    async def _thread(self, client: GraphClient, target: Target) -> list[Row]:
        params: Params = {
            "fields": COMMENT_FIELDS,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": self._settings.comments_per_page,
        }
        return await everything(
            client, f"{target.post}/comments", params, most_pages=self._settings.most_pages
        )

    async def _explained(self, client: GraphClient, target: Target, error: NetworkError) -> NetworkError:
        """Code 100 says little: whether nobody may comment there any more, what is answered tells."""
        fields = f"id,{SUMMARY}" if target.comment is None else "id,can_comment,is_hidden"
        try:
            row = await client.get(target.id, {"fields": fields})
        except NetworkError as other:
            return other if other.outcome is Outcome.GONE else error
        about = child(row, "comments", "summary") if target.comment is None else row
        closed = about.get("can_comment") is False or about.get("is_hidden") is True
        return NetworkError(str(error), outcome=Outcome.GONE if closed else Outcome.REFUSED, code=error.code)


def target_of(reply: Reply) -> Target:
    """What is to be answered.

    Raises:
        NetworkError: NEVER, it is nothing of Facebook's.
    """
    post = reply.root_id or reply.post_id
    comment = reply.post_id if reply.root_id else None
    if not _POST.fullmatch(post) or (comment is not None and not _COMMENT.fullmatch(comment)):
        raise NetworkError(f"facebook: {reply.post_id!r} is no post of Facebook", outcome=Outcome.NEVER)
    return Target(page=wall_of(post), post=post, comment=comment)
