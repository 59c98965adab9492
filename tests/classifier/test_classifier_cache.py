"""The learned model outlives the process that learned it, and no damage to its files is fatal."""

import json
import logging
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from classifier import open_classifier, opening
from classifier.corpus_rows import FOLDER, digest, written_rows
from classifier.model import Model, ModelUnreadable, load
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier
from incidents.incoming import Classifier

TEXTS = [row.text for row in written_rows()[::7]]


@pytest.fixture
def copied(classifier: Classifier, model_folder: Path, tmp_path: Path) -> Path:
    return copytree(model_folder, tmp_path / "copied")


def test_the_kept_model_guesses_exactly_as_the_learned_one(
    classifier: Classifier, model_folder: Path
) -> None:
    kept = open_classifier(model_folder, places=("Сосновка", "Верхнереченск"))
    assert kept.model_id == classifier.model_id
    assert kept.classify(TEXTS) == classifier.classify(TEXTS)


def test_a_later_start_needs_no_scikit_learn(classifier: Classifier, model_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from classifier import open_classifier;"
        "open_classifier(Path(sys.argv[1])).classify(['яма']); sys.exit('sklearn' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(model_folder)], cwd=root, check=False)
    assert done.returncode == 0


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"format": 1}))


def _list(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _pickled])
def test_damaged_arrays_are_refused(classifier: Classifier, copied: Path, damage: object) -> None:
    assert callable(damage)
    damage(copied / f"{classifier.model_id}.npz")
    with pytest.raises(ModelUnreadable):
        load(classifier.model_id, copied)


@pytest.mark.parametrize("damage", [_cut, _empty, _pickled, _list])
def test_a_damaged_sheet_is_refused(classifier: Classifier, copied: Path, damage: object) -> None:
    assert callable(damage)
    damage(copied / f"{classifier.model_id}.json")
    with pytest.raises(ModelUnreadable):
        load(classifier.model_id, copied)


@pytest.mark.parametrize(
    ("key", "value"), [("format", 0), ("model_id", "another"), ("heads", {}), ("lemmas", []), ("heads", None)]
)
def test_a_sheet_that_does_not_fit_is_refused(
    classifier: Classifier, copied: Path, key: str, value: object
) -> None:
    path = copied / f"{classifier.model_id}.json"
    sheet = json.loads(path.read_text(encoding="utf-8")) | {key: value}
    path.write_text(json.dumps(sheet), encoding="utf-8")
    with pytest.raises(ModelUnreadable):
        load(classifier.model_id, copied)


@pytest.fixture
def quick(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Learning from all of the corpus is half a minute: here a small model is what is learned."""
    monkeypatch.setattr(opening, "_learn", lambda model_id: replace(small_model, model_id=model_id))
    return replace(small_model, model_id=opening.shipped_model_id())


def test_a_damaged_cache_is_learned_anew_and_told(
    quick: Model, copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _cut(copied / f"{quick.model_id}.npz")
    with caplog.at_level(logging.WARNING):
        healed = open_classifier(copied)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert healed.classify(TEXTS) == ModelClassifier(quick, PlaceFinder()).classify(TEXTS)
    assert (load(quick.model_id, copied).weights == quick.weights).all()


def test_a_first_start_is_no_trouble(quick: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        opened = open_classifier(tmp_path / "new" / "folder")
    assert caplog.records == []
    assert opened.model_id == quick.model_id
    assert (load(quick.model_id, tmp_path / "new" / "folder").weights == quick.weights).all()


def test_a_cache_that_cannot_be_written_costs_only_time(
    quick: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        homeless = open_classifier(in_the_way)
    assert "not kept" in caplog.text
    assert homeless.classify(TEXTS) == ModelClassifier(quick, PlaceFinder()).classify(TEXTS)


def test_a_folder_without_a_learned_model_is_said_so(quick: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="no model here"):
        open_classifier(tmp_path, model=tmp_path)


def test_the_model_says_what_it_was_made_of(classifier: Classifier, model_folder: Path) -> None:
    about = load(classifier.model_id, model_folder).about
    assert about["corpus_sha256"] == digest()
    assert about["scikit-learn"]
    assert about["held_out"].keys() == {"kind", "topic", "subtopic", "needs_answer", "voice"}


def test_another_corpus_is_another_model(tmp_path: Path) -> None:
    folder = copytree(FOLDER, tmp_path / "corpus")
    with (folder / "roads.tsv").open("a", encoding="utf-8") as file:
        file.write("complaint\tyes\tpotholes\tЕщё одна яма\n")
    assert digest(folder) != digest()
