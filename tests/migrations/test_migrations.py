"""Migrations go up, down and up again on both engines, and give exactly what the models say."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models import Base
from models.search import is_of_models
from tests.conftest import ROOT


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


async def _run(engine: AsyncEngine, action: Any, revision: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: action(_config(sync), revision))


def _revisions() -> list[str]:
    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def _bare(found: Any) -> str:
    """What a check says, whatever the spaces and quotes."""
    return "".join(str(found.get("sqltext", "")).replace('"', "").split())


def _constraints(connection: Connection) -> set[tuple[str, str, str]]:
    """Every named check and unique constraint: what compare_metadata does not look at."""
    inspector = inspect(connection)
    return {
        (table, str(found["name"]), f"{kind} {_bare(found)}")
        for table in inspector.get_table_names()
        if table != "alembic_version"
        for kind, all_found in (
            ("check", inspector.get_check_constraints(table)),
            ("unique", inspector.get_unique_constraints(table)),
        )
        for found in all_found
    }


async def test_every_revision_goes_up_down_and_up(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    previous = "base"
    for revision in _revisions():
        await _run(engine, command.upgrade, revision)
        await _run(engine, command.downgrade, previous)
        await _run(engine, command.upgrade, revision)
        previous = revision
    await _run(engine, command.downgrade, "base")
    async with engine.connect() as connection:
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert left == ["alembic_version"]
    await engine.dispose()


async def test_the_migrated_tables_are_those_of_the_models(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    await _run(engine, command.upgrade, "head")
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True, "include_object": is_of_models}),
                Base.metadata,
            )
        )
        migrated = await connection.run_sync(_constraints)
    assert differences == []
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(Base.metadata.create_all)
        assert await connection.run_sync(_constraints) == migrated
    await engine.dispose()


def test_revisions_are_numbered_without_a_gap() -> None:
    assert _revisions() == [f"{number:04}" for number in range(1, len(_revisions()) + 1)]


async def test_what_was_predicted_before_has_its_topic(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    await _run(engine, command.upgrade, "0002")
    post = text(
        "INSERT INTO posts (id, network, native_id, community_id, community_title, author_name, url, text, text_hash,"
        " photos, is_official, reply_capability, reply_reason, posted_at, collected_at, text_version)"
        " VALUES (1, 'vk', '1', '', '', '', '', 'яма', '', '[]', false, 'api', '',"
        " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1)"
    )
    prediction = text(
        "INSERT INTO predictions (id, post_id, model_id, kind, kind_confidence, needs_answer,"
        " needs_answer_confidence, topics, place, bodies, threshold, decision, at)"
        " VALUES (:id, 1, 'm', 'complaint', 1, true, 1, :topics, '', '[]', 0.6, 'assigned', CURRENT_TIMESTAMP)"
    )
    async with engine.begin() as connection:
        await connection.execute(post)
        await connection.execute(prediction, {"id": 1, "topics": '[["roads", 0.9], ["waste", 0.1]]'})
        await connection.execute(prediction, {"id": 2, "topics": "[]"})
    await _run(engine, command.upgrade, "0003")
    async with engine.begin() as connection:
        rows = await connection.execute(
            text("SELECT topic, subtopic, owner, outcome, outcome_at FROM predictions ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [("roads", "", "", "", None), ("", "", "", "", None)]
        await connection.execute(text("UPDATE predictions SET decision = 'held' WHERE id = 1"))
    await _run(engine, command.downgrade, "0002")
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT decision FROM predictions ORDER BY id"))
        assert [row[0] for row in rows] == ["curator", "assigned"]
    await engine.dispose()
