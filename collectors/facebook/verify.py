"""What can be verified by reading alone: pages, tokens, and answers written by hand.

Source: https://developers.facebook.com/docs/graph-api/reference/page/
"""

from collections.abc import Sequence

from collectors.contract import Check, Link, NetworkError, Outcome, Page, PageFacts, Published, Reply
from collectors.facebook.pages import Pages
from collectors.facebook.posts import COMMENT_FIELDS, POST_FIELDS, comment_address
from collectors.graph import GraphClient, Params
from collectors.graph.answers import Row, child, children, id_of, rows, same
from collectors.text import storable

_PAGE_FIELDS = "id,name,username,link,verification_status,is_verified"
_VERIFIED = frozenset({"blue_verified", "gray_verified"})


class FacebookReadings:
    """Reading calls only."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def look_up(self, page: Page) -> PageFacts:
        """What Facebook tells of a page.

        Raises:
            NetworkError: it could not be asked, or knows no such page (GONE).
        """
        number = await self._pages.number(page)
        row = await self._pages.reader(number).get(number, {"fields": _PAGE_FIELDS})
        can_answer = number in self._pages.tokens
        return PageFacts(
            native_id=id_of(row) or number,
            name=storable(row.get("username")).lower(),
            title=storable(row.get("name")),
            is_verified=_verified(row),
            can_answer=can_answer,
            problem="" if can_answer else "no Page token of this page",
        )

    async def check(self) -> Sequence[Check]:
        """Whether the tokens are alive, whose they are, and what they may read. Never raises."""
        found: list[Check] = []
        for number, client in self._pages.tokens.items():
            found += await self._page(number, client)
        if self._pages.public is not None:
            found.append(await self._permissions(self._pages.public))
        return found

    async def verify_link(self, link: Link, reply: Reply) -> Published | None:
        """Our answer to `reply`, if the link leads to it.

        A post's number must be that of the answered post; the page's name in the link is not looked at,
        because the comment itself tells who wrote it.

        Raises:
            NetworkError: LATER or STOP; NEVER where it cannot be told: the wall is not ours to read.
        """
        root = reply.root_id or reply.post_id
        page, _, post = root.partition("_")
        named = (link.root_id or "").partition("_")[2]
        if page not in self._pages.tokens:
            raise NetworkError("facebook: no token of ours reads this wall", outcome=Outcome.NEVER)
        if link.root_id is None:
            return None
        if named.isdecimal() and named != post:
            return None
        comment = link.native_id
        if not named.isdecimal():  # "pfbid…": the comment's own number is right, the post's is not
            comment = f"{post}_{comment.rpartition('_')[2]}"
        try:
            row = await self._pages.tokens[page].get(comment, {"fields": COMMENT_FIELDS})
        except NetworkError as error:
            if error.outcome in {Outcome.GONE, Outcome.NEVER}:
                return None
            raise
        ours = id_of(child(row, "from")) == page
        if not ours or (reply.text and not same(row.get("message"), reply.text)):
            return None
        native = id_of(row) or comment
        if native.partition("_")[0] != post:
            return None
        return Published(native, comment_address(row, root, native))

    async def _page(self, number: str, client: GraphClient) -> list[Check]:
        subject = f"page {number}"
        try:
            me = await client.get("me", {"fields": "id,name"})
        except NetworkError as error:
            return [Check(subject, "the token was not accepted", str(error))]
        whose = id_of(me)
        if whose != number:
            return [Check(subject, "the token is another's", f"it speaks for {whose or 'nobody'}")]
        found = [Check(subject, f"the token speaks for “{storable(me.get('name'))}”")]
        try:
            read = rows(await client.get(f"{number}/feed", {"fields": POST_FIELDS, "limit": 5}), what=subject)
            found.append(Check(f"{subject}: posts", f"{len(read)} read"))
            if read:
                found.append(await self._comments(subject, id_of(read[0]), client))
        except NetworkError as error:
            found.append(Check(f"{subject}: posts", "cannot be read", str(error)))
        return found

    async def _comments(self, subject: str, post: str, client: GraphClient) -> Check:
        subject = f"{subject}: comments"
        params: Params = {"fields": COMMENT_FIELDS, "filter": "stream", "limit": 5}
        try:
            read = rows(await client.get(f"{post}/comments", params), what=subject)
        except NetworkError as error:
            return Check(subject, "cannot be read", str(error))
        nameless = [row for row in read if not id_of(row)]
        return Check(subject, f"{len(read)} read", "they come without ids" if nameless else "")

    async def _permissions(self, client: GraphClient) -> Check:
        try:
            told = children({"of": await client.get("me/permissions")}, "of")
        except NetworkError as error:
            return Check("public token", "its permissions cannot be read", str(error))
        granted = sorted(storable(row.get("permission")) for row in told if row.get("status") == "granted")
        return Check("public token", ", ".join(granted) or "no permission", "" if granted else "none granted")


def _verified(row: Row) -> bool | None:
    """The mark, in either of the two fields Facebook has for it; None where it tells neither."""
    status, is_verified = row.get("verification_status"), row.get("is_verified")
    if isinstance(status, str):
        return status in _VERIFIED
    return is_verified if isinstance(is_verified, bool) else None
