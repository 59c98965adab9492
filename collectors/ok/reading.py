"""Values of Odnoklassniki's answers, taken out with care: ids are text, times come in two ways."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

Row = Mapping[str, object]

# OK writes and reads dates without a zone in Moscow time, which has had no summer time since 2014.
MOSCOW: Final = timezone(timedelta(hours=3))
_DATE: Final = "%Y-%m-%d %H:%M:%S"
_NUMBER: Final = re.compile(r"\d{1,20}", re.ASCII)


def objects(row: Row, key: str) -> list[Row]:
    """The objects of one list; none where there is no list."""
    found = row.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def inner(row: Row, key: str) -> Row:
    found = row.get(key)
    return found if isinstance(found, dict) else {}


def number(row: Row, key: str) -> str:
    """An id: digits, whether OK wrote them as text or as a number; "" where there is none."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if _NUMBER.fullmatch(str(value)) else ""


def count(row: Row, key: str) -> int:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def reference(row: Row, key: str) -> tuple[str, str]:
    """A reference like `group:123` in its two parts; two empty texts where there is none."""
    value = row.get(key)
    kind, _, identity = value.partition(":") if isinstance(value, str) else ("", "", "")
    return (kind.lower(), identity) if _NUMBER.fullmatch(identity) else ("", "")


def moment(row: Row) -> datetime | None:
    """When a topic or a comment was written.

    Topics have `created_ms`. Of comments some clients have read `date_ms` and others a `date` in Moscow time
    only; whichever comes is taken.
    """
    for key in ("date_ms", "created_ms"):
        value = row.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return _at(value / 1000)
    value = row.get("date")
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value, _DATE).replace(tzinfo=MOSCOW).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """A date as OK's filters want it."""
    return at.astimezone(MOSCOW).strftime(_DATE)


def _at(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
