"""Steps that cannot be taken: what the person reads, and that nothing has changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from incidents import intake, publishing, responding, triage
from incidents.errors import AlreadyYours, GivenMeanwhile, ReasonMissing, SameBody, StepNotAllowed
from incidents.policies import Policy
from incidents.policy_choice import Facts
from incidents.promises import DEFAULT, install_policies, policy_for
from models import Body, HistoryEntry, Incident, Post, Priority, Status
from models import Policy as PolicyRow
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ON_SQLITE, POTHOLE, Arrive, Town
from tests.incidents.steps import accept, draft, publish, reload, send

pytestmark = ON_SQLITE


async def test_pressing_twice_is_said_to_be_so(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await accept(town, number)
    with pytest.raises(AlreadyYours):
        await accept(town, number)


async def test_what_nobody_ever_accepted_cannot_be_accepted_when_it_is_over(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="спам", actor=town.vera, now=NOON)
    with pytest.raises(StepNotAllowed) as refusal:
        await accept(town, number)
    assert refusal.value.status is Status.SKIPPED


async def test_what_is_with_a_body_is_not_reopened(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    with pytest.raises(StepNotAllowed):
        async with town.database.writing() as session:
            await triage.reopen(session, incident_id=number, reason="", actor=town.vera, now=NOON)


async def test_giving_back_wants_a_reason_and_something_to_give_back(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    for reason, refusal in ((" ", ReasonMissing), ("не наше", StepNotAllowed)):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await responding.give_back(
                    session, incident_id=number, reason=reason, actor=town.anna, now=NOON
                )
        if refusal is ReasonMissing:
            await send(town, await draft(town, number))


async def test_two_curators_who_choose_at_once_do_not_undo_each_other(town: Town, arrive: Arrive) -> None:
    """The second pressed what stood on a card nobody had: the body may be at work by now."""
    number = (await arrive(unsure=True)).id
    async with town.database.writing() as session:
        await triage.assign(
            session, incident_id=number, body_id=town.roads, actor=town.vera, now=NOON, holder=0
        )
    await accept(town, number)
    for body_id, refusal in ((town.roads, SameBody), (town.housing, GivenMeanwhile)):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await triage.assign(
                    session, incident_id=number, body_id=body_id, actor=town.vera, now=NOON, holder=0
                )
    assert (await reload(town, number)).status is Status.ACCEPTED


async def test_a_curator_moves_anything_but_not_to_where_it_is(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    with pytest.raises(SameBody):
        async with town.database.writing() as session:
            await triage.assign(session, incident_id=number, body_id=town.roads, actor=town.vera, now=NOON)
    async with town.database.writing() as session:
        await responding.hand_over(
            session,
            incident_id=number,
            body_id=town.housing,
            reason="двор",
            actor=town.vera,
            now=NOON,
        )
    assert (await reload(town, number)).body_id == town.housing


async def test_a_running_clock_is_not_merged_away(town: Town, arrive: Arrive) -> None:
    running, waiting = (await arrive(2)).id, (await arrive(3, unsure=True)).id
    with pytest.raises(StepNotAllowed):
        async with town.database.writing() as session:
            await triage.merge(session, incident_id=running, into_id=waiting, actor=town.vera, now=NOON)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=waiting, into_id=running, actor=town.vera, now=NOON)
    assert (await reload(town, waiting)).status is Status.MERGED


async def test_posts_may_join_what_is_under_control_and_nothing_that_is_over(
    town: Town, arrive: Arrive
) -> None:
    under_control, late, later = [(await arrive(number)).id for number in (2, 3, 4)]
    await send(town, await draft(town, under_control), is_interim=True)
    await publish(town)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=late, into_id=under_control, actor=town.vera, now=NOON)
    await send(town, await draft(town, under_control, "Заделали."))
    async with town.database.writing() as session:
        for publication_id in await publishing.claim(session, networks=["vk"], now=NOON, limit=9):
            await publishing.published(
                session, publication_id=publication_id, native_id="r", url="https://vk.com/r", now=NOON
            )
    assert (await reload(town, under_control)).status is Status.ANSWERED
    with pytest.raises(StepNotAllowed):
        async with town.database.writing() as session:
            await triage.merge(session, incident_id=later, into_id=under_control, actor=town.vera, now=NOON)


async def test_an_old_copy_from_a_search_does_not_undo_an_edit(town: Town, arrive: Arrive) -> None:
    """Two feeds, one with stale copies, would else edit the card at every reading."""
    await arrive()
    edited = NOON + timedelta(hours=1)
    for text, edited_at, is_news in (
        ("Две ямы", edited, True),
        ("Яма на Ленина!", None, False),
        ("Полторы ямы", NOON, False),
        ("Три ямы", edited + timedelta(hours=1), True),
        ("Четыре ямы", None, True),
    ):
        async with town.database.writing() as session:
            post = (await session.scalars(select(Post))).one()
            found = replace(POTHOLE, text=text, edited_at=edited_at)
            assert await intake.see_again(session, post, found, now=edited) is is_news, text


async def test_words_of_an_official_page_may_change_too(town: Town) -> None:
    own = replace(POTHOLE, by_community=True)
    async with town.database.writing() as session:
        await intake.take_in(session, own, ABOUT_ROADS, rules=intake.TriageRules(), now=NOON)
        post = (await session.scalars(select(Post))).one()
        assert await intake.see_again(session, post, replace(own, text="Исправлено"), now=NOON)


async def test_a_post_met_again_in_the_same_reading_is_one_incident(town: Town) -> None:
    rules = intake.TriageRules()
    async with town.database.writing() as session:
        assert await intake.take_in(session, POTHOLE, ABOUT_ROADS, rules=rules, now=NOON) is not None
        assert await intake.take_in(session, POTHOLE, ABOUT_ROADS, rules=rules, now=NOON) is None
    async with town.database.reading() as session:
        assert len((await session.scalars(select(Incident))).all()) == 1
        assert len((await session.scalars(select(HistoryEntry))).all()) == 2


async def test_a_body_may_have_a_policy_of_its_own_and_what_is_unchanged_is_not_installed_twice(
    town: Town,
) -> None:
    four = Policy(name="четыре часа", total="4h")
    async with town.database.writing() as session:
        for _ in range(2):
            await install_policies(session, {DEFAULT: Policy(name="24"), "fast": four}, now=NOON)
        assert len((await session.scalars(select(PolicyRow))).all()) == 2
        body = await session.get_one(Body, town.roads)
        body.policy_name = "fast"
        pothole = Facts("roads", "", "", Priority.ORDINARY, body.code, body.policy_name)
        assert (await policy_for(session, pothole))[1] == four
        await session.execute(delete(PolicyRow))
        with pytest.raises(LookupError, match="no default policy"):
            await policy_for(session, pothole)
