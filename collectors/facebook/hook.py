"""Facebook's webhook: posts and comments on the walls of our pages, as they are written.

Source: https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.facebook.pages import Pages
from collectors.facebook.posts import COMMENT_FIELDS, COUNTED, found_comment, found_post, wall_of
from collectors.graph.answers import Row, child, id_of
from collectors.graph.hooks import Door, opened
from collectors.pushing import HookAnswer, Pushed
from incidents.incoming import FoundPost

PATH: Final = "/hooks/facebook"
_ITEMS: Final = frozenset({"comment", "post", "status", "photo", "video", "share", "album", "link", "note"})
_ID: Final = re.compile(r"\d+(?:_\d+)*", re.ASCII)
_WANTED: Final = frozenset({"add", "edited", "edit", "unhide"})


class FacebookHook:
    """Stores who spoke where; what was said is read by the API, which knows it best."""

    def __init__(self, pages: Pages, *, app_secret: SecretStr, verify_token: SecretStr) -> None:
        self._pages = pages
        self._door = Door(topic="page", app_secret=app_secret, verify_token=verify_token, names=_named)

    @property
    def path(self) -> str:
        return PATH

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """Verify over the raw bytes. Never raises."""
        return self._door.receive(method, query, headers, body)

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The post or comment an event speaks of; none where it is gone by now or not on a page of ours.

        Raises:
            NetworkError: it could not be read now.
        """
        page_id, change = opened(event)
        value = child(change, "value")
        post_id, comment_id = id_of(value, "post_id"), id_of(value, "comment_id")
        if not self._pages.are_ours(page_id) or wall_of(post_id) != page_id:
            return ()
        client = self._pages.reader(page_id)
        try:
            if comment_id:
                row = await client.get(comment_id, {"fields": COMMENT_FIELDS})
                found = found_comment(row, post_id=post_id, page_id=page_id, pages=self._pages)
            else:
                row = await client.get(post_id, {"fields": COUNTED})
                found = found_post(row, page_id=page_id, pages=self._pages)
        except NetworkError as error:
            if error.outcome is Outcome.GONE:
                return ()
            raise
        return (found,) if found is not None else ()


def _named(change: Row) -> str:
    """What happened to what; "" for likes and whatever else brings no words."""
    value = child(change, "value")
    item, verb = value.get("item"), value.get("verb")
    if change.get("field") != "feed" or item not in _ITEMS or verb not in _WANTED:
        return ""
    name = id_of(value, "comment_id") if item == "comment" else id_of(value, "post_id")
    return f"{item}:{name}:{verb}" if _ID.fullmatch(name) else ""
