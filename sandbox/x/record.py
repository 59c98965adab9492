"""What the sandbox's X remembers for the judge: offered, received, calls, what was read, what stands twice."""

import hashlib
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

KEPT_CALLS: Final = 2000


@dataclass(frozen=True, slots=True)
class Offered:
    """A post that was put in. `monotonic` is in seconds, for measuring delays."""

    native_id: str
    text_hash: str
    at: datetime
    monotonic: float
    by_resident: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A reply that was written through the API, in the words that were sent."""

    under: str
    native_id: str
    account: str
    text: str
    at: datetime
    monotonic: float


@dataclass(slots=True)
class Record:
    """`calls`: by "METHOD /path", refused ones too; `last`: the latest, with their queries (tokens travel in
    headers and are not kept). `posts_read`: posts handed out to readers, which X bills.
    """

    offered: list[Offered] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    over_limit: int = 0
    posts_read: int = 0
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))

    def call(self, name: str, query: Mapping[str, str], *, who: str, monotonic: float) -> None:
        self.calls[name] += 1
        self.last.append({"name": name, "query": dict(query), "who": who, "monotonic": monotonic})

    def offer(self, native_id: str, text: str, *, at: datetime, monotonic: float, by_resident: bool) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.offered.append(Offered(native_id, digest, at, monotonic, by_resident))

    def shown(self) -> dict[str, Any]:
        return {
            "offered": [{**asdict(one), "at": one.at.isoformat()} for one in self.offered],
            "received": [{**asdict(one), "at": one.at.isoformat()} for one in self.received],
            "calls": dict(self.calls),
            "over_limit": self.over_limit,
            "posts_read": self.posts_read,
        }
