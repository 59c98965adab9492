"""A challenger: the shipped corpus and people's presses learned together, tried against the model that speaks.

`python -m classifier.challenger FOLDER` learns in a process of its own, so that the memory goes back to the system
and scikit-learn never enters the bot. It reads FOLDER/job.json and writes FOLDER/trial.json and, where the challenger
won, its model.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier import calibration as figures_file
from classifier import corpus_rows
from classifier.calibration import Calibration
from classifier.corpus_rows import Row
from classifier.held_out import HeldOut, duplicate_groups
from classifier.lessons import Lessons, answers_of, learn_lessons, lessons_of
from classifier.model import PRIOR, TOPIC, Floats, Model, combined, load, save, softmax, straighten
from classifier.presses import JOB, LEAST_JUDGED, TRIAL, Aside, Press, put_aside, read_job
from classifier.shipped import heads_of, labels_of
from classifier.thresholds import NEVER, thresholds
from classifier.training import held_out_margins
from classifier.trials import Contest, Verdict, contest

CORRECTION: Final = 1.0
"""How many rows of the corpus one correction counts for: docs/classifier/learning.md has what was measured."""

PROVEN: Final = 30
"""Judged posts of a topic from which its threshold is the presses' own."""

_FOLDS: Final = 2
_NICE: Final = 10
_DIGITS: Final = 4

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """How it ended. `why`: "" or "worse", "too_few"; `figures`: ready for JSON. `model`: where it was promoted."""

    verdict: Verdict
    why: str
    figures: Mapping[str, Any]
    model: Model | None = None


def challenge(
    presses: Sequence[Press],
    *,
    champion: Model,
    model_id: str,
    corpus: Sequence[Row] | None = None,
    calibration: Calibration | None = None,
    seen_until: datetime | None = None,
    correction: float = CORRECTION,
    about: Mapping[str, Any] | None = None,
    tell: Tell = lambda line: None,
) -> Trial:
    """Try a model of corpus and presses on the newest posts; where it is not worse, learn those as well.

    Not worse is: no fewer topics right in all, and for no question and no large class fewer than luck explains
    (`classifier.trials`). Minutes of one core. Call it in a process of its own.

    `champion` is the model that speaks; `seen_until`: when the newest post it learned from was written, None where
    it learned from none. `correction`: how many rows of the corpus one corrected post counts for. `tell` hears of
    each step, and of no text.
    """
    aside = put_aside(presses, seen_until=seen_until)
    counts = {"learned": len(presses), "judged": len(aside.judged)}
    if len(aside.judged) < LEAST_JUDGED:
        return Trial(Verdict.TOO_FEW, "too_few", counts)
    calibration = calibration or figures_file.read()
    corpus = corpus_rows.lesson() if corpus is None else corpus
    lessons = lessons_of(presses, corpus, champion, correction)
    tell(f"trial: {len(aside.learned)} posts to learn from, {len(aside.judged)} to judge on")
    rival = learn_lessons(lessons, lessons.without(_all_but(aside, presses)), calibration, model_id, {})
    contests = _contests(presses, aside, champion, rival)
    figures = counts | {name: one.told() for name, one in contests.items()}
    if _loses(contests):
        return Trial(Verdict.REJECTED, "worse", figures)
    tell("the trial is won: measuring thresholds")
    shipped = heads_of(calibration)[TOPIC]
    proven = _proven(
        presses, lessons, calibration, dict(zip(shipped.labels, shipped.thresholds, strict=True))
    )
    figures["thresholds_of_presses"] = len(proven.measured)
    tell("learning from everything")
    model = learn_lessons(
        lessons,
        np.arange(len(lessons.texts)),
        _with_thresholds(calibration, proven.chosen),
        model_id,
        {
            "presses": len(presses),
            "newest_post": max(one.posted_at for one in presses).isoformat(),
            "trial": figures,
            **(about or {}),
        },
    )
    return Trial(Verdict.PROMOTED, "", figures, model)


def _all_but(aside: Aside, presses: Sequence[Press]) -> frozenset[int]:
    """What the trial must not learn from."""
    return frozenset(range(len(presses))) - frozenset(aside.learned)


# -- judging


def _contests(presses: Sequence[Press], aside: Aside, champion: Model, rival: Model) -> dict[str, Contest]:
    """Topic, kind, and whether an answer is owed; each on the judged posts of which it is known."""
    judged = [presses[at] for at in aside.judged]
    texts = [one.text for one in judged]
    sides = [(model.heads, model.judge(texts)[0]) for model in (champion, rival)]
    contests = {}
    for name in (TOPIC, "kind", "needs_answer"):
        truth = [_truth(one, name) for one in judged]
        known = [at for at, one in enumerate(truth) if one is not None]
        said = [
            [heads[name].labels[int(place)] for place in answers[name][known].argmax(axis=1)] if known else []
            for heads, answers in sides
        ]
        contests[name] = contest([str(truth[at]) for at in known], said[0], said[1])
    return contests


def _truth(press: Press, name: str) -> str | None:
    return press.topic if name == TOPIC else answers_of(press, press.subtopic)[name]


def _loses(contests: Mapping[str, Contest]) -> bool:
    """Fewer topics right, or a large class or a whole question lost by no bad luck."""
    topics = contests[TOPIC]
    return topics.challenger < topics.champion or any(one.is_lost for one in contests.values())


# -- thresholds


@dataclass(frozen=True, slots=True)
class _Proven:
    chosen: Mapping[str, float]
    measured: tuple[str, ...]


def _proven(
    presses: Sequence[Press], lessons: Lessons, calibration: Calibration, shipped: Mapping[str, float]
) -> _Proven:
    """Thresholds by posts judged while unseen: a topic guessed in `PROVEN` of them has its own, others the shipped.

    A topic of fewer posts keeps the shipped one: few rows look good by luck.
    """
    numbers = [
        at for at, one in enumerate(presses) if lessons.answers[PRIOR][lessons.corpus + at] is not None
    ]
    held_out = _held_out(presses, numbers, lessons, calibration)
    counts = np.bincount(held_out.guessed, minlength=len(held_out.labels))
    measured = tuple(label for label, count in zip(held_out.labels, counts, strict=True) if count >= PROVEN)
    own = thresholds(held_out, min_support=PROVEN)
    return _Proven(
        {topic: own[topic] if topic in measured else shipped.get(topic, NEVER) for topic in own}, measured
    )


def _held_out(
    presses: Sequence[Press], numbers: Sequence[int], lessons: Lessons, calibration: Calibration
) -> HeldOut:
    """Topics of the presses by models that saw the corpus and the other presses."""
    answers = lessons.answers[PRIOR]
    taught = np.array([at for at, answer in enumerate(answers) if answer is not None])
    groups = np.full(len(taught), -1)
    groups[-len(numbers) :] = duplicate_groups([presses[at].text for at in numbers])
    labels = labels_of(PRIOR)
    margins = held_out_margins(
        lessons.matrix[taught],
        [str(answers[at]) for at in taught],
        groups,
        labels=labels,
        judged=np.arange(len(taught) - len(numbers), len(taught)),
        folds=_FOLDS,
        weights=lessons.weights[taught],
    )
    topics = labels_of(TOPIC)
    return HeldOut(
        name=TOPIC,
        labels=topics,
        truth=np.array([topics.index(presses[at].topic or "") for at in numbers]),
        probabilities=_answered(calibration, margins),
        lengths=np.array([len(presses[at].text) for at in numbers]),
    )


def _answered(calibration: Calibration, margins: Floats) -> Floats:
    """Topics from the margins of subtopics, just as a model makes them."""
    every = heads_of(calibration)
    own = {PRIOR: softmax(margins * every[PRIOR].sharpness)}
    topics = combined({name: every[name] for name in (PRIOR, TOPIC)}, own)[TOPIC]
    return straighten(topics, every[TOPIC].curve)


def _with_thresholds(calibration: Calibration, chosen: Mapping[str, float]) -> Calibration:
    return replace(calibration, thresholds={topic: round(value, _DIGITS) for topic, value in chosen.items()})


# -- the process


def main(folder: Path) -> None:
    """Do the job in the folder.

    Raises: whatever is wrong with the job or the champion; who started the process reads its last line.
    """
    os.nice(_NICE)
    presses, job = read_job(folder / JOB)
    seen = job["seen_until"]
    trial = challenge(
        presses,
        champion=load(job["champion"], Path(job["champion_folder"])),
        model_id=job["model_id"],
        seen_until=datetime.fromisoformat(seen) if seen else None,
        about={"shipped": job["shipped"]},
        tell=lambda line: print(line, flush=True),  # noqa: T201 - whoever started the process logs it
    )
    if trial.model is not None:
        save(trial.model, Path(job["models"]))
    told = {"verdict": trial.verdict.value, "why": trial.why, "figures": trial.figures}
    (folder / TRIAL).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
