"""Posts come out of any file a person is likely to have; a bad one is told in one line with its row."""

from pathlib import Path

import pytest

from bot.demo_posts import PostsError, read_posts


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("comma.csv", "id,text\n1,Яма\n2,Темно\n".encode()),
        ("semicolon.csv", "id;text\n1;Яма\n2;Темно\n".encode()),
        ("tab.csv", "id\ttext\n1\tЯма\n2\tТемно\n".encode()),
        ("mark.csv", "\ufefftext,id\nЯма,1\nТемно,2\n".encode()),
        ("crlf.csv", "text;id\r\nЯма;1\r\nТемно;2\r\n".encode()),
        ("quoted.csv", '"text","id"\n"Яма","1"\n"Темно","2"\n'.encode()),
        ("portal.csv", "id,Текст Сообщения,Тематика\n1,Яма,Дороги\n2,Темно,Свет\n".encode()),
        ("windows.csv", "id;Текст сообщения\n1;Яма\n2;Темно\n".encode("cp1251")),
        ("excel.csv", "sep=;\nid;text\n1;Яма\n2;Темно\n".encode()),
        ("wide.csv", "text\tid\nЯма\t1\nТемно\t2\n".encode("utf-16")),
        ("lines.jsonl", '{"text": "Яма"}\n\n{"text": "Темно", "id": 2}\n'.encode()),
        ("lines.txt", '{"text": "Яма"}\n{"text": "Темно"}'.encode()),
    ],
)
def test_every_usual_dialect_gives_the_same_posts(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    assert read_posts(tmp_path / name).texts == ("Яма", "Темно")


def test_a_quoted_text_keeps_its_line_breaks_commas_and_quotes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,text\n1,"Яма, ""большая"",\nна углу"\n', encoding="utf-8")
    assert read_posts(tmp_path / "a.csv").texts == ('Яма, "большая",\nна углу',)


def test_an_unusual_line_separator_inside_a_text_does_not_end_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,Яма\u2028на углу\n2,Темно\n", encoding="utf-8")
    assert read_posts(tmp_path / "a.csv").texts == ("Яма\u2028на углу", "Темно")


def test_empty_texts_are_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,Яма\n2,\n3,  \n4,Темно\n", encoding="utf-8")
    posts = read_posts(tmp_path / "a.csv")
    assert posts.texts == ("Яма", "Темно")
    assert posts.empty_rows == (3, 4)


def test_the_limit_counts_texts_and_not_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,id\nодин,1\n,2\nдва,3\nтри,4\n", encoding="utf-8")
    assert read_posts(tmp_path / "a.csv", limit=2).texts == ("один", "два")


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.csv", "id,words\n1,Яма\n".encode(), "row 1: no column `text`"),
        ("a.csv", b"", "row 1: no column"),
        ("a.csv", b"id,text\n1,\n", "there is no text"),
        ("a.csv", "id,text\n1,Яма\n2\n".encode(), "row 3: 1 columns, the text is in column 2"),
        ("a.csv", 'id,text\n1,Яма\n2,"Темно\n'.encode(), "row 3 "),
        ("a.csv", "id,text\n1,Яма на углу\n2,".encode() + b"\xd0\n", "line 3: broken UTF-8"),
        ("a.jsonl", '{"text": "Яма"}\n{text}\n'.encode(), "row 2: no JSON"),
        ("a.jsonl", b'{"text": "a"}\n[1]\n', "row 2: an object with `text`"),
        ("a.jsonl", b'{"text": 7}\n', "row 1: `text` is not a string"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_its_row(
    tmp_path: Path, name: str, raw: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(PostsError) as refused:
        read_posts(path)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PostsError, match="No such file"):
        read_posts(tmp_path / "none.csv")
