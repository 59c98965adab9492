"""The Graph API's error codes: what each asks of us.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting; 18, 104, 324 and 2500 are as client
libraries report them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from collectors.contract import Outcome


class Closes(StrEnum):
    """Which further calls would be refused too, until the wait is over."""

    NOTHING = ""
    APP = "app"  # every call of the application
    TOKEN = "token"  # noqa: S105 - every call of this token
    WRITES = "writes"  # every writing call of this token


@dataclass(frozen=True, slots=True)
class Verdict:
    """`unsure`: a writing call with this answer may have taken effect."""

    outcome: Outcome
    retry_after: timedelta | None = None
    unsure: bool = False
    closes: Closes = Closes.NOTHING


def _later(*, unsure: bool = False, closes: Closes = Closes.NOTHING, **wait: float) -> Verdict:
    return Verdict(Outcome.LATER, timedelta(**wait), unsure, closes)


TRANSIENT: Final = _later(minutes=1, unsure=True)
UNKNOWN: Final = _later(minutes=5, unsure=True)
NO_SUCH_OBJECT: Final = 33  # subcode of 100: the object is missing, or closed to us
_INVALID_PARAMETER: Final = 100
# Limits are counted over a rolling hour; the headers often know better (usage.py).
_LIMIT: Final = timedelta(minutes=15)
_TOKEN_SUBCODES: Final = frozenset({458, 459, 460, 463, 464, 467})

VERDICTS: Final[Mapping[int, Verdict]] = MappingProxyType(
    {
        1: _later(seconds=30, unsure=True),  # unknown error
        2: _later(minutes=1, unsure=True),  # service temporarily unavailable
        4: Verdict(Outcome.LATER, _LIMIT, closes=Closes.APP),  # too many calls of the application
        **dict.fromkeys(
            # of the user, the Page, the application; a custom limit; Pages' and Instagram's use cases
            (17, 32, 341, 613, 80001, 80002),
            Verdict(Outcome.LATER, _LIMIT, closes=Closes.TOKEN),
        ),
        368: _later(hours=6, closes=Closes.WRITES),  # blocked for a while: taken for abuse
        506: _later(minutes=1, unsure=True),  # a duplicate: our answer may stand there already
        # The application, its rights, its token, the session; 18: 30 hashtags a week are used up.
        **dict.fromkeys((3, 10, 18, 102, 104, 190, *range(200, 300)), Verdict(Outcome.STOP)),
        803: Verdict(Outcome.GONE),  # nothing has such a name
        324: Verdict(Outcome.REFUSED),  # the photo is missing or broken
        1609005: Verdict(Outcome.REFUSED),  # the link cannot be posted
        _INVALID_PARAMETER: Verdict(Outcome.NEVER),
        2500: Verdict(Outcome.NEVER),  # the path or the fields cannot be read
    }
)


def verdict(code: int, subcode: int | None = None, *, is_transient: bool = False) -> Verdict:
    """What to do about an error; one we have never heard of is tried again in 5 minutes."""
    if code == _INVALID_PARAMETER and subcode == NO_SUCH_OBJECT:
        return Verdict(Outcome.GONE)
    if subcode in _TOKEN_SUBCODES:
        return Verdict(Outcome.STOP)
    ruling = VERDICTS.get(code, UNKNOWN)
    # A limit is told as transient too, but it refuses before anything is done.
    if not is_transient or ruling.closes is not Closes.NOTHING:
        return ruling
    return replace(ruling, unsure=True) if ruling.outcome is Outcome.LATER else TRANSIENT
