"""Nodes, fields and edges: how the Graph API answers `fields=` and pages through lists.

Sources: https://developers.facebook.com/docs/graph-api/overview,
https://developers.facebook.com/docs/graph-api/results
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from sandbox.graph.access import Token
from sandbox.graph.errors import bad_parameter, no_field
from sandbox.graph.fields import Field
from sandbox.graph.instagram_world import InstagramWorld
from sandbox.graph.world import FacebookWorld

Json = dict[str, Any]


class Thing(Protocol):
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """One call, after its token was accepted. `base` is the address up to the version: "http://…/graph/v25.0"."""

    facebook: FacebookWorld
    instagram: InstagramWorld
    token: Token
    params: Mapping[str, str]
    base: str
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        return self.params.get(name, "").lower() in {"1", "true"}


# A getter answers None where the field is absent; a writer does the work of POST and DELETE.
Getter = Callable[[Ask, Any, Field], Any]
Writer = Callable[[Ask, Any], Json]
Items = Callable[[Ask, Any, Mapping[str, str]], Sequence[Any]]


@dataclass(slots=True)
class Edge:
    """A list. `usual` and `most`: items on a page; asking for more than `most` is refused if `is_strict`.

    `default`: fields where none are asked for. `only_after`: its cursors lead forward alone.
    """

    kind: "Kind"
    items: Items
    default: tuple[str, ...]
    usual: int = 25
    most: int = 100
    is_strict: bool = False
    only_after: bool = False
    summary: Callable[[Ask, Any, Sequence[Any]], Json] | None = None


@dataclass(slots=True)
class Kind:
    """A type of node. `empty`: documented fields that the sandbox leaves out, as the Graph API does with null.

    `check` refuses who may not see the node.
    """

    name: str
    default: tuple[str, ...]
    fields: Mapping[str, Getter]
    check: Callable[[Ask, Any, str], None]
    empty: frozenset[str] = frozenset()
    edges: dict[str, Edge] = field(default_factory=dict)
    creates: dict[str, Writer] = field(default_factory=dict)
    update: Writer | None = None
    delete: Writer | None = None


def plain(get: Callable[[Any], Any]) -> Getter:
    return lambda _ask, thing, _field: get(thing)


def node(kind: Callable[[], Kind], get: Callable[[Ask, Any], Any]) -> Getter:
    """A field that is another node: its id, and what is asked for inside."""

    def getter(ask: Ask, thing: Any, asked: Field) -> Json | None:
        found = get(ask, thing)
        return None if found is None else select(ask, kind(), found, asked.inner)

    return getter


def select(
    ask: Ask, kind: Kind, thing: Thing, wanted: Sequence[Field] | None, default: Sequence[str] | None = None
) -> Json:
    """The node as `wanted`; its `id` comes always.

    Raises:
        GraphError: 100, it has no such field.
    """
    if wanted is None:
        wanted = [Field(name) for name in (kind.default if default is None else default)]
    shape: Json = {}
    for one in wanted:
        value = _value(ask, kind, thing, one)
        if value is not None:
            shape[one.args.get("as", one.name)] = value
    shape.setdefault("id", thing.id)
    return shape


def _value(ask: Ask, kind: Kind, thing: Thing, one: Field) -> Any:
    if one.name == "id":
        return thing.id
    if one.name in kind.fields:
        value = kind.fields[one.name](ask, thing, one)
        if isinstance(value, dict) and one.inner is not None:
            names = {"id"} | {inner.args.get("as", inner.name) for inner in one.inner}
            return {key: inner for key, inner in value.items() if key in names}
        return value
    if one.name in kind.edges:
        args = {**one.args, "fields": one.text} if one.text else one.args
        found = listing(ask, kind.edges[one.name], thing, one.name, args, one.inner)
        return found if found["data"] or "summary" in found else None
    if one.name in kind.empty:
        return None
    raise no_field(one.name, kind.name)


def listing(
    ask: Ask, edge: Edge, thing: Thing, name: str, args: Mapping[str, str], wanted: Sequence[Field] | None
) -> Json:
    """One page of an edge, with `paging` where there is something."""
    items = edge.items(ask, thing, args)
    limit = _limit(edge, args)
    start, stop = _window([one.id for one in items], args, limit)
    shown = items[start:stop]
    body: Json = {"data": [select(ask, edge.kind, one, wanted, edge.default) for one in shown]}
    if shown:
        cursors = {"before": _cursor(shown[0].id, start), "after": _cursor(shown[-1].id, stop - 1)}
        paging: Json = {"cursors": cursors}
        address = f"{ask.base}/{thing.id}/{name}"
        kept = {key: value for key, value in args.items() if key not in {"after", "before", "as"}}
        kept = {"access_token": ask.token.secret, **kept, "limit": str(limit)}
        if stop < len(items):
            paging["next"] = f"{address}?{urlencode({**kept, 'after': cursors['after']})}"
        if edge.only_after:
            del cursors["before"]
        elif start > 0:
            paging["previous"] = f"{address}?{urlencode({**kept, 'before': cursors['before']})}"
        body["paging"] = paging
    if edge.summary is not None and args.get("summary", "").lower() in {"1", "true"}:
        body["summary"] = edge.summary(ask, thing, items)
    return body


def _limit(edge: Edge, args: Mapping[str, str]) -> int:
    try:
        limit = int(args.get("limit", edge.usual))
    except ValueError:
        raise bad_parameter("Param limit must be an integer") from None
    if limit < 0 or (edge.is_strict and limit > edge.most):
        raise bad_parameter(f"Param limit must be a number between 0 and {edge.most}")
    return min(limit, edge.most)


def _window(ids: Sequence[str], args: Mapping[str, str], limit: int) -> tuple[int, int]:
    if args.get("before"):
        stop = _place(ids, args["before"], after=False)
        return max(0, stop - limit), stop
    start = _place(ids, args["after"], after=True) if args.get("after") else 0
    return start, min(len(ids), start + limit)


_SEPARATOR: Final = "|"


def _cursor(last: str, at: int) -> str:
    return base64.urlsafe_b64encode(f"{last}{_SEPARATOR}{at}".encode()).decode()


def _place(ids: Sequence[str], cursor: str, *, after: bool) -> int:
    """Where the cursor points to: at its item, or where that was if it is gone."""
    try:
        last, _, at = base64.urlsafe_b64decode(cursor.encode()).decode().partition(_SEPARATOR)
        place = ids.index(last) + after if last in ids else int(at)
    except (binascii.Error, ValueError):
        raise bad_parameter("Invalid cursors values") from None
    return max(0, min(place, len(ids)))


def when(date: datetime) -> str:
    """As "2026-01-01T00:00:00+0000"."""
    return date.strftime("%Y-%m-%dT%H:%M:%S%z")


def between(items: Sequence[Any], args: Mapping[str, str]) -> list[Any]:
    """Those dated from `since` to `until`, Unix seconds or ISO dates."""
    since, until = _moment(args.get("since")), _moment(args.get("until"))
    return [
        one
        for one in items
        if (since is None or one.date.timestamp() >= since)
        and (until is None or one.date.timestamp() <= until)
    ]


def _moment(text: str | None) -> float | None:
    if not text:
        return None
    try:
        if text.isdecimal():
            return float(text)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        raise bad_parameter(f"Invalid parameter: {text} is no date") from None
