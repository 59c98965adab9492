"""How good the shipped classifier is on rows of its own corpus it had not seen: `python -m classifier.evaluation`."""

import sys
from collections.abc import Iterator

from classifier.corpus_rows import lesson
from classifier.training import hold_out

_THRESHOLDS = (0.5, 0.6, 0.7, 0.8)


def evaluate() -> str:
    """A report in lines: accuracy of each head; at each threshold the share taken and the share of those right."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for name, head in hold_out(lesson()).items():
        yield f"{name}: {len(head.truth)} rows, {len(head.labels)} labels, accuracy {head.accuracy:.3f}"
        for threshold in _THRESHOLDS:
            coverage, right = head.above(threshold)
            yield f"  from {threshold}: takes {coverage:.3f}, right {right:.3f}"


if __name__ == "__main__":
    sys.stdout.write(evaluate() + "\n")
