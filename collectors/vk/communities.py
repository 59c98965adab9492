"""The official pages: their numbers, titles, and which of them may answer where."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from collectors.contract import NetworkError, Outcome, Page
from collectors.text import storable
from collectors.vk.client import VkClient
from collectors.vk.settings import VkSettings
from models.kinds import ReplyCapability

# Why an answer cannot be published by the program: FoundPost.reply_reason.
NO_TOKEN = "no_token"  # noqa: S105 - a reason, not a secret
NOT_OUR_WALL = "not_our_wall"
GROUPS_NOT_ALLOWED = "groups_not_allowed"
COMMENTS_CLOSED = "comments_closed"

_ASKED_AT_ONCE: Final = 500  # https://dev.vk.com/ru/method/groups.getById
_PERSON: Final = re.compile(r"id(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Community:
    """An official page. `owner_id` is negative, or positive where it is a leader's own profile.

    `token`: position in the settings of the community whose token speaks for it.
    """

    owner_id: int
    title: str
    token: int | None = None
    territory: str = ""

    @property
    def id(self) -> int:
        return -self.owner_id


class Communities:
    """Every official page, by owner: those of the registry, and those the settings hold a token of.

    `watch` says which are in the registry now. Numbers and titles nobody has told us are asked of VK once.
    """

    def __init__(self, settings: VkSettings) -> None:
        self._answer_elsewhere_as = settings.answer_elsewhere_as
        self._ours = tuple((one.page, one.community_token is not None) for one in settings.communities)
        self._watched: tuple[Page, ...] = ()
        self._of: dict[int, Community] = {}
        self._owners: dict[str, int | None] = {}  # short address → owner; None: nobody has it
        self._titles: dict[int, str] = {}  # as VK told them
        self._given: dict[int, str] = {}  # as people wrote them
        self._is_complete = False
        self._asking = asyncio.Lock()
        self._arrange()

    @property
    def watched(self) -> tuple[Page, ...]:
        return self._watched

    def watch(self, pages: Sequence[Page]) -> None:
        """Take over the registry. Names nobody had are asked for again."""
        self._watched = tuple(pages)
        self._owners = {name: owner for name, owner in self._owners.items() if owner is not None}
        self._is_complete = False
        self._arrange()

    async def resolve(self, client: VkClient) -> None:
        """Ask VK for the numbers and titles nobody has told us; a name nobody has stops its own wall alone.

        Raises:
            NetworkError: VK could not be asked.
        """
        if self._is_complete:
            return
        async with self._asking:
            while missing := list(dict.fromkeys(self._missing()))[:_ASKED_AT_ONCE]:
                await self._ask(client, missing)
                self._arrange()
            self._is_complete = True

    def owner(self, page: Page) -> int:
        """The page's owner id; of a page known by name only after `resolve`.

        Raises:
            NetworkError: STOP, there is no such page.
        """
        found = self.known_owner(page)
        if found is None:
            raise NetworkError(f"vk: no community named {page.name or page.native_id}", outcome=Outcome.STOP)
        return found

    def of(self, owner_id: int) -> Community | None:
        """The official page with this owner id, if it is one."""
        return self._of.get(owner_id)

    def answering(self, owner_id: int) -> Community | None:
        """Who publishes on this wall: the page itself, elsewhere the one the settings name."""
        who = self._of.get(owner_id) if owner_id < 0 else None
        who = who or self._of.get(-self._answer_elsewhere_as)
        return who if who is not None and who.token is not None else None

    def reply(self, owner_id: int, rights: Mapping[str, object]) -> tuple[ReplyCapability, str]:
        """Whether we may answer on this wall, and if not, why.

        `rights` holds `can_post` and `groups_can_post`. Read by a service token, `can_post` speaks of
        nobody in particular, so comments count as closed only when both say no.
        """
        groups = rights.get("groups_can_post")
        if groups is False and not rights.get("can_post", 1):
            return ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
        ours = owner_id < 0 and owner_id in self._of
        if self.answering(owner_id) is None:
            return ReplyCapability.MANUAL, NO_TOKEN if ours else NOT_OUR_WALL
        if not ours and not groups:
            return ReplyCapability.MANUAL, GROUPS_NOT_ALLOWED
        return ReplyCapability.API, ""

    def token_of(self, page: Page) -> int | None:
        """Position in the settings of the page's token, as far as it is known without asking VK."""
        return next(
            (at for at, (ours, has) in enumerate(self._ours) if has and self._alike(ours, page)), None
        )

    def with_token(self, position: int) -> Page:
        """The community at this position of the settings."""
        return self._ours[position][0]

    def _alike(self, one: Page, other: Page) -> bool:
        owner = self.known_owner(one)
        same_owner = owner is not None and owner == self.known_owner(other)
        return same_owner or (bool(one.name) and one.name == other.name.lower())

    def known_owner(self, page: Page) -> int | None:
        return owner_of(page.native_id) or self._owners.get(page.name.lower())

    def _missing(self) -> Iterator[str]:
        """What VK must be asked for: numbers and short addresses."""
        for page in self._everything():
            owner = self.known_owner(page)
            if owner is None and page.name and page.name.lower() not in self._owners:
                yield page.name.lower()
            elif owner is not None and owner < 0 and not self._title(owner):
                yield str(-owner)

    async def _ask(self, client: VkClient, keys: Sequence[str]) -> None:
        try:
            found = rows(
                await client.call("groups.getById", {"group_ids": ",".join(keys), "fields": "verified"}),
                "groups",
            )
        except NetworkError as error:
            if error.outcome not in {Outcome.NEVER, Outcome.GONE}:
                raise
            if len(keys) > 1:  # one wrong name must not hide the others
                half = len(keys) // 2
                await self._ask(client, keys[:half])
                await self._ask(client, keys[half:])
                return
            found = []
        for group in found:
            number = whole(group, "id")
            if number is not None:
                self._titles[-number] = storable(group.get("name")) or f"club{number}"
                self._owners[str(group.get("screen_name", "")).lower()] = -number
        for key in keys:
            if key.isdecimal():
                self._titles.setdefault(-int(key), f"club{key}")
            elif key not in self._owners:
                self._owners[key] = await owner_behind(client, key)

    def _arrange(self) -> None:
        self._of, self._given = {}, {}
        for at, (page, has_token) in enumerate(self._ours):
            self._learn(page, token=at if has_token else None)
        for page in self._watched:
            self._learn(page, token=None)

    def _learn(self, page: Page, *, token: int | None) -> None:
        owner = self.known_owner(page)
        if owner is None:
            return
        if page.title:
            self._given[owner] = page.title
        known = self._of.get(owner)
        self._of[owner] = Community(
            owner,
            self._title(owner) or page.name or native_of(owner),
            token=known.token if known is not None and known.token is not None else token,
            territory=page.territory or (known.territory if known is not None else ""),
        )

    def _title(self, owner: int) -> str:
        return self._given.get(owner) or self._titles.get(owner, "")

    def _everything(self) -> Iterator[Page]:
        yield from (page for page, _ in self._ours)
        yield from self._watched


def owner_of(native_id: str) -> int | None:
    """The owner id of community "1" is -1, of a person's own page "id7" it is 7; None: it is neither."""
    if person := _PERSON.fullmatch(native_id):
        return int(person[1])
    number = native_id.removeprefix("-")
    return -int(number) if number.isascii() and number.isdecimal() and int(number) > 0 else None


def native_of(owner_id: int) -> str:
    """What the registry calls the page with this owner id."""
    return str(-owner_id) if owner_id < 0 else f"id{owner_id}"


async def owner_behind(client: VkClient, name: str) -> int | None:
    """The owner behind a short address no community has; None: nobody.

    Source: https://dev.vk.com/ru/method/utils.resolveScreenName
    """
    answer = await client.ask("utils.resolveScreenName", {"screen_name": name})
    if not isinstance(answer, dict):
        return None
    number = whole(answer, "object_id")
    if number is None:
        return None
    return {"user": number, "group": -number, "page": -number}.get(str(answer.get("type")))


def rows(answer: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    """The objects of one list of VK's answer.

    Raises:
        NetworkError: there is no list: the answer is broken, and the cursor must not move.
    """
    found = answer.get(key)
    if not isinstance(found, list):
        raise NetworkError(
            f"vk: no list `{key}` in the answer", outcome=Outcome.LATER, retry_after=timedelta(minutes=1)
        )
    return [row for row in found if isinstance(row, dict)]


def whole(row: Mapping[str, object], key: str) -> int | None:
    """A whole number of VK's answer; None where there is none."""
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
