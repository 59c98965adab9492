"""Instagram's nodes: accounts, media, comments, hashtags.

Sources: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference: ig-user, ig-media,
ig-comment, ig-hashtag, ig-user/mentioned_comment, ig-user/mentioned_media, ig-user/tags
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.graph.access import IG_COMMENTS, IG_PUBLIC, IG_READ
from sandbox.graph.errors import bad_parameter, comment_refused, missing_object
from sandbox.graph.fields import Field
from sandbox.graph.instagram_world import permalink, shortcode
from sandbox.graph.select import Ask, Edge, Json, Kind, between, node, plain, select, when
from sandbox.graph.things import Comment, Hashtag, Page, Post

DAY: Final = 86400.0  # seconds


def may_see_account(ask: Ask, account: Page, method: str) -> None:
    if not ask.token.sees(account.page_id):
        raise missing_object(method, account.id)
    ask.token.needs(IG_READ, writing=method != "GET")


def owner(ask: Ask, post: Post) -> Page | None:
    """The account whose media it is, if the token speaks for it."""
    account = ask.instagram.pages.get(post.owner_id)
    return account if account is not None and ask.token.sees(account.page_id) else None


def may_see_media(ask: Ask, post: Post, method: str) -> None:
    """Only one's own: what a hashtag or a mention found is no object one may ask for."""
    if post.deleted or owner(ask, post) is None:
        raise missing_object(method, post.id)
    ask.token.needs(IG_READ, writing=method != "GET")


def may_see_comment(ask: Ask, comment: Comment, method: str) -> None:
    if comment.deleted:
        raise missing_object(method, comment.id)
    may_see_media(ask, ask.instagram.posts[comment.post_id], method)
    ask.token.needs(IG_COMMENTS, writing=method != "GET")


def asking_account(ask: Ask) -> Page:
    """Who asks for a hashtag: `user_id`.

    Raises:
        GraphError: it is missing, or not an account of this token.
    """
    ask.token.needs(IG_PUBLIC)
    number = ask.params.get("user_id", "")
    if not number:
        raise bad_parameter("The parameter user_id is required")
    account = ask.instagram.pages.get(number)
    if account is None:
        raise missing_object("GET", number)
    may_see_account(ask, account, "GET")
    return account


# Lists


def _media(ask: Ask, account: Page, args: Mapping[str, str]) -> list[Post]:
    posts = [
        post for post in ask.instagram.posts.values() if post.owner_id == account.id and not post.deleted
    ]
    return between(sorted(posts, key=lambda post: (post.date, post.id), reverse=True), args)


def _tags(ask: Ask, account: Page, args: Mapping[str, str]) -> list[Post]:
    ask.token.needs(IG_COMMENTS)
    posts = [
        post
        for post in ask.instagram.posts.values()
        if account.id in post.tagged and not post.deleted and not post.is_private
    ]
    return sorted(posts, key=lambda post: (post.date, post.id), reverse=True)


def _comments(ask: Ask, post: Post, args: Mapping[str, str]) -> list[Comment]:
    """Top-level ones, newest first."""
    ask.token.needs(IG_COMMENTS)
    return ask.instagram.visible(post.comments)[::-1]


def _replies(ask: Ask, comment: Comment, args: Mapping[str, str]) -> list[Comment]:
    return ask.instagram.visible(comment.thread)


def _recent(ask: Ask, tag: Hashtag, args: Mapping[str, str]) -> list[Post]:
    """The last 24 hours, not strictly in order."""
    ask.instagram.ask_hashtag(asking_account(ask).id, tag)
    now = ask.instagram.clock.now().timestamp()
    found = [post for post in ask.instagram.tagged_with(tag) if 0 <= now - post.date.timestamp() <= DAY]
    swapped = [found[at : at + 2][::-1] for at in range(0, len(found), 2)]
    return [post for pair in swapped for post in pair]


def _top(ask: Ask, tag: Hashtag, args: Mapping[str, str]) -> list[Post]:
    ask.instagram.ask_hashtag(asking_account(ask).id, tag)
    return sorted(ask.instagram.tagged_with(tag), key=lambda post: post.likes or 0, reverse=True)


def _searched(ask: Ask, account: Page, args: Mapping[str, str]) -> Sequence[Hashtag]:
    ask.token.needs(IG_PUBLIC)
    return [ask.instagram.hashtags[number] for number in ask.instagram.searched(account.id)]


# Fields


def _user(ask: Ask, one: Comment) -> Page | None:
    """Only where the app's own account wrote it."""
    account = ask.instagram.pages.get(one.page_id)
    return account if account is not None and ask.token.sees(account.page_id) else None


def _writer(_ask: Ask, one: Comment, _asked: Field) -> Json:
    return {"id": one.from_id, "username": one.from_name}


def _is_open(ask: Ask, one: Post, _asked: Field) -> bool:
    return not ask.instagram.closed(one)


def _count(ask: Ask, one: Post, _asked: Field) -> int:
    return len(ask.instagram.visible(one.everything()))


def _address(one: Post) -> str:
    return one.photos[0] if one.photos else f"https://scontent.cdninstagram.example/{one.id}.jpg"


def _mentioned_media(ask: Ask, account: Page, asked: Field) -> Json:
    """`mentioned_media.media_id(ID){…}`: a stranger's media whose caption @mentions the account."""
    ask.token.needs(IG_COMMENTS)
    number = asked.args.get("media_id", "")
    post = mentioned_post(ask, account, number)
    return _without_sign(select(ask, MENTIONED_MEDIA, post, asked.inner), "caption", account)


def _mentioned_comment(ask: Ask, account: Page, asked: Field) -> Json:
    """`mentioned_comment.comment_id(ID){…}`; an error where the media's comments are off."""
    ask.token.needs(IG_COMMENTS)
    comment = mentioned_comment(ask, account, asked.args.get("comment_id", ""))
    return _without_sign(select(ask, MENTIONED_COMMENT, comment, asked.inner), "text", account)


def mentioned_post(ask: Ask, account: Page, number: str) -> Post:
    post = ask.instagram.posts.get(number)
    if post is None or post.deleted or not ask.instagram.mentions(post, account):
        raise missing_object("GET", number)
    return post


def mentioned_comment(ask: Ask, account: Page, number: str) -> Comment:
    comment = ask.instagram.comments.get(number)
    if comment is None or comment.deleted or not ask.instagram.mentions(comment, account):
        raise missing_object("GET", number)
    if ask.instagram.closed(ask.instagram.posts[comment.post_id]):
        raise comment_refused("Comments are off", "Comments have been disabled on this media.")
    return comment


def _without_sign(shape: Json, name: str, account: Page) -> Json:
    """Texts that @mention the account come without the @."""
    if isinstance(shape.get(name), str):
        shape[name] = re.sub(f"@({re.escape(account.name)})", r"\1", shape[name], flags=re.IGNORECASE)
    return shape


def _anyone(_ask: Ask, _thing: Any, _method: str) -> None:
    return None


_PUBLIC: Final = {
    "caption": plain(lambda one: one.text or None),
    "permalink": plain(permalink),
    "timestamp": plain(lambda one: when(one.date)),
    "media_type": plain(lambda one: one.media_type),
    "media_url": plain(_address),
    "like_count": plain(lambda one: one.likes),
    "comments_count": _count,
}
MEDIA: Final[Kind] = Kind(
    "IGMedia",
    (),
    {
        **_PUBLIC,
        "shortcode": plain(lambda one: shortcode(one.id)),
        "username": plain(lambda one: one.from_name),
        "owner": node(lambda: ACCOUNT, lambda ask, one: ask.instagram.pages.get(one.page_id)),
        "media_product_type": plain(lambda one: one.product_type),
        "thumbnail_url": plain(lambda one: _address(one) if one.media_type == "VIDEO" else None),
        "is_comment_enabled": _is_open,
    },
    may_see_media,
    frozenset({"ig_id", "alt_text", "is_shared_to_feed", "legacy_instagram_media_id", "children"}),
)
MENTIONED_MEDIA: Final[Kind] = Kind(
    "IGMedia", (), {**_PUBLIC, "username": plain(lambda one: one.from_name)}, _anyone, frozenset({"owner"})
)
TAGGED_MEDIA: Final[Kind] = Kind(
    "IGMedia",
    (),
    {
        **_PUBLIC,
        "username": plain(lambda one: one.from_name),
        "shortcode": plain(lambda one: shortcode(one.id)),
    },
    _anyone,
    frozenset({"owner", "media_product_type", "thumbnail_url", "is_comment_enabled"}),
)
FOUND_MEDIA: Final[Kind] = Kind("IGMedia", (), _PUBLIC, _anyone, frozenset({"children"}))
COMMENT: Final[Kind] = Kind(
    "IGComment",
    ("timestamp", "text"),
    {
        "text": plain(lambda one: one.text),
        "timestamp": plain(lambda one: when(one.date)),
        "username": plain(lambda one: one.from_name),
        "from": _writer,
        "user": node(lambda: ACCOUNT, _user),
        "like_count": plain(lambda one: one.likes),
        "hidden": plain(lambda one: one.is_hidden),
        "parent_id": plain(lambda one: one.top),
        "media": node(lambda: MEDIA, lambda ask, one: ask.instagram.posts[one.post_id]),
    },
    may_see_comment,
    frozenset({"legacy_instagram_comment_id"}),
)
MENTIONED_COMMENT: Final[Kind] = Kind(
    "IGComment",
    (),
    {
        "text": plain(lambda one: one.text),
        "timestamp": plain(lambda one: when(one.date)),
        "username": plain(lambda one: one.from_name),
        "like_count": plain(lambda one: one.likes),
        "media": node(lambda: MENTIONED_MEDIA, lambda ask, one: ask.instagram.posts[one.post_id]),
    },
    _anyone,
    frozenset({"from", "parent_id", "user"}),
)
HASHTAG: Final = Kind("ShadowIGHashtag", (), {"name": plain(lambda one: one.name)}, _anyone)
ACCOUNT: Final[Kind] = Kind(
    "IGUser",
    (),
    {
        "username": plain(lambda one: one.name),
        "name": plain(lambda one: one.title),
        "media_count": lambda ask, one, _: len(_media(ask, one, {})),
        "mentioned_media": _mentioned_media,
        "mentioned_comment": _mentioned_comment,
    },
    may_see_account,
    frozenset({"ig_id", "biography", "followers_count", "follows_count", "profile_picture_url", "website"}),
)

ACCOUNT.edges["media"] = Edge(MEDIA, _media, ())
ACCOUNT.edges["tags"] = Edge(TAGGED_MEDIA, _tags, ())
ACCOUNT.edges["recently_searched_hashtags"] = Edge(HASHTAG, _searched, (), most=30)
MEDIA.edges["comments"] = Edge(COMMENT, _comments, COMMENT.default, usual=50, most=50)
COMMENT.edges["replies"] = Edge(COMMENT, _replies, COMMENT.default, usual=50, most=50)
HASHTAG.edges["recent_media"] = Edge(FOUND_MEDIA, _recent, (), most=50, is_strict=True, only_after=True)
HASHTAG.edges["top_media"] = Edge(FOUND_MEDIA, _top, (), most=50, is_strict=True, only_after=True)
