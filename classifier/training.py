"""Learning from the corpus: linear margins, made into probabilities on rows the model had not seen.

The only module that imports scikit-learn. Takes seconds of one core: call it off the event loop.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from classifier.corpus_rows import Row
from classifier.model import Head, Model, softmax
from classifier.vectors import Vectoriser

_FOLDS: Final = 5
_SOFTNESS: Final = 0.5  # C of the margin; measured best on held-out rows among 0.1 … 4
_SHARPNESSES: Final = np.geomspace(0.5, 30, 80)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """A head to learn: the right answer of a row, and which rows can teach it."""

    name: str
    answer: Callable[[Row], str]
    teaches: Callable[[Row], bool]


def _yes(value: bool) -> str:  # noqa: FBT001  # one value in, its word out
    return "yes" if value else "no"


def _of_residents(row: Row) -> bool:
    return not row.official and not row.phrase


QUESTIONS: Final = (
    Question(name="kind", answer=lambda row: row.kind, teaches=_of_residents),
    Question(name="topic", answer=lambda row: row.topic, teaches=lambda row: True),
    Question(name="needs_answer", answer=lambda row: _yes(row.needs_answer), teaches=_of_residents),
    Question(name="official", answer=lambda row: _yes(row.official), teaches=lambda row: not row.phrase),
)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a head said of rows it had not learned from: true label numbers and probabilities, row by row."""

    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    probabilities: Floats

    @property
    def accuracy(self) -> float:
        return float((self.probabilities.argmax(axis=1) == self.truth).mean())

    def above(self, threshold: float) -> tuple[float, float]:
        """Share of rows answered with at least `threshold` confidence, and how many of those are right."""
        taken = self.probabilities.max(axis=1) >= threshold
        right = self.probabilities.argmax(axis=1)[taken] == self.truth[taken]
        return float(taken.mean()), float(right.mean()) if taken.any() else 1.0


def train(rows: Sequence[Row], *, model_id: str, corpus_sha256: str) -> Model:
    """A model of all `rows`; the sharpness of each head is chosen on held-out folds."""
    vectoriser, matrix = _vectorise(rows)
    heads, columns, biases, metrics = {}, [], [], {}
    for question in QUESTIONS:
        held_out, sharpness = _hold_out(question, rows, matrix)
        taught, truth, labels = _lesson(question, rows)
        weights, bias = _margins(matrix[taught], truth, labels=len(labels))
        heads[question.name] = Head(labels=labels, sharpness=sharpness)
        columns.append(weights)
        biases.append(bias)
        metrics[question.name] = _figures(held_out)
    return Model(
        model_id=model_id,
        vectoriser=vectoriser,
        heads=heads,
        weights=np.ascontiguousarray(np.hstack(columns), dtype=np.float32),
        bias=np.concatenate(biases).astype(np.float32),
        about={
            "corpus_sha256": corpus_sha256,
            "rows": len(rows),
            "scikit-learn": version("scikit-learn"),
            "pymorphy3-dicts-ru": version("pymorphy3-dicts-ru"),
            "held_out": metrics,
        },
    )


def hold_out(rows: Sequence[Row]) -> Mapping[str, HeldOut]:
    """Each head's answers on messages it did not see: 5 folds, fillings of one written row kept together.

    The lexicon and the rarity of words are learned once for all folds; of the messages' labels nothing leaks.
    """
    _, matrix = _vectorise(rows)
    return {question.name: _hold_out(question, rows, matrix)[0] for question in QUESTIONS}


def _figures(held_out: HeldOut) -> dict[str, float]:
    coverage, right = held_out.above(0.6)
    return {
        "accuracy": round(held_out.accuracy, 4),
        "coverage_at_0.6": round(coverage, 4),
        "right_at_0.6": round(right, 4),
    }


def _vectorise(rows: Sequence[Row]) -> tuple[Vectoriser, Any]:
    vectoriser = Vectoriser.learn(row.text for row in rows)
    vectors = [vectoriser.vector(row.text) for row in rows]
    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    matrix = csr_matrix(
        (np.concatenate([v.weights for v in vectors]), np.concatenate([v.ids for v in vectors]), ends),
        shape=(len(rows), len(vectoriser.idf)),
        dtype=np.float64,
    )
    return vectoriser, matrix


def _lesson(
    question: Question, rows: Sequence[Row]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    taught = np.array([number for number, row in enumerate(rows) if question.teaches(row)])
    answers = [question.answer(rows[number]) for number in taught]
    labels = tuple(sorted(set(answers)))
    return taught, np.array([labels.index(answer) for answer in answers]), labels


def _hold_out(question: Question, rows: Sequence[Row], matrix: Any) -> tuple[HeldOut, float]:
    taught, truth, labels = _lesson(question, rows)
    lesson = matrix[taught]
    groups = np.array([rows[number].group for number in taught])
    judged = np.flatnonzero([rows[number].judged for number in taught])
    margins = np.zeros((len(judged), len(labels)))
    for _, unseen in GroupKFold(n_splits=_FOLDS, shuffle=True, random_state=0).split(
        judged, groups=groups[judged]
    ):
        learned = np.flatnonzero(~np.isin(groups, groups[judged[unseen]]))
        weights, bias = _margins(lesson[learned], truth[learned], labels=len(labels))
        margins[unseen] = lesson[judged[unseen]] @ weights + bias
    truth = truth[judged]
    sharpness = min(_SHARPNESSES, key=lambda sharpness: _surprise(margins * sharpness, truth))
    probabilities = softmax(margins * sharpness)
    return HeldOut(labels=labels, truth=truth, probabilities=probabilities), float(sharpness)


def _surprise(scores: Floats, truth: NDArray[np.int64]) -> float:
    chances = softmax(scores)[np.arange(len(truth)), truth]
    return float(-np.log(chances + 1e-12).mean())


def _margins(matrix: Any, truth: NDArray[np.int64], *, labels: int) -> tuple[Floats, Floats]:
    machine = LinearSVC(C=_SOFTNESS, class_weight="balanced", random_state=0)
    machine.fit(matrix, truth)
    weights, bias = machine.coef_.T, machine.intercept_
    if labels == 2:  # noqa: PLR2004  # of two labels the machine keeps one column: the second
        return np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights, bias
