"""Instagram's media and comments made into `FoundPost`.

Source: https://developers.facebook.com/docs/instagram-platform/reference/instagram-media and .../instagram-comment
"""

from typing import Final

from collectors.graph.answers import Row, child, https, id_of, moment
from collectors.instagram.accounts import Account, Accounts
from collectors.text import storable
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

NETWORK: Final = "instagram"
SITE: Final = "https://www.instagram.com"

MEDIA_FIELDS: Final = (
    "id,caption,permalink,shortcode,timestamp,username,media_type,media_product_type,media_url,thumbnail_url,"
    "comments_count,is_comment_enabled"
)
TAGGED_FIELDS: Final = "id,caption,permalink,timestamp,username,media_type,media_url"
FOUND_FIELDS: Final = "id,caption,permalink,timestamp,media_type,media_url,comments_count"
REPLY_FIELDS: Final = "id,text,timestamp,username,from{id,username},hidden,parent_id"
COMMENT_FIELDS: Final = f"{REPLY_FIELDS},replies.limit(50){{{REPLY_FIELDS}}}"
ONE_COMMENT: Final = f"{REPLY_FIELDS},media{{id,permalink,media_type,media_product_type,is_comment_enabled}}"
MENTIONED_COMMENT: Final = "id,text,timestamp,username,media{id,permalink}"
MENTIONED_MEDIA: Final = "id,caption,permalink,timestamp,username"

# Why an answer cannot be published by the program: FoundPost.reply_reason.
HIDDEN: Final = "hidden"
LIVE_VIDEO: Final = "live_video"
COMMENTS_CLOSED: Final = "comments_closed"
HASHTAG_FIND: Final = "hashtag_find"
PHOTO_TAG: Final = "photo_tag"
_LIVE: Final = frozenset({"LIVE", "BROADCAST"})

Ability = tuple[ReplyCapability, str]
BY_API: Final[Ability] = (ReplyCapability.API, "")


def ability(media: Row) -> Ability:
    """Whether comments under this media of ours may be answered."""
    if media.get("is_comment_enabled") is False:
        return ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
    if media.get("media_product_type") in _LIVE or media.get("media_type") in _LIVE:
        return ReplyCapability.MANUAL, LIVE_VIDEO
    return BY_API


def found_media(row: Row, *, account: Account, accounts: Accounts, able: Ability) -> FoundPost | None:
    """A media; None if it is unusable. `account`: through which it was read."""
    native, posted_at = id_of(row), moment(row, "timestamp")
    url = https(row.get("permalink"))
    if not native or posted_at is None or not url:
        return None
    author = storable(row.get("username"))
    page = accounts.page_of(account)
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=storable(row.get("caption")),
        url=url,
        posted_at=posted_at,
        author_name=author,
        photos=_photos(row),
        by_community=native in accounts.own_media or accounts.are_ours(username=author),
        reply_capability=able[0],
        reply_reason=able[1],
        community_id=page.native_id,
        community_title=page.title,
        territory=page.territory,
    )


def found_comment(
    row: Row,
    *,
    media: str,
    permalink: str,
    account: Account,
    accounts: Accounts,
    able: Ability,
    top: str = "",
) -> FoundPost | None:
    """A comment under a media; None if it is unusable. `top`: the comment whose thread it stands in."""
    native, posted_at = id_of(row), moment(row, "timestamp")
    if not native or posted_at is None:
        return None
    author, number = author_of(row)
    if row.get("hidden") is True and able[0] is not ReplyCapability.IMPOSSIBLE:
        able = (ReplyCapability.IMPOSSIBLE, HIDDEN)
    parent = id_of(row, "parent_id") or top
    page = accounts.page_of(account)
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=storable(row.get("text")),
        url=comment_address(permalink, native, top=parent),
        posted_at=posted_at,
        author_name=author,
        root_id=media,
        parent_id=parent or None,
        by_community=accounts.are_ours(number=number, username=author),
        reply_capability=able[0],
        reply_reason=able[1],
        community_id=page.native_id,
        community_title=page.title,
        territory=page.territory,
    )


def author_of(row: Row) -> tuple[str, str]:
    """The username and the number of who wrote a comment; "" what is not told."""
    who = child(row, "from")
    return storable(row.get("username")) or storable(who.get("username")), id_of(who)


def comment_address(permalink: str, native: str, *, top: str = "") -> str:
    """Where the web shows the comment: the API has no address of it."""
    base = (https(permalink) or SITE).rstrip("/")
    return f"{base}/c/{top}/r/{native}/" if top else f"{base}/c/{native}/"


def _photos(row: Row) -> tuple[str, ...]:
    """The picture; of a video its still."""
    is_video = row.get("media_type") == "VIDEO"
    url = https(row.get("thumbnail_url" if is_video else "media_url"))
    return (url,) if url else ()
