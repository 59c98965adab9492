"""The things of the sandbox's Odnoklassniki, as plain data. Dates are milliseconds since 1970."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Group:
    uid: str
    name: str
    shortname: str = ""
    comments_closed: bool = False


@dataclass(slots=True)
class Comment:
    """`author` is a reference: "user:7" or "group:53"."""

    id: str
    topic: str
    author: str
    date_ms: int
    text: str
    reply_to: str = ""
    removed: bool = False
    photos: tuple[str, ...] = ()

    @property
    def native_id(self) -> str:
        return f"GROUP_TOPIC:{self.topic}:{self.id}"


@dataclass(slots=True)
class Topic:
    """A group's topic, or a person's (`owner` "user:7"), which only a search finds."""

    id: str
    owner: str
    author: str
    created_ms: int
    text: str
    photos: tuple[str, ...] = ()
    comments_closed: bool = False
    active_ms: int = 0
    comments: list[Comment] = field(default_factory=list)

    @property
    def native_id(self) -> str:
        return f"{'GROUP_TOPIC' if self.owner.startswith('group:') else 'USER_TOPIC'}:{self.id}"

    @property
    def live(self) -> list[Comment]:
        return [comment for comment in self.comments if not comment.removed]


@dataclass(slots=True)
class Application:
    key: str
    secret: str
    disabled: bool = False


@dataclass(slots=True)
class Session:
    """A token of a user. `secret` "": md5 of the token and the application's secret, as OK has it.

    `read`: topic → the number of its comments this user has read.
    """

    uid: str
    application: str
    secret: str = ""
    rights: frozenset[str] = frozenset({"VALUABLE_ACCESS", "LONG_ACCESS_TOKEN", "GROUP_CONTENT"})
    admin_of: frozenset[str] = frozenset()
    expired: bool = False
    read: dict[str, int] = field(default_factory=dict)
