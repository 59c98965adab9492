"""A region's own table of labelled messages: CSV or XLSX, as «Инцидент Менеджмент» and others export it."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

# How exports name their columns; the first that is there is taken. Compared in small letters, ё as е.
KNOWN_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("текст инцидента", "текст сообщения", "текст обращения", "сообщение", "текст", "text"),
    "group": ("группа тем", "синт. группа", "направление", "категория", "группа", "group", "category"),
    "topic": ("тема", "тематика", "подтема", "topic"),
    "body": ("исполнитель", "ответственное лицо", "ответственный", "орган", "body"),
    "territory": ("муниципалитет", "муниципальное образование", "территория", "territory"),
    "network": ("источник", "социальная сеть", "сеть", "network"),
    "date": ("дата публикации", "дата создания", "дата регистрации", "дата", "date"),
}
_DATES: Final = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


class ExportUnreadable(Exception):
    """The file is no table, or lacks a column; the words say what to do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message of an export. What the export does not say is empty; `at` is aware UTC or None."""

    text: str
    group: str = ""
    topic: str = ""
    body: str = ""
    territory: str = ""
    network: str = ""
    at: datetime | None = None


def read_export(
    path: Path, *, columns: Mapping[str, str] | None = None, needs: Sequence[str] = ("text",)
) -> list[Labelled]:
    """Every row of the file, in its order, empty texts included.

    Args:
        path: of the file.
        columns: "text", "group", "topic", "body", "territory", "network", "date" → the column's name in the file;
            those not given are looked for under their usual names.
        needs: the columns without which the file is of no use.

    Raises:
        ExportUnreadable: not a table, a column named is not there, or one that is needed was not found.
    """
    rows = _rows(path)
    header = next(rows, [])
    places = _places(header, columns or {}, needs, path)
    return [_labelled(cells, places) for cells in rows if cells]


def texts_of(path: Path, *, column: str | None = None) -> list[str]:
    """The texts of a file, in its order.

    Raises:
        ExportUnreadable: as `read_export`.
    """
    return [row.text for row in read_export(path, columns={"text": column} if column else None)]


def _places(
    header: Sequence[str], columns: Mapping[str, str], needs: Sequence[str], path: Path
) -> dict[str, int]:
    names = [_plain(name) for name in header]
    places = {}
    for field, usual in KNOWN_AS.items():
        wanted = columns.get(field)
        if wanted:
            if _plain(wanted) not in names:
                raise ExportUnreadable(f"{path}: there is no column {wanted!r}. {_has(header)}")
            places[field] = names.index(_plain(wanted))
        else:
            found = next((names.index(name) for name in usual if name in names), None)
            if found is not None:
                places[field] = found
    for field in needs:
        if field not in places:
            raise ExportUnreadable(
                f"{path}: no column for the {field} was found; name it with --{field}. {_has(header)}"
            )
    return places


def _has(header: Sequence[str]) -> str:
    return f"The file has: {', '.join(repr(name) for name in header[:30]) or 'no columns'}"


def _labelled(cells: Sequence[str], places: Mapping[str, int]) -> Labelled:
    values = {field: cells[at].strip() if at < len(cells) else "" for field, at in places.items()}
    when = _moment(values.pop("date", ""))
    labels = {field: " ".join(value.split()) for field, value in values.items() if field != "text"}
    return Labelled(text=values.get("text", ""), at=when, **labels)


def _moment(text: str) -> datetime | None:
    for form in _DATES:
        try:
            return datetime.strptime(text.replace("T", " ")[:19], form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _plain(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").casefold().replace("ё", "е").split())


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExportUnreadable(f"{path}: cannot be read: {error.strerror or error}") from error
    if content.startswith(_OLD_EXCEL):
        raise ExportUnreadable(f"{path}: an old Excel file; save it as .xlsx or .csv")
    if content.startswith(_ZIP):
        yield from _sheet(path, content)
    else:
        yield from _csv(path, content)


def _csv(path: Path, content: bytes) -> Iterator[list[str]]:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = content.decode("utf-8-sig", "replace")  # one bad byte must not cost the whole file
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    usual = csv.field_size_limit(2**31 - 1)  # of the whole process: put back below
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator))
    except csv.Error as error:
        raise ExportUnreadable(f"{path}: not a table: {error}") from error
    finally:
        csv.field_size_limit(usual)
    yield from rows


def _sheet(path: Path, content: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and most exports are CSV

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            if any(value is not None for value in row):  # Excel keeps rows that were only formatted
                yield [_cell(value) for value in row]
    except ExportUnreadable:
        raise
    except Exception as error:  # a damaged workbook breaks openpyxl in many ways
        raise ExportUnreadable(f"{path}: not a workbook: {error}") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
