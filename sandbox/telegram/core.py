"""The world's state and the few operations everything else is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.telegram import errors, views
from sandbox.telegram.args import Args
from sandbox.telegram.events import EventLog
from sandbox.telegram.faults import Faults
from sandbox.telegram.files import FileStore
from sandbox.telegram.limits import Limits, Mode
from sandbox.telegram.record import Press, Record
from sandbox.telegram.state import Chat, Json, Message, Person
from sandbox.telegram.updates import UpdateQueue

PRESENT = frozenset({"member", "administrator", "creator"})


@dataclass
class Query:
    """A callback query that waits for its answer."""

    press: Press
    asked: datetime


class Core:
    """Everything the emulated Telegram knows.

    `token` is the bot's; `limits` says what happens above the sending limits (see limits.py); `privacy`
    is the bot's privacy mode in groups; `private_topics` allows topics in private chats.
    """

    # How long an answer to a press is taken. Not documented; known from use to be short.
    callback_lifetime = timedelta(minutes=1)
    # First pause of a webhook that was refused, in real seconds; it doubles up to a minute.
    webhook_pause = 1.0

    def __init__(
        self,
        clock: SandboxClock,
        *,
        token: str = "1:demo",  # noqa: S107 - a demo token is no secret
        name: str = "Отклик",
        username: str = "otklik_bot",
        limits: Mode = "enforce",
        privacy: bool = True,
        private_topics: bool = False,
    ) -> None:
        self.clock = clock
        self.token: str | None = token
        self.bot = Person(int(token.partition(":")[0]), name, username=username, is_bot=True)
        self.privacy = privacy
        self.private_topics = private_topics
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.files = FileStore()
        self.events = EventLog()
        self.faults = Faults()
        self.limits = Limits(limits, clock.monotonic)
        self.record = Record(clock)
        self.updates = UpdateQueue(clock, confirmed=self._confirmed)
        self._numbers: dict[str, int] = {}

    def _confirmed(self, count: int) -> None:
        self.record.counts["updates_confirmed"] += count

    def number(self, series: str, first: int = 1) -> int:
        """The next number of a named series."""
        self._numbers[series] = self._numbers.get(series, first - 1) + 1
        return self._numbers[series]

    # Where the bot may act

    def known_chat(self, args: Args, name: str = "chat_id") -> Chat:
        """The chat a call names.

        Raises:
            ApiError: none named, or none such.
        """
        if not args.has(name):
            raise errors.CHAT_ID_EMPTY.error()
        told = args.text(name)
        found = self._named(told) if told.startswith("@") else self._numbered(told)
        if found is None:
            raise errors.CHAT_NOT_FOUND.error()
        return found

    def _named(self, name: str) -> Chat | None:
        named = name.removeprefix("@").lower()
        return next((chat for chat in self.chats.values() if (chat.username or "").lower() == named), None)

    def _numbered(self, number: str) -> Chat | None:
        try:
            return self.chats.get(int(number))
        except ValueError:
            return None

    def reachable(self, args: Args) -> Chat:
        """The chat a call names, if the bot may write there.

        Raises:
            ApiError: not known, blocked, never started, kicked, migrated.
        """
        chat = self.known_chat(args)
        self.check_access(chat)
        return chat

    def check_access(self, chat: Chat) -> None:
        if chat.type == "private":
            person = self.people[chat.id]
            if person.deactivated:
                raise errors.DEACTIVATED.error()
            if not chat.started:
                raise errors.CANNOT_INITIATE.error()
            if person.blocked_bot:
                raise errors.BLOCKED.error()
            return
        if chat.migrated_to is not None:
            raise errors.UPGRADED.error(migrate_to_chat_id=chat.migrated_to)
        if chat.bot_status in PRESENT:
            return
        kicked, out = errors.OUT[chat.type]
        raise (kicked if chat.bot_status == "kicked" else out).error()

    def thread(self, chat: Chat, args: Args) -> int | None:
        """The topic a send names.

        Raises:
            ApiError: no such topic, or it is closed to the bot.
        """
        thread_id = args.optional("message_thread_id")
        if not thread_id:
            return None
        topic = chat.topics.get(thread_id)
        if topic is None:
            raise errors.THREAD_NOT_FOUND.error()
        if topic.closed and chat.bot_status != "administrator":
            raise errors.TOPIC_CLOSED.error()
        return thread_id

    # Messages

    def post(
        self,
        chat: Chat,
        sender: Person,
        body: Json,
        *,
        service: bool = False,
        **fields: Any,
    ) -> Message:
        """Put a message into a chat; `fields` are those of `Message`."""
        replied = chat.find(fields.get("reply_to"))
        if replied is not None:  # what answers a comment stands under the same post
            top = replied.id if replied.copied_from is not None else replied.root_id
            fields.setdefault("root_id", top)
        if chat.type == "channel":  # there is no other author
            fields["spoken_as"] = chat.id
        message = Message(
            id=chat.next_id(),
            chat_id=chat.id,
            sender=sender,
            date=self.clock.unix(),
            body=body,
            service=service,
            **fields,
        )
        chat.messages[message.id] = message
        self.events.add("message", chat.id, message_id=message.id, message=self.view(message))
        return message

    def rewrite(self, message: Message, *, body: Json, markup: Json | None) -> None:
        """Change a message and show it.

        Raises:
            ApiError: nothing would change.
        """
        if body == message.body and markup == message.markup:
            raise errors.NOT_MODIFIED.error()
        if body != message.body:
            message.edit_date = self.clock.unix()
        message.body, message.markup = body, markup
        self.events.add("edit", message.chat_id, message_id=message.id, message=self.view(message))

    def delete(self, message: Message) -> None:
        message.deleted = True
        chat = self.chats[message.chat_id]
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
        self.events.add("delete", message.chat_id, message_id=message.id, message=None)

    def _chat_api(self, chat: Chat) -> Json:
        return views.chat_api(chat, self.people)

    def api(self, message: Message) -> Json:
        """The message as the Bot API writes it."""
        chat = self.chats[message.chat_id]
        return views.api(message, self.chats, self.people, chat.find(message.reply_to))

    def view(self, message: Message) -> Json:
        """The message as people see it."""
        spoken_as = self.chats[message.spoken_as] if message.spoken_as is not None else None
        return views.seen(message, self.chats[message.chat_id], spoken_as)

    # What the bot is told

    def hears(self, message: Message) -> bool:
        """Whether the bot receives a person's message. Source: core.telegram.org/bots/features#privacy-mode."""
        chat = self.chats[message.chat_id]
        if chat.type == "private":
            return chat.started and not self.people[chat.id].blocked_bot
        if chat.bot_status not in PRESENT:
            return False
        if chat.type == "channel":
            return chat.bot_status == "administrator"
        if message.service or not self.privacy or chat.bot_status == "administrator":
            return True
        replied = chat.find(message.reply_to)
        if replied is not None and replied.sender.is_bot:
            return True
        return self._is_command_for_bot(message)

    def _is_command_for_bot(self, message: Message) -> bool:
        text = message.body.get("text", "")
        units = text.encode("utf-16-le")
        for entity in message.body.get("entities", ()):
            if entity["type"] == "bot_command":
                start = entity["offset"] * 2
                command = units[start : start + entity["length"] * 2].decode("utf-16-le")
                _, _, addressee = command.partition("@")
                if addressee.lower() in {"", str(self.bot.username).lower()}:
                    return True
        return False

    def tell(self, message: Message, kind: str = "message") -> int | None:
        """Queue the update about a person's message, if the bot hears it; its id."""
        if self.chats[message.chat_id].type == "channel":
            kind = {"message": "channel_post", "edited_message": "edited_channel_post"}[kind]
        return self.updates.push(kind, self.api(message)) if self.hears(message) else None

    def tell_membership(self, chat: Chat, by: Person, *, old: str, new: str) -> None:
        """The bot's own standing in a chat changed."""
        change: Mapping[str, Any] = {
            "chat": self._chat_api(chat),
            "from": by.api(),
            "date": self.clock.unix(),
            "old_chat_member": views.member_api(self.bot, old),
            "new_chat_member": views.member_api(self.bot, new),
        }
        self.updates.push("my_chat_member", dict(change))
