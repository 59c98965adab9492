"""The rules as a file: CSV or XLSX in, CSV out. Importing what was exported changes nothing.

Columns, in any order: topic (its code or name, or *), territory (empty: everywhere), owner (federal, regional,
municipal, private; empty: any), body (its code), note. Nothing here is quick: call it off the event loop.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from incidents.registry_columns import Fault, clean, folded, harmless, restored
from incidents.registry_tables import BadCell, Cell, NotATable, table_of
from incidents.rules import (
    LONGEST_NOTE,
    LONGEST_TERRITORY,
    Listed,
    RuleLine,
    owner_code,
    territory_of,
    topic_code,
)
from models.kinds import Owner

# Our own spelling, then what else is understood.
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "topic": ("topic", "тема", "код темы", "подтема", "topic code"),
    "territory": ("territory", "территория", "муниципалитет"),
    "owner": ("owner", "чьё", "чья", "чей", "собственность", "владелец"),
    "body": ("body", "орган", "код органа", "body code", "исполнитель"),
    "note": ("note", "примечание", "почему", "комментарий"),
}
_COLUMN_OF: Final = {folded(name): column for column, names in HEADERS.items() for name in names}
_REQUIRED: Final = ("topic", "body")
_LONGEST: Final = {"territory": LONGEST_TERRITORY, "note": LONGEST_NOTE}
_KNOWN_OWNERS: Final = ", ".join(owner.value for owner in Owner)


@dataclass(frozen=True, slots=True)
class Reading:
    """`lines` are good for nothing while there are `faults`."""

    lines: list[RuleLine]
    faults: list[Fault]


def read_rules(content: bytes) -> Reading:
    """The file's rules and every fault of it; whether the bodies exist, the database knows."""
    reader = _Reader()
    try:
        lines = list(reader.lines(table_of(content).rows))
    except NotATable as refusal:
        return Reading([], [Fault(refusal.row, "", refusal.key, refusal.blanks)])
    if not lines and not reader.faults:
        reader.faults.append(Fault(0, "", "rule_empty"))
    return Reading(lines, reader.faults)


@dataclass(slots=True)
class _Reader:
    """Goes through the rows once. `at`: where each column stands; `spelled`: how the file calls it."""

    faults: list[Fault] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    width: int = 0
    seen: dict[tuple[str, str, str, str], int] = field(default_factory=dict)

    def lines(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[RuleLine]:
        for number, cells in rows:
            if not self.width:
                self._take_header(number, cells)
                if self.faults:
                    return
            elif (line := self._line(number, cells)) is not None:
                yield line

    def _take_header(self, number: int, cells: Sequence[Cell]) -> None:
        for position, cell in enumerate(cells):
            header = clean(cell) if isinstance(cell, str) else ""
            column = _COLUMN_OF.get(folded(header), "")
            if not header:
                continue
            if not column:
                self.faults.append(Fault(number, header, "rule_header", {"known": ", ".join(HEADERS)}))
            elif column in self.at:
                self.faults.append(Fault(number, header, "header_twice"))
            else:
                self.at[column], self.spelled[column] = position, header
        self.width = len(cells)
        missing = [column for column in _REQUIRED if column not in self.at]
        self.faults += [Fault(number, column, "header_missing") for column in missing]

    def _line(self, number: int, cells: Sequence[Cell]) -> RuleLine | None:
        before = len(self.faults)
        if any(isinstance(cell, BadCell) or cell.strip() for cell in cells[self.width :]):
            self.faults.append(Fault(number, "", "row_too_long"))
            return None
        said = {column: self._cell(number, column, cells) for column in HEADERS}
        topic, owner = topic_code(said["topic"]), owner_code(said["owner"])
        if said["topic"] and topic is None:
            self._fault(number, "topic", "rule_topic", value=said["topic"][:60])
        if owner is None:
            self._fault(number, "owner", "rule_owner", value=said["owner"][:60], known=_KNOWN_OWNERS)
        if len(self.faults) > before or topic is None or owner is None:
            return None
        line = RuleLine(
            row=number,
            topic=topic,
            territory=territory_of(said["territory"]),
            owner=owner,
            body_code=said["body"].lower(),
            note=said["note"] if "note" in self.at else None,
        )
        first = self.seen.setdefault(line.key, number)
        if first != number:
            self._fault(number, "topic", "rule_twice", first=str(first))
        return line

    def _cell(self, number: int, column: str, cells: Sequence[Cell]) -> str:
        at = self.at.get(column)
        cell = "" if at is None or at >= len(cells) else cells[at]
        if isinstance(cell, BadCell):
            self._fault(number, column, cell.value)
            return ""
        text = clean(restored(cell.strip()))
        if not text and column in _REQUIRED:
            self._fault(number, column, "cell_empty")
        longest = _LONGEST.get(column)
        if longest is not None and len(text) > longest:
            self._fault(number, column, "too_long", limit=str(longest))
        return text

    def _fault(self, number: int, column: str, key: str, **blanks: str) -> None:
        self.faults.append(Fault(number, self.spelled.get(column, column), key, blanks))


def rules_as_csv(rules: Sequence[Listed]) -> bytes:
    """UTF-8 with its mark, semicolons: what a Russian Excel opens by itself."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    for one in rules:
        rule = one.rule
        row = (rule.topic, rule.territory, rule.owner, one.body.code, rule.note)
        writer.writerow([harmless(clean(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
