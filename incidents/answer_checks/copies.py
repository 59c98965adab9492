"""Whether an answer is one of the last ones again: the same words in the same order, but for a few."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final

SIMILAR: Final = 0.95
RECENT: Final = 50
"""How many of the body's last answers are looked at."""

_READ: Final = 4000  # characters of each: a copy shows itself at once
_SHORTEST: Final = 12  # words; «Спасибо за сигнал!» is nobody's
_PAIRS: Final = 0.85  # so much of the order must be the same as well
_SHORTER, _LONGER = 0.8, 1.25
_WORD: Final = re.compile(r"[а-яёa-z0-9]+")


def similarity(one: str, two: str) -> float:
    """Dice's coefficient of the words, from 0 to 1; 0 where their order differs."""
    first, second = _bags(one[:_READ]), _bags(two[:_READ])
    return _dice(first[0], second[0]) if _dice(first[1], second[1]) >= _PAIRS else 0.0


def is_copy(text: str, recent: Iterable[str]) -> bool:
    words, _ = _bags(text[:_READ])
    length = words.total()
    if length < _SHORTEST:
        return False
    for other in recent:
        # So much shorter or longer, it cannot be similar: not even counted.
        if _SHORTER * len(text) <= len(other) <= _LONGER * len(text) and similarity(text, other) >= SIMILAR:
            return True
    return False


def _dice(one: Counter[str], two: Counter[str]) -> float:
    total = one.total() + two.total()
    return 2 * (one & two).total() / total if total else 0.0


@lru_cache(maxsize=256)
def _bags(text: str) -> tuple[Counter[str], Counter[str]]:
    words = _WORD.findall(text.casefold())
    return Counter(words), Counter(map(" ".join, pairwise(words)))
