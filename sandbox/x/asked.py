"""What a request asks for, checked as X checks it.

Source: X's OpenAPI 2.159 and 2.167: parameters of the reading calls
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.x.problems import invalid
from sandbox.x.shapes import Wanted

_ID: Final = re.compile(r"[0-9]{1,19}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_BOTH: Final = [
    "attachments",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "entities",
    "geo",
    "id",
    "lang",
    "possibly_sensitive",
    "public_metrics",
    "reply_settings",
    "source",
    "text",
    "withheld",
]
FIELDS: Final = {
    "post": frozenset([*_BOTH, "note_post", "article", "card_uri", "media_metadata"]),
    "tweet": frozenset(
        [
            *_BOTH,
            "author_id",
            "in_reply_to_user_id",
            "referenced_tweets",
            "note_tweet",
            "edit_history_tweet_ids",
        ]
    ),
}
_EXPANSIONS: Final = ("attachments.media_keys", "attachments.poll_ids", "author_id", "in_reply_to_user_id")
EXPANSIONS: Final = {
    "post": frozenset(
        [*_EXPANSIONS, "referenced_posts", "edit_history_post_ids", "entities.mentions.username"]
    ),
    "tweet": frozenset(
        [
            *_EXPANSIONS,
            "referenced_tweets.id",
            "referenced_tweets.id.author_id",
            "edit_history_tweet_ids",
            "entities.mentions.username",
        ]
    ),
}
USER_FIELDS: Final = frozenset(
    [
        "created_at",
        "description",
        "entities",
        "id",
        "location",
        "name",
        "profile_image_url",
        "protected",
        "public_metrics",
        "url",
        "username",
        "verified",
        "verified_type",
        "withheld",
    ]
)
MEDIA_FIELDS: Final = frozenset(
    [
        "alt_text",
        "duration_ms",
        "height",
        "media_key",
        "preview_image_url",
        "public_metrics",
        "type",
        "url",
        "variants",
        "width",
    ]
)
FIELD_PARAMETERS: Final = frozenset(
    {
        "post.fields",
        "tweet.fields",
        "expansions",
        "user.fields",
        "media.fields",
        "poll.fields",
        "place.fields",
    }
)


class Asked:
    """One request's query. `dialect`: what the app speaks: post, tweet or both."""

    def __init__(self, query: Mapping[str, str], *, dialect: str, allowed: frozenset[str]) -> None:
        """Raises:
        Problem: 400, a parameter X does not know.
        """
        self._query = query
        names = {"post", "tweet"} if dialect == "both" else {dialect}
        known = (
            allowed
            | (FIELD_PARAMETERS - {"post.fields", "tweet.fields"})
            | {f"{one}.fields" for one in names}
        )
        for name, value in query.items():
            if name not in known:
                raise invalid(name, value, f"The query parameter [{name}] is not one of {sorted(known)}")
        self.dialect = self._dialect(names)

    def _dialect(self, names: set[str]) -> str:
        """By the name of fields; without one, by expansions only one generation knows."""
        if len(names) == 1:
            return next(iter(names))
        if "tweet.fields" in self._query or "referenced_tweets" in self._query.get("expansions", ""):
            return "tweet"
        return "post"

    def wanted(self) -> Wanted:
        """Raises:
        Problem: 400, a field or expansion this generation does not know.
        """
        return Wanted(
            self.dialect,
            self._many(f"{self.dialect}.fields", FIELDS[self.dialect]),
            self._many("expansions", EXPANSIONS[self.dialect]),
            self._many("user.fields", USER_FIELDS),
            self._many("media.fields", MEDIA_FIELDS),
        )

    def text(self, name: str, default: str = "") -> str:
        return self._query.get(name, default)

    def needed(self, name: str) -> str:
        """Raises:
        Problem: 400, it is missing.
        """
        if not self._query.get(name):
            raise invalid(name, "", f"The `{name}` query parameter can not be empty")
        return self._query[name]

    def between(self, name: str, default: int, *, least: int, most: int) -> int:
        """Raises:
        Problem: 400, it is no number from `least` to `most`.
        """
        value = self._query.get(name, str(default))
        if not value.isdecimal() or not least <= int(value) <= most:
            words = f"The `{name}` query parameter value [{value}] is not between {least} and {most}"
            raise invalid(name, value, words)
        return int(value)

    def number(self, name: str) -> int | None:
        """Raises:
        Problem: 400, it is no id.
        """
        value = self._query.get(name)
        if value is not None and not _ID.fullmatch(value):
            raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
        return int(value) if value is not None else None

    def time(self, name: str) -> datetime | None:
        """Raises:
        Problem: 400, it is no time as X writes them.
        """
        value = self._query.get(name)
        if value is None:
            return None
        try:
            if _TIME.fullmatch(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            pass
        raise invalid(
            name, value, f"The `{name}` query parameter value [{value}] is not a valid RFC3339 time"
        )

    def _many(self, name: str, known: frozenset[str]) -> frozenset[str]:
        asked = [one for one in self._query.get(name, "").split(",") if one]
        for one in asked:
            if one not in known:
                raise invalid(
                    name, one, f"The `{name}` query parameter value [{one}] is not one of {sorted(known)}"
                )
        return frozenset(asked)


def an_id(value: str, name: str = "id") -> str:
    """Raises:
    Problem: 400, it is no id.
    """
    if not _ID.fullmatch(value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
    return value


def object_of(body: Any, name: str, allowed: frozenset[str]) -> dict[str, Any]:
    """A JSON object with no other keys than these.

    Raises:
        Problem: 400.
    """
    if not isinstance(body, dict):
        raise invalid(name, body, f"$.{name}: object expected")
    for key in body:
        if key not in allowed:
            raise invalid(
                key, body[key], f"$.{key}: is not defined in the schema and the schema does not allow it"
            )
    return body
