"""The command menus: what a person can type, by role and language."""

from collections.abc import Collection
from typing import Final

from aiogram.types import BotCommand

from handlers.words import Words
from models import Role

_OF_ROLE: Final = {
    Role.CURATOR: (
        "queue",
        "late",
        "incident",
        "explain",
        "bodies",
        "keywords",
        "communities",
        "routing",
        "rules",
        "model",
        "invite",
        "assign",
        "skip",
        "merge",
        "reopen",
    ),
    Role.OFFICIAL: ("my", "late", "explain", "communities"),
    Role.APPROVER: ("late",),
    Role.OPERATOR: ("model",),
}
_OF_EVERYBODY: Final = ("help", "language")
GROUP: Final = ("my", "late", "help")


def menu(words: Words, roles: Collection[Role]) -> tuple[BotCommand, ...]:
    """The menu of one person's private chat."""
    names = [
        name
        for role in (Role.OFFICIAL, Role.CURATOR, Role.APPROVER, Role.OPERATOR)
        if role in roles
        for name in _OF_ROLE[role]
    ]
    return _commands(words, [*dict.fromkeys([*names, *_OF_EVERYBODY])])


def group_menu(words: Words) -> tuple[BotCommand, ...]:
    return _commands(words, GROUP)


def _commands(words: Words, names: Collection[str]) -> tuple[BotCommand, ...]:
    return tuple(BotCommand(command=name, description=words.plain(f"command.{name}")) for name in names)
