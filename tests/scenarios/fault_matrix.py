"""Every fault in every network, one at a time, while the others go on: `python -m tests.scenarios.fault_matrix`.

A row is a fault and where it strikes: while the program reads, or while it answers. A column is a network. In each
cell the whole program (collectors, database, publication desk) runs against the sandboxes of all networks, each of
which has a resident's message waiting; only the column's network is ill. What a cell shows is what the network's
folder made of the fault (the outcomes of design.md, rule 6), and what became of the answer:

    later, stop   tried again, after a while or rarely; then stored, and answered once
    … · person    the network has no key against doubles and the answer is not to be seen: a person decides
    gone          the message is gone; nothing is published
    ends          the reading came to its end by itself
    –             the network has no such thing
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import cpu_count, get_context
from typing import Final

from tests.scenarios.fault_cells import ROWS, CellFailedError, Row, Swap, play
from tests.scenarios.network_lines import LINES

FAIL: Final = "FAIL"


@dataclass(frozen=True)
class Shown:
    """`why` a cell has failed; "" if it has not."""

    words: str
    why: str = ""


def column(network: str, rows: Sequence[Row] = ROWS, publisher: Swap | None = None) -> list[Shown]:
    """The cells of one network, top to bottom."""
    logging.disable(logging.CRITICAL)  # everything here goes wrong on purpose
    try:
        return [_shown(row, network, publisher) for row in rows]
    finally:
        logging.disable(logging.NOTSET)


def _shown(row: Row, network: str, publisher: Swap | None) -> Shown:
    try:
        return Shown(asyncio.run(play(row, network, publisher=publisher)))
    except CellFailedError as error:
        return Shown(FAIL, str(error))
    except Exception as error:  # noqa: BLE001 - whatever broke, the other cells are still to be seen
        return Shown(FAIL, f"{type(error).__name__}: {error}")


def table(titles: Sequence[str], rows: Sequence[Row], columns: Sequence[Sequence[Shown]]) -> str:
    first = max(len(row.full_title) for row in rows)
    width = max(len(shown.words) for cells in columns for shown in cells)
    width = max(width, *map(len, titles))
    lines = [f"{'':{first}}  " + "  ".join(f"{title:{width}}" for title in titles)]
    for at, row in enumerate(rows):
        cells = "  ".join(f"{cells[at].words:{width}}" for cells in columns)
        lines.append(f"{row.full_title:{first}}  {cells}")
    return "\n".join(line.rstrip() for line in lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a cell has failed."""
    titles = {kind.network.name: kind.network.title for kind in LINES}
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios.fault_matrix", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--network", choices=tuple(titles), action="append", help="this column only")
    parser.add_argument("--fault", choices=sorted({row.what for row in ROWS}), action="append")
    parser.add_argument("--jobs", type=int, default=min(cpu_count(), len(titles)), help="columns at a time")
    options = parser.parse_args(argv)
    networks = options.network or list(titles)
    rows = [row for row in ROWS if not options.fault or row.what in options.fault]
    began = time.monotonic()
    columns = _columns(networks, rows, jobs=options.jobs)
    failed = [
        f"{FAIL} {network}: {row.full_title}: {shown.why}"
        for network, cells in zip(networks, columns, strict=True)
        for row, shown in zip(rows, cells, strict=True)
        if shown.words == FAIL
    ]
    seconds = time.monotonic() - began
    summary = f"{len(rows) * len(networks)} cells, {len(failed)} failed, {seconds:.0f} s"
    sys.stdout.write(
        "\n".join([table([titles[one] for one in networks], rows, columns), "", *failed, summary, ""])
    )
    return 1 if failed else 0


def _columns(networks: Sequence[str], rows: Sequence[Row], *, jobs: int) -> list[list[Shown]]:
    if jobs <= 1:
        return [column(network, rows) for network in networks]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(column, networks, [rows] * len(networks)))


if __name__ == "__main__":
    sys.exit(main())
