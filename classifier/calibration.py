"""How sharp the shipped questions are and from which confidence a topic may be routed: measured once a corpus.

Measuring takes minutes (every row is judged by a model that had not seen it), learning seconds. So the figures ship
beside the corpus, in `corpus/calibration.json`, with the digest of the corpus they are of. `make calibrate` writes it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from classifier.corpus_rows import FOLDER

FILE: Final = FOLDER / "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """`curves`: see `classifier.model.straighten`.

    `thresholds`: by topic, the confidence from which it is right in 95 of 100 held-out cases.
    """

    digest: str = ""
    sharpness: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path = FILE) -> Calibration:
    """The figures as written.

    Raises:
        OSError, ValueError, TypeError: not there or not readable; the shipped file always is.
    """
    return Calibration(**json.loads(path.read_text(encoding="utf-8")))
