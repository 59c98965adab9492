"""Faults by script: what goes wrong with the next calls."""

from dataclasses import dataclass
from typing import Any, Final

from sandbox.x.problems import (
    LOCKED,
    Problem,
    client_forbidden,
    forbidden,
    too_many,
    unauthorized,
    usage_capped,
)

KINDS: Final = frozenset(
    {"error", "delay", "hang", "garbage", "cut", "status", "empty", "endless", "partial"}
)
_WORK_FIRST: Final = frozenset({"delay", "hang", "cut", "endless", "partial"})

# What an `error` may be, by name.
ERRORS: Final[dict[str, Problem]] = {
    "unauthorized": unauthorized(),
    "client_forbidden": client_forbidden(),
    "usage_capped": usage_capped(),
    "too_many": too_many(),
    "locked": forbidden(LOCKED),
    "no_permission": forbidden("You are not permitted to perform this action."),
    "internal": Problem(200, "Internal Error", "Something broke on our side.", "internal-error"),
}
# The names one matrix has for every network (`what`), and what they are here.
NAMED: Final[dict[str, dict[str, Any]]] = {
    "429": {"kind": "error", "error": "too_many"},
    "http_500": {"kind": "status", "code": 500},
    "expired_token": {"kind": "error", "error": "unauthorized"},
    "revoked_rights": {"kind": "error", "error": "client_forbidden"},
    "200_with_error": {"kind": "error", "error": "internal"},
    "usage_capped": {"kind": "error", "error": "usage_capped"},
    "flood": {"kind": "error", "error": "too_many"},
    "captcha": {"kind": "error", "error": "locked"},
    "garbage": {"kind": "garbage"},
    "cut_body": {"kind": "cut"},
    "endless_cursor": {"kind": "endless"},
    "slow": {"kind": "delay", "seconds": 0.2},
    "done_then_timeout": {"kind": "hang", "after_work": True},
}


class BadFault(ValueError):
    """No such fault can be ordered."""


@dataclass(slots=True)
class Fault:
    """`kind`: error (`error`, a name of ERRORS) · delay (`seconds`) · hang, never answers (`seconds` at most) ·
    garbage · cut · status (HTTP, `code`) · empty · endless (the same page for ever, each time with a new token) ·
    partial (an `errors` beside the data). `times` calls of `method` ("*": any; "/2/tweets"; "POST /2/tweets";
    numbers in paths are ":id") suffer; -1: all of them. `after_work`: the call takes effect before its answer is
    spoilt. `skip` calls pass unharmed first.
    """

    kind: str
    method: str = "*"
    error: str = "internal"
    code: int = 502
    seconds: float = 0.0
    times: int = 1
    skip: int = 0
    after_work: bool = False


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def order(self, script: dict[str, Any]) -> Fault:
        """Add one fault: {kind | what, method? | path?, …}, see `Fault` and `NAMED`.

        Raises:
            BadFault: unknown kind, name or key.
        """
        wanted = dict(script)
        if "what" in wanted:
            if wanted["what"] not in NAMED:
                raise BadFault(f"what must be one of {', '.join(sorted(NAMED))}")
            wanted = {**NAMED[wanted.pop("what")], **wanted}
        if "path" in wanted:
            wanted["method"] = wanted.pop("path")
        if wanted.get("kind") not in KINDS:
            raise BadFault(f"kind must be one of {', '.join(sorted(KINDS))}")
        if wanted.get("error", "internal") not in ERRORS:
            raise BadFault(f"error must be one of {', '.join(sorted(ERRORS))}")
        try:
            fault = Fault(**{"after_work": wanted["kind"] in _WORK_FIRST, **wanted})
        except TypeError as error:
            raise BadFault(str(error)) from None
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, name: str) -> Fault | None:
        """The fault this call suffers, if any. `name`: "POST /2/tweets"."""
        for fault in self._waiting:
            if fault.method not in {"*", name, name.partition(" ")[2]}:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times > 0:
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
            return fault
        return None
