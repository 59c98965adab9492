"""Every end an answer's way to its posts can have, and that none of them is a dead end."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incidents import direct, publishing, triage
from incidents.booking import submitted_answer
from incidents.errors import BadLink, DraftGone, NotYours, StepNotAllowed
from incidents.people import Actor
from models import (
    Assignment,
    Body,
    Card,
    ChatState,
    Post,
    Publication,
    PublicationState,
    ReplyCapability,
    Status,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import draft, notices, publish, reload, send

pytestmark = ON_SQLITE
LINK = "https://vk.com/wall-1_2?reply=3"
API, MANUAL, IMPOSSIBLE = ReplyCapability.API, ReplyCapability.MANUAL, ReplyCapability.IMPOSSIBLE


async def answered(town: Town, arrive: Arrive, *posts: ReplyCapability, is_interim: bool = False) -> int:
    """An incident with these posts, whose answer is on its way."""
    first = await arrive(2)
    for number, _ in enumerate(posts[1:], 3):
        other = await arrive(number)
        async with town.database.writing() as session:
            await triage.merge(session, incident_id=other.id, into_id=first.id, actor=town.vera, now=NOON)
    async with town.database.writing() as session:
        for post, capability in zip(
            await session.scalars(select(Post).order_by(Post.id)), posts, strict=True
        ):
            post.reply_capability, post.reply_reason = capability, "closed"
    await send(town, await draft(town, first.id), is_interim=is_interim)
    return first.id


async def states(town: Town) -> list[str]:
    async with town.database.reading() as session:
        return [
            row.value for row in await session.scalars(select(Publication.state).order_by(Publication.id))
        ]


async def give_up(town: Town, state: PublicationState, *, post: int = 0) -> None:
    async with town.database.writing() as session:
        numbers = list(await session.scalars(select(Publication.id).order_by(Publication.id)))
        await publishing.give_up(
            session, publication_id=numbers[post], state=state, error=f"{state.value}!", now=NOON
        )


async def bring(town: Town, number: int, link: str = LINK, *, by: Actor | None = None) -> None:
    async with town.database.writing() as session:
        await direct.bring_link(
            session,
            incident_id=number,
            link=link,
            parse=lambda _: None,
            kinds={},
            actor=by or town.anna,
            now=NOON,
        )


async def take_back(town: Town, number: int) -> None:
    async with town.database.writing() as session:
        await publishing.take_back(session, incident_id=number, reason="", actor=town.anna, now=NOON)


async def test_the_body_s_turn_ends_with_the_answer_and_a_reopened_one_is_nobody_s(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API)
    await publish(town)
    async with town.database.writing() as session:
        assert (await session.scalars(select(Assignment.ended_at))).all() == [NOON + timedelta(hours=1)]
        await triage.reopen(session, incident_id=number, reason="яма на месте", actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        cards = {card.chat_id: card.state.value for card in await session.scalars(select(Card))}
    assert cards == {ANNA: "disarmed", VERA: "live"}


@pytest.mark.parametrize("capability", [MANUAL, IMPOSSIBLE])
async def test_a_post_only_people_can_answer_waits_for_their_link(
    town: Town, arrive: Arrive, capability: ReplyCapability
) -> None:
    number = await answered(town, arrive, capability)
    assert await states(town) == ["by_hand"]
    for bad in ("vk.com/wall", "https://", "https://a b", "http://[", "https://vk.com/" + "a" * 500, ""):
        with pytest.raises(BadLink):
            await bring(town, number, bad)
    with pytest.raises(NotYours):
        await bring(town, number, by=town.boris)
    await bring(town, number, f" {LINK}\n")
    assert (await reload(town, number)).status is Status.ANSWERED
    with pytest.raises(StepNotAllowed):
        await bring(town, number)


async def test_no_link_is_wanted_while_the_program_publishes(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API)
    with pytest.raises(BadLink):
        await bring(town, number)


async def test_a_closed_post_holds_up_nothing_while_another_can_be_answered(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API, IMPOSSIBLE)
    assert await states(town) == ["waiting", "gone"]
    await publish(town)
    assert (await reload(town, number)).status is Status.ANSWERED


async def test_the_clock_runs_until_every_post_has_the_answer(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API, MANUAL)
    await publish(town)
    assert (await reload(town, number)).status is Status.APPROVED
    await bring(town, number)
    assert (await reload(town, number)).status is Status.ANSWERED


async def test_a_refused_text_is_not_published_by_hand_elsewhere_meanwhile(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API, MANUAL)
    await give_up(town, PublicationState.REFUSED)
    assert (await reload(town, number)).status is Status.REWORK
    assert await states(town) == ["refused", "taken_back"]


async def test_where_every_post_is_gone_the_source_is_gone(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API)
    await give_up(town, PublicationState.GONE)
    assert (await reload(town, number)).status is Status.SOURCE_GONE
    assert await notices(town, ANNA) == ["preview", "publication_gone"]
    async with town.database.reading() as session:
        assert await session.scalar(select(Assignment.ended_at)) == NOON


async def test_what_is_stuck_is_told_to_the_curators_too_and_a_person_ends_it(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API)
    await give_up(town, PublicationState.STUCK)
    assert "publication_stuck" in await notices(town, VERA)
    assert (await reload(town, number)).status is Status.APPROVED
    await take_back(town, number)
    assert (await reload(town, number)).status is Status.REWORK
    await send(town, await draft(town, number, "Ещё раз."))
    await publish(town)
    assert (await reload(town, number)).status is Status.ANSWERED


async def test_taking_back_the_rest_of_what_stands_somewhere_ends_it_as_answered(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API, MANUAL)
    await publish(town)
    await take_back(town, number)
    assert (await reload(town, number)).status is Status.ANSWERED
    with pytest.raises(StepNotAllowed):
        await take_back(town, number)


async def test_only_who_has_it_takes_it_back(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API)
    with pytest.raises(NotYours):
        async with town.database.writing() as session:
            await publishing.take_back(session, incident_id=number, reason="", actor=town.boris, now=NOON)


async def test_a_late_word_about_what_is_settled_changes_nothing(town: Town, arrive: Arrive) -> None:
    """A worker whose lease ran out believes it failed: the answer must not be published again."""
    number = await answered(town, arrive, API)
    await publish(town)
    told = await notices(town, ANNA)
    async with town.database.writing() as session:
        publication_id = await session.scalar(select(Publication.id))
        assert publication_id is not None
        await publishing.put_off(
            session, publication_id=publication_id, until=NOON, error="?", maybe_done=False
        )
        await publishing.published(
            session, publication_id=publication_id, native_id="x", url="https://x.example", now=NOON
        )
        with pytest.raises(publishing.NotWantedAnyMore):
            await publishing.mark_sending(session, publication_id)
    await give_up(town, PublicationState.REFUSED)
    assert await states(town) == ["published"]
    assert await notices(town, ANNA) == told
    assert (await reload(town, number)).answered_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(("maybe_done", "state"), [(True, "sending"), (False, "waiting")])
async def test_what_is_put_off_waits_and_is_read_back_where_it_may_be_done(
    town: Town, arrive: Arrive, *, maybe_done: bool, state: str
) -> None:
    await answered(town, arrive, API)
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=10)
        await publishing.mark_sending(session, number)
        later = NOON + timedelta(minutes=5)
        await publishing.put_off(
            session, publication_id=number, until=later, error="busy", maybe_done=maybe_done
        )
        assert await publishing.claim(session, networks=["vk"], now=NOON, limit=10) == []
        assert await publishing.claim(session, networks=["ok"], now=later, limit=10) == []
        assert await publishing.claim(session, networks=["vk"], now=later, limit=10) == [number]
    assert await states(town) == [state]


async def test_an_answer_that_comes_through_after_it_was_reworked_is_kept_as_published(
    town: Town, arrive: Arrive
) -> None:
    number = await answered(town, arrive, API)
    await take_back(town, number)
    async with town.database.writing() as session:
        publication_id = await session.scalar(select(Publication.id))
        assert publication_id is not None
        await publishing.published(session, publication_id=publication_id, native_id="r", url=LINK, now=NOON)
    assert await states(town) == ["published"]
    assert (await reload(town, number)).status is Status.REWORK


async def test_posts_that_join_an_answer_on_its_way_get_it_too(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API)
    late = await arrive(9)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=late.id, into_id=number, actor=town.vera, now=NOON)
    assert await states(town) == ["waiting", "waiting"]


async def test_a_second_interim_answer_buys_no_more_time(town: Town, arrive: Arrive) -> None:
    number = await answered(town, arrive, API, is_interim=True)
    await publish(town)
    control_at = (await reload(town, number)).control_at
    await send(town, await draft(town, number, "Ещё работаем."), is_interim=True)
    async with town.database.writing() as session:
        (publication_id,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=10)
        await publishing.published(
            session, publication_id=publication_id, native_id="r", url=LINK, now=NOON + timedelta(days=5)
        )
    after = await reload(town, number)
    assert (after.status, after.control_at) == (Status.INTERIM, control_at)


async def test_a_refusal_reaches_the_curators_where_the_body_cannot_be_reached(
    town: Town, arrive: Arrive
) -> None:
    await answered(town, arrive, API)
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.DEAD))
    await give_up(town, PublicationState.REFUSED)
    assert await notices(town, ANNA) == ["preview"]
    assert await notices(town, VERA) == ["publication_refused"]


async def test_there_is_no_answer_on_its_way_before_one_was_sent(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.reading() as session:
        with pytest.raises(DraftGone):
            await submitted_answer(session, incident)
