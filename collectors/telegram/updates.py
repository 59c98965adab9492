"""A Bot API update made into a post: a channel's post, or what somebody wrote in its discussion group.

Source: https://core.telegram.org/bots/api#message
The bot sees a message once, as it is written; there is no history, and a deletion is never told. Photos have
no address that could be shown without the bot's token: the card leads to the message itself. Of an album only
what has words is taken.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.contract import Page
from collectors.telegram.links import NETWORK, message_id, message_url
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

KINDS: Final = ("channel_post", "edited_channel_post", "message", "edited_message")
PUBLIC: Final = frozenset({"channel", "supergroup"})
CHANNEL_ONLY: Final = "channel_post"  # FoundPost.reply_reason: comments live in the discussion group
_WORDLESS: Final = ("photo", "video", "video_note", "voice")  # what may be an appeal without a word

Pages = Mapping[str, Page]
"""Chat ids and short names, lower case → the registry's page."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a registered chat."""

    message: Mapping[str, Any]
    page: Page
    is_known: bool  # its sender is a registered page, or the group or channel itself

    @property
    def chat_id(self) -> int:
        return int(self.message["chat"]["id"])

    @property
    def in_channel(self) -> bool:
        return bool(self.message["chat"].get("type") == "channel")

    @property
    def stranger(self) -> int | None:
        """The channel it was written as, if that is none of ours: a resident's, or the one the group belongs to."""
        number = _object(self.message, "sender_chat").get("id")
        return number if not self.is_known and isinstance(number, int) else None


def heard(body: bytes, pages: Pages) -> Heard | None:
    """The message an update brings; None where it brings none, or none of a registered chat."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for kind in KINDS:
        message = _object(update, kind)
        chat = _object(message, "chat")
        page = _page(chat, pages)
        if page is not None and chat.get("type") in PUBLIC and isinstance(chat.get("id"), int):
            return Heard(message, page, _is_known(message, chat, pages))
    return None


def _page(chat: Mapping[str, Any], pages: Pages) -> Page | None:
    """The registered page, by number or by name."""
    return pages.get(str(chat.get("id"))) or pages.get(str(chat.get("username") or "@").lower())


def _is_known(message: Mapping[str, Any], chat: Mapping[str, Any], pages: Pages) -> bool:
    """A channel's post, its copy in the group, an administrator who writes as the group or a registered channel."""
    spoken_as = _object(message, "sender_chat")
    return (
        chat.get("type") == "channel"
        or message.get("is_automatic_forward") is True
        or (
            bool(spoken_as) and (spoken_as.get("id") == chat.get("id") or _page(spoken_as, pages) is not None)
        )
    )


def found_post(heard: Heard, *, is_official: bool) -> FoundPost | None:
    """The post; None where somebody joined, sent a sticker, or is a bot."""
    message = heard.message
    number, at = message.get("message_id"), _time(message.get("date"))
    text = _words(message.get("text")) or _words(message.get("caption"))
    # Of an album each picture is a message; the words stand with one of them.
    is_speech = bool(text.strip()) or (
        "media_group_id" not in message and any(message.get(kind) for kind in _WORDLESS)
    )
    if at is None or not isinstance(number, int) or not is_speech:
        return None
    sender, spoken_as = _object(message, "from"), _object(message, "sender_chat")
    # Whoever writes as a channel comes with Telegram's own bot as the sender.
    if sender.get("is_bot") and not spoken_as:
        return None
    root, parent = _above(message)
    chat = message["chat"]
    return FoundPost(
        network=NETWORK,
        native_id=message_id(heard.chat_id, number),
        text=text,
        url=message_url(heard.chat_id, _words(chat.get("username")), number, thread=_thread(message)),
        posted_at=at,
        community_id=str(heard.chat_id),
        community_title=heard.page.title or _words(chat.get("title")),
        author_name=_name(sender, spoken_as),
        root_id=message_id(heard.chat_id, root) if root is not None else None,
        parent_id=message_id(heard.chat_id, parent) if parent is not None else None,
        edited_at=_time(message.get("edit_date")),
        by_community=is_official,
        reply_capability=ReplyCapability.IMPOSSIBLE if heard.in_channel else ReplyCapability.API,
        reply_reason=CHANNEL_ONLY if heard.in_channel else "",
        territory=heard.page.territory,
    )


def _above(message: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The message it stands under, and the one under that which it answers: both in this chat.

    A topic of a forum is no message: what is written there stands by itself.
    """
    answered = _object(message, "reply_to_message")
    in_topic = message.get("is_topic_message") is True
    parent = None if "forum_topic_created" in answered else _number(answered, "message_id")
    thread = None if in_topic else _number(message, "message_thread_id")
    root = thread if thread is not None else parent
    if root == message.get("message_id"):
        return None, None
    return root, parent if parent != root else None


def _thread(message: Mapping[str, Any]) -> int | None:
    """What stands in the address before the message's own number: the thread or the topic."""
    thread = _number(message, "message_thread_id")
    return thread if thread != message.get("message_id") else None


def _name(sender: Mapping[str, Any], spoken_as: Mapping[str, Any]) -> str:
    """As the screen shows it; nothing else about a person is kept."""
    if spoken_as:
        return _words(spoken_as.get("title"))
    both = (_words(sender.get("first_name")), _words(sender.get("last_name")))
    return " ".join(part for part in both if part)


def _words(value: object) -> str:
    """Words that can be stored: no NUL, no half of a surrogate pair."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _object(container: object, key: str) -> Mapping[str, Any]:
    found = container.get(key) if isinstance(container, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(container: Mapping[str, Any], key: str) -> int | None:
    value = container.get(key)
    return value if type(value) is int else None


def _time(value: object) -> datetime | None:
    """Unix seconds → aware UTC."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
