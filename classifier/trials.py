"""Champion against challenger: both judge the same rows, which neither has learned from."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

LARGE: Final = 10
"""Judged rows from which a class has a say of its own."""

DOUBT: Final = 0.1
"""A loss that bad luck alone would bring less often than this counts as one."""


class Verdict(StrEnum):
    PROMOTED = "promoted"
    REJECTED = "rejected"
    TOO_FEW = "too_few"  # nothing was learned: too few new posts to judge by


@dataclass(frozen=True, slots=True)
class Contest:
    """One question. `champion`, `challenger`: how many of `rows` each got right.

    `broken`: rows only the champion got right; `mended`: rows only the challenger did.
    `worse`: large classes in which the challenger lost more rows than luck explains. `classes`: of the large ones,
    rows, right by the champion, right by the challenger.
    """

    rows: int
    champion: int
    challenger: int
    broken: int
    mended: int
    worse: tuple[str, ...]
    classes: Mapping[str, tuple[int, int, int]]

    @property
    def is_lost(self) -> bool:
        """As a whole, or in a large class."""
        return bool(self.worse) or is_worse(self.broken, self.mended)

    def told(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "rows": self.rows,
            "champion": self.champion,
            "challenger": self.challenger,
            "worse": list(self.worse),
            "classes": {name: list(counts) for name, counts in self.classes.items()},
        }


def contest(truth: Sequence[str], champion: Sequence[str], challenger: Sequence[str]) -> Contest:
    """How the two did, all rows and class by class; a row is of the class that is true of it."""
    right: Counter[str] = Counter()
    better: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    for true, old, new in zip(truth, champion, challenger, strict=True):
        right[true] += old == true
        better[true] += new == true
        broken[true] += old == true != new
        mended[true] += new == true != old
    large = {name: rows for name, rows in sorted(Counter(truth).items()) if rows >= LARGE}
    return Contest(
        rows=len(truth),
        champion=right.total(),
        challenger=better.total(),
        broken=broken.total(),
        mended=mended.total(),
        worse=tuple(name for name in large if is_worse(broken[name], mended[name])),
        classes={name: (rows, right[name], better[name]) for name, rows in large.items()},
    )


def is_worse(broken: int, mended: int) -> bool:
    """McNemar's exact test, one-sided: of the rows on which the two differ, so many were lost by no bad luck."""
    if broken <= mended:
        return False
    differ = broken + mended
    chance: float = sum(math.comb(differ, lost) for lost in range(broken, differ + 1)) / 2**differ
    return chance < DOUBT
