"""A working week of a region: ten bodies, forty people, a holiday in the middle, and every message they see.

The whole program against the sandbox over HTTP, on a clock that stands still between the steps. The transcript in
`working_week.txt` is every message that came or changed, as people read it: one that nobody expected, or one that
is missing, fails the story. After a change that is meant, read the new transcript and take it over:
`.venv/bin/python -m tests.scenarios.accept_week`.
"""

import difflib
from datetime import datetime
from pathlib import Path

import pytest

from models import Status
from tests.conftest import ROOT
from tests.scenarios.week_cast import BODIES, PEOPLE, ByWords
from tests.scenarios.week_stage import MOSCOW, a_week
from tests.scenarios.week_story import CONFIG, play

GOLDEN = Path(__file__).with_name("working_week.txt")
ACTUAL = ROOT / "build" / "working_week.txt"
# What Telegram refused on the way: nothing but what the story brought about.
REFUSED = {
    "Forbidden: bot was blocked by the user",
    "Bad Request: group chat was upgraded to a supergroup chat",
}
MONDAY = datetime(2026, 11, 2, 7, 30, tzinfo=MOSCOW)


@pytest.mark.timeout(600)
async def test_every_message_of_a_working_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_week(
        tmp_path, monkeypatch, begins=MONDAY, bodies=BODIES, classifier=ByWords(), more=CONFIG
    ) as week:
        try:
            ended = await play(week)
        finally:
            ACTUAL.parent.mkdir(exist_ok=True)
            ACTUAL.write_text(week.transcript, encoding="utf-8")
    expected = GOLDEN.read_text(encoding="utf-8") if GOLDEN.exists() else ""
    changed = list(
        difflib.unified_diff(
            expected.splitlines(), week.transcript.splitlines(), "expected", "seen", lineterm="", n=6
        )
    )
    assert not changed, "\n".join(changed[:120])
    assert (len(BODIES), len(PEOPLE)) == (10, 40)
    assert ended == {Status.ANSWERED: 12, Status.MERGED: 3}
    assert {call.description for call in week.telegram.record.calls if call.ok is False} <= REFUSED
