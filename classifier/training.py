"""Learning from labelled rows: linear margins, made into probabilities on rows the model had not seen.

The only module that imports scikit-learn. Takes seconds of one core: call it off the event loop.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from classifier.model import softmax
from classifier.vocabulary import Piece, Vocabulary

SOFTNESS: Final = 0.3  # C of the margin; measured on held-out rows among 0.1 … 1: docs/classifier/measured.md
_SHARPNESSES: Final = np.geomspace(0.5, 40, 80)
_TOLERANCE: Final = 1e-2
_ROUGHLY: Final = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Margins:
    """What one question learned: features × labels, and a bias per label."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats


def matrix_of(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> csr_matrix:
    """Texts × features, as `classifier.table` sums them: words added up, divided by √(sum of squared lengths)."""
    pieces: dict[str, Piece] = {}
    columns: list[NDArray[np.int32]] = []
    values: list[NDArray[np.float32]] = []
    ends = [0]
    for tokens in texts:
        norm2 = 0.0
        for token in tokens:
            piece = pieces.get(token)
            if piece is None:
                piece = pieces[token] = vocabulary.piece(token)
            columns.append(piece.ids)
            norm2 += piece.norm2
        length = np.sqrt(norm2) or 1.0
        values.extend(pieces[token].weights / length for token in tokens)
        ends.append(ends[-1] + sum(len(pieces[token].ids) for token in tokens))
    matrix = csr_matrix(
        (
            np.concatenate(values or [np.zeros(0, dtype=np.float32)]),
            np.concatenate(columns or [np.zeros(0, dtype=np.int32)]),
            ends,
        ),
        shape=(len(texts), len(vocabulary)),
        dtype=np.float64,
    )
    matrix.sum_duplicates()
    return matrix


def learn(
    matrix: Any,
    truth: Sequence[str],
    *,
    labels: Sequence[str] = (),
    weights: Sequence[float] | None = None,
    softness: float = SOFTNESS,
    balanced: bool = True,
    soft: bool = False,
    lean: Mapping[str, float] | None = None,
) -> Margins:
    """One against the rest for every label.

    Args:
        matrix: rows × features.
        truth: the right label of each row.
        labels: the columns wanted, in order; by default those of `truth`, sorted. One without a row never wins.
        weights: how much each row counts, 1 by default; not together with `soft`.
        softness: C of the margin.
        balanced: rare labels count as much as frequent ones.
        soft: logistic margins, which know better how sure they are.
        lean: added to the margin of a label, whatever the words.
    """
    wanted = tuple(labels) or tuple(sorted(set(truth)))
    seen = sorted(set(truth))
    number = {label: at for at, label in enumerate(seen)}
    columns = np.zeros((matrix.shape[1], len(wanted)))
    bias = np.full(len(wanted), -2.0)
    if len(seen) == 1:
        bias[wanted.index(seen[0])] = 1.0
        return Margins(labels=wanted, weights=columns, bias=bias)
    weighed = "balanced" if balanced else None
    machine = (
        LogisticRegression(
            C=softness,
            class_weight=weighed,
            solver="liblinear",
            dual=True,
            random_state=0,
            tol=_ROUGHLY,
            max_iter=500,
        )
        if soft
        else LinearSVC(C=softness, class_weight=weighed, random_state=0, tol=_TOLERANCE)
    )
    if soft and len(seen) > 2:  # noqa: PLR2004  # liblinear answers yes or no only
        machine = OneVsRestClassifier(machine)
    numbers = np.array([number[one] for one in truth])
    if isinstance(machine, OneVsRestClassifier):
        machine.fit(matrix, numbers)
        coefficients = np.vstack([one.coef_ for one in machine.estimators_])
        intercepts = np.array([one.intercept_[0] for one in machine.estimators_])
    else:
        machine.fit(matrix, numbers, sample_weight=weights)
        coefficients, intercepts = machine.coef_, machine.intercept_
    if len(seen) == 2:  # noqa: PLR2004  # of two labels the machine keeps one row: the second
        coefficients, intercepts = (
            np.vstack([-coefficients, coefficients]),
            np.array([-intercepts[0], intercepts[0]]),
        )
    for label, at in number.items():
        if label in wanted:
            columns[:, wanted.index(label)] = coefficients[at]
            bias[wanted.index(label)] = intercepts[at] + (lean or {}).get(label, 0.0)
    return Margins(labels=wanted, weights=columns, bias=bias)


def held_out_margins(
    matrix: Any,
    truth: Sequence[str],
    groups: NDArray[np.int64],
    *,
    labels: Sequence[str],
    judged: NDArray[np.int64],
    folds: int,
    weights: NDArray[np.float64] | None = None,
    softness: float = SOFTNESS,
    lean: Mapping[str, float] | None = None,
) -> Floats:
    """Margins (judged rows × labels) of rows by models that saw none of their group."""
    margins = np.zeros((len(judged), len(labels)))
    truths = np.array(truth, dtype=object)
    for learned, unseen in _splits(groups, judged, folds):
        lesson = learn(
            matrix[learned],
            list(truths[learned]),
            labels=labels,
            weights=None if weights is None else weights[learned].tolist(),
            softness=softness,
            lean=lean,
        )
        margins[unseen] = matrix[judged[unseen]] @ lesson.weights + lesson.bias
    return margins


def _splits(
    groups: NDArray[np.int64], judged: NDArray[np.int64], folds: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Row numbers to learn from, and places in `judged` to answer; rows of no group (-1) are always learned from."""
    count = min(folds, len(np.unique(groups[judged])))
    for _, unseen in GroupKFold(n_splits=count, shuffle=True, random_state=0).split(
        judged, groups=groups[judged]
    ):
        yield np.flatnonzero(~np.isin(groups, groups[judged[unseen]])), unseen


def sharpness_of(margins: Floats, truth: Sequence[str], labels: Sequence[str]) -> float:
    """How sharply margins become probabilities so that what happened surprises least."""
    numbers = np.array([labels.index(one) for one in truth])
    return float(min(_SHARPNESSES, key=lambda sharpness: surprise(softmax(margins * sharpness), numbers)))


def surprise(probabilities: Floats, truth: NDArray[np.int64]) -> float:
    """Mean −log of the probability given to what was true."""
    chances = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(chances + 1e-12).mean())
