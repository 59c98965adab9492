"""The official groups of the registry: their numbers, and what may be answered in them."""

import logging
from collections.abc import Iterable
from typing import Final
from zlib import crc32

from collectors.contract import NetworkError, Outcome, Page
from collectors.ok.client import OkClient, broken
from collectors.ok.reading import Row, number, reference
from collectors.text import storable
from models.kinds import ReplyCapability

log = logging.getLogger(__name__)

NETWORK: Final = "ok"
SITE: Final = "https://ok.ru"

# Why an answer cannot be published by the program: FoundPost.reply_reason.
SWITCHED_OFF: Final = "switched_off"
HASHTAG_FIND: Final = "hashtag_find"


class Pages:
    """Every watched group by number. Groups known by a short name are asked for once, at the first need."""

    def __init__(self, pages: Iterable[Page], *, answers: bool) -> None:
        self._answers = answers
        known = list(pages)
        self._of: dict[str, Page] = {page.native_id: page for page in known if page.native_id}
        self._unresolved = [page for page in known if not page.native_id]

    def __len__(self) -> int:
        return len(self._of)

    @property
    def digest(self) -> str:
        """Changes when a group is added or taken away."""
        return f"{len(self._of)}:{crc32(' '.join(sorted(self._of)).encode())}"

    async def resolve(self, client: OkClient) -> None:
        """Ask OK for the numbers of groups the registry knows by name only.

        A name nobody has is logged and left out: one wrong line must not stop all the others.

        Raises:
            NetworkError: OK could not be asked.
        """
        while self._unresolved:
            page = self._unresolved[-1]
            gid = await number_of(client, page.name)
            if gid:
                self._of.setdefault(gid, page)
            else:
                log.warning("ok: there is no group named %s", page.name)
            self._unresolved.pop()

    def of(self, gid: str) -> Page | None:
        return self._of.get(gid)

    def reply(self, gid: str) -> tuple[ReplyCapability, str]:
        """Whether we may answer in this group, and if not, why."""
        if gid not in self._of:
            return ReplyCapability.MANUAL, HASHTAG_FIND
        return (ReplyCapability.API, "") if self._answers else (ReplyCapability.MANUAL, SWITCHED_OFF)


class Account:
    """The user whose token we have: what that user writes in an official group, the group says."""

    def __init__(self, client: OkClient) -> None:
        self._client = client
        self._uid = ""

    async def uid(self) -> str:
        """The user's number.

        Raises:
            NetworkError: OK could not be asked.
        """
        if not self._uid:
            answer = await self._client.call("users.getCurrentUser", {"fields": "uid,name"})
            self._uid = number(answer, "uid")
            if not self._uid:
                raise broken("users.getCurrentUser", "no `uid` in the answer")
        return self._uid


def by_page(row: Row, *, pages: Pages, acting: str) -> bool:
    """Whether an official group wrote this topic or comment, or its administrator whose token we have."""
    kind, identity = reference(row, "author_ref")
    if kind == "group":
        return pages.of(identity) is not None
    return bool(acting) and acting in {identity, number(row, "author_id")}


async def number_of(client: OkClient, name: str) -> str:
    """The number of the group with this short name; "" if there is none.

    Source: https://apiok.ru/dev/methods/rest/url/url.getInfo

    Raises:
        NetworkError: OK could not be asked.
    """
    try:
        answer = await client.ask("url.getInfo", {"url": f"{SITE}/{storable(name)}"})
    except NetworkError as error:
        if error.outcome is Outcome.GONE:
            return ""
        raise
    if not isinstance(answer, dict) or str(answer.get("type", "")).upper() != "GROUP":
        return ""
    return number(answer, "objectIdStr") or number(answer, "objectId")
