"""A learned model: its numbers, what it says of a text, and its two files.

The files are data, never code: `<model_id>.npz` holds arrays (read with `allow_pickle=False`), `<model_id>.json`
the rest and the hash of the first. Nothing here imports scikit-learn.
"""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classifier.vectors import Vectoriser

FORMAT: Final = 1


class ModelUnreadable(Exception):
    """The files are missing, damaged or of another format: learn again."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question the model answers: its possible answers and how sharply margins become probabilities."""

    labels: tuple[str, ...]
    sharpness: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of all heads side by side: one row a feature, one column a label."""

    model_id: str
    vectoriser: Vectoriser
    heads: Mapping[str, Head]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    about: Mapping[str, Any]

    def probabilities(self, text: str) -> tuple[dict[str, NDArray[np.float64]], float]:
        """For each head a probability per label, and the share of the text's words that is known, 0 … 1."""
        vector = self.vectoriser.vector(text)
        margins = vector.weights @ self.weights[vector.ids] + self.bias
        answers, start = {}, 0
        for name, head in self.heads.items():
            stop = start + len(head.labels)
            answers[name] = softmax(margins[start:stop] * head.sharpness)
            start = stop
        return answers, vector.known_share


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Scores of the last axis as probabilities."""
    powers = np.exp((scores - scores.max(axis=-1, keepdims=True)).astype(np.float64))
    total: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return total


def save(model: Model, folder: Path) -> None:
    """Writes both files; each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = io.BytesIO()
    np.savez_compressed(arrays, weights=model.weights, bias=model.bias, idf=model.vectoriser.idf)
    sheet = {
        "format": FORMAT,
        "model_id": model.model_id,
        "about": dict(model.about),
        "heads": {name: asdict(head) for name, head in model.heads.items()},
        "words": model.vectoriser.words,
        "grams": model.vectoriser.grams,
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
        weights, bias, idf = loaded["weights"], loaded["bias"], loaded["idf"]
    heads = {
        name: Head(labels=tuple(head["labels"]), sharpness=float(head["sharpness"]))
        for name, head in sheet["heads"].items()
    }
    columns = sum(len(head.labels) for head in heads.values())
    rows = len(sheet["words"]) + len(sheet["grams"])
    if weights.shape != (rows, columns) or bias.shape != (columns,) or idf.shape != (rows,):
        raise ModelUnreadable("the arrays do not fit the features")
    return Model(
        model_id=sheet["model_id"],
        vectoriser=Vectoriser(words=sheet["words"], grams=sheet["grams"], idf=idf),
        heads=heads,
        weights=weights,
        bias=bias,
        about=sheet["about"],
    )


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
