"""The people's side of channels: posts, the discussion group they are copied into, comments there.

Source: https://core.telegram.org/api/discussion and https://core.telegram.org/bots/api#message
"""

from sandbox.telegram.driver import PersonError
from sandbox.telegram.driver_groups import FIRST_SUPERGROUP, Groups
from sandbox.telegram.state import Chat, Message


class Channels(Groups):
    def create_channel(
        self, title: str, owner: int, *, username: str | None = None, bot_status: str = "administrator"
    ) -> Chat:
        """A channel of `owner`'s; a bot is let into one as its administrator. `username`: its public name."""
        if bot_status == "member":
            raise PersonError("a bot is in a channel as an administrator, or not at all")
        person = self.person(owner)
        number = -self.number("supergroups", FIRST_SUPERGROUP)
        chat = Chat(number, "channel", title, members={person.id: "creator"})
        self.chats[chat.id] = chat
        self.name_chat(chat.id, username)
        if bot_status != "left":
            chat.bot_status = bot_status
            self.tell_membership(chat, person, old="left", new=bot_status)
        return chat

    def name_chat(self, chat_id: int, username: str | None) -> None:
        """Give a channel or supergroup its public name, or take it away."""
        chat = self._group(chat_id)
        taken = {(one.username or "").lower() for one in self.chats.values() if one is not chat}
        if username and (username.lower() in taken or chat.type == "group"):
            raise PersonError(f"the name {username} is taken, or chat {chat_id} is a basic group")
        chat.username = username or None

    def link(self, channel_id: int, group_id: int) -> None:
        """Make the supergroup the channel's discussion group: posts from now on can be commented."""
        channel, group = self.chat(channel_id), self.chat(group_id)
        if (channel.type, group.type) != ("channel", "supergroup"):
            raise PersonError("a channel is linked to a supergroup")
        if channel.linked is not None or group.linked is not None:
            raise PersonError("one of them is linked already")
        channel.linked, group.linked = group.id, channel.id

    def copy_of(self, channel_id: int, post_id: int) -> Message | None:
        """The automatic copy of a channel's post in its discussion group; None where there is none."""
        channel = self.chat(channel_id)
        if channel.linked is None:
            return None
        group = self.chats[channel.linked]
        found = (one for one in group.messages.values() if one.copied_from == post_id and not one.deleted)
        return next(found, None)

    def comment(
        self, user_id: int, channel_id: int, post_id: int, text: str, *, spoken_as: int | None = None
    ) -> Message:
        """Write under a channel's post: into its discussion group, as a reply to the copy."""
        copy = self.copy_of(channel_id, post_id)
        if copy is None:
            raise PersonError(f"post {post_id} of channel {channel_id} cannot be commented")
        return self.say(user_id, text, chat_id=copy.chat_id, reply_to=copy.id, spoken_as=spoken_as)

    def tell(self, message: Message, kind: str = "message") -> int | None:
        """A channel's post and its edits go into the discussion group as well."""
        told = super().tell(message, kind)
        channel = self.chats[message.chat_id]
        if channel.type == "channel" and channel.linked is not None and not message.service:
            if kind == "message":
                self._copy(channel, message)
            else:
                self._copy_edit(message)
        return told

    def _copy(self, channel: Chat, post: Message) -> None:
        origin = {
            "type": "channel",
            "chat": self._chat_api(channel),
            "message_id": post.id,
            "date": post.date,
        }
        group = self.chats[channel.linked or 0]
        copy = self.post(
            group,
            post.sender,
            dict(post.body),
            spoken_as=channel.id,
            copied_from=post.id,
            forward_origin=origin,
            media_group_id=post.media_group_id,
        )
        super().tell(copy)

    def _copy_edit(self, post: Message) -> None:
        copy = self.copy_of(post.chat_id, post.id)
        if copy is not None:
            self.rewrite(copy, body=dict(post.body), markup=None)
            super().tell(copy, "edited_message")
