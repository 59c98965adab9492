"""Facebook and Instagram as sides: see sandbox/networks.py."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sandbox.graph.facebook_offers import FacebookOffers
from sandbox.graph.instagram_offers import InstagramOffers
from sandbox.graph.instagram_world import InstagramWorld, shortcode
from sandbox.graph.things import Comment, Page, Post
from sandbox.graph.world import FacebookWorld, GraphWorld, Unknown

_FACEBOOK: Final = re.compile(
    r"https?://www\.facebook\.com/(?P<wall>\d+)/posts/(?P<post>\d+)"
    r"(?:\?comment_id=(?P<top>\d+)(?:&reply_comment_id=(?P<reply>\d+))?)?"
)
_INSTAGRAM: Final = re.compile(
    r"https?://www\.instagram\.com/p/(?P<code>[\w-]+)/(?:c/(?P<top>\d+)/(?:r/(?P<reply>\d+)/)?)?"
)


class _GraphSide:
    """What Facebook and Instagram have in common."""

    name = ""

    def __init__(self, world: GraphWorld, offers: FacebookOffers | InstagramOffers) -> None:
        self._world = world
        self._offers = offers

    @property
    def offered(self) -> Mapping[str, float]:
        return {one.native_id: one.monotonic for one in self._world.offered if one.by_resident}

    @property
    def received(self) -> Sequence[tuple[str, str]]:
        return [(one.under, one.text) for one in self._world.received]

    @property
    def standing(self) -> Mapping[str, int]:
        return {native: len(texts) for native, texts in self._world.shown()["answers"].items()}

    @property
    def doubled(self) -> Sequence[str]:
        return self._world.record.doubled()

    @property
    def pages(self) -> int:
        return len(self._world.pages)

    def words_of(self, native_id: str) -> str | None:
        try:
            return self._world.item(native_id).text
        except Unknown:
            return None

    def answer_by_hand(self, native_id: str, text: str) -> str:
        item = self._world.item(native_id)
        above = item if isinstance(item, Comment) else None
        post = self._world.posts[above.post_id if above else item.id]
        # Elsewhere the page that is named there speaks, or the first.
        named = (post.owner_id, *post.tagged, *self._world.pages)
        page: Page = next(self._world.pages[one] for one in named if one in self._world.pages)
        written = self._world.write_comment(
            post, author=page, text=text, reply_to=above.id if above else None
        )
        return self._offers.link(self.copied(post, written))

    def copied(self, post: Post, written: Comment) -> Post | Comment:
        """What a person's link to an answer leads to."""
        return written


class FacebookSide(_GraphSide):
    name = "facebook"

    def __init__(self, world: FacebookWorld) -> None:
        super().__init__(world, FacebookOffers(world))
        self._facebook = world

    def native_of(self, text: str) -> list[Sequence[str]]:
        found: list[Sequence[str]] = []
        for link in _FACEBOOK.finditer(text):
            comment = link["reply"] or link["top"]
            found.append((f"{link['post']}_{comment}" if comment else f"{link['wall']}_{link['post']}",))
        return found

    def offer(self, page: str, *, author: str, text: str) -> None:
        self._facebook.offer_post(self._facebook.pages[page], author=self._facebook.person(author), text=text)


class InstagramSide(_GraphSide):
    name = "instagram"

    def __init__(self, world: InstagramWorld) -> None:
        super().__init__(world, InstagramOffers(world))
        self._instagram = world

    def native_of(self, text: str) -> list[Sequence[str]]:
        found: list[Sequence[str]] = []
        for link in _INSTAGRAM.finditer(text):
            comment = link["reply"] or link["top"]
            posts = [number for number in self._instagram.posts if shortcode(number) == link["code"]]
            found.append((comment,) if comment else posts)
        return found

    def copied(self, post: Post, written: Comment) -> Post | Comment:
        """The app copies no links to comments."""
        return post

    def offer(self, page: str, *, author: str, text: str) -> None:
        """A comment under the newest media of the account: nobody else may post there.

        Raises:
            LookupError: the account has no media yet.
        """
        account = self._instagram.pages[page]
        own = [post for post in self._instagram.posts.values() if post.owner_id == account.id]
        if not own:
            raise LookupError(f"{account.name} has no media to comment on")
        self._instagram.offer_comment(own[-1], author=self._instagram.person(author), text=text)
