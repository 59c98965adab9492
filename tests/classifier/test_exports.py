"""Tables as regions export them: every separator and encoding, names that are known, and words on what is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from classifier.exports import ExportUnreadable, Labelled, read_export, texts_of

HEADER = (
    "Текст инцидента",
    "Группа тем",
    "Тема",
    "Исполнитель",
    "Муниципалитет",
    "Источник",
    "Дата публикации",
)
LINES = (
    ("Яма на дороге", "Дороги", "Ямы", "Комитет дорог", "Льговский район", "ВКонтакте", "02.03.2026 10:15"),
    ("Нет воды; третий день, ужас", "ЖКХ", "Вода", "Водоканал", "г. Курск", "Одноклассники", "2026-03-01"),
)
ROWS = [
    Labelled(*LINES[0][:6], at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC)),
    Labelled(*LINES[1][:6], at=datetime(2026, 3, 1, tzinfo=UTC)),
]


def table(separator: str, lines: tuple[tuple[str, ...], ...] = (HEADER, *LINES)) -> str:
    return "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines) + "\r\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_every_separator_and_encoding_is_read(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(table(separator).encode(encoding))
    assert read_export(path) == ROWS


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append([*LINES[0][:6], datetime(2026, 3, 2, 10, 15)])  # noqa: DTZ001 - Excel knows no zones
    sheet.append([None] * 7)
    sheet.append(LINES[1])
    book.save(tmp_path / "export.xlsx")
    assert read_export(tmp_path / "export.xlsx") == ROWS


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (("Текст Сообщения", "Категория", "Тематика", "Ответственное лицо"), {}),
        (("ТЕКСТ ОБРАЩЕНИЯ", "группа", "подтема", "орган"), {}),
        (("text", "group", "topic", "body"), {}),
        (("x", "y", "z", "w"), {"text": "x", "group": "y", "topic": "Z ", "body": "w"}),
    ],
)
def test_usual_names_are_known_and_others_can_be_named(
    tmp_path: Path, header: tuple[str, ...], columns: dict[str, str]
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(table(";", (header, ("яма", "дороги", "ямы", "комитет"))), encoding="utf-8")
    row = Labelled(text="яма", group="дороги", topic="ямы", body="комитет")
    assert read_export(path, columns=columns, needs=("text", "group", "topic", "body")) == [row]


def test_a_column_named_wins_over_a_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Текст,Ответ\nвопрос,ответ\n", encoding="utf-8")
    assert texts_of(path, column="Ответ") == ["ответ"]


def test_the_order_is_kept_and_empty_texts_are_rows_too(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text('Текст,Тема\nодин,а\n"",б\n,,\n\n"два\nстроки",в\nтри\n', encoding="utf-8")
    assert [(row.text, row.topic) for row in read_export(path)] == [
        ("один", "а"),
        ("", "б"),
        ("", ""),
        ("два\nстроки", "в"),
        ("три", ""),
    ]


def test_zero_bytes_and_broken_bytes_cost_a_letter_not_the_file(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("Текст,Тема\nИ сно\0ва яма,до".encode() + b"\xff" + "роги\n".encode())
    (row,) = read_export(path)
    assert (row.text, row.topic) == ("И снова яма", "до\ufffdроги")


def test_a_very_long_cell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"Текст,Тема\n{'я' * 300_000},а\n", encoding="utf-8")
    assert len(read_export(path)[0].text) == 300_000


@pytest.mark.parametrize("moment", ["", "вчера", "31.02.2026", "2026-13-01"])
def test_a_date_that_is_none_is_no_date(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"Текст,Дата\nяма,{moment}\n", encoding="utf-8")
    assert read_export(path)[0].at is None


def test_a_missing_column_is_named_with_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Номер,Адрес\n1,а\n", encoding="utf-8")
    with pytest.raises(ExportUnreadable, match=r"--text.*'Номер', 'Адрес'"):
        read_export(path)
    with pytest.raises(ExportUnreadable, match=r"no column 'Суть'.*'Номер'"):
        read_export(path, columns={"text": "Суть"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no columns"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"PK\x03\x04rest", "not a workbook"),
        (b"\x00\x01\x02\x03", "--text"),
    ],
)
def test_what_is_no_table_is_said_so(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(ExportUnreadable, match=said):
        read_export(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ExportUnreadable, match="cannot be read"):
        read_export(tmp_path / "none.csv")
    with pytest.raises(ExportUnreadable, match="cannot be read"):
        read_export(tmp_path)
