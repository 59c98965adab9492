"""Stretches of one day as people write them: "08:00-17:00"."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

Minutes = tuple[int, int]  # since local midnight: opens, closes; 1440 is 24:00

_DAY_MINUTES: Final = 24 * 60
_INTERVAL: Final = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")


def parse_interval(text: str) -> Minutes:
    """The two ends of "08:00-17:00" in minutes since midnight, in any order; the end may be 24:00.

    Raises:
        ValueError: it is not two times of a day.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an interval such as 08:00-17:00")
    hour, minute, to_hour, to_minute = map(int, match.groups())
    opens, closes = hour * 60 + minute, to_hour * 60 + to_minute
    if opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise ValueError(f"{text!r}: a day runs from 00:00 to 24:00")
    return opens, closes


def format_interval(minutes: Minutes) -> str:
    """The interval as "08:00-17:00"."""
    (hour, minute), (to_hour, to_minute) = (divmod(edge, 60) for edge in minutes)
    return f"{hour:02}:{minute:02}-{to_hour:02}:{to_minute:02}"


def in_order(intervals: tuple[str, ...]) -> tuple[str, ...]:
    """The intervals of one day as they are stored.

    Raises:
        ValueError: one is none, ends before it begins, or overlaps the one before it.
    """
    parsed = [parse_interval(text) for text in intervals]
    previous = 0
    for opens, closes in parsed:
        shown = format_interval((opens, closes))
        if closes <= opens:
            raise ValueError(
                f"{shown} ends before it begins; a night shift is 22:00-24:00 and 00:00-06:00 of the next day"
            )
        if opens < previous:
            raise ValueError(f"{shown} overlaps the interval before it, or stands out of order")
        previous = closes
    return tuple(map(format_interval, parsed))


Intervals = Annotated[tuple[str, ...], AfterValidator(in_order)]
