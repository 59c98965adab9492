"""`python -m bot deadline`: whole outputs, and one line for what cannot be counted."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.conftest import ROOT

FRIDAY = """\
Policy: 24 рабочих часа (working-24h)
Time: Europe/Moscow
Registered: Fri 20 Nov 16:00
Fri 20 Nov 16:00–17:00: 1 hr
Sat 21 Nov – Sun 22 Nov: day off
Mon 23 Nov 08:00–17:00: 9 hr, 10 hr so far
Tue 24 Nov 08:00–17:00: 9 hr, 19 hr so far
Wed 25 Nov 08:00–13:00: 5 hr, 24 hr so far
⏰ Answer: 24 hr of working time → Wed 25 Nov 13:00
First reaction: 3 hr of working time → Mon 23 Nov 10:00
Return as not ours: 2 hr of working time → Mon 23 Nov 09:00
Answer prepared: 22 hr of working time → Wed 25 Nov 11:00
If an interim answer is given by then, the final one: 7 days → Wed 2 Dec 13:00
2026-11-25T13:00:00+03:00
"""
URGENT = """\
Правила: Срочный 4 ч (urgent-4h)
Время: Europe/Moscow
Зарегистрировано: сб 21.11 23:00
⏰ Ответ: 4 ч → вс 22.11 03:00
Первая реакция: 1 ч → вс 22.11 00:00
Вернуть «не наше»: 30 мин → сб 21.11 23:30
Если в этот срок дан промежуточный ответ, итоговый: 7 дней → вс 29.11 03:00
2026-11-22T03:00:00+03:00
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["deadline", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_friday_at_four_and_24_working_hours_are_wednesday_at_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--policy", "working-24h", "--at", "2026-11-20T16:00+03:00") == FRIDAY


def test_ordinary_time_in_russian(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--policy", "urgent-4h", "--at", "2026-11-21T20:00Z", "--language", "ru")
    assert said(capsys, *arguments) == URGENT


def test_the_program_itself_says_so_without_a_file_or_a_token(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bot",
            "deadline",
            "--policy",
            "working-24h",
            "--at",
            "2026-11-20T16:00+03:00",
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == FRIDAY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (
            ["--policy", "working-9h", "--priority", "accident", "--at", "2026-11-16T15:00+03:00"],
            "2026-11-17T10:00:00+03:00",
        ),
        (["--policy", "working-3d", "--at", "2026-11-20T10:00+03:00"], "2026-11-24T17:00:00+03:00"),
        # Another offset is the same moment; without one it is the policy's zone.
        (["--policy", "working-24h", "--at", "2026-11-20T13:00Z"], "2026-11-25T13:00:00+03:00"),
        (["--policy", "working-24h", "--at", "2026-11-20T16:00"], "2026-11-25T13:00:00+03:00"),
        (["--at", "2026-11-20T16:00+03:00"], "2026-11-21T16:00:00+03:00"),
    ],
)
def test_the_last_line_is_the_moment(
    capsys: pytest.CaptureFixture[str], arguments: list[str], last: str
) -> None:
    assert said(capsys, *arguments).splitlines()[-1] == last


def test_a_year_is_told_to_the_last_day(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text(
        '[policies.long]\nname = "долгий"\nlike = "working-24h"\ntotal = "900h"', encoding="utf-8"
    )
    out = said(capsys, "--policy", "long", "--at", "2026-11-20T16:00+03:00", "--config", str(config))
    assert out.count("so far") == 100
    assert "more" not in out


def test_the_file_in_the_folder_is_used_where_there_is_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = '[region]\ntimezone = "Asia/Yekaterinburg"\n[policies.default]\nname = "x"\nlike = "working-8h"'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    out = said(capsys, "--at", "2026-11-16T09:00+05:00")
    assert out.splitlines()[-1] == "2026-11-16T17:00:00+05:00"


def test_without_a_time_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    last = said(capsys, "--policy", "federal-24h").splitlines()[-1]
    assert datetime.fromisoformat(last).utcoffset() is not None


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--policy", "fast"],
            (
                "no such policy as 'fast'; there are default, federal-24h, urgent-4h, working-24h, working-3d, "
                "working-8h, working-9h"
            ),
        ),
        (["--at", "tomorrow"], "'tomorrow' is not a time: write it as 2026-11-20T16:00+03:00"),
        (["--at", ""], "'' is not a time: write it as 2026-11-20T16:00+03:00"),
        (["--priority", "huge"], "no such priority as 'huge'; there are accident, raised, ordinary"),
        (["--language", "de"], "no such language as 'de'; there are ru, en"),
        (
            ["--at", "9999-12-31T23:00Z"],
            "it cannot be counted from 9999-12-31T23:00Z: date value out of range",
        ),
        (["--at", "0001-01-01T00:00+05:00"], "'0001-01-01T00:00+05:00' is too far away to be counted"),
        (["--config", "nowhere.toml"], "nowhere.toml: there is no such file: copy config.example.toml to it"),
    ],
)
def test_bad_input_is_one_line_and_two(
    capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert main(["deadline", *arguments]) == 2
    assert capsys.readouterr() == ("", f"{line}\n")
