"""Meta's own client, facebook-business, as the judge of what stands on the sandbox's Facebook and Instagram.

Its calls block, so a test awaits them in a thread: `facebook_comments(url, token, native_id)` and
`instagram_comments(url, token, native_id)` tell what a stranger to our code sees under a post or a comment.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facebook_business.adobjects.comment import Comment  # type: ignore[import-untyped]  # Meta ships no types
from facebook_business.adobjects.igcomment import IGComment  # type: ignore[import-untyped]
from facebook_business.adobjects.igmedia import IGMedia  # type: ignore[import-untyped]
from facebook_business.adobjects.iguser import IGUser  # type: ignore[import-untyped]
from facebook_business.adobjects.page import Page  # type: ignore[import-untyped]
from facebook_business.adobjects.pagepost import PagePost  # type: ignore[import-untyped]
from facebook_business.adobjects.shadowighashtag import ShadowIGHashtag  # type: ignore[import-untyped]
from facebook_business.adobjects.user import User  # type: ignore[import-untyped]
from facebook_business.api import FacebookAdsApi, FacebookSession  # type: ignore[import-untyped]
from facebook_business.exceptions import FacebookRequestError  # type: ignore[import-untyped]

__all__ = ["FacebookRequestError", "Judge", "Seen", "facebook_comments", "instagram_comments", "judging"]

_COMMENT = ["id", "message", "created_time", "from", "parent", "is_hidden", "can_comment", "permalink_url"]
_POST = ["id", "message", "created_time", "updated_time", "from", "permalink_url"]
_IG_COMMENT = ["id", "text", "timestamp", "username", "from", "hidden", "parent_id"]
_IG_MEDIA = ["id", "caption", "permalink", "timestamp", "username", "comments_count", "is_comment_enabled"]
_FOUND = ["id", "caption", "permalink", "timestamp", "media_type", "comments_count"]


@dataclass(frozen=True)
class Seen:
    """A post or a comment as the judge sees it. `author` is "" where the network does not say.

    `parent`: the comment it replies to, "" at the top level.
    """

    native_id: str
    text: str
    date: str
    author: str = ""
    author_id: str = ""
    parent: str = ""
    link: str = ""
    is_hidden: bool = False


class Judge:
    """One token's view. Every method blocks; FacebookRequestError comes out as it is."""

    def __init__(self, url: str, token: str, *, app_secret: str = "", version: str = "v25.0") -> None:
        self.session = FacebookSession(access_token=token, app_secret=app_secret or None, timeout=20)
        self.session.GRAPH = f"{url.rstrip('/')}/graph"
        self.api = FacebookAdsApi(self.session, api_version=version)

    def close(self) -> None:
        self.session.requests.close()

    # Facebook

    def me(self, fields: list[str]) -> Any:
        return User(fbid="me", api=self.api).api_get(fields=fields)

    def accounts(self) -> list[Any]:
        return list(User(fbid="me", api=self.api).get_accounts(fields=["id", "name", "access_token"]))

    def page(self, page_id: str, fields: list[str]) -> Any:
        return Page(fbid=page_id, api=self.api).api_get(fields=fields)

    def posts(self, page_id: str, edge: str = "feed") -> list[Seen]:
        """`edge`: feed, published_posts, visitor_posts or tagged."""
        ask = getattr(Page(fbid=page_id, api=self.api), f"get_{edge}")
        return [_facebook(one) for one in ask(fields=_POST)]

    def post(self, post_id: str) -> Any:
        return PagePost(fbid=post_id, api=self.api).api_get(fields=_POST)

    def comments(
        self, native_id: str, *, order: str = "chronological", everything: bool = True
    ) -> list[Seen]:
        """What stands under a post, on every level unless told, or under a comment."""
        params = {"order": order, "filter": "stream" if everything else "toplevel"}
        node = PagePost if _is_post(native_id) else Comment
        return [
            _facebook(one)
            for one in node(fbid=native_id, api=self.api).get_comments(fields=_COMMENT, params=params)
        ]

    def comment(self, comment_id: str) -> Any:
        return Comment(fbid=comment_id, api=self.api).api_get(fields=_COMMENT)

    def answer(self, native_id: str, text: str, **more: str) -> str:
        """The id of a new comment under a post or a comment."""
        node = PagePost if _is_post(native_id) else Comment
        made = node(fbid=native_id, api=self.api).create_comment(params={"message": text, **more})
        return str(made["id"])

    def answer_with_photo(self, native_id: str, text: str, photo: Path) -> str:
        """A comment with a picture in the same multipart request."""
        with photo.open("rb") as content:
            made = self.api.call(
                "POST", (native_id, "comments"), params={"message": text}, files={"source": content}
            )
        return str(made.json()["id"])

    def upload(self, page_id: str, photo: Path) -> str:
        """The number of a photo that is not published."""
        with photo.open("rb") as content:
            params, files = {"published": "false"}, {"source": content}
            made = self.api.call("POST", (page_id, "photos"), params=params, files=files)
        return str(made.json()["id"])

    def change(self, comment_id: str, **params: Any) -> None:
        Comment(fbid=comment_id, api=self.api).api_update(params=params)

    def delete(self, comment_id: str) -> None:
        Comment(fbid=comment_id, api=self.api).api_delete()

    # Instagram

    def account_of(self, page_id: str) -> str:
        return str(self.page(page_id, ["instagram_business_account"])["instagram_business_account"]["id"])

    def media(self, account_id: str, edge: str = "media") -> list[Seen]:
        """`edge`: media or tags."""
        fields = _IG_MEDIA if edge == "media" else _FOUND
        found = getattr(IGUser(fbid=account_id, api=self.api), f"get_{edge}")(fields=fields)
        return [_media(one) for one in found]

    def one_media(self, media_id: str) -> Any:
        return IGMedia(fbid=media_id, api=self.api).api_get(fields=_IG_MEDIA)

    def ig_comments(self, native_id: str, *, of_comment: bool = False) -> list[Seen]:
        """Top-level comments of a media, or the replies to a comment."""
        if of_comment:
            found = IGComment(fbid=native_id, api=self.api).get_replies(fields=_IG_COMMENT)
        else:
            found = IGMedia(fbid=native_id, api=self.api).get_comments(fields=_IG_COMMENT)
        return [_instagram(one) for one in found]

    def ig_answer(self, media_id: str, text: str) -> str:
        made = IGMedia(fbid=media_id, api=self.api).create_comment(params={"message": text})
        return str(made["id"])

    def ig_reply(self, comment_id: str, text: str) -> str:
        made = IGComment(fbid=comment_id, api=self.api).create_reply(params={"message": text})
        return str(made["id"])

    def ig_hide(self, comment_id: str, *, hide: bool) -> None:
        IGComment(fbid=comment_id, api=self.api).api_update(params={"hide": hide})

    def ig_delete(self, comment_id: str) -> None:
        IGComment(fbid=comment_id, api=self.api).api_delete()

    def ig_switch_comments(self, media_id: str, *, enabled: bool) -> None:
        IGMedia(fbid=media_id, api=self.api).api_update(params={"comment_enabled": enabled})

    def ig_mention(self, account_id: str, text: str, **where: str) -> str:
        made = IGUser(fbid=account_id, api=self.api).create_mention(params={"message": text, **where})
        return str(made["id"])

    def searched(self, account_id: str) -> list[str]:
        found = IGUser(fbid=account_id, api=self.api).get_recently_searched_hashtags()
        return [str(one["id"]) for one in found]

    def hashtag(self, account_id: str, word: str) -> str:
        params = {"user_id": account_id, "q": word}
        return str(self.api.call("GET", ("ig_hashtag_search",), params=params).json()["data"][0]["id"])

    def hashtag_media(self, account_id: str, tag_id: str, edge: str = "recent_media") -> list[Seen]:
        """`edge`: recent_media or top_media."""
        ask = getattr(ShadowIGHashtag(fbid=tag_id, api=self.api), f"get_{edge}")
        return [_media(one) for one in ask(fields=_FOUND, params={"user_id": account_id})]


def _is_post(native_id: str) -> bool:
    """A post's id begins with a Page's or person's number, a comment's with a post's."""
    return not native_id.startswith("1221")


def _facebook(one: Any) -> Seen:
    writer, parent = one.get("from") or {}, one.get("parent") or {}
    return Seen(
        native_id=one["id"],
        text=one.get("message", ""),
        date=one["created_time"],
        author=writer.get("name", ""),
        author_id=writer.get("id", ""),
        parent=parent.get("id", ""),
        link=one["permalink_url"],
        is_hidden=bool(one.get("is_hidden")),
    )


def _instagram(one: Any) -> Seen:
    return Seen(
        native_id=one["id"],
        text=one["text"],
        date=one["timestamp"],
        author=one["username"],
        author_id=one["from"]["id"],
        parent=one.get("parent_id", ""),
        is_hidden=one["hidden"],
    )


def _media(one: Any) -> Seen:
    return Seen(
        one["id"],
        one.get("caption", ""),
        one["timestamp"],
        author=one.get("username", ""),
        link=one["permalink"],
    )


@contextmanager
def judging(url: str, token: str, *, app_secret: str = "", version: str = "v25.0") -> Iterator[Judge]:
    judge = Judge(url, token, app_secret=app_secret, version=version)
    try:
        yield judge
    finally:
        judge.close()


async def facebook_comments(url: str, token: str, native_id: str, *, app_secret: str = "") -> list[Seen]:
    """What stands directly under a post or a comment, oldest first. `url`: the sandbox's, without /graph."""

    def look() -> list[Seen]:
        with judging(url, token, app_secret=app_secret) as judge:
            return judge.comments(native_id, everything=False)

    return await asyncio.to_thread(look)


async def instagram_comments(
    url: str, token: str, native_id: str, *, app_secret: str = "", of_comment: bool = False
) -> list[Seen]:
    """The comments of a media, newest first, or with `of_comment` the replies to a comment, oldest first."""

    def look() -> list[Seen]:
        with judging(url, token, app_secret=app_secret) as judge:
            return judge.ig_comments(native_id, of_comment=of_comment)

    return await asyncio.to_thread(look)
