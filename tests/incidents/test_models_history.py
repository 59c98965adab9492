"""Which model speaks, and two who go back at once."""

import asyncio
from datetime import timedelta

import pytest

from incidents import labels, models_history
from incidents.errors import AnotherModel, NotAllowed
from incidents.people import Actor
from models import Incident, LabelField, ModelRow, ModelState
from tests.conftest import NOON
from tests.incidents.conftest import Arrive, Town
from tests.incidents.steps import notices

METRICS = {"topic": {"rows": 100, "champion": 70, "challenger": 75, "worse": []}}


async def learn(town: Town, model_id: str, *, over: str | None, minute: int) -> bool:
    now = NOON + timedelta(minutes=minute)
    async with town.database.writing() as session:
        await models_history.began(session, model_id, labels=60, now=now)
    async with town.database.writing() as session:
        return await models_history.promote(session, model_id, over=over, metrics=METRICS, now=now)


async def back(town: Town, model_id: str, actor: Actor | None = None) -> str | None:
    async with town.database.writing() as session:
        row = await models_history.roll_back(session, model_id, actor=actor or town.vera, now=NOON)
        return row.model_id if row else None


async def order(town: Town) -> list[str]:
    async with town.database.reading() as session:
        return await models_history.in_order(session)


async def states(town: Town) -> dict[str, str]:
    async with town.database.reading() as session:
        return {one.model_id: one.state.value for one in await models_history.latest(session)}


async def test_the_shipped_model_has_no_row(town: Town) -> None:
    assert await order(town) == []
    async with town.database.reading() as session:
        assert await models_history.champion(session) is None
        assert await models_history.last_trained(session) is None


async def test_a_new_champion_retires_the_old_and_is_told_once(town: Town) -> None:
    assert await learn(town, "one", over=None, minute=1)
    assert await learn(town, "two", over="one", minute=2)
    assert await order(town) == ["two", "one"]
    assert await notices(town, town.vera.telegram_id) == ["model.updated", "model.updated"]
    assert await notices(town, town.anna.telegram_id) == []


async def test_whoever_was_tried_against_another_champion_does_not_speak(town: Town) -> None:
    await learn(town, "one", over=None, minute=1)
    assert not await learn(town, "late", over=None, minute=2)
    assert await order(town) == ["one"]
    async with town.database.reading() as session:
        late = await session.get_one(ModelRow, "late")
        assert (late.state, late.why) == (ModelState.REJECTED, "overtaken")


async def test_what_was_rolled_back_does_not_come_back_by_itself(town: Town) -> None:
    for minute, (name, over) in enumerate([("one", None), ("two", "one"), ("three", "two")]):
        await learn(town, name, over=over, minute=minute)
    assert await back(town, "three") == "two"
    assert await order(town) == ["two", "one"]
    await learn(town, "four", over="two", minute=9)
    assert await order(town) == ["four", "two", "one"]
    assert await back(town, "four") == "two"
    assert await back(town, "two") == "one"
    assert await back(town, "one") is None
    assert await order(town) == []
    assert set((await states(town)).values()) == {"rejected"}


async def test_of_two_who_go_back_at_once_one_is_told_that_it_is_done(town: Town) -> None:
    for minute, (name, over) in enumerate([("one", None), ("two", "one"), ("three", "two")]):
        await learn(town, name, over=over, minute=minute)
    done = await asyncio.gather(back(town, "three"), back(town, "three"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["AnotherModel", "str"]
    assert await order(town) == ["two", "one"]


async def test_going_back_while_the_night_promotes(town: Town) -> None:
    """Whichever is first, one model speaks, and it is not the one that was taken away."""
    await learn(town, "one", over=None, minute=1)
    await learn(town, "two", over="one", minute=2)
    async with town.database.writing() as session:
        await models_history.began(session, "three", labels=60, now=NOON + timedelta(minutes=3))

    async def promote() -> bool:
        async with town.database.writing() as session:
            return await models_history.promote(session, "three", over="two", metrics=METRICS, now=NOON)

    promoted, gone = await asyncio.gather(promote(), back(town, "two"), return_exceptions=True)
    if promoted is True:
        assert isinstance(gone, AnotherModel)
        assert (await order(town))[0] == "three"
    else:
        assert gone == "one"
        assert (await order(town))[0] == "one"
    assert list((await states(town)).values()).count("champion") == 1


async def test_an_official_cannot_go_back(town: Town) -> None:
    await learn(town, "one", over=None, minute=1)
    with pytest.raises(NotAllowed):
        await back(town, "one", town.anna)
    assert await order(town) == ["one"]


async def test_what_was_begun_and_not_finished_is_taken_back(town: Town) -> None:
    async with town.database.writing() as session:
        assert await models_history.began(session, "one", labels=60, now=NOON)
        assert not await models_history.began(session, "one", labels=60, now=NOON)
        await models_history.withdraw(session)
        assert await models_history.last_trained(session) is None


async def test_files_are_kept_of_those_that_may_speak_again(town: Town) -> None:
    over = None
    for number in range(models_history.KEPT + 3):
        await learn(town, f"m{number:02}", over=over, minute=number)
        over = f"m{number:02}"
    async with town.database.reading() as session:
        kept = await models_history.to_keep(session)
        assert len(kept) == models_history.KEPT
        assert max(kept) == over
        assert len(await models_history.latest(session, limit=99)) == models_history.KEPT + 3


async def test_news_are_labels_and_confirmations_since_the_last_training(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    for value in ("roads.snow", "roads.potholes"):
        async with town.database.writing() as session:
            await labels.record(
                session,
                incident=await session.get_one(Incident, incident.id),
                field=LabelField.SUBTOPIC,
                value=value,
                actor=town.vera,
                now=NOON,
            )
    async with town.database.reading() as session:
        assert await models_history.taught_since(session, None) == 2
        assert await models_history.taught_since(session, NOON + timedelta(seconds=1)) == 0
