"""A place to play in: its bodies, pages and people out of a folder, put into the sandbox and into our database.

The folder holds `bodies.csv` (as `import bodies` reads it), `communities.csv` and `people.csv`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.demo_networks import KEYWORD, DemoNetwork, OfficialPage, section
from bot.demo_sandbox import Sandbox
from bot.importing import put_bodies, read_bodies
from bot.inviting import issue
from bot.migrating import upgrade
from models import Community, KeywordRow, Role
from models.database import Database, open_database

TOKEN: Final = "1:demo"  # noqa: S105 - the sandbox's bot has no secret
_FIRST_PERSON: Final = 1001


@dataclass(frozen=True, slots=True)
class PhoneOwner:
    """Somebody with a phone, whose Telegram id is also their chat's."""

    id: int
    name: str
    role: Role
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Place:
    folder: Path
    pages: tuple[OfficialPage, ...]
    people: tuple[PhoneOwner, ...]


def read_place(folder: Path) -> Place:
    pages = tuple(
        OfficialPage(int(row["id"]), row["name"], row["title"], row["territory"])
        for row in _rows(folder / "communities.csv")
    )
    people = tuple(
        PhoneOwner(number, row["name"], Role(row["role"]), row["body"], row["language"])
        for number, row in enumerate(_rows(folder / "people.csv"), start=_FIRST_PERSON)
    )
    return Place(folder, pages, people)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def furnish(place: Place, sandbox: Sandbox, networks: Sequence[DemoNetwork]) -> None:
    """Pages with their tokens in each network, and people with phones, into the sandbox."""
    for network in networks:
        await network.furnish(place.pages, sandbox)
    for owner in place.people:
        first, _, last = owner.name.partition(" ")
        user = {"id": owner.id, "first_name": first, "last_name": last, "language_code": owner.language}
        await sandbox.post("/telegram/users", user)


async def move_in(place: Place, sandbox: Sandbox, networks: Sequence[DemoNetwork], *, folder: Path) -> None:
    """Tables, bodies, routes, pages and a keyword into our database; then everybody opens their invitation."""
    url = database_url(folder)
    await upgrade(url)
    database = open_database(url)
    try:
        await _register(place, networks, database)
        invited = await _invite_all(place, database)
    finally:
        await database.close()
    for owner, token in invited:
        await sandbox.post("/telegram/start", {"user_id": owner.id, "payload": token})


async def _register(place: Place, networks: Sequence[DemoNetwork], database: Database) -> None:
    """The pages config.toml cannot name, and what is searched for."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        for network in networks:
            for page in network.registered(place.pages):
                row = Community(network=network.name, native_id=page.native_id or None, name=page.name)
                row.title, row.territory, row.added_at = page.title, page.territory, now
                session.add(row)
        searching = [network.name for network in networks if network.searches]
        if searching:
            session.add(KeywordRow(text=KEYWORD, networks=searching, added_at=now))


async def _invite_all(place: Place, database: Database) -> list[tuple[PhoneOwner, str]]:
    now = datetime.now(UTC)
    async with database.writing() as session:
        await put_bodies(session, read_bodies(place.folder / "bodies.csv"), now=now)
        return [
            (owner, await issue(session, role=owner.role, body_code=owner.body or None, now=now))
            for owner in place.people
        ]


def config_text(
    place: Place,
    networks: Sequence[DemoNetwork],
    *,
    address: str,
    folder: Path,
    cache_dir: Path,
    poll_seconds: int,
) -> str:
    """config.toml for the sandbox at `address`.

    `folder` holds the database, `cache_dir` the trained classifier; each page is read every `poll_seconds`.
    """
    lines = [
        "# Made by `python -m bot demo`, anew at every start.",
        *section("telegram", token=TOKEN, api_url=address),
        *section("database", url=database_url(folder)),
        *section("clock", follow_url=f"{address}/control/clock"),
        *section("schedule", sweep_seconds=1),
        "# A region starts with 0: only what the model promises. Here the cards are to come by themselves.",
        *section("triage", threshold=0.55),
        *section("classifier", cache_dir=str(cache_dir)),
    ]
    for network in networks:
        lines += network.settings(place.pages, address=address, seconds=poll_seconds)
    return "\n".join(lines) + "\n"


def database_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'otklik.sqlite3'}"
