"""Rows put aside to judge a model on: how they are chosen, and what the model said of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import features

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Split = tuple[Numbers, Numbers]
"""Row numbers to learn from, and row numbers to judge on."""

ALIKE: Final = 0.5
"""Jaccard likeness of two texts' shingles from which they are one message told twice."""

_SHINGLE: Final = 6  # characters
_BANDS: Final = 48
_IN_BAND: Final = 3  # two texts half alike share at least one of 48 bands of three in 99.8 % of cases
_NEIGHBOURS: Final = 4  # of a band's bucket, how many following texts each is compared with
_KEPT: Final = 512  # smallest shingles kept of a text: more would not change the verdict, only the memory
_DATED: Final = 0.9  # share of rows with a date from which a split goes by time
_LATEST: Final = 0.2  # share of rows that is judged in a split by time
_ROUNDING: Final = 1e-6
_NOT_TEXT: Final = re.compile(r"[\W_]+")
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A model's answers to one question about rows it had not learned from.

    Attributes:
        name: the question: "kind", "topic" …
        labels: the possible answers, those too that the model could not know.
        truth: right label numbers, one a row.
        probabilities: rows × labels, 0 … 1; a row need not add up to 1.
        lengths: characters of each text.
        networks, territories, at: where and when each row was written; empty where nobody knows.

    Raises:
        ValueError: the sizes do not fit, or a probability is none.
    """

    name: str
    labels: tuple[str, ...]
    truth: Numbers
    probabilities: Floats
    lengths: Numbers
    networks: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    at: tuple[datetime | None, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.truth)
        if self.probabilities.shape != (rows, len(self.labels)) or self.lengths.shape != (rows,):
            raise ValueError(f"{self.name}: probabilities or lengths do not fit {rows} rows")
        if any(side and len(side) != rows for side in (self.networks, self.territories, self.at)):
            raise ValueError(f"{self.name}: networks, territories or dates do not fit {rows} rows")
        if not rows:
            return
        if not 0 <= self.truth.min() <= self.truth.max() < len(self.labels):
            raise ValueError(f"{self.name}: a truth that is no label")
        if not (self.probabilities.min() >= 0 and self.probabilities.max() <= 1 + _ROUNDING):
            raise ValueError(f"{self.name}: a probability outside 0 … 1")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def guessed(self) -> Numbers:
        """The label number with the highest probability."""
        highest: Numbers = self.probabilities.argmax(axis=1)
        return highest

    @property
    def confidence(self) -> Floats:
        """The probability of what was guessed."""
        highest: Floats = self.probabilities.max(axis=1)
        return np.minimum(highest, 1.0)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the guess is the truth."""
        return np.equal(self.guessed, self.truth)

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    def above(self, threshold: float) -> tuple[float, float]:
        """Share of rows answered with at least `threshold` confidence, and how many of those are right."""
        taken = self.confidence >= threshold
        return float(taken.mean()), float(self.right[taken].mean()) if taken.any() else 1.0

    def take(self, rows: Numbers) -> "HeldOut":
        """Only these rows."""
        return HeldOut(
            name=self.name,
            labels=self.labels,
            truth=self.truth[rows],
            probabilities=self.probabilities[rows],
            lengths=self.lengths[rows],
            networks=tuple(self.networks[row] for row in rows) if self.networks else (),
            territories=tuple(self.territories[row] for row in rows) if self.territories else (),
            at=tuple(self.at[row] for row in rows) if self.at else (),
        )


def splits(
    groups: Numbers, at: Sequence[datetime | None] = (), *, folds: int = 5, seed: int = 0
) -> list[Split]:
    """What to learn from and what to judge on; rows of one group never stand on both sides.

    Where nine rows of ten are dated: one split, the latest fifth is judged, and what repeats an earlier row is
    left to learning. Else every row is judged once, in `folds` turns.

    Raises:
        ValueError: one group only, so nothing can be put aside; or dates that do not fit.
    """
    if len(at) not in {0, len(groups)}:
        raise ValueError("a date for every row, or none at all")
    by_time = _latest(groups, at)
    if by_time is not None:
        return [by_time]
    sizes = np.bincount(groups)
    present = np.flatnonzero(sizes)
    folds = min(folds, len(present))
    if folds < 2:  # noqa: PLR2004  # two sides
        raise ValueError("all rows repeat one another: nothing can be put aside")
    shuffled = np.random.default_rng(seed).permutation(present)
    fold_of = np.zeros(len(sizes), dtype=np.int64)
    filled = np.zeros(folds, dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    of_row = fold_of[groups]
    return [(np.flatnonzero(of_row != fold), np.flatnonzero(of_row == fold)) for fold in range(folds)]


def _latest(groups: Numbers, at: Sequence[datetime | None]) -> Split | None:
    when = np.array([moment.timestamp() if moment else np.nan for moment in at])
    dated = np.flatnonzero(~np.isnan(when))
    if not len(dated) or len(dated) < _DATED * len(groups):
        return None
    border = np.sort(when[dated])[-max(1, round(_LATEST * len(dated)))]
    late = when >= border  # an undated row is compared to nothing: it is learned from
    judged = late & ~np.isin(groups, groups[~late])
    if late.all() or not judged.any():
        return None
    return np.flatnonzero(~judged), np.flatnonzero(judged)


def duplicate_groups(texts: Sequence[str]) -> Numbers:
    """A group number for each text; texts that are nearly the same (`ALIKE`), even through a third, share one.

    Time and memory grow with the number of texts, not with its square: only texts that agree in a band of
    minhashes are compared. A pair that is barely alike may be missed; a pair that is not is never joined.
    """
    shapes: dict[str, int] = {}
    shape_of = [shapes.setdefault(_shape(text), len(shapes)) for text in texts]
    if not shapes:
        return np.zeros(0, dtype=np.int64)
    kept, signatures = [], np.empty((len(shapes), _BANDS * _IN_BAND), dtype=np.uint32)
    factors, shifts = _hash_family()
    for number, shape in enumerate(shapes):
        shingles = _shingles(shape)
        kept.append(shingles[:_KEPT].copy())
        signatures[number] = _minhashes(shingles, factors, shifts)
    parents = list(range(len(shapes)))
    for left, right in _suspects(signatures):
        one, two = _root(parents, left), _root(parents, right)
        if one != two and _likeness(kept[left], kept[right]) >= ALIKE:
            parents[max(one, two)] = min(one, two)
    roots = np.array([_root(parents, number) for number in shape_of])
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def _shape(text: str) -> str:
    """Letters and digits alone: punctuation, capitals and markup make no new message."""
    plain = _NOT_TEXT.sub(" ", features.plain(text).lower().replace("ё", "е")).strip()
    return plain or text.strip()


def _shingles(shape: str) -> NDArray[np.uint64]:
    """Every piece of `_SHINGLE` characters as a number; ascending, each once."""
    letters = np.frombuffer(shape.ljust(_SHINGLE).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    pieces = np.lib.stride_tricks.sliding_window_view(letters, _SHINGLE).astype(np.uint64)
    mixed = np.zeros(len(pieces), dtype=np.uint64)
    for place in range(_SHINGLE):
        mixed = (mixed ^ pieces[:, place]) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _hash_family() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Odd factors and shifts, one pair a minhash; 32 bits, which a processor multiplies eight at a time."""
    dice = np.random.default_rng(20_260_301)
    drawn = dice.integers(0, 2**32, (2, _BANDS * _IN_BAND, 1), dtype=np.uint32)
    return drawn[0] | np.uint32(1), drawn[1]


def _minhashes(
    shingles: NDArray[np.uint64], factors: NDArray[np.uint32], shifts: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    short = (shingles >> np.uint64(32)).astype(np.uint32)
    hashed = factors * short + shifts
    smallest: NDArray[np.uint32] = hashed.min(axis=1)
    return smallest


def _suspects(signatures: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Pairs that agree in a band and, by all their minhashes, may be alike."""
    count = len(signatures)
    pairs = [
        left * count + right
        for band in range(_BANDS)
        for left, right in _in_one_bucket(signatures, band)
        if len(left)
    ]
    if not pairs:
        return
    glance = np.ascontiguousarray(signatures[:, ::_IN_BAND])
    likely = np.unique(np.concatenate(pairs))
    for chunk in np.array_split(likely, 1 + len(likely) // 50_000):
        glanced = chunk[_agreement(glance, chunk) >= ALIKE / 2]  # 3.5 deviations of 48 minhashes below it
        for pair in glanced[_agreement(signatures, glanced) >= 0.6 * ALIKE].tolist():  # 4.8 of all of them
            yield divmod(pair, count)


def _agreement(signatures: NDArray[np.uint32], pair: Numbers) -> Floats:
    left, right = np.divmod(pair, len(signatures))
    agreeing: Floats = (signatures[left] == signatures[right]).mean(axis=1)
    return agreeing


def _in_one_bucket(signatures: NDArray[np.uint32], band: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Neighbours of a bucket; the next band orders it, so that those most alike stand side by side."""
    here = signatures[:, band * _IN_BAND : (band + 1) * _IN_BAND]
    after = signatures[:, (band + 1) % _BANDS * _IN_BAND]
    order = np.lexsort((after, *here.T))
    sorted_keys = here[order]
    for step in range(1, min(_NEIGHBOURS + 1, len(order))):
        same = np.flatnonzero((sorted_keys[step:] == sorted_keys[:-step]).all(axis=1))
        one, two = order[same], order[same + step]
        yield np.minimum(one, two), np.maximum(one, two)


def _likeness(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> float:
    """Jaccard likeness; of long texts, by the smallest `_KEPT` shingles of both together."""
    union = np.union1d(left, right)
    if len(left) >= _KEPT or len(right) >= _KEPT:
        union = union[:_KEPT]
    shared = np.intersect1d(left, right, assume_unique=True)
    return float(np.isin(union, shared, assume_unique=True).mean())


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
