"""Faults by script: what goes wrong with the next calls."""

from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = frozenset({"error", "delay", "hang", "garbage", "cut", "status", "empty", "endless"})
_WORK_FIRST: Final = frozenset({"delay", "hang", "cut", "endless"})

# The names one matrix has for every network (`what`), and what they are here.
NAMED: Final[dict[str, dict[str, Any]]] = {
    "429": {"kind": "status", "code": 429},
    "http_500": {"kind": "status", "code": 500},
    "expired_token": {"kind": "error", "code": 102},
    "revoked_rights": {"kind": "error", "code": 10},
    "200_with_error": {"kind": "error", "code": 9999},
    "flood": {"kind": "error", "code": 8},
    "captcha": {"kind": "error", "code": 402},
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
    """`kind`: error (`code`) · delay (`seconds`) · hang, never answers (`seconds` at most) · garbage · cut ·
    status (HTTP, `code`) · empty · endless (the same page for ever, each time with a new anchor). `times` calls
    of `method` ("*": any) suffer; -1: all of them. `after_work`: the call takes effect before its answer is
    spoilt. `skip` calls pass unharmed first.
    """

    kind: str
    method: str = "*"
    code: int = 9999
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
        usual = {
            "after_work": wanted["kind"] in _WORK_FIRST,
            "code": 502 if wanted["kind"] == "status" else 9999,
        }
        try:
            fault = Fault(**{**usual, **wanted})
        except TypeError as error:
            raise BadFault(str(error)) from None
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, method: str) -> Fault | None:
        """The fault this call suffers, if any."""
        for fault in self._waiting:
            if fault.method not in {"*", method}:
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
