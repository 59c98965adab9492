"""Parameters of a Bot API call, whichever of the four ways they came.

Source: https://core.telegram.org/bots/api#making-requests
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram import errors

_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True)
class Upload:
    """A file that came with the request."""

    name: str
    mime_type: str
    data: bytes


@dataclass
class Args:
    """Values as they came: text from forms, anything from JSON; and the uploads by part name."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in {None, ""} if self._plain(name) else name in self.values

    def _plain(self, name: str) -> bool:
        return not isinstance(self.values.get(name), (dict, list))

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number.

        Raises:
            ApiError: it is something else.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise errors.NOT_NUMBER.error(name, value) from None

    def optional(self, name: str) -> int | None:
        return self.number(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in _TRUE

    def seconds(self, name: str) -> float:
        try:
            return float(self.values.get(name) or 0)
        except (TypeError, ValueError):
            return 0.0

    def data(self, name: str) -> Any:
        """A JSON-serialized parameter, or None when absent.

        Raises:
            ApiError: not JSON.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise errors.JSON_BAD.error(name.replace("_", " ")) from None

    def upload(self, name: str) -> Upload | None:
        """The file meant by `name`: a part of that name, or the part `attach://…` points to."""
        if name in self.uploads:
            return self.uploads[name]
        return self.attached(self.values.get(name))

    def attached(self, value: Any) -> Upload | None:
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return None

    def chat(self) -> int | None:
        """The chat the call is about as far as anyone can tell before looking; for limits and the record."""
        value = self.values.get("chat_id")
        try:
            return int(str(value))
        except ValueError:
            return None
