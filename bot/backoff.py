"""How long to leave something alone that failed."""

import random
from datetime import timedelta
from typing import Final

_MOST_DOUBLINGS: Final = 16


def retry_delay(
    attempts: int,
    *,
    first: timedelta = timedelta(seconds=1),
    longest: timedelta = timedelta(minutes=1),
    asked: timedelta | None = None,
) -> timedelta:
    """The pause after `attempts` failures in a row (1, 2, …): `first`, doubled each time, up to `longest`.

    A quarter of it is chance, so that not everybody comes back at once; never less than was `asked` for.

    Raises:
        ValueError: `attempts` is less than 1.
    """
    if attempts < 1:
        raise ValueError("nothing has failed yet")
    pause: timedelta = min(first * 2 ** min(attempts - 1, _MOST_DOUBLINGS), longest)
    pause *= random.uniform(0.75, 1)  # noqa: S311 - spreading, not secrecy
    return max(pause, asked) if asked is not None else pause
