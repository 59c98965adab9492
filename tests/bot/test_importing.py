"""Bodies from a table: all of it or nothing, and every fault by its row and column."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.importing import ImportFaults, put_bodies, read_bodies
from incidents.rubricator import rubricator
from models import Body, Route
from models.database import Database
from tests.conftest import NOON

HEADER = "code,name,topics,territories,approval\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "bodies.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


async def routes(database: Database, code: str) -> list[tuple[str, str]]:
    async with database.reading() as session:
        found = await session.execute(
            select(Route.topic, Route.territory)
            .join(Body, Body.id == Route.body_id)
            .where(Body.code == code)
            .order_by(Route.topic, Route.territory)
        )
        return [(topic, territory) for topic, territory in found]


async def put(database: Database, path: Path) -> tuple[int, int]:
    async with database.writing() as session:
        return await put_bodies(session, read_bodies(path), now=NOON)


async def test_bodies_come_in_and_come_again_changed(database: Database, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        HEADER + "Roads,Минтранс,roads transport,Северный; Южный,yes\nall,Администрация,*,,\n",
    )
    assert await put(database, path) == (2, 0)
    assert await routes(database, "roads") == [
        ("roads", "Северный"),
        ("roads", "Южный"),
        ("transport", "Северный"),
        ("transport", "Южный"),
    ]
    assert len(await routes(database, "all")) == len(rubricator())
    again = table(tmp_path, HEADER + "roads,Минтранс края,roads,,no\n")
    assert await put(database, again) == (0, 1)
    assert await routes(database, "roads") == [("roads", "")]
    async with database.reading() as session:
        body = (await session.scalars(select(Body).where(Body.code == "roads"))).one()
    assert (body.name, body.needs_approval) == ("Минтранс края", False)


def test_a_table_of_semicolons_is_read_too(tmp_path: Path) -> None:
    (line,) = read_bodies(table(tmp_path, 'code;name;territories\nroads;Минтранс;"Северный;Южный"\n'))
    assert (line.code, line.territories) == ("roads", ("Северный", "Южный"))


def test_every_fault_is_told_by_row_and_column(tmp_path: Path) -> None:
    text = HEADER + "roads,,roads,,\nroads,Б,rods,,maybe\nt w,В,,,\n,Г,,,\n"
    with pytest.raises(ImportFaults) as caught:
        read_bodies(table(tmp_path, text))
    assert [fault.partition(";")[0] for fault in caught.value.faults] == [
        "row 2, name: is empty",
        "row 3, code: 'roads' stands in row 2 already",
        "row 3, approval: 'maybe' is neither yes nor no",
        "row 3, topics: there is no topic 'rods'",
        "row 4, code: 't w' holds spaces: curators type it as one word",
        "row 5, code: is empty",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("code,nmae\n", "row 1, name: this column is missing"),
        (HEADER, "holds no bodies"),
        ("code,name,colour\na,b,c\n", "row 1, colour: no such column"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ImportFaults, match=fault):
        read_bodies(table(tmp_path, text))
