"""Posts written, deleted, and pictures uploaded through the API.

Source: https://docs.x.com/x-api/posts/manage-tweets/introduction ; X's OpenAPI: POST /2/tweets, /2/media/upload
"""

import base64
from typing import Any, Final

from twitter_text import parse_tweet  # type: ignore[import-untyped]  # the package ships no types

from sandbox.x import problems
from sandbox.x.asked import an_id, object_of
from sandbox.x.problems import forbidden, invalid
from sandbox.x.things import CASHTAG, Account, Caller, Post
from sandbox.x.world import Unknown, XWorld

Body = dict[str, Any]

LONGEST: Final = 280  # weights
ABSURD: Final = 5000  # characters the parser is spared
MOST_PICTURES: Final = 4
LARGEST: Final = 5 * 1024 * 1024  # bytes
_CREATE: Final = frozenset(
    [
        "card_uri",
        "community_id",
        "direct_message_deep_link",
        "edit_options",
        "for_super_followers_only",
        "geo",
        "made_with_ai",
        "media",
        "nullcast",
        "paid_partnership",
        "poll",
        "quote_tweet_id",
        "reply",
        "reply_settings",
        "share_with_followers",
        "text",
    ]
)
_REPLY: Final = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"})
_MEDIA: Final = frozenset({"media_ids", "tagged_user_ids"})
_UPLOAD: Final = frozenset({"media", "media_category", "additional_owners", "media_type", "shared"})
_MAGIC: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def create(world: XWorld, body: Any, caller: Caller) -> Body:
    """POST /2/tweets"""
    asked = object_of(body, "body", _CREATE)
    text = asked.get("text", "")
    if not isinstance(text, str):
        raise invalid("text", text, "$.text: string expected")
    reply = object_of(asked["reply"], "reply", _REPLY) if "reply" in asked else {}
    target = reply.get("in_reply_to_tweet_id", "")
    if reply and not isinstance(target, str):
        raise invalid("in_reply_to_tweet_id", target, "$.reply.in_reply_to_tweet_id: string expected")
    media = _media(world, asked)
    if not text.strip() and not media:
        raise invalid("text", text, "You must provide text or media")
    author = world.account(caller.account_id)
    _check_text(world, text)
    if target:
        _may_reply(world, author, an_id(target, "in_reply_to_tweet_id"))
    if text and world.is_double(author, text, target):
        raise forbidden(problems.DUPLICATE)
    post = world.publish(author, text, reply_to=target, quoted=asked.get("quote_tweet_id", ""), media=media)
    return {"data": {"id": post.id, "text": post.text}}


def delete(world: XWorld, caller: Caller, number: str) -> Body:
    """DELETE /2/tweets/:id"""
    try:
        post = world.item(an_id(number))
    except Unknown:
        raise problems.not_found("tweet", "id", number) from None
    if post.author.id != caller.account_id:
        raise forbidden("You are not authorized to delete this Tweet.")
    world.delete(post.id)
    return {"data": {"deleted": True}}


def upload(world: XWorld, body: Any, caller: Caller) -> Body:
    """POST /2/media/upload in one go. `media`: base64 text, or the bytes of a multipart body."""
    asked = object_of(body, "body", _UPLOAD)
    if asked.get("media_category") != "tweet_image":
        raise invalid(
            "media_category", asked.get("media_category"), "$.media_category: one of tweet_image, …"
        )
    media = asked.get("media")
    try:
        content = media if isinstance(media, bytes) else base64.b64decode(str(media), validate=True)
    except ValueError:  # binascii's error is one too
        raise invalid("media", "", "$.media: base64 expected") from None
    kind = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if kind is None or len(content) > LARGEST:
        raise invalid("media", "", "Your media is not an image, or larger than 5 MB")
    number = world.keep_picture(content)
    return {
        "data": {
            "id": number,
            "media_key": f"3_{number}",
            "size": len(content),
            "expires_after_secs": 86_400,
            "image": {"image_type": kind, "w": 1200, "h": 800},
        }
    }


def _media(world: XWorld, asked: Body) -> list[str]:
    """The ids of uploaded pictures."""
    if "media" not in asked:
        return []
    ids = object_of(asked["media"], "media", _MEDIA).get("media_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_PICTURES:
        raise invalid("media_ids", ids, "$.media.media_ids: there must be 1 to 4 items")
    for one in ids:
        if one not in world.pictures:
            raise invalid("media_ids", one, "Your media IDs are invalid.")
    return ids


def _check_text(world: XWorld, text: str) -> None:
    if len(text) > ABSURD or parse_tweet(text).weightedLength > LONGEST:
        raise forbidden("Your Tweet text is too long. For more information on how Twitter determines text length "
                        "see https://github.com/twitter/twitter-text.")  # fmt: skip
    if world.tier == "self_serve" and len(CASHTAG.findall(text)) > 1:
        raise forbidden("You may only include up to one cashtag in your post.")


def _may_reply(world: XWorld, author: Account, target: str) -> Post:
    """The post that is answered.

    Raises:
        Problem: 403, it is gone, closed, or its author has not asked for us.
    """
    try:
        post = world.item(target)
    except Unknown:
        raise forbidden(problems.NOT_VISIBLE) from None
    if post.author.protected:
        raise forbidden(problems.NOT_VISIBLE)
    if post.author is author:
        return post
    named = author.username.lower() in post.names
    if post.reply_settings == "mentionedUsers" and not named:
        raise forbidden(problems.RESTRICTED)
    quoted = world.posts.get(post.quoted)
    if world.tier == "self_serve" and not named and (quoted is None or quoted.author is not author):
        raise forbidden(problems.NOT_SUMMONED)
    return post
