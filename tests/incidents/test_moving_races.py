"""Returning, giving out and reassigning at the very moment of another press: one winner, and who it was."""

from typing import Any

import pytest

from incidents import answering, responding
from incidents.delegating import HeldMeanwhile, delegate
from incidents.errors import AlreadyTaken, NotYours
from incidents.first import GivenBack, MovedOn
from incidents.people import Actor, actor_of
from models import Membership, Official, Role, Status
from tests.conftest import NOON
from tests.incidents.conftest import ON_POSTGRESQL, Arrive, Town
from tests.incidents.steps import RULES, draft, reload
from tests.incidents.test_races import Transact, race

pytestmark = ON_POSTGRESQL
NINA = 106


@pytest.fixture
async def nina(town: Town) -> Actor:
    """The coordinator of roads."""
    async with town.database.writing() as session:
        official = Official(telegram_id=NINA, name="Нина", created_at=NOON)
        session.add(official)
        await session.flush()
        row = Membership(official_id=official.id, role=Role.COORDINATOR, body_id=town.roads, granted_at=NOON)
        session.add(row)
        await session.flush()
        actor = await actor_of(session, NINA)
    assert actor is not None
    return actor


def accepts(number: int, actor: Actor) -> Transact:
    return lambda session: responding.accept(session, incident_id=number, actor=actor, now=NOON)


def gives_back(number: int, actor: Actor) -> Transact:
    return lambda session: responding.give_back(
        session, incident_id=number, reason="не наше", actor=actor, now=NOON
    )


def gives(number: int, to: Actor, by: Actor) -> Transact:
    return lambda session: delegate(
        session, incident_id=number, official_id=to.official_id, actor=by, now=NOON, holder=0
    )


def reassigns(number: int, town: Town) -> Transact:
    return lambda session: responding.hand_over(
        session, incident_id=number, body_id=town.housing, reason="двор", actor=town.vera, now=NOON
    )


def sends(answer_id: int, actor: Actor) -> Transact:
    return lambda session: answering.send_answer(
        session, answer_id=answer_id, actor=actor, rules=RULES, now=NOON
    )


def named(refusal: Any, kind: type[Exception]) -> str:
    assert isinstance(refusal, kind), refusal
    return str(getattr(refusal, "name", None) or getattr(refusal, "holder", ""))


async def test_given_back_while_a_colleague_accepts(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    end = await race(town, accepts(number, town.anna), gives_back(number, town.carol))
    assert named(end, AlreadyTaken) == "Анна"
    assert (await reload(town, number)).status is Status.ACCEPTED


async def test_accepted_while_a_colleague_gives_it_back(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    end = await race(town, gives_back(number, town.carol), accepts(number, town.anna))
    assert named(end, GivenBack) == "Карина"
    assert (await reload(town, number)).status is Status.REGISTERED


async def test_given_out_while_a_colleague_accepts(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    end = await race(town, accepts(number, town.anna), gives(number, town.carol, nina))
    assert named(end, HeldMeanwhile) == "Анна"
    assert (await reload(town, number)).official_id == town.anna.official_id


async def test_accepted_while_it_is_given_to_a_colleague(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    end = await race(town, gives(number, town.carol, nina), accepts(number, town.anna))
    assert named(end, AlreadyTaken) == "Карина"
    assert (await reload(town, number)).official_id == town.carol.official_id


async def test_reassigned_while_it_is_answered(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer = await draft(town, number)
    end = await race(town, sends(answer, town.anna), reassigns(number, town))
    assert named(end, MovedOn) == "Анна"
    assert (await reload(town, number)).status is Status.APPROVED


async def test_answered_while_it_is_reassigned(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer = await draft(town, number)
    end = await race(town, reassigns(number, town), sends(answer, town.anna))
    assert named(end, NotYours) == "ЖКХ"
    after = await reload(town, number)
    assert (after.status, after.body_id) == (Status.ASSIGNED, town.housing)
