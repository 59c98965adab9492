"""One learned classifier for all tests of a process: learning takes seconds."""

from pathlib import Path

import pytest

from classifier import open_classifier
from incidents.incoming import Classifier


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="session")
def classifier(model_folder: Path) -> Classifier:
    return open_classifier(model_folder, places=("Сосновка", "Верхнереченск"))
