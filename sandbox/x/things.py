"""The things of the sandbox's X, as plain data."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MENTION: Final = re.compile(r"(?<![\w@])@(\w{1,15})", re.ASCII)
LEADING: Final = re.compile(r"(?:@\w{1,15}\s+)+", re.ASCII)  # whom a reply answers
HASHTAG: Final = re.compile(r"(?<![\w#])#(\w+)")
CASHTAG: Final = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6})(?!\w)")
LINK: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(slots=True)
class Account:
    """`is_official`: a page of the registry; `protected` accounts' posts are nobody's to read."""

    id: str
    username: str
    name: str
    is_official: bool = False
    verified: bool = False
    protected: bool = False


@dataclass(slots=True)
class Post:
    """`text` is whole, with @names before a reply; `said` as its author typed it.

    `versions`: ids, the first one first: each edit makes another. `answered`: whose post it replies to.
    `repost_of`: of a bare repost. `by_api`: a program wrote it.
    """

    versions: list[str]
    author: Account
    text: str
    said: str
    at: datetime
    reply_to: str = ""
    answered: Account | None = None
    conversation: str = ""
    quoted: str = ""
    repost_of: str = ""
    lang: str = "ru"
    reply_settings: str = "everyone"
    photos: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    deleted: bool = False
    by_api: bool = False

    @property
    def id(self) -> str:
        """The native id: that of the first version."""
        return self.versions[0]

    @property
    def shown_id(self) -> str:
        return self.versions[-1]

    @property
    def names(self) -> list[str]:
        """Whom the text names, small letters, in its order."""
        return list(dict.fromkeys(name.lower() for name in MENTION.findall(self.text)))


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: app (Bearer) or user (OAuth 2.0). `state`: "", "expired" or "revoked"."""

    kind: str
    account_id: str = ""
    scopes: tuple[str, ...] = ("tweet.read", "tweet.write", "users.read", "media.write")
    state: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """OAuth 1.0a: the secrets of an app and of an account's access token."""

    consumer_secret: str
    access_token: str
    access_secret: str
    account_id: str
    may_write: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls. `account_id`: "" for an app."""

    who: str
    account_id: str = ""
    may_write: bool = False
    scopes: tuple[str, ...] = ()

    @property
    def is_user(self) -> bool:
        return bool(self.account_id)
