"""The shipped corpus and people's presses as one lesson: what each row teaches, how much it counts, what is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import features
from classifier.calibration import Calibration
from classifier.corpus_rows import OFFICIAL, RESIDENT, SPAM, Row
from classifier.model import PRIOR, Model
from classifier.presses import Press
from classifier.shipped import QUESTIONS, assemble, heads_of, labels_of, versions
from classifier.training import learn, matrix_of
from classifier.vocabulary import Vocabulary
from incidents.rubricator import topic_of

_LIKELY: Final = 0.05  # of a topic: below it the champion's word on its subtopics is worth nothing


@dataclass(frozen=True)
class Lessons:
    """The corpus first, then the presses; `answers`: by question, of every row, None where it teaches nothing."""

    texts: Sequence[Sequence[str]]
    answers: Mapping[str, Sequence[str | None]]
    weights: NDArray[np.float64]
    corpus: int
    matrix: Any = field(repr=False)
    vocabulary: Vocabulary = field(repr=False)

    def without(self, presses: frozenset[int]) -> NDArray[np.int64]:
        """Rows but for these presses."""
        return np.array([at for at in range(len(self.texts)) if at - self.corpus not in presses])


def lessons_of(
    presses: Sequence[Press], corpus: Sequence[Row], champion: Model, correction: float
) -> Lessons:
    texts = [
        features.tokens_of(text) for text in (*(row.text for row in corpus), *(one.text for one in presses))
    ]
    vocabulary = Vocabulary.learn(texts)
    answers: dict[str, list[str | None]] = {
        question.name: [question.answer(row) if question.teaches(row) else None for row in corpus]
        for question in QUESTIONS
    }
    for press, subtopic in zip(presses, _subtopics(presses, champion), strict=True):
        for name, answer in answers_of(press, subtopic).items():
            answers[name].append(answer)
    weights = [one.weight * correction if one.weight >= 1 else one.weight for one in presses]
    return Lessons(
        texts=texts,
        answers=answers,
        weights=np.array([1.0] * len(corpus) + weights),
        corpus=len(corpus),
        matrix=matrix_of(vocabulary, texts),
        vocabulary=vocabulary,
    )


def answers_of(press: Press, subtopic: str | None) -> dict[str, str | None]:
    """What a press says on each question, as the corpus would say it."""
    is_resident = press.voice in {None, RESIDENT}
    needs = None if press.needs_answer is None else ("no", "yes")[press.needs_answer]
    return {
        "kind": press.kind if is_resident else None,
        "needs_answer": needs if press.voice != OFFICIAL else None,
        "voice": press.voice,
        PRIOR: subtopic if press.voice != SPAM else None,
    }


def _subtopics(presses: Sequence[Press], champion: Model) -> list[str | None]:
    """The subtopics; where only the topic is known, the one under it that the champion finds likeliest."""
    open_ones = [at for at, one in enumerate(presses) if one.topic is not None and one.subtopic is None]
    found: list[str | None] = [one.subtopic for one in presses]
    if not open_ones:
        return found
    answers, _ = champion.judge([presses[at].text for at in open_ones])
    codes = champion.heads[PRIOR].labels
    known = set(labels_of(PRIOR))
    for at, chances in zip(open_ones, answers[PRIOR], strict=True):
        topic = presses[at].topic or ""
        under = [place for place, code in enumerate(codes) if topic_of(code) == topic and code in known]
        likely = sum(float(chances[place]) for place in under) >= _LIKELY
        found[at] = codes[max(under, key=lambda place: chances[place])] if likely else topic
    return found


def learn_lessons(
    lessons: Lessons,
    rows: NDArray[np.int64],
    calibration: Calibration,
    model_id: str,
    about: Mapping[str, Any],
) -> Model:
    learned = {}
    for question in QUESTIONS:
        answers = lessons.answers[question.name]
        taught = np.array([at for at in rows if answers[at] is not None])
        learned[question.name] = learn(
            lessons.matrix[taught],
            [str(answers[at]) for at in taught],
            labels=labels_of(question.name),
            weights=lessons.weights[taught].tolist(),
        )
    return assemble(
        lessons.vocabulary,
        learned,
        heads=heads_of(calibration),
        model_id=model_id,
        about={**versions(), "rows": len(rows), "held_out": dict(calibration.figures), **about},
    )
