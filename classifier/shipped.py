"""The questions every model answers, learned from the shipped corpus."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from math import log
from typing import Any, Final

import numpy as np

from classifier import features
from classifier.calibration import Calibration
from classifier.corpus_rows import OFFICIAL, RESIDENT, SPAM, Row
from classifier.model import PRIOR, TOPIC, Head, Model
from classifier.thresholds import NEVER
from classifier.training import Margins, learn, matrix_of
from classifier.vocabulary import Vocabulary
from incidents.rubricator import rubricator, subtopics, topic_of


@dataclass(frozen=True, slots=True)
class Question:
    """A head to learn: the right answer of a row, which rows can teach it, and what is likelier before any word."""

    name: str
    answer: Callable[[Row], str]
    teaches: Callable[[Row], bool]
    lean: Mapping[str, float] = field(default_factory=dict)  # added to the margins of a label


# Most of what regions collect are complaints. In the corpus every kind is frequent, so that it can be learned.
_SHARES: Final = {"complaint": 0.70, "question": 0.12, "review": 0.08, "negative": 0.06, "gratitude": 0.04}
_PER_MARGIN: Final = 4.0  # about the sharpness of the kinds
_LEAN: Final = {kind: log(share * len(_SHARES)) / _PER_MARGIN for kind, share in _SHARES.items()}

QUESTIONS: Final = (
    Question(
        name="kind",
        answer=lambda row: row.kind,
        teaches=lambda row: row.voice == RESIDENT and not row.phrase,
        lean=_LEAN,
    ),
    Question(
        name="needs_answer",
        answer=lambda row: "yes" if row.needs_answer else "no",
        teaches=lambda row: row.voice != OFFICIAL and not row.phrase,
    ),
    Question(name="voice", answer=lambda row: row.voice, teaches=lambda row: not row.phrase),
    Question(
        name=PRIOR,
        answer=lambda row: row.subtopic,
        teaches=lambda row: row.kind != SPAM and (row.judged or row.phrase),
    ),
)
"""The topic is no question of its own: it is the sum over its subtopics, so the two never contradict."""


def labels_of(question: str) -> tuple[str, ...]:
    """The answers a question may have: fixed, so that models of different lessons can be compared."""
    return {
        "kind": ("complaint", "gratitude", "negative", "question", "review"),
        "needs_answer": ("no", "yes"),
        "voice": (OFFICIAL, RESIDENT, SPAM),
        PRIOR: tuple(sorted({*rubricator(), *subtopics()})),
        TOPIC: tuple(sorted(rubricator())),
    }[question]


def learn_shipped(
    rows: Sequence[Row],
    *,
    model_id: str,
    calibration: Calibration,
    weights: Sequence[float] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Model:
    """A model of all `rows`. `weights`: how much each counts, 1 by default."""
    texts = [features.tokens_of(row.text) for row in rows]
    vocabulary = Vocabulary.learn(texts)
    return assemble(
        vocabulary,
        learn_questions(vocabulary, rows, texts=texts, weights=weights),
        heads=heads_of(calibration),
        model_id=model_id,
        about={**versions(), "rows": len(rows), "held_out": dict(calibration.figures), **(about or {})},
    )


def learn_questions(
    vocabulary: Vocabulary,
    rows: Sequence[Row],
    *,
    texts: Sequence[Sequence[str]] | None = None,
    weights: Sequence[float] | None = None,
) -> dict[str, Margins]:
    """The margins of every question, in order."""
    texts = texts if texts is not None else [features.tokens_of(row.text) for row in rows]
    matrix = matrix_of(vocabulary, texts)
    counts = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=np.float64)
    learned = {}
    for question in QUESTIONS:
        taught = [number for number, row in enumerate(rows) if question.teaches(row)]
        learned[question.name] = learn(
            matrix[taught],
            [question.answer(rows[number]) for number in taught],
            labels=labels_of(question.name),
            weights=counts[taught].tolist(),
            lean=question.lean,
        )
    return learned


def heads_of(calibration: Calibration) -> dict[str, Head]:
    """The questions with their sharpness and thresholds."""
    topics = labels_of(TOPIC)
    heads = {
        question.name: Head(
            labels=labels_of(question.name),
            sharpness=calibration.sharpness.get(question.name, 1.0),
            curve=_curve(calibration, question.name) if question.name != PRIOR else (),
            parent=TOPIC if question.name == PRIOR else "",
            parents=tuple(topics.index(topic_of(code)) for code in labels_of(PRIOR))
            if question.name == PRIOR
            else (),
        )
        for question in QUESTIONS
    }
    thresholds = tuple(calibration.thresholds.get(topic, NEVER) for topic in topics)
    heads[TOPIC] = Head(labels=topics, mix=1.0, curve=_curve(calibration, TOPIC), thresholds=thresholds)
    return heads


def _curve(calibration: Calibration, question: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(promised), float(true)) for promised, true in calibration.curves.get(question, ()))


def assemble(
    vocabulary: Vocabulary,
    learned: Mapping[str, Margins],
    *,
    heads: Mapping[str, Head],
    model_id: str,
    about: Mapping[str, Any],
) -> Model:
    """Margins side by side, in the order of the heads."""
    own = [learned[name] for name, head in heads.items() if head.mix < 1]
    return Model(
        model_id=model_id,
        vocabulary=vocabulary,
        heads=heads,
        weights=np.ascontiguousarray(np.hstack([one.weights for one in own]), dtype=np.float16),
        bias=np.concatenate([one.bias for one in own]).astype(np.float32),
        about=about,
    )


def versions() -> dict[str, str]:
    """What a model depends on besides its rows."""
    return {name: version(name) for name in ("scikit-learn", "pymorphy3-dicts-ru")}
