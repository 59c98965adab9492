"""Instagram: accounts, media, hashtags and who may still ask for them."""

import hashlib
import re
import string
from datetime import datetime, timedelta
from typing import Final

from sandbox.graph.access import INSTAGRAM
from sandbox.graph.errors import too_many_hashtags
from sandbox.graph.things import Comment, Hashtag, Page, Person, Post
from sandbox.graph.world import FacebookWorld, GraphWorld

HASHTAGS_A_WEEK: Final = 30
WEEK: Final = timedelta(days=7)
_TAG: Final = re.compile(r"#(\w+)")
_ALPHABET: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def shortcode(number: str) -> str:
    """The eleven signs in a media's address."""
    value, signs = int(number) * 2_654_435_761 % 64**11, ""
    for _ in range(11):
        value, digit = divmod(value, 64)
        signs = _ALPHABET[digit] + signs
    return signs


def permalink(post: Post) -> str:
    return f"https://www.instagram.com/p/{shortcode(post.id)}/"


class InstagramWorld(GraphWorld):
    """Each account hangs on a Facebook Page, whose token speaks for it.

    Source: https://developers.facebook.com/docs/instagram-platform
    """

    network = INSTAGRAM
    first_person = 17_841_500_000_000_001

    def __init__(self, facebook: FacebookWorld) -> None:
        super().__init__(facebook.clock, facebook.access, facebook.monotonic)
        self.facebook = facebook
        self.hashtags: dict[str, Hashtag] = {}
        self.sensitive: set[str] = set()
        self._searched: dict[str, dict[str, datetime]] = {}

    def add_page(self, *, name: str, title: str, number: str | None = None, page_id: str = "") -> Page:
        """An account; a Page is made for it where none is named."""
        if not page_id:
            page_id = self.facebook.add_page(name=name, title=title).id
        account = Page(
            number or str(17_841_400_000_000_001 + len(self.pages)),
            name,
            title,
            self.facebook.page(page_id).id,
        )
        self.pages[account.id] = account
        return account

    def account_of(self, page_id: str) -> Page | None:
        """The account linked to a Facebook Page."""
        return next((one for one in self.pages.values() if one.page_id == page_id), None)

    def offer_post(
        self,
        author: Page | Person,
        *,
        text: str,
        photos: tuple[str, ...] = (),
        date: datetime | None = None,
        tagged: tuple[str, ...] = (),
        media_type: str = "IMAGE",
        is_private: bool = False,
        is_live: bool = False,
        likes: int | None = 0,
    ) -> Post:
        """A media. `tagged`: accounts marked on the photo; whom the caption @mentions stands in the caption."""
        ours = isinstance(author, Page)
        product = "LIVE" if is_live else "FEED"
        return self.keep(
            Post(
                id=str(17_900_000_000_000_000 + self.next_number()),
                owner_id=author.id if ours else "",
                from_id=author.id,
                from_name=author.name,
                date=self.clock.now() if date is None else date,
                text=text,
                page_id=author.id if ours else "",
                photos=photos,
                tagged=tagged,
                media_type=media_type,
                product_type=product,
                is_private=is_private,
                is_live=is_live,
                likes=likes,
            )
        )

    # Hashtags

    def hashtag(self, name: str) -> Hashtag:
        """Ids are static and global: the same tag has the same number for everybody."""
        digest = hashlib.sha256(name.lower().encode()).digest()
        number = str(17_843_000_000_000_000 + int.from_bytes(digest[:5]) % 10**12)
        return self.hashtags.setdefault(number, Hashtag(number, name.lower()))

    def ask_hashtag(self, account_id: str, tag: Hashtag) -> None:
        """Count a query; a tag counts for seven days from its first query.

        Raises:
            GraphError: it would be the 31st of the week.
        """
        week = self.searched(account_id)
        if tag.id not in week:
            if len(week) >= HASHTAGS_A_WEEK:
                raise too_many_hashtags()
            self._searched[account_id][tag.id] = self.clock.now()

    def searched(self, account_id: str) -> list[str]:
        """Hashtags the account has asked for within seven days."""
        now, asked = self.clock.now(), self._searched.setdefault(account_id, {})
        for number in [number for number, at in asked.items() if now - at >= WEEK]:
            del asked[number]
        return list(asked)

    def tagged_with(self, tag: Hashtag) -> list[Post]:
        """Public media with the tag in the caption, newest first."""
        found = [
            post
            for post in self.posts.values()
            if not post.deleted
            and not post.is_private
            and not post.is_live
            and tag.name in {one.lower() for one in _TAG.findall(post.text)}
        ]
        return sorted(found, key=lambda post: (post.date, post.id), reverse=True)

    def mentions(self, item: Post | Comment, account: Page) -> bool:
        return re.search(rf"@{re.escape(account.name)}(?![\w.]*\w)", item.text, re.IGNORECASE) is not None

    def _comment_id(self, post: Post) -> str:
        return str(17_850_000_000_000_000 + self.next_number())

    def _called(self, author: Person | Page) -> str:
        return author.name
