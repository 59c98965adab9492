"""A challenger learns from presses, is tried, and is refused where it is worse. On a slice of the corpus."""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from classifier import calibration, challenger, corpus_rows
from classifier.calibration import Calibration
from classifier.challenger import challenge
from classifier.corpus_rows import Row
from classifier.model import TOPIC, Model, load, save
from classifier.presses import JOB, TRIAL, Press, write_job
from classifier.shipped import learn_shipped
from classifier.trials import Verdict
from tests.conftest import NOON

TOPICS = {"roads", "waste", "animals", "transport"}
SURE = Calibration(sharpness={"subtopic": 6.0}, thresholds=dict.fromkeys(TOPICS, 0.97))


@pytest.fixture(scope="module")
def corpus() -> list[Row]:
    """Without a word on animals: they are what is new."""
    rows = [row for row in corpus_rows.lesson() if row.topic in TOPICS - {"animals"}]
    return [row for row in rows if row.group % 3 == 0]


@pytest.fixture(scope="module")
def champion(corpus: list[Row]) -> Model:
    return learn_shipped(corpus, model_id="shipped-test", calibration=SURE)


@pytest.fixture(scope="module")
def posts() -> list[Press]:
    """Residents' posts on all four topics that are not in the corpus slice, in a chance order of time."""
    rows = [
        row
        for row in corpus_rows.filled_rows()
        if row.topic in TOPICS
        and row.voice == corpus_rows.RESIDENT
        and (row.topic == "animals" or row.group % 3 == 1)
    ]
    random.Random(5).shuffle(rows)  # noqa: S311 - the same order every time
    return [
        Press(
            number,
            row.text,
            NOON + timedelta(minutes=number),
            1.0,
            kind=row.kind,
            needs_answer=row.needs_answer,
            voice=row.voice,
            topic=row.topic,
            subtopic=row.subtopic if "." in row.subtopic else None,
        )
        for number, row in enumerate(rows[:420])
    ]


def tried(posts: Sequence[Press], champion: Model, corpus: Sequence[Row], **more: object) -> challenger.Trial:
    return challenge(
        posts,
        champion=champion,
        model_id="presses-20260302-00000000",
        corpus=corpus,
        calibration=SURE,
        **more,  # type: ignore[arg-type]  # of challenge's own arguments
    )


@pytest.fixture(scope="module")
def won(posts: list[Press], champion: Model, corpus: list[Row]) -> challenger.Trial:
    return tried(posts, champion, corpus)


def test_what_learned_a_new_topic_is_promoted(won: challenger.Trial, champion: Model) -> None:
    assert won.verdict is Verdict.PROMOTED
    topics = won.figures[TOPIC]
    assert topics["rows"] >= 100
    assert topics["challenger"] > 1.1 * topics["champion"]
    assert won.model is not None
    answers, _ = won.model.judge(["Стая бродячих собак кидается на детей у школы, отловите их"])
    labels = won.model.heads[TOPIC].labels
    assert labels[int(answers[TOPIC][0].argmax())] == "animals"
    assert labels == champion.heads[TOPIC].labels


def test_the_promoted_model_says_what_it_learned(won: challenger.Trial, posts: list[Press]) -> None:
    assert won.model is not None
    assert won.model.about["presses"] == len(posts)
    assert won.model.about["newest_post"] == posts[-1].posted_at.isoformat()
    json.dumps(won.figures)


def test_thresholds_are_the_presses_own_only_where_enough_were_judged(won: challenger.Trial) -> None:
    assert won.model is not None
    head = won.model.heads[TOPIC]
    assert 0 < won.figures["thresholds_of_presses"] <= len(TOPICS)
    assert head.threshold("sport") == 1.01  # the shipped one: nobody has judged a post on sport
    few = [one for one in head.labels if one not in TOPICS]
    assert {head.threshold(one) for one in few} == {1.01}


def test_few_judged_posts_leave_the_shipped_threshold(
    posts: list[Press], champion: Model, corpus: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenger, "PROVEN", 10_000)
    trial = tried(posts, champion, corpus)
    assert trial.model is not None
    assert {trial.model.heads[TOPIC].threshold(topic) for topic in TOPICS} == {0.97}


def test_worse_on_one_large_class_is_refused(posts: list[Press], champion: Model, corpus: list[Row]) -> None:
    """Whoever taught that buses are roads did so in the older half; the newer half tells the truth."""
    spoiled = [
        replace(one, topic="roads", subtopic="roads.potholes")
        if one.topic == "transport" and number < 210
        else one
        for number, one in enumerate(posts)
    ]
    trial = tried(spoiled, champion, corpus, correction=5.0)
    assert trial.verdict is Verdict.REJECTED
    assert trial.model is None
    assert "transport" in trial.figures[TOPIC]["worse"]
    assert trial.figures[TOPIC]["challenger"] > trial.figures[TOPIC]["champion"]  # in all it was better


def test_too_few_new_posts_are_no_trial(posts: list[Press], champion: Model, corpus: list[Row]) -> None:
    assert tried(posts[:40], champion, corpus).verdict is Verdict.TOO_FEW
    seen = tried(posts, champion, corpus, seen_until=posts[-30].posted_at)
    assert (seen.verdict, seen.model) == (Verdict.TOO_FEW, None)
    assert 0 < seen.figures["judged"] <= 29
    assert tried([], champion, corpus).verdict is Verdict.TOO_FEW


def test_the_process_reads_its_job_and_leaves_a_model(
    posts: list[Press], champion: Model, corpus: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    niced: list[int] = []
    monkeypatch.setattr(os, "nice", niced.append)
    monkeypatch.setattr(corpus_rows, "lesson", lambda: corpus)
    monkeypatch.setattr(calibration, "read", lambda: SURE)
    save(champion, tmp_path / "cache")
    (tmp_path / "job").mkdir()
    model_id = "presses-20260302-12345678"
    write_job(
        tmp_path / "job" / JOB,
        posts,
        champion=champion.model_id,
        champion_folder=str(tmp_path / "cache"),
        models=str(tmp_path / "models"),
        model_id=model_id,
        seen_until="",
        shipped="shipped-test",
    )
    challenger.main(tmp_path / "job")
    told = json.loads((tmp_path / "job" / TRIAL).read_text(encoding="utf-8"))
    assert (told["verdict"], told["why"]) == ("promoted", "")
    assert load(model_id, tmp_path / "models").about["shipped"] == "shipped-test"
    assert niced == [10]
