"""All Bot API methods by name; names are case-insensitive."""

from collections.abc import Callable
from typing import Any, Final

from sandbox.telegram import errors, methods_bot, methods_chats, methods_edit, methods_send
from sandbox.telegram.args import Args
from sandbox.telegram.core import Core

GET_UPDATES: Final = "getupdates"

METHODS: Final[dict[str, Callable[[Core, Args], Any]]] = {
    name.lower(): method
    for module in (methods_bot, methods_chats, methods_edit, methods_send)
    for name, method in module.METHODS.items()
}


async def call(core: Core, method: str, args: Args) -> Any:
    """The result of a method, its effects done before the first await; getUpdates alone waits.

    Raises:
        ApiError: as Telegram would refuse.
    """
    if method == GET_UPDATES:
        allowed = args.data("allowed_updates")
        return await core.updates.poll(
            offset=args.number("offset"),
            limit=args.number("limit", 100) or 100,
            seconds=args.seconds("timeout"),
            allowed=[str(kind) for kind in allowed] if isinstance(allowed, list) else None,
        )
    if method not in METHODS:
        raise errors.METHOD_NOT_FOUND.error()
    return METHODS[method](core, args)
