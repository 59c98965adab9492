"""Reading the Graph API's JSON: rows, ids, texts and times that cannot break the reader.

Source: https://developers.facebook.com/docs/graph-api/results
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from collectors.contract import NetworkError, Outcome
from collectors.graph.errors import TRANSIENT
from collectors.text import storable

Row = Mapping[str, Any]
NOTHING: Final[Row] = {}


def same(one: object, other: object) -> bool:
    """Whether both are one message, whatever the network did to spaces and line ends."""
    return storable(one).split() == storable(other).split()


def id_of(row: Row, key: str = "id") -> str:
    """An id, which the Graph API writes as a string; "" where there is none."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return storable(value) if isinstance(value, str) and len(value) <= 100 else ""  # noqa: PLR2004 - a column's width


def whole(row: Row, key: str) -> int | None:
    """A whole number; None where there is none."""
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def child(row: Row, *path: str) -> Row:
    """The object inside `row` under these keys; an empty one where there is none."""
    for key in path:
        value = row.get(key)
        row = value if isinstance(value, dict) else NOTHING
    return row


def children(row: Row, *path: str) -> list[Row]:
    """The objects of a nested edge: `row[…]["data"]`."""
    found = child(row, *path).get("data")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def rows(answer: Row, *, what: str) -> list[Row]:
    """The objects of an edge.

    Raises:
        NetworkError: there is no list: the answer is broken, and no cursor may move.
    """
    if not isinstance(answer.get("data"), list):
        raise NetworkError(
            f"{what}: no list `data` in the answer",
            outcome=Outcome.LATER,
            retry_after=TRANSIENT.retry_after,
        )
    return children({"of": answer}, "of")


def moment(row: Row, key: str) -> datetime | None:
    """A time such as "2026-01-01T00:00:00+0000", or Unix seconds (webhooks), as aware UTC."""
    value = row.get(key)
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read.astimezone(UTC) if read.tzinfo is not None else None
        seconds = whole(row, key)
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def https(url: object) -> str:
    """An address that may be shown to people, or ""."""
    text = storable(url)
    return text if text.startswith("https://") else ""
