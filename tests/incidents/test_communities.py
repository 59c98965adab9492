"""The registry of official pages: figures out of posts, what is missing, and files that change it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.communities import (
    Figures,
    NoSuchCommunity,
    figures,
    find,
    missing,
    overview,
    page_seen_by,
    scope_of,
    to_look_up,
    watch,
)
from incidents.errors import NotAllowed
from incidents.people import Actor, NotYourBody
from incidents.registering import Put, Told, could_not_look, learn, lose, put
from incidents.registry_export import as_csv, as_xlsx
from incidents.registry_files import read_registry
from incidents.weekly import tell_week, week_began_at
from models import (
    AuditEntry,
    Body,
    Community,
    CommunityLevel,
    CommunityState,
    Incident,
    Language,
    OutboxRow,
    Post,
    ReplyCapability,
    Role,
    Status,
)
from models.database import Database
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE, VERA, Arrive, Town
from tests.incidents.registry_stage import READERS, short, table

MOSCOW = ZoneInfo("Europe/Moscow")
LONG_AGO = NOON - timedelta(days=30)


async def page(session: AsyncSession, native_id: str | None, **fields: Any) -> Community:
    known: dict[str, Any] = {"network": "vk", "state": CommunityState.READ, "added_at": LONG_AGO, **fields}
    row = Community(native_id=native_id, **known)
    session.add(row)
    await session.flush()
    return row


def post(number: int, community_id: str, *, days_ago: float = 1, **fields: Any) -> Post:
    known = {"network": "vk", "is_official": True, "text": "пост", **fields}
    return Post(
        native_id=f"{community_id}_{number}",
        community_id=community_id,
        url="https://vk.com/wall",
        reply_capability=ReplyCapability.API,
        posted_at=NOON - timedelta(days=days_ago),
        collected_at=NOON,
        **known,
    )


async def alone(town: Town) -> None:
    """No page but those of the test."""
    async with town.database.writing() as session:
        await session.execute(delete(Community))


async def seen(database: Database, **arguments: Any) -> dict[str, Figures]:
    async with database.reading() as session:
        return {one.community.title: one for one in await figures(session, now=NOON, **arguments)}


# -- figures


async def test_a_page_is_counted_by_its_posts(town: Town, arrive: Arrive) -> None:
    await alone(town)
    async with town.database.writing() as session:
        await page(session, "-1", title="Дороги", body_id=town.roads, posts_norm=2)
        await page(session, "-2", title="Тихие", body_id=town.roads)
        session.add_all(
            [
                post(1, "-1", days_ago=1),
                post(2, "-1", days_ago=6.9),
                post(3, "-1", days_ago=7.1),
                post(4, "-1", root_id="wall-1_1"),  # a comment of its own is no post
                post(5, "-1", is_official=False),
                post(6, "-1", network="ok", days_ago=0.1),
                post(7, "-2", days_ago=8),
            ]
        )
    await arrive(11)
    done = await arrive(12, text="Другая яма")
    async with town.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == done.id).values(status=Status.CLOSED))
    shown = await seen(town.database)
    roads, quiet = shown["Дороги"], shown["Тихие"]
    assert (roads.posts_week, roads.open_comments, roads.is_silent) == (2, 1, False)
    assert roads.last_post_at == NOON - timedelta(days=1)
    assert roads.body is not None
    assert roads.body.code == "roads"
    assert (quiet.posts_week, quiet.last_post_at, quiet.is_silent) == (0, NOON - timedelta(days=8), True)


@ON_SQLITE
@pytest.mark.parametrize(
    ("fields", "is_silent"),
    [
        ({}, True),
        ({"posts_norm": 1}, True),
        ({"body_id": None, "level": CommunityLevel.LEADER}, True),
        ({"body_id": None}, False),  # a city public is nobody's duty
        ({"is_watched": False}, False),
        ({"state": CommunityState.LOST}, False),
        ({"state": CommunityState.UNKNOWN}, False),  # never read: nothing is known
        ({"added_at": NOON - timedelta(days=6)}, False),  # not watched for a week yet
        ({"added_at": NOON - timedelta(days=7)}, True),
    ],
)
async def test_who_is_silent(town: Town, fields: dict[str, Any], is_silent: bool) -> None:  # noqa: FBT001 - a table
    async with town.database.writing() as session:
        await page(session, "-5", title="Страница", **({"body_id": town.roads} | fields))
    assert (await seen(town.database))["Страница"].is_silent is is_silent


@ON_SQLITE
@pytest.mark.parametrize(("posts", "is_silent"), [(2, True), (3, False)])
async def test_fewer_than_the_norm_is_silent_too(town: Town, posts: int, is_silent: bool) -> None:  # noqa: FBT001 - a table
    async with town.database.writing() as session:
        await page(session, "-5", title="Страница", body_id=town.roads, posts_norm=3)
        session.add_all([post(number, "-5") for number in range(posts)])
    assert (await seen(town.database))["Страница"].is_silent is is_silent


async def test_what_is_missing_unverified_and_lost(town: Town) -> None:
    await alone(town)
    async with town.database.writing() as session:
        await page(session, "-1", title="а", body_id=town.roads, is_verified=False)
        await page(session, "1", title="б", network="ok", body_id=town.roads, is_watched=False)
        await page(session, "-2", title="в", body_id=town.housing, is_verified=None)
        await page(
            session, "-3", title="г", body_id=town.housing, state=CommunityState.LOST, is_verified=False
        )
        session.add(Body(code="closed", name="Упразднён", is_active=False, created_at=NOON))
    async with town.database.reading() as session:
        found = await overview(session, now=NOON)
        lacking = [(one.body.code, one.networks) for one in found.missing]
        only_vk = [one.body.code for one in await missing(session, required=("vk",))]
        of_roads = await overview(session, now=NOON, bodies={town.roads})
    assert lacking == [("silent", ("vk", "ok")), ("housing", ("ok",))]
    assert only_vk == ["silent"]
    assert [one.community.title for one in found.unverified] == ["а"]
    assert [one.community.title for one in found.lost] == ["г"]
    assert [one.community.title for one in found.pages] == ["б", "а", "в", "г"]  # by body, then network
    assert ([one.community.title for one in of_roads.pages], of_roads.missing) == (["б", "а"], [])


# -- who sees what


async def test_everybody_sees_their_own_bodys_pages(town: Town) -> None:
    async with town.database.writing() as session:
        mine = await page(session, "-5", body_id=town.roads)
        theirs = await page(session, "-6", body_id=town.housing)
    nobody = Actor(9, 9, "Ольга", Language.RU, frozenset({Role.OPERATOR}), frozenset(), frozenset())
    assert scope_of(town.vera) is None
    assert scope_of(town.anna) == frozenset({town.roads})
    async with town.database.writing() as session:
        assert (await page_seen_by(session, mine.id, town.anna, now=NOON)).community.id == mine.id
        with pytest.raises(NotYourBody):
            await page_seen_by(session, theirs.id, town.anna, now=NOON)
        with pytest.raises(NotAllowed):
            await page_seen_by(session, mine.id, nobody, now=NOON)
        with pytest.raises(NoSuchCommunity):
            await page_seen_by(session, 9999, town.vera, now=NOON)
        with pytest.raises(NotAllowed):
            await watch(session, mine.id, is_watched=False, actor=town.anna)
        with pytest.raises(NoSuchCommunity):
            await watch(session, 9999, is_watched=False, actor=town.vera)
        await watch(session, mine.id, is_watched=False, actor=town.vera)
    async with town.database.reading() as session:
        again = await session.get_one(Community, mine.id)
        assert again.is_watched is False


# -- files

HEADER = ("Код органа", "Сеть", "Ссылка", "Название", "Территория", "Уровень", "Отметка", "Норма")


async def bring(database: Database, *rows: tuple[object, ...], now: datetime = NOON) -> Put:
    reading = read_registry(table(*rows), readers=READERS)
    assert reading.faults == []
    async with database.writing() as session:
        return await put(session, reading.lines, now=now)


async def rows(database: Database) -> list[tuple[object, ...]]:
    async with database.reading() as session:
        found = await session.execute(select(Community.__table__).order_by(Community.id))
        return [tuple(row) for row in found]


async def test_pages_come_in_and_come_again_changed(town: Town) -> None:
    await alone(town)
    first = ("ROADS", "vk", "vk.com/club5", "Минтранс", "Северный", "регион", "да", 3)
    assert await bring(town.database, HEADER, first) == Put(1, 0, 0)
    assert await bring(town.database, HEADER, first) == Put(0, 0, 1)
    said = ("housing", "vk", "vk.com/club5", "", "-", "", "нет", "")
    other = ("", "ok", "ok.ru/tsur", "", "", "", "", "")
    assert await bring(town.database, HEADER, said, other, now=NOON + timedelta(days=1)) == Put(1, 1, 0)
    async with town.database.reading() as session:
        row = await find(session, "vk", native_id="5")
        new = await find(session, "ok", name="TSUR")
        assert await find(session, "ok", native_id="5") is None
    assert row is not None
    assert (row.body_id, row.title, row.territory) == (town.housing, "Минтранс", "")
    assert (row.level, row.is_verified, row.posts_norm) == (CommunityLevel.REGION, False, 3)
    assert (row.url, row.added_at, row.state) == ("https://vk.com/club5", NOON, CommunityState.UNKNOWN)
    assert new is not None
    assert (new.native_id, new.name, new.level, new.body_id) == (None, "tsur", CommunityLevel.OTHER, None)


async def test_a_file_with_a_fault_changes_nothing(town: Town) -> None:
    async with town.database.writing() as session:
        await page(session, "5", name="dorogi")
    before = await rows(town.database)
    done = await bring(
        town.database,
        ("Сеть", "Ссылка", "Код органа", "Название"),
        ("vk", "vk.com/new", "", "Новая"),
        ("vk", "vk.com/club5", "nobody", "Другая"),
        ("vk", "vk.com/dorogi", "", "Она же"),
    )
    assert short(done.faults) == [(3, "Код органа", "body"), (4, "Ссылка", "twice")]
    assert (done.added, done.changed) == (0, 0)
    assert await rows(town.database) == before


EVIL = ["=HYPERLINK(1)", "+7", "-5", "@all", "'=x", 'a;"b', "две\nстроки", "\u200bя\x00", "-"]


@pytest.mark.parametrize("make", [as_csv, as_xlsx], ids=["csv", "xlsx"])
@pytest.mark.parametrize("language", list(Language))
async def test_what_is_exported_and_imported_again_changes_nothing(
    town: Town, make: Callable[..., bytes], language: Language
) -> None:
    async with town.database.writing() as session:
        for at, title in enumerate(EVIL):
            mark = (None, True, False)[at % 3]
            level = list(CommunityLevel)[at % 5]
            clean = title.replace("\n", " ").replace("\u200b", "").replace("\x00", "")
            await page(session, f"{at}5", title=clean, territory=clean, is_verified=mark, level=level)
        await page(session, "-77", title="по номеру", network="ok", body_id=town.roads, posts_norm=5)
        await page(session, "78", url="https://vk.com/only_the_link_has_a_name")
        await page(session, "79", name="renamed", url="https://vk.com/old_name")
        await page(
            session, None, name="by.name", url="https://vk.com/By.Name", problem="=1", is_watched=False
        )
        session.add_all([post(1, "05"), post(2, "05")])
    before = await rows(town.database)
    async with town.database.reading() as session:
        content = make(await figures(session, now=NOON), language=language, zone=MOSCOW)
    reading = read_registry(content, readers=READERS)
    assert reading.faults == []
    assert len(reading.lines) == len(before)
    async with town.database.writing() as session:
        done = await put(session, reading.lines, now=NOON + timedelta(days=1))
    assert (done.added, done.changed, done.faults) == (0, 0, ())
    assert await rows(town.database) == before


@ON_SQLITE
async def test_no_cell_of_an_export_is_a_formula(town: Town) -> None:
    async with town.database.writing() as session:
        for at, title in enumerate(EVIL):
            await page(session, f"{at}5", title=title, problem=title, url=title)
    async with town.database.reading() as session:
        shown = await figures(session, now=NOON)
    cells = as_csv(shown, language=Language.RU, zone=MOSCOW).decode("utf-8-sig").split(";")
    assert [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@"))] == []
    sheet: Any = load_workbook(io.BytesIO(as_xlsx(shown, language=Language.RU, zone=MOSCOW))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    assert sheet.freeze_panes == "A2"


@ON_SQLITE
async def test_the_figures_of_an_export(town: Town, arrive: Arrive) -> None:
    await alone(town)
    async with town.database.writing() as session:
        await page(session, "-1", title="Дороги", body_id=town.roads, posts_norm=2, problem="нет ключа")
        session.add(post(1, "-1", days_ago=1))
    await arrive(11)
    async with town.database.reading() as session:
        text = as_csv(await figures(session, now=NOON), language=Language.RU, zone=MOSCOW)
    header, line = (row.split(";") for row in text.decode("utf-8-sig").splitlines())
    assert dict(zip(header, line, strict=True)) == {
        "Код органа": "roads",
        "Сеть": "vk",
        "Ссылка или ID": "'-1",
        "Название": "Дороги",
        "Территория": "",
        "Уровень": "прочее",
        "Отметка": "",
        "Постов в неделю": "2",
        "Название органа": "Дороги",
        "ID владельца": "'-1",
        "Последний пост": "01.03.2026 12:00",
        "Постов за 7 дней": "1",
        "Открытых комментариев": "1",
        "Читается": "да",
        "Связь": "читается, ответы вручную",
        "Неполадка": "нет ключа",
    }


# -- what networks tell

TOLD = Told(native_id="5", name="Dorogi", title="Из сети", is_verified=False, can_answer=True)


async def test_what_a_network_tells_is_kept_and_what_people_wrote_stays(town: Town) -> None:
    async with town.database.writing() as session:
        empty = await page(session, None, name="dorogi", state=CommunityState.LOST, problem="не было")
        written = await page(
            session, "6", title="Наше", is_verified=True, level=CommunityLevel.REGION, body_id=town.roads
        )
    async with town.database.writing() as session:
        await learn(session, empty.id, TOLD, now=NOON)
        told = Told(native_id="6", title="Из сети", is_verified=False, can_answer=None, problem="нет ключа")
        await learn(session, written.id, told, now=NOON)
        await learn(session, 9999, TOLD, now=NOON)
    async with town.database.reading() as session:
        first, second = (
            await session.get_one(Community, empty.id),
            await session.get_one(Community, written.id),
        )
    assert (first.native_id, first.name, first.title, first.is_verified) == ("5", "dorogi", "Из сети", False)
    assert (first.state, first.problem, first.looked_up_at) == (CommunityState.CONNECTED, "", NOON)
    assert (second.title, second.is_verified, second.level) == ("Наше", True, CommunityLevel.REGION)
    assert (second.state, second.problem, second.body_id) == (CommunityState.READ, "нет ключа", town.roads)


async def test_a_page_listed_by_number_and_by_name_becomes_one(town: Town) -> None:
    async with town.database.writing() as session:
        by_id = await page(session, "5", title="Первая", is_watched=False)
        by_name = await page(
            session, None, name="dorogi", title="Вторая", body_id=town.roads, posts_norm=3,
            level=CommunityLevel.REGION, url="https://vk.com/dorogi", is_verified=True, territory="Северный",
        )  # fmt: skip
    async with town.database.writing() as session:
        await learn(session, by_name.id, TOLD, now=NOON)
    async with town.database.reading() as session:
        assert await session.get(Community, by_name.id) is None
        one = await session.get_one(Community, by_id.id)
    assert (one.title, one.name, one.body_id, one.posts_norm) == ("Первая", "dorogi", town.roads, 3)
    assert (one.level, one.url, one.is_verified) == (CommunityLevel.REGION, "https://vk.com/dorogi", True)
    assert (one.is_watched, one.territory) == (True, "Северный")


async def test_a_page_is_lost_and_looked_up_by_turns(town: Town) -> None:
    await alone(town)
    async with town.database.writing() as session:
        never = await page(session, "1")
        old = await page(session, "2", looked_up_at=NOON - timedelta(days=2))
        await page(session, "3", looked_up_at=NOON)
        await page(session, "4", is_watched=False)
        await page(session, "5", network="ok")
        due = await to_look_up(session, networks=["vk"], before=NOON - timedelta(days=1))
        assert [one.id for one in due] == [never.id, old.id]
        await lose(session, never.id, problem="нет такой" * 90, now=NOON)
        await could_not_look(session, old.id, problem="нет прав", now=None)
        due = await to_look_up(session, networks=["vk"], before=NOON - timedelta(days=1))
        assert [one.id for one in due] == [old.id]
        assert (never.state, len(never.problem)) == (CommunityState.LOST, 300)
        assert (old.state, old.problem) == (CommunityState.READ, "нет прав")


# -- the weekly line


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 3, 2, 6, 0, tzinfo=UTC), datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),  # Monday 9:00
        (datetime(2026, 3, 2, 5, 59, tzinfo=UTC), datetime(2026, 2, 23, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 20, 59, tzinfo=UTC), datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),  # Sunday
        (datetime(2026, 3, 8, 21, 1, tzinfo=UTC), datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),  # Monday in Moscow
    ],
)
def test_the_week_begins_on_monday_at_nine_in_the_region(now: datetime, monday: datetime) -> None:
    assert week_began_at(now, MOSCOW) == monday


async def told(database: Database, now: datetime) -> tuple[bool, list[Any]]:
    async with database.writing() as session:
        is_done = await tell_week(session, now=now, zone=MOSCOW)
    async with database.reading() as session:
        found = await session.execute(select(OutboxRow.chat_id, OutboxRow.payload).order_by(OutboxRow.id))
        return is_done, [(chat, payload) for chat, payload in found]


async def test_the_weekly_line_is_told_once_a_week(town: Town) -> None:
    await alone(town)
    assert await told(town.database, NOON) == (False, [])  # no registry, no line
    async with town.database.writing() as session:
        await page(session, "1", body_id=town.roads, is_verified=False)
        await page(session, "2", body_id=town.roads, state=CommunityState.LOST)
    line = {"key": "communities.week", "missing": 3, "silent": 1, "unverified": 1, "lost": 1}
    assert await told(town.database, NOON) == (True, [(VERA, line)])
    assert await told(town.database, NOON + timedelta(days=6)) == (True, [(VERA, line)])
    done, lines = await told(town.database, NOON + timedelta(days=9))  # late, after downtime, and once
    assert (done, len(lines)) == (True, 2)
    async with town.database.reading() as session:
        assert len(list(await session.scalars(select(AuditEntry)))) == 2


@ON_SQLITE
async def test_nothing_is_said_of_a_registry_filled_after_monday(town: Town) -> None:
    await alone(town)
    async with town.database.writing() as session:
        await page(session, "1", added_at=NOON)
    assert await told(town.database, NOON + timedelta(hours=1)) == (False, [])
    assert (await told(town.database, NOON + timedelta(days=7)))[0]


@ON_SQLITE
async def test_a_week_in_which_all_is_well(town: Town) -> None:
    await alone(town)
    async with town.database.writing() as session:
        await session.execute(update(Body).values(is_active=False))
        await page(session, "1", state=CommunityState.CONNECTED, is_verified=True)
        session.add(post(1, "1"))
    _, lines = await told(town.database, NOON)
    assert [payload["key"] for _, payload in lines] == ["communities.fine_week"]
