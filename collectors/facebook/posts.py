"""Facebook's posts and comments made into `FoundPost`.

Source: https://developers.facebook.com/docs/graph-api/reference/pagepost/ and .../comment/
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from collectors.facebook.pages import Pages
from collectors.graph.answers import Row, child, children, https, id_of, moment
from collectors.text import storable
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

NETWORK: Final = "facebook"
SITE: Final = "https://www.facebook.com"

POST_FIELDS: Final = "id,message,created_time,updated_time,permalink_url,from,parent_id,attachments"
# How many comments there are on all levels and whether we may add one, without reading any.
SUMMARY: Final = "comments.filter(stream).limit(0).summary(true)"
COUNTED: Final = f"{POST_FIELDS},{SUMMARY}"
COMMENT_FIELDS: Final = (
    "id,message,created_time,from{id,name},parent{id},permalink_url,can_comment,is_hidden,attachment"
)

# Why an answer cannot be published by the program: FoundPost.reply_reason.
NO_TOKEN: Final = "no_token"  # noqa: S105 - a reason, not a secret
NOT_OUR_PAGE: Final = "not_our_page"
NO_COMMENT_ID: Final = "no_comment_id"
COMMENTS_CLOSED: Final = "comments_closed"


def found_post(row: Row, *, page_id: str, pages: Pages) -> FoundPost | None:
    """A post on the wall of `page_id`, or one elsewhere that tags it; None if it is unusable."""
    native, posted_at = id_of(row), moment(row, "created_time")
    if not native or posted_at is None:
        return None
    if wall_of(native) != page_id:
        able, reason = ReplyCapability.MANUAL, NOT_OUR_PAGE
    else:
        able, reason = _ability(page_id, pages)
        if child(row, "comments", "summary").get("can_comment") is False and able is ReplyCapability.API:
            able, reason = ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
    community = pages.of(page_id)
    author = child(row, "from")
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=storable(row.get("message")),
        url=address(row, native),
        posted_at=posted_at,
        community_id=page_id,
        community_title=community.title if community is not None else "",
        author_name=storable(author.get("name")),
        photos=tuple(_photos(row)),
        by_community=pages.are_ours(id_of(author)),
        reply_capability=able,
        reply_reason=reason,
        territory=community.territory if community is not None else "",
    )


def found_comment(row: Row, *, post_id: str, page_id: str, pages: Pages) -> FoundPost | None:
    """A comment under a post on the wall of `page_id`; None if it is unusable."""
    posted_at = moment(row, "created_time")
    if posted_at is None:
        return None
    native = id_of(row)
    able, reason = _ability(page_id, pages)
    if not native:
        native, able, reason = _nameless(row, post_id), ReplyCapability.MANUAL, NO_COMMENT_ID
    elif row.get("can_comment") is False and able is ReplyCapability.API:
        able, reason = ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
    community = pages.of(page_id)
    author = child(row, "from")
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=storable(row.get("message")),
        url=comment_address(row, post_id, native),
        posted_at=posted_at,
        community_id=page_id,
        community_title=community.title if community is not None else "",
        author_name=storable(author.get("name")),
        root_id=post_id,
        parent_id=id_of(child(row, "parent")) or None,
        photos=tuple(_photos({"attachments": {"data": [child(row, "attachment")]}})),
        by_community=pages.are_ours(id_of(author)),
        reply_capability=able,
        reply_reason=reason,
        territory=community.territory if community is not None else "",
    )


def wall_of(post_id: str) -> str:
    """The page on whose wall a post stands: its id is "{page}_{post}"."""
    page, _, post = post_id.partition("_")
    return page if post else ""


def address(row: Row, native: str) -> str:
    return https(row.get("permalink_url")) or f"{SITE}/{native}"


def comment_address(row: Row, post_id: str, native: str) -> str:
    """The comment's own address; Facebook leads to it by the last part of its id."""
    page, _, post = post_id.partition("_")
    made = f"{SITE}/{page}/posts/{post}?comment_id={native.rpartition('_')[2]}"
    return https(row.get("permalink_url")) or made


def _ability(page_id: str, pages: Pages) -> tuple[ReplyCapability, str]:
    if page_id in pages.tokens:
        return ReplyCapability.API, ""
    return ReplyCapability.MANUAL, NO_TOKEN


def _nameless(row: Row, post_id: str) -> str:
    """A name for a comment whose id Facebook keeps back: the same at every reading until it is edited."""
    told = f"{row.get('created_time')}\n{storable(row.get('message'))}"
    return f"{post_id}_x{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _photos(row: Row) -> Iterator[str]:
    for attached in children(row, "attachments"):
        parts = children(attached, "subattachments") or [attached]
        sources = (https(child(part, "media", "image").get("src")) for part in parts)
        yield from (source for source in sources if source)
