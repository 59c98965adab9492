import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from classifier.held_out import HeldOut
from classifier.thresholds import NEVER, calibrated, contract, let_through, thresholds


def calibrated_rows(seed: int, *, rows: int = 4_000, flattery: float = 1.0) -> HeldOut:
    """What is promised comes true; with `flattery` above 1 the promises are too good. The last label is rare."""
    dice = np.random.default_rng(seed)
    labels = 5
    scores = 3 * dice.normal(size=(rows, labels)) + np.array([1.0, 0.5, 0, 0, -4])
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    truth = np.array([dice.choice(labels, p=one) for one in chances])
    told = np.exp(flattery * scores) / np.exp(flattery * scores).sum(axis=1, keepdims=True)
    return HeldOut("topic", tuple("abcde"), truth, told, np.ones(rows, dtype=np.int64))


@pytest.mark.parametrize("flattery", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("precision", [0.9, 0.95])
def test_thresholds_hold_on_rows_they_were_not_chosen_by(flattery: float, precision: float) -> None:
    unseen = [calibrated_rows(100 + seed, flattery=flattery) for seed in range(8)]
    taken, right = 0, 0
    for seed, other in enumerate(unseen):
        chosen = thresholds(calibrated_rows(seed, rows=1_500, flattery=flattery), precision=precision)
        passed = let_through(other, chosen)
        taken += int(passed.sum())
        right += int(other.right[passed].sum())
    assert right / taken >= precision
    best = np.mean([max(point for point in _coverages(one, precision)) for one in unseen])
    assert taken / (8 * 4_000) >= 0.75 * best  # caution is not silence


def _coverages(judged: HeldOut, precision: float) -> list[float]:
    tries = [judged.above(level) for level in np.linspace(0.2, 1, 200)]
    return [coverage for coverage, right in tries if right >= precision] or [0.0]


def test_luck_of_small_classes_is_not_taken_for_trust() -> None:
    """Sixty labels of twenty rows: each has a threshold that looks perfect, and few of them are."""
    taken, right = 0, 0
    for seed in range(6):
        dice = np.random.default_rng(seed)
        guessed, sure = dice.integers(0, 60, 2_400), dice.uniform(0.5, 1, 2_400)
        truth = np.where(dice.random(2_400) < sure, guessed, (guessed + 1) % 60)
        told = np.full((2_400, 60), 0.0)
        told[np.arange(2_400), guessed] = sure
        rows = HeldOut("topic", tuple(map(str, range(60))), truth, told, np.ones(2_400, dtype=np.int64))
        early, late = rows.take(np.arange(1_200)), rows.take(np.arange(1_200, 2_400))
        for half, other in ((early, late), (late, early)):
            passed = let_through(other, thresholds(half))
            taken += int(passed.sum())
            right += int(other.right[passed].sum())
    assert taken > 2_000
    assert right / taken >= 0.94  # two deviations of so many draws below the promise; without borrowing: 0.88


def test_the_contract_says_what_the_halves_gave() -> None:
    found = contract(calibrated_rows(1), seeds=range(4))
    assert found.halves == 8
    assert found.right >= 0.95
    assert found.right_lowest <= found.right
    assert found.coverage > 0.3
    assert sum(one.taken for one in found.classes) == pytest.approx(found.coverage * 2_000 * 8)
    assert sum(one.taken * one.right for one in found.classes) / sum(
        one.taken for one in found.classes
    ) == pytest.approx(found.right)


def test_repeats_of_one_message_do_not_vouch_for_it() -> None:
    """Forty messages told fifty times each: kept together, the halves show how little was learned."""
    few = calibrated_rows(2, rows=40, flattery=6.0)
    told = np.repeat(np.arange(40), 50)
    many = few.take(told)
    assert contract(many, seeds=range(10), groups=told).right < contract(many, seeds=range(10)).right


def test_a_model_that_guesses_is_trusted_with_nothing() -> None:
    dice = np.random.default_rng(0)
    told = dice.dirichlet(np.full(4, 0.2), 1_000)
    rows = HeldOut("topic", tuple("abcd"), dice.integers(0, 4, 1_000), told, np.ones(1_000, dtype=np.int64))
    assert set(thresholds(rows).values()) == {NEVER}
    found = contract(rows, seeds=[0])
    assert (found.coverage, found.right, found.kept, found.classes) == (0, 1, 1, ())


def test_one_bad_class_does_not_take_the_others_with_it() -> None:
    good = calibrated_rows(3, flattery=1.0)
    lied = np.where(good.guessed == 1, 2, good.truth)  # what is called b is always c
    rows = HeldOut(good.name, good.labels, lied, good.probabilities, good.lengths)
    chosen = thresholds(rows)
    assert chosen["b"] == NEVER
    assert chosen["a"] < 1
    assert chosen["c"] < 1


def test_a_class_never_guessed_or_too_seldom_is_never_trusted() -> None:
    rows = calibrated_rows(4)
    count = int((rows.guessed == 4).sum())
    assert count > 0
    assert thresholds(rows, min_support=count + 1)["e"] == NEVER
    unknown = HeldOut(
        rows.name,
        (*rows.labels, "new"),
        rows.truth,
        np.hstack([rows.probabilities, np.zeros((len(rows), 1))]),
        rows.lengths,
    )
    assert thresholds(unknown)["new"] == NEVER
    assert not let_through(rows, {}).any()


def test_two_rows_are_no_ground_for_trust() -> None:
    rows = HeldOut("kind", ("a", "b"), np.array([0, 1]), np.eye(2), np.ones(2, dtype=np.int64))
    assert set(thresholds(rows).values()) == {NEVER}
    assert set(thresholds(rows.take(np.array([], dtype=np.int64))).values()) == {NEVER}
    with pytest.raises(ValueError, match="two"):
        contract(rows.take(np.array([0])))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=120))
def test_the_calibration_is_scikit_learn_s_isotonic_curve(rows: list[tuple[int, bool]]) -> None:
    confidence = np.array([level / 50 for level, _ in rows])
    right = np.array([truth for _, truth in rows])
    expected = IsotonicRegression().fit(confidence, right.astype(float)).predict(confidence)
    assert calibrated(confidence, right) == pytest.approx(expected)


def test_the_calibration_of_many_rows_still_never_falls() -> None:
    dice = np.random.default_rng(0)
    confidence = dice.random(30_000)
    curve = calibrated(confidence, dice.random(30_000) < confidence)
    assert (np.diff(curve[np.argsort(confidence)]) >= 0).all()
    assert np.abs(curve - confidence).mean() < 0.03
