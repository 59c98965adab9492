"""The questions of the shipped model: fixed answers, one topic with its subtopics, weights of rows that count."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import calibration, corpus_rows
from classifier.corpus_rows import Row
from classifier.model import PRIOR, TOPIC, Model
from classifier.shipped import QUESTIONS, Question, labels_of, learn_shipped
from incidents.rubricator import rubricator, subtopics, topic_of
from models.kinds import Kind


def test_the_answers_are_those_of_the_program() -> None:
    assert set(labels_of("kind")) == set(Kind)
    assert set(labels_of(TOPIC)) == set(rubricator())
    assert set(labels_of(PRIOR)) == {*rubricator(), *subtopics()}


def test_a_model_of_few_rows_knows_all_answers(small_model: Model) -> None:
    assert {name: head.labels for name, head in small_model.heads.items()} == {
        name: labels_of(name) for name in (*(question.name for question in QUESTIONS), TOPIC)
    }
    assert small_model.heads[PRIOR].parents == tuple(
        labels_of(TOPIC).index(topic_of(code)) for code in labels_of(PRIOR)
    )
    width = sum(len(labels_of(question.name)) for question in QUESTIONS)
    assert small_model.weights.shape == (len(small_model.vocabulary), width)


def test_it_learned_its_lesson(small_model: Model, few_rows: list[Row]) -> None:
    rows = [row for row in few_rows if row.voice == corpus_rows.RESIDENT]
    answers, _ = small_model.judge([row.text for row in rows])
    for name, right in (("kind", [row.kind for row in rows]), (TOPIC, [row.topic for row in rows])):
        labels = np.array(small_model.heads[name].labels)
        assert (labels[answers[name].argmax(axis=1)] == right).mean() > 0.9, name


def test_a_subtopic_nobody_taught_does_not_win() -> None:
    rows = [row for row in corpus_rows.filled_rows()[::20] if row.subtopic != "roads.potholes"]
    model = learn_shipped(rows, model_id="m", calibration=calibration.read())
    answers, _ = model.judge([row.text for row in rows])
    assert (answers[PRIOR][:, labels_of(PRIOR).index("roads.potholes")] < answers[PRIOR].max(axis=1)).all()


def test_heavier_rows_have_more_to_say() -> None:
    rows = corpus_rows.filled_rows()[::12]
    wrong = replace(rows[0], text="фыва олдж фыва олдж", kind="gratitude", group=-7)
    right = replace(wrong, kind="complaint")
    told = {
        heavy: learn_shipped(
            [*rows, wrong, right],
            model_id="m",
            calibration=calibration.read(),
            weights=[1.0] * len(rows) + ([9.0, 0.1] if heavy == "gratitude" else [0.1, 9.0]),
        ).judge([wrong.text])[0]["kind"][0]
        for heavy in ("gratitude", "complaint")
    }
    at = labels_of("kind").index("gratitude")
    assert told["gratitude"][at] > told["complaint"][at]


def test_the_same_rows_give_the_same_model(small_model: Model, few_rows: list[Row]) -> None:
    again = learn_shipped(few_rows, model_id="small", calibration=calibration.read())
    assert (again.weights == small_model.weights).all()
    assert (again.bias == small_model.bias).all()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_has_rows_that_teach_it_and_only_known_answers(question: Question) -> None:
    taught = [row for row in corpus_rows.lesson() if question.teaches(row)]
    assert {question.answer(row) for row in taught} == set(labels_of(question.name))
