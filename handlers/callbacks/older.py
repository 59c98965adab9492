"""Formats of old cards, read in one place."""

from collections.abc import Callable, Mapping
from typing import Final

# Old prefix → the same press in today's format.
OLDER: Final[Mapping[str, Callable[[str], str]]] = {
    "a1.give": lambda data: f"a2.give:{data.partition(':')[2]}:0",
}


def modern(data: str, older: Mapping[str, Callable[[str], str]] = OLDER) -> str:
    """A press in today's format; one that cannot be read is left as it is, for the fallback to refuse."""
    translate = older.get(data.partition(":")[0])
    if translate is None:
        return data
    try:
        return translate(data)
    except (ValueError, TypeError):
        return data
