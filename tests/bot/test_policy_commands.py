"""`python -m bot policies`, and what a changed config would have made of the incidents there are."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.__main__ import main
from bot.installing import install
from bot.migrating import upgrade
from bot.policies import signed
from bot.settings import load_policies
from incidents.incoming import FoundPost, Guess, Scored
from incidents.intake import TriageRules, take_in
from models import Body, ChatState, Incident, Kind, Route
from models.database import open_database

NEW = """
[[policy_rules]]
topic = "roads"
policy = "urgent-4h"
"""


def config(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(
        f'[database]\nurl = "sqlite+aiosqlite:///{folder}/otklik.sqlite3"\n{text}', encoding="utf-8"
    )
    return path


async def live(path: Path, posts: int, *, days_ago: int = 1) -> None:
    """A database as the program leaves it: policies installed, some incidents registered."""
    settings = load_policies(path, {})
    await upgrade(settings.database.url)
    database = open_database(settings.database.url)
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    await install(settings, database, now=now)
    async with database.writing() as session:
        if await session.scalar(select(Body.id)) is None:
            body = Body(code="roads", name="Дороги", chat_id=1, chat_state=ChatState.LIVE, created_at=now)
            session.add(body)
            await session.flush()
            session.add(Route(topic="roads", body_id=body.id))
    for number in range(posts):
        async with database.writing() as session:
            post = FoundPost(
                network="vk",
                native_id=f"wall-1_{days_ago}_{number}",
                text=f"Яма № {number}",
                url="https://vk.com/wall-1_2",
                posted_at=now,
            )
            guess = Guess(
                model_id="test",
                kind=Kind.COMPLAINT,
                kind_confidence=0.9,
                needs_answer=True,
                needs_answer_confidence=0.9,
                official_reply=False,
                topics=(Scored("roads", 0.9),),
            )
            assert await take_in(session, post, guess, rules=TriageRules(), now=now)
    await database.close()


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[str]:
    capsys.readouterr()
    code = main(["policies", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out.splitlines()


def test_policies_are_listed_before_there_is_a_database(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = config(tmp_path, "config.toml", "")
    lines = told(capsys, "--config", path)
    assert lines[0] == (
        "default «Федеральный 24 ч»: answer 24h, first reaction 3h, return 2h, final 168h; "
        "wall time, Europe/Moscow; no database yet"
    )
    assert lines[6] == (
        "working-9h «9 рабочих часов»: answer 9h, accident 4h, raised 4h, first reaction 3h, return 30m, "
        "final 7wd; working time, Europe/Moscow, holidays; no database yet"
    )
    assert lines[7:9] == ["", "no rules: the body's own policy, else default"]
    assert lines[-1].startswith("holidays of Russia: moved days are known up to 20")
    assert not (tmp_path / "otklik.sqlite3").exists()


def test_versions_and_rules_are_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = config(tmp_path, "config.toml", "")
    asyncio.run(live(path, 0))
    assert told(capsys, "--config", path)[0].endswith("; version 1")
    changed = config(
        tmp_path,
        "new.toml",
        '[policies."federal-24h"]\nfirst_reaction = "1h"\n[policies.own]\nname = "свой"\n'
        '[[policy_rules]]\npolicy = "own"\n'
        '[[policy_rules]]\ntopic = "roads"\nterritory = "Заречный"\nbody = "roads"\n'
        'priority = "raised"\npolicy = "urgent-4h"',
    )
    lines = told(capsys, "--config", changed)
    assert lines[1].endswith("; version 1, changed: 2 from the next start")
    assert lines[2].endswith("; not stored yet")
    assert lines[-5:-2] == [
        "rules, the fullest first:",
        "  topic roads, territory Заречный, body roads, priority raised → urgent-4h",
        "  everything → own",
    ]


def test_a_changed_config_is_tried_on_what_there_is_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, new = config(tmp_path, "config.toml", ""), config(tmp_path, "new.toml", NEW)
    asyncio.run(live(path, 12))
    asyncio.run(live(path, 1, days_ago=40))
    before = (tmp_path / "otklik.sqlite3").read_bytes()

    lines = told(capsys, "--config", path, "--try", new)
    assert lines[:3] == [
        "incidents registered in the last 30 days: 12",
        "default → urgent-4h: 12; late 12, would be 12; deadlines move by −20 h (median)",
        "moved most:",
    ]
    assert [line.split()[:2] for line in lines[3:-1]] == [["№", f"{number}:"] for number in range(1, 11)]
    assert all(line.endswith("(−20 h)") for line in lines[3:-1])
    assert lines[-1] == "nothing was changed"
    assert told(capsys, "--config", path, "--try", new, "--days", "60")[0].endswith("60 days: 13")
    assert (tmp_path / "otklik.sqlite3").read_bytes() == before

    async def due() -> set[timedelta]:
        database = open_database(load_policies(path, {}).database.url)
        async with database.reading() as session:
            rows = await session.scalars(select(Incident))
            found = {row.due_at - row.registered_at for row in rows if row.due_at and row.registered_at}
        await database.close()
        return found

    assert asyncio.run(due()) == {timedelta(hours=24)}


def test_the_same_config_moves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = config(tmp_path, "config.toml", "")
    asyncio.run(live(path, 2, days_ago=0))
    assert told(capsys, "--config", path, "--try", path) == [
        "incidents registered in the last 30 days: 2",
        "default → default: 2; late 0, would be 0; deadlines move by 0 min (median)",
        "nothing was changed",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--days", "0"], "--days: '0' is not a number of days from 1 to 3660"),
        (["--days", "x"], "--days: 'x' is not a number of days from 1 to 3660"),
        (["--days", "9" * 30], f"--days: '{'9' * 30}' is not a number of days from 1 to 3660"),
        ([], "there is no database {folder}/otklik.sqlite3: name the config in use by --config"),
    ],
)
def test_what_cannot_be_tried_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], line: str
) -> None:
    new = str(config(tmp_path, "new.toml", NEW))
    assert main(["policies", "--config", new, "--try", new, *arguments]) == 2
    assert capsys.readouterr() == ("", line.format(folder=tmp_path) + "\n")


def test_a_new_config_with_faults_says_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    new = config(tmp_path, "new.toml", '[[policy_rules]]\npolicy = "fast"')
    assert main(["policies", "--try", str(new)]) == 2
    assert capsys.readouterr().err.startswith("new.toml: policy_rules.0.policy: no such policy as 'fast'")


@pytest.mark.parametrize(
    ("length", "says"),
    [
        (timedelta(hours=13, minutes=20), "+13 h 20 min"),
        (timedelta(minutes=-5), "−5 min"),
        (timedelta(hours=-2), "−2 h"),
        (timedelta(0), "0 min"),
        (timedelta(seconds=20), "0 min"),
    ],
)
def test_a_shift_has_a_sign(length: timedelta, says: str) -> None:
    assert signed(length) == says
