"""What stands after a command."""

from aiogram.filters import CommandObject

from handlers.callbacks import LARGEST_ID


def number_of(command: CommandObject | str) -> tuple[int | None, str]:
    """The incident's number ("17", "№17", "#17") and the rest. None: there is no number a database could hold."""
    text = command if isinstance(command, str) else command.args or ""
    first, _, rest = text.strip().lstrip("№#").strip().partition(" ")
    # isdecimal alone lets other scripts' digits through, which int() reads as well: harmless.
    number = int(first) if first.isdecimal() and len(first) <= len(str(LARGEST_ID)) else None
    return (number if number and number <= LARGEST_ID else None), rest.strip()
