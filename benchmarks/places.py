"""How well and how fast the place finder works on real messages: `python -m benchmarks.places [--harvest] [--errors]`.

A mention found is right if it overlaps a marked one of the same type with the same name (letter case, ё and type words
apart). Printed: precision, recall and F1 so, and F1 of exact spans; for the half of the rows the finder was made with,
for the half nobody looked at, and for all; by type, by the form of the mark, and messages a second on one core. A form
has no precision: what is found wrongly has none.

The gazetteer is the region's towns out of ../shared/data, read now; no name comes from the marks. `--harvest` adds
what the messages that nobody marked call so (classifier.place.harvest), as a region's archive would.
"""

import argparse
import csv
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifier import features
from classifier.gazetteer import Gazetteer, Place, is_guarded
from classifier.place import Mention, PlaceFinder, harvest
from classifier.place_forms import small

ROOT: Final = Path(__file__).resolve().parents[1]
SHARED: Final = ROOT.parent / "shared" / "data"
MARKS: Final = ROOT / "benchmarks" / "marks"
DEVELOPMENT: Final = 260
"""Rows of places-rows.csv, from the first, that the finder was made with; the others are the test."""

_REGION: Final = "41"  # GeoNames' admin1code of the region the messages come from
_REGION_NAME: Final = "Курская"
_TYPE_WORDS: Final = re.compile(r"^(?:имени|ул\.?|улица|проспект|переулок|район|г\.?)\s+")
_LENGTH: Final = 250
_ROUNDS: Final = 5
_FORMS: Final = ("plain", "inflected", "abbreviated", "both")
_TYPES: Final = ("settlement", "street", "quarter")


class NoData(Exception):
    """The real messages are not there."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place a person marked."""

    start: int
    end: int
    type: str
    form: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the finder reads it, what is marked in it, and whether it was held back as a test."""

    row_id: str
    text: str
    marks: tuple[Mark, ...]
    is_test: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one slice. `exact` counts found mentions whose span is the mark's, to a character."""

    marked: int
    found: int
    right_found: int
    right_marked: int
    exact: int

    @property
    def precision(self) -> float:
        return self.right_found / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right_marked / self.marked if self.marked else 0.0

    @property
    def f1(self) -> float:
        return _harmonic(self.precision, self.recall)

    @property
    def exact_f1(self) -> float:
        return 2 * self.exact / (self.found + self.marked) if self.found + self.marked else 0.0


def _harmonic(one: float, two: float) -> float:
    return 2 * one * two / (one + two) if one + two else 0.0


def read_rows() -> list[Row]:
    """The marked rows.

    Raises:
        NoData: ../shared is not there.
    """
    messages = SHARED / "appeals" / "messages.csv"
    if not messages.exists():
        raise NoData("Рядом с проектом нет папки shared/data с настоящими сообщениями: мерить не на чем.")
    texts = {row["id"]: row["Текст Сообщения"] for row in _csv(messages)}
    marks: dict[str, list[Mark]] = {}
    for row in _csv(MARKS / "places.csv"):
        mark = Mark(int(row["start"]), int(row["end"]), row["type"], row["form"], row["canonical"])
        marks.setdefault(row["id"], []).append(mark)
    ids = [row["id"] for row in _csv(MARKS / "places-rows.csv")]
    return [
        Row(
            row_id, features.plain(texts[row_id]), tuple(marks.get(row_id, ())), is_test=number >= DEVELOPMENT
        )
        for number, row_id in enumerate(ids)
    ]


def region_gazetteer(more: Iterable[tuple[Place, tuple[str, ...]]] = ()) -> Gazetteer:
    """The region's towns out of GeoNames and the list of cities, and more places if given."""
    names: dict[str, list[str]] = {}
    for row in _csv(SHARED / "geo-geonames" / "places.csv"):
        if row["admin1code"] == _REGION:
            spellings = [
                name for name in row["cyrillic_names"].split("|") if re.fullmatch(r"[А-ЯЁа-яё -]+", name)
            ]
            for name in spellings:
                names.setdefault(small(name), [name])
    for row in _csv(SHARED / "geo-cities" / "city.csv"):
        if row["region"] == _REGION_NAME and row["city"]:
            names.setdefault(small(row["city"]), [row["city"]])
    towns = [
        (Place(name, "settlement", shown=name, guarded=is_guarded(name)), ()) for (name,) in names.values()
    ]
    return Gazetteer([*towns, *more])


def harvested() -> list[tuple[Place, tuple[str, ...]]]:
    """Places out of the region's messages that are not among the marked rows: as an archive would give."""
    marked = {row["id"] for row in _csv(MARKS / "places-rows.csv")}
    rows = _csv(SHARED / "appeals" / "messages.csv")
    texts = [row["Текст Сообщения"] for row in rows if row["id"] not in marked]
    return harvest(texts, PlaceFinder(gazetteer=region_gazetteer()))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def same_name(one: str, two: str) -> bool:
    return _bare(one) == _bare(two)


def _bare(name: str) -> str:
    return _TYPE_WORDS.sub("", small(name)).replace("-", " ").replace("  ", " ").strip()


def matches(found: Mention, mark: Mark) -> bool:
    overlap = found.start < mark.end and mark.start < found.end
    return overlap and found.type == mark.type and same_name(found.name, mark.name)


def score(
    rows: Iterable[Row], found: Mapping[str, Sequence[Mention]], *, kind: str = "", form: str = ""
) -> Score:
    """Counts over rows; of one type, or of one form of marks (then everything found stands in for precision)."""
    marked = all_found = right_found = right_marked = exact = 0
    for row in rows:
        marks = [mark for mark in row.marks if kind in {"", mark.type} and form in {"", mark.form}]
        mentions = [each for each in found[row.row_id] if kind in {"", each.type}]
        marked += len(marks)
        all_found += len(mentions)
        right_found += sum(any(matches(each, mark) for mark in marks) for each in mentions)
        right_marked += sum(any(matches(each, mark) for each in mentions) for mark in marks)
        exact += sum(
            any(matches(each, mark) and (each.start, each.end) == (mark.start, mark.end) for each in mentions)
            for mark in marks
        )
    return Score(marked, all_found, right_found, right_marked, exact)


def find_all(rows: Iterable[Row], finder: PlaceFinder) -> dict[str, list[Mention]]:
    return {row.row_id: finder.mentions(row.text) for row in rows}


def speed(rows: Sequence[Row], finder: PlaceFinder) -> tuple[float, float]:
    """Messages a second as they are, and microseconds for 250 characters; warm, one core, the best of five rounds."""
    texts = [row.text for row in rows]
    best = min(_seconds(texts, finder) for _ in range(_ROUNDS))
    return len(texts) / best, best / sum(map(len, texts)) * _LENGTH * 1e6


def _seconds(texts: Sequence[str], finder: PlaceFinder) -> float:
    started = time.process_time()
    for text in texts:
        finder.mentions(text)
    return time.process_time() - started


def _table(rows: Sequence[Row], found: Mapping[str, Sequence[Mention]]) -> Iterable[str]:
    parts = {
        "dev": [row for row in rows if not row.is_test],
        "test": [row for row in rows if row.is_test],
        "all": list(rows),
    }
    yield "rows  slice        marked  found precision  recall     F1 exact F1"
    for part, some in parts.items():
        for kind in ("", *_TYPES):
            one = score(some, found, kind=kind)
            yield (
                f"{part:5} {kind or 'every type':12} {one.marked:6} {one.found:6} "
                f"{one.precision:9.3f} {one.recall:7.3f} {one.f1:6.3f} {one.exact_f1:8.3f}"
            )
        for form in _FORMS:
            one = score(some, found, form=form)
            yield f"{part:5} {form:12} {one.marked:6} {'':6} {'':9} {one.recall:7.3f}"


def _errors(rows: Iterable[Row], found: Mapping[str, Sequence[Mention]]) -> Iterable[str]:
    for row in rows:
        if row.is_test:
            continue
        for mark in row.marks:
            if not any(matches(each, mark) for each in found[row.row_id]):
                yield f"{row.row_id} MISSED {mark.type} {mark.name} <- …{_around(row.text, mark.start, mark.end)}…"
        for each in found[row.row_id]:
            if not any(matches(each, mark) for mark in row.marks):
                yield f"{row.row_id} WRONG  {each.type} {each.name} <- …{_around(row.text, each.start, each.end)}…"


def _around(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - 30) : start]}[{text[start:end]}]{text[end : end + 20]}".replace("\n", " ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.places", description=__doc__)
    parser.add_argument(
        "--errors", action="store_true", help="what is wrong in the rows made with, never in the test"
    )
    parser.add_argument(
        "--harvest", action="store_true", help="with places out of the messages nobody marked"
    )
    arguments = parser.parse_args()
    try:
        rows = read_rows()
        finder = PlaceFinder(gazetteer=region_gazetteer(harvested() if arguments.harvest else ()))
    except (NoData, OSError) as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    found = find_all(rows, finder)
    lines = list(_errors(rows, found) if arguments.errors else _table(rows, found))
    if not arguments.errors:
        a_second, microseconds = speed(rows, finder)
        lines.append(
            f"{a_second:,.0f} messages a second on one core, warm; {microseconds:.0f} µs for {_LENGTH} characters"
        )
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
