"""A learned model: what it answers of texts, and its two files.

The files are data, never code: `<model_id>.npz` holds arrays (read with `allow_pickle=False`), `<model_id>.json`
the rest and the hash of the first. Nothing here imports scikit-learn.
"""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classifier import features
from classifier.bodies import NamedPlaces, lifted
from classifier.table import TokenTable
from classifier.vocabulary import Vocabulary

FORMAT: Final = 3
PRIOR: Final = "subtopic"
"""The question whose answer, by the shipped corpus, is a feature of the questions an export teaches."""

TOPIC: Final = "topic"
"""The question every subtopic's topic answers: no columns of its own."""

EXPORT_GROUP: Final = "export_group"
EXPORT_TOPIC: Final = "export_topic"
SOFT_GROUP: Final = "export_group_soft"
EVEN_TOPIC: Final = "export_topic_even"
BODY: Final = "export_body"
"""The question which body of an export's it is; the places in the bodies' names have a say."""

_LEAST: Final = 1e-9
_APART: Final = 1e-6
_PRIOR_SHARPNESS: Final = 6.0  # measured: sharper hides the second and third guess, softer says nothing

Floats = NDArray[np.float64]


class ModelUnreadable(Exception):
    """The files are missing, damaged or of another format: learn again."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question the model answers.

    `labels`: the possible answers, a column each. `sharpness`: how margins become probabilities. `thresholds`: per
    label the confidence from which that answer is right in 95 of 100 held-out cases; above 1: never.
    `parents`: for each label the number of the label of the wider question `parent` it lies under. The wider
    question is answered by its own columns and by the sum over its children, `mix` of it by the sum (1: it has no
    columns of its own). `partner`: a head of the same labels that has as much to say. `curve`: confidence as the
    margins have it, and as it came true on held-out rows, as rising pairs: see `straighten`.
    """

    labels: tuple[str, ...]
    sharpness: float = 1.0
    thresholds: tuple[float, ...] = ()
    parent: str = ""
    parents: tuple[int, ...] = ()
    mix: float = 0.0
    partner: str = ""
    curve: tuple[tuple[float, float], ...] = ()

    def threshold(self, label: str) -> float:
        return self.thresholds[self.labels.index(label)] if self.thresholds else 0.0


@dataclass(frozen=True)
class Model:
    """Weights of all heads side by side: one row a feature, one column a label, heads in their order.

    `beside`: for heads an export taught, weights on the shipped corpus' guess of the subtopic (labels of `PRIOR` ×
    labels of the head).
    """

    model_id: str
    vocabulary: Vocabulary
    heads: Mapping[str, Head]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]
    about: Mapping[str, Any]
    beside: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    @cached_property
    def table(self) -> TokenTable:
        return TokenTable(self.vocabulary, self.weights)

    @cached_property
    def columns(self) -> Mapping[str, slice]:
        """Which columns belong to which head; heads that are only sums of another have none."""
        spans, start = {}, 0
        for name, head in self.heads.items():
            width = len(head.labels) if head.mix < 1 else 0
            spans[name] = slice(start, start + width)
            start += width
        return spans

    def judge(self, texts: Sequence[str]) -> tuple[dict[str, Floats], NDArray[np.float32]]:
        """For each head the probabilities (texts × labels), and for each text the share of its words that is known."""
        return self.judge_plain(features.plain_all(texts))

    def judge_plain(self, plain_texts: Sequence[str]) -> tuple[dict[str, Floats], NDArray[np.float32]]:
        """The same of texts that `features.plain` made already."""
        sums = self.table.read(plain_texts)
        answers = combined(self.heads, self._own(sums.margins + self.bias))
        if BODY in answers:
            answers[BODY] = lifted(answers[BODY], self._places, list(map(features.tokens, plain_texts)))
        return {
            name: straighten(answers[name], head.curve) for name, head in self.heads.items()
        }, sums.known_share

    @cached_property
    def _places(self) -> NamedPlaces:
        return NamedPlaces(self.heads[BODY].labels)

    def _own(self, margins: NDArray[np.float32]) -> dict[str, Floats]:
        prior = prior_of(margins[:, self.columns[PRIOR]]) if self.beside else None
        answers = {}
        for name, head in self.heads.items():
            if head.mix < 1:
                own = margins[:, self.columns[name]]
                if prior is not None and name in self.beside:
                    own = own + prior @ self.beside[name]
                answers[name] = softmax(own * head.sharpness)
        return answers


def combined(heads: Mapping[str, Head], own: Mapping[str, Floats]) -> dict[str, Floats]:
    """What the heads say together: partners averaged, wider questions hearing their children."""
    answers = dict(own)
    for name, head in heads.items():
        if head.partner:
            answers[name] = (answers[name] + answers[head.partner]) / 2
    for name, head in heads.items():
        if head.parent:
            wide = heads[head.parent]
            summed = sum_up(answers[name], head.parents, len(wide.labels))
            answers[head.parent] = blend(answers.get(head.parent), summed, mix=wide.mix)
    return answers


def sum_up(answers: Floats, parents: Sequence[int], width: int) -> Floats:
    """Probabilities of narrow labels summed into the wide ones they lie under."""
    # No matrix product: its sums depend on how many texts there are.
    order, present, starts = _families(tuple(parents))
    summed = np.zeros((len(answers), width))
    summed[:, present] = np.add.reduceat(answers if order is None else answers[:, order], starts, axis=1)
    return np.minimum(summed, 1, out=summed)


@lru_cache(maxsize=64)
def _families(parents: tuple[int, ...]) -> tuple[NDArray[Any] | None, NDArray[Any], NDArray[Any]]:
    """The order in which children of one parent stand together (None: they do), the parents, where each begins."""
    numbers = np.array(parents)
    order = np.argsort(numbers, kind="stable") if (np.diff(numbers) < 0).any() else None
    present, starts = np.unique(numbers if order is None else numbers[order], return_index=True)
    return order, present, starts


def blend(own: Floats | None, summed: Floats, *, mix: float) -> Floats:
    """The wider question's own answer and the sum over its children, as one."""
    if own is None:
        return summed
    both: Floats = (1 - mix) * own + mix * summed
    return both


def straighten(probabilities: Floats, curve: Sequence[tuple[float, float]]) -> Floats:
    """Probabilities whose highest means what it says; the others keep their order and share what is left.

    What is likeliest stays so: it is never put below the average of the others.
    """
    if not curve or not len(probabilities):
        return probabilities
    promised, came_true = _points(tuple(curve))
    probabilities = probabilities.astype(np.float64)
    if len(probabilities) == 1:  # one message: numbers of Python cost a third of arrays of one
        return np.array([_straight_row(probabilities[0].tolist(), promised, came_true)])
    rows = np.arange(len(probabilities))
    best = probabilities.argmax(axis=1)
    highest = probabilities[rows, best]
    wanted = np.interp(highest, promised, came_true)
    rest = np.maximum(1 - highest, _LEAST)
    second = np.partition(probabilities, -2, axis=1)[:, -2] if probabilities.shape[1] > 1 else 0 * highest
    # The second must stay below the first: (1 - wanted) * second / rest < wanted.
    wanted = np.minimum(np.maximum(wanted, second / (rest + second) + _APART), 1)
    straight: Floats = probabilities * ((1 - wanted) / rest)[:, np.newaxis]
    straight[rows, best] = wanted
    return straight


def _straight_row(chances: list[float], promised: Floats, came_true: Floats) -> list[float]:
    """`straighten` of one row, to the last bit."""
    highest = max(chances)
    best = chances.index(highest)
    rest = max(1 - highest, _LEAST)
    second = max(chances[:best] + chances[best + 1 :], default=0.0)
    wanted = min(max(float(np.interp(highest, promised, came_true)), second / (rest + second) + _APART), 1.0)
    scale = (1 - wanted) / rest
    straight = [chance * scale for chance in chances]
    straight[best] = wanted
    return straight


@lru_cache(maxsize=64)
def _points(curve: tuple[tuple[float, float], ...]) -> tuple[Floats, Floats]:
    points: Floats = np.array(curve).T.copy()
    return points[0], points[1]


def prior_of(margins: NDArray[Any]) -> NDArray[np.float32]:
    """Margins of subtopics as features: roots of soft probabilities, so each text's have length one."""
    roots: NDArray[np.float32] = np.sqrt(softmax(margins * _PRIOR_SHARPNESS)).astype(np.float32)
    return roots


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Scores of the last axis as probabilities, as precise as the scores are."""
    powers: NDArray[Any] = np.exp(scores - np.maximum.reduce(scores, axis=-1, keepdims=True))
    powers /= np.add.reduce(powers, axis=-1, keepdims=True)
    return powers


def save(model: Model, folder: Path) -> None:
    """Writes both files; each appears whole or not at all.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = io.BytesIO()
    held: dict[str, Any] = {"weights": model.weights, "bias": model.bias, "idf": model.vocabulary.idf}
    held |= {f"beside.{name}": weights for name, weights in model.beside.items()}
    np.savez(arrays, **held)
    sheet = {
        "format": FORMAT,
        "model_id": model.model_id,
        "about": dict(model.about),
        "heads": {name: asdict(head) for name, head in model.heads.items()},
        "lemmas": model.vocabulary.lemmas,
        "grams": model.vocabulary.grams,
        "arrays_sha256": hashlib.sha256(arrays.getvalue()).hexdigest(),
    }
    _write_whole(folder / f"{model.model_id}.npz", arrays.getvalue())
    _write_whole(folder / f"{model.model_id}.json", json.dumps(sheet, ensure_ascii=False).encode())


def load(model_id: str, folder: Path) -> Model:
    """The model as saved.

    Raises:
        ModelUnreadable: not there, damaged, or written by another version of this file.
    """
    try:
        sheet = json.loads((folder / f"{model_id}.json").read_bytes())
        arrays = (folder / f"{model_id}.npz").read_bytes()
        if sheet["format"] != FORMAT or sheet["model_id"] != model_id:
            raise ModelUnreadable(f"{model_id}.json is of another format or model")
        if sheet["arrays_sha256"] != hashlib.sha256(arrays).hexdigest():
            raise ModelUnreadable(f"{model_id}.npz is not the file {model_id}.json was written with")
        return _assemble(sheet, arrays)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
        raise ModelUnreadable(f"{model_id}: {error!r}") from error


def _assemble(sheet: Mapping[str, Any], arrays: bytes) -> Model:
    with np.load(io.BytesIO(arrays), allow_pickle=False) as loaded:
        held = {name: loaded[name] for name in loaded.files}
    heads = {name: _head(one) for name, one in sheet["heads"].items()}
    vocabulary = Vocabulary(lemmas=sheet["lemmas"], grams=sheet["grams"], idf=held["idf"])
    model = Model(
        model_id=sheet["model_id"],
        vocabulary=vocabulary,
        heads=heads,
        weights=held["weights"],
        bias=held["bias"],
        about=sheet["about"],
        beside={
            name.removeprefix("beside."): array for name, array in held.items() if name.startswith("beside.")
        },
    )
    features_known, columns = len(vocabulary.lemmas) + len(vocabulary.grams), model.columns
    width = max(span.stop for span in columns.values())
    fits = (
        model.weights.shape == (features_known, width)
        and model.bias.shape == (width,)
        and vocabulary.idf.shape == (features_known,)
        and all(
            array.shape == (len(heads[PRIOR].labels), len(heads[name].labels))
            for name, array in model.beside.items()
        )
    )
    if not fits:
        raise ModelUnreadable(f"{sheet['model_id']}: the numbers do not fit the labels and features")
    return model


def _head(sheet: Mapping[str, Any]) -> Head:
    return Head(
        labels=tuple(map(str, sheet["labels"])),
        sharpness=float(sheet["sharpness"]),
        thresholds=tuple(map(float, sheet["thresholds"])),
        parent=str(sheet["parent"]),
        parents=tuple(map(int, sheet["parents"])),
        mix=float(sheet["mix"]),
        partner=str(sheet["partner"]),
        curve=tuple((float(promised), float(true)) for promised, true in sheet["curve"]),
    )


def _write_whole(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).replace(path)
