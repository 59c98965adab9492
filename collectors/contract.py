"""What every network promises to the program, and the one error that comes out of its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from incidents.incoming import FoundPost


class Outcome(StrEnum):
    """What to do about a network's refusal (design.md, rule 6)."""

    LATER = "later"  # try again after `retry_after`
    STOP = "stop"  # stop this connector and tell the operator: token, rights, captcha
    GONE = "gone"  # this item is gone or closed to us
    REFUSED = "refused"  # the text was refused: tell the official
    NEVER = "never"  # our own mistake: trying again cannot help


class NetworkError(Exception):
    """A network refused or failed.

    `retry_after` is set when `outcome` is LATER. `maybe_done` is True when the call may have taken effect
    although no answer came (a time-out after the request was sent): read back before any second try.
    The message names the network and its own code, and holds no token.
    """

    def __init__(
        self,
        message: str,
        *,
        outcome: Outcome,
        retry_after: timedelta | None = None,
        maybe_done: bool = False,
        code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_after = retry_after
        self.maybe_done = maybe_done
        self.code = code


@dataclass(frozen=True, slots=True)
class Batch:
    """One reading of a feed. `cursor` is opaque text, stored in the same transaction as `posts`.

    `more` asks to be read again at once (a page was full).
    """

    posts: Sequence[FoundPost]
    cursor: str | None
    more: bool = False


class Collector(Protocol):
    """One feed of one network: a wall, a search, a mention list."""

    @property
    def network(self) -> str: ...

    @property
    def feed(self) -> str:
        """Unique and stable over restarts, e.g. "vk:wall:-1"."""
        ...

    @property
    def every(self) -> timedelta: ...

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        """The posts since `cursor`, with an overlap.

        Raises:
            NetworkError: and the cursor stays where it was.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to be published under one post. `key` is the same on every try (idempotency)."""

    post_id: str
    root_id: str | None
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Published:
    native_id: str
    url: str


class Publisher(Protocol):
    """The way back into one network."""

    @property
    def network(self) -> str: ...

    @property
    def idempotent(self) -> bool:
        """True when the network itself drops a second call with the same `Reply.key`."""
        ...

    @property
    def text_limit(self) -> int:
        """Longest answer, in characters."""
        ...

    async def publish(self, reply: Reply) -> Published:
        """Publish once.

        Raises:
            NetworkError: see `maybe_done`.
        """
        ...

    async def find(self, reply: Reply) -> Published | None:
        """Our answer if it already stands under the post, else None.

        Raises:
            NetworkError: the thread could not be read.
        """
        ...
