"""How fast the shipped classifier is beside scikit-learn of the same features and beside the bare floor.

python -m benchmarks.speed [--rounds 9] [--core 0] [--data ../shared/data/appeals/messages.csv] [--write]

One run, one core, one BLAS thread; seconds of CPU, so that what else runs counts for little. What is compared is
measured in turns (A, B, A, B), and ratios are medians over the turns, so that a busy machine slows both sides alike.
The floor is what any reading of words costs: a regular expression and a look-up in a dictionary (performance.md, 1.1).
`--write` puts the table into docs/classifier/speed.md. Takes some three minutes.
"""

import argparse
import gc
import os
import random
import re
import resource
import statistics
import string
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from classifier import calibration, corpus_rows, features
from classifier.corpus_rows import Row
from classifier.exports import texts_of
from classifier.model import Model
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier
from classifier.shipped import QUESTIONS, learn_shipped
from classifier.table import TokenTable

BATCH = 512
WORDS = 25
_SEED = 1
_ALONE = 200  # messages read one by one in a turn
_TURN = 0.3  # seconds
_BATCHES = 6
_PAGE = Path(__file__).resolve().parents[1] / "docs" / "classifier" / "speed.md"
_WORD = re.compile(r"[а-яёa-z0-9]+")
_MARKS = ("<!-- table -->", "<!-- end -->")

Read = Callable[[Sequence[str]], object]
Times = list[float]
Pages = Sequence[Sequence[str]]


@dataclass(slots=True)
class Report:
    """Lines of the table, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        self.lines.append((name, value))
        print(f"{name:74} {value}", flush=True)  # noqa: T201

    def table(self) -> str:
        rows = "\n".join(f"| {name} | {value} |" for name, value in self.lines)
        return f"| what | figure |\n|---|---|\n{rows}"


class ScikitLearn:
    """The same features and heads as scikit-learn users put them together; dictionary and pieces are cached."""

    def __init__(self, rows: Sequence[Row]) -> None:
        pieces = lru_cache(maxsize=65_536)(features.grams)

        def lemmas(text: str) -> list[str]:
            return [features.lemma(token) for token in features.tokens_of(text)]

        def grams(text: str) -> list[str]:
            return [gram for token in features.tokens_of(text) for gram in pieces(token)]

        self.union = FeatureUnion(
            [
                ("lemmas", TfidfVectorizer(analyzer=lemmas)),
                ("grams", TfidfVectorizer(analyzer=grams, min_df=3)),
            ]
        )
        matrix = self.union.fit_transform([row.text for row in rows])
        self.heads = {}
        for question in QUESTIONS:
            taught = [number for number, row in enumerate(rows) if question.teaches(row)]
            truth = [question.answer(rows[number]) for number in taught]
            machine = LinearSVC(C=0.3, class_weight="balanced", random_state=0, tol=1e-2)
            self.heads[question.name] = machine.fit(matrix[taught], truth)

    def judge(self, texts: Sequence[str]) -> dict[str, Any]:
        matrix = self.union.transform(texts)
        return {name: head.predict(matrix) for name, head in self.heads.items()}


class Floor:
    """Regular expression, then `dict.get`."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._ids: dict[str, int] = {}
        for text in texts:
            for word in _WORD.findall(text.lower()):
                self._ids.setdefault(word, len(self._ids))

    def read(self, texts: Sequence[str]) -> list[list[int | None]]:
        find, get = _WORD.findall, self._ids.get
        return [list(map(get, find(text.lower()))) for text in texts]


class SameFloor(Floor):
    """The same with the tokens our model really reads."""

    def read(self, texts: Sequence[str]) -> list[list[int | None]]:
        get = self._ids.get
        return [list(map(get, features.tokens_of(text))) for text in texts]


def messages(rows: Sequence[Row]) -> list[str]:
    """Rows in a random but fixed order, joined and cut to messages of `WORDS` words."""
    texts = [row.text for row in rows]
    random.Random(_SEED).shuffle(texts)  # noqa: S311
    words = [word for text in texts for word in text.split()]
    return [" ".join(words[at : at + WORDS]) for at in range(0, len(words) - WORDS, WORDS)]


def in_turns(left: Read, right: Read, pages: Pages, rounds: int) -> tuple[Times, Times]:
    """Seconds a pass over `pages`, left and right in turns, who is first in turns too; a warming turn is not counted.

    A turn lasts at least `_TURN` seconds a side: what the other side left in the processor's cache counts for little.
    """
    repeat = {}
    for side in (left, right):
        begun = time.thread_time()
        _pass(side, pages)
        repeat[side] = max(1, round(_TURN / (time.thread_time() - begun)))
    taken: dict[Read, list[float]] = {left: [], right: []}
    gc.collect()
    for turn in range(rounds):
        for side in (left, right) if turn % 2 else (right, left):
            begun = time.thread_time()
            for _ in range(repeat[side]):
                _pass(side, pages)
            taken[side].append((time.thread_time() - begun) / repeat[side])
    return taken[left], taken[right]


def _pass(read: Read, pages: Pages) -> None:
    for page in pages:
        read(page)


def ratio(slow: Sequence[float], fast: Sequence[float]) -> str:
    """How many times faster: the median of the turns, and the least and the most."""
    each = [one / other for one, other in zip(slow, fast, strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f} … {max(each):.2f})"


def rate(count: int, taken: Sequence[float]) -> str:
    return f"{count / statistics.median(taken):,.0f} / s"


def compare(report: Report, title: str, sides: dict[str, Read], pages: Pages, rounds: int) -> None:
    """The first side against each of the others."""
    count = sum(map(len, pages))
    (model, read), *others = sides.items()
    own: list[float] = []
    for name, other in others:
        ours, theirs = in_turns(read, other, pages, rounds)
        own += ours
        report.add(f"{title}: {name}", rate(count, theirs))
        report.add(f"**{title}: {model} ÷ {name}**", f"**{ratio(theirs, ours)}**")
    report.add(f"{title}: {model}", rate(count, own))


def cold(report: Report, model: Model, texts: Sequence[str]) -> None:
    """An empty table; then texts it never met, the table warm with others."""
    half = len(texts) // 2
    table = TokenTable(model.vocabulary, model.weights)
    for name, part in (("empty table", texts[:half]), ("unseen texts, warm table", texts[half:])):
        features.lemma.cache_clear()
        plain_texts = features.plain_all(part)
        begun = time.thread_time()
        for at in range(0, len(plain_texts), BATCH):
            table.read(plain_texts[at : at + BATCH])
        report.add(f"{name}, batch {BATCH}", rate(len(part), [time.thread_time() - begun]))


def latency(report: Report, name: str, read: Read, texts: Sequence[str]) -> None:
    taken = []
    for text in texts:
        begun = time.thread_time()
        read([text])
        taken.append(1e6 * (time.thread_time() - begun))
    low, high = np.percentile(taken, [50, 99])
    report.add(f"{name}, one message: p50 / p99", f"{low:,.0f} / {high:,.0f} µs")


def memory(report: Report, model: Model) -> None:
    """What the table keeps, and what random words can make it keep."""
    words, taken = model.table.size
    scraps, _ = model.table.scraps
    report.add(
        "after all texts: words kept / scraps / bytes of rows",
        f"{words:,} / {scraps:,} / {taken / 2**20:.0f} MiB",
    )
    table = TokenTable(model.vocabulary, model.weights)
    tracemalloc.start()
    chosen = random.Random(_SEED)  # noqa: S311
    letters = "абвгдежзиклмнопрстуфхцчшщыэюя" + string.ascii_lowercase
    for _ in range(240):
        table.read(
            [" ".join("".join(chosen.choices(letters, k=12)) for _ in range(WORDS)) for _ in range(16)]
        )
    words, taken = table.size
    grown, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    report.add(
        "after 96,000 random words: words kept / bytes of rows", f"{words:,} / {taken / 2**20:.0f} MiB"
    )
    report.add("the same: all that it kept / peak", f"{grown / 2**20:.0f} / {peak / 2**20:.0f} MiB")
    report.add(
        "process at its peak (scikit-learn and its model included)",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB",
    )


def measure(*, rounds: int, data: Path | None) -> Report:
    """All of it, on the core and thread this process is held to."""
    rows, report = corpus_rows.lesson(), Report()
    model = learn_shipped(rows, model_id="speed", calibration=calibration.read())
    rival = ScikitLearn(rows)
    report.add(
        "rows learned from / features / columns",
        f"{len(rows):,} / {len(model.vocabulary):,} / {len(model.bias)}",
    )
    texts = messages(corpus_rows.filled_rows())
    cold(report, model, texts)
    sources = {f"corpus, {WORDS} words": texts}
    if data is not None and data.exists():
        sources["appeals as they are"] = texts_of(data)
    for title, every in sources.items():
        some = every[: _BATCHES * BATCH]
        batches = [some[at : at + BATCH] for at in range(0, len(some) - BATCH + 1, BATCH)]
        alone = [[text] for text in some[:_ALONE]]
        reader = replace(model)  # a table of its own
        whole = ModelClassifier(reader, PlaceFinder())
        floors: dict[str, Read] = {
            "floor": Floor(some).read,
            "floor of the same tokens": SameFloor(some).read,
        }
        for way, pages in ((f"batch {BATCH}", batches), ("one by one", alone)):
            sides: dict[str, Read] = {"model": reader.judge, "scikit-learn": rival.judge, **floors}
            compare(report, f"{title}, {way}", sides, pages, rounds)
            compare(
                report,
                f"{title}, {way}",
                {"whole classify": whole.classify, "scikit-learn": rival.judge},
                pages,
                rounds,
            )
        for name, read in (("model", reader.judge), ("whole classify", whole.classify)):
            latency(report, f"{title}: {name}", read, some)
    ours, theirs = model.judge(texts)[0], rival.judge(texts)
    for question in QUESTIONS:
        found = np.array(model.heads[question.name].labels)[ours[question.name].argmax(axis=1)]
        report.add(
            f"same answer as scikit-learn: {question.name}", f"{(found == theirs[question.name]).mean():.3f}"
        )
    memory(report, model)
    return report


def main() -> None:
    """Print the table; write it if asked."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--core", type=int, default=0)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data/appeals/messages.csv"))
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {given.core})
    with threadpool_limits(1):
        report = measure(rounds=given.rounds, data=given.data)
    if given.write:
        before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_MARKS[0])
        after = rest.partition(_MARKS[1])[2]
        page = f"{before}{_MARKS[0]}\n\n{report.table()}\n\n{_MARKS[1]}{after}"
        _PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
