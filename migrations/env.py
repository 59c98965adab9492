"""How Alembic reaches the database: by the connection or URL that the program put into the configuration."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from models import Base
from models.search import is_of_models


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # A migration waits for its lock a little, and then gives way to the people at work.
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=is_of_models,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _connect(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


def _run() -> None:
    attributes = context.config.attributes
    connection = attributes.get("connection")
    if connection is not None:
        _migrate(connection)
    else:
        asyncio.run(_connect(attributes["url"]))


_run()
