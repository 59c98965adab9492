"""Bodies and official pages from a table: all of it or nothing, and every fault by its row and column."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.__main__ import main
from bot.importing import ImportFaults, bring_in, exported, put_bodies, read_bodies, read_communities
from models import Body, Community, Language, Route
from models.database import Database, open_database
from tests.conftest import NOON
from tests.incidents.registry_stage import READERS, workbook

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
    assert await routes(database, "all") == [("*", "")]
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


# -- official pages

PAGES = (
    ("Код органа", "Сеть", "Ссылка", "Название"),
    ("roads", "vk", "vk.com/club1", "Минтранс"),
    ("", "ok", "ok.ru/a", "ЦУР"),
)


def saved(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "pages.xlsx"
    path.write_bytes(workbook(*rows))
    return path


async def bring(url: str, what: str, path: Path, language: Language = Language.EN) -> str:
    return await bring_in(url, what, path, readers=READERS, language=language, now=NOON)


async def test_pages_come_in_go_out_and_come_back_unchanged(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
    bodies = table(tmp_path, HEADER + "roads,Минтранс,roads,,\n")
    assert await bring(url, "bodies", bodies) == "bodies: 1 added, 0 changed"
    path = saved(tmp_path, *PAGES)
    assert await bring(url, "communities", path) == "communities: 2 added, 0 changed, 0 unchanged"
    for suffix in (".csv", ".XLSX"):
        again = tmp_path / f"out{suffix}"
        zone = ZoneInfo("Europe/Moscow")
        again.write_bytes(await exported(url, suffix=suffix, zone=zone, language=Language.RU, now=NOON))
        assert await bring(url, "communities", again) == "communities: 0 added, 0 changed, 2 unchanged"
    assert (tmp_path / "out.XLSX").read_bytes().startswith(b"PK")
    database = open_database(url)
    async with database.reading() as session:
        titles = list(await session.scalars(select(Community.title).order_by(Community.id)))
    await database.close()
    assert titles == ["Минтранс", "ЦУР"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.RU, "Строка 3, «Сеть»: сети «tiktok» нет. Известны: vk, ok"),
        (Language.EN, "Row 3, “Сеть”: there is no network “tiktok”. Known: vk, ok"),
    ],
)
def test_faults_of_pages_are_told_in_the_regions_language(
    tmp_path: Path, language: Language, words: str
) -> None:
    path = saved(tmp_path, *PAGES[:2], ("", "tiktok", "x", ""))
    with pytest.raises(ImportFaults) as caught:
        read_communities(path, readers=READERS, language=language)
    assert caught.value.faults == (words,)
    with pytest.raises(ImportFaults, match="No such file"):
        read_communities(tmp_path / "none.csv", readers=READERS)


async def test_a_body_nobody_knows_leaves_the_registry_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
    with pytest.raises(ImportFaults, match="Row 2, “Код органа”: there is no body with the code “roads”"):
        await bring(url, "communities", saved(tmp_path, *PAGES))
    text = await exported(url, suffix=".csv", zone=ZoneInfo("UTC"), language=Language.EN, now=NOON)
    assert len(text.decode().splitlines()) == 1


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    url = f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
    config.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    path = saved(tmp_path, PAGES[0], ("", "vk", "vk.com/club1", "Минтранс"))
    with_config = ["--config", str(config)]
    assert main(["import", "communities", str(path), *with_config]) == 0
    assert capsys.readouterr().out.strip() == "communities: 1 added, 0 changed, 0 unchanged"
    out = tmp_path / "out.csv"
    assert main(["export", "communities", str(out), *with_config]) == 0
    assert "Минтранс" in out.read_text(encoding="utf-8-sig")
    assert main(["import", "communities", str(out), *with_config]) == 0
    out.write_text("Сеть;Ссылка\nvk;https://example.com/x\n", encoding="utf-8")
    assert main(["import", "communities", str(out), *with_config]) == 2
    assert capsys.readouterr().err.startswith("Строка 2, «Ссылка»: «https://example.com/x»")


# -- rules

RULES = "topic;territory;owner;body;note\nroads.potholes;Заречный;municipal;roads;по уставу\n*;;;roads;\n"


def written(folder: Path, text: str, name: str = "rules.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_rules_come_in_by_a_command_and_go_out_by_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    url = f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
    config.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--config", str(config)])
        told = capsys.readouterr()
        return code, (told.out + told.err).strip()

    bodies = str(table(tmp_path, HEADER + "roads,Минтранс,roads,,\n"))
    rules, out = str(written(tmp_path, RULES)), tmp_path / "out.csv"
    dry = "(dry run: nothing is stored)"
    assert run("import", "bodies", bodies, "--dry-run") == (0, f"bodies: 1 added, 0 changed {dry}")
    assert run("import", "rules", rules) == (
        2,
        "\n".join(f"Строка {row}, «body»: органа с кодом «roads» нет. Коды: /bodies" for row in (2, 3)),
    )
    assert run("import", "bodies", bodies) == (0, "bodies: 1 added, 0 changed")
    came = "rules: 2 added, 0 changed, 0 unchanged"
    assert run("import", "rules", rules, "--dry-run") == (0, f"{came} {dry}")
    assert run("import", "rules", rules) == (0, came)
    assert run("export", "rules", str(out)) == (0, f"rules: {out}")
    assert out.read_text(encoding="utf-8-sig").splitlines() == [
        "topic;territory;owner;body;note",
        "roads.potholes;Заречный;municipal;roads;по уставу",
        "roads;;;roads;",
        "*;;;roads;",
    ]
    assert run("import", "rules", str(out)) == (0, "rules: 0 added, 0 changed, 3 unchanged")
    assert run("import", "rules", rules, "--replace") == (
        0,
        "rules: 0 added, 0 changed, 2 unchanged, 1 removed",
    )
    assert run("import", "bodies", bodies, "--replace")[0] == 2
    assert run("export", "rules", str(tmp_path / "out.xlsx")) == (
        2,
        "rules are written as CSV: give the file a name ending in .csv",
    )


async def test_a_faulty_file_of_rules_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}"
    await bring(url, "bodies", table(tmp_path, HEADER + "roads,Минтранс,,,\n"))
    path = written(tmp_path, RULES + "rods;;чужая;roads;\n")
    with pytest.raises(ImportFaults) as caught:
        await bring(url, "rules", path, Language.RU)
    assert caught.value.faults == (
        "Строка 4, «topic»: темы «rods» нет. Возьмите код или название: /rules",
        (
            "Строка 4, «owner»: «чужая» не подходит. Известны: federal, regional, municipal, private; "
            "пусто — чьё угодно."
        ),
    )
    with pytest.raises(ImportFaults, match="Row 2, “body”: there is no body with the code “nobody”"):
        await bring(url, "rules", written(tmp_path, "topic,body\nroads,nobody\nroads,roads\n"))
    with pytest.raises(ImportFaults, match="No such file"):
        await bring(url, "rules", tmp_path / "none.csv")
    database = open_database(url)
    assert await routes(database, "roads") == []
    await database.close()


async def test_bodies_that_come_again_keep_their_rules_for_one_owner(
    database: Database, tmp_path: Path
) -> None:
    first = table(tmp_path, HEADER + "roads,Минтранс,roads.potholes *,,\n")
    await put(database, first)
    async with database.writing() as session:
        body = (await session.scalars(select(Body))).one()
        session.add(Route(topic="roads", owner="regional", body_id=body.id))
    assert await routes(database, "roads") == [("*", ""), ("roads", ""), ("roads.potholes", "")]
    await put(database, table(tmp_path, "code,name\nroads,Минтранс края\n"))
    assert len(await routes(database, "roads")) == 3
    await put(database, table(tmp_path, HEADER + "roads,Минтранс края,waste,,\n"))
    assert await routes(database, "roads") == [("roads", ""), ("waste", "")]
