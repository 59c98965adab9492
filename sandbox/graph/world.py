"""What Facebook and Instagram have in common: Pages, people, posts, comments, and a record of it all."""

import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Protocol

from sandbox.graph.access import FACEBOOK, Access
from sandbox.graph.record import Offered, Received, Record
from sandbox.graph.things import Comment, Page, Person, Post

_MENTION: Final = re.compile(r"@([\w.]+\w|\w)")


class Unknown(Exception):
    """The driver named something that is not here."""


class Clock(Protocol):
    def now(self) -> datetime: ...


class GraphWorld:
    """One network's state. `monotonic` counts seconds for limits and for measuring delays.

    `lag`: seconds until what was written through the API shows in lists.
    """

    network = ""
    first_person = 0

    def __init__(self, clock: Clock, access: Access, monotonic: Callable[[], float]) -> None:
        self.clock = clock
        self.access = access
        self.monotonic = monotonic
        self.lag = 0.0
        self.pages: dict[str, Page] = {}
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.record = Record()
        self._number = 0

    # For the judge

    @property
    def offered(self) -> list[Offered]:
        return self.record.offered

    @property
    def received(self) -> list[Received]:
        return self.record.received

    def shown(self) -> dict[str, Any]:
        """{"answers": {what is answered: [texts standing]}, "doubled": messages answered twice by one Page}"""
        answers: dict[str, list[str]] = {}
        for one in self.comments.values():
            if one.page_id and not one.deleted:
                answers.setdefault(one.under, []).append(one.text)
        return {"answers": answers, "doubled": len(self.record.doubled())}

    def by_resident(self, native_id: str) -> bool:
        """Whether a person wrote it. Raises Unknown where it is gone."""
        return not self.item(native_id).page_id

    # Who is here

    def person(self, name: str) -> Person:
        """A new name is a new person."""
        if name not in self.people:
            self.people[name] = Person(str(self.first_person + len(self.people)), name)
        return self.people[name]

    def page(self, page_id: str) -> Page:
        """Raises:
        Unknown: there is no such Page or account.
        """
        if page_id not in self.pages:
            raise Unknown(f"no page {page_id}")
        return self.pages[page_id]

    # What is written

    def keep(self, post: Post) -> Post:
        """Put a post into the world, counted as offered."""
        self.posts[post.id] = post
        self._offer(post.id, post.text, by_resident=not post.page_id)
        return post

    def offer_comment(self, post: Post, **about: Any) -> Comment:
        """`write_comment`, counted as offered."""
        comment = self.write_comment(post, **about)
        self._offer(comment.id, comment.text, by_resident=not comment.page_id)
        return comment

    def write_comment(
        self,
        post: Post,
        *,
        author: Person | Page,
        text: str,
        reply_to: str | None = None,
        photos: tuple[str, ...] = (),
        date: datetime | None = None,
    ) -> Comment:
        """Any comment; a reply to a reply attaches to the top-level comment.

        Raises:
            Unknown: there is no such comment to reply to.
        """
        above = self.comment(reply_to) if reply_to is not None else None
        if above is not None and above.post_id != post.id:
            raise Unknown(f"comment {reply_to} is under another post")
        top = None if above is None else above if above.top is None else self.comment(above.top)
        page = author if isinstance(author, Page) else None
        date = self.clock.now() if date is None else date
        comment = Comment(
            id=self._comment_id(post),
            post_id=post.id,
            from_id=author.id,
            from_name=self._called(author),
            date=date,
            text=text,
            under=self._answered(post, above, top, text),
            page_id=page.id if page else "",
            photos=photos,
            top=top.id if top else None,
        )
        (post.comments if top is None else top.thread).append(comment)
        self.comments[comment.id] = comment
        post.updated = max(post.updated or post.date, date)
        if page is not None:
            self.record.stands(comment.under, page_id=page.id, more=1)
        return comment

    def publish(
        self, post: Post, *, page: Page, text: str, reply_to: str | None, photos: tuple[str, ...] = ()
    ) -> Comment:
        """What a program writes through the API. There is no key: the same words twice stand twice."""
        comment = self.write_comment(post, author=page, text=text, reply_to=reply_to, photos=photos)
        comment.seen_from = self.monotonic() + self.lag
        self.record.received.append(
            Received(
                under=comment.under,
                native_id=comment.id,
                page_id=page.id,
                text=text,
                stands_under=comment.top or post.id,
                at=self.clock.now(),
                monotonic=self.monotonic(),
                photos=photos,
            )
        )
        return comment

    def edit(self, native_id: str, text: str) -> None:
        item = self.item(native_id)
        item.text = text
        if isinstance(item, Post):
            item.updated = self.clock.now()

    def delete(self, native_id: str) -> None:
        """A deleted comment takes its thread with it, a post its comments."""
        item = self.item(native_id)
        if isinstance(item, Comment):
            self._delete_comments((item, *item.thread))
            return
        item.deleted = True
        for top in item.comments:
            for one in (top, *top.thread):
                one.deleted = True

    def _delete_comments(self, gone: Iterable[Comment]) -> None:
        for one in gone:
            if one.deleted:
                continue
            one.deleted = True
            if one.page_id:
                self.record.stands(one.under, page_id=one.page_id, more=-1)

    # Looking things up

    def item(self, native_id: str) -> Post | Comment:
        """Raises:
        Unknown: nothing has this id, or it is deleted.
        """
        found = self.posts.get(native_id) or self.comments.get(native_id)
        if found is None or found.deleted:
            raise Unknown(f"no post or comment {native_id}")
        return found

    def comment(self, number: str) -> Comment:
        """Raises:
        Unknown: there is no such comment, or it is deleted.
        """
        found = self.item(number)
        if not isinstance(found, Comment):
            raise Unknown(f"{number} is no comment")
        return found

    def visible(self, comments: Iterable[Comment]) -> list[Comment]:
        """Those that lists show by now, oldest first."""
        now = self.monotonic()
        there = [one for one in comments if not one.deleted and one.seen_from <= now]
        return sorted(there, key=lambda one: (one.date, one.id))

    def closed(self, post: Post) -> bool:
        page = self.pages.get(post.owner_id)
        return post.comments_closed or (page is not None and page.comments_closed)

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def _comment_id(self, post: Post) -> str:
        raise NotImplementedError

    def _called(self, author: Person | Page) -> str:
        """The name that stands beside a comment."""
        return author.title if isinstance(author, Page) else author.name

    def _answered(self, post: Post, above: Comment | None, top: Comment | None, text: str) -> str:
        """What a comment answers: as a reader would say, whoever of the thread it begins with an @ of."""
        if above is None or top is None:
            return post.id
        said = _MENTION.match(text.lstrip())
        if above is not top or said is None:
            return above.id
        own = [one for one in top.thread if one.from_name == said[1] and not one.deleted]
        unanswered = [one for one in own if not any(other.under == one.id for other in top.thread)]
        return (unanswered or own or [above])[-1].id

    def _offer(self, native_id: str, text: str, *, by_resident: bool) -> None:
        self.record.offer(
            native_id, text, at=self.clock.now(), monotonic=self.monotonic(), by_resident=by_resident
        )


class FacebookWorld(GraphWorld):
    """Pages and their walls. A post is "{page}_{number}", a comment "{number of the post}_{number}".

    Source: https://developers.facebook.com/docs/graph-api/reference/comment
    """

    network = FACEBOOK
    first_person = 24_000_000_000_000_001

    def __init__(self, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock, Access(monotonic), monotonic)
        self.photos: dict[str, bytes] = {}
        self.subscribed: dict[str, tuple[str, ...]] = {}

    def add_page(self, *, name: str, title: str, number: str | None = None) -> Page:
        page = Page(number or str(100_000_000_000_001 + len(self.pages)), name, title)
        self.pages[page.id] = page
        return page

    def offer_post(
        self,
        page: Page,
        *,
        author: Person | Page | None = None,
        text: str,
        photos: tuple[str, ...] = (),
        date: datetime | None = None,
        tags: bool = False,
    ) -> Post:
        """A post on the Page's wall, the Page's own unless `author` is a person.

        `tags`: it stands on the author's wall, and names the Page.
        """
        author = author or page
        wall = author.id if tags else page.id
        by_page = isinstance(author, Page)
        return self.keep(
            Post(
                id=f"{wall}_{122_100_000_000_000 + self.next_number()}",
                owner_id="" if tags else page.id,
                from_id=author.id,
                from_name=self._called(author),
                date=self.clock.now() if date is None else date,
                text=text,
                page_id=author.id if by_page else "",
                photos=photos,
                tagged=(page.id,) if tags else (),
            )
        )

    def keep_photo(self, content: bytes) -> str:
        """The number of an uploaded photo."""
        number = str(122_200_000_000_000 + self.next_number())
        self.photos[number] = content
        return number

    def _comment_id(self, post: Post) -> str:
        return f"{post.id.partition('_')[2]}_{1_200_000_000_000_000 + self.next_number()}"
