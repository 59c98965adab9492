"""What an account writes on Instagram, and the search for a hashtag's number.

Sources: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference: ig-media/comments,
ig-comment/replies, ig-user/mentions, ig-hashtag-search
"""

import re
from typing import Final

from sandbox.graph.access import IG_COMMENTS
from sandbox.graph.errors import GraphError, bad_parameter, comment_refused
from sandbox.graph.instagram_nodes import (
    ACCOUNT,
    COMMENT,
    MEDIA,
    asking_account,
    mentioned_comment,
    mentioned_post,
    owner,
)
from sandbox.graph.select import Ask, Json
from sandbox.graph.things import Comment, Page, Post

LONGEST: Final = 2200  # characters of a comment, as posting tools have it
_TAG_NAME: Final = re.compile(r"\w+")


def _words(ask: Ask) -> str:
    ask.token.needs(IG_COMMENTS, writing=True)
    text = ask.params.get("message", "").strip()
    if not text:
        raise bad_parameter("The parameter message is required")
    if len(text) > LONGEST:
        raise bad_parameter("Param message is too long")
    return text


def _write(ask: Ask, post: Post, account: Page, reply_to: str | None) -> Json:
    text = _words(ask)
    if ask.instagram.closed(post):
        raise comment_refused("Comments are off", "Comments have been disabled on this media.")
    if post.is_live:
        raise bad_parameter("Comments on live video are not supported")
    return {"id": ask.instagram.publish(post, page=account, text=text, reply_to=reply_to).id}


def _own(ask: Ask, post: Post) -> Page:
    account = owner(ask, post)
    if account is None:
        raise GraphError(10)
    return account


def _comment(ask: Ask, post: Post) -> Json:
    return _write(ask, post, _own(ask, post), None)


def _reply(ask: Ask, comment: Comment) -> Json:
    """A reply to a reply stands under the top-level comment; a hidden one takes none."""
    post = ask.instagram.posts[comment.post_id]
    top = ask.instagram.comments[comment.top] if comment.top else comment
    if comment.is_hidden or top.is_hidden:
        raise comment_refused("Comment is hidden", "You cannot reply to a hidden comment.")
    return _write(ask, post, _own(ask, post), comment.id)


def _mention(ask: Ask, account: Page) -> Json:
    """An answer where a stranger has @mentioned the account."""
    media, number = ask.params.get("media_id", ""), ask.params.get("comment_id", "")
    if not media:
        raise bad_parameter("The parameter media_id is required")
    if not number:
        return _write(ask, mentioned_post(ask, account, media), account, None)
    comment = mentioned_comment(ask, account, number)
    if comment.post_id != media:
        raise bad_parameter("The comment does not belong to the media")
    return _write(ask, ask.instagram.posts[media], account, number)


def _switch_comments(ask: Ask, post: Post) -> Json:
    ask.token.needs(IG_COMMENTS, writing=True)
    if "comment_enabled" not in ask.params:
        raise bad_parameter("The parameter comment_enabled is required")
    post.comments_closed = not ask.flag("comment_enabled")
    return {"success": True}


def _hide(ask: Ask, comment: Comment) -> Json:
    """The words of a comment cannot be changed: it is hidden or shown again."""
    if "hide" not in ask.params:
        raise bad_parameter("The parameter hide is required")
    if comment.page_id:
        raise bad_parameter("Comments of the media's owner are always shown")
    comment.is_hidden = ask.flag("hide")
    return {"success": True}


def _remove(ask: Ask, comment: Comment) -> Json:
    ask.instagram.delete(comment.id)
    return {"success": True}


def search_hashtag(ask: Ask) -> Json:
    """GET /ig_hashtag_search?user_id=…&q=…: the number of a hashtag, at the cost of one of thirty a week."""
    account = asking_account(ask)
    name = ask.params.get("q", "")
    if not _TAG_NAME.fullmatch(name):
        raise bad_parameter("The parameter q must be a hashtag without spaces, emoji and signs")
    if name.lower() in ask.instagram.sensitive:
        raise GraphError(1, status=400)
    tag = ask.instagram.hashtag(name)
    ask.instagram.ask_hashtag(account.id, tag)
    return {"data": [{"id": tag.id}]}


MEDIA.creates["comments"] = _comment
MEDIA.update = _switch_comments
COMMENT.creates["replies"] = _reply
COMMENT.update = _hide
COMMENT.delete = _remove
ACCOUNT.creates["mentions"] = _mention
