"""`python -m bot evaluate`: what a classifier is worth on messages it had not seen."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.classifying import CannotClassify
from classifier import calibration, corpus_rows
from classifier.exports import ExportUnreadable, Labelled, read_export
from classifier.figures import Study
from classifier.held_out import HeldOut, Numbers, duplicate_groups
from classifier.model import BODY, EXPORT_GROUP, EXPORT_TOPIC, PRIOR, Model, ModelUnreadable, sum_up
from classifier.opening import load_folder, open_shipped
from classifier.reports import write_reports
from incidents.rubricator import rubricator, subtopics, topic_of

Tell = Callable[[str], None]
_FIELDS = {EXPORT_GROUP: "group", EXPORT_TOPIC: "topic", BODY: "body"}


def evaluate(
    out: Path,
    *,
    data: Path | None,
    columns: Mapping[str, str],
    model: Path | None,
    mapped: Path | None,
    cache_dir: Path,
    tell: Tell,
) -> str:
    """Judge, write the pages to `out`, and say the figures in a few lines.

    Raises:
        CannotClassify: the data, the model or the map cannot be read, or `out` cannot be written.
    """
    if data is None and (model is not None or mapped is not None):
        raise CannotClassify("--model and --map judge by an export: name it with --data")
    try:
        if data is None:
            held_out, groups, about = _shipped(tell)
        else:
            rows = read_export(data, columns=columns)
            if mapped is not None:
                held_out, groups, about = _against_map(rows, mapped, open_shipped(cache_dir))
            elif model is not None:
                held_out, groups, about = _of_model(rows, load_folder(model))
            else:
                held_out, groups, about = _learned(rows, tell)
        studies = write_reports(out, held_out, about=about, groups=groups, names=_names())
    except (ExportUnreadable, ModelUnreadable) as error:
        raise CannotClassify(str(error)) from error
    except OSError as error:
        raise CannotClassify(f"{out} cannot be written: {error.strerror or error}") from error
    if not studies:
        raise CannotClassify("not one row to judge by: no label of the data is one the model knows")
    return "\n".join([*(_line(study) for study in studies), f"the page: {out / 'index.html'}"])


Judged = tuple[Mapping[str, HeldOut], Mapping[str, Numbers], dict[str, Any]]


def _shipped(tell: Tell) -> Judged:
    from classifier.calibrate import hold_out  # noqa: PLC0415  # scikit-learn
    from classifier.shipped import versions  # noqa: PLC0415

    held_out, _, _ = hold_out(corpus_rows.lesson(), tell=tell)
    about = {
        "data": "the shipped corpus: every row judged by a model that had not seen it nor its neighbours",
        "sha256": corpus_rows.digest(),
        "versions": versions(),
    }
    return held_out, {}, about


def _learned(rows: Sequence[Labelled], tell: Tell) -> Judged:
    from classifier.learned import TooLittle, learn_export  # noqa: PLC0415  # scikit-learn

    try:
        learned = learn_export(rows, calibration=calibration.read(), tell=tell)
    except TooLittle as error:
        raise CannotClassify(str(error)) from error
    return learned.held_out, learned.groups, dict(learned.model.about)


def _of_model(rows: Sequence[Labelled], model: Model) -> Judged:
    answers, _ = model.judge([row.text for row in rows])
    held_out, groups = {}, {}
    for name, field in _FIELDS.items():
        if name in answers:
            labels = model.heads[name].labels
            truth = [getattr(row, field) for row in rows]
            held_out[field], groups[field] = _held_out(field, rows, labels, truth, answers[name])
    return held_out, groups, {**model.about, "model_id": model.model_id}


def _against_map(rows: Sequence[Labelled], path: Path, model: Model) -> Judged:
    """The shipped classifier's subtopics summed into the labels of the export's groups."""
    try:
        table = {
            str(code): str(label) for code, label in tomllib.loads(path.read_text(encoding="utf-8")).items()
        }
    except (OSError, ValueError) as error:
        raise CannotClassify(f"{path}: no map: {error}") from error
    codes = model.heads[PRIOR].labels
    unknown = sorted(table.keys() - {*rubricator(), *subtopics()})
    missing = sorted({topic_of(code) for code in codes} - table.keys())
    if unknown or missing:
        raise CannotClassify(f"{path}: unknown codes: {unknown}; topics without a label: {missing}")
    labels = tuple(sorted(set(table.values())))
    parents = [labels.index(table.get(code, table[topic_of(code)])) for code in codes]
    answers, _ = model.judge([row.text for row in rows])
    found = _held_out(
        "group", rows, labels, [row.group for row in rows], sum_up(answers[PRIOR], parents, len(labels))
    )
    return (
        {"group": found[0]},
        {"group": found[1]},
        {**model.about, "model_id": model.model_id, "data": "an export it never saw"},
    )


def _held_out(
    name: str, rows: Sequence[Labelled], labels: Sequence[str], truth: Sequence[str], probabilities: Any
) -> tuple[HeldOut, Numbers]:
    """Rows whose label is unknown to the model count as wrong: a label of their own that is never guessed."""
    known = [at for at, row in enumerate(rows) if truth[at] and row.text.strip()]
    strangers = tuple(sorted({truth[at] for at in known} - set(labels)))
    wide = (*labels, *strangers)
    padded = np.hstack([probabilities[known], np.zeros((len(known), len(strangers)))])
    chosen = [rows[at] for at in known]
    held_out = HeldOut(
        name=name,
        labels=wide,
        truth=np.array([wide.index(truth[at]) for at in known], dtype=np.int64),
        probabilities=np.clip(padded, 0, 1),
        lengths=np.array([len(row.text) for row in chosen], dtype=np.int64),
        networks=tuple(row.network for row in chosen) if any(row.network for row in chosen) else (),
        territories=tuple(row.territory for row in chosen) if any(row.territory for row in chosen) else (),
    )
    return held_out, duplicate_groups([row.text for row in chosen])


def _names() -> dict[str, dict[str, str]]:
    topics = {topic.code: topic.name_ru for topic in rubricator().values()}
    return {"topic": topics, PRIOR: {**topics, **{one.code: one.name_ru for one in subtopics().values()}}}


def _line(study: Study) -> str:
    figures, promise = study.figures, study.contract
    kept = f"; routed {promise.coverage:.1%}, of that right {promise.right:.1%}" if promise else ""
    return (
        f"{figures.name}: {figures.rows} rows, {figures.labels} labels; right {figures.accuracy:.1%}, macro F1 "
        f"{figures.macro_f1:.3f} (labels of 10 rows and more: {figures.macro_f1_of_10:.3f}), weighted F1 "
        f"{figures.weighted_f1:.3f}, top 3 {figures.top3:.1%}, ECE {figures.ece:.3f}, at 95 % precision "
        f"{figures.at_precision.coverage:.1%}{kept}"
    )
