"""A registry file as it comes from a person: CSV or XLSX, hostile or broken → its lines, or all of its faults.

Nothing here is quick: call it off the event loop.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from incidents.registry_columns import (
    FIGURES,
    REQUIRED,
    Column,
    Fault,
    LinkReader,
    PageLink,
    clean,
    column_of,
    header_of,
    level_of,
    network_of,
    restored,
    yes_or_no,
)
from incidents.registry_tables import BadCell, Cell, Merged, NotATable, Row, table_of
from models import CommunityLevel, Language

_HEADER_WITHIN: Final = 10  # rows: a title may stand above the header
_MOST_A_WEEK: Final = 1000
_LONGEST: Final = {Column.TITLE: 200, Column.TERRITORY: 100, Column.BODY: 32, Column.LINK: 500}
_LONGEST_NAME: Final = 100
_LONGEST_ID: Final = 64
_NOTHING: Final = "\0"  # for "-" in a cell: what is known is to be forgotten
_MAY_BE_NOTHING: Final = frozenset({Column.BODY, Column.TITLE, Column.TERRITORY})
_ID: Final = re.compile(r"-?\d+", re.ASCII)
_ROUNDED: Final = re.compile(r"-?\d+([.,]\d+)?[eE]\+?\d+", re.ASCII)  # an id as a spreadsheet saves it to CSV
_NAME: Final = re.compile(r"@?[\w.\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One page as the file tells of it. None: the file does not say, what is known stays. "": it has none."""

    row: int
    network: str
    native_id: str
    name: str
    url: str | None = None
    body_code: str | None = None
    title: str | None = None
    territory: str | None = None
    level: CommunityLevel | None = None
    is_verified: bool | None = None
    posts_norm: int | None = None
    body_header: str = ""  # how the file spells the column, for a fault found later
    link_header: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`lines` are good for nothing while there are `faults`."""

    lines: list[Line]
    faults: list[Fault]


def read_registry(content: bytes, *, readers: Mapping[str, LinkReader]) -> Reading:
    """The file's lines and every fault of it. `readers`: network → what reads the link to a page there."""
    try:
        table = table_of(content)
        reader = _Reader(readers)
        lines = list(reader.lines(table.rows, table.merged))
    except NotATable as refusal:
        return Reading([], [Fault(refusal.row, "", refusal.key, refusal.blanks)])
    if not lines and not reader.faults:
        reader.faults.append(Fault(0, "", "empty"))
    places = {header: reader.at[column] for column, header in reader.headers.items()}
    return Reading(lines, sorted(reader.faults, key=lambda one: (one.row, places.get(one.column, -1))))


@dataclass(slots=True)
class _Reader:
    """Goes through the rows once. `at` holds where each column stands, `headers` how the file spells it."""

    readers: Mapping[str, LinkReader]
    faults: list[Fault] = field(default_factory=list)
    at: dict[Column, int] = field(default_factory=dict)
    headers: dict[Column, str] = field(default_factory=dict)
    width: int = 0
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def lines(self, rows: Iterator[Row], merged: Sequence[Merged]) -> Iterator[Line]:
        above: list[Row] = []
        for number, cells in rows:
            if self.at:
                line = self._line(number, cells)
                if line is not None:
                    yield line
            elif _is_header(cells):
                self._take_header(number, cells)
                self._refuse_merged(number, merged)
                if self.faults:
                    return
            else:
                above.append((number, cells))
                if len(above) == _HEADER_WITHIN:
                    break
        if not self.at and above:
            self._take_header(*above[0])

    # -- the header

    def _take_header(self, number: int, cells: Sequence[Cell]) -> None:
        for position, cell in enumerate(cells):
            header = clean(cell) if isinstance(cell, str) else ""
            column = column_of(header)
            if column in self.at:
                self.faults.append(Fault(number, header, "header_twice"))
            elif column is not None:
                self.at[column], self.headers[column] = position, header
            elif header or isinstance(cell, BadCell):
                self.faults.append(Fault(number, header[:60], "header_unknown"))
        for column in REQUIRED:
            if column not in self.at:
                names = f"{header_of(column, Language.RU)} / {header_of(column, Language.EN)}"
                self.faults.append(Fault(number, names, "header_missing"))
        self.width = len(cells)

    def _refuse_merged(self, header_row: int, merged: Sequence[Merged]) -> None:
        """One value over several rows or columns: it is not said whose it is."""
        for one in merged:
            touched = [
                column
                for column, at in self.at.items()
                if one.left <= at <= one.right and column not in FIGURES
            ]
            if touched and one.bottom > header_row:
                row = max(one.top, header_row + 1)
                self.faults.append(Fault(row, self.headers[touched[0]], "merged"))

    # -- a row

    def _line(self, row: int, cells: Sequence[Cell]) -> Line | None:
        before = len(self.faults)
        if any(cell != "" for cell in cells[self.width :]):
            self.faults.append(Fault(row, "", "row_too_long"))
        text = {column: self._text(row, column, cells) for column in self.at if column not in FIGURES}
        network = self._network(row, text.get(Column.NETWORK, ""))
        link = text.get(Column.LINK, "")
        page, url = self._page(row, network, link)
        line = Line(
            row=row,
            network=network,
            native_id=page.native_id if page else "",
            name=page.name.lower() if page else "",
            url=url,
            body_code=_said(text.get(Column.BODY, "").lower()),
            title=_said(text.get(Column.TITLE, "")),
            territory=_said(text.get(Column.TERRITORY, "")),
            level=self._level(row, text.get(Column.LEVEL, "")),
            is_verified=self._verified(row, text.get(Column.VERIFIED, "")),
            posts_norm=self._norm(row, text.get(Column.NORM, "")),
            body_header=self.headers.get(Column.BODY, ""),
            link_header=self.headers.get(Column.LINK, ""),
        )
        if page is not None:
            self._once(line)
        return line if len(self.faults) == before else None

    def _wrong(self, row: int, column: Column, key: str, **blanks: str) -> None:
        self.faults.append(Fault(row, self.headers[column], key, blanks))

    def _text(self, row: int, column: Column, cells: Sequence[Cell]) -> str:
        cell = cells[self.at[column]] if self.at[column] < len(cells) else ""
        if isinstance(cell, BadCell):
            self._wrong(row, column, cell.value)
            return ""
        raw = clean(cell)
        if raw == "-" and column in _MAY_BE_NOTHING:
            return _NOTHING
        text = clean(restored(raw))
        limit = _LONGEST.get(column, _LONGEST[Column.LINK])
        if len(text) > limit:
            self._wrong(row, column, "too_long", limit=str(limit))
            return ""
        return text

    def _is_empty_only(self, row: int, column: Column, text: str) -> bool:
        """Whether a required cell is empty; told where nothing else was told of it."""
        if text:
            return False
        header = self.headers[column]
        if not any(fault.row == row and fault.column == header for fault in self.faults):
            self._wrong(row, column, "cell_empty")
        return True

    def _network(self, row: int, text: str) -> str:
        if self._is_empty_only(row, Column.NETWORK, text):
            return ""
        network = network_of(text)
        if network in self.readers:
            return network
        self._wrong(row, Column.NETWORK, "network", value=text[:40], known=", ".join(self.readers))
        return ""

    def _page(self, row: int, network: str, text: str) -> tuple[PageLink | None, str | None]:
        if self._is_empty_only(row, Column.LINK, text) or not network:
            return None, None
        if _ROUNDED.fullmatch(text):
            self._wrong(row, Column.LINK, BadCell.DIGITS.value)
            return None, None
        page, url = _page_of(text, self.readers[network])
        if page is None:
            self._wrong(row, Column.LINK, "link", value=text[:60], network=network)
        elif len(page.name) > _LONGEST_NAME or len(page.native_id) > _LONGEST_ID:
            self._wrong(row, Column.LINK, "too_long", limit=str(_LONGEST_NAME))
            return None, None
        return page, url

    def _level(self, row: int, text: str) -> CommunityLevel | None:
        level = level_of(text)
        if text and level is None:
            self._wrong(row, Column.LEVEL, "level", value=text[:40])
        return level

    def _verified(self, row: int, text: str) -> bool | None:
        said = yes_or_no(text)
        if text and said is None:
            self._wrong(row, Column.VERIFIED, "yes_or_no", value=text[:40])
        return said

    def _norm(self, row: int, text: str) -> int | None:
        if not text:
            return None
        if not text.isascii() or not text.isdecimal() or int(text[:9]) > _MOST_A_WEEK:
            self._wrong(row, Column.NORM, "norm", value=text[:40], most=str(_MOST_A_WEEK))
            return None
        return int(text)

    def _once(self, line: Line) -> None:
        first = self.seen.setdefault((line.network, line.native_id or line.name), line.row)
        if first != line.row:
            self._wrong(line.row, Column.LINK, "twice", first=str(first))


def _is_header(cells: Sequence[Cell]) -> bool:
    known = {column_of(cell) for cell in cells if isinstance(cell, str)}
    return known.issuperset(REQUIRED)


def _said(text: str) -> str | None:
    return None if not text else "" if text == _NOTHING else text


@dataclass(frozen=True, slots=True)
class _Bare:
    """A page given without a link: its number, or its short address."""

    native_id: str
    name: str


def _page_of(text: str, reader: LinkReader) -> tuple[PageLink | None, str | None]:
    """The page, and the link to it where the text is one."""
    if _ID.fullmatch(text):
        return _Bare(text, ""), None
    is_bare = _NAME.fullmatch(text) is not None
    link = text if "://" in text else f"https://{text}"
    page = None if is_bare and "." not in text else _read(reader, link)
    if page is not None:
        return page, link
    return (_Bare("", text.removeprefix("@")), None) if is_bare else (None, None)


def _read(reader: LinkReader, link: str) -> PageLink | None:
    if not link.lower().startswith(("https://", "http://")):
        return None
    try:
        page = reader(link)
    except ValueError:  # urlsplit of nonsense
        return None
    return page if page is not None and (page.native_id or page.name) else None
