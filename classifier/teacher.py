"""Fitting the questions of a region's export: words, the shipped corpus' guess beside them, the labels' own names."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from classifier import features
from classifier.exports import Labelled
from classifier.model import BODY, EVEN_TOPIC, EXPORT_GROUP, EXPORT_TOPIC, SOFT_GROUP, Head, prior_of
from classifier.training import Margins, learn, matrix_of
from classifier.vocabulary import Vocabulary

FIELDS: Final[Mapping[str, str]] = {EXPORT_GROUP: "group", EXPORT_TOPIC: "topic", BODY: "body"}
"""Question → the field of an export's row that answers it."""

# Measured on held-out messages: docs/classifier/measured.md.
_SOFTNESS: Final = {EXPORT_GROUP: 0.5, EXPORT_TOPIC: 0.3, BODY: 0.3}
_FREQUENT_SOFTNESS: Final = {EXPORT_TOPIC: 0.5, BODY: 0.3}
_SOFT_SOFTNESS: Final = 10.0
_EVEN: Final = {EXPORT_TOPIC: 0.8, BODY: 0.3}  # weight of the model to which all labels are equally likely
_MIX: Final = 0.4  # how much of the group is decided by the topics under it


class Teacher:
    """Fits the questions on chosen rows. A label's name is a message of its own: so a rare one is known by its name."""

    def __init__(
        self,
        *,
        rows: Sequence[Labelled],
        texts: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        prior: Margins,
    ) -> None:
        self.rows = rows
        self.texts = texts
        self._vocabulary = vocabulary
        self._prior = prior
        self.matrix = self._features(texts)
        self.truth = {name: [getattr(row, field) for row in rows] for name, field in FIELDS.items()}
        self.labels = {
            name: tuple(sorted({one for one in values if one}))
            for name, values in self.truth.items()
            if any(values)
        }
        self._parents = _parents(rows) if {EXPORT_GROUP, EXPORT_TOPIC} <= self.labels.keys() else {}
        self._names = {name: self._named(name) for name in self.labels}

    def heads(self) -> dict[str, Head]:
        """The heads `teach` fits, in order, not yet judged."""
        made = {name: Head(labels=labels) for name, labels in self.labels.items()}
        if EXPORT_GROUP in made:
            wide = made[EXPORT_GROUP].labels
            made[EXPORT_GROUP] = Head(labels=wide, partner=SOFT_GROUP, mix=_MIX if self._parents else 0.0)
            made[SOFT_GROUP] = Head(labels=wide)
        if self._parents:
            narrow = made[EXPORT_TOPIC].labels
            parents = tuple(
                wide.index(self._parents[topic]) if topic in self._parents else 0 for topic in narrow
            )
            made[EVEN_TOPIC] = Head(labels=narrow, parent=EXPORT_GROUP, parents=parents)
        return made

    def teach(self, chosen: NDArray[np.int64]) -> dict[str, Margins]:
        """Weights over features and subtopics of every head, from the chosen rows."""
        taught: dict[str, Margins] = {}
        for name, labels in self.labels.items():
            rows = np.intersect1d(chosen, self.known(name))
            named, names = self._names[name]
            matrix = vstack([self.matrix[rows], named]).tocsr()
            truth = [*(self.truth[name][row] for row in rows), *names]
            even = taught[name] = learn(matrix, truth, labels=labels, softness=_SOFTNESS[name])
            if name == EXPORT_GROUP:
                taught[SOFT_GROUP] = learn(matrix, truth, labels=labels, softness=_SOFT_SOFTNESS, soft=True)
                continue
            if name == EXPORT_TOPIC and self._parents:
                taught[EVEN_TOPIC] = even
            frequent = learn(matrix, truth, labels=labels, softness=_FREQUENT_SOFTNESS[name], balanced=False)
            taught[name] = _together(frequent, even, weight=_EVEN[name])
        return taught

    def known(self, name: str) -> NDArray[np.int64]:
        """The rows that have an answer to the question."""
        return np.flatnonzero([bool(one) for one in self.truth[name]])

    def _named(self, name: str) -> tuple[Any, list[str]]:
        pairs = [(label, label) for label in self.labels[name]]
        if name == EXPORT_GROUP:
            pairs += self._parents.items()
        pairs = [(words, label) for words, label in pairs if any(char.isalpha() for char in words)]
        texts = [features.tokens(features.plain(words)) for words, _ in pairs]
        return self._features(texts), [label for _, label in pairs]

    def _features(self, texts: Sequence[Sequence[str]]) -> Any:
        words = matrix_of(self._vocabulary, texts)
        guesses = prior_of(words @ self._prior.weights + self._prior.bias)
        return hstack([words, csr_matrix(guesses)]).tocsr()


def _together(one: Margins, other: Margins, *, weight: float) -> Margins:
    return Margins(
        labels=one.labels, weights=one.weights + weight * other.weights, bias=one.bias + weight * other.bias
    )


def _parents(rows: Sequence[Labelled]) -> dict[str, str]:
    """Topic → the group most of its messages are in."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.topic and row.group:
            seen[row.topic][row.group] += 1
    return {topic: groups.most_common(1)[0][0] for topic, groups in seen.items()}
