"""The model that speaks is swapped without a restart; learning lives and dies in a process of its own."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.learning import Current, Learning
from bot.learning_process import LearningFailed, Process
from bot.sections import ClassifierSettings
from classifier import corpus_rows
from classifier.calibration import Calibration
from classifier.model import Model, save
from classifier.place import PlaceFinder
from classifier.presses import JOB, read_job
from classifier.reading import ModelClassifier
from classifier.shipped import learn_shipped
from classifier.trials import Verdict
from incidents import models_history
from incidents.incoming import FoundPost
from incidents.intake import TriageRules, take_in
from models import Alarm, Label, LabelField, ModelRow, ModelState, Official, OutboxKind, OutboxRow, Post
from models.database import Database
from tests.conftest import NOON, ROOT, MovableClock
from tests.handlers.handlers_stage import guess

FIGURES = {"topic": {"rows": 100, "champion": 70, "challenger": 75, "worse": []}}
WROTE = """
import json, pathlib, shutil, sys
folder = pathlib.Path(sys.argv[-1])
job = json.loads((folder / "job.json").read_text())
print("learning…", flush=True)
{more}
(folder / "trial.json").write_text(json.dumps({{"verdict": "{verdict}", "why": "", "figures": {figures}}}))
"""


@pytest.fixture(scope="session")
def small() -> Model:
    rows = [row for row in corpus_rows.lesson() if row.topic in {"roads", "waste"} and row.group % 4 == 0]
    return learn_shipped(rows, model_id="shipped-test", calibration=Calibration())


@pytest.fixture
def shipped(small: Model) -> ModelClassifier:
    return ModelClassifier(small, PlaceFinder(("Заречный",)))


class Desk:
    """A learning with everything at hand."""

    def __init__(
        self, database: Database, shipped: ModelClassifier, clock: MovableClock, folder: Path
    ) -> None:
        self.database, self.shipped, self.clock, self.folder = database, shipped, clock, folder
        (folder / "models").mkdir()

    def learning(self, process: Process | None = None, **settings: Any) -> Learning:
        return Learning(
            self.database,
            ClassifierSettings(cache_dir=self.folder, **settings),
            self.shipped,
            zone=ZoneInfo("Europe/Moscow"),
            clock=self.clock,
            process=process,
        )

    def put(self, small: Model, model_id: str, *, shipped: str = "shipped-test") -> None:
        model = replace(small, model_id=model_id, about={"shipped": shipped, "newest_post": NOON.isoformat()})
        save(model, self.folder / "models")

    async def champion(self, model_id: str, *, over: str | None = None) -> None:
        self.clock.forward(minutes=1)
        async with self.database.writing() as session:
            await models_history.began(session, model_id, labels=60, now=self.clock())
            await models_history.promote(session, model_id, over=over, metrics=FIGURES, now=self.clock())

    async def presses(self, count: int = 60) -> None:
        """So many posts about roads, each corrected to waste by Vera."""
        async with self.database.writing() as session:
            vera = await session.scalar(select(Official).where(Official.name == "Вера"))
            assert vera is not None
            for number in range(count):
                found = FoundPost(
                    "vk", f"wall-1_{number}", f"Мусор {number} не вывозят", "https://vk.com/1", NOON
                )
                incident = await take_in(session, found, guess(), rules=TriageRules(), now=self.clock())
                assert incident is not None
                post = await session.scalar(select(Post).where(Post.incident_id == incident.id))
                assert post is not None
                session.add(
                    Label(
                        post_id=post.id,
                        incident_id=incident.id,
                        field=LabelField.TOPIC,
                        value="waste",
                        official_id=vera.id,
                        at=self.clock(),
                    )
                )
        self.clock.forward(minutes=1)

    async def rows(self) -> dict[str, str]:
        async with self.database.reading() as session:
            return {one.model_id: one.state.value for one in await session.scalars(select(ModelRow))}

    async def alarms(self) -> list[str]:
        async with self.database.reading() as session:
            return [
                one.text for one in await session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)))
            ]

    async def told(self) -> list[str]:
        async with self.database.reading() as session:
            found = await session.scalars(select(OutboxRow).where(OutboxRow.kind == OutboxKind.NOTICE))
            return [one.payload["key"] for one in found if one.payload["key"].startswith(("model", "rule"))]


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """SQLite alone: what the engines do differently is tested with the rows, in test_models_history.py."""
    return f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"


@pytest.fixture
def desk(region: Database, shipped: ModelClassifier, clock: MovableClock, tmp_path: Path) -> Desk:
    return Desk(region, shipped, clock, tmp_path)


def process(more: str = "", *, verdict: str = "promoted", limit: float = 30) -> Process:
    code = WROTE.format(more=more, verdict=verdict, figures=json.dumps(FIGURES))
    return Process((sys.executable, "-c", code), limit=timedelta(seconds=limit))


# -- who speaks


async def test_the_champion_speaks_and_after_a_rollback_the_one_before(desk: Desk, small: Model) -> None:
    learning = desk.learning()
    await learning.look()
    assert learning.current.model_id == "shipped-test"
    for model_id, over in (("presses-1", None), ("presses-2", "presses-1")):
        desk.put(small, model_id)
        await desk.champion(model_id, over=over)
        await learning.look()
        assert learning.current.model_id == model_id
    assert learning.current.classify(["Яма на дороге"])[0].model_id == "presses-2"
    assert learning.current.explain("Яма на дороге").guess.model_id == "presses-2"
    async with desk.database.writing() as session:
        row = await session.get_one(ModelRow, "presses-2")
        row.state = ModelState.REJECTED
        (await session.get_one(ModelRow, "presses-1")).state = ModelState.CHAMPION
    await learning.look()
    assert learning.current.model_id == "presses-1"


@pytest.mark.parametrize("harm", ["cut", "gone", "other program"])
async def test_a_model_that_cannot_be_read_gives_way_to_the_one_before(
    desk: Desk, small: Model, harm: str
) -> None:
    desk.put(small, "presses-1")
    desk.put(
        small, "presses-2", shipped="shipped-of-last-year" if harm == "other program" else "shipped-test"
    )
    await desk.champion("presses-1")
    await desk.champion("presses-2", over="presses-1")
    arrays = desk.folder / "models" / "presses-2.npz"
    if harm == "cut":
        arrays.write_bytes(arrays.read_bytes()[:-100])
    elif harm == "gone":
        arrays.unlink()
    learning = desk.learning()
    await learning.look()
    assert learning.current.model_id == "presses-1"
    (alarm,) = await desk.alarms()
    assert "presses-1 speaks" in alarm
    await learning.look()
    assert len(await desk.alarms()) == 1
    desk.put(small, "presses-2")  # mended
    await learning.look()
    assert learning.current.model_id == "presses-2"
    assert await desk.alarms() == []


async def test_with_no_readable_model_the_shipped_one_speaks(desk: Desk) -> None:
    await desk.champion("presses-1")
    learning = desk.learning()
    await learning.look()
    assert learning.current.model_id == "shipped-test"
    assert len(await desk.alarms()) == 1


def test_swapping_under_load_mixes_nothing(shipped: ModelClassifier, small: Model) -> None:
    """A batch is answered by one model, whole, whatever is swapped meanwhile."""
    other = shipped.with_model(replace(small, model_id="presses-1"))
    current, stop, mixed, seen = Current(shipped), threading.Event(), [], set()

    def classify() -> None:
        while not stop.is_set():
            batch = current.classify(["Яма", "Мусор не вывозят", "Спасибо", ""])
            said = {one.model_id for one in batch}
            seen.update(said)
            if len(said) != 1 or len(batch) != 4:
                mixed.append(said)

    threads = [threading.Thread(target=classify) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(2_000):
        current.use(other if turn % 2 else shipped)
        if turn % 50 == 0:
            current.classify(["Снег"])
    stop.set()
    for thread in threads:
        thread.join()
    assert mixed == []
    assert seen <= {"shipped-test", "presses-1"}
    assert seen


# -- learning


async def test_a_promoted_challenger_speaks_at_once_and_curators_hear_of_it(desk: Desk, small: Model) -> None:
    await desk.presses()
    desk.put(small, "prepared")
    prepared = desk.folder / "models"
    more = (
        "m = pathlib.Path(job['models']); i = job['model_id']\n"
        "sheet = json.loads((m / 'prepared.json').read_text()); sheet['model_id'] = i\n"
        "(m / (i + '.json')).write_text(json.dumps(sheet)); shutil.copy(m / 'prepared.npz', m / (i + '.npz'))\n"
        "assert len(job['presses']) == 5 and job['champion'] == 'shipped-test'  # nobody's word is worth more\n"
        "assert oct((folder / 'job.json').stat().st_mode)[-3:] == '600'"
    )
    learning = desk.learning(process(more))
    assert await learning.learn() is Verdict.PROMOTED
    ((model_id, state),) = (await desk.rows()).items()
    assert state == "champion"
    assert learning.current.model_id == model_id
    assert await desk.told() == ["model.updated"]
    assert list(desk.folder.glob("learning-*")) == []  # residents' words are gone
    assert (prepared / f"{model_id}.npz").exists()
    assert await learning.learn() is None  # nothing new was said since


async def test_a_refused_challenger_changes_nothing(desk: Desk) -> None:
    await desk.presses()
    learning = desk.learning(process(verdict="rejected"))
    assert await learning.learn() is Verdict.REJECTED
    assert list((await desk.rows()).values()) == ["rejected"]
    assert learning.current.model_id == "shipped-test"
    assert await desk.told() == []


async def test_a_trial_with_too_little_to_judge_leaves_no_trace(desk: Desk) -> None:
    await desk.presses()
    learning = desk.learning(process(verdict="too_few"))
    assert await learning.learn() is Verdict.TOO_FEW
    assert await desk.rows() == {}


@pytest.mark.parametrize(
    "how",
    [
        lambda: process("raise SystemExit('no memory')"),
        lambda: process("import os; os.kill(os.getpid(), 9)"),
        lambda: process("import time; time.sleep(60)", limit=0.5),
        lambda: process("", verdict="nonsense"),
        lambda: Process(("/nowhere/python",)),
        lambda: Process((sys.executable, "-c", "pass")),  # ends well and leaves no answer
    ],
    ids=["breaks", "is killed", "takes too long", "answers nonsense", "cannot start", "answers nothing"],
)
async def test_whatever_goes_wrong_the_champion_stays(desk: Desk, how: Callable[[], Process]) -> None:
    await desk.presses()
    learning = desk.learning(how())
    assert await learning.learn() is None
    assert await desk.rows() == {}
    assert learning.current.model_id == "shipped-test"
    (alarm,) = await desk.alarms()
    assert alarm.startswith("nothing was learned, the model stays as it was: ")
    assert list(desk.folder.glob("learning-*")) == []
    assert await learning.learn() is None  # and it may be tried again


async def test_who_is_stopped_while_learning_leaves_no_process_and_no_words(desk: Desk) -> None:
    await desk.presses()
    marker = desk.folder / "started"
    learning = desk.learning(process(f"pathlib.Path({str(marker)!r}).touch(); import time; time.sleep(60)"))
    await _until_then_cancel(learning.learn(), marker.exists)
    assert await desk.rows() == {}
    assert list(desk.folder.glob("learning-*")) == []


async def _until_then_cancel(work: Coroutine[Any, Any, object], is_time: Callable[[], bool]) -> None:
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        task = group.create_task(work)
        while not is_time():  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.02)
        task.cancel()
    assert task.cancelled()


async def test_few_labels_are_waited_for(desk: Desk) -> None:
    await desk.presses(49)
    learning = desk.learning(process("raise SystemExit('asked in vain')"))
    assert await learning.learn() is None
    assert await desk.alarms() == []


def at_night(desk: Desk, hour: int, minute: int) -> None:
    """Moscow's time, of the next day."""
    desk.clock.now = NOON.replace(hour=0) + timedelta(days=1, hours=hour - 3, minutes=minute)


@pytest.mark.parametrize(
    ("hour", "minute", "tried"), [(3, 29, 0), (3, 30, 1), (6, 29, 1), (6, 30, 0), (12, 0, 0)]
)
async def test_it_learns_in_the_quiet_hour_once(desk: Desk, hour: int, minute: int, tried: int) -> None:
    await desk.presses()
    marks = desk.folder / "marks"
    learning = desk.learning(process(f"open({str(marks)!r}, 'a').write('x')", verdict="too_few"))
    at_night(desk, hour, minute)
    await learning._tonight()  # noqa: SLF001 - one turn of an endless loop
    await learning._tonight()  # noqa: SLF001
    assert len(marks.read_text() if marks.exists() else "") == tried


async def test_who_does_not_want_it_is_not_taught(desk: Desk) -> None:
    await desk.presses()
    learning = desk.learning(process("raise SystemExit('asked in vain')"), learn=False)
    at_night(desk, 3, 30)
    await learning._tonight()  # noqa: SLF001
    assert await desk.alarms() == []


async def test_what_a_dead_process_left_is_removed_at_the_start(desk: Desk) -> None:
    left = desk.folder / "learning-abc"
    left.mkdir()
    (left / JOB).write_text("{}", encoding="utf-8")
    async with desk.database.writing() as session:
        await models_history.began(session, "presses-9", labels=1, now=desk.clock())
    rows = [await desk.rows()]

    async def is_done() -> bool:
        rows.append(await desk.rows())
        return not left.exists() and not rows[-1]

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        task = group.create_task(desk.learning().run())
        while not await is_done():  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.01)
        task.cancel()
    assert len(rows[0]) == 1


async def test_a_process_that_fails_says_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(LearningFailed, match="ended with 1: no memory"):
        await process("raise SystemExit('no memory')").run(_job(tmp_path))


def _job(folder: Path, presses: Sequence[Any] = ()) -> Path:
    (folder / JOB).write_text(json.dumps({"presses": list(presses)}), encoding="utf-8")
    assert read_job(folder / JOB) == ([], {})
    return folder


def test_scikit_learn_stays_out_of_the_bot() -> None:
    code = "import sys, bot.learning; print(sorted({'sklearn', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
