"""The official pages: their numbers, titles, and which of them may answer where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from collectors.contract import NetworkError, Outcome
from collectors.vk.client import VkClient
from collectors.vk.settings import CommunitySettings, VkSettings
from collectors.vk.text import storable
from models.kinds import ReplyCapability

# Why an answer cannot be published by the program: FoundPost.reply_reason.
NO_TOKEN = "no_token"  # noqa: S105 - a reason, not a secret
NOT_OUR_WALL = "not_our_wall"
GROUPS_NOT_ALLOWED = "groups_not_allowed"
COMMENTS_CLOSED = "comments_closed"


@dataclass(frozen=True, slots=True)
class Community:
    id: int
    title: str
    can_publish: bool
    territory: str = ""


class Communities:
    """Every official page of the settings, by number; names are asked of VK once, at the first need."""

    def __init__(self, settings: VkSettings) -> None:
        self._answer_elsewhere_as = settings.answer_elsewhere_as
        self._of: dict[int, Community] = {}
        self._ids: dict[str, int] = {}
        self._unresolved = [page for page in settings.communities if page.id is None or not page.title]
        for page in settings.communities:
            if page.id is not None:
                self._learn(page, page.id, page.title or page.name or f"club{page.id}")

    async def resolve(self, client: VkClient) -> None:
        """Ask VK for numbers and titles the settings do not give.

        Raises:
            NetworkError: VK could not be asked, or knows no such page (STOP: the settings are wrong).
        """
        if not self._unresolved:
            return
        asked = ",".join(str(page.id or page.name) for page in self._unresolved)
        found = rows(await client.call("groups.getById", {"group_ids": asked}), "groups")
        by_key: dict[object, Mapping[str, object]] = {}
        for group in found:
            by_key[group.get("id")] = group
            by_key[str(group.get("screen_name", "")).lower()] = group
        for page in self._unresolved:
            group = by_key.get(page.id or page.name, {})
            number = page.id or whole(group, "id")
            if number is None:
                raise NetworkError(f"vk: no community named {page.name}", outcome=Outcome.STOP)
            self._learn(page, number, page.title or storable(group.get("name")) or page.name)
        self._unresolved = []

    def number(self, page: CommunitySettings) -> int:
        """The community's number; of a page known by name only after `resolve`."""
        return page.id if page.id is not None else self._ids[page.name]

    def of(self, owner_id: int) -> Community | None:
        """The official page with this owner id (negative), if it is one."""
        return self._of.get(-owner_id)

    def answering(self, owner_id: int) -> Community | None:
        """Who publishes on this wall: the page itself, elsewhere the one the settings name."""
        who = self._of.get(-owner_id) or self._of.get(self._answer_elsewhere_as)
        return who if who is not None and who.can_publish else None

    def reply(self, owner_id: int, rights: Mapping[str, object]) -> tuple[ReplyCapability, str]:
        """Whether we may answer on this wall, and if not, why.

        `rights` holds `can_post` and `groups_can_post`. Read by a service token, `can_post` speaks of
        nobody in particular, so comments count as closed only when both say no.
        """
        groups = rights.get("groups_can_post")
        if groups is False and not rights.get("can_post", 1):
            return ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
        ours = self.of(owner_id) is not None
        if self.answering(owner_id) is None:
            return ReplyCapability.MANUAL, NO_TOKEN if ours else NOT_OUR_WALL
        if not ours and not groups:
            return ReplyCapability.MANUAL, GROUPS_NOT_ALLOWED
        return ReplyCapability.API, ""

    def _learn(self, page: CommunitySettings, number: int, title: str) -> None:
        self._of[number] = Community(
            number, title, can_publish=page.community_token is not None, territory=page.territory
        )
        if page.name:
            self._ids[page.name] = number


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
