"""The contract: from which confidence on, class by class, an answer may go on without a curator.

What is let through must be right in `precision` of cases on messages nobody has seen yet. A class has few rows to
judge it by, and the lowest threshold that looks good on few rows is a lucky one. So each class borrows: its share of
right answers is mixed with what the calibration of all classes together expects of the same confidences
(`_BORROWED` rows' worth), and all that is let through must keep the promise with a deviation to spare.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.held_out import Floats, HeldOut, Numbers

NEVER: Final = 1.01
"""A threshold no confidence reaches: the class always goes to a curator."""

PRECISION: Final = 0.95

_BORROWED: Final = 80  # rows; of 5 … 200, what held best from one half of real messages to the other
_OUTCAST: Final = 4  # deviations below all others
_LADDER: Final = 0.0025  # by how much the aim is raised while the promise is not kept
_STEPS: Final = 16  # rungs: at most four points above the promise
_KNOT_ROWS: Final = 40
_ROUNDING: Final = 1e-9
_SLOPE: Final = 0.02
_BLOCKS: Final = 1_000  # of the calibration: more rows than that are averaged first


@dataclass(frozen=True, slots=True)
class Judged:
    """What a class's threshold let through on rows it was not chosen by, over all halves."""

    label: str
    taken: int
    right: float


@dataclass(frozen=True, slots=True)
class Contract:
    """Thresholds chosen on one half and judged on the other, both ways, for each seed.

    Attributes:
        precision: what was promised.
        halves: how many times thresholds were chosen and judged.
        coverage: share of the judged rows let through, on average.
        right: of all that was let through, the share that was right; 1 if nothing was.
        right_lowest: the same in the worst half that let anything through; a half is small, so it swings.
        kept: share of halves that kept the promise; one that lets nothing through keeps it.
        classes: class by class, those that let anything through.
    """

    precision: float
    halves: int
    coverage: float
    right: float
    right_lowest: float
    kept: float
    classes: tuple[Judged, ...]


def thresholds(
    held_out: HeldOut, *, precision: float = PRECISION, min_support: int = 1, caution: float = 1.0
) -> dict[str, float]:
    """For each label the lowest confidence from which it may be trusted; `NEVER` if none.

    Args:
        held_out: rows the model has not learned from.
        precision: share of right answers promised.
        min_support: a label guessed in fewer rows than that is not trusted at all.
        caution: standard deviations that all let through must have to spare over the promise.
    """
    if not len(held_out):
        return dict.fromkeys(held_out.labels, NEVER)
    chosen = _choose(held_out, precision=precision, min_support=min_support, caution=caution)
    return {label: float(threshold) for label, threshold in zip(held_out.labels, chosen, strict=True)}


def let_through(held_out: HeldOut, chosen: Mapping[str, float]) -> NDArray[np.bool_]:
    """Which rows pass the threshold of what was guessed; a label without one passes never."""
    lowest = np.array([chosen.get(label, NEVER) for label in held_out.labels])
    return held_out.confidence >= lowest[held_out.guessed]


def contract(
    held_out: HeldOut,
    *,
    seeds: Iterable[int] = range(10),
    groups: Numbers | None = None,
    precision: float = PRECISION,
    min_support: int = 1,
    caution: float = 1.0,
) -> Contract:
    """Whether thresholds hold on rows they were not chosen by; rows of one of `groups` stay in one half.

    Raises:
        ValueError: fewer than two groups of rows, or no seed.
    """
    groups = np.arange(len(held_out)) if groups is None else groups
    labels = len(held_out.labels)
    taken, right = np.zeros(labels, dtype=np.int64), np.zeros(labels, dtype=np.int64)
    coverages, rights = [], []
    for chosen_on, judged_on in _halves(groups, seeds):
        half, other = held_out.take(chosen_on), held_out.take(judged_on)
        passed = let_through(
            other, thresholds(half, precision=precision, min_support=min_support, caution=caution)
        )
        taken += np.bincount(other.guessed[passed], minlength=labels)
        right += np.bincount(other.guessed[passed & other.right], minlength=labels)
        coverages.append(float(passed.mean()))
        rights.append(float(other.right[passed].mean()) if passed.any() else 1.0)
    return Contract(
        precision=precision,
        halves=len(rights),
        coverage=float(np.mean(coverages)),
        right=float(right.sum() / taken.sum()) if taken.any() else 1.0,
        right_lowest=min(rights),
        kept=float(np.mean([one >= precision for one in rights])),
        classes=tuple(
            Judged(held_out.labels[number], int(taken[number]), float(right[number] / taken[number]))
            for number in np.argsort(-taken, kind="stable")
            if taken[number]
        ),
    )


def _halves(groups: Numbers, seeds: Iterable[int]) -> list[tuple[Numbers, Numbers]]:
    present = np.unique(groups)
    halves = []
    for seed in seeds:
        drawn = np.random.default_rng(seed).permutation(present)[: len(present) // 2]
        inside = np.isin(groups, drawn)
        one, other = np.flatnonzero(inside), np.flatnonzero(~inside)
        halves += [(one, other), (other, one)]
    if not halves or len(present) < 2:  # noqa: PLR2004  # two sides
        raise ValueError("two halves need two groups of rows and a seed")
    return halves


def _choose(held_out: HeldOut, *, precision: float, min_support: int, caution: float) -> Floats:
    confidence, right, guessed = held_out.confidence, held_out.right, held_out.guessed
    expected = _expected(confidence, right, guessed)
    order = np.argsort(-confidence, kind="stable")
    by_label = [order[guessed[order] == label] for label in range(len(held_out.labels))]
    rows_of = [rows if len(rows) >= min_support else rows[:0] for rows in by_label]
    for rung in range(_STEPS + 1):
        aim = min(precision + rung * _LADDER, 1.0)
        lowest = np.array(
            [_lowest(confidence[rows], right[rows], expected[rows], aim=aim) for rows in rows_of]
        )
        passed = confidence >= lowest[guessed]
        if not passed.any():
            break
        spare = caution * np.sqrt(precision * (1 - precision) / passed.sum())
        if right[passed].mean() - spare >= precision:
            return lowest
    return np.full(len(held_out.labels), NEVER)


def _expected(confidence: Floats, right: NDArray[np.bool_], guessed: Numbers) -> Floats:
    """What all classes together expect at a confidence; one far worse than the rest does not speak for them."""
    expected = calibrated(confidence, right)
    surplus = np.bincount(guessed, right - expected)
    deviation = np.sqrt(np.bincount(guessed, expected * (1 - expected)))
    fair = (surplus >= -_OUTCAST * deviation)[guessed]
    if fair.any() and not fair.all():
        expected[fair] = calibrated(confidence[fair], right[fair])
    return expected


def _lowest(confidence: Floats, right: NDArray[np.bool_], expected: Floats, *, aim: float) -> float:
    """The lowest of the descending confidences down to which the class is right in `aim` of cases."""
    count = np.arange(1, len(confidence) + 1)
    borrowed = np.cumsum(expected) / count
    estimate = (np.cumsum(right) + _BORROWED * borrowed) / (count + _BORROWED)
    whole = np.append(confidence[1:] < confidence[:-1], True)  # rows equally sure pass together
    good = np.flatnonzero(whole & (estimate >= aim))
    return float(confidence[good[-1]]) if len(good) else NEVER


def calibrated(confidence: Floats, right: NDArray[np.bool_]) -> Floats:
    """For each row the share of right answers at its confidence: the best curve that never falls (isotonic)."""
    levels, level_of = np.unique(confidence, return_inverse=True)
    if len(levels) > _BLOCKS:
        edges = np.quantile(confidence, np.linspace(0, 1, _BLOCKS + 1)[1:-1])
        level_of = np.unique(np.searchsorted(edges, confidence, side="left"), return_inverse=True)[1]
    rows = np.bincount(level_of)
    shares: list[float] = []
    weights: list[int] = []
    levels_in: list[int] = []
    for share, weight in zip((np.bincount(level_of, right) / rows).tolist(), rows.tolist(), strict=True):
        shares.append(share)
        weights.append(weight)
        levels_in.append(1)
        while len(shares) > 1 and shares[-2] >= shares[-1]:
            last, heavy, held = shares.pop(), weights.pop(), levels_in.pop()
            shares[-1] = (shares[-1] * weights[-1] + last * heavy) / (weights[-1] + heavy)
            weights[-1] += heavy
            levels_in[-1] += held
    curve: Floats = np.repeat(shares, levels_in)[level_of]
    return curve


def curve_of(
    confidence: Floats, right: NDArray[np.bool_], *, knots: int = 12
) -> tuple[tuple[float, float], ...]:
    """What confidence promised and what came true, as at most `knots` rising pairs for `classifier.model.straighten`.

    Each knot is the mean of as many rows; fewer rows give fewer knots, so that luck does not bend the curve.
    """
    count = min(knots, len(confidence) // _KNOT_ROWS)
    if count < 2:  # noqa: PLR2004  # a line needs two ends
        return ()
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, count)
    promised = np.array([confidence[part].mean() for part in parts])
    smooth = calibrated(confidence, right)
    came_true = np.array([smooth[part].mean() for part in parts])
    # The very surest, and nothing at all: without ends all beyond the outer knots would look equally sure.
    top = order[-max(_KNOT_ROWS, len(order) // 50) :]
    promised = np.concatenate([[0.0], promised, [max(1.0, promised[-1])]])
    came_true = np.concatenate([[0.0], came_true, [max(smooth[top].mean(), came_true[-1])]])
    came_true = _SLOPE * promised + (1 - _SLOPE) * np.maximum.accumulate(
        came_true
    )  # never level: order is kept
    rising = np.concatenate([[True], np.diff(promised) > _ROUNDING])
    return tuple((float(x), float(y)) for x, y in zip(promised[rising], came_true[rising], strict=True))
