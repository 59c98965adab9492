"""The things of the sandbox's Facebook and Instagram, as plain data. Dates are aware UTC."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Page:
    """A Facebook Page, or an Instagram professional account; `page_id` is the Page the account is linked to."""

    id: str
    name: str
    title: str
    page_id: str = ""
    comments_closed: bool = False


@dataclass(slots=True)
class Comment:
    """`top` is the comment its thread hangs on, None for that comment itself. `under`: what it answers.

    `page_id`: the Page or account that wrote it, "" for a person. `seen_from`: monotonic seconds.
    """

    id: str
    post_id: str
    from_id: str
    from_name: str
    date: datetime
    text: str
    under: str
    page_id: str = ""
    photos: tuple[str, ...] = ()
    top: str | None = None
    is_hidden: bool = False
    deleted: bool = False
    likes: int = 0
    seen_from: float = 0.0
    thread: list["Comment"] = field(default_factory=list)

    @property
    def native_id(self) -> str:
        return self.id


@dataclass(slots=True)
class Post:
    """A post of a Page's wall or an Instagram media. `comments` are the top-level ones, oldest first.

    `owner_id`: the Page or account it stands on, "" for what is on a stranger's. `page_id`: the Page or account
    that wrote it. `tagged`: Pages or accounts named in it. The last five are Instagram's alone;
    `likes` None: its author hides them.
    """

    id: str
    owner_id: str
    from_id: str
    from_name: str
    date: datetime
    text: str
    page_id: str = ""
    photos: tuple[str, ...] = ()
    tagged: tuple[str, ...] = ()
    updated: datetime | None = None
    comments_closed: bool = False
    deleted: bool = False
    comments: list[Comment] = field(default_factory=list)
    media_type: str = "IMAGE"
    product_type: str = "FEED"
    is_private: bool = False
    is_live: bool = False
    likes: int | None = 0

    @property
    def native_id(self) -> str:
        return self.id

    def everything(self) -> list[Comment]:
        """Every comment that is not deleted, oldest first."""
        whole = [one for top in self.comments for one in (top, *top.thread) if not one.deleted]
        return sorted(whole, key=lambda one: (one.date, one.id))


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Hashtag:
    id: str
    name: str
