"""VK's error codes: what each asks of us.

Source: https://dev.vk.com/ru/reference/errors and errors.json of VKCOM/vk-api-schema (5.199).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from collectors.contract import Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """`unsure`: VK itself may have failed half-way, so a writing call may have taken effect."""

    outcome: Outcome
    retry_after: timedelta | None = None
    unsure: bool = False


def _later(*, unsure: bool = False, **wait: float) -> Verdict:
    return Verdict(Outcome.LATER, timedelta(**wait), unsure)


TOO_FAST: Final = 6
RATE_LIMIT: Final = 29
UNKNOWN: Final = _later(minutes=5, unsure=True)

_WAITING: Final[Mapping[int, Verdict]] = {
    1: _later(seconds=30, unsure=True),  # unknown error
    TOO_FAST: _later(seconds=5),  # too many requests per second
    9: _later(minutes=10),  # flood control: the same action too often
    10: _later(seconds=30, unsure=True),  # internal server error
    13: _later(minutes=1, unsure=True),  # runtime error during the call
    RATE_LIMIT: _later(hours=3),  # quota of this method for a period
    32: _later(minutes=1),  # need wait
    36: _later(minutes=1, unsure=True),  # interrupted by VK's own time-out
    43: _later(minutes=5),  # section temporarily unavailable
    601: _later(hours=24),  # too many actions this day
    1105: _later(hours=1),  # too many auth attempts
}

_STOPPING: Final = (
    *(2, 4, 5, 11, 16, 20, 21, 23, 27, 28, 34, 35, 37, 38, 41, 42, 101),  # the application or its token
    *(14, 17, 24, 25, 3300, 3301, 3302, 3303, 3304, 11500),  # a person must confirm
    *(1114, 1116, 1117, 1118, 3609, 3610, 3611),  # the token has ended
)
_GONE: Final = (7, 15, 18, 19, 30, 39, 40, 104, 183, 203, 210, 211, 212, 213, 214)
_REFUSED: Final = (222, 223, 914)
_OUR_MISTAKE: Final = (3, 8, 12, 33, 100, 103, 113, 125, 9999)

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
