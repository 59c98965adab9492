"""Reply markup: checked as Telegram checks it, and laid out as people see it.

Source: https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

import re
from typing import Any

from sandbox.telegram import errors
from sandbox.telegram.state import Json

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_DATA_BYTES = 64
MAX_COPY_TEXT = 256
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
_LOOKS = ("style", "icon_custom_emoji_id")
STYLES = frozenset({"danger", "success", "primary"})


def parse_markup(value: Any, *, inline_only: bool = False) -> Json | None:
    """The markup as it will be kept, None for none.

    Raises:
        ApiError: Telegram would refuse it.
    """
    if value is None or value in ("", {}):
        return None
    if not isinstance(value, dict):
        raise errors.MARKUP_OBJECT.error()
    if "inline_keyboard" in value:
        rows = _inline_rows(value["inline_keyboard"])
        return {"inline_keyboard": rows} if rows else None
    if inline_only:
        return None
    if "keyboard" in value:
        return {**value, "keyboard": _reply_rows(value["keyboard"])}
    if value.get("force_reply") or value.get("remove_keyboard"):
        return {key: item for key, item in value.items() if item is not None}
    return None


def _rows(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise errors.MARKUP_OBJECT.error()
    rows = [row for row in value if row]
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise errors.MARKUP_TOO_LONG.error()
    return rows


def _inline_rows(value: Any) -> list[list[Json]]:
    return [[_inline_button(button) for button in row] for row in _rows(value)]


def _reply_rows(value: Any) -> list[list[Json]]:
    rows: list[list[Json]] = []
    for row in _rows(value):
        buttons = [{"text": button} if isinstance(button, str) else button for button in row]
        if not all(isinstance(button, dict) and button.get("text") for button in buttons):
            raise errors.REPLY_KEYBOARD_BAD.error("text must be non-empty")
        rows.append(buttons)
    return rows


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise errors.KEYBOARD_BAD.error("object expected")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise errors.KEYBOARD_BAD.error("inline keyboard button text must be non-empty")
    actions = [name for name in ACTIONS if button.get(name) is not None]
    if not actions:
        raise errors.KEYBOARD_BAD.error("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise errors.KEYBOARD_BAD.error("exactly one action must be specified")
    kept = {"text": text.strip(), actions[0]: button[actions[0]]}
    _check_action(actions[0], button[actions[0]])
    for name in _LOOKS:
        if button.get(name) is not None:
            kept[name] = button[name]
    if kept.get("style") not in {None, *STYLES}:
        raise errors.KEYBOARD_BAD.error("invalid button style specified")
    return kept


def _check_action(action: str, value: Any) -> None:
    if action == "callback_data" and not (
        isinstance(value, str) and 1 <= len(value.encode()) <= MAX_DATA_BYTES
    ):
        raise errors.BUTTON_DATA_INVALID.error()
    if action == "url" and not re.match(r"(?:https?://|tg://)\S+|(?:[\w-]+\.)+[\w-]{2,}\S*$", str(value)):
        raise errors.BUTTON_URL_INVALID.error()
    if action == "copy_text":
        copied = value.get("text", "") if isinstance(value, dict) else ""
        if not 1 <= len(copied) <= MAX_COPY_TEXT:
            raise errors.BUTTON_COPY_INVALID.error()


def seen(markup: Json | None) -> list[list[Json]]:
    """The inline keyboard as people see it: rows of {label, data, url, copy_text, style, disabled}."""
    rows: list[list[Json]] = (markup or {}).get("inline_keyboard", [])
    return [
        [
            {
                "label": button["text"],
                "data": button.get("callback_data"),
                "url": button.get("url"),
                "copy_text": (button.get("copy_text") or {}).get("text"),
                "style": button.get("style"),
                "disabled": button.get("disabled") is not None,
            }
            for button in row
        ]
        for row in rows
    ]
