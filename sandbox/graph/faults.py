"""Faults by script: what goes wrong with the next calls of one network."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

KINDS: Final = frozenset(
    {"error", "delay", "hang", "garbage", "cut", "status", "empty", "endless_cursor", "empty_page"}
)
_WORK_FIRST: Final = frozenset({"delay", "hang", "cut", "endless_cursor", "empty_page"})
# The names every network's sandbox knows, and what they are here.
NAMES: Final[dict[str, dict[str, Any]]] = {
    "429": {"kind": "error", "code": 4},
    "expired_token": {"kind": "error", "code": 190, "subcode": 463},
    "revoked_rights": {"kind": "error", "code": 10, "write_code": 200},
    "200_with_error": {"kind": "error", "code": 1, "status": 200},
    "cut_body": {"kind": "cut"},
    "slow": {"kind": "delay", "seconds": 1.0},
    "done_then_timeout": {"kind": "hang", "after_work": True},
    "http_500": {"kind": "status", "code": 500},
    "captcha": {"kind": "error", "code": 190, "subcode": 459},
    "blocked": {"kind": "error", "code": 368},
    "duplicate": {"kind": "error", "code": 506},
    "deleted": {"kind": "error", "code": 100, "subcode": 33},
}


class BadFault(ValueError):
    """No such fault can be ordered."""


@dataclass(slots=True)
class Fault:
    """`kind`: error (`code`, `write_code` if writing gets another, `subcode`, `status` if not the usual one) ·
    delay (`seconds`) · hang, never answers (`seconds` at most) · garbage · cut · status (HTTP, `code`) · empty ·
    endless_cursor, `next` leads to the same page · empty_page, no data though `next` is there.

    `times` calls suffer, -1: all of them; `skip` calls pass unharmed first. `after_work`: the call takes effect
    before its answer is spoilt. `method` is a pattern: "*", "comments", "POST comments" or a path as in
    "/v25.0/*/comments"; a node by itself is "node". `minutes` until a limit's end, for its header.
    """

    kind: str
    method: str = "*"
    code: int = 1
    write_code: int = 0
    subcode: int | None = None
    status: int = 0
    seconds: float = 0.0
    times: int = 1
    skip: int = 0
    after_work: bool = False
    minutes: int = 5


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def order(self, script: dict[str, Any]) -> Fault:
        """Add one fault. `what` is another word for `kind`, and knows NAMES too; `path` another for `method`.

        Raises:
            BadFault: unknown kind or key.
        """
        script = dict(script)
        what = str(script.pop("what", script.get("kind")))
        named = NAMES.get(what, {"kind": what})
        if named["kind"] not in KINDS:
            raise BadFault(f"kind must be one of {', '.join(sorted(KINDS | NAMES.keys()))}")
        if "path" in script:
            script["method"] = script.pop("path")
        usual = {
            "after_work": named["kind"] in _WORK_FIRST,
            "code": 502 if named["kind"] == "status" else 1,
        }
        try:
            fault = Fault(**{**usual, **named, **script, "kind": named["kind"]})
        except TypeError as error:
            raise BadFault(str(error)) from None
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, verb: str, name: str, path: str) -> Fault | None:
        """The fault this call suffers, if any."""
        for fault in self._waiting:
            if not any(fnmatchcase(one, fault.method) for one in (name, f"{verb} {name}", path)):
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
