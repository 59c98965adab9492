"""A model comes back from its two files exactly as it was, or not at all."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.corpus_rows import Row
from classifier.model import (
    PRIOR,
    TOPIC,
    Head,
    Model,
    ModelUnreadable,
    combined,
    load,
    save,
    softmax,
    straighten,
    sum_up,
)

NASTY = ["", "яма на дороге", "\ud800", "🙏", "ЯМА!!! " * 400]


def test_a_model_answers_exactly_so_after_it_was_saved(
    small_model: Model, few_rows: list[Row], tmp_path: Path
) -> None:
    save(small_model, tmp_path)
    again = load("small", tmp_path)
    texts = [*NASTY, *(row.text for row in few_rows[::5])]
    left, known = small_model.judge(texts)
    right, known_again = again.judge(texts)
    assert (known == known_again).all()
    assert left.keys() == right.keys()
    assert all((left[name] == right[name]).all() for name in left)
    assert again.heads == small_model.heads
    assert again.about == small_model.about


def test_saving_again_replaces_and_leaves_no_scraps(small_model: Model, tmp_path: Path) -> None:
    save(small_model, tmp_path)
    save(replace(small_model, about={"second": True}), tmp_path)
    assert load("small", tmp_path).about == {"second": True}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.json", "small.npz"]


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("weights", lambda array: array[:-1]),
        ("weights", lambda array: array[:, 1:]),
        ("bias", lambda array: array[1:]),
    ],
)
def test_numbers_that_do_not_fit_are_refused(
    small_model: Model, tmp_path: Path, changed: str, value: object
) -> None:
    assert callable(value)
    save(replace(small_model, **{changed: value(getattr(small_model, changed))}), tmp_path)
    with pytest.raises(ModelUnreadable):
        load("small", tmp_path)


@pytest.mark.parametrize("words", ["grams", "lemmas"])
def test_features_that_do_not_fit_are_refused(small_model: Model, tmp_path: Path, words: str) -> None:
    save(small_model, tmp_path)
    path = tmp_path / "small.json"
    sheet = json.loads(path.read_text(encoding="utf-8"))
    sheet[words] = sheet[words][1:]
    path.write_text(json.dumps(sheet), encoding="utf-8")
    with pytest.raises(ModelUnreadable):
        load("small", tmp_path)


def test_nothing_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="missing"):
        load("missing", tmp_path)


def test_a_model_is_found_under_its_own_name_only(small_model: Model, tmp_path: Path) -> None:
    save(small_model, tmp_path)
    for suffix in ("json", "npz"):
        (tmp_path / f"small.{suffix}").rename(tmp_path / f"other.{suffix}")
    with pytest.raises(ModelUnreadable):
        load("other", tmp_path)


def test_the_topic_is_the_sum_of_its_subtopics(small_model: Model) -> None:
    margins = small_model.table.read(["яма на дороге", "нет воды"]).margins + small_model.bias
    own = {
        name: softmax(margins[:, small_model.columns[name]] * head.sharpness)
        for name, head in small_model.heads.items()
        if name != TOPIC
    }
    topics = combined(small_model.heads, own)[TOPIC]
    subtopic = small_model.heads[PRIOR]
    for number in range(len(small_model.heads[TOPIC].labels)):
        under = [at for at, parent in enumerate(subtopic.parents) if parent == number]
        assert topics[:, number] == pytest.approx(own[PRIOR][:, under].sum(axis=1))


def test_sums_of_children_that_do_not_stand_together() -> None:
    answers = np.array([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    assert sum_up(answers, (2, 0, 2, 0), 4) == pytest.approx(np.array([[0.6, 0, 0.4, 0], [0.4, 0, 0.6, 0]]))


def test_probabilities_of_every_question_are_some(small_model: Model) -> None:
    answers, _ = small_model.judge(NASTY)
    for name, chances in answers.items():
        assert chances.shape == (len(NASTY), len(small_model.heads[name].labels))
        assert chances.min() >= 0
        assert chances.sum(axis=1).max() <= 1 + 1e-6
        assert chances.max(axis=1).min() > 1 / (len(small_model.heads[name].labels) + 1)


def test_straightening_keeps_who_is_first_and_the_sum() -> None:
    random = np.random.default_rng(3)
    chances = softmax(random.normal(size=(500, 7)) * 3)
    straight = straighten(chances, ((0.0, 0.0), (0.5, 0.2), (1.0, 0.9)))
    assert (straight.argmax(axis=1) == chances.argmax(axis=1)).all()
    assert straight.sum(axis=1) == pytest.approx(np.ones(500))
    order = np.argsort(chances, axis=1)
    assert (np.diff(np.take_along_axis(straight, order, axis=1), axis=1) >= -1e-9).all()


def test_a_label_without_a_threshold_is_trusted_at_once_only_if_no_label_has_one() -> None:
    assert Head(labels=("a", "b")).threshold("b") == 0
    assert Head(labels=("a", "b"), thresholds=(0.5, 1.01)).threshold("b") == 1.01


@given(
    chances=st.lists(
        st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4).filter(any), min_size=2, max_size=5
    )
)
def test_a_row_is_straightened_alone_exactly_as_in_company(chances: list[list[float]]) -> None:
    rows = np.array(chances) / np.array(chances).sum(axis=1, keepdims=True)
    curve = ((0.0, 0.0), (0.3, 0.25), (0.8, 0.9), (1.0, 0.97))
    together = straighten(rows, curve)
    assert all((straighten(rows[at : at + 1], curve)[0] == together[at]).all() for at in range(len(rows)))
