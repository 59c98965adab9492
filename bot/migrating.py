"""Bringing the database to the newest tables: Alembic, set up in code."""

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "migrations"
_LOCK: Final = 0x4F746B6C_696B0001  # PostgreSQL advisory lock: one process migrates, the others wait


async def upgrade(url: str, *, revision: str = "head") -> None:
    """Migrate to `revision`: all of it in one transaction, one process at a time."""
    parsed = make_url(url)
    engine = create_async_engine(url)
    on_file = parsed.get_backend_name() == "sqlite"
    if on_file:
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine.sync_engine, "connect", _own_transactions)
        event.listen(engine.sync_engine, "begin", _begin_at_once)
    try:
        async with engine.begin() as connection:
            if not on_file:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _own_transactions(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would commit before every CREATE TABLE


def _begin_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
