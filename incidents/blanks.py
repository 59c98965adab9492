"""The blanks of a template, "{number}", and what fills them. Pure.

What the incident does not say becomes `EMPTY`, and an answer with that in it is not sent.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from incidents.calendars import Calendar
from incidents.control_dates import is_working
from incidents.errors import IncidentError

EMPTY: Final = "____"
KNOWN: Final = ("number", "date", "date+3", "place", "topic", "body", "signature", "official")

_BLANK: Final = re.compile(r"\{([^{}\n]{0,40})\}")
_DAYS_ON: Final = re.compile(r"date\+([1-9]\d?)", re.ASCII)
_ONE_DAY: Final = timedelta(days=1)


class UnknownBlank(IncidentError):
    """A template asks for what no incident has; says what there is."""

    text_key = "refused.unknown_blank"

    def __init__(self, *, blank: str) -> None:
        super().__init__(f"there is no blank {blank!r}")
        self.blank = blank
        self.known = " ".join(f"{{{name}}}" for name in KNOWN)


class BlanksLeft(IncidentError):
    """The answer still has empty places."""

    text_key = "refused.blanks_left"

    def __init__(self) -> None:
        super().__init__("the answer has empty places")
        self.empty = EMPTY


def check(text: str) -> None:
    """Raises: UnknownBlank."""
    for found in _BLANK.finditer(text):
        if found[1] not in KNOWN and _DAYS_ON.fullmatch(found[1]) is None:
            raise UnknownBlank(blank=found[0])


def fill(text: str, values: Mapping[str, str], *, today: date, calendar: Calendar) -> str:
    """The template with its blanks filled; what stands in `values` is never looked into for blanks.

    "{date+3}" is three working days after `today`.
    """

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if name == "date":
            return _shown(today)
        if days := _DAYS_ON.fullmatch(name):
            return _shown(working_day_after(today, int(days[1]), calendar))
        return values.get(name, "").strip() or EMPTY

    return _BLANK.sub(filled, text)


def working_day_after(day: date, number: int, calendar: Calendar) -> date:
    """The `number`-th working day after this one."""
    while number:
        day += _ONE_DAY
        number -= is_working(day, calendar)
    return day


def _shown(day: date) -> str:
    return f"{day:%d.%m.%Y}"
