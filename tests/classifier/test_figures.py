import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from classifier.figures import figures, risk_coverage, slices, study
from classifier.held_out import HeldOut


def random_rows(seed: int, *, rows: int = 300, labels: int = 6, sharp: float = 1.0) -> HeldOut:
    """A model that is right by chance and by a bit of skill, with few rows of the last labels."""
    dice = np.random.default_rng(seed)
    truth = np.minimum(dice.geometric(0.4, rows) - 1, labels - 1)
    scores = dice.normal(size=(rows, labels)) + sharp * np.eye(labels)[truth]
    powers = np.exp(scores)
    return HeldOut(
        name="topic",
        labels=tuple(f"t{number}" for number in range(labels)),
        truth=truth,
        probabilities=powers / powers.sum(axis=1, keepdims=True),
        lengths=dice.integers(0, 1_500, rows),
        networks=tuple(dice.choice(["vk", "ok", ""], rows)),
        territories=tuple(dice.choice(["Курск", "Льгов"], rows)),
    )


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 200), labels=st.integers(2, 25))
def test_the_figures_are_those_of_scikit_learn(seed: int, rows: int, labels: int) -> None:
    judged = random_rows(seed, rows=rows, labels=labels)
    found = figures(judged)
    truth, guessed, numbers = judged.truth, judged.guessed, np.arange(labels)
    support = np.bincount(truth, minlength=labels)
    assert found.accuracy == pytest.approx(accuracy_score(truth, guessed))
    for mean, kept in ((found.macro_f1, support > 0), (found.macro_f1_of_10, support >= 10)):
        expected = (
            f1_score(truth, guessed, labels=numbers[kept], average="macro", zero_division=0)
            if kept.any()
            else 0
        )
        assert mean == pytest.approx(expected)
    assert found.weighted_f1 == pytest.approx(f1_score(truth, guessed, average="weighted", zero_division=0))
    parts = precision_recall_fscore_support(truth, guessed, labels=numbers, zero_division=0)
    by_label = {one.label: one for one in found.classes}
    for at, (precision, recall, f1, count) in enumerate(zip(*parts, strict=True)):
        one = by_label[f"t{at}"]
        assert (one.precision, one.recall, one.f1, one.support) == pytest.approx(
            (precision, recall, f1, count)
        )
    shown = [int(label[1:]) for label in found.confusion.labels]
    table = confusion_matrix(truth, guessed, labels=numbers)
    assert np.array_equal(np.array(found.confusion.counts), table[np.ix_(shown, shown)])
    assert [
        sum(row) + more for row, more in zip(found.confusion.counts, found.confusion.elsewhere, strict=True)
    ] == [int(support[at]) for at in shown]
    third = np.sort(judged.probabilities, axis=1)[:, -min(3, labels)]
    assert found.top3 == pytest.approx((judged.probabilities[np.arange(rows), truth] >= third).mean())


def test_a_perfect_model_has_nothing_left_to_win() -> None:
    truth = np.arange(40) % 4
    perfect = HeldOut("kind", tuple("abcd"), truth, np.eye(4)[truth], np.ones(40, dtype=np.int64))
    found = figures(perfect)
    assert (found.accuracy, found.macro_f1, found.weighted_f1, found.top3) == (1, 1, 1, 1)
    assert (found.ece, found.aurc, found.at_precision.coverage) == (0, 0, 1)


def test_a_model_sure_and_always_wrong_has_all_to_win() -> None:
    truth = np.arange(40) % 4
    worst = HeldOut("kind", tuple("abcd"), truth, np.eye(4)[(truth + 1) % 4], np.ones(40, dtype=np.int64))
    found = figures(worst)
    assert (found.accuracy, found.macro_f1, found.weighted_f1) == (0, 0, 0)
    assert (found.ece, found.aurc) == (1, 1)
    assert (found.at_precision.coverage, found.at_precision.threshold) == (0, 1.01)


def test_no_row_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no row"):
        figures(random_rows(0).take(np.array([], dtype=np.int64)))


def test_calibration_is_the_distance_between_promise_and_truth() -> None:
    probabilities = np.tile([0.75, 0.25], (100, 1))
    truth = (np.arange(100) >= 60).astype(np.int64)  # promised 75, came true 60
    found = figures(HeldOut("spam", ("no", "yes"), truth, probabilities, np.ones(100, dtype=np.int64)))
    assert found.ece == pytest.approx(0.15)
    [only] = found.bins
    assert (only.rows, only.confidence, only.right) == pytest.approx((100, 0.75, 0.6))


def test_the_curve_takes_equally_sure_rows_together_and_ends_with_all() -> None:
    judged = HeldOut(
        "spam",
        ("no", "yes"),
        np.array([0, 0, 0, 1]),
        np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.6, 0.4]]),
        np.ones(4, dtype=np.int64),
    )
    curve = [(point.threshold, point.coverage, point.right) for point in risk_coverage(judged)]
    assert curve == [(0.9, 0.25, 1.0), (0.8, 0.5, 1.0), (0.6, 1.0, 0.75)]
    found = figures(judged)
    assert found.aurc == pytest.approx(0.5 * 0.25)
    assert (found.at_precision.coverage, found.at_precision.threshold) == (0.5, 0.8)


@given(st.integers(0, 500))
def test_every_point_of_the_curve_is_what_its_threshold_gives(seed: int) -> None:
    judged = random_rows(seed, rows=50)
    for point in risk_coverage(judged):
        assert judged.above(point.threshold) == pytest.approx((point.coverage, point.right))


def test_slices_part_the_rows_and_hold_their_own_accuracy() -> None:
    judged = random_rows(3)
    lengths = slices(judged, by="length")
    assert [part.name for part in lengths] == ["0–40", "41–120", "121–350", "351–900", "901+"]
    assert sum(part.rows for part in lengths) == len(judged)
    cries = judged.take(np.flatnonzero(judged.lengths <= 40))
    assert (lengths[0].rows, lengths[0].accuracy) == pytest.approx((len(cries), cries.accuracy))
    assert all(part.low < part.accuracy < part.high for part in lengths)
    assert {part.name for part in slices(judged, by="network")} == {
        "vk",
        "ok",
    }  # an unknown network is no network
    assert {part.name for part in slices(judged, by="territory")} == {"Курск", "Льгов"}


def test_nothing_is_sliced_by_what_nobody_knows() -> None:
    judged = random_rows(3)
    bare = HeldOut(judged.name, judged.labels, judged.truth, judged.probabilities, judged.lengths)
    assert slices(bare, by="territory") == ()
    assert list(study(bare).slices) == ["length"]


def test_a_study_is_ready_for_json() -> None:
    found = study(random_rows(1, sharp=4.0), seeds=range(2))
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert told["figures"]["rows"] == 300
    assert set(told["thresholds"]) == {f"t{number}" for number in range(6)}
    assert told["contract"]["halves"] == 4
