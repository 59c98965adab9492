"""What a model says of a text, in the words of the program: guesses and the words that decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import features, voice
from classifier.corpus_rows import OFFICIAL, SPAM
from classifier.model import BODY, PRIOR, TOPIC, Model
from classifier.ownership import owner_of
from classifier.place import PlaceFinder
from classifier.thresholds import NEVER
from incidents.incoming import Explanation, Guess, Reason, Scored
from incidents.rubricator import OTHER, topic_of
from models.kinds import Kind

_OFFICIAL_FROM: Final = 0.6
_SPAM_FROM: Final = 0.7
_KNOWN_FROM: Final = 0.34  # share of words; below it the letters look alike and the meaning does not
_UNKNOWN: Final = 0.1
_FOREIGN: Final = 0.49  # of the confidence; nothing is routed below a half
_PLACE_FROM: Final = 0.5
_TOLD: Final = 3
_WORDS_TOLD: Final = 5
_EXPLAINED: Final = ("kind", "needs_answer", "voice")

Floats = NDArray[np.float64]


class ModelClassifier:
    """A model, and a finder of places. Safe to call from several threads.

    `bodies`: another model, learned from a region's export, that names bodies as the export does.
    """

    def __init__(self, model: Model, places: PlaceFinder, *, bodies: Model | None = None) -> None:
        self._model = model
        self._places = places
        self._bodies = bodies if bodies is not None else (model if BODY in model.heads else None)

    def with_model(self, model: Model) -> "ModelClassifier":
        """The same finder of places and the same bodies, another model."""
        bodies = None if self._bodies is self._model else self._bodies
        return ModelClassifier(model, self._places, bodies=bodies)

    @property
    def model_id(self) -> str:
        return self._model.model_id

    @property
    def about(self) -> Mapping[str, Any]:
        """Versions and held-out figures, as stored with the model."""
        return self._model.about

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        """A guess a text, in order. Never raises for any text."""
        if not texts:
            return []
        texts = features.plain_all(texts)
        answers, known = self._model.judge_plain(texts)
        bodies: Sequence[tuple[Scored, ...]] = [()] * len(texts)
        if self._bodies is not None:
            named = answers if self._bodies is self._model else self._bodies.judge_plain(texts)[0]
            bodies = ranked(self._bodies.heads[BODY].labels, named[BODY])
        heads = self._model.heads
        for at, text in enumerate(texts):
            if text.isascii():  # no Russian letter: «net vody» is read by a few words it may have met
                answers[TOPIC][at] *= _FOREIGN
                answers["kind"][at] *= _FOREIGN
        topics = ranked(heads[TOPIC].labels, answers[TOPIC])
        subtopics = ranked(heads[PRIOR].labels, answers[PRIOR], told=2 * _TOLD)
        voices = [dict(zip(heads["voice"].labels, row, strict=True)) for row in answers["voice"].tolist()]
        kinds = ranked(heads["kind"].labels, answers["kind"], told=1)
        needs = answers["needs_answer"][:, heads["needs_answer"].labels.index("yes")].tolist()
        return [
            self._guess(
                text,
                kind=kinds[at][0],
                needs=needs[at],
                speaks=voices[at],
                topics=topics[at],
                subtopics=subtopics[at],
                bodies=bodies[at],
            )
            if known[at] >= _KNOWN_FROM
            else self._unknown(text)
            for at, text in enumerate(texts)
        ]

    def explain(self, text: str) -> Explanation:
        """The guess, and for each question the words that spoke loudest for the answer given, and against it."""
        (guess,) = self.classify([text])
        answers, _ = self._model.judge([text])
        chosen = {name: int(answers[name][0].argmax()) for name in _EXPLAINED}
        codes = self._model.heads[PRIOR].labels
        under = [at for at, code in enumerate(codes) if topic_of(code) == guess.topic.value]
        chosen[PRIOR] = max(under, key=lambda at: float(answers[PRIOR][0][at]))
        columns = {name: self._model.columns[name].start + number for name, number in chosen.items()}
        words = self._words(features.tokens_of(text), columns)
        words[TOPIC] = words.pop(PRIOR)
        return Explanation(guess=guess, words=words)

    def _words(self, tokens: Sequence[str], columns: Mapping[str, int]) -> dict[str, tuple[Reason, ...]]:
        table = self._model.table
        said: dict[str, defaultdict[str, float]] = {name: defaultdict(float) for name in columns}
        length = float(np.sqrt(sum(table.norm2(token) for token in tokens))) or 1.0
        for token in tokens:
            if not token[0].isalpha() and token[0] not in "!?":
                continue
            row = table.row(token)
            for name, column in columns.items():
                said[name][token] += float(row[column]) / length
        return {
            name: tuple(
                Reason(word, round(weight, 3))
                for word, weight in sorted(weights.items(), key=lambda one: -abs(one[1]))[:_WORDS_TOLD]
            )
            for name, weights in said.items()
        }

    def _guess(
        self,
        plain_text: str,
        *,
        kind: Scored,
        needs: float,
        speaks: Mapping[str, float],
        topics: tuple[Scored, ...],
        subtopics: tuple[Scored, ...],
        bodies: tuple[Scored, ...],
    ) -> Guess:
        official = speaks[OFFICIAL] >= _OFFICIAL_FROM and voice.may_be_official(plain_text)
        spam = speaks[SPAM] >= _SPAM_FROM
        place, place_confidence, territory = self._places.locate(plain_text)
        return Guess(
            model_id=self.model_id,
            kind=Kind(kind.value),
            kind_confidence=kind.confidence,
            needs_answer=needs >= 0.5 and not official and not spam,  # noqa: PLR2004  # likelier than not
            needs_answer_confidence=max(needs, 1 - needs),
            official_reply=official,
            official_confidence=speaks[OFFICIAL],
            spam=spam,
            spam_confidence=speaks[SPAM],
            topics=topics,
            subtopics=_under(topics[0].value, subtopics),
            topic_threshold=self._model.heads[TOPIC].threshold(topics[0].value),
            place=place,
            place_confidence=place_confidence,
            territory=territory,
            owner=owner_of(plain_text, features.tokens(plain_text)),
            bodies=bodies,
            body_threshold=self._bodies.heads[BODY].threshold(bodies[0].value)
            if self._bodies and bodies
            else NEVER,
        )

    def _unknown(self, plain_text: str) -> Guess:
        """Hardly a known word (another language, no words at all): nothing is claimed, a human is asked to look."""
        place, place_confidence, _ = self._places.locate(plain_text)
        sure = place_confidence >= _PLACE_FROM  # a lone capital letter means nothing in another language
        return Guess(
            model_id=self.model_id,
            kind=Kind.REVIEW,
            kind_confidence=_UNKNOWN,
            needs_answer=True,
            needs_answer_confidence=0.5,
            official_reply=False,
            topics=(Scored(OTHER, _UNKNOWN),),
            topic_threshold=1.0,
            place=place if sure else "",
            place_confidence=place_confidence if sure else 0.0,
        )


def ranked(labels: Sequence[str], chances: Floats, *, told: int = _TOLD) -> list[tuple[Scored, ...]]:
    """The likeliest labels of each row, best first; of two equally likely the first in order."""
    left, rows = chances.copy(), np.arange(len(chances))
    found = []
    for _ in range(min(told, len(labels))):  # a few times the best costs less than to sort two hundred
        best = left.argmax(axis=1)
        found.append(list(map(Scored, map(labels.__getitem__, best.tolist()), left[rows, best].tolist())))
        left[rows, best] = -1
    return list(zip(*found, strict=True))


def _under(topic: str, subtopics: tuple[Scored, ...]) -> tuple[Scored, ...]:
    """Subtopics only, those of the best topic first; empty where the topic has none that is likely."""
    real = [one for one in subtopics if topic_of(one.value) != one.value]
    own = [one for one in real if topic_of(one.value) == topic]
    return tuple([*own, *(one for one in real if topic_of(one.value) != topic)][:_TOLD]) if own else ()
