"""Callback API: VK sends a community's news to our public address.

Source: https://dev.vk.com/ru/api/callback/getting-started
VK proves itself by the secret of the server's settings, repeats (X-Retry-Counter) until it hears `ok`, and
names each event by `event_id`: «if it passed twice or more - you should ignore it».
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from collectors.contract import Page
from collectors.pushing import HookAnswer, Pushed
from collectors.vk.communities import Communities, whole
from collectors.vk.events import WANTED, Events
from collectors.vk.settings import CommunitySettings, VkSettings
from incidents.incoming import FoundPost

PATH: Final = "/hooks/vk"
_LONGEST_KEY: Final = 128  # characters
_OK: Final = HookAnswer(HTTPStatus.OK, "ok")


class VkHook:
    """Every community's Callback server in one: an event says which community it is of."""

    def __init__(self, *, settings: VkSettings, pages: Communities, events: Events) -> None:
        self._communities = [(one.page, one) for one in settings.communities]
        self._pages = pages
        self._events = events

    @property
    def path(self) -> str:
        return PATH

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """`ok` when it was understood or does not concern us; the confirmation code when VK asks for it."""
        if method != "POST":
            return HookAnswer(HTTPStatus.METHOD_NOT_ALLOWED)
        event = _read(body)
        group = whole(event, "group_id") if event is not None else None
        if event is None or group is None:
            return HookAnswer(HTTPStatus.BAD_REQUEST)
        concerned = [one for page, one in self._communities if self._may_be(page, group)]
        if event.get("type") == "confirmation":
            return _confirmed(concerned, event)
        if not any(_proves(one, event.get("secret")) for one in concerned):
            return HookAnswer(HTTPStatus.FORBIDDEN)
        if event.get("type") not in WANTED:
            return _OK
        return HookAnswer(HTTPStatus.OK, "ok", (Pushed(_key(event, body), body),))

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The post or comment the event brings.

        Raises:
            NetworkError: LATER, VK could not be asked for names.
        """
        told = _read(event.body)
        return await self._events.posts([told]) if told is not None else []

    def _may_be(self, page: Page, group: int) -> bool:
        """A community known by its short address only has any number until VK has told it."""
        owner = self._pages.known_owner(page)
        return owner is None or owner == -group


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _proves(one: CommunitySettings, secret: object) -> bool:
    if one.callback_secret is None or not isinstance(secret, str):
        return False
    ours = one.callback_secret.get_secret_value()
    return bool(ours) and hmac.compare_digest(_bytes(ours), _bytes(secret))


def _confirmed(concerned: Sequence[CommunitySettings], event: Mapping[str, object]) -> HookAnswer:
    """The code is no secret of ours, but a wrong secret beside it is somebody else's question."""
    for one in concerned:
        if one.callback_code and ("secret" not in event or _proves(one, event["secret"])):
            return HookAnswer(HTTPStatus.OK, one.callback_code)
    return HookAnswer(HTTPStatus.FORBIDDEN)


def _key(event: Mapping[str, object], body: bytes) -> str:
    """VK's own name of the event; its digest for a version of the API that gives none."""
    named = event.get("event_id")
    if isinstance(named, str) and named.isascii() and named.isprintable() and 0 < len(named) <= _LONGEST_KEY:
        return named
    return hashlib.sha256(body).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
