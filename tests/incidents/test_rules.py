"""Rules as people write them: understood by name or code, listed in order, changed; and as a file, all or nothing."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from incidents import rules
from incidents.people import Actor
from incidents.registry_columns import Fault
from incidents.rules import RuleLine, listed, owner_code, put_rules, territory_of, topic_code
from incidents.rules_files import read_rules, rules_as_csv
from models import Body, Community, Language, Role, Route
from models.database import Database
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE
from tests.incidents.registry_stage import workbook
from tests.incidents.rules_stage import put_body, put_routes

HEADER = "topic;territory;owner;body;note\n"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("roads", "roads"),
        ("Roads", "roads"),
        ("дороги", "roads"),
        ("ДОРОГИ ", "roads"),
        ("roads.potholes", "roads.potholes"),
        ("ямы и ремонт покрытия", "roads.potholes"),
        ("Лифт", "housing.lift"),
        ("благо", "amenities"),
        ("образование", "education"),
        ("*", "*"),
        ("любая", "*"),
        ("", None),
        ("roads.nothing", None),
        ("с", None),  # several begin so
        ("космос", None),
    ],
)
def test_a_topic_is_known_by_its_code_or_name(written: str, code: str | None) -> None:
    assert topic_code(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", ""),
        ("*", ""),
        ("-", ""),
        ("любой", ""),
        ("federal", "federal"),
        ("Федеральная", "federal"),
        ("региональные", "regional"),
        ("муниципальный", "municipal"),
        ("частное", "private"),
        ("Заречный", None),
        ("municipality", None),
    ],
)
def test_an_owner_is_known_in_any_form(written: str, code: str | None) -> None:
    assert owner_code(written) == code


def test_everywhere_is_no_territory() -> None:
    assert [territory_of(one) for one in ("", "*", "—", "Везде", " Верхний  Яр ")] == [""] * 4 + [
        "Верхний Яр"
    ]


@ON_SQLITE
async def test_rules_are_listed_as_the_rubricator_stands(database: Database) -> None:
    async with database.writing() as session:
        await put_routes(
            session,
            [
                ("*", "", "", "any"),
                ("waste", "", "", "waste"),
                ("roads", "", "", "roads"),
                ("roads", "Заречный", "", "town"),
                ("roads.snow", "", "", "snow"),
                ("roads", "", "federal", "fku"),
                ("gone_topic", "", "", "old"),
            ],
        )
    async with database.reading() as session:
        everything = [one.body.code for one in await listed(session)]
        of_roads = [one.body.code for one in await listed(session, "roads")]
        of_snow = [one.body.code for one in await listed(session, "roads.snow")]
    assert everything == ["fku", "snow", "town", "roads", "waste", "any", "old"]
    assert of_roads == everything[:4]
    assert of_snow == ["snow"]


@ON_SQLITE
async def test_a_territory_is_spelled_as_the_pages_spell_it(database: Database) -> None:
    async with database.writing() as session:
        session.add(Community(network="vk", native_id="-1", territory="Заречный", added_at=NOON))
        await put_routes(session, [("roads", "Южный", "", "south")])
    async with database.reading() as session:
        assert await rules.spelled(session, "заречный") == ("Заречный", None)
        assert await rules.spelled(session, "ЮЖНЫЙ") == ("Южный", None)
        assert await rules.spelled(session, "") == ("", None)
        assert await rules.spelled(session, "Зареченый") == ("Зареченый", ["Заречный"])
        assert await rules.spelled(session, "Марс") == ("Марс", [])


# -- files


def read(text: str) -> tuple[list[RuleLine], list[Fault]]:
    reading = read_rules(text.encode())
    return reading.lines, reading.faults


def test_a_file_is_read_in_either_language() -> None:
    ours, no_faults = read(HEADER + "roads.potholes;Заречный;municipal;GOROD;по уставу\n*;;;all;\n")
    theirs, none_either = read(
        "Код органа,Примечание,Тема,Чьё,Территория\n"
        "gorod,по уставу,Ямы и ремонт покрытия,муниципальная,Заречный\nall,,любая,,везде\n"
    )
    assert no_faults == none_either == []
    assert ours == theirs
    assert ours[0] == RuleLine(
        row=2,
        topic="roads.potholes",
        territory="Заречный",
        owner="municipal",
        body_code="gorod",
        note="по уставу",
    )


def test_a_workbook_is_read_too() -> None:
    reading = read_rules(workbook(("topic", "body"), ("roads", "gorod")))
    assert reading.faults == []
    assert [(line.topic, line.body_code, line.note) for line in reading.lines] == [("roads", "gorod", None)]


def test_every_fault_of_a_file_is_found() -> None:
    _, faults = read(
        HEADER
        + "rods;;;a;\n"
        + "roads;;ничей;a;\n"
        + ";;;;только пояснение\n"
        + f"roads;{'я' * 101};;a;{'ю' * 201}\n"
        + "roads;Заречный;;a;\n"
        + "roads;заречный;;A;\n"
        + "roads;;;a;;лишнее\n"
    )
    assert [(one.row, one.column, one.key, dict(one.blanks)) for one in faults] == [
        (2, "topic", "rule_topic", {"value": "rods"}),
        (3, "owner", "rule_owner", {"value": "ничей", "known": "federal, regional, municipal, private"}),
        (4, "topic", "cell_empty", {}),
        (4, "body", "cell_empty", {}),
        (5, "territory", "too_long", {"limit": "100"}),
        (5, "note", "too_long", {"limit": "200"}),
        (7, "topic", "rule_twice", {"first": "6"}),
        (8, "", "row_too_long", {}),
    ]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", [(0, "", "rule_empty")]),
        (HEADER.encode(), [(0, "", "rule_empty")]),
        (b"topic;colour\n", [(1, "colour", "rule_header"), (1, "body", "header_missing")]),
        (b"topic;body;topic\n", [(1, "topic", "header_twice")]),
        (b"\xd0\xcf\x11\xe0old", [(0, "", "old_excel")]),
        (b"a\0b", [(0, "", "not_a_table")]),
        (b"PK\x03\x04 broken", [(0, "", "broken")]),
    ],
)
def test_what_is_no_table_of_rules_is_refused(content: bytes, faults: list[tuple[int, str, str]]) -> None:
    assert [(one.row, one.column, one.key) for one in read_rules(content).faults] == faults


def test_a_formula_is_refused_where_it_stands() -> None:
    reading = read_rules(workbook(("topic", "body"), ("=A1", "gorod")))
    first = reading.faults[0]
    assert (first.row, first.column, first.key) == (2, "topic", "formula")


CURATOR = Actor(
    official_id=1,
    telegram_id=1,
    name="Вера",
    language=Language.RU,
    roles=frozenset({Role.CURATOR}),
    bodies=frozenset(),
    approves=frozenset(),
)


async def stored(database: Database) -> list[tuple[str, str, str, str, str]]:
    async with database.reading() as session:
        found = await session.execute(
            select(Route.topic, Route.territory, Route.owner, Body.code, Route.note)
            .join(Body, Body.id == Route.body_id)
            .order_by(Route.id)
        )
        return [(topic, place, owner, code, note) for topic, place, owner, code, note in found]


async def brought(database: Database, text: str, *, replace_all: bool = False) -> tuple[int, int, int, int]:
    lines, faults = read(text)
    assert faults == []
    async with database.writing() as session:
        done = await put_rules(session, lines, replace_all=replace_all)
    assert not done.put.faults
    return done.put.added, done.put.changed, done.put.unchanged, done.removed


async def test_a_file_comes_in_goes_out_and_comes_back_unchanged(database: Database) -> None:
    async with database.writing() as session:
        for code in ("gorod", "fku"):
            await put_body(session, code)
        session.add(Community(network="vk", native_id="-1", territory="Заречный", added_at=NOON))
    first = HEADER + "roads;ЗАРЕЧНЫЙ;municipal;gorod;@по уставу\nroads;;federal;fku;\n*;;;gorod;\n"
    assert await brought(database, first) == (3, 0, 0, 0)
    assert await stored(database) == [
        ("roads", "Заречный", "municipal", "gorod", "@по уставу"),
        ("roads", "", "federal", "fku", ""),
        ("*", "", "", "gorod", ""),
    ]
    async with database.reading() as session:
        out = rules_as_csv(await listed(session)).decode("utf-8-sig")
    assert out == (
        "topic;territory;owner;body;note\r\n"
        "roads;Заречный;municipal;gorod;'@по уставу\r\n"
        "roads;;federal;fku;\r\n"
        "*;;;gorod;\r\n"
    )
    assert await brought(database, out) == (0, 0, 3, 0)
    assert await brought(database, HEADER + "roads;;federal;fku;трасса М-7\n") == (0, 1, 0, 0)
    assert await brought(database, "topic;owner;body\nroads;federal;fku\n") == (0, 0, 1, 0)
    assert (await stored(database))[1][-1] == "трасса М-7"
    left = HEADER + "roads;;federal;fku;трасса М-7\nwaste;;;gorod;\n"
    assert await brought(database, left, replace_all=True) == (1, 0, 1, 2)
    assert [row[0] for row in await stored(database)] == ["roads", "waste"]


@ON_SQLITE
async def test_a_body_nobody_knows_leaves_the_rules_as_they_were(database: Database) -> None:
    async with database.writing() as session:
        await put_body(session, "gorod")
        await put_body(session, "gone", is_active=False)
    lines, _ = read(HEADER + "roads;;;gorod;\nroads;;;nobody;\nroads;;;gone;\n")
    async with database.writing() as session:
        done = await put_rules(session, lines, replace_all=True)
    assert [(one.row, one.column, one.key, dict(one.blanks)) for one in done.put.faults] == [
        (3, "body", "body", {"code": "nobody"}),
        (4, "body", "body", {"code": "gone"}),
    ]
    assert await stored(database) == []


async def test_a_rule_is_added_once_and_its_note_can_be_changed(database: Database) -> None:
    asked = RuleLine(topic="roads", territory="Заречный", owner="municipal", body_code="gorod")
    async with database.writing() as session:
        body = await put_body(session, "gorod")
        first = await rules.add(session, asked, body, by=CURATOR)
        again = await rules.add(session, asked, body, by=CURATOR)
        assert again is first
    noted: Sequence[RuleLine] = [
        RuleLine(topic="roads", territory="Заречный", owner="municipal", body_code="gorod", note="почему")
    ]
    async with database.writing() as session:
        await rules.add(session, noted[0], await session.get_one(Body, body.id), by=CURATOR)
    assert await stored(database) == [("roads", "Заречный", "municipal", "gorod", "почему")]
