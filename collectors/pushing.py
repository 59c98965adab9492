"""What a network that pushes promises: stored as it was sent before it is acknowledged, understood afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from incidents.incoming import FoundPost


@dataclass(frozen=True, slots=True)
class Pushed:
    """One event as a network pushed it: `key` tells the same event apart from the next, `body` is as sent."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What a webhook's caller gets, and what must be stored durably before it gets it."""

    status: int
    text: str = ""
    store: tuple[Pushed, ...] = ()


class Hook(Protocol):
    """A network's webhook. `receive` is quick and calls nobody; `understand` may."""

    @property
    def path(self) -> str:
        """Under the program's public address, e.g. "/hooks/vk"; "": not over HTTP, the events come otherwise."""
        ...

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """Verify over the raw bytes, in constant time. Never raises for any input; 4xx stores nothing."""
        ...

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The posts an event speaks of; none where it is not about posts.

        Raises:
            NetworkError: what the event names could not be read now (LATER), or never can be.
        """
        ...
