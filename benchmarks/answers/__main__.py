"""`python -m benchmarks.answers [--errors HALF]`: precision and recall of each check, and how fast they are."""

import argparse
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.answers.measuring import HALVES, Row, Score, read, scores, spoken
from incidents.answer_checks import PERSONAL, Code, Draft, check
from incidents.answer_checks.findings import LONGEST

_ROUNDS: Final = 5


def main() -> None:
    """Raises: SystemExit: the arguments are wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument(
        "--errors", choices=HALVES, help="print the answers of the half that were judged wrongly"
    )
    half = parser.parse_args().errors
    rows = read()
    if half:
        _print_errors([row for row in rows if row.half == half])
    else:
        _print_scores(rows)
        _print_speed(rows)


def _print_scores(rows: Sequence[Row]) -> None:
    groups = {half: [row for row in rows if row.half == half] for half in HALVES} | {"all": rows}
    print(", ".join(f"{name}: {len(group)} answers" for name, group in groups.items()))  # noqa: T201 - a command
    print(f"{'':16}" + "".join(f"{name + ' P':>9}{name + ' R':>9}{'(n)':>6}" for name in groups))  # noqa: T201
    measured = {name: scores(group) for name, group in groups.items()}
    for code in (*PERSONAL, *(one for one in Code if one not in PERSONAL)):
        print(f"{code.value:16}" + "".join(_cells(measured[name][code]) for name in groups))  # noqa: T201


def _cells(score: Score) -> str:
    return f"{score.precision:9.3f}{score.recall:9.3f}{score.right + score.missed:6}"


def _print_errors(rows: Sequence[Row]) -> None:
    for row in rows:
        found = spoken(row)
        if found != row.labels:
            extra = ",".join(sorted(found - row.labels)) or "-"
            lacking = ",".join(sorted(row.labels - found)) or "-"
            print(f"+{extra} -{lacking}: {row.draft.text}")  # noqa: T201


def _print_speed(rows: Sequence[Row]) -> None:
    """Processor time, the fastest of a few rounds: others use the machine as well."""
    everyday = min(_seconds([row.draft for row in rows]) for _ in range(_ROUNDS)) / len(rows)
    text = "\n".join(row.draft.text for row in rows)
    longest = Draft((text * (LONGEST // len(text) + 1))[:LONGEST], recent=rows[-1].draft.recent)
    long = min(_seconds([longest]) for _ in range(_ROUNDS))
    print(f"{everyday * 1e6:.0f} µs an answer; {LONGEST} characters: {long * 1e3:.1f} ms")  # noqa: T201


def _seconds(drafts: Sequence[Draft]) -> float:
    started = time.process_time()
    for draft in drafts:
        check(draft)
    return time.process_time() - started


if __name__ == "__main__":
    main()
