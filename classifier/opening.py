"""The classifier behind the seam: learned from the shipped corpus at the first start, kept in a cache after."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import corpus_rows, features, voice
from classifier.model import Model, ModelUnreadable, load, save
from classifier.place import PlaceFinder
from incidents.incoming import Classifier, Guess, Scored
from incidents.rubricator import OTHER
from models.kinds import Kind

_OFFICIAL_FROM: Final = 0.7
_KNOWN_FROM: Final = 0.34  # share of words; below it the letters look alike and the meaning does not
_UNKNOWN: Final = 0.1
_PLACE_FROM: Final = 0.5
_TOPICS_TOLD: Final = 3
_LEARNING_CODE: Final = ("corpus_rows.py", "features.py", "model.py", "training.py", "vectors.py")

_log = logging.getLogger(__name__)


def open_classifier(cache_dir: Path, *, places: Sequence[str] = ()) -> Classifier:
    """The shipped classifier, ready to work.

    Learns from the corpus if `cache_dir` has no usable model of this very corpus and code (seconds of one
    core), else reads it (well under a second). Blocks: call it off the event loop. A cache that cannot be
    read or written is logged and costs only time.

    Args:
        cache_dir: made if missing; holds `<model_id>.npz` and `<model_id>.json`.
        places: names of the territory's places in the nominative, recognised in any case form.
    """
    model_id = shipped_model_id()
    try:
        model = load(model_id, cache_dir)
    except ModelUnreadable as reason:
        damaged = (cache_dir / f"{model_id}.json").exists()
        _log.log(
            logging.WARNING if damaged else logging.INFO,
            "learning %s from the shipped corpus: %s",
            model_id,
            reason,
        )
        model = _learn(model_id)
        _keep(model, cache_dir)
    features.lemma("готов")  # opens the dictionary now, not at the first post
    return ShippedClassifier(model, PlaceFinder(places))


def shipped_model_id() -> str:
    """The word "shipped-" and eight hex digits over the corpus, the learning code and the dictionary's version."""
    sha = hashlib.sha256(corpus_rows.digest().encode())
    for name in _LEARNING_CODE:
        sha.update((Path(__file__).parent / name).read_bytes())
    sha.update(version("pymorphy3-dicts-ru").encode())
    return f"shipped-{sha.hexdigest()[:8]}"


def _learn(model_id: str) -> Model:
    from classifier.training import train  # noqa: PLC0415  # 1.5 s and 100 MiB, needed once in a cache's life

    return train(corpus_rows.lesson(), model_id=model_id, corpus_sha256=corpus_rows.digest())


def _keep(model: Model, cache_dir: Path) -> None:
    try:
        save(model, cache_dir)
    except OSError as error:
        _log.warning("the learned model is not kept, the next start learns again: %s", error)


class ShippedClassifier:
    """A learned model and a finder of places. Safe to call from several threads."""

    def __init__(self, model: Model, places: PlaceFinder) -> None:
        self._model = model
        self._places = places

    @property
    def model_id(self) -> str:
        return self._model.model_id

    @property
    def about(self) -> Mapping[str, Any]:
        """Versions and held-out figures, as stored with the model."""
        return self._model.about

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        return [self._guess(text) for text in texts]

    def _guess(self, text: str) -> Guess:
        answers, known_share = self._model.probabilities(text)
        place, place_confidence = self._places.find(text)
        if known_share < _KNOWN_FROM:
            return self._unknown(place, place_confidence)
        heads = self._model.heads
        kind = _best(heads["kind"].labels, answers["kind"])
        needs = _best(heads["needs_answer"].labels, answers["needs_answer"])
        official = self._official(text, answers["official"])
        return Guess(
            model_id=self.model_id,
            kind=Kind(kind.value),
            kind_confidence=kind.confidence,
            needs_answer=needs.value == "yes" and not official,
            needs_answer_confidence=needs.confidence,
            official_reply=official,
            topics=_ranked(heads["topic"].labels, answers["topic"])[:_TOPICS_TOLD],
            place=place,
            place_confidence=place_confidence,
        )

    def _official(self, text: str, chances: NDArray[np.float64]) -> bool:
        yes = chances[self._model.heads["official"].labels.index("yes")]
        return bool(yes >= _OFFICIAL_FROM) and voice.may_be_official(features.plain(text))

    def _unknown(self, place: str, place_confidence: float) -> Guess:
        """Hardly a known word (another language, no words at all): nothing is claimed, and a human is asked to look."""
        sure = place_confidence >= _PLACE_FROM  # a lone capital letter means nothing in another language
        return Guess(
            model_id=self.model_id,
            kind=Kind.REVIEW,
            kind_confidence=_UNKNOWN,
            needs_answer=True,
            needs_answer_confidence=0.5,
            official_reply=False,
            topics=(Scored(OTHER, _UNKNOWN),),
            place=place if sure else "",
            place_confidence=place_confidence if sure else 0.0,
        )


def _best(labels: Sequence[str], chances: NDArray[np.float64]) -> Scored:
    return _ranked(labels, chances)[0]


def _ranked(labels: Sequence[str], chances: NDArray[np.float64]) -> tuple[Scored, ...]:
    order = np.argsort(-chances, kind="stable")
    return tuple(Scored(labels[number], float(chances[number])) for number in order)
