"""What reached the server and what people did, in order; nothing is ever taken out."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.telegram.limits import produces_message
from sandbox.telegram.state import Json

PAGE = 1000


@dataclass
class Call:
    """One Bot API call. `monotonic` and `ended` are seconds on the real clock, `at` the moved one."""

    seq: int
    method: str
    chat_id: int | None
    at: str
    monotonic: float
    message_id: int | None = None
    ok: bool | None = None
    error_code: int | None = None
    description: str | None = None
    over_limit: bool = False
    fault: str | None = None
    ended: float | None = None


@dataclass
class Press:
    """A button pressed, and when the bot acknowledged it."""

    seq: int
    callback_query_id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: str
    monotonic: float
    acknowledged_at: str | None = None
    acknowledged_monotonic: float | None = None
    text: str | None = None
    show_alert: bool = False
    url: str | None = None


@dataclass
class Said:
    """A message from a person; `update_id` is None when the bot was not told."""

    seq: int
    user_id: int
    chat_id: int
    message_id: int
    text: str | None
    update_id: int | None
    at: str
    monotonic: float


@dataclass
class Record:
    clock: SandboxClock
    calls: list[Call] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def _stamp(self) -> dict[str, Any]:
        return {"at": self.clock.now().isoformat(), "monotonic": self.clock.monotonic()}

    def call(self, method: str, chat_id: int | None) -> Call:
        call = Call(len(self.calls) + 1, method, chat_id, **self._stamp())
        self.calls.append(call)
        return call

    def over_limit(self, call: Call) -> None:
        call.over_limit = True
        self.counts["over_limit"] += 1

    def done(self, call: Call, result: Any) -> None:
        """The work was done, whether or not the bot hears of it."""
        call.ok, call.ended = True, self.clock.monotonic()
        if isinstance(result, dict):
            call.message_id = result.get("message_id")
        method = call.method.lower()
        if produces_message(method):
            self.counts["edits" if method.startswith("edit") else "sends"] += 1

    def refused(self, call: Call, code: int, description: str) -> None:
        call.ok, call.ended = False, self.clock.monotonic()
        call.error_code, call.description = code, description
        self.counts["errors"] += 1

    def press(self, query_id: str, user_id: int, chat_id: int, message_id: int, data: str) -> Press:
        stamp = self._stamp()
        press = Press(len(self.presses) + 1, query_id, user_id, chat_id, message_id, data, **stamp)
        self.presses.append(press)
        return press

    def acknowledge(self, press: Press, *, text: str | None, show_alert: bool, url: str | None) -> None:
        press.acknowledged_at = self.clock.now().isoformat()
        press.acknowledged_monotonic = self.clock.monotonic()
        press.text, press.show_alert, press.url = text, show_alert, url

    def heard(
        self, *, user_id: int, chat_id: int, message_id: int, text: str | None, update_id: int | None
    ) -> None:
        stamp = self._stamp()
        self.said.append(Said(len(self.said) + 1, user_id, chat_id, message_id, text, update_id, **stamp))

    def summary(self) -> Json:
        """The numbers of the run so far; seconds are real."""
        waits = [
            press.acknowledged_monotonic - press.monotonic
            for press in self.presses
            if press.acknowledged_monotonic is not None
        ]
        return {
            "calls": len(self.calls),
            "sends": self.counts["sends"],
            "edits": self.counts["edits"],
            "errors": self.counts["errors"],
            "over_limit": self.counts["over_limit"],
            "presses": len(self.presses),
            "presses_acknowledged": len(waits),
            "press_ack_seconds": waits,
            "texts": len(self.said),
            "updates_confirmed": self.counts["updates_confirmed"],
        }

    def page(self, what: str, since: int, limit: int = PAGE) -> list[Json]:
        """Entries of `calls`, `presses` or `said` after number `since`."""
        lists: dict[str, list[Any]] = {"calls": self.calls, "presses": self.presses, "said": self.said}
        return [asdict(entry) for entry in lists[what][since : since + limit]]
