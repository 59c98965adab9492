"""Every refusal the emulated server can utter, in Telegram's own words.

Source "server": literal or mapped texts of github.com/tdlib/telegram-bot-api, Client.cpp (Bot API 10.0).
Source "tdlib": texts made inside TDLib (github.com/tdlib/td) or by Telegram itself and passed through;
known from use, not from the server's source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Source: TypeAlias = Literal["server", "tdlib"]

TEXTS: "list[Text]" = []


class ApiError(Exception):
    """A refusal on its way to the bot: HTTP status and `error_code` are the same number."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})

    def body(self) -> dict[str, Any]:
        """The JSON the bot reads."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


@dataclass(frozen=True)
class Text:
    """One wording; `{}` in `words` is a blank."""

    code: int
    words: str
    source: Source = "tdlib"
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = (re.escape(part) for part in self.words.split("{}"))
        object.__setattr__(self, "pattern", re.compile("(?s:.*)".join(parts)))
        TEXTS.append(self)

    def error(self, *blanks: object, **parameters: Any) -> ApiError:
        """The refusal with its blanks filled; `parameters` go to ResponseParameters."""
        return ApiError(self.code, self.words.format(*blanks), parameters)


def known(code: int, description: str) -> bool:
    """Whether the table has such a refusal."""
    return any(text.code == code and text.pattern.fullmatch(description) for text in TEXTS)


NOT_MODIFIED = Text(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message",
    "server",
)
BLOCKED = Text(403, "Forbidden: bot was blocked by the user", "server")
DEACTIVATED = Text(403, "Forbidden: user is deactivated", "server")
QUERY_TOO_OLD = Text(
    400, "Bad Request: query is too old and response timeout expired or query ID is invalid", "server"
)
DELETE_FORBIDDEN = Text(400, "Bad Request: message can't be deleted", "server")
MARKUP_TOO_LONG = Text(400, "Bad Request: reply markup is too long", "server")
EDIT_NOT_FOUND = Text(400, "Bad Request: message to edit not found", "server")
DELETE_NOT_FOUND = Text(400, "Bad Request: message to delete not found", "server")
REPLY_NOT_FOUND = Text(400, "Bad Request: message to be replied not found", "server")
FORWARD_NOT_FOUND = Text(400, "Bad Request: message to forward not found", "server")
UPGRADED = Text(400, "Bad Request: group chat was upgraded to a supergroup chat", "server")
TOO_MANY = Text(429, "Too Many Requests: retry after {}", "server")
TEXT_EMPTY = Text(400, "Bad Request: message text is empty", "server")
BUTTON_DATA_INVALID = Text(400, "Bad Request: BUTTON_DATA_INVALID", "server")
UNAUTHORIZED = Text(401, "Unauthorized", "server")
CHAT_NOT_FOUND = Text(400, "Bad Request: chat not found", "server")
KICKED_GROUP = Text(403, "Forbidden: bot was kicked from the group chat", "server")
KICKED_SUPERGROUP = Text(403, "Forbidden: bot was kicked from the supergroup chat", "server")
NOT_IN_GROUP = Text(403, "Forbidden: bot is not a member of the group chat", "server")
NOT_IN_SUPERGROUP = Text(403, "Forbidden: bot is not a member of the supergroup chat", "server")
KICKED_CHANNEL = Text(403, "Forbidden: bot was kicked from the channel chat", "server")
NOT_IN_CHANNEL = Text(403, "Forbidden: bot is not a member of the channel chat", "server")
OUT: Mapping[str, tuple[Text, Text]] = {  # type of chat → the bot was banned, the bot is not there
    "group": (KICKED_GROUP, NOT_IN_GROUP),
    "supergroup": (KICKED_SUPERGROUP, NOT_IN_SUPERGROUP),
    "channel": (KICKED_CHANNEL, NOT_IN_CHANNEL),
}
CHAT_ID_EMPTY = Text(400, "Bad Request: chat_id is empty", "server")
THREAD_NOT_FOUND = Text(400, "Bad Request: message thread not found", "server")
FILE_ID_EMPTY = Text(400, "Bad Request: file_id not specified", "server")
FILE_TOO_BIG = Text(400, "Bad Request: file is too big", "server")
FILE_WRONG = Text(400, "Bad Request: wrong file_id or the file is temporarily unavailable", "server")
METHOD_NOT_FOUND = Text(404, "Not Found: method not found", "server")
WEBHOOK_ACTIVE = Text(
    409,
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first",
    "server",
)
BAD_WEBHOOK = Text(400, "Bad Request: bad webhook: {}", "server")
SECRET_TOO_LONG = Text(400, "Bad Request: secret token is too long", "server")
SECRET_BAD = Text(400, "Bad Request: secret token contains unallowed characters", "server")
POLL_ENDED_BY_WEBHOOK = Text(409, "Conflict: terminated by setWebhook request", "server")
POLL_ENDED_BY_POLL = Text(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "server",
)

CANNOT_INITIATE = Text(403, "Forbidden: bot can't initiate conversation with a user")
CANNOT_EDIT = Text(400, "Bad Request: message can't be edited")
COPY_NOT_FOUND = Text(400, "Bad Request: message to copy not found")
PIN_NOT_FOUND = Text(400, "Bad Request: message to pin not found")
REACT_NOT_FOUND = Text(400, "Bad Request: message to react not found")
CANNOT_FORWARD = Text(400, "Bad Request: message can't be forwarded")
CANNOT_COPY = Text(400, "Bad Request: message can't be copied")
NO_TEXT_TO_EDIT = Text(400, "Bad Request: there is no text in the message to edit")
NO_CAPTION_TO_EDIT = Text(400, "Bad Request: there is no caption in the message to edit")
TEXT_TOO_LONG = Text(400, "Bad Request: message is too long")
TEXT_HUGE = Text(400, "Bad Request: text is too long")
CAPTION_TOO_LONG = Text(400, "Bad Request: message caption is too long")
ANSWER_TOO_LONG = Text(400, "Bad Request: MESSAGE_TOO_LONG")
NOT_UTF8 = Text(400, "Bad Request: strings must be encoded in UTF-8")
PARSE = Text(400, "Bad Request: can't parse entities: {}")
PARSE_MODE = Text(400, "Bad Request: unsupported parse_mode")
ENTITY_BOUNDS = Text(
    400,
    "Bad Request: entity beginning at UTF-16 offset {} ends after the end of the text at UTF-16 offset {}",
)
JSON_BAD = Text(400, "Bad Request: can't parse {} JSON object")
NOT_NUMBER = Text(400, 'Bad Request: invalid {} value "{}" specified')
MARKUP_OBJECT = Text(400, "Bad Request: object expected as reply markup")
KEYBOARD_BAD = Text(400, "Bad Request: can't parse inline keyboard button: {}")
REPLY_KEYBOARD_BAD = Text(400, "Bad Request: can't parse reply keyboard: {}")
BUTTON_URL_INVALID = Text(400, "Bad Request: BUTTON_URL_INVALID")
BUTTON_COPY_INVALID = Text(400, "Bad Request: BUTTON_COPY_TEXT_INVALID")
FILE_MISSING = Text(400, "Bad Request: there is no {} in the request")
FILE_UNKNOWN = Text(400, "Bad Request: wrong file identifier/HTTP URL specified")
FILE_UNREACHABLE = Text(400, "Bad Request: failed to get HTTP URL content")
FILE_EMPTY = Text(400, "Bad Request: file must be non-empty")
UPLOAD_TOO_BIG = Text(413, "Request Entity Too Large")
MEDIA_GROUP_SIZE = Text(400, "Bad Request: group message must contain from 2 to 10 items")
MEDIA_TYPE = Text(400, "Bad Request: can't parse InputMedia: {}")
ACTION_WRONG = Text(400, "Bad Request: wrong parameter action in request")
NOT_A_FORUM = Text(400, "Bad Request: the chat is not a forum")
TOPIC_RIGHTS = Text(400, "Bad Request: not enough rights to create a topic")
TOPIC_NAME = Text(400, "Bad Request: TOPIC_NAME_INVALID")
TOPIC_CLOSED = Text(400, "Bad Request: TOPIC_CLOSED")
TOPIC_NOT_MODIFIED = Text(400, "Bad Request: TOPIC_NOT_MODIFIED")
TOPIC_ID_INVALID = Text(400, "Bad Request: TOPIC_ID_INVALID")
PIN_RIGHTS = Text(400, "Bad Request: not enough rights to manage pinned messages in the chat")
NOT_A_POSTER = Text(400, "Bad Request: need administrator rights in the channel chat")
USER_NOT_FOUND = Text(400, "Bad Request: invalid user_id specified")
COMMAND_INVALID = Text(400, "Bad Request: BOT_COMMAND_INVALID")
COMMAND_DESCRIPTION = Text(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
COMMANDS_TOO_MANY = Text(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
SCOPE_BAD = Text(400, "Bad Request: can't parse BotCommandScope: {}")
DRAFT_ID_BAD = Text(400, "Bad Request: RANDOM_ID_INVALID")
RESTART = Text(500, "Internal Server Error: restart")
