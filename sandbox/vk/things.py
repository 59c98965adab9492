"""The things of the sandbox's VK, as plain data. Dates are Unix seconds."""

from dataclasses import dataclass, field
from typing import Final

RIGHTS: Final = {"photos": 4, "wall": 8192, "manage": 262144}  # the bits of groups.getTokenPermissions


@dataclass(slots=True)
class Community:
    id: int
    name: str
    title: str
    comments_closed: bool = False
    links_forbidden: bool = False
    groups_may_comment: bool = True
    verified: bool = False


@dataclass(slots=True)
class Comment:
    """`top` is the comment its thread hangs on; None for that comment itself."""

    id: int
    owner_id: int
    post_id: int
    from_id: int
    date: int
    text: str
    photos: tuple[str, ...] = ()
    reply_to: int | None = None
    top: int | None = None
    deleted: bool = False
    thread: list["Comment"] = field(default_factory=list)

    @property
    def native_id(self) -> str:
        return f"wall{self.owner_id}_{self.post_id}_r{self.id}"


@dataclass(slots=True)
class Post:
    """`comments` are the top-level ones, oldest first; `live` counts all that are not deleted."""

    id: int
    owner_id: int
    from_id: int
    date: int
    text: str
    photos: tuple[str, ...] = ()
    edited: int | None = None
    pinned: bool = False
    comments_closed: bool = False
    comments: list[Comment] = field(default_factory=list)
    live: int = 0

    @property
    def native_id(self) -> str:
        return f"wall{self.owner_id}_{self.id}"


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: service, community or user. `rights` are of a community token."""

    kind: str
    community_id: int = 0
    rights: tuple[str, ...] = ("wall", "manage")
