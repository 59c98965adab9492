"""The program's log: lines for people or JSON for machines, and no secret in any of them."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

_MASK: Final = "***"
_PATTERNS: Final = (
    # A bot's token in a URL or alone: digits, a colon, and Telegram's 35 characters (fewer in a sandbox).
    (re.compile(r"(bot\d+:)[A-Za-z0-9_-]+"), rf"\1{_MASK}"),
    (re.compile(r"\b(\d{6,}:)[A-Za-z0-9_-]{20,}"), rf"\1{_MASK}"),
    (
        re.compile(r"((?:access_token|service_token|client_secret)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+"),
        rf"\1{_MASK}",
    ),
    (re.compile(r"(://[^\s:/@]+:)[^\s@/]+(@)"), rf"\1{_MASK}\2"),
)
_SHORTEST_SECRET: Final = 6  # characters: anything shorter would blot out ordinary words
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of text: by their shape, and by their very values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted(
            {one for one in secrets if len(one) >= _SHORTEST_SECRET}, key=len, reverse=True
        )

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class TextFormatter(logging.Formatter):
    """One line a record, tracebacks below it."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a record; what was passed as `extra` stands beside the message."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        if record.exc_info:
            told["traceback"] = self._redact(self.formatException(record.exc_info))
        told |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        return self._redact(json.dumps(told, ensure_ascii=False, default=str))


def set_up(
    *,
    level: str,
    style: Literal["text", "json"],
    secrets: Iterable[str],
    stream: TextIO | None = None,
) -> Redactor:
    """Send every logger of the process to `stream` (stderr) through the redactor, which is returned."""
    redact = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if style == "json" else TextFormatter(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx writes every URL at INFO (encode/httpx#2760), aiogram and APScheduler every event.
    for name in (
        "httpx",
        "httpcore",
        "aiogram.event",
        "apscheduler",
        "alembic",
        "aiosqlite",
        "asyncio",
        "pymorphy3",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    return redact
