"""What the sandbox's VK remembers for the judge: offered, received, and what stands twice."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Offered:
    """A resident's message. `monotonic` is in seconds, for measuring delays."""

    native_id: str
    text_hash: str
    at: datetime
    monotonic: float

    def shown(self) -> dict[str, Any]:
        return {
            "native_id": self.native_id,
            "text_hash": self.text_hash,
            "at": self.at.isoformat(),
            "monotonic": self.monotonic,
        }


@dataclass(frozen=True, slots=True)
class Received:
    """A comment a community's token wrote: what the program published."""

    under: str
    native_id: str
    community_id: int
    text: str
    guid: str
    at: datetime
    monotonic: float

    def shown(self) -> dict[str, Any]:
        return {
            "under": self.under,
            "native_id": self.native_id,
            "community_id": self.community_id,
            "text": self.text,
            "guid": self.guid,
            "at": self.at.isoformat(),
            "monotonic": self.monotonic,
        }


@dataclass(slots=True)
class Record:
    """`resent`: calls that the `guid` absorbed; `calls`: by method, refused ones too."""

    offered: list[Offered] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    resent: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    _standing: Counter[tuple[str, int]] = field(default_factory=Counter)

    def stands(self, under: str, *, community_id: int, more: int) -> None:
        """A community's comment under `under` has come (1) or gone (-1)."""
        self._standing[under, community_id] += more

    def offer(self, native_id: str, text: str, *, at: datetime, monotonic: float) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.offered.append(Offered(native_id, digest, at, monotonic))

    def shown(self) -> dict[str, Any]:
        """`answers`: comments of communities standing under each message; `doubled`: messages under which
        one community's comment stands more than once.
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
            "resent": self.resent,
            "calls": dict(self.calls),
        }
