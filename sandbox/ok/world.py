"""What is in the sandbox's Odnoklassniki: groups, people, topics, comments, sessions, and a record of it all."""

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

from sandbox.ok.record import Received, Record
from sandbox.ok.refusals import Refusal
from sandbox.ok.things import Application, Comment, Group, Session, Topic

FIRST_USER: Final = 570_000_000_001
FIRST_GROUP: Final = 53_000_000_000_001
FIRST_MESSAGE: Final = 155_000_000_000_001
_NATIVE: Final = re.compile(r"(?:GROUP_TOPIC|USER_TOPIC):(\d+)(?::(\d+))?", re.ASCII)


class Unknown(Exception):
    """The driver named something that is not here."""


class Clock(Protocol):
    def now(self) -> datetime: ...


class OkWorld:
    """The whole state. `monotonic` counts seconds for the rate limit and for measuring delays.

    `comment_times` says how comments are dated, for clients have seen different things: "both", "date" (Moscow
    time as text) or "date_ms". `admin_shown_as`: an official answer is signed by the "group" or by the "user".
    `per_second` and `method_limits` are limits of calls, none by default: OK publishes none.
    """

    def __init__(self, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self.applications: dict[str, Application] = {}
        self.sessions: dict[str, Session] = {}
        self.groups: dict[str, Group] = {}
        self.users: dict[str, str] = {}
        self.topics: dict[str, Topic] = {}
        self.record = Record()
        self.censored: set[str] = set()
        self.comment_times = "both"
        self.admin_shown_as = "group"
        self.per_second: int | None = None
        self.method_limits: dict[str, int] = {}
        self._user_ids: dict[str, str] = {}
        self._messages = FIRST_MESSAGE
        self._recent: deque[float] = deque()
        self._used: Counter[str] = Counter()

    def now_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

    # Who is here

    def add_group(
        self, *, name: str, shortname: str = "", number: str = "", comments_closed: bool = False
    ) -> Group:
        number = number or str(FIRST_GROUP + len(self.groups))
        self.groups[number] = Group(number, name, shortname, comments_closed)
        return self.groups[number]

    def user(self, name: str) -> str:
        """The person's number; a new name is a new person."""
        if name not in self._user_ids:
            number = str(FIRST_USER + len(self._user_ids))
            self._user_ids[name] = number
            self.users[number] = name
        return self._user_ids[name]

    def name_of(self, reference: str) -> str:
        kind, _, number = reference.partition(":")
        if kind == "group":
            return self.groups[number].name if number in self.groups else ""
        return self.users.get(number, "")

    # What people and groups do

    def offer_topic(
        self, *, owner: str, author: str, text: str, photos: tuple[str, ...] = (), date_ms: int | None = None
    ) -> Topic:
        """Put a topic into a group, or on a person's page. `date_ms`: now by default."""
        at = self.now_ms() if date_ms is None else date_ms
        topic = Topic(self._number(), owner, author, at, text, photos, active_ms=at)
        self.topics[topic.id] = topic
        self._offered(topic.native_id, text, by_resident=not author.startswith("group:"))
        return topic

    def offer_comment(
        self,
        topic: Topic,
        *,
        author: str,
        text: str,
        reply_to: str = "",
        photos: tuple[str, ...] = (),
        date_ms: int | None = None,
    ) -> Comment:
        """A comment somebody writes in a browser."""
        comment = self.write_comment(
            topic, author=author, text=text, reply_to=reply_to, photos=photos, date_ms=date_ms
        )
        self._offered(comment.native_id, text, by_resident=not author.startswith("group:"))
        return comment

    def write_comment(
        self,
        topic: Topic,
        *,
        author: str,
        text: str,
        reply_to: str = "",
        photos: tuple[str, ...] = (),
        date_ms: int | None = None,
    ) -> Comment:
        """Any comment.

        Raises:
            Unknown: there is no such comment to reply to.
        """
        if reply_to and all(one.id != reply_to for one in topic.live):
            raise Unknown(f"no comment {reply_to} under topic {topic.id}")
        at = self.now_ms() if date_ms is None else date_ms
        comment = Comment(self._number(), topic.id, author, at, text, reply_to, photos=photos)
        topic.comments.append(comment)
        topic.active_ms = max(topic.active_ms, at)
        if author.startswith("group:"):
            self.record.stands(self._under(comment), group=author, more=1)
        return comment

    def publish(self, topic: Topic, *, session: Session, text: str, reply_to: str) -> Comment:
        """The official answer of the group, by its administrator."""
        author = topic.owner if self.admin_shown_as == "group" else f"user:{session.uid}"
        comment = self.write_comment(topic, author=author, text=text, reply_to=reply_to)
        under = self._under(comment)
        if not author.startswith("group:"):
            self.record.stands(under, group=topic.owner, more=1)
        self.record.received.append(
            Received(under, comment.native_id, topic.owner, text, self.clock.now(), self.monotonic())
        )
        return comment

    def edit(self, native_id: str, text: str) -> None:
        """Change the words; OK tells nobody that they were changed."""
        self.item(native_id).text = text

    def delete(self, native_id: str) -> None:
        item = self.item(native_id)
        if isinstance(item, Topic):
            del self.topics[item.id]
        elif not item.removed:
            item.removed = True
            owner = self.topics[item.topic].owner
            if item.author.startswith("group:") or self._received(item.native_id):
                self.record.stands(self._under(item), group=owner, more=-1)

    # Looking things up

    def item(self, native_id: str) -> Topic | Comment:
        """What "GROUP_TOPIC:1" or "GROUP_TOPIC:1:2" names.

        Raises:
            Unknown: nothing.
        """
        parts = _NATIVE.fullmatch(native_id)
        topic = self.topics.get(parts[1]) if parts else None
        if parts is None or topic is None:
            raise Unknown(f"there is no {native_id!r}")
        if parts[2] is None:
            return topic
        for comment in topic.comments:
            if comment.id == parts[2]:
                return comment
        raise Unknown(f"there is no {native_id!r}")

    def comments_closed(self, topic: Topic) -> bool:
        group = self.groups.get(topic.owner.partition(":")[2])
        return topic.comments_closed or (group is not None and group.comments_closed)

    def calls_left(self, method: str) -> int | None:
        """How often `method` may still be called; None: as often as one likes."""
        limit = self.method_limits.get(method)
        return None if limit is None else max(0, limit - self._used[method])

    def check_rate(self, method: str) -> None:
        """One call more.

        Raises:
            Refusal: 8 above the limit of a second, 11 when the method's calls are used up.
        """
        now = self.monotonic()
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        if self.per_second is not None and len(self._recent) >= self.per_second:
            self.record.over_limit += 1
            raise Refusal(8)
        self._recent.append(now)
        if self.calls_left(method) == 0:
            self.record.over_limit += 1
            raise Refusal(11)
        self._used[method] += 1

    # For the judge and the page

    @property
    def offered(self) -> list[tuple[str, float, bool]]:
        """(native id, monotonic seconds, by a resident) of everything put in."""
        return [(one.native_id, one.monotonic, one.by_resident) for one in self.record.offered]

    @property
    def received(self) -> list[tuple[str, str]]:
        """(native id it stands under, words) of every answer written through the API, in order."""
        return [(one.under, one.text) for one in self.record.received]

    def shown(self) -> dict[str, Any]:
        """`answers`: what groups' words stand under each message now; `doubled`: under how many more than one
        of the same group.
        """
        answers: dict[str, list[str]] = {}
        for topic in self.topics.values():
            for comment in topic.live:
                if comment.author.startswith("group:") or self._received(comment.native_id):
                    answers.setdefault(self._under(comment), []).append(comment.text)
        return {"answers": answers, "doubled": len(self.record.shown()["doubled"])}

    def _received(self, native_id: str) -> bool:
        return any(one.native_id == native_id for one in self.record.received)

    def _under(self, comment: Comment) -> str:
        topic = f"GROUP_TOPIC:{comment.topic}"
        return f"{topic}:{comment.reply_to}" if comment.reply_to else topic

    def _number(self) -> str:
        self._messages += 1
        return str(self._messages)

    def _offered(self, native_id: str, text: str, *, by_resident: bool) -> None:
        self.record.offer(
            native_id, text, at=self.clock.now(), monotonic=self.monotonic(), by_resident=by_resident
        )
