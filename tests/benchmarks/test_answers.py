"""The answer checks keep what is promised of them: recall on personal data, and floors just below what is measured."""

import pytest

from benchmarks.answers.__main__ import main
from benchmarks.answers.measuring import HALVES, Row, read, scores, spoken
from incidents.answer_checks import PERSONAL, Code

ROWS = read()
SCORES = scores(ROWS)
HELD_OUT = [row for row in ROWS if row.half == "B"]
PROMISED = 0.95
# Precision and recall over all the answers, just below what was measured.
FLOORS = {
    Code.NO_SUBSTANCE: (0.90, 0.95),
    Code.NO_DATE: (0.92, 0.91),
    Code.NO_PROOF: (0.80, 0.94),
    Code.BARE_INTERIM: (0.99, 0.99),
    Code.STOP_PHRASE: (0.92, 0.99),
    Code.CITATIONS: (0.90, 0.99),
    Code.ABBREVIATION: (0.92, 0.99),
    Code.OFFICIAL_SPEAK: (0.99, 0.99),
    Code.TEMPLATE_COPY: (0.99, 0.99),
    Code.TOO_LONG: (0.99, 0.99),
    Code.NO_SIGNATURE: (0.99, 0.99),
    Code.SIGNED_TWICE: (0.99, 0.99),
    Code.LINKS: (0.80, 0.99),
    **dict.fromkeys(PERSONAL, (0.96, 0.96)),
}


def named_and_ill(rows: list[Row]) -> list[Row]:
    return [row for row in rows if {Code.FULL_NAME, Code.SENSITIVE} <= row.labels]


def test_there_are_enough_answers_of_every_sort() -> None:
    assert len(ROWS) >= 260
    assert len(HELD_OUT) >= 200
    for code in (Code.PHONE, Code.FLAT, Code.DOCUMENT):
        assert sum(code in row.labels for row in HELD_OUT) >= 18
    assert len(named_and_ill(HELD_OUT)) >= 15
    assert {row.half for row in ROWS} == set(HALVES)


@pytest.mark.parametrize("code", [Code.PHONE, Code.FLAT, Code.DOCUMENT])
@pytest.mark.parametrize("half", ["B", "all"])
def test_the_promise_on_personal_data(code: Code, half: str) -> None:
    measured = scores(HELD_OUT if half == "B" else ROWS)[code]
    assert measured.recall >= PROMISED


@pytest.mark.parametrize("half", ["B", "all"])
def test_a_name_with_an_illness_is_stopped(half: str) -> None:
    """One of the two checks is enough to stop the answer."""
    rows = named_and_ill(HELD_OUT if half == "B" else ROWS)
    stopped = [row for row in rows if spoken(row) & {Code.FULL_NAME, Code.SENSITIVE}]
    assert len(stopped) >= PROMISED * len(rows)


@pytest.mark.parametrize("code", list(Code))
def test_no_check_falls_below_its_floor(code: Code) -> None:
    precision, recall = FLOORS[code]
    assert SCORES[code].precision >= precision
    assert SCORES[code].recall >= recall


def test_good_answers_are_left_alone() -> None:
    good = [row for row in ROWS if row.kind == "good"]
    spoken_of = [row.draft.text for row in good if spoken(row)]
    assert len(good) >= 40
    assert len(spoken_of) <= 0.1 * len(good)


def test_no_answer_stands_twice_but_as_a_copy() -> None:
    texts = [row.draft.text for row in ROWS if Code.TEMPLATE_COPY not in row.labels]
    assert len(texts) == len(set(texts))


def test_the_command_prints_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.answers"])
    main()
    printed = capsys.readouterr().out
    assert printed.startswith("A: ")
    assert all(code.value in printed for code in Code)
    assert "µs an answer" in printed
