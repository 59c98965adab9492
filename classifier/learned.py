"""Learning from a region's own labelled export, blended with the shipped corpus.

The export teaches its own words: groups of topics, topics, bodies. What the shipped corpus says of a message (its
subtopic) is a feature beside the words, and the names of the labels are messages of their own: so a topic with
three messages is still known by its name.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import corpus_rows, features
from classifier.bodies import NamedPlaces, lifted
from classifier.calibration import Calibration
from classifier.exports import Labelled
from classifier.held_out import HeldOut, duplicate_groups, splits
from classifier.model import BODY, PRIOR, Head, Model, combined, softmax, straighten
from classifier.shipped import heads_of, learn_questions, versions
from classifier.teacher import FIELDS, Teacher
from classifier.thresholds import NEVER, curve_of, thresholds
from classifier.training import Margins, sharpness_of
from classifier.vocabulary import Vocabulary

FEWEST: Final = 20
"""Messages below which nothing is worth learning."""

_FOLDS: Final = 5

Tell = Callable[[str], None]
Floats = NDArray[np.float64]


class TooLittle(Exception):
    """The export cannot teach anything; the words say why."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The model and how it did on messages it had not seen, question by question ("group", "topic", "body").

    `groups`: near-duplicates among the rows of `held_out` share a number.
    """

    model: Model
    held_out: Mapping[str, HeldOut]
    groups: Mapping[str, NDArray[np.int64]]


def learn_export(
    rows: Sequence[Labelled],
    *,
    calibration: Calibration,
    tell: Tell = lambda line: None,
    corpus: Sequence[corpus_rows.Row] | None = None,
) -> Learned:
    """A model of the export and the shipped corpus, and its answers on messages it had not seen.

    Raises:
        TooLittle: fewer than `FEWEST` messages with a text and a label.
    """
    rows = [row for row in rows if row.text.strip() and (row.group or row.topic or row.body)]
    if len(rows) < FEWEST:
        raise TooLittle(
            f"{len(rows)} messages with a text and a label (--group, --topic, --body); at least {FEWEST} are needed"
        )
    lessons = list(corpus) if corpus is not None else corpus_rows.lesson()
    tell(f"{len(rows)} messages of the export, {len(lessons)} lessons of the shipped corpus")
    texts = [features.tokens_of(row.text) for row in rows]
    shipped_texts = [features.tokens_of(row.text) for row in lessons]
    vocabulary = Vocabulary.learn([*shipped_texts, *texts])
    tell(f"{len(vocabulary)} features; learning the shipped questions")
    first = learn_questions(vocabulary, lessons, texts=shipped_texts)
    teacher = Teacher(rows=rows, texts=texts, vocabulary=vocabulary, prior=first[PRIOR])
    judging = _Judging(teacher, duplicate_groups([row.text for row in rows]))
    heads, held_out = judging.judge(tell)
    tell("learning from all messages")
    learned = teacher.teach(np.arange(len(rows)))
    model = _assemble(vocabulary, first, learned, {**heads_of(calibration), **heads}, rows)
    groups = {FIELDS[name]: judging.groups_of(name) for name in teacher.labels}
    return Learned(model=model, held_out={FIELDS[name]: one for name, one in held_out.items()}, groups=groups)


class _Judging:
    """Every question's answers on rows that were put aside: by time where they are dated, else in five turns."""

    def __init__(self, teacher: Teacher, groups: NDArray[np.int64]) -> None:
        self._teacher = teacher
        self._groups = groups
        self._folds = splits(groups, [row.at for row in teacher.rows], folds=_FOLDS)
        self._judged = np.concatenate([unseen for _, unseen in self._folds])

    def judge(self, tell: Tell) -> tuple[dict[str, Head], dict[str, HeldOut]]:
        """The heads with sharpness, curves and thresholds; and what they said of the rows put aside."""
        teacher, heads = self._teacher, self._teacher.heads()
        margins = self._margins(heads, tell)
        own: dict[str, Floats] = {}
        for name, head in heads.items():
            sharpness = sharpness_of(margins[name][self._known(name)], self._truth(name), head.labels)
            heads[name] = replace(head, sharpness=sharpness)
            own[name] = softmax(margins[name] * sharpness)
        answers = combined(heads, own)
        if BODY in answers:
            texts = [teacher.texts[row] for row in self._judged]
            answers[BODY] = lifted(answers[BODY], NamedPlaces(heads[BODY].labels), texts)
        held_out = {}
        for name in teacher.labels:
            raw = self._held_out(name, answers[name])
            curve = curve_of(raw.confidence, raw.right)
            held_out[name] = replace(raw, probabilities=straighten(raw.probabilities, curve))
            chosen = thresholds(held_out[name])
            limits = tuple(chosen.get(label, NEVER) for label in heads[name].labels)
            heads[name] = replace(heads[name], curve=curve, thresholds=limits)
        return heads, held_out

    def groups_of(self, name: str) -> NDArray[np.int64]:
        groups: NDArray[np.int64] = self._groups[self._judged[self._known(name)]]
        return groups

    def _margins(self, heads: Mapping[str, Head], tell: Tell) -> dict[str, Floats]:
        parts: dict[str, list[Floats]] = {name: [] for name in heads}
        for turn, (learned, unseen) in enumerate(self._folds, start=1):
            for name, lesson in self._teacher.teach(learned).items():
                parts[name].append(self._teacher.matrix[unseen] @ lesson.weights + lesson.bias)
            tell(f"put aside and judged: part {turn} of {len(self._folds)}")
        return {name: np.concatenate(found) for name, found in parts.items()}

    def _answers_to(self, name: str) -> list[str]:
        return next(truth for question, truth in self._teacher.truth.items() if name.startswith(question))

    def _known(self, name: str) -> NDArray[np.int64]:
        """Places in the judged rows that have an answer to the question."""
        truth = self._answers_to(name)
        return np.flatnonzero([bool(truth[row]) for row in self._judged])

    def _truth(self, name: str) -> list[str]:
        truth = self._answers_to(name)
        return [truth[self._judged[at]] for at in self._known(name)]

    def _held_out(self, name: str, probabilities: Floats) -> HeldOut:
        known, labels = self._known(name), self._teacher.labels[name]
        rows = [self._teacher.rows[self._judged[at]] for at in known]
        return HeldOut(
            name=FIELDS[name],
            labels=labels,
            truth=np.array([labels.index(one) for one in self._truth(name)], dtype=np.int64),
            probabilities=probabilities[known],
            lengths=np.array([len(row.text) for row in rows], dtype=np.int64),
            networks=tuple(row.network for row in rows) if any(row.network for row in rows) else (),
            territories=tuple(row.territory for row in rows) if any(row.territory for row in rows) else (),
            at=tuple(row.at for row in rows) if any(row.at for row in rows) else (),
        )


def _assemble(
    vocabulary: Vocabulary,
    first: Mapping[str, Margins],
    learned: Mapping[str, Margins],
    heads: Mapping[str, Head],
    rows: Sequence[Labelled],
) -> Model:
    own = [first[name] if name in first else learned[name] for name, head in heads.items() if head.mix < 1]
    words = len(vocabulary)
    return Model(
        model_id=_model_id(rows),
        vocabulary=vocabulary,
        heads=heads,
        weights=np.ascontiguousarray(np.hstack([one.weights[:words] for one in own]), dtype=np.float16),
        bias=np.concatenate([one.bias for one in own]).astype(np.float32),
        about={**versions(), "rows": len(rows), "learned_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}"},
        beside={name: one.weights[words:].astype(np.float32) for name, one in learned.items()},
    )


def _model_id(rows: Sequence[Labelled]) -> str:
    """The word "learned-" and eight hex digits over the corpus and the export."""
    sha = hashlib.sha256(corpus_rows.digest().encode())
    for row in rows:
        sha.update(f"{row.text}\0{row.group}\0{row.topic}\0{row.body}".encode("utf-8", "replace"))
    return f"learned-{sha.hexdigest()[:8]}"
