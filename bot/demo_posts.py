"""Residents' messages out of a file: CSV of any dialect, or JSON lines."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The second is the heading of «Инцидент Менеджмент» exports and of portals' open data.
COLUMNS: Final = ("text", "текст сообщения")
_DELIMITERS: Final = ",;\t|"
_LONGEST_FIELD: Final = 10_000_000  # characters
_CYRILLIC: Final = re.compile("[а-яёА-ЯЁ]")


class PostsError(Exception):
    """The file cannot be read as posts; the message is one line and names the row."""


@dataclass(frozen=True, slots=True)
class Posts:
    """`empty_rows`: rows whose text is blank; they are left out of `texts`. The heading is row 1."""

    texts: tuple[str, ...]
    empty_rows: tuple[int, ...]


def read_posts(path: Path, *, limit: int | None = None) -> Posts:
    """The first `limit` texts of a file; all of them when None.

    Raises:
        PostsError: no such file, no such column, an unreadable row.
    """
    try:
        content = _decode(path.read_bytes(), path)
    except OSError as error:
        raise PostsError(f"{path}: {error.strerror or error}") from None
    is_json = path.suffix.lower() in {".jsonl", ".ndjson"} or content.lstrip().startswith("{")
    rows = _json_rows(content, path) if is_json else _csv_rows(content, path)
    texts: list[str] = []
    empty: list[int] = []
    for number, text in rows:
        if limit is not None and len(texts) >= limit:
            break
        if text.strip():
            texts.append(text)
        else:
            empty.append(number)
    if not texts:
        raise PostsError(f"{path}: there is no text in it")
    return Posts(tuple(texts), tuple(empty))


def _decode(raw: bytes, path: Path) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else Windows-1251."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = raw.decode("utf-8", "replace")
        # Windows-1251 takes nearly any bytes: what is Russian in UTF-8 already must not become gibberish.
        if len(_CYRILLIC.findall(guess)) > guess.count("�"):
            row = raw.count(b"\n", 0, error.start) + 1
            raise PostsError(f"{path}: line {row}: broken UTF-8") from None
    try:
        return raw.decode("cp1251")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise PostsError(f"{path}: line {row}: neither UTF-8 nor Windows-1251") from None


def _json_rows(content: str, path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise PostsError(f"{path}: row {number}: no JSON: {error}") from None
        if not isinstance(row, dict) or "text" not in row:
            raise PostsError(f"{path}: row {number}: an object with `text` is expected")
        if not isinstance(row["text"], str):
            raise PostsError(f"{path}: row {number}: `text` is not a string")
        yield number, row["text"]


def _csv_rows(content: str, path: Path) -> Iterator[tuple[int, str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    content = re.sub(r"\Asep=.\r?\n", "", content)  # Excel's own remark
    delimiter, place = _heading(content.partition("\n")[0], path)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if number == 1 or not row:
                continue
            if len(row) <= place:
                raise PostsError(
                    f"{path}: row {number}: {len(row)} columns, the text is in column {place + 1}"
                )
            yield number, row[place]
    except csv.Error as error:
        raise PostsError(f"{path}: row {number + 1} (line {reader.line_num}): {error}") from None


def _heading(line: str, path: Path) -> tuple[str, int]:
    """The delimiter and the position of the text's column."""
    for delimiter in _DELIMITERS:
        names = [name.strip().casefold() for name in next(csv.reader([line], delimiter=delimiter), [])]
        for column in COLUMNS:
            if column in names:
                return delimiter, names.index(column)
    raise PostsError(f"{path}: row 1: no column `text` or `Текст Сообщения`")
