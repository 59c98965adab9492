"""A region's own export teaches its own labels, whatever they are called."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import calibration, corpus_rows
from classifier.corpus_rows import Row
from classifier.exports import Labelled
from classifier.learned import FEWEST, Learned, TooLittle, learn_export
from classifier.model import BODY, EXPORT_GROUP, EXPORT_TOPIC, TOPIC, Model, load, save
from classifier.opening import load_folder
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier
from incidents.rubricator import rubricator, subtopics

_TOPICS = ("roads", "waste", "health", "utilities")
_TOWNS = ("Льгов", "Обоянь", "Рыльск")
LONELY = "Ремонт фонтанов"


def export_of(rows: Sequence[Row]) -> list[Labelled]:
    """What a region might export of these rows: its own names of groups, topics and bodies."""
    made = [
        Labelled(
            text=f"{row.text} {_TOWNS[number % 3]}",
            group=f"Группа «{rubricator()[row.topic].name_ru}»",
            topic=f"Тема: {subtopics()[row.subtopic].name_ru}",
            body=f"Глава города {_TOWNS[number % 3]}" if row.topic == "roads" else f"Минздрав {row.topic}",
        )
        for number, row in enumerate(rows)
    ]
    return [*made, Labelled(text="Опять сухо", group="Группа «Прочее»", topic=LONELY, body="Парк культуры")]


@pytest.fixture(scope="module")
def exported() -> list[Labelled]:
    rows = [row for row in corpus_rows.filled_rows() if row.topic in _TOPICS and row.subtopic in subtopics()]
    return export_of([row for row in rows if row.voice == corpus_rows.RESIDENT][::6])


@pytest.fixture(scope="module")
def learned(exported: list[Labelled], few_rows: list[Row]) -> Learned:
    return learn_export(exported, calibration=calibration.read(), corpus=few_rows)


def named(model: Model, question: str, text: str) -> str:
    answers, _ = model.judge([text])
    return model.heads[question].labels[int(answers[question][0].argmax())]


def test_the_labels_are_those_of_the_export(learned: Learned, exported: list[Labelled]) -> None:
    heads = learned.model.heads
    assert set(heads[EXPORT_GROUP].labels) == {row.group for row in exported}
    assert set(heads[EXPORT_TOPIC].labels) == {row.topic for row in exported}
    assert set(heads[BODY].labels) == {row.body for row in exported}


def test_it_learned_what_the_export_says(learned: Learned, exported: list[Labelled]) -> None:
    model = learned.model
    answers, _ = model.judge([row.text for row in exported])
    for question, right in (
        (EXPORT_GROUP, [row.group for row in exported]),
        (EXPORT_TOPIC, [row.topic for row in exported]),
        (BODY, [row.body for row in exported]),
    ):
        found = np.array(model.heads[question].labels)[answers[question].argmax(axis=1)]
        assert (found == right).mean() > 0.85, question


def test_held_out_answers_are_worse_than_answers_on_the_lesson_and_better_than_chance(
    learned: Learned, exported: list[Labelled]
) -> None:
    group = learned.held_out["group"]
    assert len(group) == len(exported)
    right = (group.probabilities.argmax(axis=1) == group.truth).mean()
    assert 0.6 < right < 1
    assert set(learned.held_out) == {"group", "topic", "body"}


def test_a_label_with_one_message_is_known_by_its_name(learned: Learned) -> None:
    assert named(learned.model, EXPORT_TOPIC, "нужен ремонт фонтанов") == LONELY


def test_a_place_in_a_bodys_name_counts(learned: Learned) -> None:
    assert named(learned.model, BODY, "ямы на дороге, Обоянь") == "Глава города Обоянь"
    assert named(learned.model, BODY, "ямы на дороге, Рыльск") == "Глава города Рыльск"


def test_the_shipped_questions_are_answered_too(learned: Learned, few_rows: list[Row]) -> None:
    rows = [row for row in few_rows if row.voice == corpus_rows.RESIDENT]
    answers, _ = learned.model.judge([row.text for row in rows])
    for question, right in ((TOPIC, [row.topic for row in rows]), ("kind", [row.kind for row in rows])):
        found = np.array(learned.model.heads[question].labels)[answers[question].argmax(axis=1)]
        assert (found == right).mean() > 0.9, question


def test_a_learned_model_comes_back_from_its_folder(
    learned: Learned, exported: list[Labelled], tmp_path: Path
) -> None:
    save(learned.model, tmp_path)
    texts = [row.text for row in exported[::20]]
    again = load(learned.model.model_id, tmp_path)
    left, right = learned.model.judge(texts)[0], again.judge(texts)[0]
    assert all((left[name] == right[name]).all() for name in left)
    assert load_folder(tmp_path).model_id == learned.model.model_id


def test_a_classifier_names_the_bodies_of_a_learned_model(learned: Learned, small_model: Model) -> None:
    (guess,) = ModelClassifier(small_model, PlaceFinder(("Льгов",)), bodies=learned.model).classify(
        ["ямы на дороге, Льгов"]
    )
    assert guess.model_id == "small"
    assert guess.bodies[0].value == "Глава города Льгов"
    assert len(guess.bodies) == 3


def test_too_little_is_refused_with_words(exported: list[Labelled], few_rows: list[Row]) -> None:
    unlabelled = [Labelled(text=row.text) for row in exported]
    with pytest.raises(TooLittle, match=f"19 messages.*{FEWEST}"):
        learn_export([*exported[:19], *unlabelled], calibration=calibration.read(), corpus=few_rows)


def test_groups_alone_are_enough(exported: list[Labelled], few_rows: list[Row]) -> None:
    bare = [replace(row, topic="", body="") for row in exported[:-1:4]]
    model = learn_export(bare, calibration=calibration.read(), corpus=few_rows).model
    assert EXPORT_TOPIC not in model.heads
    assert BODY not in model.heads
    assert set(model.heads[EXPORT_GROUP].labels) == {row.group for row in bare}
