"""Learning from presses: the model that speaks, swapped without a restart, and the nightly challenger.

scikit-learn never enters this process: learning is a short-lived one of its own (classifier/challenger.py), so its
memory goes back to the system. Residents' words travel to it in a folder that is removed afterwards.
"""

import asyncio
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from bot.alarms import Trouble
from bot.learning_process import LearningFailed, Process
from bot.sections import ClassifierSettings
from classifier.model import Model, ModelUnreadable, load
from classifier.presses import JOB, TRIAL, Press, id_of, presses_of, write_job
from classifier.reading import ModelClassifier
from classifier.trials import Verdict
from handlers.context import Clock
from incidents import models_history, proposals
from incidents.incoming import Classifier, Explanation, Guess
from incidents.teaching import training_rows
from models.database import Database

_log = logging.getLogger(__name__)

ENOUGH: Final = 50
"""New labels since the last training from which there is something to learn."""

_MEMORY: Final = timedelta(days=365)  # of presses: what people said a year ago is no rule any more
_LOOK_SECONDS: Final = 60
_NIGHT: Final = timedelta(hours=3)  # after learn_at; later it would meet the morning's work
_FOLDER: Final = "learning-"
_LAST_LINE: Final = 200  # characters


class Current:
    """The classifier that speaks, whichever it is now. Safe to swap while others classify."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def use(self, classifier: Classifier) -> None:
        """From the next call on."""
        self._classifier = classifier

    @property
    def model_id(self) -> str:
        return self._classifier.model_id

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        return self._classifier.classify(texts)

    def explain(self, text: str) -> Explanation:
        return self._classifier.explain(text)


@dataclass(frozen=True, slots=True)
class _Speaks:
    """`folder` holds the model's files; `seen_until`: when the newest post it learned from was written."""

    model_id: str
    folder: Path
    seen_until: str = ""


class Learning:
    """Keeps `current` the champion's, and every night, where `learns`, tries a challenger.

    Of several processes on one PostgreSQL each follows the champion (`look`), one learns: the collecting one.
    """

    def __init__(
        self,
        database: Database,
        settings: ClassifierSettings,
        shipped: Classifier,
        *,
        zone: ZoneInfo,
        clock: Clock,
        learns: bool = True,
        process: Process | None = None,
    ) -> None:
        """`shipped`: what `open_classifier` gave; it speaks while no champion can, and finds places for all."""
        self.current = Current(shipped)
        self._database = database
        self._settings = settings
        self._shipped = shipped
        self._zone = zone
        self._clock = clock
        self._learns = learns and settings.learn
        self._process = process or Process()
        self._models = settings.cache_dir / "models"
        self._speaks = _Speaks(shipped.model_id, settings.cache_dir)
        self._tried: object = None  # the night, or the day, of the last try
        self._one_at_a_time = asyncio.Lock()
        self._broken = Trouble(database, clock, key="learning from presses")
        self._unreadable = Trouble(database, clock, key="the champion cannot be read", notify=learns)

    async def run(self) -> None:
        """Follow the champion and learn at night, until cancelled."""
        await asyncio.to_thread(_sweep, self._settings.cache_dir)
        begun = False
        while True:
            try:
                if self._learns and not begun:
                    async with self._database.writing() as session:
                        await models_history.withdraw(session)  # of a process that died
                    begun = True
                await self.look()
                await self._tonight()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("the models cannot be looked at: %s", error)
            await asyncio.sleep(_LOOK_SECONDS)

    # -- following

    async def look(self) -> None:
        """Let the champion speak, or the last before it that can be read. Raises: SQLAlchemyError, OSError."""
        async with self._one_at_a_time:
            async with self._database.reading() as session:
                wanted = await models_history.in_order(session)
            await self._follow(wanted)

    async def _follow(self, wanted: Sequence[str]) -> None:
        first_fault = ""
        for model_id in wanted:
            if self.current.model_id == model_id:
                break
            try:
                classifier, seen_until = await asyncio.to_thread(self._open, model_id)
            except ModelUnreadable as error:
                first_fault = first_fault or str(error)
                continue
            self._let_speak(classifier, _Speaks(model_id, self._models, seen_until))
            break
        else:
            self._let_speak(self._shipped, _Speaks(self._shipped.model_id, self._settings.cache_dir))
        if first_fault:
            await self._unreadable.met(
                f"the model cannot be read, {self.current.model_id} speaks: {first_fault}"
            )
        else:
            await self._unreadable.over()

    def _let_speak(self, classifier: Classifier, speaks: _Speaks) -> None:
        if self.current.model_id != speaks.model_id:
            _log.info("the model %s speaks", speaks.model_id)
        self.current.use(classifier)
        self._speaks = speaks

    def _open(self, model_id: str) -> tuple[Classifier, str]:
        model = load(model_id, self._models)
        if model.about.get("shipped") != self._shipped.model_id:
            # Its words were cut by other code: what it learned means something else now.
            raise ModelUnreadable(f"{model_id} was learned by another version of the program")
        classifier = _reopened(self._shipped, model)
        classifier.classify(["готов"])  # what is built at the first text is built before it speaks
        return classifier, str(model.about.get("newest_post", ""))

    # -- learning

    async def _tonight(self) -> None:
        """Once a night; a champion of another version of the program is learned anew at once."""
        if not self._learns:
            return
        local = self._clock().astimezone(self._zone)
        night, today = _night_of(local, time.fromisoformat(self._settings.learn_at)), local.date()
        key = night or (today if self._unreadable.standing else None)
        if key is None or key == self._tried:
            return
        self._tried = key
        if night:
            async with self._database.writing() as session:
                await proposals.propose(session, now=self._clock())
        await self.learn()

    async def learn(self) -> Verdict | None:
        """Try a challenger now; None where there is too little news, or learning broke: then the champion stays."""
        now = self._clock()
        async with self._database.reading() as session:
            news = await models_history.taught_since(session, await models_history.last_trained(session))
            present = await models_history.champion(session)
            over = present.model_id if present else None
            if news < ENOUGH and not self._unreadable.standing:
                return None
            lessons = await training_rows(session, since=now - _MEMORY, until=now)
        presses, unknown = presses_of(lessons.rows)
        model_id = id_of(presses, shipped=self._shipped.model_id, until=now)
        async with self._database.writing() as session:
            if not await models_history.began(session, model_id, labels=len(presses), now=now):
                return None
        _log.info("learning %s from %s posts; left out: %s", model_id, len(presses), dict(lessons.left_out))
        try:
            trial = await self._in_a_process(presses, model_id)
            verdict = await self._settle(model_id, trial, over=over, unknown=unknown)
        except (LearningFailed, OSError, ValueError, KeyError) as error:
            await self._withdraw(model_id)
            await self._broken.met(f"nothing was learned, the model stays as it was: {error}"[:_LAST_LINE])
            return None
        except asyncio.CancelledError:
            await self._withdraw(model_id)
            raise
        await self._broken.over()
        await self.look()
        return verdict

    async def _withdraw(self, model_id: str) -> None:
        async with self._database.writing() as session:
            await models_history.withdraw(session, model_id)

    async def _settle(
        self, model_id: str, trial: Mapping[str, Any], *, over: str | None, unknown: Mapping[str, int]
    ) -> Verdict:
        verdict = Verdict(trial["verdict"])
        metrics = {**trial["figures"], "unknown_topics": dict(unknown)}
        _log.info("%s: %s %s", model_id, verdict.value, json.dumps(metrics))
        async with self._database.writing() as session:
            if verdict is Verdict.PROMOTED:
                done = await models_history.promote(
                    session, model_id, over=over, metrics=metrics, now=self._clock()
                )
                verdict = Verdict.PROMOTED if done else Verdict.REJECTED
            elif verdict is Verdict.REJECTED:
                await models_history.reject(
                    session, model_id, metrics=metrics, why=trial["why"], now=self._clock()
                )
            else:
                await models_history.withdraw(session, model_id)
            kept = await models_history.to_keep(session)
        await asyncio.to_thread(_prune, self._models, kept)
        return verdict

    async def _in_a_process(self, presses: Sequence[Press], model_id: str) -> Mapping[str, Any]:
        """Raises: LearningFailed, OSError, ValueError."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=_FOLDER, dir=self._settings.cache_dir))
        try:
            job = partial(
                write_job,
                folder / JOB,
                presses,
                champion=self._speaks.model_id,
                champion_folder=str(self._speaks.folder),
                seen_until=self._speaks.seen_until,
                shipped=self._shipped.model_id,
                models=str(self._models),
                model_id=model_id,
            )
            await asyncio.to_thread(job)
            await self._process.run(folder)
            told: Mapping[str, Any] = json.loads(await asyncio.to_thread((folder / TRIAL).read_text, "utf-8"))
            return told
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _reopened(shipped: Classifier, model: Model) -> Classifier:
    if not isinstance(shipped, ModelClassifier):
        raise ModelUnreadable(f"{model.model_id}: {shipped.model_id} is no learned model itself")
    return shipped.with_model(model)


def _night_of(local: datetime, learn_at: time) -> tuple[date, time] | None:
    """The day whose night it is: `learn_at` has come and is not long past; else None."""
    begins = local.replace(hour=learn_at.hour, minute=learn_at.minute, second=0, microsecond=0)
    begins = begins if begins <= local else begins - timedelta(days=1)
    return (begins.date(), learn_at) if local - begins < _NIGHT else None


def _sweep(cache_dir: Path) -> None:
    """Residents' words that a process which died has left."""
    for folder in cache_dir.glob(f"{_FOLDER}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _prune(folder: Path, kept: set[str]) -> None:
    for path in (*folder.glob("presses-*.npz"), *folder.glob("presses-*.json")):
        if path.stem not in kept:
            path.unlink(missing_ok=True)
