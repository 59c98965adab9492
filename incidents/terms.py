"""How long something may take: a length of time ("24h", "7d"), or so many working days ("3wd").

A length is counted on a policy's calendar or in ordinary time, as the policy says where it uses it. Working
days end at a closing: «17:00 of the 3rd working day».
"""

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?\s*[smhd]\s*)+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_WORKING_DAYS: Final = re.compile(r"(\d{1,3})\s*wd")
_LONGEST_SECONDS: Final = 366 * 86400
_MOST_WORKING_DAYS: Final = 250  # a year has fewer


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Until the closing of the `days`-th working day."""

    days: int


def parse_duration(value: Any) -> timedelta:
    """A duration from the configuration: hours as a number, or "24h", "1h30m", "7d" (a day is 24 hours).

    Raises:
        ValueError: it is none of these, shorter than a second, or longer than 366 days.
    """
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        # An integer may be too large for a float; clipped, it is still refused below.
        seconds = max(-1, min(value, _LONGEST_SECONDS)) * 3600.0
    elif isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    else:
        raise ValueError(f'{value!r} is not a duration: write hours as a number, or "24h", "30m", "7d"')
    # `not …` and not the contrary comparison: NaN answers False to both.
    if not (math.isfinite(seconds) and 1 <= round(seconds) <= _LONGEST_SECONDS):
        raise ValueError(f"{value!r} is out of range: from one second to 366 days")
    return timedelta(seconds=round(seconds))


def format_duration(duration: timedelta) -> str:
    """The duration in its largest whole unit of "h", "m", "s": "24h", "90m". The code of a reminder step."""
    seconds = round(duration.total_seconds())
    unit = next(unit for unit in ("h", "m", "s") if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def parse_term(value: Any) -> timedelta | WorkingDays:
    """A duration, or working days: "7wd".

    Raises:
        ValueError: it is neither, or out of range.
    """
    if isinstance(value, WorkingDays):
        value = format_term(value)
    match = _WORKING_DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return parse_duration(value)
    days = int(match[1])
    if not 1 <= days <= _MOST_WORKING_DAYS:
        raise ValueError(f"{value!r} is out of range: from 1 to {_MOST_WORKING_DAYS} working days")
    return WorkingDays(days)


def format_term(term: timedelta | WorkingDays) -> str:
    """As "24h" or "7wd"."""
    return f"{term.days}wd" if isinstance(term, WorkingDays) else format_duration(term)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration)]
Term = Annotated[timedelta | WorkingDays, BeforeValidator(parse_term), PlainSerializer(format_term)]
