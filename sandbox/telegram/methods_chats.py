"""Bot API methods about chats, members, pins and forum topics.

Source: https://core.telegram.org/bots/api#getchat, #createforumtopic
"""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.telegram import errors, views
from sandbox.telegram.args import Args
from sandbox.telegram.core import PRESENT, Core
from sandbox.telegram.state import Chat, Json, Topic

MAX_TOPIC_NAME = 128
TOPIC_COLOUR: Final = 0x6FB9F0
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(core: Core, args: Args) -> Json:
    chat = core.known_chat(args)
    # People stay visible to a bot they blocked, and what has a public name to everybody; groups it left do not.
    if chat.type != "private":
        if not chat.username:
            core.check_access(chat)
    elif not chat.started:
        raise errors.CHAT_NOT_FOUND.error()
    full = views.chat_api(chat, core.people)
    full |= {"accent_color_id": 0, "max_reaction_count": 11}
    full["accepted_gift_types"] = dict.fromkeys(_GIFTS, False)
    if chat.linked is not None:
        full["linked_chat_id"] = chat.linked
    if chat.pinned and (pinned := chat.find(chat.pinned[-1])):
        full["pinned_message"] = core.api(pinned)
    return full


def _status(core: Core, chat: Chat, user_id: int) -> str:
    if chat.type == "private":
        return "member" if user_id in {chat.id, core.bot.id} else "left"
    return chat.bot_status if user_id == core.bot.id else chat.members.get(user_id, "left")


def get_chat_member(core: Core, args: Args) -> Json:
    chat = core.reachable(args)
    user_id = args.number("user_id")
    person = core.bot if user_id == core.bot.id else core.people.get(user_id)
    if person is None:
        raise errors.USER_NOT_FOUND.error()
    return views.member_api(person, _status(core, chat, user_id))


def get_chat_member_count(core: Core, args: Args) -> int:
    chat = core.reachable(args)
    if chat.type == "private":
        return 2
    return sum(status in PRESENT for status in chat.members.values()) + 1


def pin_message(core: Core, args: Args) -> bool:
    chat = core.reachable(args)
    message = chat.find(args.number("message_id"))
    if message is None:
        raise errors.PIN_NOT_FOUND.error()
    _may_pin(chat)
    chat.pinned.append(message.id)
    body = {"pinned_message": core.api(message)}
    core.post(chat, core.bot, body, service=True, thread_id=message.thread_id)
    return True


def unpin_message(core: Core, args: Args) -> bool:
    chat = core.reachable(args)
    _may_pin(chat)
    message_id = args.optional("message_id") or (chat.pinned[-1] if chat.pinned else None)
    if message_id in chat.pinned:
        chat.pinned.remove(message_id)
    return True


def _may_pin(chat: Chat) -> None:
    if chat.type != "private" and chat.bot_status != "administrator":
        raise errors.PIN_RIGHTS.error()


def _forum(core: Core, args: Args) -> Chat:
    chat = core.reachable(args)
    if not (chat.is_forum or (chat.type == "private" and core.private_topics)):
        raise errors.NOT_A_FORUM.error()
    if chat.type != "private" and chat.bot_status != "administrator":
        raise errors.TOPIC_RIGHTS.error()
    return chat


def open_topic(core: Core, chat: Chat, *, name: str, by: Any, icon_color: int = TOPIC_COLOUR) -> Topic:
    """Create a topic; its service message gives it its id."""
    body = {"forum_topic_created": {"name": name, "icon_color": icon_color}}
    topic = Topic(chat.last_id + 1, name, icon_color)
    chat.topics[topic.thread_id] = topic
    message = core.post(chat, by, body, service=True, thread_id=topic.thread_id)
    if by is not core.bot:
        core.tell(message)
    return topic


def create_topic(core: Core, args: Args) -> Json:
    chat = _forum(core, args)
    name = args.text("name").strip()
    if not 1 <= len(name) <= MAX_TOPIC_NAME:
        raise errors.TOPIC_NAME.error()
    colour = args.number("icon_color", TOPIC_COLOUR)
    topic = open_topic(core, chat, name=name, by=core.bot, icon_color=colour)
    data: Json = {"message_thread_id": topic.thread_id, "name": name, "icon_color": colour}
    if args.has("icon_custom_emoji_id"):
        topic.icon_custom_emoji_id = data["icon_custom_emoji_id"] = args.text("icon_custom_emoji_id")
    return data


def _topic(chat: Chat, args: Args) -> Topic:
    topic = chat.topics.get(args.number("message_thread_id"))
    if topic is None:
        raise errors.TOPIC_ID_INVALID.error()
    return topic


def edit_topic(core: Core, args: Args) -> bool:
    chat = _forum(core, args)
    topic = _topic(chat, args)
    name = args.text("name").strip() or topic.name
    icon = args.text("icon_custom_emoji_id") or topic.icon_custom_emoji_id
    if len(name) > MAX_TOPIC_NAME:
        raise errors.TOPIC_NAME.error()
    if (name, icon) == (topic.name, topic.icon_custom_emoji_id):
        raise errors.TOPIC_NOT_MODIFIED.error()
    topic.name, topic.icon_custom_emoji_id = name, icon
    body: Json = {"forum_topic_edited": {"name": name}}
    core.post(chat, core.bot, body, service=True, thread_id=topic.thread_id)
    return True


def _set_closed(core: Core, args: Args, *, closed: bool) -> bool:
    chat = _forum(core, args)
    topic = _topic(chat, args)
    if topic.closed == closed:
        raise errors.TOPIC_NOT_MODIFIED.error()
    topic.closed = closed
    body: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
    core.post(chat, core.bot, body, service=True, thread_id=topic.thread_id)
    return True


def close_topic(core: Core, args: Args) -> bool:
    return _set_closed(core, args, closed=True)


def reopen_topic(core: Core, args: Args) -> bool:
    return _set_closed(core, args, closed=False)


def delete_topic(core: Core, args: Args) -> bool:
    chat = _forum(core, args)
    topic = _topic(chat, args)
    del chat.topics[topic.thread_id]
    for message in chat.messages.values():
        if message.thread_id == topic.thread_id and not message.deleted:
            core.delete(message)
    return True


def leave_chat(core: Core, args: Args) -> bool:
    chat = core.reachable(args)
    if chat.type == "private":
        raise errors.CHAT_NOT_FOUND.error()
    old, chat.bot_status = chat.bot_status, "left"
    core.tell_membership(chat, core.bot, old=old, new="left")
    return True


METHODS: Final[Mapping[str, Any]] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "createForumTopic": create_topic,
    "editForumTopic": edit_topic,
    "closeForumTopic": close_topic,
    "reopenForumTopic": reopen_topic,
    "deleteForumTopic": delete_topic,
    "leaveChat": leave_chat,
}
