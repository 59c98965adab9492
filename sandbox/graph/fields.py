"""What `fields=` asks for: names, modifiers and what is nested in them.

Source: https://developers.facebook.com/docs/graph-api/guides/field-expansion
Example: `id,comments.limit(50).order(chronological){id,from{name}}`
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.graph.errors import GraphError

_NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
_ARGUMENT: Final = re.compile(r"\(((?:[^()\"]|\"[^\"]*\")*)\)")
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Field:
    """`args` are the modifiers; `inner` is None where no braces follow, `text` is what stands in them."""

    name: str
    args: Mapping[str, str] = field(default_factory=dict)
    inner: tuple["Field", ...] | None = None
    text: str = ""


def parse(text: str) -> tuple[Field, ...]:
    """The fields asked for.

    Raises:
        GraphError: 2500, a syntax error with its place.
    """
    reader = _Reader(text)
    found = reader.several(0)
    if reader.at < len(text):
        raise reader.broken("end of string")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def several(self, depth: int) -> tuple[Field, ...]:
        if depth > _DEEPEST:
            raise GraphError(2500, "Syntax error: fields are nested too deeply")
        found = [self._one(depth)]
        while self._take(","):
            found.append(self._one(depth))
        return tuple(found)

    def _one(self, depth: int) -> Field:
        name = self._name()
        args: dict[str, str] = {}
        while self._take("."):
            modifier = self._name()
            argument = _ARGUMENT.match(self.text, self.at)
            if argument is None:
                raise self.broken("(")
            args[modifier] = argument[1].strip().strip('"')
            self.at = argument.end()
        if not self._take("{"):
            return Field(name, args)
        start = self.at
        inner = self.several(depth + 1)
        text = self.text[start : self.at].strip()
        if not self._take("}"):
            raise self.broken("}")
        return Field(name, args, inner, text)

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise self.broken("field name")
        self.at = found.end()
        return found[1]

    def _take(self, sign: str) -> bool:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if not self.text.startswith(sign, self.at):
            return False
        self.at += 1
        return True

    def broken(self, expected: str) -> GraphError:
        there = self.text[self.at : self.at + 1] or "end of string"
        return GraphError(
            2500,
            f'Syntax error "Expected {expected} instead of "{there}"." at character {self.at}: {self.text}',
        )
