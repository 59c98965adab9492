"""Faults by script: what goes wrong with the next calls."""

from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = frozenset({"error", "delay", "hang", "garbage", "cut", "status", "empty"})
_WORK_FIRST: Final = frozenset({"delay", "hang", "cut"})


class BadFault(ValueError):
    """No such fault can be ordered."""


@dataclass(slots=True)
class Fault:
    """`kind`: error (`code`) · delay (`seconds`) · hang, never answers (`seconds` at most) · garbage · cut ·
    status (HTTP, `code`) · empty. `times` calls of `method` ("*": any) suffer; -1: all of them.
    `after_work`: the call takes effect before its answer is spoilt. `skip` calls pass unharmed first.
    """

    kind: str
    method: str = "*"
    code: int = 10
    seconds: float = 0.0
    times: int = 1
    skip: int = 0
    after_work: bool = False


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def order(self, script: dict[str, Any]) -> Fault:
        """Add one fault.

        Raises:
            BadFault: unknown kind or key.
        """
        if script.get("kind") not in KINDS:
            raise BadFault(f"kind must be one of {', '.join(sorted(KINDS))}")
        usual = {
            "after_work": script["kind"] in _WORK_FIRST,
            "code": 502 if script["kind"] == "status" else 10,
        }
        try:
            fault = Fault(**{**usual, **script})
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
