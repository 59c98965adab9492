"""What a model is worth, written where people and programs look: a page in two languages, a card, and JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifier.figures import Study, study
from classifier.held_out import HeldOut, Numbers
from classifier.model_card import model_card
from classifier.report_page import report_page
from models.person import Language


def write_reports(
    folder: Path,
    held_out: Mapping[str, HeldOut],
    *,
    about: Mapping[str, Any],
    groups: Mapping[str, Numbers] | None = None,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Study]:
    """Write `figures.json`, `index.html`, `index.en.html` and `model-card.md`; the studies they show.

    Args:
        folder: made if missing.
        held_out: for each question the answers on rows the model had not seen.
        about: see `classifier.model_card`.
        groups: for each question near-duplicates' numbers of its rows; repeats stay in one half of the contract.
        names: of labels, for people.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    studies = [study(one, groups=(groups or {}).get(name)) for name, one in held_out.items() if len(one)]
    told = {"about": dict(about), "questions": {one.figures.name: one.as_json() for one in studies}}
    pages = {
        "figures.json": json.dumps(told, ensure_ascii=False, indent=1, default=str),
        "index.html": report_page(studies, about=about, names=names, lang=Language.RU),
        "index.en.html": report_page(studies, about=about, names=names, lang=Language.EN),
        "model-card.md": model_card(studies, about=about, names=names, lang=Language.RU),
    }
    for name, content in pages.items():
        (folder / name).write_text(content, encoding="utf-8")
    return studies
