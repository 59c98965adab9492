"""Whoever cannot be told anything holds nothing; and has it again when they are back."""

from datetime import timedelta

from sqlalchemy import select, update

from bot.reach import chat_back, chat_lost, chat_migrated
from incidents import duty
from models import Body, CardState, ChatState, DutyChat, Official, OutboxRow, OutboxState, Role, Status
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, CAROL, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import accept, card_of, notices, reload
from tests.incidents.test_absences import DAY, DINA, MONDAY, person, set_away, taken, to_group

BLOCKED = "Forbidden: bot was blocked by the user"
SOON = NOON + timedelta(minutes=5)


async def lost(town: Town, chat_id: int, error: str = BLOCKED) -> None:
    async with town.database.writing() as session:
        await chat_lost(session, chat_id, error=error, now=SOON)


async def back(town: Town, chat_id: int) -> None:
    async with town.database.writing() as session:
        await chat_back(session, chat_id, now=SOON + DAY)


async def test_what_a_person_who_blocked_the_bot_held_is_the_bodys_at_once(
    town: Town, arrive: Arrive
) -> None:
    await person(town, DINA, Role.COORDINATOR, town.roads)
    await to_group(town)
    number = (await arrive(2)).id
    await accept(town, number, town.carol)
    await lost(town, CAROL)
    await lost(town, CAROL)  # one message after another fails: told once
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
    assert await notices(town, DINA) == await notices(town, VERA) == ["person_lost"]
    assert await notices(town, -77) == ["lost_free"]
    await back(town, CAROL)
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ACCEPTED, town.carol.official_id)
    assert await taken(town, CAROL, "lost_back") == [number]
    await back(town, CAROL)
    assert (await notices(town, CAROL)).count("lost_back") == 1


async def test_where_a_substitute_is_set_they_have_it_at_once(town: Town, arrive: Arrive) -> None:
    await to_group(town)
    number = (await arrive(2)).id
    await accept(town, number, town.carol)
    await set_away(town, town.carol, town.anna, first=MONDAY + DAY, last=MONDAY + 2 * DAY)
    await lost(town, CAROL)
    assert (await reload(town, number)).official_id == town.anna.official_id
    assert await taken(town, ANNA, "lost_stand_in") == [number]


@ON_SQLITE
async def test_what_a_colleague_took_meanwhile_stays_with_them(town: Town, arrive: Arrive) -> None:
    await to_group(town)
    number = (await arrive(2)).id
    await accept(town, number, town.carol)
    await lost(town, CAROL)
    await accept(town, number, town.anna)
    await back(town, CAROL)
    assert (await reload(town, number)).official_id == town.anna.official_id


@ON_SQLITE
async def test_who_never_wrote_in_private_works_on_in_the_group(town: Town, arrive: Arrive) -> None:
    await to_group(town)
    number = (await arrive(2)).id
    await accept(town, number, town.carol)
    await lost(town, CAROL, "Forbidden: bot can't initiate conversation with a user")
    assert (await reload(town, number)).official_id == town.carol.official_id
    async with town.database.reading() as session:
        assert not (await session.get_one(Official, town.carol.official_id)).is_reachable


async def test_the_cards_of_a_dead_chat_go_to_the_coordinators(town: Town, arrive: Arrive) -> None:
    await person(town, DINA, Role.COORDINATOR, town.roads)
    await to_group(town)
    number = (await arrive(2)).id
    await lost(town, -77, "kicked")
    theirs = await card_of(town, number, DINA)
    assert theirs is not None
    assert (theirs.state, theirs.for_curators) == (CardState.LIVE, False)
    assert await card_of(town, number, VERA) is None
    assert await notices(town, DINA) == ["body_lost_coordinator"]
    assert await notices(town, VERA) == ["body_unreachable"]
    await back(town, -77)
    theirs, ours = await card_of(town, number, DINA), await card_of(town, number, -77)
    assert theirs is not None
    assert ours is not None
    assert (theirs.state, ours.state) == (CardState.DISARMED, CardState.LIVE)


@ON_SQLITE
async def test_without_coordinators_the_curators_have_the_cards(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await accept(town, number)
    await lost(town, ANNA)
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
    card = await card_of(town, number, VERA)
    assert card is not None
    assert card.for_curators
    assert await notices(town, VERA) == ["body_unreachable"]
    async with town.database.reading() as session:
        assert (await session.get_one(Body, town.roads)).chat_state is ChatState.DEAD
    await back(town, ANNA)
    assert (await reload(town, number)).official_id == town.anna.official_id
    async with town.database.reading() as session:
        waiting = await session.scalars(
            select(OutboxRow).where(OutboxRow.chat_id == ANNA, OutboxRow.state == OutboxState.WAITING)
        )
        assert {row.kind.value for row in waiting} == {"card", "notice"}


@ON_SQLITE
async def test_a_duty_chat_that_is_gone_watches_no_more_until_it_is_back(town: Town) -> None:
    async with town.database.writing() as session:
        await duty.bind(session, actor=town.vera, chat_id=-5, thread_id=None, title="Ночь", now=NOON)
    await lost(town, -5, "kicked")
    async with town.database.reading() as session:
        assert await duty.chat_for(session, town.roads) is None
    await back(town, -5)
    async with town.database.writing() as session:
        assert await duty.chat_for(session, town.roads) is not None
        await chat_migrated(session, old=-5, new=-1005, now=NOON)
        await session.execute(update(DutyChat).values(title="Ночь"))
        found = await duty.chat_for(session, town.roads)
        assert found is not None
        await session.refresh(found)
        assert found.chat_id == -1005
