"""Registry files as people, and worse, send them: every fault by its row and column, and bounds on the cost."""

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from incidents.registry_columns import HEADERS, Column, harmless, restored
from incidents.registry_files import Line, Reading, read_registry
from incidents.registry_tables import MOST_BYTES
from models import CommunityLevel
from tests.conftest import NOON
from tests.incidents.registry_stage import READERS, short, table, workbook

HEADER = ("Код органа", "Сеть", "Ссылка", "Название", "Территория", "Уровень", "Госметка", "Норма")
ROADS = ("roads", "vk", "https://vk.com/Dorogi", "Минтранс", "Северный", "Министерство", "да", 3)


def read(content: bytes) -> Reading:
    return read_registry(content, readers=READERS)


def only(content: bytes) -> Line:
    reading = read(content)
    assert reading.faults == []
    (line,) = reading.lines
    return line


@pytest.mark.parametrize(
    "content",
    [
        table(HEADER, ROADS),
        table(HEADER, ROADS, encoding="utf-8-sig"),
        table(HEADER, ROADS, encoding="cp1251"),
        table(HEADER, ROADS, encoding="utf-16", separator="\t"),
        table(HEADER, ROADS, separator=","),
        b"sep=;\r\n" + table(HEADER, ROADS),
        table(("Реестр на март",), (), HEADER, (), ROADS, ("", "", "")),
        workbook(HEADER, ROADS),
        workbook(("Реестр на март",), (), HEADER, (), ROADS, merge="A1:H1"),
    ],
    ids=[
        "utf-8",
        "utf-8-sig",
        "cp1251",
        "utf-16",
        "commas",
        "sep",
        "title above",
        "xlsx",
        "xlsx with a title",
    ],
)
def test_one_page_in_every_form(content: bytes) -> None:
    line = only(content)
    assert (line.network, line.native_id, line.name, line.url) == (
        "vk",
        "",
        "dorogi",
        "https://vk.com/Dorogi",
    )
    assert (line.body_code, line.title, line.territory) == ("roads", "Минтранс", "Северный")
    assert (line.level, line.is_verified, line.posts_norm) == (CommunityLevel.REGION, True, 3)


def test_english_headers_and_words() -> None:
    header = [names[1] for column, names in HEADERS.items() if column is not Column.NORM]
    line = only(table(header, ["roads", "OK", "club7", "", "", "municipal", "no", *[""] * 8]))
    assert (line.network, line.name, line.level, line.is_verified) == (
        "ok",
        "club7",
        CommunityLevel.MUNICIPAL,
        False,
    )
    assert (line.title, line.posts_norm) == (None, None)


@pytest.mark.parametrize(
    ("link", "page", "url"),
    [
        ("vk.com/club7", ("7", ""), "https://vk.com/club7"),
        ("https://vk.com/a.b", ("", "a.b"), "https://vk.com/a.b"),
        ("-7", ("-7", ""), None),
        ("'-7", ("-7", ""), None),
        ("12345678901234567890", ("12345678901234567890", ""), None),
        ("@Dorogi", ("", "dorogi"), None),
        ("a.b", ("", "a.b"), None),
    ],
)
def test_a_page_by_link_number_or_name(link: str, page: tuple[str, str], url: str | None) -> None:
    line = only(table(("Сеть", "Ссылка"), ("ВКонтакте", link)))
    assert ((line.native_id, line.name), line.url) == (page, url)


@pytest.mark.parametrize(
    "link",
    [
        "https://ok.ru/dorogi",
        "javascript:alert(1)",
        "ftp://vk.com/a",
        "http://[",
        "https://vk.com/",
        "два слова",
        "vk com/a",
    ],
)
def test_what_is_no_page(link: str) -> None:
    assert short(read(table(("Сеть", "Ссылка"), ("vk", link))).faults) == [(2, "Ссылка", "link")]


def test_every_fault_is_told_by_row_and_column() -> None:
    reading = read(
        table(
            HEADER,
            ROADS,
            ("", "myspace", "x", "", "", "", "", ""),
            ("", "", "", "", "", "", "", ""),
            ("x" * 33, "vk", "", "т" * 201, "", "главный", "может", "-1"),
            ("", "vk", "vk.com/DOROGI", "", "", "", "", "1001"),
            ("", "vk", "vk.com/a", "", "", "", "", "", "лишнее"),
        )
    )
    assert short(reading.faults) == [
        (3, "Сеть", "network"),
        (5, "Код органа", "too_long"),
        (5, "Ссылка", "cell_empty"),
        (5, "Название", "too_long"),
        (5, "Уровень", "level"),
        (5, "Госметка", "yes_or_no"),
        (5, "Норма", "norm"),
        (6, "Ссылка", "twice"),
        (6, "Норма", "norm"),
        (7, "", "row_too_long"),
    ]
    assert reading.faults[-3].blanks == {"first": "2"}


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (table(("Сеть", "Название")), [(1, "Ссылка или ID / Link or ID", "header_missing")]),
        (table(("Сеть", "Ссылка", "Цвет")), [(1, "Цвет", "header_unknown")]),
        (table(("Сеть", "Ссылка", "link")), [(1, "link", "header_twice")]),
        (table(("Сеть", "Ссылка")), [(0, "", "empty")]),
        (b"", [(0, "", "empty")]),
        (b"\x00\x01\x02", [(0, "", "not_a_table")]),
        (b"\xd0\xcf\x11\xe0 old", [(0, "", "old_excel")]),
        (b"PK\x03\x04 cut", [(0, "", "broken")]),
        (b" " * (MOST_BYTES + 1), [(0, "", "too_large")]),
        (table(("Сеть", "Ссылка"), ("vk", "x" * 140_000)), [(2, "", "bad_csv")]),
        (
            table(("Сеть", "Ссылка"), *[("vk", f"p{n}") for n in range(20_001)]),
            [(20_002, "", "too_many_rows")],
        ),
    ],
)
def test_a_file_that_cannot_be_read(content: bytes, faults: list[tuple[int, str, str]]) -> None:
    reading = read(content)
    assert (short(reading.faults), reading.lines if len(reading.lines) < 9 else []) == (faults, [])


# -- workbooks


def test_what_a_spreadsheet_makes_of_cells() -> None:
    reading = read(
        workbook(
            HEADER,
            ("roads", "vk", 7.0, True, date(2026, 3, 1), None, False, "3"),
            ("roads", "vk", 12345678901234567890, "=A2", NOON.replace(tzinfo=None), "#REF!", None, 2.5),
            ("roads", "vk", "1,78414E+16", "Ок", None, None, None, None),
        )
    )
    assert short(reading.faults) == [
        (2, "Территория", "date"),
        (3, "Ссылка", "digits"),
        (3, "Название", "formula"),
        (3, "Территория", "date"),
        (3, "Уровень", "cell_error"),
        (3, "Норма", "norm"),
        (4, "Ссылка", "digits"),
    ]


def test_merged_cells_say_of_nobody_whose_they_are() -> None:
    rows = [HEADER, ROADS, ("", "ok", "ok.ru/a", "", "", "", "", "")]
    assert short(read(workbook(*rows, merge="A2:A3")).faults) == [(2, "Код органа", "merged")]


def test_a_workbook_whose_size_is_a_lie() -> None:
    content = rewritten(
        workbook(HEADER, ROADS),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"A1:H2", b"A1:XFD1048576"),
    )
    assert only(content).name == "dorogi"


def test_a_row_far_below_does_not_keep_us_counting() -> None:
    content = rewritten(
        workbook(HEADER, ROADS),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'r="2"', b'r="999999999"'),
    )
    assert [key for _, _, key in short(read(content).faults)] == ["too_many_rows"]


def test_a_bomb_is_not_unpacked() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 64 * 1024 * 1024)
    assert len(content.getvalue()) < MOST_BYTES
    assert short(read(content.getvalue()).faults) == [(0, "", "too_large_unpacked")]


def test_entities_are_not_expanded() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    content = rewritten(
        workbook(HEADER, ROADS),
        "xl/worksheets/sheet1.xml",
        lambda xml: laughs + re.sub(rb"<t>roads</t>", b"<t>&b;</t>", xml[xml.index(b"<worksheet") :]),
    )
    assert short(read(content).faults) == [(0, "", "broken")]


def test_a_workbook_without_its_parts_is_broken() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert short(read(content.getvalue()).faults) == [(0, "", "broken")]


def rewritten(content: bytes, part: str, change: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return made.getvalue()


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-1", "@all", "'=x", "''-", "it's", "'", ""])
def test_a_cell_made_harmless_means_the_same_again(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@"))
    assert restored(harmless(text)) == text


def test_openpyxl_reads_what_we_call_a_workbook() -> None:
    assert load_workbook(io.BytesIO(workbook(HEADER, ROADS))).active is not None
