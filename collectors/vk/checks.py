"""What can be verified by reading alone: tokens, walls, the search; and what VK tells of one page.

Source: https://dev.vk.com/ru/method/groups.getById , .../groups.getTokenPermissions
"""

from collections.abc import Mapping, Sequence
from typing import Final

from collectors.contract import Check, NetworkError, Outcome, Page, PageFacts
from collectors.text import storable
from collectors.vk.client import VkClient
from collectors.vk.communities import NO_TOKEN, Communities, native_of, owner_behind, owner_of, rows, whole
from collectors.vk.posts import Row

NO_WALL_RIGHT: Final = "no_wall_right"
RIGHT_WALL: Final = 8192  # the bits of groups.getTokenPermissions
RIGHT_MANAGE: Final = 262_144


class VkChecks:
    """Asks; changes nothing."""

    def __init__(self, *, reader: VkClient, writers: Mapping[int, VkClient], pages: Communities) -> None:
        """`writers`: position of the community in the settings → the client of its token."""
        self._reader = reader
        self._writers = writers
        self._pages = pages

    async def look_up(self, page: Page) -> PageFacts:
        """Number, name, title, verification mark, and whether our token may answer there.

        Raises:
            NetworkError: VK could not be asked; GONE, it knows no such page.
        """
        owner = owner_of(page.native_id)
        if owner is not None and owner > 0:
            return await self._person(owner)
        asked = {"group_ids": page.native_id or page.name, "fields": "verified"}
        try:
            groups = rows(await self._reader.call("groups.getById", asked), "groups")
        except NetworkError as error:
            if error.outcome is not Outcome.NEVER:
                raise
            groups = []  # error 100: «group_ids is invalid»
        number = whole(groups[0], "id") if groups else None
        if number is None:
            person = await owner_behind(self._reader, page.name) if page.name else None
            if person is None or person < 0:
                raise _unknown(page)
            return await self._person(person)
        problem = await self._problem(Page(native_id=str(number), name=page.name))
        return PageFacts(
            native_id=str(number),
            name=storable(groups[0].get("screen_name")).lower(),
            title=storable(groups[0].get("name")),
            is_verified=_mark(groups[0]),
            can_answer=not problem,
            problem=problem,
        )

    async def check(self) -> Sequence[Check]:
        """Each token's rights, one reading of each wall, one search."""
        try:
            await self._pages.resolve(self._reader)
        except NetworkError as error:
            return [Check("service token", "pages could not be looked up", str(error))]
        tokens = [await self._token(position) for position in self._writers]
        walls = [await self._wall(page) for page in self._pages.watched]
        return [*tokens, *walls, await self._search()]

    async def _token(self, position: int) -> Check:
        page = self._pages.with_token(position)
        subject = f"token of {page.title or page.name or native_of(owner_of(page.native_id) or 0)}"
        try:
            mask = await self._rights(position)
        except NetworkError as error:
            return Check(subject, "its rights could not be read", str(error))
        if not mask & RIGHT_WALL:
            return Check(subject, "may not write comments", NO_WALL_RIGHT)
        return Check(subject, "may write" if mask & RIGHT_MANAGE else "may write, may not listen (Long Poll)")

    async def _wall(self, page: Page) -> Check:
        owner = self._pages.known_owner(page)
        known = self._pages.of(owner) if owner is not None else None
        subject = f"wall of {known.title if known is not None else page.name or page.native_id}"
        try:
            owner = self._pages.owner(page)
            answer = await self._reader.call("wall.get", {"owner_id": owner, "count": 1, "filter": "all"})
        except NetworkError as error:
            return Check(subject, "cannot be read", str(error))
        return Check(subject, f"is read, {whole(answer, 'count') or 0} posts")

    async def _search(self) -> Check:
        try:
            answer = await self._reader.call("newsfeed.search", {"q": "город", "count": 1})
        except NetworkError as error:
            return Check("search", "does not answer", str(error))
        return Check("search", f"answers, {whole(answer, 'total_count') or 0} posts of a day have «город»")

    async def _person(self, owner: int) -> PageFacts:
        fields = "verified,screen_name"
        answer = await self._reader.ask("users.get", {"user_ids": owner, "fields": fields})
        person = (
            next((row for row in answer if isinstance(row, dict)), None) if isinstance(answer, list) else None
        )
        if person is None:
            raise _unknown(Page(native_id=native_of(owner)))
        both = (storable(person.get("first_name")), storable(person.get("last_name")))
        return PageFacts(
            native_id=native_of(owner),
            name=storable(person.get("screen_name")).lower(),
            title=" ".join(part for part in both if part),
            is_verified=_mark(person),
            can_answer=False,
            problem=NO_TOKEN,
        )

    async def _problem(self, page: Page) -> str:
        """Why our keys cannot answer as this community; "" if they can."""
        position = self._pages.token_of(page)
        if position is None or position not in self._writers:
            return NO_TOKEN
        try:
            return "" if await self._rights(position) & RIGHT_WALL else NO_WALL_RIGHT
        except NetworkError as error:
            if error.outcome is Outcome.LATER:
                raise
            return str(error)

    async def _rights(self, position: int) -> int:
        return whole(await self._writers[position].call("groups.getTokenPermissions", {}), "mask") or 0


def _mark(row: Row) -> bool | None:
    verified = whole(row, "verified")
    return verified == 1 if verified is not None else None


def _unknown(page: Page) -> NetworkError:
    return NetworkError(f"vk: no community named {page.name or page.native_id}", outcome=Outcome.GONE)
