"""An absence hands the work over and brings it back; nothing waits for somebody who is not there."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from incidents import absences, answering, being_away, outbox, reviewing, triage
from incidents.absences import AlreadyAway, CannotStandIn, NotAway, NotYourColleague
from incidents.away_dates import AwayPast, AwayUnreadable
from incidents.errors import NotAllowed
from incidents.people import Actor, actor_of
from incidents.substitutes import standing_in
from models import (
    Absence,
    Body,
    CardState,
    Language,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    Role,
    Status,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, BORIS, CAROL, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import accept, card_of, draft, notices, reload, send

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 3, 2)
DINA, OLEG = 201, 202
DAY = timedelta(days=1)


def morning(day: int) -> datetime:
    return datetime(2026, 3, day, 8, tzinfo=MOSCOW)


async def person(town: Town, telegram_id: int, role: Role, body_id: int | None) -> Actor:
    async with town.database.writing() as session:
        official = Official(
            telegram_id=telegram_id, name=f"Человек {telegram_id}", language=Language.RU, created_at=NOON
        )
        session.add(official)
        await session.flush()
        session.add(Membership(official_id=official.id, role=role, body_id=body_id, granted_at=NOON))
        await session.flush()
        found = await actor_of(session, telegram_id)
        assert found is not None
        return found


async def set_away(
    town: Town,
    who: Actor,
    instead: Actor | None,
    *,
    first: date = MONDAY + DAY,
    last: date = MONDAY + 3 * DAY,
    by: Actor | None = None,
    now: datetime = NOON,
) -> int:
    async with town.database.writing() as session:
        absence = await absences.set_away(
            session,
            official_id=who.official_id,
            first=first,
            last=last,
            substitute_id=instead.official_id if instead else None,
            actor=by or who,
            zone=MOSCOW,
            now=now,
        )
        return absence.id


async def sweep(town: Town, now: datetime) -> None:
    async with town.database.writing() as session:
        for number in await being_away.due(session, now=now):
            await being_away.look_at(session, number, now=now)


async def taken(town: Town, chat_id: int, key: str) -> list[int]:
    """The incidents of the newest such notice."""
    async with town.database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow)
            .where(OutboxRow.chat_id == chat_id, OutboxRow.kind == OutboxKind.NOTICE)
            .order_by(OutboxRow.id.desc())
        )
        return next(list(row.payload["taken"]) for row in rows if row.payload["key"] == key)


async def chat_of(town: Town) -> int | None:
    async with town.database.reading() as session:
        return (await session.get_one(Body, town.roads)).chat_id


async def to_group(town: Town) -> None:
    """Roads work in a group, so that nobody's private chat is the body's."""
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(chat_id=-77))


async def test_in_the_morning_the_work_goes_to_the_substitute_and_after_the_last_day_it_returns(
    town: Town, arrive: Arrive
) -> None:
    begun, untouched = (await arrive(2)).id, (await arrive(3)).id
    for number in (begun, untouched):
        await accept(town, number)
    await set_away(town, town.anna, town.carol)
    assert await notices(town, CAROL) == ["away_asked"]
    await sweep(town, morning(3) - timedelta(minutes=1))
    assert (await reload(town, begun)).official_id == town.anna.official_id
    await sweep(town, morning(3))
    for number in (begun, untouched):
        after = await reload(town, number)
        assert (after.status, after.official_id) == (Status.ACCEPTED, town.carol.official_id)
    assert await taken(town, ANNA, "away_begun") == [begun, untouched]
    assert await taken(town, CAROL, "away_stand_in") == [begun, untouched]
    async with town.database.writing() as session:
        await answering.ask_for_answer(
            session,
            incident_id=begun,
            actor=town.carol,
            chat_id=CAROL,
            thread_id=None,
            now=morning(4),
        )
    await sweep(town, morning(6) - timedelta(minutes=1))
    assert (await reload(town, untouched)).official_id == town.carol.official_id
    await sweep(town, morning(6))
    assert (await reload(town, untouched)).official_id == town.anna.official_id
    assert (await reload(town, begun)).official_id == town.carol.official_id
    assert await taken(town, ANNA, "away_over") == [untouched]
    assert await taken(town, CAROL, "away_over_stand_in") == [begun]
    before = await notices(town, ANNA)
    await sweep(town, morning(8))
    assert await notices(town, ANNA) == before


async def test_where_the_bodys_chat_is_the_absent_persons_own_it_goes_along_and_comes_back(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive(2)).id
    await set_away(town, town.anna, town.carol, first=MONDAY)
    assert await chat_of(town) == CAROL
    theirs, hers = await card_of(town, number, CAROL), await card_of(town, number, ANNA)
    assert theirs is not None
    assert hers is not None
    assert (theirs.state, hers.state) == (CardState.LIVE, CardState.DISARMED)
    new = (await arrive(3)).id
    assert await card_of(town, new, CAROL) is not None
    assert await card_of(town, new, ANNA) is None
    await sweep(town, morning(6))
    assert await chat_of(town) == ANNA
    hers = await card_of(town, new, ANNA)
    assert hers is not None
    assert hers.state is CardState.LIVE


@ON_SQLITE
async def test_a_chat_bound_by_hand_meanwhile_stays(town: Town) -> None:
    await set_away(town, town.anna, town.carol, first=MONDAY)
    await to_group(town)
    await sweep(town, morning(6))
    assert await chat_of(town) == -77


@ON_SQLITE
async def test_without_a_substitute_the_whole_body_has_it(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await accept(town, number)
    await set_away(town, town.anna, None, first=MONDAY)
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
    assert await chat_of(town) == CAROL  # the only colleague: somebody must see the cards
    assert await taken(town, CAROL, "away_free") == [number]
    await sweep(town, morning(6))
    assert (await reload(town, number)).official_id == town.anna.official_id


async def test_an_answer_sent_back_meanwhile_goes_to_the_substitute(town: Town, arrive: Arrive) -> None:
    irina = await person(town, DINA, Role.APPROVER, town.roads)
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    number = (await arrive(2)).id
    await send(town, await draft(town, number))
    await set_away(town, town.anna, town.carol, first=MONDAY)
    assert (await reload(town, number)).official_id == town.anna.official_id
    async with town.database.writing() as session:
        await reviewing.send_back(
            session, incident_id=number, reason="нет сроков", actor=irina, now=NOON + timedelta(hours=1)
        )
    await sweep(town, NOON + timedelta(hours=1, minutes=1))
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.REWORK, town.carol.official_id)
    assert await taken(town, CAROL, "away_more") == [number]


@ON_SQLITE
async def test_what_the_absent_person_takes_themselves_stays_with_them(town: Town, arrive: Arrive) -> None:
    await to_group(town)
    await set_away(town, town.anna, town.carol, first=MONDAY, now=NOON - timedelta(hours=1))
    number = (await arrive(2)).id
    await accept(town, number)
    await sweep(town, NOON + timedelta(hours=1))
    assert (await reload(town, number)).official_id == town.anna.official_id


@ON_SQLITE
async def test_what_is_with_a_body_the_substitute_does_not_work_for_goes_to_that_body(
    town: Town, arrive: Arrive
) -> None:
    await to_group(town)
    async with town.database.writing() as session:
        session.add(
            Membership(
                official_id=town.boris.official_id, role=Role.OFFICIAL, body_id=town.roads, granted_at=NOON
            )
        )
        await session.flush()
        boris = await actor_of(session, BORIS)
        assert boris is not None
    ours, theirs = (await arrive(2)).id, (await arrive(3)).id
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=theirs, body_id=town.housing, actor=town.vera, now=NOON)
    for number in (ours, theirs):
        await accept(town, number, boris)
    await set_away(town, boris, town.carol, first=MONDAY)
    assert (await reload(town, ours)).official_id == town.carol.official_id
    assert (await reload(town, theirs)).status is Status.ASSIGNED


async def test_chains_are_followed_and_circles_are_safe(town: Town) -> None:
    async with town.database.writing() as session:
        a, b, c = town.anna.official_id, town.carol.official_id, town.boris.official_id
        for who, instead in ((a, b), (b, c)):
            session.add(_absence(who, instead))
        await session.flush()
        assert await standing_in(session, a) == c
        assert await standing_in(session, c) == c
        session.add(_absence(c, a))
        await session.flush()
        assert await standing_in(session, a) is None
        assert await standing_in(session, b) is None


def _absence(who: int, instead: int | None, *, begun: bool = True) -> Absence:
    return Absence(
        official_id=who,
        substitute_id=instead,
        starts_at=NOON - DAY,
        ends_at=NOON + DAY,
        created_by=who,
        created_at=NOON - DAY,
        begun_at=NOON - DAY if begun else None,
    )


@ON_SQLITE
async def test_an_absence_counts_from_its_moment_even_before_the_sweep(town: Town) -> None:
    async with town.database.writing() as session:
        session.add(_absence(town.anna.official_id, town.carol.official_id, begun=False))
        await session.flush()
        assert await standing_in(session, town.anna.official_id) == town.anna.official_id
        assert await standing_in(session, town.anna.official_id, NOON) == town.carol.official_id


@ON_SQLITE
async def test_notices_for_the_absent_go_to_whoever_stands_in(town: Town) -> None:
    dina = await person(town, DINA, Role.COORDINATOR, town.roads)
    oleg = await person(town, OLEG, Role.CURATOR, None)
    async with town.database.writing() as session:
        session.add_all(
            [
                _absence(dina.official_id, town.carol.official_id),
                _absence(town.vera.official_id, oleg.official_id),
            ]
        )
        await session.flush()
        assert await outbox.coordinators(session, town.roads) == [CAROL]
        assert await outbox.curators(session) == [OLEG]
        session.add(_absence(oleg.official_id, None))
        await session.flush()
        assert await outbox.curators(session) == [VERA, OLEG]  # somebody must hear


@ON_SQLITE
async def test_an_approver_away_leaves_it_to_another_or_to_the_curators(town: Town) -> None:
    dina = await person(town, DINA, Role.APPROVER, town.roads)
    async with town.database.writing() as session:
        session.add(_absence(dina.official_id, None))
        await session.flush()
        assert await reviewing.reviewers(session, town.roads) == [VERA]
    await person(town, OLEG, Role.APPROVER, town.roads)
    async with town.database.reading() as session:
        assert await reviewing.reviewers(session, town.roads) == [OLEG]


@ON_SQLITE
async def test_only_those_of_one_body_and_right_who_are_there_are_offered(town: Town, arrive: Arrive) -> None:
    await person(town, DINA, Role.COORDINATOR, town.roads)
    await person(town, OLEG, Role.APPROVER, town.roads)
    await accept(town, (await arrive(2)).id, town.carol)
    async with town.database.reading() as session:
        offered = await absences.candidates(
            session, town.anna.official_id, starts_at=NOON, ends_at=NOON + DAY
        )
        assert [(one.official.telegram_id, one.open) for one in offered] == [(DINA, 0), (CAROL, 1)]
    await set_away(town, town.carol, None, first=MONDAY + DAY, last=MONDAY + DAY)
    async with town.database.reading() as session:
        for starts, ends, expected in (
            (morning(2), morning(3), [DINA, CAROL]),
            (morning(2), morning(4), [DINA]),
        ):
            offered = await absences.candidates(
                session, town.anna.official_id, starts_at=starts, ends_at=ends
            )
            assert [one.official.telegram_id for one in offered] == expected
    for stranger in (town.boris, town.vera, town.anna):
        with pytest.raises(CannotStandIn):
            await set_away(town, town.anna, stranger)


@ON_SQLITE
async def test_who_may_set_whom_away(town: Town) -> None:
    dina = await person(town, DINA, Role.COORDINATOR, town.roads)
    await set_away(town, town.carol, town.anna, by=dina)
    assert "away_set_by" in await notices(town, CAROL)
    await set_away(town, town.boris, None, by=town.vera)
    with pytest.raises(NotYourColleague):
        await set_away(town, town.boris, None, by=dina)
    with pytest.raises(NotYourColleague):
        await set_away(town, town.vera, None, by=dina)
    with pytest.raises(NotAllowed):
        await set_away(town, town.carol, None, by=town.anna)
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await absences.call_off(session, official_id=town.carol.official_id, actor=town.anna, now=NOON)


@ON_SQLITE
async def test_a_new_plan_takes_the_old_ones_place_and_what_has_begun_is_called_off_first(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive(2)).id
    await accept(town, number)
    first = await set_away(town, town.anna, town.carol)
    await set_away(town, town.anna, None)
    async with town.database.reading() as session:
        assert (await session.get_one(Absence, first)).over_at == NOON
    await sweep(town, morning(3))
    with pytest.raises(AlreadyAway):
        await set_away(town, town.anna, town.carol, now=morning(3))
    async with town.database.writing() as session:
        await absences.call_off(session, official_id=town.anna.official_id, actor=town.anna, now=morning(4))
    assert (await reload(town, number)).official_id == town.anna.official_id
    with pytest.raises(NotAway):
        async with town.database.writing() as session:
            await absences.call_off(
                session, official_id=town.anna.official_id, actor=town.anna, now=morning(4)
            )


@ON_SQLITE
async def test_a_plan_called_off_in_time_moves_nothing(town: Town) -> None:
    await set_away(town, town.anna, town.carol)
    async with town.database.writing() as session:
        await absences.call_off(session, official_id=town.anna.official_id, actor=town.anna, now=NOON)
    assert await notices(town, CAROL) == ["away_asked", "away_called_off"]
    await sweep(town, morning(3))
    assert await chat_of(town) == ANNA


@ON_SQLITE
async def test_a_forged_press_cannot_be_away_in_the_past_or_for_ever(town: Town) -> None:
    for first, last in ((MONDAY - 9 * DAY, MONDAY - DAY), (MONDAY + DAY, MONDAY)):
        with pytest.raises((AwayPast, AwayUnreadable)):
            await set_away(town, town.anna, None, first=first, last=last)


@ON_SQLITE
async def test_whoever_stands_in_and_is_gone_themselves_leaves_it_to_the_body(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive(2)).id
    await accept(town, number)
    await set_away(town, town.anna, town.carol)
    async with town.database.writing() as session:
        await session.execute(
            update(Official).where(Official.id == town.carol.official_id).values(is_reachable=False)
        )
    await sweep(town, morning(3))
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
