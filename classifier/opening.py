"""The classifier behind the seam: learned from the shipped corpus at the first start, kept in a cache after."""

import hashlib
import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from classifier import calibration, corpus_rows, features
from classifier.gazetteer import Gazetteer
from classifier.model import Model, ModelUnreadable, load, save
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier
from incidents.incoming import Classifier

_LEARNING_CODE: Final = (
    "corpus_rows.py",
    "features.py",
    "model.py",
    "shipped.py",
    "training.py",
    "vocabulary.py",
    "corpus/calibration.json",
)

_log = logging.getLogger(__name__)


def open_classifier(
    cache_dir: Path,
    *,
    places: Sequence[str] = (),
    model: Path | None = None,
    gazetteer: Path | None = None,
) -> Classifier:
    """The shipped classifier, ready to work.

    Learns from the corpus if `cache_dir` has no usable model of this very corpus and code (seconds of one
    core), else reads it (well under a second). Blocks: call it off the event loop. A cache that cannot be
    read or written is logged and costs only time.

    Args:
        cache_dir: made if missing; holds `<model_id>.npz` and `<model_id>.json`.
        places: names of the territory's places in the nominative, recognised in any case form.
        model: a folder that `python -m bot train` wrote; its bodies are named too.
        gazetteer: the region's own places, see `classifier.gazetteer`.

    Raises:
        ModelUnreadable: `model` is damaged or no model; the shipped one is learned anew instead.
        GazetteerUnreadable: the file of places has faults.
    """
    learned = load_folder(model) if model is not None else None
    shipped = open_shipped(cache_dir)
    features.lemma("готов")  # opens the dictionary now, not at the first post
    finder = PlaceFinder(places, gazetteer=Gazetteer.read(gazetteer) if gazetteer is not None else None)
    return ModelClassifier(shipped, finder, bodies=learned)


def load_folder(folder: Path) -> Model:
    """The model in a folder that `python -m bot train` wrote: the newest, where there are several.

    Raises:
        ModelUnreadable: there is none, or it is damaged.
    """
    sheets = sorted(folder.glob("learned-*.json"), key=lambda path: path.stat().st_mtime)
    if not sheets:
        raise ModelUnreadable(f"{folder}: no model here; `python -m bot train --out {folder}` writes one")
    return load(sheets[-1].stem, folder)


def open_shipped(cache_dir: Path) -> Model:
    """The model of the shipped corpus, read from the cache or learned now; as `open_classifier`."""
    model_id = shipped_model_id()
    try:
        return load(model_id, cache_dir)
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
        return model


def shipped_model_id() -> str:
    """The word "shipped-" and eight hex digits over the corpus, the learning code and the dictionary's version."""
    sha = hashlib.sha256(corpus_rows.digest().encode())
    for name in _LEARNING_CODE:
        sha.update((Path(__file__).parent / name).read_bytes())
    sha.update(version("pymorphy3-dicts-ru").encode())
    return f"shipped-{sha.hexdigest()[:8]}"


def _learn(model_id: str) -> Model:
    from classifier.shipped import learn_shipped  # noqa: PLC0415  # 1.5 s and 100 MiB, needed once in a cache's life

    return learn_shipped(
        corpus_rows.lesson(),
        model_id=model_id,
        calibration=calibration.read(),
        about={"corpus_sha256": corpus_rows.digest()},
    )


def _keep(model: Model, cache_dir: Path) -> None:
    try:
        save(model, cache_dir)
    except OSError as error:
        _log.warning("the learned model is not kept, the next start learns again: %s", error)
