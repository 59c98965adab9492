"""The rules of an older database outlive the migration, and come back from it without what it added."""

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.conftest import ROOT


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _run(engine: AsyncEngine, action: Any, revision: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: action(_config(sync), revision))


async def _rows(engine: AsyncEngine, columns: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        found = await connection.execute(text(f"SELECT {columns} FROM routes ORDER BY id"))  # noqa: S608 - ours
        return [tuple(row) for row in found]


async def test_old_rules_stay_and_new_ones_do_not_outlive_the_way_back(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    await _run(engine, command.upgrade, "0003")
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO bodies (id, code, name, is_active, needs_approval, chat_title, chat_state, created_at)"
                " VALUES (7, 'gorod', 'Горсовет', true, false, '', 'none', '2026-03-02 09:00:00+00:00')"
            )
        )
        for topic, territory in (("roads", ""), ("waste", "Заречный")):
            await connection.execute(
                text("INSERT INTO routes (topic, territory, body_id) VALUES (:topic, :territory, 7)"),
                {"topic": topic, "territory": territory},
            )
    old = [(1, "roads", "", 7), (2, "waste", "Заречный", 7)]
    await _run(engine, command.upgrade, "0004")
    assert await _rows(engine, "id, topic, territory, owner, body_id, note") == [
        (1, "roads", "", "", 7, ""),
        (2, "waste", "Заречный", "", 7, ""),
    ]
    async with engine.begin() as connection:
        for topic, owner in (("roads", "federal"), ("roads.potholes", ""), ("*", "")):
            await connection.execute(
                text(
                    "INSERT INTO routes (topic, territory, owner, body_id, note) VALUES (:topic, '', :owner, 7, 'x')"
                ),
                {"topic": topic, "owner": owner},
            )
    await _run(engine, command.downgrade, "0003")
    assert await _rows(engine, "id, topic, territory, body_id") == old
    await engine.dispose()
