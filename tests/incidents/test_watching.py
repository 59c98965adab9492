"""Keywords in the database: whose, on and off, the posts that have them, and what they say of a post's body."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from incidents import watching
from incidents.errors import BadKeyword, NoSuchKeyword, NotAllowed
from incidents.incoming import Guess, Scored
from incidents.intake import TriageMode, TriageRules, take_in
from incidents.keywords import Keyword, as_written, parse
from incidents.people import Actor
from models import Body, ChatState, Incident, KeywordHit, KeywordRow, Post, Prediction, Status
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, POTHOLE, Town


async def add(
    town: Town, text: str, *, body: int | None = None, territory: str = "", actor: Actor | None = None
) -> int:
    async with town.database.writing() as session:
        owner = await session.get_one(Body, body) if body else None
        row = await watching.add_keyword(
            session, text, actor=actor or town.vera, now=NOON, body=owner, territory=territory
        )
        return row.id


async def switch(town: Town, keyword_id: int, *, is_on: bool) -> None:
    async with town.database.writing() as session:
        await watching.switch_keyword(session, keyword_id, is_on=is_on, actor=town.vera)


async def active(town: Town, network: str | None = None) -> list[Keyword]:
    async with town.database.reading() as session:
        return watching.understood(await watching.active_rows(session, network=network), as_written)


async def arrives(
    town: Town,
    *keyword_ids: int,
    number: int = 2,
    sure: float = 0.9,
    territory: str = "",
    guess: Guess = ABOUT_ROADS,
    days_ago: int = 0,
    mode: TriageMode = TriageMode.AUTO,
) -> Incident:
    found = replace(POTHOLE, native_id=f"wall-1_{number}", territory=territory)
    topics = (Scored("roads", sure), Scored("housing", 0.05))
    async with town.database.writing() as session:
        incident = await take_in(
            session,
            found,
            replace(guess, topics=topics),
            rules=TriageRules(mode=mode),
            now=NOON - timedelta(days=days_ago),
            keyword_ids=keyword_ids,
        )
    assert incident is not None
    return incident


async def stored_hits(town: Town) -> list[tuple[int, int]]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(KeywordHit).order_by(KeywordHit.keyword_id, KeywordHit.post_id))
        return [(row.keyword_id, row.post_id) for row in rows]


async def suggested(town: Town) -> list[list[float]]:
    async with town.database.reading() as session:
        prediction = await session.scalar(select(Prediction).order_by(Prediction.id.desc()).limit(1))
    assert prediction is not None
    return prediction.bodies


# -- the set


async def test_a_keyword_is_looked_for_until_it_is_switched_off(town: Town) -> None:
    pit = await add(town, "  яма   дорога ", territory=" Верхний  Заречье ")
    assert await active(town) == [parse("яма дорога", id=pit, territory="Верхний Заречье")]
    await switch(town, pit, is_on=False)
    assert await active(town) == []
    await switch(town, pit, is_on=True)
    await switch(town, pit, is_on=True)
    assert [one.id for one in await active(town)] == [pit]


async def test_the_same_again_is_the_same_switched_on(town: Town) -> None:
    pit = await add(town, "яма на Ленина", body=town.roads, territory="Заречье")
    await switch(town, pit, is_on=False)
    assert await add(town, "Яма  на ленина", body=town.roads, territory="заречье") == pit
    assert [one.id for one in await active(town)] == [pit]
    others = [
        await add(town, "яма на Ленина", body=town.housing, territory="Заречье"),
        await add(town, "яма на Ленина", body=town.roads),
        await add(town, "яма на Ленина"),
    ]
    assert len({pit, *others}) == 4


async def test_only_a_curator_changes_the_set_and_only_sensibly(town: Town) -> None:
    with pytest.raises(NotAllowed):
        await add(town, "яма", actor=town.anna)
    with pytest.raises(BadKeyword):
        await add(town, "-яма")
    pit = await add(town, "яма")
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await watching.switch_keyword(session, pit, is_on=False, actor=town.anna)
    with pytest.raises(NoSuchKeyword):
        await switch(town, 999, is_on=False)
    assert [one.id for one in await active(town)] == [pit]


async def test_a_network_gets_what_is_meant_for_it(town: Town) -> None:
    everywhere, only_vk = await add(town, "яма"), await add(town, "снег")
    async with town.database.writing() as session:
        (await session.get_one(KeywordRow, only_vk)).networks = ["vk"]
    assert [one.id for one in await active(town, "vk")] == [everywhere, only_vk]
    assert [one.id for one in await active(town, "ok")] == [everywhere]
    assert [one.id for one in await active(town)] == [everywhere, only_vk]


async def test_a_row_that_cannot_be_understood_stops_nobody(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    pit = await add(town, "яма")
    async with town.database.writing() as session:
        session.add(KeywordRow(text="-одни -минусы", added_at=NOON))
    assert [one.id for one in await active(town)] == [pit]
    assert "keyword 2 is left out" in caplog.text


# -- hits


async def test_hits_are_stored_once(town: Town) -> None:
    pit, snow = await add(town, "яма"), await add(town, "снег")
    incident = await arrives(town, pit, pit, snow)
    async with town.database.writing() as session:
        post = await session.scalar(select(Post).where(Post.incident_id == incident.id))
        assert post is not None
        await watching.store_hits(session, post, [pit, snow])
    assert await stored_hits(town) == [(pit, 1), (snow, 1)]


async def test_what_does_not_count_is_not_stored(town: Town) -> None:
    here, there = await add(town, "яма", territory="Заречье"), await add(town, "яма", territory="Сосновка")
    off, nobody = await add(town, "яма у школы"), 999
    await switch(town, off, is_on=False)
    await arrives(town, here, there, off, nobody, territory="ЗАРЕЧЬЕ")
    assert await stored_hits(town) == [(here, 1)]


async def test_where_the_territory_is_unknown_the_keyword_counts(town: Town) -> None:
    here, everywhere = await add(town, "яма", territory="Заречье"), await add(town, "яма")
    async with town.database.writing() as session:  # a page of no known territory
        incident = await take_in(
            session,
            replace(POTHOLE, community_id="-99"),
            ABOUT_ROADS,
            rules=TriageRules(),
            now=NOON,
            keyword_ids=[here, everywhere],
        )
    assert incident is not None
    assert incident.territory == ""
    assert await stored_hits(town) == [(here, 1), (everywhere, 1)]


# -- the body


async def test_the_classifier_and_the_keyword_agree(town: Town) -> None:
    pit = await add(town, "яма", body=town.roads)
    incident = await arrives(town, pit)
    assert (incident.status, incident.body_id) == (Status.ASSIGNED, town.roads)
    assert await suggested(town) == [[town.roads, 0.9], [town.housing, 0.05]]


async def test_a_keyword_the_classifier_does_not_agree_with_goes_to_a_curator(town: Town) -> None:
    yard = await add(town, "двор", body=town.housing)
    incident = await arrives(town, yard)
    assert (incident.status, incident.body_id) == (Status.NEW, None)
    assert await suggested(town) == [[town.housing, 0.05], [town.roads, 0.9]]


async def test_a_keyword_does_not_assign_what_the_classifier_is_unsure_of(town: Town) -> None:
    pit = await add(town, "яма", body=town.roads)
    incident = await arrives(town, pit, sure=0.3)
    assert incident.status is Status.NEW
    assert await suggested(town) == [[town.roads, 0.3], [town.housing, 0.05]]


async def test_of_two_bodies_named_by_keywords_the_surer_is_first(town: Town) -> None:
    yard, pit = await add(town, "двор", body=town.housing), await add(town, "яма", body=town.roads)
    incident = await arrives(town, yard, pit)
    assert incident.body_id == town.roads
    assert await suggested(town) == [[town.roads, 0.9], [town.housing, 0.05]]


async def test_a_body_of_no_route_is_suggested_with_no_confidence(town: Town) -> None:
    async with town.database.writing() as session:
        school = Body(code="school", name="Школы", chat_id=777, chat_state=ChatState.LIVE, created_at=NOON)
        session.add(school)
        await session.flush()
        school_id = school.id
    await arrives(town, await add(town, "школа", body=school_id))
    assert await suggested(town) == [[school_id, 0.0], [town.roads, 0.9], [town.housing, 0.05]]


async def test_a_body_nobody_reaches_is_not_named_by_its_keyword(town: Town) -> None:
    async with town.database.reading() as session:
        silent = await session.scalar(select(Body.id).where(Body.code == "silent"))
    incident = await arrives(town, await add(town, "тишина", body=silent))
    assert incident.body_id == town.roads
    assert len(await stored_hits(town)) == 1


# -- looking


async def test_the_list_counts_the_hits_of_a_week_and_shows_a_body_its_own(town: Town) -> None:
    pit, snow = await add(town, "яма", body=town.roads), await add(town, "снег", body=town.housing)
    common = await add(town, "мусор")
    await arrives(town, pit, snow, number=1)
    await arrives(town, pit, number=2, days_ago=6)
    await arrives(town, pit, number=3, days_ago=8)
    async with town.database.reading() as session:
        shown, total = await watching.listed(session, town.vera, now=NOON, limit=2, offset=0)
        assert [(one.row.id, one.body_code, one.hits) for one in shown] == [
            (common, "", 0),
            (snow, "housing", 1),
        ]
        assert total == 3
        shown, total = await watching.listed(session, town.vera, now=NOON, limit=2, offset=2)
        assert [(one.row.id, one.hits) for one in shown] == [(pit, 2)]
        shown, total = await watching.listed(session, town.anna, now=NOON, limit=9, offset=0)
        assert ([one.row.id for one in shown], total) == ([pit], 1)


async def test_a_trial_looks_at_the_last_day_without_officials_words(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arrives(town, number=1, days_ago=2)
    await arrives(town, number=2, territory="Сосновка")
    async with town.database.writing() as session:
        own = replace(POTHOLE, native_id="wall-1_9", by_community=True)
        assert await take_in(session, own, ABOUT_ROADS, rules=TriageRules(), now=NOON) is None
    await arrives(town, number=3)
    async with town.database.reading() as session:
        posts, is_whole = await watching.seen_lately(session, now=NOON)
    assert ([one.territory for one in posts], is_whole) == (["Верхнереченск", "Сосновка"], True)
    pits = [parse("яма", id=1, territory="Сосновка"), parse("нет", id=2)]
    assert watching.finds(pits, posts) == [posts[1]]
    assert watching.finds([parse("яма")], posts) == posts
    monkeypatch.setattr(watching, "TRIED_AT_MOST", 2)
    async with town.database.reading() as session:
        posts, is_whole = await watching.seen_lately(session, now=NOON)
    assert (len(posts), is_whole) == (1, False)
