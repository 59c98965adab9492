"""CSV and XLSX as rows of text, with bounds on what a hostile file can cost.

Bounds: 10 MB as sent, 32 MB unpacked, 20 000 rows, 60 columns. Formulas are never computed.
"""

import csv
import io
import logging
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

_log = logging.getLogger(__name__)

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 20_000
_LONGEST_FIELD: Final = 131_072  # characters
_MOST_UNPACKED: Final = 32 * 1024 * 1024
_MOST_PARTS: Final = 1000  # files inside one XLSX
_MOST_SEEN: Final = 200_000  # rows with nothing in them, which Excel keeps once they were formatted
_MOST_COLUMNS: Final = 60
_MOST_MERGED: Final = 1000
_EXACT: Final = 10**15  # a spreadsheet keeps 15 digits of a number
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class NotATable(Exception):
    """Nothing can be read from it. `key` as in Fault; `row` 0: the whole file."""

    def __init__(self, key: str, *, row: int = 0, **blanks: str) -> None:
        super().__init__(key)
        self.key = key
        self.row = row
        self.blanks: Mapping[str, str] = blanks


class BadCell(StrEnum):
    """A cell whose words cannot be known; the value is the key of the fault."""

    FORMULA = "formula"
    DATE = "date"  # what a spreadsheet makes of "1.5" or "март"
    ERROR = "cell_error"  # #REF! and the like
    DIGITS = "digits"  # a long id that became 1.2E+16


Cell = str | BadCell
Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Merged:
    """Merged cells: rows from 1, columns from 0, both ends included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` may raise NotATable on its way."""

    rows: Iterator[Row]
    merged: Sequence[Merged] = ()


def table_of(content: bytes) -> Table:
    """The rows that are not empty.

    Raises:
        NotATable: too large, or neither CSV nor XLSX.
    """
    if len(content) > MOST_BYTES:
        raise NotATable("too_large", limit=str(MOST_BYTES // 1024 // 1024))
    if content.startswith(_OLD_EXCEL):
        raise NotATable("old_excel")
    if content.startswith(_ZIP):
        return _workbook(content)
    return Table(_numbered(_csv_rows(_decoded(content))))


def _numbered(rows: Iterator[Sequence[Cell]]) -> Iterator[Row]:
    filled = 0
    for number, cells in enumerate(rows, start=1):
        if number > _MOST_SEEN:
            raise NotATable("too_many_rows", row=number, limit=str(MOST_ROWS))
        if any(isinstance(cell, BadCell) or cell.strip() for cell in cells):
            filled += 1
            if filled > MOST_ROWS + 1:  # and the header
                raise NotATable("too_many_rows", row=number, limit=str(MOST_ROWS))
            yield number, cells


# -- CSV


def _decoded(content: bytes) -> str:
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # "Unicode text" of Excel
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1251"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotATable("not_a_table")


def _csv_rows(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process: others may have set it
    first, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise NotATable("bad_csv", row=number) from None
        is_hint = number == 1 and row[:1] and row[0].lower().startswith("sep=")  # Excel's own first line
        yield [] if is_hint else row


# -- XLSX


def _workbook(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NotATable("broken") from None
    # zipfile never unpacks more of a part than its directory says, so a lie here helps no bomb.
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise NotATable("too_large_unpacked", limit=str(_MOST_UNPACKED // 1024 // 1024))
    try:
        sheet, merged = _open(content)
    except Exception as error:  # noqa: BLE001 - whatever openpyxl stumbles over in a broken or hostile file
        _log.info("a workbook cannot be opened: %s: %s", type(error).__name__, error)
        raise NotATable("broken") from None
    return Table(_numbered(_sheet_rows(sheet)), merged)


def _open(content: bytes) -> tuple[Any, list[Merged]]:
    # 80 ms to import, for a command given once a month.
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    # It warns of every ornament it does not keep.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size may be a lie
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # Merged cells are known nowhere else when a workbook is read row by row.
        path = str(sheet._worksheet_path)  # type: ignore[attr-defined]  # noqa: SLF001
        found = list(_MERGED.finditer(archive.read(path)))[:_MOST_MERGED]
    merged = [
        Merged(
            int(one[2]),
            int(one[4]),
            column_index_from_string(one[1].decode()) - 1,
            column_index_from_string(one[3].decode()) - 1,
        )
        for one in found
    ]
    return sheet, merged


def _sheet_rows(sheet: Any) -> Iterator[list[Cell]]:
    rows = sheet.iter_rows(max_col=_MOST_COLUMNS)
    while True:
        try:
            row = next(rows, None)
        except Exception as error:  # noqa: BLE001 - whatever openpyxl stumbles over in a broken or hostile file
            _log.info("a workbook cannot be read: %s: %s", type(error).__name__, error)
            raise NotATable("broken") from None
        if row is None:
            return
        cells = [_cell(one.value, one.data_type) for one in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield cells


def _cell(value: object, data_type: str) -> Cell:
    if value is None:
        return ""
    if data_type == "f":
        return BadCell.FORMULA
    if data_type == "e":
        return BadCell.ERROR
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, datetime | date | time | timedelta):
        return BadCell.DATE
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> Cell:
    if not abs(value) < _EXACT:  # what is no number at all is none of these either
        return BadCell.DIGITS
    return str(int(value)) if value == int(value) else str(value)
