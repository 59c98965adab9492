"""`python -m classifier.calibrate`: judge the shipped questions on rows put aside; write the figures to the corpus.

Minutes of one core. To be run after every change of the corpus or of the learning; a test holds the file to the corpus.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from classifier import corpus_rows, features
from classifier.calibration import FILE, Calibration
from classifier.corpus_rows import Row
from classifier.figures import figures
from classifier.held_out import HeldOut
from classifier.model import PRIOR, TOPIC, softmax, straighten, sum_up
from classifier.shipped import QUESTIONS, Question, labels_of
from classifier.thresholds import curve_of, thresholds
from classifier.training import held_out_margins, matrix_of, sharpness_of
from classifier.vocabulary import Vocabulary
from incidents.rubricator import topic_of

_FOLDS = 5
_DIGITS = 4

Tell = Callable[[str], None]
Curve = tuple[tuple[float, float], ...]


def hold_out(
    rows: Sequence[Row], *, tell: Tell = lambda line: None
) -> tuple[dict[str, HeldOut], dict[str, float], dict[str, Curve]]:
    """Each question's answers on messages it did not see, its sharpness, and its curve.

    The vocabulary (which words there are, how rare each is) is learned once for all folds; of the labels nothing leaks.
    """
    texts = [features.tokens_of(row.text) for row in rows]
    vocabulary = Vocabulary.learn(texts)
    matrix = matrix_of(vocabulary, texts)
    answers, sharpness, curves = {}, {}, {}
    for question in QUESTIONS:
        tell(f"judging {question.name}")
        answers[question.name], sharpness[question.name] = _answers(question, rows, matrix)
    answers[TOPIC] = _topics(answers[PRIOR])
    for name, held_out in answers.items():
        curves[name] = () if name == PRIOR else curve_of(held_out.confidence, held_out.right)
        answers[name] = replace(held_out, probabilities=straighten(held_out.probabilities, curves[name]))
    return answers, sharpness, curves


def _answers(question: Question, rows: Sequence[Row], matrix: NDArray[np.float64]) -> tuple[HeldOut, float]:
    taught = [number for number, row in enumerate(rows) if question.teaches(row)]
    truth = [question.answer(rows[number]) for number in taught]
    judged = [at for at, number in enumerate(taught) if rows[number].judged]
    labels = labels_of(question.name)
    margins = held_out_margins(
        matrix[taught],
        truth,
        np.array([rows[number].group for number in taught]),
        labels=labels,
        judged=np.array(judged),
        folds=_FOLDS,
        lean=question.lean,
    )
    right = [truth[at] for at in judged]
    sharpness = sharpness_of(margins, right, labels)
    held_out = HeldOut(
        name=question.name,
        labels=labels,
        truth=np.array([labels.index(one) for one in right]),
        probabilities=softmax(margins * sharpness),
        lengths=np.array([len(rows[taught[at]].text) for at in judged]),
    )
    return held_out, sharpness


def _topics(subtopics: HeldOut) -> HeldOut:
    labels = labels_of(TOPIC)
    parents = [labels.index(topic_of(code)) for code in subtopics.labels]
    return HeldOut(
        name=TOPIC,
        labels=labels,
        truth=np.array(parents)[subtopics.truth],
        probabilities=sum_up(subtopics.probabilities, parents, len(labels)),
        lengths=subtopics.lengths,
    )


def calibrate(*, tell: Tell = lambda line: None) -> Calibration:
    """The figures of the corpus as it is now."""
    answers, sharpness, curves = hold_out(corpus_rows.lesson(), tell=tell)
    return Calibration(
        digest=corpus_rows.digest(),
        sharpness={name: round(value, _DIGITS) for name, value in sharpness.items()},
        curves={
            name: tuple((round(x, _DIGITS), round(y, _DIGITS)) for x, y in curve)
            for name, curve in curves.items()
        },
        thresholds={name: round(value, _DIGITS) for name, value in thresholds(answers[TOPIC]).items()},
        figures={name: _told(held_out) for name, held_out in answers.items()},
    )


def _told(held_out: HeldOut) -> dict[str, float]:
    found = figures(held_out)
    told = {
        "rows": found.rows,
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "top3": found.top3,
        "ece": found.ece,
        "coverage_at_95": found.at_precision.coverage,
    }
    return {name: round(value, _DIGITS) for name, value in told.items()}


def main() -> None:
    """Write the figures; print them."""
    found = calibrate(tell=lambda line: print(line, file=sys.stderr))  # noqa: T201
    FILE.write_text(
        json.dumps(asdict(found), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    print(json.dumps(found.figures, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
