"""Finding: the same on both engines, only what the person may see, and never an error."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from incidents import indexing, searching, triage
from incidents.errors import NotAllowed
from incidents.incoming import FoundPost
from incidents.intake import TriageRules, known_posts, see_again, take_in
from incidents.links import Pasted
from incidents.people import Actor
from incidents.search_query import Known, understand
from models import Incident, Post, SearchDoc
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, POTHOLE, Arrive, Town
from tests.incidents.steps import accept, draft, publish, send

ZONE = ZoneInfo("Europe/Moscow")


class Link:
    def __init__(self, native_id: str, root_id: str | None = None) -> None:
        self.network, self.native_id, self.root_id = "vk", native_id, root_id


def parse(url: str) -> Pasted | None:
    head, _, path = url.partition("vk.com/")
    if not head or not path.startswith("wall-"):
        return None
    root, _, reply = path.partition("?reply=")
    return Link(f"{root}_r{reply}", root) if reply else Link(root)


async def found(
    town: Town, question: str, actor: Actor | None = None, known: Known | None = None
) -> searching.Found:
    asked = understand(question, today=NOON.astimezone(ZONE).date(), known=known)
    async with town.database.reading() as session:
        return await searching.search(session, asked, actor=actor or town.vera, zone=ZONE, parse=parse)


async def numbers(
    town: Town, question: str, actor: Actor | None = None, known: Known | None = None
) -> list[int]:
    return [hit.incident.id for hit in (await found(town, question, actor, known)).hits]


@pytest.mark.parametrize(
    "question",
    [
        "ямы на дорогах",
        "яма",
        "ДОРОГЕ",
        "дорогу яму",
        '"яма на дороге"',
        '"ямами на дорогу"',
        "дорог*",
        "яма -свет",
        "Гагарина",
        "зеленая",
    ],
)
async def test_words_are_found_in_all_their_forms(town: Town, arrive: Arrive, question: str) -> None:
    one = await arrive(2, text="Огромная яма на дороге возле Гагарина, зелёная лужа!")
    await arrive(3, text="Нет света в подъезде")
    assert await numbers(town, question) == [one.id]


@pytest.mark.parametrize("question", ['"дороге яма"', "яма -дорога", "свет", '"яма дороге"'])
async def test_what_does_not_fit_is_not_found(town: Town, arrive: Arrive, question: str) -> None:
    await arrive(2, text="Огромная яма на дороге")
    assert (await found(town, question)).total == 0


async def test_english_words_have_forms_too(town: Town, arrive: Arrive) -> None:
    one = await arrive(2, text="The roads are broken")
    assert await numbers(town, "road") == [one.id]


async def test_the_newest_of_equals_is_first_and_pages_go_on(town: Town, arrive: Arrive) -> None:
    made = [(await arrive(number, text="яма у школы")).id for number in range(7)]
    whole = await found(town, "яма")
    assert ([hit.incident.id for hit in whole.hits], whole.total) == (made[::-1][:5], 7)
    async with town.database.reading() as session:
        asked = understand("яма", today=NOON.date())
        rest = await searching.search(session, asked, actor=town.vera, zone=ZONE, parse=parse, offset=5)
    assert ([hit.incident.id for hit in rest.hits], rest.total) == (made[::-1][5:], 7)


async def test_more_of_the_words_is_better(town: Town, arrive: Arrive) -> None:
    best = await arrive(2, text="Яма, яма и снова яма: ямы, ямы, ямы")
    for number in range(3, 7):
        await arrive(
            number, text=f"Во дворе дома {number} по улице Ленина много мусора, рядом площадка и яма"
        )
    for number in range(7, 17):
        await arrive(number, text="Нет воды")
    assert (await numbers(town, "яма"))[0] == best.id


async def test_a_number_is_an_incident_or_else_a_word(town: Town, arrive: Arrive) -> None:
    one = await arrive(2, text="Яма у дома 555")
    assert await numbers(town, f"№{one.id}") == [one.id]
    assert await numbers(town, "555") == [one.id]
    assert await numbers(town, "99") == []


async def _from(town: Town, number: int, **changes: object) -> int:
    post: FoundPost = replace(POTHOLE, native_id=f"wall-1_{number}", **changes)  # type: ignore[arg-type]
    async with town.database.writing() as session:
        incident = await take_in(session, post, ABOUT_ROADS, rules=TriageRules(), now=NOON)
        assert incident is not None
        return incident.id


async def test_links_lead_to_posts_comments_and_answers(town: Town) -> None:
    one = await _from(town, 2, url="https://vk.com/wall-1_2")
    two = await _from(town, 3, url="https://news.example/a/b?id=3", network="rss")
    await accept(town, one)
    await send(town, await draft(town, one))
    await publish(town)
    for link in (
        "https://vk.com/wall-1_2",
        "vk.com/wall-1_2",
        "https://m.vk.com/wall-1_2/",
        "https://vk.com/wall-1_2?reply=77",
        "https://vk.com/wall-1_2?reply=9",
        "смотри https://vk.com/wall-1_2, там яма",
    ):
        assert await numbers(town, link) == [one], link
    assert await numbers(town, "http://www.news.example/a/b?id=3") == [two]
    assert await numbers(town, "https://vk.com/wall-1_4") == []
    assert await numbers(town, "https://example.org/") == []


async def test_an_author_is_found_by_name_or_by_what_the_links_give_away(town: Town) -> None:
    ivan = await _from(town, 2, author_name="Иван Ёлкин", url="https://vk.com/wall123_5")
    sveta = await _from(town, 3, author_name="Sveta", url="https://x.com/sveta_07/status/1")
    assert await numbers(town, 'автор:"елкин иван"') == []
    assert await numbers(town, 'автор:"Иван Елкин"') == [ivan]
    assert await numbers(town, "автор:ёлкин яма") == [ivan]
    assert await numbers(town, "ёлкин") == []  # a name is no word of the text
    assert await numbers(town, "https://vk.com/id123") == [ivan]
    assert await numbers(town, "автор:https://vk.com/id12") == []
    assert await numbers(town, "https://x.com/Sveta_07") == [sveta]
    assert await numbers(town, "автор:@sveta") == [sveta]
    assert await numbers(town, "автор:sveta", town.boris) == []


async def test_filters_narrow_down(town: Town, arrive: Arrive) -> None:
    old = await arrive(2, now=NOON - timedelta(days=3))
    new = await arrive(3)
    await accept(town, new.id)
    known = Known(
        statuses={"в работе": frozenset({"accepted"}), "назначено": frozenset({"assigned"})},
        topics={"дороги": frozenset({"roads"}), "жкх": frozenset({"housing"})},
        bodies={"roads": frozenset({town.roads}), "жкх": frozenset({town.housing})},
    )
    assert await numbers(town, "статус:в работе", known=known) == [new.id]
    assert await numbers(town, "яма статус:назначено", known=known) == [old.id]
    assert await numbers(town, "тема:дороги", known=known) == [new.id, old.id]
    assert await numbers(town, "тема:жкх", known=known) == []
    assert await numbers(town, "орган:roads", known=known) == [new.id, old.id]
    assert await numbers(town, "орган:жкх яма", known=known) == []
    assert await numbers(town, "сегодня") == [new.id]
    assert await numbers(town, "яма 27.02") == [old.id]
    assert await numbers(town, "за неделю") == [new.id, old.id]


async def test_a_day_begins_where_the_region_is(town: Town, arrive: Arrive) -> None:
    late = await arrive(2, now=NOON.replace(day=1, hour=21, minute=30))  # 00:30 of the second in Moscow
    assert await numbers(town, "02.03") == [late.id]
    assert await numbers(town, "01.03") == []


async def test_only_what_one_may_see_is_found_or_counted_or_guessed(town: Town, arrive: Arrive) -> None:
    one = await arrive(2)
    for question in (
        "яма",
        f"{one.id}",
        "https://vk.com/wall-1_2",
        "сегодня",
        "ямы*",
        "-свет",
        "яамы",
        "ленена",
    ):
        seen = await found(town, question, town.boris)
        assert (seen.total, seen.hits, dict(seen.instead)) == (0, [], {}), question
        assert (await found(town, question, town.anna)).total == 1, question


async def test_what_a_body_answered_stays_with_those_who_answered(town: Town, arrive: Arrive) -> None:
    one = await arrive(2)
    await accept(town, one.id)
    await send(town, await draft(town, one.id, "Заделали яму щебнем."))
    await publish(town)
    async with town.database.writing() as session:
        await triage.reopen(session, incident_id=one.id, actor=town.vera, reason="снова", now=NOON)
        await triage.assign(session, incident_id=one.id, body_id=town.housing, actor=town.vera, now=NOON)
    assert await numbers(town, "щебень", town.anna) == [one.id]
    assert await numbers(town, "щебень", town.boris) == [one.id]


async def test_what_was_handed_on_unanswered_is_gone(town: Town, arrive: Arrive) -> None:
    one = await arrive(2)
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=one.id, body_id=town.housing, actor=town.vera, now=NOON)
    assert await numbers(town, "яма", town.anna) == []
    assert await numbers(town, "яма", town.boris) == [one.id]


async def test_a_bodys_group_finds_that_bodys_own_even_for_a_curator(town: Town, arrive: Arrive) -> None:
    await arrive(2)
    async with town.database.reading() as session:
        for body, total in ((town.roads, 1), (town.housing, 0)):
            asked = understand("яма", today=NOON.date())
            page = await searching.search(
                session, asked, actor=town.vera, zone=ZONE, parse=parse, within=frozenset({body})
            )
            assert page.total == total


async def test_who_may_see_nothing_is_told_so(town: Town) -> None:
    with pytest.raises(NotAllowed):
        await found(town, "яма", replace(town.anna, roles=frozenset()))


async def test_a_misspelled_word_is_looked_for_as_it_may_have_been_meant(town: Town, arrive: Arrive) -> None:
    one = await arrive(2, text="Отопление в подъезде не работает")
    for question, instead in (
        ("атопление", {"атопление": "отопление"}),
        ("отопленпе подьезд", {"отопленпе": "отопление", "подьезд": "подъезде"}),
        ("подезд", {"подезд": "подъезде"}),
    ):
        seen = await found(town, question)
        assert [hit.incident.id for hit in seen.hits] == [one.id], question
        assert dict(seen.instead) == instead


async def test_words_of_the_other_layout(town: Town, arrive: Arrive) -> None:
    one = await arrive(2)
    seen = await found(town, "zvf")
    assert [hit.incident.id for hit in seen.hits] == [one.id]
    assert dict(seen.instead) == {"zvf": "яма"}


async def test_a_word_by_its_beginning(town: Town, arrive: Arrive) -> None:
    one = await arrive(2, text="Водопроводчики не едут")
    seen = await found(town, "водопроводный")
    assert [hit.incident.id for hit in seen.hits] == [one.id]
    assert dict(seen.instead) == {"водопроводный": "водопровод…"}


async def test_not_all_of_the_words(town: Town, arrive: Arrive) -> None:
    one = await arrive(2, text="Яма у школы")
    two = await arrive(3, text="Мусор во дворе")
    seen = await found(town, "яма мусор")
    assert sorted(hit.incident.id for hit in seen.hits) == [one.id, two.id]
    assert seen.any_word
    assert not (await found(town, "яма школа")).any_word


HOSTILE: Sequence[str] = (
    "",
    "   ",
    "!!! ??? ...",
    '"',
    '""',
    '"" AND ""',
    "-",
    "-яма",
    "*",
    "яма*",
    "AND",
    "NOT OR AND NEAR",
    "NEAR(яма дорога, 5)",
    "words:яма",
    "^яма",
    "{words} : яма",
    "яма)",
    "((((((((",
    "яма' OR '1'='1",
    "'; DROP TABLE incidents; --",
    "'яма' & !дорога | <-> :*",
    "яма\x00дорога",
    "\ud800яма",
    "яма\u202e\u200bдорога",
    "ъ ъъъ автор:ъъ",
    "яма " * 4000,
    "я" * 16000,
    "-я " * 200,
    '"' * 500,
    "🔥🔥🔥",
    "日本語 ಠ_ಠ ½ ² ⅷ",
    "статус: тема: орган: автор:",
    'статус:"',
    "99999999999999999999",
    "0",
    "№",
    "https://",
    "http://[",
    "http://[/a/b",
    "https://vk.com/%00%ff/",
    "99.99.9999",
    "01.01-99.99",
    "с по до",
    "\\ % _ %_%",
    "author:%_% x.com/%_%/",
)


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
async def test_nothing_anybody_types_is_an_error(town: Town, arrive: Arrive, question: str) -> None:
    await arrive(2)
    seen = await found(town, question)
    assert seen.total in {0, 1}


async def test_hostile_texts_are_indexed(town: Town, arrive: Arrive) -> None:
    for at, question in enumerate(HOSTILE):
        await arrive(at + 10, text=f"{question} ракета")
    assert (await found(town, "ракета")).total == len(HOSTILE)


async def test_the_index_follows_what_changes(town: Town, arrive: Arrive) -> None:
    one, two = await arrive(2, text="Яма у школы"), await arrive(3, text="Провал у аптеки")
    async with town.database.writing() as session:
        post = (await known_posts(session, "vk", ["wall-1_2"]))["wall-1_2"]
        changed = replace(
            POTHOLE, native_id="wall-1_2", text="Люк у школы", edited_at=NOON + timedelta(hours=1)
        )
        assert await see_again(session, post, changed, now=NOON)
    assert (await numbers(town, "яма"), await numbers(town, "люк")) == ([], [one.id])
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=one.id, into_id=two.id, actor=town.vera, now=NOON)
    assert await numbers(town, "люк") == [two.id]
    await accept(town, two.id)
    answer = await draft(town, two.id, "Поставили ограждение.")
    assert await numbers(town, "ограждение") == []  # a draft is its author's
    await send(town, answer)
    assert await numbers(town, "ограждение") == [two.id]


async def test_what_is_rolled_back_is_not_found(town: Town, arrive: Arrive) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        async with town.database.writing() as session:
            await take_in(session, POTHOLE, ABOUT_ROADS, rules=TriageRules(), now=NOON)
            raise RuntimeError("broken")
    assert (await found(town, "яма")).total == 0


async def test_what_was_stored_before_the_index_is_filled_in_bit_by_bit(town: Town, arrive: Arrive) -> None:
    made = [(await arrive(number)).id for number in range(5)]
    async with town.database.writing() as session:
        for row in list(await session.scalars(select(SearchDoc).where(SearchDoc.incident_id.in_(made[:3])))):
            await session.delete(row)
    assert await numbers(town, "яма") == made[:2:-1]
    done = []
    for _ in range(3):
        async with town.database.writing() as session:
            done.append(await indexing.fill(session, limit=2))
    assert done == [2, 1, 0]
    assert await numbers(town, "яма") == made[::-1]


async def test_a_document_deleted_or_changed_leaves_nothing_behind(town: Town, arrive: Arrive) -> None:
    one = await arrive(2)
    async with town.database.writing() as session:
        await session.execute(update(Post).where(Post.incident_id == one.id).values(text="Вода"))
        await indexing.reindex(session, one.id)
        await indexing.reindex(session, one.id)
        if town.database.is_sqlite:  # https://sqlite.org/fts5.html#the_integrity_check_command
            await session.execute(
                text("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)")
            )
    assert (await numbers(town, "яма"), await numbers(town, "вода")) == ([], [one.id])


async def test_a_long_incident_is_indexed_as_far_as_it_goes(town: Town, arrive: Arrive) -> None:
    long = " ".join(f"слово{number}" for number in range(20_000))
    one = await arrive(2, text=long)
    assert await numbers(town, "слово17") == [one.id]
    async with town.database.reading() as session:
        incident = await session.get_one(Incident, one.id)
        assert await searching.sees(session, town.anna, incident.id)
        assert not await searching.sees(session, town.boris, incident.id)
