"""What the sandbox's Odnoklassniki remembers for the judge: offered, received, calls, and what stands twice."""

import hashlib
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

_SECRET: Final = frozenset({"access_token", "session_key", "sig"})
KEPT_CALLS: Final = 2000


@dataclass(frozen=True, slots=True)
class Offered:
    """A message that was put in. `monotonic` is in seconds, for measuring delays."""

    native_id: str
    text_hash: str
    at: datetime
    monotonic: float
    by_resident: bool

    def shown(self) -> dict[str, Any]:
        return {
            "native_id": self.native_id,
            "text_hash": self.text_hash,
            "at": self.at.isoformat(),
            "monotonic": self.monotonic,
            "by_resident": self.by_resident,
        }


@dataclass(frozen=True, slots=True)
class Received:
    """An official answer written through the API."""

    under: str
    native_id: str
    group: str
    text: str
    at: datetime
    monotonic: float

    def shown(self) -> dict[str, Any]:
        return {
            "under": self.under,
            "native_id": self.native_id,
            "group": self.group,
            "text": self.text,
            "at": self.at.isoformat(),
            "monotonic": self.monotonic,
        }


@dataclass(slots=True)
class Record:
    """`calls`: by method, refused ones too; `last`: the latest with their parameters, secrets masked."""

    offered: list[Offered] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    over_limit: int = 0
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    _standing: Counter[tuple[str, str]] = field(default_factory=Counter)

    def call(self, method: str, params: Mapping[str, str], monotonic: float) -> None:
        self.calls[method] += 1
        masked = {key: "***" if key in _SECRET else value for key, value in params.items()}
        self.last.append({"method": method, "params": masked, "monotonic": monotonic})

    def stands(self, under: str, *, group: str, more: int) -> None:
        """A group's comment under `under` has come (1) or gone (-1)."""
        self._standing[under, group] += more

    def offer(self, native_id: str, text: str, *, at: datetime, monotonic: float, by_resident: bool) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.offered.append(Offered(native_id, digest, at, monotonic, by_resident))

    def shown(self) -> dict[str, Any]:
        """`answers`: comments of groups standing under each message; `doubled`: messages under which one
        group's comment stands more than once.
        """
        answers: Counter[str] = Counter()
        for (under, _), count in self._standing.items():
            if count > 0:
                answers[under] += count
        return {
            "offered": [one.shown() for one in self.offered],
            "received": [one.shown() for one in self.received],
            "answers": dict(answers),
            "doubled": sorted({under for (under, _), count in self._standing.items() if count > 1}),
            "calls": dict(self.calls),
            "over_limit": self.over_limit,
        }
