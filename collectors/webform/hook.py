"""POST /hooks/webform: {"id", "text", "url", "author"?, "at"?, "photos"?: […], "territory"?}."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from collectors.pushing import HookAnswer, Pushed
from collectors.webform.settings import FormSettings, WebformSettings
from collectors.webform.signature import FORM, SIGNATURE, TIME, is_signed
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

NETWORK: Final = "webform"
NO_ANSWER_URL: Final = "no_answer_url"  # FoundPost.reply_reason
_LONGEST_ID: Final = 64
_MOST_PHOTOS: Final = 10


class WebformHook:
    """Answers 202 when the message is stored; the same `id` again is the same message."""

    path = "/hooks/webform"

    def __init__(self, settings: WebformSettings) -> None:
        self._settings = settings
        self._forms = {form.name: form for form in settings.forms}

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """Verify, and say in plain words what is wrong with the message itself."""
        if method != "POST":
            return HookAnswer(405, "POST only")
        form = self._forms.get(headers.get(FORM, ""))
        secret = form.secret.get_secret_value() if form is not None and form.secret is not None else ""
        signed = is_signed(
            body,
            secret=secret,
            told_time=headers.get(TIME, ""),
            told=headers.get(SIGNATURE, ""),
            now=now,
            window_seconds=self._settings.window_seconds,
        )
        if form is None or not secret or not signed:
            return HookAnswer(403, "the form's name, the time or the signature is wrong")
        fault = fault_of(body)
        if fault:
            return HookAnswer(422, fault)
        number = json.loads(body)["id"]
        kept = json.dumps({"form": form.name, "at": now.timestamp(), "message": json.loads(body)}).encode()
        return HookAnswer(202, "taken", store=(Pushed(key=f"{form.name}:{number}", body=kept),))

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The appeal, as a post; none if its form is in the settings no longer."""
        kept = json.loads(event.body)
        form = self._forms.get(kept["form"])
        return (
            []
            if form is None
            else [found(kept["message"], form, now=datetime.fromtimestamp(kept["at"], UTC))]
        )


def fault_of(body: bytes) -> str:
    """What is wrong with a message, in words for the site's programmer; "" if nothing is."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is no JSON"
    if not isinstance(message, dict):
        return "the body is no JSON object"
    number, text, url = message.get("id"), message.get("text"), message.get("url")
    if (
        not isinstance(number, str)
        or not (number.isascii() and number.isprintable())
        or not 0 < len(number) <= _LONGEST_ID
        or ":" in number
    ):
        return f"id: a string of 1 to {_LONGEST_ID} printable ASCII characters without a colon is expected"
    if not isinstance(text, str) or not text.strip():
        return "text: words are expected"
    if not isinstance(url, str) or not url.startswith("https://"):
        return "url: the https:// address where the appeal can be read is expected"
    return ""


def found(message: Mapping[str, Any], form: FormSettings, *, now: datetime) -> FoundPost:
    """The message as a post. What is not in its place is left out: the words matter."""
    photos = message.get("photos")
    return FoundPost(
        network=NETWORK,
        native_id=f"{form.name}:{message['id']}",
        text=message["text"],
        url=message["url"],
        posted_at=_time(message.get("at"), now),
        community_id=form.name,
        community_title=form.title or form.name,
        author_name=str(message.get("author") or "")[:200],
        photos=tuple(
            one
            for one in (photos if isinstance(photos, list) else [])[:_MOST_PHOTOS]
            if isinstance(one, str) and one.startswith("https://")
        ),
        reply_capability=ReplyCapability.API if form.answer_url else ReplyCapability.MANUAL,
        reply_reason="" if form.answer_url else NO_ANSWER_URL,
        territory=form.territory or str(message.get("territory") or "")[:100],
    )


def _time(value: object, now: datetime) -> datetime:
    """RFC 3339 with a zone; the moment it came where there is none, or one that is still to come."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else now
        return min(at, now).astimezone(UTC) if at.tzinfo is not None else now
    except (ValueError, OverflowError):
        return now
