"""What a model is worth, in figures: from rows it had not learned from, numpy alone, ready for JSON.

F1 and its kin are scikit-learn's, a class nobody guessed or nobody meant counting 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.held_out import Floats, HeldOut, Numbers
from classifier.thresholds import PRECISION, Contract, contract, let_through, thresholds

Side = Literal["length", "network", "territory"]

_BINS: Final = 15
_ENOUGH: Final = 10  # rows of a class from which its F1 means something
_CONFUSED: Final = 20  # classes shown in the confusion
_POINTS: Final = 200  # of a curve
_SLICES: Final = 20
_LENGTHS: Final = (40, 120, 350, 900)  # characters: a cry, a remark, a message, a letter, a long one
_SURE: Final = 1.96  # deviations of a 95 % interval


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One label: rows that are of it, rows guessed to be, and how the two agree."""

    label: str
    support: int
    guessed: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like confidence: what was promised (`confidence`), what came true (`right`)."""

    low: float
    high: float
    rows: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """Answering only from `threshold` on: the share of rows answered, and of those the share right."""

    threshold: float
    coverage: float
    right: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by truth (down) and guess (across) of the largest labels; `elsewhere`: guessed to be another."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    elsewhere: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the rows; `low` … `high` is where its accuracy lies with 95 % certainty (Wilson)."""

    name: str
    rows: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One question, all rows together.

    Attributes:
        macro_f1: mean over the labels that occur; `macro_f1_of_10`: over those with 10 rows and more.
        weighted_f1: mean over the rows.
        top3: share of rows whose truth is among the three likeliest.
        ece: expected calibration error, 15 bins.
        at_precision: the most that can be answered while `precision` of it is right; threshold 1.01 if nothing.
        aurc: area under the risk–coverage curve; the lower the better confidence sorts right from wrong.
    """

    name: str
    rows: int
    labels: int
    accuracy: float
    macro_f1: float
    macro_f1_of_10: float
    labels_of_10: int
    weighted_f1: float
    top3: float
    classes: tuple[ClassFigures, ...]
    confusion: Confusion
    bins: tuple[Bin, ...]
    ece: float
    curve: tuple[Point, ...]
    precision: float
    at_precision: Point
    aurc: float


@dataclass(frozen=True, slots=True)
class Study:
    """Everything a page, a card or a program needs to know about one question.

    `routed` says what the thresholds take of the very rows they were chosen by; `contract` is the honest figure.
    """

    figures: Figures
    slices: Mapping[str, tuple[Slice, ...]]
    thresholds: Mapping[str, float]
    routed: Point
    contract: Contract | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def study(
    held_out: HeldOut,
    *,
    groups: Numbers | None = None,
    precision: float = PRECISION,
    seeds: Iterable[int] = range(10),
) -> Study:
    """All there is to say of `held_out`; its repeats, one number of `groups` each, never part in a half.

    Raises:
        ValueError: there is no row.
    """
    chosen = thresholds(held_out, precision=precision)
    passed = let_through(held_out, chosen)
    parted = len(held_out) if groups is None else len(np.unique(groups))
    return Study(
        figures=figures(held_out, precision=precision),
        slices={
            side: found for side in ("length", "network", "territory") if (found := slices(held_out, by=side))
        },
        thresholds=chosen,
        routed=Point(
            threshold=min(chosen.values()),
            coverage=float(passed.mean()),
            right=float(held_out.right[passed].mean()) if passed.any() else 1.0,
        ),
        contract=contract(held_out, seeds=seeds, groups=groups, precision=precision) if parted > 1 else None,
    )


def figures(held_out: HeldOut, *, precision: float = PRECISION) -> Figures:
    """The figures of one question.

    Raises:
        ValueError: there is no row.
    """
    if not len(held_out):
        raise ValueError(f"{held_out.name}: no row to judge by")
    classes = _classes(held_out)
    support = np.array([one.support for one in classes])
    f1 = np.array([one.f1 for one in classes])
    bins = _bins(held_out)
    curve = risk_coverage(held_out)
    reached = [point for point in curve if point.right >= precision]
    shares = np.diff([0.0, *(point.coverage for point in curve)])
    return Figures(
        name=held_out.name,
        rows=len(held_out),
        labels=int((support > 0).sum()),
        accuracy=held_out.accuracy,
        macro_f1=float(f1[support > 0].mean()),
        macro_f1_of_10=float(f1[support >= _ENOUGH].mean()) if (support >= _ENOUGH).any() else 0.0,
        labels_of_10=int((support >= _ENOUGH).sum()),
        weighted_f1=float(f1 @ support / support.sum()),
        top3=_top(held_out, 3),
        classes=tuple(sorted(classes, key=lambda one: -one.support)),
        confusion=_confusion(held_out, support),
        bins=bins,
        ece=sum(one.rows * abs(one.confidence - one.right) for one in bins) / len(held_out),
        curve=_thinned(curve),
        precision=precision,
        at_precision=reached[-1] if reached else Point(threshold=1.01, coverage=0.0, right=1.0),
        aurc=float(shares @ [1 - point.right for point in curve]),
    )


def risk_coverage(held_out: HeldOut) -> tuple[Point, ...]:
    """What each possible threshold takes, from the surest row to all; rows equally sure go together."""
    order = np.argsort(-held_out.confidence, kind="stable")
    confidence = held_out.confidence[order]
    ends = np.flatnonzero(np.append(confidence[1:] < confidence[:-1], True))
    right = np.cumsum(held_out.right[order])[ends]
    return tuple(
        Point(
            threshold=float(confidence[end]),
            coverage=float((end + 1) / len(order)),
            right=float(count / (end + 1)),
        )
        for end, count in zip(ends, right, strict=True)
    )


def slices(held_out: HeldOut, *, by: Side) -> tuple[Slice, ...]:
    """The figures part by part, the largest first (lengths ascending); empty where nothing is known of `by`."""
    if by == "length":
        borders = (0, *_LENGTHS)
        part_of = np.searchsorted(_LENGTHS, held_out.lengths, side="left")
        names = [f"{low + 1 if low else 0}–{high}" for low, high in zip(borders, _LENGTHS, strict=False)]
        names.append(f"{_LENGTHS[-1] + 1}+")
        return tuple(
            _slice(held_out, name, np.flatnonzero(part_of == part))
            for part, name in enumerate(names)
            if (part_of == part).any()
        )
    known: Sequence[str] = held_out.networks if by == "network" else held_out.territories
    parts = np.array(known)
    found = [_slice(held_out, str(name), np.flatnonzero(parts == name)) for name in np.unique(parts) if name]
    return tuple(sorted(found, key=lambda one: -one.rows)[:_SLICES])


def _slice(held_out: HeldOut, name: str, rows: NDArray[np.int64]) -> Slice:
    part = held_out.take(rows)
    share, count = part.accuracy, len(part)
    middle = (share + _SURE**2 / (2 * count)) / (1 + _SURE**2 / count)
    width = _SURE / (1 + _SURE**2 / count) * np.sqrt(share * (1 - share) / count + _SURE**2 / (4 * count**2))
    return Slice(
        name=name,
        rows=count,
        accuracy=share,
        low=max(0.0, float(middle - width)),
        high=min(1.0, float(middle + width)),
        macro_f1=float(np.mean([one.f1 for one in _classes(part) if one.support])),
        confidence=float(part.confidence.mean()),
    )


def _classes(held_out: HeldOut) -> list[ClassFigures]:
    count = len(held_out.labels)
    support = np.bincount(held_out.truth, minlength=count)
    guessed = np.bincount(held_out.guessed, minlength=count)
    both = np.bincount(held_out.truth[held_out.right], minlength=count)
    precision, recall = both / np.maximum(guessed, 1), both / np.maximum(support, 1)
    f1 = 2 * both / np.maximum(guessed + support, 1)
    return [
        ClassFigures(
            label, int(support[at]), int(guessed[at]), float(precision[at]), float(recall[at]), float(f1[at])
        )
        for at, label in enumerate(held_out.labels)
    ]


def _top(held_out: HeldOut, most: int) -> float:
    best = np.argsort(-held_out.probabilities, axis=1, kind="stable")[:, :most]
    return float((best == held_out.truth[:, None]).any(axis=1).mean())


def _confusion(held_out: HeldOut, support: Numbers) -> Confusion:
    count = len(held_out.labels)
    table = np.bincount(held_out.truth * count + held_out.guessed, minlength=count**2).reshape(count, count)
    shown = [int(at) for at in np.argsort(-support, kind="stable")[:_CONFUSED] if support[at]]
    inside = table[np.ix_(shown, shown)]
    return Confusion(
        labels=tuple(held_out.labels[at] for at in shown),
        counts=tuple(tuple(map(int, row)) for row in inside),
        elsewhere=tuple(map(int, table[shown].sum(axis=1) - inside.sum(axis=1))),
    )


def _bins(held_out: HeldOut) -> tuple[Bin, ...]:
    confidence: Floats = held_out.confidence
    bin_of = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    found = []
    for number in range(_BINS):
        rows = bin_of == number
        if rows.any():
            means = float(confidence[rows].mean()), float(held_out.right[rows].mean())
            found.append(Bin(number / _BINS, (number + 1) / _BINS, int(rows.sum()), *means))
    return tuple(found)


def _thinned(curve: tuple[Point, ...]) -> tuple[Point, ...]:
    """Few enough points to draw, the first and the last among them."""
    if len(curve) <= _POINTS:
        return curve
    chosen = np.unique(np.linspace(0, len(curve) - 1, _POINTS).round().astype(int))
    return tuple(curve[at] for at in chosen)
