"""The corpus of answers, and how often each check is right on it.

answers.tsv is written for this project, none is copied. Half A the checks were made with; half B was written first
and not looked at while they were. `labels`: the checks that must speak. The body's recent answers of a row are the
fifty rows above it in its half.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from incidents.answer_checks import Code, Draft, check
from incidents.answer_checks.copies import RECENT

CORPUS: Final = Path(__file__).parent / "answers.tsv"
HALVES: Final = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Row:
    """One answer and the checks that must speak of it."""

    half: str
    kind: str
    draft: Draft
    labels: frozenset[Code]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one check."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def read() -> list[Row]:
    rows: list[Row] = []
    above: dict[str, list[str]] = {half: [] for half in HALVES}
    with CORPUS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            text, half = row["text"].replace("\\n", "\n"), row["half"]
            draft = Draft(
                text,
                photos=int(row["photos"]),
                is_interim=row["interim"] == "yes",
                signature=row["signature"],
                recent=tuple(reversed(above[half][-RECENT:])),
            )
            labels = frozenset(Code(label) for label in row["labels"].split(",") if label)
            rows.append(Row(half, row["kind"], draft, labels))
            above[half].append(text)
    return rows


def spoken(row: Row) -> frozenset[Code]:
    return frozenset(finding.code for finding in check(row.draft))


def scores(rows: Sequence[Row]) -> dict[Code, Score]:
    said = [(row.labels, spoken(row)) for row in rows]
    return {
        code: Score(
            right=sum(code in labels and code in found for labels, found in said),
            wrong=sum(code not in labels and code in found for labels, found in said),
            missed=sum(code in labels and code not in found for labels, found in said),
        )
        for code in Code
    }
