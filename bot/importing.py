"""`import` and `export`: the region's bodies, the rules of whose business is what, and the official pages."""

import csv
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.communities import figures
from incidents.registering import Put, put
from incidents.registry_columns import Fault, LinkReader
from incidents.registry_export import as_csv, as_xlsx
from incidents.registry_files import Line, read_registry
from incidents.registry_tables import MOST_BYTES
from incidents.routing import ANY_TOPIC
from incidents.rubricator import rubricator, subtopics
from incidents.rules import listed, put_rules
from incidents.rules_files import read_rules, rules_as_csv
from models import Body, Language, Route

COLUMNS: Final = ("code", "name", "topics", "territories", "approval")
_REQUIRED: Final = ("code", "name")
_YES: Final = frozenset({"yes", "true", "1", "да", "+"})
_NO: Final = frozenset({"", "no", "false", "0", "нет", "-"})
_LONGEST: Final = {"code": 32, "name": 200, "territory": 100}


class ImportFaults(Exception):
    """Nothing was imported. `str()` is one line a fault: row, column, what is wrong."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class BodyLine:
    """`territories` empty: the whole region; without `has_topics` the file does not say, the rules stay."""

    code: str
    name: str
    topics: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    needs_approval: bool = False
    has_topics: bool = True


@dataclass(slots=True)
class _Reading:
    faults: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def wrong(self, row: int, column: str, what: str) -> None:
        self.faults.append(f"row {row}, {column}: {what}")


def read_bodies(path: Path) -> list[BodyLine]:
    """The file's lines: UTF-8, comma or semicolon, a header of `COLUMNS` in any order.

    Raises:
        ImportFaults: all that is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ImportFaults([f"{path} cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ImportFaults([f"{path} is not UTF-8: save it as CSV UTF-8"]) from None
    header = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if header.count(";") > header.count(",") else ",")
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    faults = [f"row 1, {name}: this column is missing" for name in _REQUIRED if name not in names]
    faults += [
        f"row 1, {name}: no such column; known: {', '.join(COLUMNS)}" for name in names if name not in COLUMNS
    ]
    if faults:
        raise ImportFaults(faults)
    reading = _Reading()
    lines = [
        _line(reading, number, {key: (value or "").strip() for key, value in row.items() if key})
        for number, row in enumerate(rows, start=2)
        if any(isinstance(value, str) and value.strip() for value in row.values())
    ]
    if not lines and not reading.faults:
        reading.faults.append(f"{path} holds no bodies")
    if reading.faults:
        raise ImportFaults(reading.faults)
    return lines


def _line(reading: _Reading, number: int, row: dict[str, str]) -> BodyLine:
    code, name = row["code"].lower(), row["name"]
    for column in _REQUIRED:
        if not row[column]:
            reading.wrong(number, column, "is empty")
        elif len(row[column]) > _LONGEST[column]:
            reading.wrong(number, column, f"is longer than {_LONGEST[column]} characters")
    if code and len(code.split()) > 1:
        reading.wrong(number, "code", f"{code!r} holds spaces: curators type it as one word")
    if code in reading.codes:
        reading.wrong(number, "code", f"{code!r} stands in row {reading.codes[code]} already")
    reading.codes.setdefault(code, number)
    territories = tuple(part.strip() for part in row.get("territories", "").split(";") if part.strip())
    for territory in territories:
        if len(territory) > _LONGEST["territory"]:
            reading.wrong(number, "territories", f"{territory[:20]!r}… is too long")
    approval = row.get("approval", "").lower()
    if approval not in _YES | _NO:
        reading.wrong(number, "approval", f"{approval!r} is neither yes nor no")
    return BodyLine(
        code=code,
        name=name,
        topics=_topics(reading, number, row.get("topics", "")),
        territories=territories,
        needs_approval=approval in _YES,
        has_topics="topics" in row,
    )


def _topics(reading: _Reading, number: int, text: str) -> tuple[str, ...]:
    codes = list(dict.fromkeys(text.lower().replace(",", " ").split()))
    for code in codes:
        if code not in {ANY_TOPIC, *rubricator(), *subtopics()}:
            reading.wrong(
                number, "topics", f"there is no topic {code!r}; known: {', '.join(rubricator())}, or *"
            )
    return tuple(codes)


async def put_bodies(session: AsyncSession, lines: Iterable[BodyLine], *, now: datetime) -> tuple[int, int]:
    """New bodies are added, known ones (by code) changed; (added, changed).

    Their rules for any owner become the file's; rules for one owner, which this file cannot say, stay.
    """
    added = changed = 0
    for line in lines:
        body = await session.scalar(select(Body).where(Body.code == line.code))
        if body is None:
            body = Body(code=line.code, name=line.name, created_at=now)
            session.add(body)
            added += 1
        else:
            changed += 1
        body.name, body.needs_approval, body.is_active = line.name, line.needs_approval, True
        await session.flush()
        if not line.has_topics:
            continue
        await session.execute(delete(Route).where(Route.body_id == body.id, Route.owner == ""))
        session.add_all(
            Route(topic=topic, territory=territory, body_id=body.id)
            for topic in line.topics
            for territory in dict.fromkeys(line.territories or ("",))
        )
        await session.flush()
    return added, changed


def read_communities(
    path: Path, *, readers: Mapping[str, LinkReader], language: Language = Language.EN
) -> list[Line]:
    """The pages of a CSV or XLSX file; which columns there are: incidents/registry_columns.py.

    Raises:
        ImportFaults: all that is wrong with it, in the `language`.
    """
    reading = read_registry(_content(path), readers=readers)
    if reading.faults:
        raise ImportFaults(_in_words(reading.faults, language))
    return reading.lines


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportFaults([f"{path}: {error.strerror}"]) from None


async def put_communities(
    session: AsyncSession, lines: Iterable[Line], *, now: datetime, language: Language = Language.EN
) -> Put:
    """New pages are added, known ones changed.

    Raises:
        ImportFaults: nothing was changed.
    """
    done = await put(session, list(lines), now=now)
    if done.faults:
        raise ImportFaults(_in_words(done.faults, language))
    return done


def _in_words(faults: Iterable[Fault], language: Language) -> list[str]:
    # With the words comes aiogram, which takes seconds: only when there is something to say.
    from handlers.registry_words import fault_line  # noqa: PLC0415
    from handlers.words import Words  # noqa: PLC0415

    words = Words(language)
    return [fault_line(fault, words) for fault in faults]


async def bring_in(
    url: str,
    what: str,
    path: Path,
    *,
    readers: Mapping[str, LinkReader],
    language: Language,
    now: datetime,
    dry_run: bool = False,
    replace_all: bool = False,
) -> str:
    """Read a file of `bodies`, `rules` or `communities` into the database, all of it or nothing; what came of it.

    `dry_run`: nothing is stored, only what would come of it; `replace_all`: rules that are not in the file go.

    Raises:
        ImportFaults: all that is wrong with it.
    """
    if replace_all and what != "rules":
        raise ImportFaults([f"--replace is for rules: {what} that are not in the file always stay"])
    putting = _reading(what, path, readers=readers, language=language, now=now, replace_all=replace_all)
    async with _opened(url) as session:
        told = await putting(session)
        if dry_run:
            await session.rollback()
    return f"{told} (dry run: nothing is stored)" if dry_run else told


def _reading(
    what: str,
    path: Path,
    *,
    readers: Mapping[str, LinkReader],
    language: Language,
    now: datetime,
    replace_all: bool,
) -> Callable[[AsyncSession], Awaitable[str]]:
    """The file, read; what is to be done with it in a transaction.

    Raises:
        ImportFaults: before any database is opened.
    """
    if what == "bodies":
        bodies = read_bodies(path)

        async def bring_bodies(session: AsyncSession) -> str:
            added, changed = await put_bodies(session, bodies, now=now)
            return f"bodies: {added} added, {changed} changed"

        return bring_bodies
    if what == "rules":
        found = read_rules(_content(path))
        if found.faults:
            raise ImportFaults(_in_words(found.faults, language))

        async def bring_rules(session: AsyncSession) -> str:
            done = await put_rules(session, found.lines, replace_all=replace_all)
            told = f"rules: {_came_of(done.put, language)}"
            return f"{told}, {done.removed} removed" if replace_all else told

        return bring_rules
    pages = read_communities(path, readers=readers, language=language)

    async def bring_pages(session: AsyncSession) -> str:
        done = await put_communities(session, pages, now=now, language=language)
        return f"communities: {_came_of(done, language)}"

    return bring_pages


def _came_of(done: Put, language: Language) -> str:
    """Raises: ImportFaults."""
    if done.faults:
        raise ImportFaults(_in_words(done.faults, language))
    return f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged"


async def exported_rules(url: str) -> bytes:
    """Every rule as CSV."""
    async with _opened(url) as session:
        return rules_as_csv(await listed(session))


async def exported(url: str, *, suffix: str, zone: tzinfo, language: Language, now: datetime) -> bytes:
    """The registry with its figures: as XLSX where the `suffix` is ".xlsx", else as CSV."""
    make = as_xlsx if suffix.lower() == ".xlsx" else as_csv
    async with _opened(url) as session:
        pages = await figures(session, now=now)
    return make(pages, language=language, zone=zone)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncSession]:
    """One transaction in an up-to-date database."""
    from bot.migrating import upgrade  # noqa: PLC0415 - Alembic takes a while
    from models.database import open_database  # noqa: PLC0415

    await upgrade(url)
    database = open_database(url)
    try:
        async with database.writing() as session:
            yield session
    finally:
        await database.close()
