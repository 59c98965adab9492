"""Bot API methods about the bot itself: its profile, commands, webhook and files.

Source: https://core.telegram.org/bots/api#getme, #setmycommands, #setwebhook
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.telegram import errors
from sandbox.telegram.args import Args
from sandbox.telegram.core import Core
from sandbox.telegram.state import Json
from sandbox.telegram.updates import Webhook

MAX_COMMANDS = 100
MAX_DESCRIPTION = 256
MAX_SECRET = 256
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def get_me(core: Core, args: Args) -> Json:
    return {
        **core.bot.api(),
        "can_join_groups": True,
        "can_read_all_group_messages": not core.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": core.private_topics,
    }


def get_file(core: Core, args: Args) -> Json:
    return core.files.download(args.text("file_id"))


# Commands


def _commands_key(core: Core, args: Args) -> tuple[str, str]:
    scope = args.data("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise errors.SCOPE_BAD.error("unsupported type specified")
    if "chat_id" in scope:
        core.known_chat(Args(scope))
    scope = {key: str(value) for key, value in scope.items() if value is not None}
    return json.dumps(scope, sort_keys=True), args.text("language_code")


def set_commands(core: Core, args: Args) -> bool:
    commands = args.data("commands")
    if not isinstance(commands, list):
        raise errors.JSON_BAD.error("commands")
    if len(commands) > MAX_COMMANDS:
        raise errors.COMMANDS_TOO_MANY.error()
    kept: list[Json] = []
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
            raise errors.COMMAND_INVALID.error()
        description = str(command.get("description", ""))
        if not 1 <= len(description) <= MAX_DESCRIPTION:
            raise errors.COMMAND_DESCRIPTION.error()
        kept.append({"command": name, "description": description})
    key = _commands_key(core, args)
    if kept:
        core.commands[key] = kept
    else:
        core.commands.pop(key, None)
    return True


def get_commands(core: Core, args: Args) -> list[Json]:
    return core.commands.get(_commands_key(core, args), [])


def delete_commands(core: Core, args: Args) -> bool:
    core.commands.pop(_commands_key(core, args), None)
    return True


# Profile


def _setter(field: str) -> Callable[[Core, Args], bool]:
    def set_field(core: Core, args: Args) -> bool:
        core.profile[field, args.text("language_code")] = args.text(field)
        return True

    return set_field


def _getter(field: str) -> Callable[[Core, Args], Json]:
    def get_field(core: Core, args: Args) -> Json:
        default = core.bot.first_name if field == "name" else ""
        language = args.text("language_code")
        return {field: core.profile.get((field, language)) or core.profile.get((field, "")) or default}

    return get_field


def set_menu_button(core: Core, args: Args) -> bool:
    button = args.data("menu_button") or {"type": "default"}
    core.profile["menu_button", args.text("chat_id")] = json.dumps(button)
    return True


def get_menu_button(core: Core, args: Args) -> Any:
    return json.loads(core.profile.get(("menu_button", args.text("chat_id")), '{"type": "default"}'))


# Webhook


def set_webhook(core: Core, args: Args) -> bool:
    """A plain http address is taken on this machine only, or no test could listen."""
    url = args.text("url").strip()
    if not url:
        return delete_webhook(core, args)
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise errors.BAD_WEBHOOK.error("An HTTPS URL must be provided for webhook")
    secret = args.text("secret_token")
    if len(secret) > MAX_SECRET:
        raise errors.SECRET_TOO_LONG.error()
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise errors.SECRET_BAD.error()
    _allow(core, args)
    if args.flag("drop_pending_updates"):
        core.updates.drop()
    most = min(max(args.number("max_connections", 40), 1), 100)
    core.updates.set_webhook(Webhook(url, secret, most, args.text("ip_address") or None))
    return True


def delete_webhook(core: Core, args: Args) -> bool:
    if args.flag("drop_pending_updates"):
        core.updates.drop()
    if core.updates.webhook.url:
        core.updates.set_webhook(Webhook())
    return True


def _allow(core: Core, args: Args) -> None:
    allowed = args.data("allowed_updates")
    if isinstance(allowed, list):
        core.updates.allowed = [str(kind) for kind in allowed] or None


def get_webhook_info(core: Core, args: Args) -> Json:
    webhook = core.updates.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": core.updates.pending,
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    for name in ("ip_address", "last_error_date", "last_error_message"):
        if value := getattr(webhook, name):
            info[name] = value
    if core.updates.allowed:
        info["allowed_updates"] = core.updates.allowed
    return info


METHODS: Final[Mapping[str, Any]] = {
    "getMe": get_me,
    "getFile": get_file,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
