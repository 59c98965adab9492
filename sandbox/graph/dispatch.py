"""Which node or edge a path names, and what is done to it.

Source: https://developers.facebook.com/docs/graph-api/overview
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from sandbox.graph import (
    facebook_nodes,
    facebook_writes,  # noqa: F401 - it hangs the writers on the nodes
    instagram_nodes,
)
from sandbox.graph.access import INSTAGRAM, Token
from sandbox.graph.errors import GraphError, bad_parameter, missing_object, no_field
from sandbox.graph.fields import Field, parse
from sandbox.graph.instagram_world import InstagramWorld
from sandbox.graph.instagram_writes import search_hashtag
from sandbox.graph.select import Ask, Json, Kind, listing, select
from sandbox.graph.world import FacebookWorld

VERSION: Final = re.compile(r"v(\d+)\.(\d+)")
NEWEST: Final = (26, 0)
_SEARCH: Final = "ig_hashtag_search"
# A list's own parameters; the rest of a call's are no business of its pages.
_CALLS_OWN: Final = frozenset({"access_token", "appsecret_proof", "method", "fields"})


def known_version(text: str) -> bool:
    """Older ones than are still served answer as the oldest that is."""
    found = VERSION.fullmatch(text)
    return found is not None and (int(found[1]), int(found[2])) <= NEWEST


def name_of(segments: Sequence[str]) -> str:
    """The edge, or "node", for the record and for faults."""
    if segments and segments[0] == _SEARCH:
        return _SEARCH
    return segments[1] if len(segments) > 1 else "node"


def network_of(facebook: FacebookWorld, instagram: InstagramWorld, segments: Sequence[str]) -> str:
    """Whose faults and limits a call meets."""
    first = segments[0] if segments else ""
    ours = instagram.pages, instagram.posts, instagram.comments, instagram.hashtags
    if first == _SEARCH or any(first in known for known in ours):
        return INSTAGRAM
    return facebook.network


def answer(ask: Ask, verb: str, segments: Sequence[str]) -> Json:
    """What the call gets.

    Raises:
        GraphError: it is refused.
    """
    if list(segments) == [_SEARCH] and verb == "GET":
        return search_hashtag(ask)
    if not segments or len(segments) > 2:  # noqa: PLR2004 - a node and its edge
        raise GraphError(2500, f"Unknown path components: /{'/'.join(segments[2:])}")
    kind, thing = _node(ask, segments[0], verb)
    kind.check(ask, thing, verb)
    if len(segments) == 1:
        return _on_node(ask, verb, kind, thing)
    return _on_edge(ask, verb, kind, thing, segments[1])


def _on_node(ask: Ask, verb: str, kind: Kind, thing: Any) -> Json:
    if verb == "GET":
        return select(ask, kind, thing, _wanted(ask))
    work = kind.update if verb == "POST" else kind.delete
    if work is None:
        raise GraphError(3)
    return work(ask, thing)


def _on_edge(ask: Ask, verb: str, kind: Kind, thing: Any, name: str) -> Json:
    if verb == "GET":
        edge = kind.edges.get(name)
        if edge is None:
            raise no_field(name, kind.name)
        args = {key: value for key, value in ask.params.items() if key not in _CALLS_OWN}
        if "fields" in ask.params:
            # What leads to the next page must ask for the same fields.
            args["fields"] = ask.params["fields"]
        return listing(ask, edge, thing, name, args, _wanted(ask))
    work = kind.creates.get(name) if verb == "POST" else None
    if work is None:
        raise GraphError(3)
    return work(ask, thing)


def _wanted(ask: Ask) -> tuple[Field, ...] | None:
    text = ask.params.get("fields", "").strip().strip(",")
    return parse(text) if text else None


def _node(ask: Ask, number: str, verb: str) -> tuple[Kind, Any]:
    if number == "me":
        return _myself(ask)
    facebook, instagram = ask.facebook, ask.instagram
    for kind, known in (
        (facebook_nodes.PAGE, facebook.pages),
        (facebook_nodes.POST, facebook.posts),
        (facebook_nodes.COMMENT, facebook.comments),
        (instagram_nodes.ACCOUNT, instagram.pages),
        (instagram_nodes.MEDIA, instagram.posts),
        (instagram_nodes.COMMENT, instagram.comments),
        (instagram_nodes.HASHTAG, instagram.hashtags),
    ):
        if number in known:
            return kind, known[number]
    for page in facebook.pages.values():
        if page.name and page.name == number:
            return facebook_nodes.PAGE, page
    if ask.token.kind == "user" and number == ask.token.user_id:
        return _myself(ask)
    if not number.replace("_", "").isdecimal():
        raise GraphError(803, f"(#803) Some of the aliases you requested do not exist: {number}")
    raise missing_object(verb, number)


def _myself(ask: Ask) -> tuple[Kind, Any]:
    if ask.token.kind == "page":
        return facebook_nodes.PAGE, ask.facebook.page(ask.token.page_id)
    return facebook_nodes.USER, _User(ask.token)


class _User:
    """The person behind a user's token."""

    def __init__(self, token: Token) -> None:
        self.id = token.user_id
        self.user_name = token.user_name
        self.rights = token.rights


def plain_parameters(raw: dict[str, Any]) -> dict[str, str]:
    """A JSON body's values as a form would bring them.

    Raises:
        GraphError: 100, a value is no plain one.
    """
    found = {}
    for key, value in raw.items():
        if isinstance(value, bool):
            found[key] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            found[key] = str(value)
        else:
            raise bad_parameter(f"Param {key} must be a string")
    return found
