"""What every network promises to the program, and the one error that comes out of its folder."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, SecretStr, field_validator

from collectors.pushing import Hook
from incidents.incoming import FoundPost
from incidents.keywords import Keyword
from incidents.links import AnswerLinks


class Outcome(StrEnum):
    """What to do about a network's refusal (design.md, rule 6)."""

    LATER = "later"  # try again after `retry_after`
    STOP = "stop"  # stop this connector and tell the operator: token, rights, captcha
    GONE = "gone"  # this item is gone or closed to us
    REFUSED = "refused"  # the text was refused: tell the official
    BY_HAND = "by_hand"  # no program may answer here: a person must
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
class Photo:
    """A picture of the official's answer. `content_type`: "image/jpeg" or "image/png"."""

    content: bytes
    content_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to be published under one post. `key` is the same on every try (idempotency).

    `photos` holds at most `Publisher.photos_limit` pictures. `author_name` is whom it answers: some networks
    want the name in the text itself.
    """

    post_id: str
    root_id: str | None
    text: str
    key: str
    photos: tuple[Photo, ...] = ()
    author_name: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    native_id: str
    url: str


@runtime_checkable
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
        """Longest answer, in the units of `measure`."""
        ...

    @property
    def photos_limit(self) -> int:
        """How many photos an answer may carry here; 0: text only."""
        ...

    def measure(self, text: str) -> int:
        """How long the network counts `text`: characters, or weights as X does."""
        ...

    def objection(self, text: str) -> str:
        """Why the network would refuse these words, as a key of the catalogue (`refused_text.…`); "" if not.

        Examples: "link" where links are refused, "mention". Length is `measure`'s business.
        """
        ...

    async def publish(self, reply: Reply) -> Published:
        """Publish once. Raises: NetworkError: see `maybe_done`."""
        ...

    async def find(self, reply: Reply) -> Published | None:
        """Our answer if it already stands under the post, else None. Raises: NetworkError: it could not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One official page (госпаблик) of the registry.

    `native_id` is the network's own number, "" until it was looked up; `name` the short address, "" where there
    is none. One of both is always there.
    """

    native_id: str
    name: str = ""
    title: str = ""
    territory: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a network tells of a page. None: it does not tell.

    `can_answer` says whether our keys may publish as this page, `problem` why not, in the words of `check`.
    """

    native_id: str
    name: str = ""
    title: str = ""
    is_verified: bool | None = None
    can_answer: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is to be read: the registry's pages and the active keywords of this network."""

    pages: tuple[Page, ...] = ()
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was verified by reading: for `check` and `live-smoke`. `problem`: "" if it is well."""

    subject: str
    words: str
    problem: str = ""

    @property
    def is_bad(self) -> bool:  # to answer by hand is a way to work, and nothing to be mended
        return self.problem not in {"", "no_token", "switched_off"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a pasted link names: the native ids of a post or comment, and of the post it stands under."""

    network: str
    native_id: str
    root_id: str | None = None


class Meter(Protocol):
    """What a paid network has cost, kept over restarts. Amounts are micro-dollars (1 $ = 1 000 000)."""

    async def add(self, amount: int) -> None: ...

    async def this_month(self) -> int:
        """Since the first of the month, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class BotAccess:
    """The program's own bot, for Telegram as a source."""

    api_url: str
    token: SecretStr


@dataclass(frozen=True, slots=True)
class Tools:
    """What the program lends to a network. `http` speaks through the network's own proxy."""

    http: httpx.AsyncClient
    meter: Meter
    bot: BotAccess | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a network can do, in a few English words each: the README's table is made of these.

    `live` says when and how it was seen to work with real keys; "" means never.
    """

    reads: str
    finds: str
    answers: str
    edits: str
    push: str
    limits: str
    live: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A network that is connected: long-lived, one per network.

    `watch` gives the feeds for what is wanted now; it is called again whenever the registry or the keywords
    change, makes no call, and feeds keep their names. `look_up` asks for one page's facts; `check` makes
    reading calls only. `verify_link` reads what a pasted link names and says whether it is our answer to
    `reply` (`reply.text` may be "": any words of ours); None: it is not; NetworkError NEVER: it cannot be told.
    """

    network: str
    watch: Callable[[Watch], Sequence[Collector]]
    publisher: Publisher | None = None
    look_up: Callable[[Page], Awaitable[PageFacts]] | None = None
    check: Callable[[], Awaitable[Sequence[Check]]] | None = None
    verify_link: Callable[[Link, Reply], Awaitable[Published | None]] | None = None
    hook: Hook | None = None


class NetworkSettings(BaseModel, frozen=True, extra="forbid"):
    """What every network's section has; the others are its own."""

    enabled: bool = False
    proxy: str = ""

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, proxy: str) -> str:
        if proxy and not proxy.startswith(("http://", "https://", "socks5://")):
            raise ValueError("a proxy begins with http://, https:// or socks5://")
        return proxy

    def pages(self) -> Sequence[Page]:
        """The official pages this section names: put into the registry at every start."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network as its folder offers it; all of them stand in collectors/networks.py.

    `connect` makes no call. `parse_link` reads a link a person pasted, None if it is no post of this network.
    `page_of_link` reads the link to a page, for the registry (`has_pages`). `compiled` shows what a keyword becomes
    here (`/keywords`), None where the network is only matched locally. `answer_links` says what a
    link to an answer names here; `compose`, if there is such a thing, the address that opens the network's own app
    with the answer written already (native id, text). `open_questions`: what its documentation leaves
    open and no reading call can tell; `live-smoke` prints them.

    Raises (connect):
        ValueError: enabled, and something is missing; the message begins with the setting's name.
    """

    name: str
    title: str
    facts: Facts
    settings: type[NetworkSettings]
    connect: Callable[[Any, Tools], Connector]
    parse_link: Callable[[str], Link | None]
    page_of_link: Callable[[str], Page | None]
    has_pages: bool = True
    compiled: Callable[[Sequence[Keyword]], Sequence[str]] | None = None
    answer_links: AnswerLinks = AnswerLinks.COMMENT
    compose: Callable[[str, str], str] | None = None
    open_questions: tuple[str, ...] = ()
