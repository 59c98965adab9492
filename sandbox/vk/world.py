"""What is in the sandbox's VK: communities, people, walls, comments, tokens, and a record of it all."""

import re
import time
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from sandbox.vk.record import Received, Record
from sandbox.vk.refusals import Refusal
from sandbox.vk.things import Comment, Community, Post, Token

FIRST_USER: Final = 1001
_NATIVE: Final = re.compile(r"wall(-?\d+)_(\d+)(?:_r(\d+))?", re.ASCII)


class Unknown(Exception):
    """The driver named something that is not here."""


class Clock(Protocol):
    def now(self) -> datetime: ...


def _age(post: Post) -> tuple[int, int]:
    return post.date, post.id


class VkWorld:
    """The whole state. `monotonic` counts seconds for the rate limit and for measuring delays."""

    def __init__(self, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self.communities: dict[int, Community] = {}
        self.users: dict[int, str] = {}
        self.tokens: dict[str, Token] = {}
        self.posts: dict[tuple[int, int], Post] = {}
        self.comments: dict[tuple[int, int], Comment] = {}
        self.walls: dict[int, list[Post]] = {}
        self.timeline: list[Post] = []
        self.record = Record()
        self.rate_limits: dict[str, int] = {}
        self.addresses: dict[str, int] = {}  # short addresses of people
        self.tell: Callable[[str, Post | Comment], None] = lambda kind, item: None
        self._guids: dict[tuple[int, str], Comment] = {}
        self._user_ids: dict[str, int] = {}
        self._numbers: Counter[int] = Counter()
        self._recent: dict[str, deque[float]] = {}

    def unix(self) -> int:
        return int(self.clock.now().timestamp())

    # Who is here

    def add_community(self, *, name: str, title: str, number: int | None = None, **flags: bool) -> Community:
        """`flags`: comments_closed, links_forbidden, groups_may_comment, verified."""
        number = number or max(self.communities, default=0) + 1
        self.communities[number] = Community(number, name, title, **flags)
        return self.communities[number]

    def user(self, name: str) -> int:
        """The person's number; a new name is a new person."""
        if name not in self._user_ids:
            number = FIRST_USER + len(self._user_ids)
            self._user_ids[name] = number
            self.users[number] = name
        return self._user_ids[name]

    # What residents do

    def offer_post(
        self,
        *,
        owner_id: int,
        from_id: int,
        text: str,
        photos: tuple[str, ...] = (),
        pinned: bool = False,
        date: int | None = None,
    ) -> Post:
        """Put a post on a wall. `date` is Unix seconds, now by default."""
        date = self.unix() if date is None else date
        post = Post(self._number(owner_id), owner_id, from_id, date, text, photos, pinned=pinned)
        self.posts[owner_id, post.id] = post
        insort(self.walls.setdefault(owner_id, []), post, key=_age)
        insort(self.timeline, post, key=_age)
        self._offered(post.native_id, text)
        self.tell("wall_post_new", post)
        return post

    def offer_comment(
        self,
        post: Post,
        *,
        from_id: int,
        text: str,
        reply_to: int | None = None,
        photos: tuple[str, ...] = (),
        date: int | None = None,
    ) -> Comment:
        """A person's comment, counted as offered."""
        comment = self.write_comment(
            post, from_id=from_id, text=text, reply_to=reply_to, photos=photos, date=date
        )
        self._offered(comment.native_id, text)
        return comment

    def write_comment(
        self,
        post: Post,
        *,
        from_id: int,
        text: str,
        reply_to: int | None = None,
        photos: tuple[str, ...] = (),
        date: int | None = None,
    ) -> Comment:
        """Any comment, into the list or thread it belongs to.

        Raises:
            Unknown: there is no such comment to reply to.
        """
        above = self.comment(post.owner_id, reply_to) if reply_to is not None else None
        if above is not None and above.post_id != post.id:
            raise Unknown(f"comment {reply_to} is under another post")
        comment = Comment(
            id=self._number(post.owner_id),
            owner_id=post.owner_id,
            post_id=post.id,
            from_id=from_id,
            date=self.unix() if date is None else date,
            text=text,
            photos=photos,
            reply_to=reply_to,
        )
        if above is None:
            post.comments.append(comment)
        else:
            top = above if above.top is None else self.comment(post.owner_id, above.top)
            comment.top = top.id
            top.thread.append(comment)
        self.comments[post.owner_id, comment.id] = comment
        post.live += 1
        if from_id < 0:
            self.record.stands(self._target(comment), community_id=-from_id, more=1)
        self.tell("wall_reply_new", comment)
        return comment

    def edit(self, native_id: str, text: str) -> None:
        """Change the text; VK dates the edit of a post, and says nothing of a comment's."""
        item = self.item(native_id)
        item.text = text
        if isinstance(item, Post):
            item.edited = self.unix()
        else:
            self.tell("wall_reply_edit", item)

    def delete(self, native_id: str) -> None:
        """Delete a post or a comment; a comment with a live thread stays as an empty place."""
        item = self.item(native_id)
        if isinstance(item, Comment):
            self._set_deleted(item, deleted=True)
            return
        del self.posts[item.owner_id, item.id]
        for posts in (self.walls[item.owner_id], self.timeline):
            at = bisect_left(posts, _age(item), key=_age)
            while posts[at] is not item:  # two walls may number alike within one second
                at += 1
            del posts[at]

    def restore(self, native_id: str) -> None:
        """A deleted comment comes back.

        Raises:
            Unknown: posts are deleted for ever here.
        """
        item = self.item(native_id)
        if isinstance(item, Comment):
            self._set_deleted(item, deleted=False)

    def _set_deleted(self, comment: Comment, *, deleted: bool) -> None:
        if comment.deleted is deleted:
            return
        comment.deleted = deleted
        more = -1 if deleted else 1
        self.posts[comment.owner_id, comment.post_id].live += more
        if comment.from_id < 0:
            self.record.stands(self._target(comment), community_id=-comment.from_id, more=more)
        self.tell("wall_reply_delete" if deleted else "wall_reply_restore", comment)

    # What a community's token does

    def publish(
        self, post: Post, *, community_id: int, text: str, reply_to: int | None, guid: str
    ) -> Comment:
        """The community's comment; the same `guid` gives the first one again."""
        known = self._guids.get((community_id, guid)) if guid else None
        if known is not None:
            self.record.resent += 1
            return known
        comment = self.write_comment(post, from_id=-community_id, text=text, reply_to=reply_to)
        if guid:
            self._guids[community_id, guid] = comment
        under = self._target(comment)
        self.record.received.append(
            Received(under, comment.native_id, community_id, text, guid, self.clock.now(), self.monotonic())
        )
        return comment

    # Looking things up

    def post(self, owner_id: int, number: int) -> Post | None:
        return self.posts.get((owner_id, number))

    def comment(self, owner_id: int, number: int) -> Comment:
        found = self.comments.get((owner_id, number))
        if found is None:
            raise Unknown(f"no comment {number} on wall {owner_id}")
        return found

    def item(self, native_id: str) -> Post | Comment:
        """What "wall-1_2" or "wall-1_2_r3" names.

        Raises:
            Unknown: nothing.
        """
        parts = _NATIVE.fullmatch(native_id)
        if parts is None:
            raise Unknown(f"{native_id!r} is no native id")
        owner, post, comment = int(parts[1]), int(parts[2]), parts[3]
        if comment is not None:
            return self.comment(owner, int(comment))
        found = self.post(owner, post)
        if found is None:
            raise Unknown(f"no post {native_id}")
        return found

    def comments_closed(self, post: Post) -> bool:
        community = self.communities.get(-post.owner_id)
        return post.comments_closed or (community is not None and community.comments_closed)

    def check_rate(self, token: str, kind: str) -> None:
        """One call more of this token.

        Raises:
            Refusal: error 6, when the limit of the token's kind is switched on and used up.
        """
        limit = self.rate_limits.get(kind)
        if limit is None:
            return
        now, recent = self.monotonic(), self._recent.setdefault(token, deque())
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if len(recent) >= limit:
            raise Refusal(6)
        recent.append(now)

    def _target(self, comment: Comment) -> str:
        if comment.reply_to is None:
            return f"wall{comment.owner_id}_{comment.post_id}"
        return self.comment(comment.owner_id, comment.reply_to).native_id

    def _number(self, owner_id: int) -> int:
        """Posts and comments of one wall share their numbering."""
        self._numbers[owner_id] += 1
        return self._numbers[owner_id]

    def _offered(self, native_id: str, text: str) -> None:
        self.record.offer(native_id, text, at=self.clock.now(), monotonic=self.monotonic())
