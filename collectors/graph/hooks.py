"""Webhooks: the address is verified once, every delivery by its signature over the raw bytes.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
Deliveries are batches of up to 1000 changes, repeated for hours until they are answered with 200.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

from collectors.graph.answers import Row, child, whole
from collectors.pushing import HookAnswer, Pushed

SIGNATURE: Final = "x-hub-signature-256"
_LONGEST_CHALLENGE: Final = 500

# The object a change speaks of and what befell it, e.g. "comment:1_2:add"; "" for a change nobody wants.
Names = Callable[[Row], str]


class Door:
    """Lets in what Meta signed. `topic` is the webhook's object: "page" or "instagram"."""

    def __init__(self, *, topic: str, app_secret: SecretStr, verify_token: SecretStr, names: Names) -> None:
        self._topic = topic
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._names = names

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> HookAnswer:
        """What the caller gets, and what must be stored before. Never raises."""
        if method.upper() == "GET":
            return self._challenge(query)
        if method.upper() != "POST":
            return HookAnswer(405)
        if not self._signed(headers, body):
            return HookAnswer(403)
        try:
            delivery = json.loads(body)
        except (ValueError, RecursionError):
            return HookAnswer(400)
        if not isinstance(delivery, dict):
            return HookAnswer(400)
        if delivery.get("object") != self._topic:
            return HookAnswer(200)
        return HookAnswer(200, store=tuple(self._events(delivery)))

    def _challenge(self, query: Mapping[str, str]) -> HookAnswer:
        """Answer the question by which Meta verifies the address."""
        told = query.get("hub.verify_token", "").encode("utf-8", "replace")
        known = hmac.compare_digest(told, self._verify_token.get_secret_value().encode())
        challenge = query.get("hub.challenge", "")
        if not known or query.get("hub.mode") != "subscribe" or len(challenge) > _LONGEST_CHALLENGE:
            return HookAnswer(403)
        return HookAnswer(200, challenge)

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        told = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
        secret = self._app_secret.get_secret_value().encode()
        right = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(told.encode("utf-8", "replace"), right.encode())

    def _events(self, delivery: Row) -> Iterator[Pushed]:
        for entry in _objects(delivery.get("entry")):
            at = whole(entry, "time") or 0
            for change in _objects(entry.get("changes")):
                named = self._names(change)
                if named:
                    about = {"entry": entry.get("id"), "time": at, "change": change}
                    yield Pushed(f"{self._topic}:{named}:{at}", json.dumps(about).encode())


def opened(event: Pushed) -> tuple[str, Row]:
    """The id of the page or account an event is about, and the change itself; empty if it is garbage."""
    try:
        told = json.loads(event.body)
    except (ValueError, RecursionError):
        return "", {}
    if not isinstance(told, dict):
        return "", {}
    return str(told.get("entry") or ""), child(told, "change")


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
