"""One learned classifier for all tests of a process, and a small one where quality is nothing to the point."""

from pathlib import Path

import pytest

from classifier import calibration, corpus_rows, open_classifier
from classifier.model import Model
from classifier.shipped import learn_shipped
from incidents.incoming import Classifier


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="session")
def classifier(model_folder: Path) -> Classifier:
    """The shipped one, learned from all of the corpus: half a minute."""
    return open_classifier(model_folder, places=("Сосновка", "Верхнереченск"))


@pytest.fixture(scope="session")
def few_rows() -> list[corpus_rows.Row]:
    return corpus_rows.filled_rows()[::9]


@pytest.fixture(scope="session")
def small_model(few_rows: list[corpus_rows.Row]) -> Model:
    """Learned from a ninth of the corpus: seconds."""
    return learn_shipped(few_rows, model_id="small", calibration=calibration.read())
