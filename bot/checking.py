"""`check`: is everything there that the program needs? One line each; nothing is changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.migrating import SCRIPTS
from bot.networks import bot_access, enabled
from bot.settings import Settings
from bot.smoking import smoke

_PUSHED_TO: Final = frozenset({"webform"})  # deaf without the endpoint; the others are polled too


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    is_good: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.is_good else 'FAIL'} {self.subject}: {self.words}"


def _good(subject: str, words: str) -> Finding:
    return Finding(subject=subject, is_good=True, words=words)


def _bad(subject: str, words: str) -> Finding:
    return Finding(subject=subject, is_good=False, words=words)


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Database, Telegram, networks, in this order."""
    url = settings.database.url
    missing = await asyncio.to_thread(_file, url)
    yield missing or await _database(url)
    async with httpx.AsyncClient(timeout=15) as http:
        yield await _telegram(settings, http)
    async for finding in _networks(settings):
        yield finding


def _file(url: str) -> Finding | None:
    """Opening SQLite would make the file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists():
        return None
    return _bad("database", f"{parsed.database} is not there yet: python -m bot migrate")


async def _database(url: str) -> Finding:
    shown = make_url(url).render_as_string(hide_password=True)
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            current = await connection.run_sync(_revision)
    except (SQLAlchemyError, OSError) as error:
        return _bad("database", f"{shown}: {str(error).splitlines()[0]}")
    finally:
        await engine.dispose()
    newest = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if current != newest:
        words = f"{shown} stands at {current or 'nothing'}, {newest} is needed: python -m bot migrate"
        return _bad("database", words)
    return _good("database", f"{shown}, version {current}")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def ask_telegram(settings: Settings, http: httpx.AsyncClient) -> dict[str, Any]:
    """getMe, without aiogram.

    Raises:
        httpx.HTTPError: Telegram does not answer.
        LookupError: Telegram refuses; in its words.
    """
    reply = await http.get(f"{settings.telegram.api_url}/bot{settings.token}/getMe")
    try:
        told = reply.json()
    except ValueError:
        raise LookupError(f"HTTP {reply.status_code}, and not in the Bot API's words") from None
    if reply.status_code != HTTPStatus.OK or not isinstance(told, dict) or not told.get("ok"):
        words = told.get("description") if isinstance(told, dict) else ""
        raise LookupError(f"{reply.status_code} {words}")
    result: dict[str, Any] = told["result"]
    return result


async def _telegram(settings: Settings, http: httpx.AsyncClient) -> Finding:
    try:
        me = await ask_telegram(settings, http)
    except LookupError as error:
        return _bad("telegram", f"the token is refused: {error}")
    except httpx.HTTPError as error:
        return _bad("telegram", f"{settings.telegram.api_url}: {type(error).__name__}")
    name = f"@{me.get('username')}"
    if me.get("can_read_all_group_messages"):
        # In groups the bot is spoken to by commands, buttons and replies. What it must not keep it should not get.
        return _good(
            "telegram",
            f"{name}, WARNING: it is sent all that is written in groups, and nothing needs it: "
            "@BotFather, /setprivacy, Enable",
        )
    return _good("telegram", name)


async def _networks(settings: Settings) -> AsyncIterator[Finding]:
    on = enabled(settings)
    if not on:
        yield _bad("networks", "none is enabled: see [collectors.…] in config.example.toml")
    for network, section in on:
        async for check in smoke(network, section, section.pages(), bot=bot_access(settings)):
            words = f"{check.words}: {check.problem}" if check.problem else check.words
            subject = f"{network.name} {check.subject}".strip()
            yield _bad(subject, words) if check.is_bad else _good(subject, words)
        if network.name in _PUSHED_TO and not settings.hooks.port:
            yield _bad(network.name, "nothing can be pushed: [hooks] port is 0")
