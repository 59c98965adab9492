"""The place finder against real messages: only where ../shared is there."""

import subprocess
import sys

import pytest

from benchmarks import places
from classifier.place import PlaceFinder

_LEAST = 0.85


@pytest.fixture(scope="module")
def rows() -> list[places.Row]:
    try:
        return places.read_rows()
    except places.NoData as reason:
        pytest.skip(str(reason))


def test_the_promise_is_kept_on_all_marks(rows: list[places.Row]) -> None:
    found = places.find_all(rows, PlaceFinder(gazetteer=places.region_gazetteer()))
    assert sum(len(row.marks) for row in rows) >= 300
    assert places.score(rows, found).f1 >= _LEAST


def test_with_places_out_of_the_regions_archive_it_is_kept_on_rows_nobody_looked_at(
    rows: list[places.Row],
) -> None:
    found = places.find_all(rows, PlaceFinder(gazetteer=places.region_gazetteer(places.harvested())))
    assert places.score([row for row in rows if row.is_test], found).f1 >= _LEAST


def test_marks_lie_in_the_texts_they_belong_to(rows: list[places.Row]) -> None:
    for row in rows:
        for mark in row.marks:
            assert 0 <= mark.start < mark.end <= len(row.text)


def test_marks_hold_no_house_numbers() -> None:
    header = (places.MARKS / "places.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "id,start,end,type,form,canonical,has_house"


def test_without_real_messages_the_benchmark_says_so() -> None:
    code = (
        "import sys; from pathlib import Path; from benchmarks import places; sys.argv = ['places'];"
        "places.SHARED = Path('nowhere'); sys.exit(places.main())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=places.ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert "мерить не на чем" in ran.stderr
    assert "Traceback" not in ran.stderr
