"""One message, two readers: the bot (Bot API objects) and the person (what is on the screen)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.telegram import keyboards
from sandbox.telegram.entities import to_html
from sandbox.telegram.state import Chat, Json, Message, Person

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
# New in Bot API 10.3 and required by its readers; older ones ignore it.
_NEW_RIGHTS = ("can_send_welcome_messages",)


def chat_api(chat: Chat, people: Mapping[int, Person]) -> Json:
    """The Bot API's Chat."""
    data: Json = {"id": chat.id, "type": chat.type}
    if chat.type == "private":
        person = people[chat.id].api()
        data |= {key: person[key] for key in ("first_name", "last_name", "username") if key in person}
        return data
    data["title"] = chat.title
    if chat.username:
        data["username"] = chat.username
    if chat.is_forum:
        data["is_forum"] = True
    return data


def member_api(person: Person, status: str) -> Json:
    """The Bot API's ChatMember of that status."""
    member: Json = {"user": person.api(), "status": status}
    if status == "administrator":
        member |= {"can_be_edited": False, "is_anonymous": False}
        member |= dict.fromkeys(_RIGHTS, True) | dict.fromkeys(_NEW_RIGHTS, True)
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "kicked":
        member["until_date"] = 0
    return member


# Whom Telegram names as the sender of what was written as a chat. Source: core.telegram.org/bots/api#message
# (`from`: "a fake sender user in non-channel chats"); the ids are known from use.
_COPIER = Person(777000, "Telegram", language_code=None)
_ANONYMOUS = Person(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
_AS_CHANNEL = Person(136817688, "Channel", username="Channel_Bot", is_bot=True)


def _whose(message: Message, chats: Mapping[int, Chat], people: Mapping[int, Person]) -> Json:
    """`from` and `sender_chat`."""
    if message.spoken_as is None:
        return {"from": message.sender.api()}
    whose: Json = {"sender_chat": chat_api(chats[message.spoken_as], people)}
    if chats[message.chat_id].type == "channel":
        return whose
    if message.copied_from is not None:
        return whose | {"from": _COPIER.api(), "is_automatic_forward": True}
    return whose | {"from": (_ANONYMOUS if message.spoken_as == message.chat_id else _AS_CHANNEL).api()}


def api(
    message: Message,
    chats: Mapping[int, Chat],
    people: Mapping[int, Person],
    replied: Message | None = None,
) -> Json:
    """The Bot API's Message; the one it replies to is nested one level deep."""
    data: Json = {
        "message_id": message.id,
        **_whose(message, chats, people),
        "chat": chat_api(chats[message.chat_id], people),
        "date": message.date,
    }
    if message.root_id is not None:
        data["message_thread_id"] = message.root_id
    if message.thread_id is not None:
        data |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    if message.edit_date is not None:
        data["edit_date"] = message.edit_date
    if message.forward_origin is not None:
        data["forward_origin"] = message.forward_origin
    if message.media_group_id is not None:
        data["media_group_id"] = message.media_group_id
    if replied is not None:
        data["reply_to_message"] = api(replied, chats, people)
    data |= message.body
    if message.keyboard is not None:
        data["reply_markup"] = message.keyboard
    return data


def _file(body: Json) -> Json | None:
    """What file is shown, and where the screen gets it."""
    for kind in ("photo", "document", "voice", "sticker"):
        if kind in body:
            shape: Any = body[kind][-1] if kind == "photo" else body[kind]
            return {
                "kind": kind,
                "file_id": shape["file_id"],
                "name": shape.get("file_name"),
                "size": shape["file_size"],
                "url": f"/control/telegram/files/{shape['file_id']}",
            }
    return None


def _service(message: Message) -> str | None:
    """The grey line of a service message: the name of its field."""
    return next(iter(message.body), None) if message.service else None


def seen(message: Message, chat: Chat, spoken_as: Chat | None = None) -> Json:
    """The message as a person sees it, in plain JSON; the name is that of the chat it was written as."""
    field = message.text_field
    text = message.body.get(field, "")
    entities = message.body.get("entities" if field == "text" else "caption_entities", [])
    markup = message.markup or {}
    file = _file(message.body)
    return {
        "message_id": message.id,
        "chat_id": chat.id,
        "from": {
            "id": message.sender.id,
            "name": message.sender.first_name if spoken_as is None else spoken_as.title,
            "username": message.sender.username,
            "is_bot": message.sender.is_bot,
        },
        "date": datetime.fromtimestamp(message.date, UTC).isoformat(),
        "text": text,
        "html": to_html(text, entities) if entities else to_html(text, []),
        "keyboard": keyboards.seen(message.markup),
        "reply_keyboard": [
            [{"label": button["text"]} for button in row] for row in markup.get("keyboard", [])
        ],
        "force_reply": {"placeholder": markup.get("input_field_placeholder")}
        if markup.get("force_reply")
        else None,
        "reply_to": message.reply_to,
        "thread_id": message.thread_id,
        "root_id": message.root_id,
        "spoken_as": message.spoken_as,
        "copied_from": message.copied_from,
        "photo": file if file and file["kind"] == "photo" else None,
        "file": file,
        "media_group_id": message.media_group_id,
        "forwarded": message.forward_origin is not None,
        "service": _service(message),
        "edited": message.edit_date is not None,
        "deleted": message.deleted,
    }


def chat_seen(chat: Chat, people: Mapping[int, Person]) -> Json:
    """One line of the list of chats."""
    name = chat.title if chat.type != "private" else people[chat.id].first_name
    return {
        "id": chat.id,
        "type": chat.type,
        "title": name,
        "username": chat.username,
        "linked": chat.linked,
        "is_forum": chat.is_forum,
        "started": chat.started,
        "bot_status": chat.bot_status,
        "members": dict(chat.members),
        "topics": [
            {"thread_id": t.thread_id, "name": t.name, "closed": t.closed} for t in chat.topics.values()
        ],
        "pinned": list(chat.pinned),
        "migrated_to": chat.migrated_to,
        "last_message_id": chat.last_id,
    }
