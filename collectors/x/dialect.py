"""Two generations of names: what is asked for, and what comes back.

Source: X's OpenAPI 2.159 (tweet.fields) and 2.167 (post.fields, since 2026-08-07). In the newer one the author and
what a post refers to come by expansions, not by fields. Answers are understood in both, whatever was asked.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_USER: Final = "username,name,verified"
_MEDIA: Final = "media_key,type,url,preview_image_url"
_BOTH: Final = "attachments,conversation_id,created_at,entities,lang,reply_settings"

POST_PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "post": {
            "post.fields": f"{_BOTH},note_post",
            "expansions": "author_id,in_reply_to_user_id,referenced_posts,edit_history_post_ids,attachments.media_keys",
            "user.fields": _USER,
            "media.fields": _MEDIA,
        },
        "tweet": {
            "tweet.fields": f"{_BOTH},author_id,in_reply_to_user_id,referenced_tweets,note_tweet",
            "expansions": "author_id,in_reply_to_user_id,referenced_tweets.id,attachments.media_keys",
            "user.fields": _USER,
            "media.fields": _MEDIA,
        },
    }
)
USER_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType({"user.fields": f"{_USER},verified_type"})


def either(row: Mapping[str, object], newer: str, older: str) -> object:
    """The value under the newer name, or under the older."""
    return row[newer] if newer in row else row.get(older)
