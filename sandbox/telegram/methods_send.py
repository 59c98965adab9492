"""Bot API methods that put messages into chats.

Source: https://core.telegram.org/bots/api#available-methods
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

from sandbox.telegram import errors
from sandbox.telegram.args import Args
from sandbox.telegram.core import Core
from sandbox.telegram.entities import Entity, clean, finish, given
from sandbox.telegram.entities_html import parse_html
from sandbox.telegram.entities_markdown import parse_markdown
from sandbox.telegram.keyboards import parse_markup
from sandbox.telegram.state import Chat, Json, Message

MAX_TEXT = 4096
MAX_CAPTION = 1024
_DIALECTS: Final = {"html": parse_html, "markdownv2": parse_markdown}
_GROUP_KINDS = frozenset({"photo", "document"})
_UPLOADED = ("photo", "video", "voice", "document", "video_note")
_ACTIONS = frozenset(
    {"typing", "choose_sticker", "find_location", "record_video", "record_voice", "record_video_note"}
    | {f"upload_{kind}" for kind in _UPLOADED}
)


def formatted(core: Core, args: Args, field: str) -> tuple[str, list[Entity]]:
    """Words of a call with their entities. A real parse_mode wins over entities given outright."""
    text = clean(args.text(field))
    mode = args.text("parse_mode").lower()
    if mode:
        if mode not in _DIALECTS:
            raise errors.PARSE_MODE.error()
        text, entities = _DIALECTS[mode](text)
    else:
        entities = given(text, args.data("entities" if field == "text" else "caption_entities"))
    text, entities = finish(text, entities)
    return text, [full for entity in entities if (full := _mention(core, entity))]


def _mention(core: Core, entity: Entity) -> Entity | None:
    """A text_mention names a person in full; of a stranger nothing is left."""
    if entity["type"] != "text_mention":
        return entity
    person = core.people.get(int(entity.get("user", {}).get("id", 0)))
    return {**entity, "user": person.api()} if person else None


def text_body(core: Core, args: Args) -> Json:
    """Body of a text message.

    Raises:
        ApiError: empty, longer than 4096 after parsing, or not parseable.
    """
    text, entities = formatted(core, args, "text")
    if not text:
        raise errors.TEXT_EMPTY.error()
    if len(text) > MAX_TEXT:
        raise errors.TEXT_TOO_LONG.error()
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_body(core: Core, args: Args) -> Json:
    text, entities = formatted(core, args, "caption")
    if len(text) > MAX_CAPTION:
        raise errors.CAPTION_TOO_LONG.error()
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def _reply_to(chat: Chat, args: Args) -> int | None:
    parameters = args.data("reply_parameters") or {}
    wanted = parameters.get("message_id") or args.optional("reply_to_message_id")
    if not wanted:
        return None
    if chat.find(int(wanted)) is not None:
        return int(wanted)
    if parameters.get("allow_sending_without_reply") or args.flag("allow_sending_without_reply"):
        return None
    raise errors.REPLY_NOT_FOUND.error()


def _place(core: Core, args: Args) -> tuple[Chat, dict[str, Any]]:
    chat = core.reachable(args)
    if chat.type == "channel" and chat.bot_status != "administrator":
        raise errors.NOT_A_POSTER.error()
    return chat, {"thread_id": core.thread(chat, args), "reply_to": _reply_to(chat, args)}


def send_message(core: Core, args: Args) -> Json:
    # Telegram parses the words before it looks for the chat.
    body = text_body(core, args)
    markup = parse_markup(args.data("reply_markup"))
    chat, place = _place(core, args)
    return core.api(core.post(chat, core.bot, body, markup=markup, **place))


def _send_file(core: Core, args: Args, kind: str) -> Json:
    caption = caption_body(core, args)
    markup = parse_markup(args.data("reply_markup"))
    chat, place = _place(core, args)
    stored = core.files.taken(args, kind, kind)
    body = core.files.body(kind, stored) | caption
    return core.api(core.post(chat, core.bot, body, markup=markup, **place))


def send_photo(core: Core, args: Args) -> Json:
    return _send_file(core, args, "photo")


def send_document(core: Core, args: Args) -> Json:
    return _send_file(core, args, "document")


def send_media_group(core: Core, args: Args) -> list[Json]:
    items = args.data("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:  # noqa: PLR2004 - the documented bounds
        raise errors.MEDIA_GROUP_SIZE.error()
    if not all(isinstance(item, dict) and item.get("type") in _GROUP_KINDS for item in items):
        raise errors.MEDIA_TYPE.error("invalid type specified")
    captions = [caption_body(core, Args(item)) for item in items]
    chat, place = _place(core, args)
    stored = [
        core.files.resolve(args.attached(item.get("media")), str(item.get("media", "")), item["type"])
        for item in items
    ]
    group = str(core.number("media_group", 13_000_000_000))
    bodies = [
        core.files.body(item["type"], file) | caption
        for item, file, caption in zip(items, stored, captions, strict=True)
    ]
    sent = [core.post(chat, core.bot, body, media_group_id=group, **place) for body in bodies]
    return [core.api(message) for message in sent]


def _source(core: Core, args: Args, *, missing: errors.Text, refused: errors.Text) -> Message:
    message = core.known_chat(args, "from_chat_id").find(args.number("message_id"))
    if message is None:
        raise missing.error()
    if message.service:
        raise refused.error()
    return message


def forward_message(core: Core, args: Args) -> Json:
    chat = core.reachable(args)
    source = _source(core, args, missing=errors.FORWARD_NOT_FOUND, refused=errors.CANNOT_FORWARD)
    origin = source.forward_origin or {
        "type": "user",
        "sender_user": source.sender.api(),
        "date": source.date,
    }
    body = copy.deepcopy(source.body)
    thread_id = core.thread(chat, args)
    return core.api(core.post(chat, core.bot, body, thread_id=thread_id, forward_origin=origin))


def copy_message(core: Core, args: Args) -> Json:
    caption = caption_body(core, args) if "caption" in args.values else None
    markup = parse_markup(args.data("reply_markup"))
    chat, place = _place(core, args)
    source = _source(core, args, missing=errors.COPY_NOT_FOUND, refused=errors.CANNOT_COPY)
    body = copy.deepcopy(source.body)
    if caption is not None and "text" not in body:
        body = {k: v for k, v in body.items() if k not in {"caption", "caption_entities"}} | caption
    return {"message_id": core.post(chat, core.bot, body, markup=markup, **place).id}


def send_chat_action(core: Core, args: Args) -> bool:
    if args.text("action") not in _ACTIONS:
        raise errors.ACTION_WRONG.error()
    chat = core.reachable(args)
    core.events.add("chat_action", chat.id, action=args.text("action"), message=None)
    return True


def send_message_draft(core: Core, args: Args) -> bool:
    text, _ = formatted(core, args, "text")
    if len(text) > MAX_TEXT:
        raise errors.TEXT_TOO_LONG.error()
    if not args.number("draft_id"):
        raise errors.DRAFT_ID_BAD.error()
    chat = core.reachable(args)
    if chat.type != "private":
        raise errors.CHAT_NOT_FOUND.error()
    core.events.add("draft", chat.id, draft_id=args.number("draft_id"), text=text, message=None)
    return True


METHODS: Final[Mapping[str, Any]] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
    "sendChatAction": send_chat_action,
    "sendMessageDraft": send_message_draft,
}
