"""`python -m benchmarks.real_messages`: the classifier on real residents' messages beside the project.

The messages are for measuring only and stay where they are (`../shared/data`); here are marks by id, and a map.
Prints: the shipped classifier against the portal's categories, what a model learned from the portal's export is worth
on messages it had not seen, and the five kinds on marked messages.
"""

import csv
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from classifier import calibration
from classifier.exports import Labelled, read_export
from classifier.figures import Figures, figures
from classifier.held_out import HeldOut
from classifier.learned import learn_export
from classifier.model import PRIOR, Model, sum_up
from classifier.opening import open_shipped
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier
from classifier.thresholds import contract
from incidents.rubricator import topic_of

HERE: Final = Path(__file__).parent
DATA: Final = HERE.parents[1] / "shared" / "data"
APPEALS: Final = DATA / "appeals" / "messages.csv"
LETTERS: Final = DATA / "letters" / "messages.csv"
_COLUMNS: Final = {
    "text": "Текст Сообщения",
    "group": "Категория",
    "topic": "Тематика",
    "body": "Ответственное лицо",
}
_TEST_CATEGORY: Final = "12"
_ENOUGH: Final = 10
_KINDS: Final = ("complaint", "gratitude", "negative", "question", "review")


def appeals() -> list[Labelled]:
    """The portal's messages without its test category; a row without a category has its topic's."""
    rows = read_export(APPEALS, columns=_COLUMNS)
    category = {row.topic: row.group for row in rows if row.group}
    named = [replace(row, group=row.group or category.get(row.topic, "")) for row in rows]
    return [row for row in named if row.group and row.group != _TEST_CATEGORY]


def out_of_the_box(model: Model, rows: Sequence[Labelled]) -> HeldOut:
    """The shipped classifier, its subtopics summed into the portal's categories by the committed map."""
    table = tomllib.loads((HERE / "appeals_map.toml").read_text(encoding="utf-8"))
    labels = tuple(sorted({*table.values(), *(row.group for row in rows)}))
    codes = model.heads[PRIOR].labels
    parents = [labels.index(table.get(code, table[topic_of(code)])) for code in codes]
    answers, _ = model.judge([row.text for row in rows])
    return HeldOut(
        name="category, out of the box",
        labels=labels,
        truth=np.array([labels.index(row.group) for row in rows]),
        probabilities=np.clip(sum_up(answers[PRIOR], parents, len(labels)), 0, 1),
        lengths=np.array([len(row.text) for row in rows]),
    )


def frequent(held_out: HeldOut) -> HeldOut:
    """Only rows of labels with `_ENOUGH` rows, answered among those labels: as the set's README counts."""
    support = Counter(held_out.truth.tolist())
    kept = [number for number in range(len(held_out.labels)) if support[number] >= _ENOUGH]
    rows = np.flatnonzero(np.isin(held_out.truth, kept))
    place = {number: at for at, number in enumerate(kept)}
    chosen = held_out.probabilities[rows][:, kept]
    return HeldOut(
        name=f"{held_out.name}, labels of {_ENOUGH} rows and more",
        labels=tuple(held_out.labels[number] for number in kept),
        truth=np.array([place[number] for number in held_out.truth[rows].tolist()]),
        probabilities=chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1e-12),
        lengths=held_out.lengths[rows],
    )


def marked() -> Iterator[tuple[str, str, bool]]:
    """Text, kind and whether an answer is needed, of the messages two passes have marked."""
    texts = {f"appeals:{row['id']}": row["Текст Сообщения"] for row in _table(APPEALS)}
    texts |= {
        f"letters:{number}": f"{row['title']}. {row['text']}" for number, row in enumerate(_table(LETTERS))
    }
    for mark in _table(HERE / "marks" / "kinds.csv"):
        yield texts[mark["id"]], mark["kind"], mark["answer"] == "yes"


def kinds(classifier: ModelClassifier) -> tuple[HeldOut, float, float]:
    """The five kinds; F1 of "needs an answer", and of "needs none"."""
    rows = list(marked())
    guesses = classifier.classify([text for text, _, _ in rows])
    chances = np.full((len(rows), len(_KINDS)), 0.0)
    for row, guess in zip(chances, guesses, strict=True):
        row[:] = (1 - guess.kind_confidence) / (len(_KINDS) - 1)
        row[_KINDS.index(guess.kind.value)] = guess.kind_confidence + 1e-6
    held_out = HeldOut(
        name="kind",
        labels=_KINDS,
        truth=np.array([_KINDS.index(kind) for _, kind, _ in rows]),
        probabilities=np.minimum(chances, 1.0),
        lengths=np.array([len(text) for text, _, _ in rows]),
    )
    needed = [answer for _, _, answer in rows]
    told = [guess.needs_answer for guess in guesses]
    return held_out, _f1(needed, told), _f1([not one for one in needed], [not one for one in told])


def kappa() -> tuple[float, float, float]:
    """Agreement of the two passes on the kind beyond chance (Cohen), the same on the answer, and plain agreement."""
    marks = list(_table(HERE / "marks" / "kinds.csv"))
    return (
        _kappa([one["a_kind"] for one in marks], [one["b_kind"] for one in marks]),
        _kappa([one["a_answer"] for one in marks], [one["b_answer"] for one in marks]),
        sum(one["a_kind"] == one["b_kind"] for one in marks) / len(marks),
    )


def _kappa(left: Sequence[str], right: Sequence[str]) -> float:
    agreed = sum(one == other for one, other in zip(left, right, strict=True)) / len(left)
    lefts, rights = Counter(left), Counter(right)
    chance = sum(lefts[label] * rights[label] for label in lefts) / len(left) ** 2
    return (agreed - chance) / (1 - chance)


def _f1(truth: Sequence[bool], told: Sequence[bool]) -> float:
    both = sum(one and other for one, other in zip(truth, told, strict=True))
    return 2 * both / max(sum(truth) + sum(told), 1)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _told(found: Figures) -> str:
    return (
        f"{found.name:44} {found.rows:5} rows {found.labels:3} labels: right {found.accuracy:.3f}, macro F1 "
        f"{found.macro_f1:.3f}, weighted F1 {found.weighted_f1:.3f}, top 3 {found.top3:.3f}, ECE {found.ece:.3f}, "
        f"at 95 % precision {found.at_precision.coverage:.3f}"
    )


def main(arguments: Sequence[str]) -> int:
    """Print the figures; `quick` leaves out what has to be learned (minutes)."""
    if not APPEALS.exists():
        print(f"the real messages are not here ({APPEALS.relative_to(HERE.parents[1])}): nothing to measure")  # noqa: T201
        return 1
    cache = HERE.parent / "build" / "classifier"
    model, rows = open_shipped(cache), appeals()
    print(_told(figures(out_of_the_box(model, rows))))  # noqa: T201
    found, needs, needs_none = kinds(ModelClassifier(model, PlaceFinder()))
    print(_told(figures(found)))  # noqa: T201
    print("  " + ", ".join(f"{one.label} {one.f1:.2f} of {one.support}" for one in figures(found).classes))  # noqa: T201
    print(f"  needs an answer F1 {needs:.3f}, needs none F1 {needs_none:.3f}")  # noqa: T201
    print("  two passes: kappa {:.2f} (kind), {:.2f} (answer), agreed {:.3f}".format(*kappa()))  # noqa: T201
    if "quick" in arguments:
        return 0
    learned = learn_export(rows, calibration=calibration.read(), tell=lambda line: print("  …", line))  # noqa: T201
    for held_out in learned.held_out.values():
        print(_told(figures(held_out)))  # noqa: T201
        print(_told(figures(frequent(held_out))))  # noqa: T201
    halves = contract(learned.held_out["group"], groups=learned.groups["group"])
    print(  # noqa: T201
        f"contract of the category: thresholds of one half let {halves.coverage:.3f} of the other through, "
        f"right {halves.right:.3f}; {halves.kept:.0%} of {halves.halves} halves kept 95 %"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
