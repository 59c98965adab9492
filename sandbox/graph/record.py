"""What one network of the Graph API remembers for the judge: offered, received, and what stands twice."""

import hashlib
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Offered:
    """A message put in by the driver. `monotonic` is in seconds, for measuring delays."""

    native_id: str
    text_hash: str
    at: datetime
    monotonic: float
    by_resident: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A comment a program wrote through the API.

    `under` is what it answers: the object it was posted to, or, in a thread, whoever it @mentions.
    `stands_under` is where it hangs: the post, or the top-level comment.
    """

    under: str
    native_id: str
    page_id: str
    text: str
    stands_under: str
    at: datetime
    monotonic: float
    photos: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """`calls`: by "POST comments", refused ones too. `requests`: the last of them, tokens masked.

    `over_limit`: calls that came although the limit was used up.
    """

    offered: list[Offered] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=500))
    over_limit: int = 0
    _standing: Counter[tuple[str, str]] = field(default_factory=Counter)

    def stands(self, under: str, *, page_id: str, more: int) -> None:
        """A Page's comment under `under` has come (1) or gone (-1)."""
        self._standing[under, page_id] += more

    def offer(self, native_id: str, text: str, *, at: datetime, monotonic: float, by_resident: bool) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.offered.append(Offered(native_id, digest, at, monotonic, by_resident))

    def doubled(self) -> list[str]:
        """Messages that one Page has answered more than once."""
        return sorted({under for (under, _), count in self._standing.items() if count > 1})

    def shown(self) -> dict[str, Any]:
        """In the shape of VK's record; `answers` are counts."""
        answers: Counter[str] = Counter()
        for (under, _), count in self._standing.items():
            if count > 0:
                answers[under] += count
        return {
            "offered": [{**asdict(one), "at": one.at.isoformat()} for one in self.offered],
            "received": [{**asdict(one), "at": one.at.isoformat()} for one in self.received],
            "answers": dict(answers),
            "doubled": self.doubled(),
            "calls": dict(self.calls),
            "requests": list(self.requests),
            "over_limit": self.over_limit,
        }
