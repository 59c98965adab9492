"""Events of the Callback API and of Bots Long Poll, both in one form, made into `FoundPost`.

Source: https://dev.vk.com/ru/api/community-events/json-schema
Deletions are not told on: a stored post stays as evidence. Edited posts have no event: polling finds them.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collectors.contract import NetworkError
from collectors.vk.client import VkClient
from collectors.vk.communities import Communities, whole
from collectors.vk.posts import Row, found_comment, found_post, names
from incidents.incoming import FoundPost

log = logging.getLogger(__name__)

POST: Final = "wall_post_new"
COMMENTS: Final = ("wall_reply_new", "wall_reply_edit", "wall_reply_restore")
WANTED: Final = (POST, *COMMENTS)
_NAMED_AT_ONCE: Final = 500


class Events:
    """Knows whose wall an event speaks of, and asks VK once for all the names it does not bring."""

    def __init__(self, *, reader: VkClient, pages: Communities) -> None:
        self._reader = reader
        self._pages = pages

    async def posts(self, events: Sequence[Row]) -> list[FoundPost]:
        """What the events bring, oldest first; those about anything else bring nothing.

        Raises:
            NetworkError: VK could not be asked for what the official pages are called.
        """
        about = [(event, item) for event in events if isinstance(item := event.get("object"), dict)]
        wanted = [(event, item) for event, item in about if event.get("type") in WANTED]
        if not wanted:
            return []
        await self._pages.resolve(self._reader)
        who = await self._names(item for _, item in wanted)
        made = (self._post(event, item, who) for event, item in wanted)
        return [post for post in made if post is not None]

    def _post(self, event: Row, item: Row, who: Mapping[int, str]) -> FoundPost | None:
        group = whole(event, "group_id")
        owner = whole(item, "post_owner_id") or whole(item, "owner_id") or (-group if group else None)
        if owner is None:
            return None
        if event.get("type") == POST:
            return found_post({**item, "owner_id": owner}, who=who, pages=self._pages)
        post = whole(item, "post_id")
        if post is None:
            return None
        # An event says nothing of `can_post`: who has just commented could.
        return found_comment(item, owner_id=owner, post=post, who=who, pages=self._pages, rights={})

    async def _names(self, items: Iterable[Row]) -> dict[int, str]:
        """Who wrote: an answer with names costs one call, a post without them is still a post."""
        authors = {author for item in items if (author := whole(item, "from_id")) is not None}
        known = {author: page.title for author in authors if (page := self._pages.of(author)) is not None}
        unknown = sorted(authors - known.keys())[:_NAMED_AT_ONCE]
        people = ",".join(str(author) for author in unknown if author > 0)
        groups = ",".join(str(-author) for author in unknown if author < 0)
        try:
            if people:
                known |= names({"profiles": await self._reader.ask("users.get", {"user_ids": people})})
            if groups:
                known |= names(await self._reader.call("groups.getById", {"group_ids": groups}))
        except NetworkError as error:
            log.warning("vk: authors' names are not told: %s", error)
        return known
