"""X's refusals: what each asks of us.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors and the problems of X's OpenAPI. The words
of the 403 that refuses a reply nobody asked for are not documented: what is neither rights nor a double is taken
for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import httpx

from collectors.contract import Outcome

BROKEN_ANSWER: Final = timedelta(minutes=1)
NO_RESET: Final = timedelta(seconds=60)  # a 429 that does not say when
UNKNOWN: Final = timedelta(minutes=5)


class Trouble(StrEnum):
    """What the callers tell apart besides the outcome."""

    OTHER = "other"
    DUPLICATE = "duplicate"  # the same words were published already
    BAD_REQUEST = "bad_request"  # 400: a cursor may have grown too old
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`certain`: it is X itself that refused, so a writing call took no effect."""

    outcome: Outcome
    retry_after: timedelta | None = None
    certain: bool = True
    trouble: Trouble = Trouble.OTHER


_STOP: Final = Verdict(Outcome.STOP)
_GONE: Final = Verdict(Outcome.GONE)
_BY_TYPE: Final[Mapping[str, Verdict]] = {
    "usage-capped": _STOP,
    "client-forbidden": _STOP,
    "client-disconnected": Verdict(Outcome.LATER, BROKEN_ANSWER),
    "unsupported-authentication": _STOP,
    "not-authorized-for-field": Verdict(Outcome.NEVER),
    "field-unauthorized": Verdict(Outcome.NEVER),
    "not-authorized-for-resource": _GONE,
    "resource-not-found": _GONE,
    "resource-unavailable": _GONE,
    "disallowed-resource": _GONE,
    "invalid-request": Verdict(Outcome.NEVER, trouble=Trouble.BAD_REQUEST),
    "internal-error": Verdict(Outcome.LATER, BROKEN_ANSWER, certain=False),
    "field-hydration-failure": Verdict(Outcome.LATER, BROKEN_ANSWER, certain=False),
    "conflict": Verdict(Outcome.LATER, BROKEN_ANSWER),
}
# As users of client libraries quote them; asked of writing calls only, in this order.
_BY_WORDS: Final[tuple[tuple[str, Verdict], ...]] = (
    ("duplicate", Verdict(Outcome.REFUSED, trouble=Trouble.DUPLICATE)),
    ("deleted or not visible", _GONE),
    ("restricted who can reply", _GONE),
    ("too long", Verdict(Outcome.REFUSED)),
    ("permitted to perform this action", _STOP),
    ("oauth1 app permissions", _STOP),
    ("suspended", _STOP),
    ("temporarily locked", _STOP),
    ("daily limit", Verdict(Outcome.LATER, timedelta(hours=1))),
    ("unsupported authentication", _STOP),
)
_BY_STATUS: Final[Mapping[int, Verdict]] = {
    400: Verdict(Outcome.NEVER, trouble=Trouble.BAD_REQUEST),
    401: _STOP,
    402: _STOP,  # no credits left
    403: _STOP,
    404: _GONE,
    409: Verdict(Outcome.LATER, BROKEN_ANSWER),
    410: Verdict(Outcome.NEVER),
    413: Verdict(Outcome.REFUSED),
    415: Verdict(Outcome.NEVER),
    422: Verdict(Outcome.NEVER),
}


def verdict(status: int, problem: Mapping[str, object], *, writes: bool, reset: timedelta | None) -> Verdict:
    """What to do about an answer with HTTP `status`.

    `problem`: the problem's JSON, {} where the body was none. `reset`: how long until the limit opens, if a
    header told.
    """
    kind = str(problem.get("type", "")).rpartition("/")[2]
    if status == httpx.codes.TOO_MANY_REQUESTS and kind != "usage-capped":
        # A 429 without X's own JSON may be a proxy's.
        return Verdict(Outcome.LATER, reset or NO_RESET, bool(problem), Trouble.RATE)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status < httpx.codes.BAD_REQUEST:
        return Verdict(Outcome.LATER, reset or BROKEN_ANSWER, certain=False)
    words = f"{problem.get('title', '')} {problem.get('detail', '')}".lower()
    if writes:
        for part, ruling in _BY_WORDS:
            if part in words:
                return ruling
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if writes and status == httpx.codes.FORBIDDEN and problem:
        return Verdict(Outcome.BY_HAND)  # above all: a reply nobody has asked this account for
    return _BY_STATUS.get(status, Verdict(Outcome.LATER, UNKNOWN, certain=False))
