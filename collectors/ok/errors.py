"""Odnoklassniki's error codes: what each asks of us.

Source: https://apiok.ru/en/dev/errors and errors.py of pyodnoklassniki 1.0.0
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from collectors.contract import Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """`unsure`: OK itself may have failed half-way, so a writing call may have taken effect.

    `closes`: the method is not called again before `retry_after` has passed.
    """

    outcome: Outcome
    retry_after: timedelta | None = None
    unsure: bool = False
    closes: bool = False


UNKNOWN: Final = Verdict(Outcome.LATER, timedelta(minutes=5), unsure=True)

_WAITING: Final[Mapping[int, Verdict]] = {
    1: Verdict(Outcome.LATER, timedelta(seconds=30), unsure=True),  # unknown error
    2: Verdict(Outcome.LATER, timedelta(minutes=1), unsure=True),  # service temporarily unavailable
    7: Verdict(Outcome.LATER, timedelta(minutes=30), closes=True),  # action blocked for a while
    8: Verdict(Outcome.LATER, timedelta(minutes=10), closes=True),  # flood
    11: Verdict(Outcome.LATER, timedelta(hours=1), closes=True),  # limit of this method reached
    9999: Verdict(Outcome.LATER, timedelta(seconds=30), unsure=True),  # critical system error
}
_STOPPING: Final = (
    *(9, 10, 200, 210, 900),  # the address is blocked; a right is missing; the application is disabled
    *(101, 102, 103, 104, 105, 401, 453),  # the application's key, the session, the signature
    402,  # captcha
)
_GONE: Final = (140, 300, 455)
_REFUSED: Final = (454,)
_OUR_MISTAKE: Final = (3, 4, 21, 100, 110, 120, 130)

VERDICTS: Final[Mapping[int, Verdict]] = MappingProxyType(
    {
        **_WAITING,
        **dict.fromkeys(_STOPPING, Verdict(Outcome.STOP)),
        **dict.fromkeys(_GONE, Verdict(Outcome.GONE)),
        **dict.fromkeys(_REFUSED, Verdict(Outcome.REFUSED)),
        **dict.fromkeys(_OUR_MISTAKE, Verdict(Outcome.NEVER)),
    }
)


def verdict(code: int) -> Verdict:
    """What to do about `code`; one we have never heard of is tried again in 5 minutes."""
    return VERDICTS.get(code, UNKNOWN)
