"""The people's side of groups: creating them, letting people and the bot in and out, migration."""

from collections.abc import Sequence

from sandbox.telegram import views
from sandbox.telegram.core import PRESENT
from sandbox.telegram.driver import People, PersonError
from sandbox.telegram.methods_chats import open_topic
from sandbox.telegram.state import Chat, Json, Message, Person, Topic

_FIRST_GROUP = 4_000_000_001
FIRST_SUPERGROUP = 1_002_000_000_001


class Groups(People):
    def create_group(self, title: str, members: Sequence[int], *, bot_status: str = "member") -> Chat:
        """A basic group; the first of `members` creates it. `bot_status` "left" leaves the bot out."""
        chat = Chat(-self.number("groups", _FIRST_GROUP), "group", title)
        return self._founded(chat, members, bot_status)

    def create_supergroup(
        self, title: str, members: Sequence[int], *, is_forum: bool = False, bot_status: str = "member"
    ) -> Chat:
        """A supergroup; the first of `members` creates it. In a forum the bot needs "administrator"."""
        chat = Chat(-self.number("supergroups", FIRST_SUPERGROUP), "supergroup", title, is_forum=is_forum)
        return self._founded(chat, members, bot_status)

    def _founded(self, chat: Chat, members: Sequence[int], bot_status: str) -> Chat:
        people = [self.person(user_id) for user_id in members]
        if not people:
            raise PersonError("a group needs somebody to create it")
        self.chats[chat.id] = chat
        chat.members = {person.id: "member" for person in people} | {people[0].id: "creator"}
        if bot_status != "left":
            chat.bot_status = bot_status
            self.tell_membership(chat, people[0], old="left", new=bot_status)
        self._service(chat, people[0], {f"{chat.type}_chat_created": True})
        return chat

    def _service(self, chat: Chat, by: Person, body: Json) -> Message:
        message = self.post(chat, by, body, service=True)
        self.tell(message)
        return message

    def _group(self, chat_id: int) -> Chat:
        chat = self.chat(chat_id)
        if chat.type == "private":
            raise PersonError(f"chat {chat_id} is private")
        return chat

    def create_topic(self, user_id: int, chat_id: int, name: str) -> Topic:
        """A member opens a forum topic."""
        chat = self._group(chat_id)
        if not chat.is_forum:
            raise PersonError(f"chat {chat_id} is not a forum")
        return open_topic(self, chat, name=name, by=self.person(user_id))

    def add_member(self, chat_id: int, user_id: int, *, status: str = "member") -> None:
        """Let a person in, or change the standing of one who is in."""
        chat, person = self._group(chat_id), self.person(user_id)
        old = chat.members.get(user_id, "left")
        chat.members[user_id] = status
        self._tell_member(chat, person, old=old, new=status)
        if old not in PRESENT:
            self._service(chat, person, {"new_chat_members": [person.api()]})

    def remove_member(self, chat_id: int, user_id: int, *, status: str = "left") -> None:
        chat, person = self._group(chat_id), self.person(user_id)
        old = chat.members.get(user_id, "left")
        chat.members[user_id] = status
        self._tell_member(chat, person, old=old, new=status)
        if old in PRESENT:
            self._service(chat, person, {"left_chat_member": person.api()})

    def _tell_member(self, chat: Chat, person: Person, *, old: str, new: str) -> None:
        """Source: core.telegram.org/bots/api#update — only administrators get chat_member."""
        if chat.bot_status != "administrator" or old == new:
            return
        self.updates.push(
            "chat_member",
            {
                "chat": self._chat_api(chat),
                "from": person.api(),
                "date": self.clock.unix(),
                "old_chat_member": views.member_api(person, old),
                "new_chat_member": views.member_api(person, new),
            },
        )

    def set_bot_status(self, chat_id: int, status: str, *, by: int | None = None) -> None:
        """Add the bot ("member"), promote it ("administrator"), remove it ("left") or ban it ("kicked")."""
        chat = self._group(chat_id)
        old = chat.bot_status
        if old == status:
            return
        actor = self.person(by if by is not None else next(iter(chat.members)))
        chat.bot_status = status
        self.tell_membership(chat, actor, old=old, new=status)
        if old not in PRESENT and status in PRESENT:
            self._service(chat, actor, {"new_chat_members": [self.bot.api()]})

    def migrate(self, chat_id: int) -> Chat:
        """Turn a basic group into a supergroup with a new id; the old one answers with that id."""
        old = self._group(chat_id)
        if old.type != "group" or old.migrated_to is not None:
            raise PersonError(f"chat {chat_id} cannot be migrated")
        new_id = -self.number("supergroups", FIRST_SUPERGROUP)
        new = Chat(new_id, "supergroup", old.title, members=dict(old.members), bot_status=old.bot_status)
        self.chats[new_id] = new
        by = self.person(next(iter(old.members)))
        self._service(old, by, {"migrate_to_chat_id": new_id})
        self._service(new, by, {"migrate_from_chat_id": old.id})
        old.migrated_to = new_id
        self.events.add("migrate", old.id, migrate_to_chat_id=new_id, message=None)
        return new
