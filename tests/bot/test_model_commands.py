"""`train`, `classify`, `evaluate` as an operator runs them: files in, files out, words for what is wrong."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot import __main__ as commands
from classifier import corpus_rows
from classifier.corpus_rows import Row

COLUMNS = ("Текст инцидента", "Группа тем", "Тема", "Исполнитель")
GROUPS = {"roads": "Дороги", "health": "Медицина", "waste": "Мусор", "animals": "Животные"}
BODIES = {"roads": "Дорожный комитет", "health": "Минздрав", "waste": "Горхоз", "animals": "Горхоз"}


@pytest.fixture(autouse=True)
def small_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped corpus cut to a part: what it knows does not matter here, how long it learns does."""
    rows = corpus_rows.filled_rows()[::9]
    monkeypatch.setattr(corpus_rows, "lesson", lambda: rows)


def some_rows(topic: str) -> Sequence[Row]:
    return [row for row in corpus_rows.written_rows() if row.topic == topic and "." in row.subtopic][:60]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(COLUMNS)
        for topic, group in GROUPS.items():
            table.writerows((row.text, group, row.subtopic, BODIES[topic]) for row in some_rows(topic))
    return path


@pytest.fixture
def model(export: Path, tmp_path: Path) -> Path:
    out = tmp_path / "model"
    assert commands.main(["train", "--data", str(export), "--out", str(out)]) == 0
    return out


def test_a_region_trains_its_own_model_and_classifies_by_it(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    assert commands.main(["train", "--data", str(export), "--out", str(model)]) == 0
    said = capsys.readouterr()
    assert "group: 4 labels" in said.out
    assert "put aside and judged: part 5 of 5" in said.err
    for page in ("index.html", "index.en.html", "model-card.md", "figures.json"):
        assert (model / page).stat().st_size > 1000
    texts = tmp_path / "texts.csv"
    texts.write_text(
        'номер,сообщение\n1,Яма на дороге\n2,""\n3,"Стая собак, ""страшно"" ходить"\n4,🙏\n', encoding="utf-8"
    )
    out = tmp_path / "out.jsonl"
    asked = ["classify", str(texts), "--text", "сообщение", "--json", str(out), "--model", str(model)]
    assert commands.main(asked) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["group"] for line in lines][0::2] == ["Дороги", "Животные"]
    assert len(lines) == 4
    for line in lines:
        told = {"kind", "needs_answer", "official_reply", "group", "topic", "place", "bodies"}
        assert told <= line.keys()
        assert told <= line["confidence"].keys()
        assert line["group"] in GROUPS.values()
        assert set(line["bodies"]) == set(BODIES.values())
        assert line["confidence"]["bodies"] == sorted(line["confidence"]["bodies"], reverse=True)
    assert lines[0]["bodies"][0] == "Дорожный комитет"


def test_a_trained_model_is_judged_on_other_messages(
    model: Path, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    out = tmp_path / "report"
    assert commands.main(["evaluate", "--data", str(export), "--model", str(model), "--out", str(out)]) == 0
    assert "group: 240 rows, 4 labels" in capsys.readouterr().out
    figures = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    assert figures["questions"]["group"]["figures"]["accuracy"] > 0.9  # it learned from these very rows


def test_without_a_model_the_labels_are_the_rubricators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.csv"
    texts.write_text("text\nНе вывозят мусор со двора вторую неделю\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    asked = ["classify", str(texts), "--json", str(out), "--cache", str(tmp_path / "cache")]
    assert commands.main(asked) == 0
    (line,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert line["topic"].split(".")[0] == line["group"]
    assert len(line["bodies"]) == 3


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["train", "--data", "none.csv", "--out", "m"], "none.csv: cannot be read"),
        (["train", "--data", "{bare}", "--out", "m"], "at least 20 are needed"),
        (
            ["train", "--data", "{bare}", "--out", "m", "--group", "Нет"],
            "there is no column 'Нет'. The file has: 'text'",
        ),
        (["classify", "{bare}", "--text", "Что", "--json", "o"], "there is no column 'Что'"),
        (["classify", "{bare}", "--json", "o", "--model", "nowhere"], "no model here; `python -m bot train"),
        (["evaluate", "--model", "nowhere"], "name it with --data"),
        (["evaluate", "--data", "{bare}", "--map", "none.toml", "--cache", "{cache}"], "none.toml: no map"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    asked: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare.csv").write_text("text\nпривет\n", encoding="utf-8")
    places = {"{bare}": "bare.csv", "{cache}": "cache"}
    assert commands.main([places.get(one, one) for one in asked]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
