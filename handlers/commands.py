"""The commands: who may type which, and the menu that shows them. Every one has help: `/help queue`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from aiogram.types import BotCommand

from handlers.words import Words
from incidents.permissions import MATRIX, Permission
from models import Role


@dataclass(frozen=True, slots=True)
class Command:
    """`needs` None: everybody's. `in_menu` False: it works and has help, but the menu would be too long."""

    name: str
    needs: Permission | None
    in_menu: bool = True


# In the order of a working day: the menu and /help show them so, the rarer ones behind a fold.
COMMANDS: Final = (
    Command("queue", Permission.SEE_QUEUE),
    Command("triage", Permission.TRIAGE),
    Command("my", Permission.ANSWER),
    Command("drafts", Permission.SEE_INCIDENT),
    Command("late", Permission.SEE_INCIDENT),
    Command("find", Permission.SEE_INCIDENT),
    Command("incident", Permission.SEE_INCIDENT),
    Command("away", Permission.ABSENCE),
    Command("delegate", Permission.DELEGATE),
    Command("people", Permission.PEOPLE),
    Command("invite", Permission.INVITE_STAFF),
    Command("bodies", Permission.SEE_BODIES),
    Command("why", Permission.DEADLINE),
    Command("explain", Permission.EXPLAIN),
    Command("assign", Permission.TRIAGE),
    Command("skip", Permission.TRIAGE),
    Command("merge", Permission.TRIAGE),
    Command("reopen", Permission.REOPEN),
    Command("templates", Permission.TEMPLATES),
    Command("routing", Permission.ROUTING),
    Command("rules", Permission.RULES),
    Command("model", Permission.MODEL),
    Command("keywords", Permission.SEE_KEYWORDS),
    Command("communities", Permission.SEE_COMMUNITIES),
    Command("reassign", Permission.REASSIGN, in_menu=False),
    Command("invitations", Permission.INVITE_STAFF, in_menu=False),
    Command("bind", Permission.BIND, in_menu=False),
    Command("signature", Permission.TEMPLATES, in_menu=False),
    Command("approval", Permission.SET_APPROVAL, in_menu=False),
    Command("duty", Permission.DUTY, in_menu=False),
    Command("cancel", None, in_menu=False),
    Command("help", None),
    Command("language", None),
)
GROUP: Final = ("my", "late", "find", "bind", "help")


def open_to(command: Command, roles: Collection[Role]) -> bool:
    """Whether a person of these roles may use it."""
    return command.needs is None or any(role in roles for role in MATRIX[command.needs])


def menu(words: Words, roles: Collection[Role]) -> tuple[BotCommand, ...]:
    """The menu of one person's private chat."""
    return _commands(words, [one.name for one in COMMANDS if one.in_menu and open_to(one, roles)])


def group_menu(words: Words) -> tuple[BotCommand, ...]:
    return _commands(words, GROUP)


def _commands(words: Words, names: Collection[str]) -> tuple[BotCommand, ...]:
    return tuple(BotCommand(command=name, description=words.plain(f"command.{name}")) for name in names)
