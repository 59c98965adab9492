"""What is in the sandbox's X: accounts, posts, tokens, pictures, and a record of it all."""

import time
from bisect import insort
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sandbox.x.auth import Keyring
from sandbox.x.limits import Limits
from sandbox.x.record import Received, Record
from sandbox.x.things import LEADING, MENTION, Account, Post

FIRST_MOMENT: Final = 1_288_834_974_657  # ms since 1970: ids count from here
FIRST_ACCOUNT: Final = 1_500_000_000_000_000_000
REMEMBERED: Final = timedelta(hours=24)  # how long X takes the same words for a double


class Unknown(Exception):
    """The driver named something that is not here."""


class Clock(Protocol):
    def now(self) -> datetime: ...


def _age(post: Post) -> int:
    return int(post.shown_id)


class XWorld:
    """The whole state.

    `tier`: self_serve or enterprise. `dialect`: post, tweet, or "both" (whichever is asked for). `search_lag`:
    seconds until a post is found. `wall`: Unix seconds on the machine's own clock, for signatures and limits.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self.wall = wall
        self.tier = "self_serve"
        self.dialect = "both"
        self.search_lag = 0.0
        self.query_limit = 512
        self.accounts: dict[str, Account] = {}
        self.posts: dict[str, Post] = {}
        self.timeline: list[Post] = []  # oldest first, by the id that is shown
        self.pictures: dict[str, bytes] = {}
        self.keyring = Keyring()
        self.limits = Limits(monotonic=monotonic, wall=wall)
        self.record = Record()
        self._by_name: dict[str, Account] = {}
        self._sequence: dict[int, int] = {}
        self._media = 0

    # For the judge

    @property
    def offered(self) -> list[tuple[str, float, bool]]:
        """(native id, monotonic seconds, by a resident) of everything that was put in, in order."""
        return [(one.native_id, one.monotonic, one.by_resident) for one in self.record.offered]

    @property
    def received(self) -> list[tuple[str, str]]:
        """(native id answered, words as sent) of every answer written through the API, in order."""
        return [(one.under, one.text) for one in self.record.received]

    def shown(self) -> dict[str, Any]:
        """{"answers": {native id answered: [texts of official accounts standing there]}, "doubled": n}"""
        answers: dict[str, list[str]] = {}
        doubled = 0
        standing: dict[tuple[str, str], int] = {}
        for post in self.timeline:
            if post.author.is_official and post.reply_to:
                answers.setdefault(post.reply_to, []).append(post.said)
                key = (post.reply_to, post.author.id)
                standing[key] = standing.get(key, 0) + 1
                doubled += standing[key] > 1
        return {"answers": answers, "doubled": doubled}

    def by_resident(self, native_id: str) -> bool:
        """Whether a person wrote it. Raises Unknown where it is gone."""
        return not self.item(native_id).author.is_official

    # Who is here

    def add_account(self, username: str, name: str, *, number: str = "", **flags: bool) -> Account:
        """`flags`: is_official, verified, protected. The same username again is only changed."""
        known = self._by_name.get(username.lower())
        number = number or (known.id if known else str(FIRST_ACCOUNT + len(self.accounts) + 1))
        made = Account(number, username, name, **flags)
        if known is not None:
            known.name, known.is_official = name, made.is_official
            known.verified, known.protected = made.verified, made.protected
            return known
        self.accounts[number] = self._by_name[username.lower()] = made
        return made

    def resident(self, name: str) -> Account:
        """A person by name; a new name is a new account."""
        for account in self.accounts.values():
            if account.name == name and not account.is_official:
                return account
        return self.add_account(f"resident_{len(self.accounts) + 1}", name)

    def account(self, who: str) -> Account:
        """By number or @name.

        Raises:
            Unknown: there is none.
        """
        found = self.accounts.get(who) or self._by_name.get(who.removeprefix("@").lower())
        if found is None:
            raise Unknown(f"no account {who}")
        return found

    # What is written

    def write(
        self,
        author: Account,
        text: str,
        *,
        reply_to: str = "",
        at: datetime | None = None,
        names_first: bool = True,
        **about: Any,
    ) -> Post:
        """Any post. `names_first`: X puts the @names of whom it answers before a reply's text.

        Raises:
            Unknown: there is no such post to reply to.
        """
        at = self.clock.now() if at is None else at
        above = self.item(reply_to) if reply_to else None
        native = self._new_id(at)
        said = text
        if above is not None and names_first:
            text = " ".join([*self._called(above, author, text), text])
        post = Post([native], author, text, said, at, reply_to=reply_to, **about)
        post.answered = above.author if above is not None else None
        post.conversation = above.conversation if above is not None else native
        self.posts[native] = post
        insort(self.timeline, post, key=_age)
        return post

    def offer(self, author: Account, text: str, **about: Any) -> Post:
        """A post of a person or an official page, counted as offered."""
        post = self.write(author, text, **about)
        self.record.offer(
            post.id,
            text,
            at=self.clock.now(),
            monotonic=self.monotonic(),
            by_resident=not author.is_official,
        )
        return post

    def publish(self, author: Account, text: str, *, reply_to: str, **about: Any) -> Post:
        """What a program writes through the API. There is no key: other words are another post."""
        post = self.write(author, text, reply_to=reply_to, by_api=True, **about)
        if reply_to:
            under = self.item(reply_to).id
            post.reply_to = under
            self.record.received.append(
                Received(under, post.id, author.username, text, self.clock.now(), self.monotonic())
            )
        return post

    def edit(self, native_id: str, text: str) -> Post:
        """Another version, with an id of its own; the first id goes on naming the post."""
        post = self.item(native_id)
        self.timeline.remove(post)
        post.text = post.said = text
        post.versions.append(self._new_id(self.clock.now()))
        self.posts[post.shown_id] = post
        insort(self.timeline, post, key=_age)
        return post

    def delete(self, native_id: str) -> None:
        post = self.item(native_id)
        post.deleted = True
        self.timeline.remove(post)

    def keep_picture(self, content: bytes) -> str:
        """The media id of an uploaded picture."""
        self._media += 1
        number = str(1_900_000_000_000_000_000 + self._media)
        self.pictures[number] = content
        return number

    # Looking things up

    def item(self, native_id: str) -> Post:
        """The post, by the id of any of its versions.

        Raises:
            Unknown: there is none, or it is deleted.
        """
        found = self.posts.get(native_id)
        if found is None or found.deleted:
            raise Unknown(f"no post {native_id}")
        return found

    def of(self, account: Account) -> Iterable[Post]:
        """The account's posts, newest first."""
        return (post for post in reversed(self.timeline) if post.author is account)

    def is_double(self, author: Account, text: str, reply_to: str) -> bool:
        """Whether these words, with the name X would put before them, are among the author's of a day."""
        after = self.clock.now() - REMEMBERED
        answered = self.item(reply_to).author if reply_to else None
        return any(
            post.said == text and post.answered is answered for post in self.of(author) if post.at > after
        )

    def id_at(self, when: datetime) -> int:
        """The smallest id a post of that moment can have."""
        return max(0, int(when.timestamp() * 1000) - FIRST_MOMENT) << 22

    def _called(self, above: Post, author: Account, text: str) -> list[str]:
        """Whom X names before a reply: the author of what is answered, and whom that began with."""
        named = {author.username.lower(), *(name.lower() for name in MENTION.findall(text))}
        start = LEADING.match(above.text)
        names = [above.author.username, *(MENTION.findall(start[0]) if start else [])]
        return [f"@{name}" for name in dict.fromkeys(names) if name.lower() not in named]

    def _new_id(self, at: datetime) -> str:
        base = self.id_at(at)
        self._sequence[base] = self._sequence.get(base, -1) + 1
        return str(base + self._sequence[base])
