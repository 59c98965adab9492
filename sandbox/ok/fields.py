"""Which fields an answer has: only those that were asked for, and a call that asks for an unknown one fails.

Source: clients of 2026 report that `comment.CREATED_MS` makes OK refuse the whole call.
"""

from typing import Any, Final

from sandbox.ok.refusals import bad_parameter

KNOWN: Final[dict[str, frozenset[str]]] = {
    "discussion": frozenset(
        {"object_type", "object_id", "new_comments_count", "title", "ref_objects", "owner_uid"}
    ),
    "comment": frozenset(
        {
            "id", "text", "date", "author_id", "author_name", "author_ref", "type",
            "reply_to_id", "reply_to_name", "reply_to_comment_id",
        }
    ),
    "media_topic": frozenset(
        {"id", "owner_ref", "author_ref", "created_ms", "media", "discussion_summary", "like_summary"}
    ),
    "user": frozenset({"uid", "name", "first_name", "last_name"}),
    "group": frozenset({"uid", "name", "shortname", "members_count"}),
    "group_photo": frozenset({"id", "ref", "pic1024max", "pic128x128"}),
    "user_photo": frozenset({"id", "ref", "pic1024max", "pic128x128"}),
}  # fmt: skip


class Asked:
    """The `fields` of one call."""

    def __init__(self, fields: str, *, usual: dict[str, frozenset[str]]) -> None:
        """`usual`: what comes when nothing is asked for.

        Raises:
            Refusal: 100, a field nobody knows.
        """
        self._of = dict(usual)
        if fields.strip():
            self._of = {}
            for one in fields.split(","):
                self._add(one.strip().lower())

    def _add(self, one: str) -> None:
        entity, _, name = one.partition(".")
        known = KNOWN.get(entity)
        if known is None or (name != "*" and name not in known):
            raise bad_parameter(f"Field '{name.upper()}' does not exist in type {entity.title()}BeanFields")
        self._of[entity] = self._of.get(entity, frozenset()) | (known if name == "*" else {name})

    def has(self, entity: str) -> bool:
        return bool(self._of.get(entity))

    def cut(self, entity: str, whole: dict[str, Any]) -> dict[str, Any]:
        """The asked part of `whole`; a date comes with its milliseconds."""
        wanted = self._of.get(entity, frozenset())
        return {
            key: value for key, value in whole.items() if key.removesuffix("_ms") in wanted or key in wanted
        }


def plain(fields: str, entity: str) -> frozenset[str]:
    """The fields of methods that name them without the entity; all where none is named.

    Raises:
        Refusal: 100, a field nobody knows.
    """
    wanted = frozenset(one.strip().lower() for one in fields.split(",") if one.strip())
    if not wanted or "*" in wanted:
        return KNOWN[entity]
    for one in sorted(wanted - KNOWN[entity]):
        raise bad_parameter(f"Field '{one.upper()}' does not exist in type {entity.title()}BeanFields")
    return wanted
