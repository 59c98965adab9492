"""Bot API methods that change or remove messages, and answer presses.

Source: https://core.telegram.org/bots/api#updating-messages
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sandbox.telegram import errors
from sandbox.telegram.args import Args
from sandbox.telegram.core import Core
from sandbox.telegram.keyboards import parse_markup
from sandbox.telegram.methods_send import caption_body, text_body
from sandbox.telegram.state import Chat, Json, Message

DELETABLE_FOR: Final = timedelta(hours=48)
MAX_ANSWER = 200


def _editable(core: Core, args: Args) -> Message:
    """The bot's own message that a call names.

    Raises:
        ApiError: not there, somebody else's, forwarded, or sent with other than an inline keyboard.
    """
    message = core.reachable(args).find(args.number("message_id"))
    if message is None:
        raise errors.EDIT_NOT_FOUND.error()
    plain = message.markup is None or message.keyboard is not None
    own = message.sender is core.bot and not message.service and message.forward_origin is None
    if not (own and plain):
        raise errors.CANNOT_EDIT.error()
    return message


def _markup(args: Args) -> Json | None:
    return parse_markup(args.data("reply_markup"), inline_only=True)


def edit_text(core: Core, args: Args) -> Json:
    body = text_body(core, args)
    markup = _markup(args)
    message = _editable(core, args)
    if "text" not in message.body:
        raise errors.NO_TEXT_TO_EDIT.error()
    # An edit without reply_markup takes the keyboard away: the markup is what came, never what was.
    core.rewrite(message, body=body, markup=markup)
    return core.api(message)


def edit_caption(core: Core, args: Args) -> Json:
    caption = caption_body(core, args)
    markup = _markup(args)
    message = _editable(core, args)
    if "text" in message.body:
        raise errors.NO_CAPTION_TO_EDIT.error()
    kept = {k: v for k, v in message.body.items() if k not in {"caption", "caption_entities"}}
    core.rewrite(message, body=kept | caption, markup=markup)
    return core.api(message)


def edit_markup(core: Core, args: Args) -> Json:
    markup = _markup(args)
    message = _editable(core, args)
    core.rewrite(message, body=message.body, markup=markup)
    return core.api(message)


def _deletable(core: Core, chat: Chat, message: Message) -> bool:
    if core.clock.unix() - message.date > DELETABLE_FOR.total_seconds():
        return False
    return message.sender is core.bot or chat.type == "private" or chat.bot_status == "administrator"


def delete_message(core: Core, args: Args) -> bool:
    chat = core.reachable(args)
    message = chat.find(args.number("message_id"))
    if message is None:
        raise errors.DELETE_NOT_FOUND.error()
    if not _deletable(core, chat, message):
        raise errors.DELETE_FORBIDDEN.error()
    core.delete(message)
    return True


def delete_messages(core: Core, args: Args) -> bool:
    """As documented, messages that are not found are skipped."""
    chat = core.reachable(args)
    found = [message for item in args.data("message_ids") or [] if (message := chat.find(int(item)))]
    if not all(_deletable(core, chat, message) for message in found):
        raise errors.DELETE_FORBIDDEN.error()
    for message in found:
        core.delete(message)
    return True


def answer_callback(core: Core, args: Args) -> bool:
    text = args.text("text")
    if len(text) > MAX_ANSWER:
        raise errors.ANSWER_TOO_LONG.error()
    query = core.queries.get(args.text("callback_query_id"))
    if query is None or core.clock.now() - query.asked > core.callback_lifetime:
        raise errors.QUERY_TOO_OLD.error()
    press = query.press
    del core.queries[press.callback_query_id]
    url = args.text("url") or None
    core.record.acknowledge(press, text=text or None, show_alert=args.flag("show_alert"), url=url)
    core.events.add(
        "callback_answer",
        press.chat_id,
        user_id=press.user_id,
        message_id=press.message_id,
        callback_query_id=press.callback_query_id,
        text=text or None,
        show_alert=args.flag("show_alert"),
        url=url,
        message=None,
    )
    return True


def set_reaction(core: Core, args: Args) -> bool:
    message = core.reachable(args).find(args.number("message_id"))
    if message is None:
        raise errors.REACT_NOT_FOUND.error()
    reaction = args.data("reaction") or []
    core.events.add("reaction", message.chat_id, message_id=message.id, reaction=reaction, message=None)
    return True


METHODS: Final[Mapping[str, Any]] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback,
    "setMessageReaction": set_reaction,
}
