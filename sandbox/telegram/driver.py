"""The people's side in every chat: writing, sending, pressing, blocking."""

from typing import Any

from sandbox.telegram import keyboards
from sandbox.telegram.core import PRESENT, Core, Query
from sandbox.telegram.entities import clean, finish
from sandbox.telegram.state import Chat, Json, Message, Person

RULERS = frozenset({"administrator", "creator"})


class PersonError(Exception):
    """A person cannot do that: the test or the screen asked for something impossible."""


class People(Core):
    """What people do. Every method takes effect at once and tells the bot what it may know."""

    def person(self, user_id: int) -> Person:
        """
        Raises:
            PersonError: nobody has this id.
        """
        if user_id not in self.people:
            raise PersonError(f"there is no person {user_id}")
        return self.people[user_id]

    def chat(self, chat_id: int) -> Chat:
        """
        Raises:
            PersonError: there is no such chat.
        """
        if chat_id not in self.chats:
            raise PersonError(f"there is no chat {chat_id}")
        return self.chats[chat_id]

    def message(self, chat_id: int, message_id: int) -> Message:
        """
        Raises:
            PersonError: there is no such message, or it was deleted.
        """
        message = self.chat(chat_id).find(message_id)
        if message is None:
            raise PersonError(f"there is no message {message_id} in chat {chat_id}")
        return message

    def create_user(
        self,
        user_id: int | None = None,
        *,
        first_name: str = "Житель",
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "ru",
    ) -> Person:
        """A new person, who has not started the bot yet. Creating one twice only renames."""
        number = user_id or self.number("people", 5_000_000_001)
        known = self.people.get(number)
        person = Person(number, first_name, last_name, username, language_code)
        if known is not None:
            person.deactivated, person.blocked_bot = known.deactivated, known.blocked_bot
        self.people[number] = person
        self.chats.setdefault(number, Chat(number, "private"))
        return person

    # Writing

    def start(self, user_id: int, payload: str = "") -> Message:
        """Press Start; `payload` is what the link carried after `?start=`."""
        return self.say(user_id, f"/start {payload}".strip())

    def say(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
        spoken_as: int | None = None,
    ) -> Message:
        """Write; into the private chat with the bot when `chat_id` is None.

        `spoken_as`: the group itself (an anonymous administrator), or a channel of the writer's.
        """
        words, entities = finish(clean(text), [])
        if not words:
            raise PersonError("Telegram does not send an empty message")
        body: Json = {"text": words, "entities": entities} if entities else {"text": words}
        return self._sent(
            user_id, body, chat_id=chat_id, reply_to=reply_to, thread_id=thread_id, spoken_as=spoken_as
        )

    def send_file(
        self,
        user_id: int,
        kind: str,
        data: bytes | None = None,
        *,
        caption: str = "",
        name: str | None = None,
        mime_type: str | None = None,
        **place: Any,
    ) -> Message:
        """Send a "photo", "voice", "sticker" or "document"; `place` as in `say`."""
        if kind not in {"photo", "voice", "sticker", "document"}:
            raise PersonError(f"people here do not send a {kind}")
        content = data if data is not None else f"{kind} of {user_id}".encode()
        body = self.files.body(kind, self.files.add(kind, content, name=name, mime_type=mime_type))
        words, entities = finish(clean(caption), [])
        if words:
            body |= {"caption": words, "caption_entities": entities} if entities else {"caption": words}
        return self._sent(user_id, body, **place)

    def share_contact(self, user_id: int, phone_number: str, **place: Any) -> Message:
        """Send one's own phone number."""
        person = self.person(user_id)
        contact = {"phone_number": phone_number, "first_name": person.first_name, "user_id": person.id}
        return self._sent(user_id, {"contact": contact}, **place)

    def _sent(
        self,
        user_id: int,
        body: Json,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
        spoken_as: int | None = None,
    ) -> Message:
        person = self.person(user_id)
        chat = self.chat(chat_id or user_id)
        self._may_write(person, chat)
        if spoken_as is not None:
            self._may_speak_as(person, chat, self.chat(spoken_as))
        if reply_to is not None:
            replied = self.message(chat.id, reply_to)
            thread_id = thread_id or replied.thread_id
        if thread_id is not None and thread_id not in chat.topics:
            raise PersonError(f"there is no topic {thread_id} in chat {chat.id}")
        message = self.post(chat, person, body, reply_to=reply_to, thread_id=thread_id, spoken_as=spoken_as)
        update_id = self.tell(message)
        text = body.get("text") or body.get("caption")
        self.record.heard(
            user_id=person.id, chat_id=chat.id, message_id=message.id, text=text, update_id=update_id
        )
        return message

    def _may_write(self, person: Person, chat: Chat) -> None:
        if chat.type != "private":
            if chat.migrated_to is not None:
                raise PersonError(f"chat {chat.id} became {chat.migrated_to}")
            standing = chat.members.get(person.id)
            if chat.type == "channel" and standing not in RULERS:
                raise PersonError(f"{person.id} does not write in channel {chat.id}")
            # The comments of a channel are open to whoever reads it.
            if standing not in PRESENT and (chat.linked is None or standing == "kicked"):
                raise PersonError(f"{person.id} is not in chat {chat.id}")
            return
        if chat.id != person.id:
            raise PersonError(f"chat {chat.id} belongs to somebody else")
        if person.deactivated or person.blocked_bot:
            raise PersonError(f"{person.id} is deactivated or has blocked the bot")
        chat.started = True

    @staticmethod
    def _may_speak_as(person: Person, chat: Chat, mask: Chat) -> None:
        if mask.type != "channel" and mask is not chat:
            raise PersonError(f"nobody writes as chat {mask.id} in chat {chat.id}")
        if mask.members.get(person.id) not in RULERS:
            raise PersonError(f"{person.id} does not lead chat {mask.id}")

    def edit(self, user_id: int, chat_id: int, message_id: int, text: str) -> Message:
        """Change one's own message."""
        message = self._own(user_id, chat_id, message_id)
        words, entities = finish(clean(text), [])
        field = message.text_field
        body = {k: v for k, v in message.body.items() if k not in {field, "entities", "caption_entities"}}
        body[field] = words
        if entities:
            body["entities" if field == "text" else "caption_entities"] = entities
        if body != message.body:
            self.rewrite(message, body=body, markup=None)
            self.tell(message, "edited_message")
        return message

    def remove(self, user_id: int, chat_id: int, message_id: int) -> None:
        """Delete one's own message, or in a private chat any; bots are never told."""
        message = self.message(chat_id, message_id)
        if chat_id != user_id:
            self._own(user_id, chat_id, message_id)
        self.delete(message)

    def _own(self, user_id: int, chat_id: int, message_id: int) -> Message:
        message = self.message(chat_id, message_id)
        if message.sender.id != user_id:
            raise PersonError(f"message {message_id} was not written by {user_id}")
        return message

    # Pressing

    def press(
        self,
        user_id: int,
        chat_id: int,
        message_id: int,
        *,
        label: str | None = None,
        data: str | None = None,
        force: bool = False,
    ) -> Json:
        """Press a button found by its visible label or its exact data.

        `force` sends `data` as a forged client could: any user, any message, button or none.
        Returns {"kind": "callback", "callback_query_id": …}, or for buttons that never reach the bot
        {"kind": "url" | "copy_text", "value": …}.

        Raises:
            PersonError: no such button, a disabled one, or no right to see it.
        """
        person = self.person(user_id)
        if force:
            return self._callback(person, chat_id, message_id, data or "")
        message = self.message(chat_id, message_id)
        chat = self.chat(chat_id)
        if chat.members.get(user_id) not in PRESENT if chat.type != "private" else chat_id != user_id:
            raise PersonError(f"{user_id} does not see chat {chat_id}")
        button = self._button(message, label, data)
        if button["disabled"]:
            raise PersonError(f"the button {button['label']} is disabled")
        for kind in ("url", "copy_text"):
            if button[kind]:
                return {"kind": kind, "value": button[kind]}
        if button["data"] is None:
            raise PersonError(f"the button {button['label']} does nothing here")
        return self._callback(person, chat_id, message_id, button["data"])

    @staticmethod
    def _button(message: Message, label: str | None, data: str | None) -> Json:
        buttons = [button for row in keyboards.seen(message.markup) for button in row]
        for button in buttons:
            if (label is not None and button["label"] == label) or (
                data is not None and button["data"] == data
            ):
                return button
        labels = ", ".join(button["label"] for button in buttons) or "none"
        raise PersonError(f"no button {label or data!r}; there are: {labels}")

    def _callback(self, person: Person, chat_id: int, message_id: int, data: str) -> Json:
        chat = self.chat(chat_id)
        message = chat.find(message_id)
        query_id = str(self.number("queries", 4_000_000_000_000_000_000))
        press = self.record.press(query_id, person.id, chat_id, message_id, data)
        self.queries[query_id] = Query(press, self.clock.now())
        shown: Json = (
            self.api(message)
            if message is not None
            else {"chat": self._chat_api(chat), "message_id": message_id, "date": 0}
        )
        payload = {
            "id": query_id,
            "from": person.api(),
            "message": shown,
            "chat_instance": str(chat_id * 7919),
            "data": data,
        }
        update_id = self.updates.push("callback_query", payload)
        return {"kind": "callback", "callback_query_id": query_id, "update_id": update_id}

    # Coming and going

    def block(self, user_id: int) -> None:
        """Block the bot: it is told so, and may not write any more."""
        person = self.person(user_id)
        if not person.blocked_bot:
            person.blocked_bot = True
            self.tell_membership(self.chats[user_id], person, old="member", new="kicked")

    def unblock(self, user_id: int) -> None:
        person = self.person(user_id)
        if person.blocked_bot:
            person.blocked_bot = False
            self.tell_membership(self.chats[user_id], person, old="kicked", new="member")

    def deactivate(self, user_id: int) -> None:
        """The account is gone."""
        self.person(user_id).deactivated = True
