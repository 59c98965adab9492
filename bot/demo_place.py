"""A place to play in: its bodies, pages and people out of a folder, put into the sandbox and into our database.

The folder holds `bodies.csv` (as `import bodies` reads it), `communities.csv` and `people.csv`.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.demo_sandbox import Sandbox
from bot.importing import put_bodies, read_bodies
from bot.inviting import issue
from bot.migrating import upgrade
from models import Role
from models.database import Database, open_database

TOKEN: Final = "1:demo"  # noqa: S105 - the sandbox's bot has no secret
SERVICE_TOKEN: Final = "service-demo"  # noqa: S105 - nor has its VK
_FIRST_PERSON: Final = 1001


@dataclass(frozen=True, slots=True)
class Page:
    """An official community. `id` is VK's number."""

    id: int
    name: str
    title: str
    territory: str

    @property
    def token(self) -> str:
        return f"community-{self.id}-demo"


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
    pages: tuple[Page, ...]
    people: tuple[PhoneOwner, ...]


def read_place(folder: Path) -> Place:
    pages = tuple(
        Page(int(row["id"]), row["name"], row["title"], row["territory"])
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


async def furnish(place: Place, sandbox: Sandbox) -> None:
    """Communities with their tokens, and people with phones, into the sandbox."""
    await sandbox.post("/vk/tokens", {"token": SERVICE_TOKEN, "kind": "service"})
    for page in place.pages:
        await sandbox.post(
            "/vk/communities", {"id": page.id, "name": page.name, "title": page.title, "token": page.token}
        )
    for owner in place.people:
        first, _, last = owner.name.partition(" ")
        user = {"id": owner.id, "first_name": first, "last_name": last, "language_code": owner.language}
        await sandbox.post("/telegram/users", user)


async def move_in(place: Place, sandbox: Sandbox, *, folder: Path) -> None:
    """Tables, bodies and routes into our database; then everybody opens their invitation link."""
    url = database_url(folder)
    await upgrade(url)
    database = open_database(url)
    try:
        invited = await _invite_all(place, database)
    finally:
        await database.close()
    for owner, token in invited:
        await sandbox.post("/telegram/start", {"user_id": owner.id, "payload": token})


async def _invite_all(place: Place, database: Database) -> list[tuple[PhoneOwner, str]]:
    now = datetime.now(UTC)
    async with database.writing() as session:
        await put_bodies(session, read_bodies(place.folder / "bodies.csv"), now=now)
        return [
            (owner, await issue(session, role=owner.role, body_code=owner.body or None, now=now))
            for owner in place.people
        ]


def config_text(place: Place, *, address: str, folder: Path, cache_dir: Path, poll_seconds: int) -> str:
    """config.toml for the sandbox at `address`.

    `folder` holds the database, `cache_dir` the trained classifier; each wall is read every `poll_seconds`.
    """
    lines = [
        "# Made by `python -m bot demo`, anew at every start.",
        *_section("telegram", token=TOKEN, api_url=address),
        *_section("database", url=database_url(folder)),
        *_section("clock", follow_url=f"{address}/control/clock"),
        *_section("schedule", sweep_seconds=1),
        *_section("classifier", cache_dir=str(cache_dir)),
        *_section(
            "collectors.vk",
            enabled=True,
            api_url=f"{address}/vk",
            service_token=SERVICE_TOKEN,
            every_seconds=poll_seconds,
            calls_per_second=60,
        ),
    ]
    for page in place.pages:
        lines += _section(
            "[collectors.vk.communities]",
            id=page.id,
            title=page.title,
            territory=page.territory,
            community_token=page.token,
        )
    return "\n".join(lines) + "\n"


def _section(heading: str, /, **values: Any) -> list[str]:
    # A JSON string, number or boolean is one of TOML too.
    return [
        "",
        f"[{heading}]",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()),
    ]


def database_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'otklik.sqlite3'}"
