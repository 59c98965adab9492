"""What the emulated Telegram remembers: people, chats, messages, files."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
ChatType: TypeAlias = Literal["private", "group", "supergroup", "channel"]


@dataclass
class Person:
    """A user, the bot among them."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "ru"
    is_bot: bool = False
    deactivated: bool = False
    blocked_bot: bool = False

    def api(self) -> Json:
        """The Bot API's User."""
        user: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username"):
            if value := getattr(self, name):
                user[name] = value
        if self.language_code and not self.is_bot:
            user["language_code"] = self.language_code
        return user


@dataclass
class Topic:
    """A forum topic; its id is that of the service message that opened it."""

    thread_id: int
    name: str
    icon_color: int
    closed: bool = False
    icon_custom_emoji_id: str | None = None


@dataclass
class Message:
    """One message; `body` holds the fields of its kind exactly as the Bot API names them.

    `root_id` is the copy of a channel's post it is a comment on. `spoken_as` is the channel or group in whose
    name `sender` wrote, `copied_from` the post of the channel this is the automatic copy of.
    """

    id: int
    chat_id: int
    sender: Person
    date: int
    body: Json
    markup: Json | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    root_id: int | None = None
    spoken_as: int | None = None
    copied_from: int | None = None
    forward_origin: Json | None = None
    media_group_id: str | None = None
    edit_date: int | None = None
    deleted: bool = False
    service: bool = False

    @property
    def text_field(self) -> Literal["text", "caption"]:
        """Where its words are."""
        return "text" if "text" in self.body else "caption"

    @property
    def keyboard(self) -> Json | None:
        """Its inline keyboard, the only markup that is part of a message for the Bot API."""
        return self.markup if self.markup and "inline_keyboard" in self.markup else None


@dataclass
class Chat:
    """A chat and everything said in it, by message id. `linked`: a channel's discussion group, and the other way."""

    id: int
    type: ChatType
    title: str | None = None
    username: str | None = None
    linked: int | None = None
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "left"
    started: bool = False
    migrated_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def find(self, message_id: int | None) -> Message | None:
        """The message if it is there and not deleted."""
        message = self.messages.get(message_id or 0)
        return None if message is None or message.deleted else message


@dataclass
class StoredFile:
    """One file; several ids may share the bytes (sizes of a photo)."""

    file_id: str
    unique_id: str
    path: str
    data: bytes
    name: str | None
    mime_type: str | None
    kind: str
    width: int = 0
    height: int = 0

    def api(self) -> Json:
        """What every kind of file has in common."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}
