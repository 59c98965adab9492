"""Answers given in the network itself, past the bot: brought as a link, or noticed there."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from incidents import direct, intake, publishing, reviewing, sweeping, triage
from incidents.errors import LinkToAnother, NotYours, StepNotAllowed
from incidents.incoming import FoundPost
from incidents.links import Pasted
from incidents.people import Actor
from models import (
    Answer,
    AnswerState,
    Body,
    Card,
    HistoryEntry,
    Incident,
    Post,
    Publication,
    PublicationState,
    PublishedHow,
    ReplyCapability,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ANNA, ON_SQLITE, POTHOLE, VERA, Arrive, Town
from tests.incidents.steps import accept, draft, notices, publish, reload, send
from tests.incidents.test_links import Names

LATER = NOON + timedelta(hours=2)
ANSWER = FoundPost(
    network="vk",
    native_id="wall-1_2_r50",
    root_id="wall-1_2",
    text="Ямочный ремонт закончили вчера.",
    url="https://vk.com/wall-1_2?reply=50",
    posted_at=NOON + timedelta(hours=1),
    community_id="-1",
    by_community=True,
)


async def see(town: Town, *found: FoundPost, now: datetime = LATER) -> None:
    """A collector brings these."""
    async with town.database.writing() as session:
        for one in found:
            await intake.take_in(session, one, ABOUT_ROADS, rules=intake.TriageRules(), now=now)


async def bring(
    town: Town, number: int, *, names: Pasted | None = None, by: Actor | None = None, link: str = ANSWER.url
) -> int:
    async with town.database.writing() as session:
        _, left = await direct.bring_link(
            session,
            incident_id=number,
            link=link,
            parse=lambda url: names if url == link else None,
            kinds={},
            actor=by or town.anna,
            now=LATER,
        )
        return left


async def allow(town: Town, **capability: ReplyCapability) -> None:
    """Which way the posts of the networks can be answered."""
    async with town.database.writing() as session:
        for network, how in capability.items():
            await session.execute(update(Post).where(Post.network == network).values(reply_capability=how))


async def publications(town: Town) -> list[tuple[str, str | None, str | None]]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(Publication).order_by(Publication.id))
        return [(one.state.value, one.how.value if one.how else None, one.native_id) for one in rows]


async def steps(town: Town, number: int) -> list[Step]:
    async with town.database.reading() as session:
        rows = await session.scalars(
            select(HistoryEntry.step).where(HistoryEntry.incident_id == number).order_by(HistoryEntry.id)
        )
        return list(rows)


# -- links


@ON_SQLITE
@pytest.mark.parametrize("taken", [False, True])
async def test_a_link_is_the_answer_where_nothing_was_written_in_the_bot(
    town: Town, arrive: Arrive, *, taken: bool
) -> None:
    incident = await arrive()
    await allow(town, vk=ReplyCapability.MANUAL)
    if taken:
        await accept(town, incident.id)
    assert await bring(town, incident.id, names=Names("vk", "wall-1_2_r50", "wall-1_2")) == 0
    after = await reload(town, incident.id)
    assert (after.status, after.answered_at) == (Status.ANSWERED, LATER)
    assert await publications(town) == [("published", "link", "wall-1_2_r50")]
    assert (await steps(town, incident.id))[-1] is Step.ANSWER_DIRECTLY
    with pytest.raises(StepNotAllowed):
        await bring(town, incident.id)


@ON_SQLITE
async def test_only_the_body_and_curators_bring_links(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    with pytest.raises(NotYours):
        await bring(town, incident.id, by=town.boris)
    await bring(town, incident.id, by=town.vera)
    assert (await reload(town, incident.id)).status is Status.ANSWERED


@ON_SQLITE
async def test_a_refused_link_changes_nothing(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await allow(town, vk=ReplyCapability.MANUAL)
    with pytest.raises(LinkToAnother):
        await bring(town, incident.id, names=Names("vk", "wall-1_7_r1", "wall-1_7"))
    assert (await reload(town, incident.id)).status is Status.ASSIGNED
    assert await publications(town) == []


@ON_SQLITE
async def test_every_post_that_only_people_answer_wants_its_own_link(town: Town, arrive: Arrive) -> None:
    one, other = await arrive(2), await arrive(3)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=other.id, into_id=one.id, actor=town.vera, now=NOON)
    await allow(town, vk=ReplyCapability.MANUAL)
    await send(town, await draft(town, one.id))
    assert await bring(town, one.id, names=Names("vk", "wall-1_3_r8", "wall-1_3")) == 1
    assert (await reload(town, one.id)).status is Status.APPROVED
    with pytest.raises(LinkToAnother):
        await bring(town, one.id, names=Names("vk", "wall-1_3_r9", "wall-1_3"))
    assert await bring(town, one.id, names=Names("vk", "wall-1_2_r8", "wall-1_2")) == 0
    assert (await reload(town, one.id)).status is Status.ANSWERED
    assert {how for _, how, _ in await publications(town)} == {"link"}


@ON_SQLITE
async def test_a_link_given_for_an_interim_answer_in_control_is_the_final_one(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id), is_interim=True)
    await publish(town)
    await bring(town, incident.id)
    assert (await reload(town, incident.id)).status is Status.ANSWERED


# -- noticed


@pytest.mark.parametrize("parent", [None, "wall-1_2"])
@ON_SQLITE
async def test_an_official_page_s_comment_under_the_post_stops_the_clock(
    town: Town, arrive: Arrive, parent: str | None
) -> None:
    incident = await arrive()
    await see(town, replace(ANSWER, parent_id=parent))
    after = await reload(town, incident.id)
    assert (after.status, after.answered_at) == (Status.ANSWERED, ANSWER.posted_at)
    assert await publications(town) == [("published", "noticed", "wall-1_2_r50")]
    assert await notices(town, ANNA) == ["answered_directly"]
    async with town.database.reading() as session:
        answer = (await session.scalars(select(Answer))).one()
        assert (answer.text, answer.official_id, answer.state) == (
            ANSWER.text,
            None,
            AnswerState.SUBMITTED,
        )
        assert (await session.scalars(select(Post.is_official).order_by(Post.id))).all() == [False, True]
    async with town.database.writing() as session:
        await sweeping.look_at(session, incident_id=incident.id, now=NOON + timedelta(days=60))
    assert (await reload(town, incident.id)).status is Status.CLOSED


@ON_SQLITE
async def test_a_new_incident_is_registered_first(town: Town, arrive: Arrive) -> None:
    incident = await arrive(unsure=True)
    assert incident.status is Status.NEW
    await see(town, ANSWER)
    assert await steps(town, incident.id) == [Step.REGISTER, Step.ANSWER_DIRECTLY]
    after = await reload(town, incident.id)
    assert after.registered_at == LATER
    assert after.answered_at == LATER, "not before the clock began"


@ON_SQLITE
async def test_an_answer_stored_before_the_words_it_answers_is_found(town: Town) -> None:
    """Within one batch the order is that of the ids."""
    await see(town, ANSWER, POTHOLE)
    async with town.database.reading() as session:
        incident = (await session.scalars(select(Incident))).one()
        assert incident.status is Status.ANSWERED
        assert await session.scalar(select(func.count()).select_from(Card)) == 0


@ON_SQLITE
async def test_what_stands_elsewhere_answers_nothing(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await see(
        town,
        replace(ANSWER, native_id="wall-1_2_r51", parent_id="wall-1_2_r40"),  # to somebody else in the thread
        replace(ANSWER, native_id="wall-1_9_r1", root_id="wall-1_9"),
        replace(ANSWER, native_id="wall-1_99", root_id=None),
        replace(ANSWER, network="ok"),
        replace(ANSWER, native_id="wall-1_2_r52", by_community=False, parent_id="wall-1_2"),
    )
    assert (await reload(town, incident.id)).status is Status.ASSIGNED
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count(Post.id)).where(Post.is_official)) == 4


@ON_SQLITE
async def test_a_second_comment_under_what_is_answered_changes_nothing(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await see(town, ANSWER)
    before = await reload(town, incident.id)
    await see(
        town, replace(ANSWER, native_id="wall-1_2_r60", text="Ещё раз."), now=LATER + timedelta(hours=1)
    )
    after = await reload(town, incident.id)
    assert (after.version, after.answered_at) == (before.version, before.answered_at)
    assert len(await publications(town)) == 1


@ON_SQLITE
async def test_what_was_written_before_the_incident_was_reopened_was_not_enough(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    await see(town, ANSWER)
    async with town.database.writing() as session:
        await triage.reopen(
            session, incident_id=incident.id, reason="яма на месте", actor=town.vera, now=LATER
        )
    await see(town, replace(ANSWER, native_id="wall-1_2_r49"))
    assert (await reload(town, incident.id)).status is Status.REGISTERED
    await see(town, replace(ANSWER, native_id="wall-1_2_r61", posted_at=LATER + timedelta(minutes=1)))
    assert (await reload(town, incident.id)).status is Status.ANSWERED


@ON_SQLITE
async def test_drafts_and_an_answer_on_review_are_withdrawn(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        (await session.get_one(Body, town.roads)).needs_approval = True
    one, other = await arrive(2), await arrive(3)
    await draft(town, one.id)
    await send(town, await draft(town, other.id))
    await see(town, ANSWER, replace(ANSWER, native_id="wall-1_3_r1", root_id="wall-1_3"))
    for incident in (one, other):
        assert (await reload(town, incident.id)).status is Status.ANSWERED
    async with town.database.reading() as session:
        states = list(await session.scalars(select(Answer.state).order_by(Answer.id)))
    assert states == [
        AnswerState.SUPERSEDED,
        AnswerState.SUPERSEDED,
        AnswerState.SUBMITTED,
        AnswerState.SUBMITTED,
    ]
    async with town.database.writing() as session:
        with pytest.raises(StepNotAllowed):
            await reviewing.approve(session, incident_id=other.id, actor=town.vera, now=LATER)


@ON_SQLITE
async def test_an_answer_that_waits_to_be_published_is_taken_back(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    await see(town, ANSWER)
    assert await publications(town) == [
        ("taken_back", None, None),
        ("published", "noticed", "wall-1_2_r50"),
    ]
    async with town.database.writing() as session:
        assert await publishing.claim(session, networks=["vk"], now=LATER, limit=9) == []


@ON_SQLITE
async def test_the_same_words_by_hand_settle_what_waits(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id, "Заделаем до пятницы."))
    await see(town, replace(ANSWER, text="[id7|Иван], ЗАДЕЛАЕМ до пятницы"))
    assert await publications(town) == [("published", "noticed", "wall-1_2_r50")]
    assert (await reload(town, incident.id)).status is Status.ANSWERED


@ON_SQLITE
async def test_a_stuck_answer_that_is_seen_is_unstuck(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id, "Заделаем до пятницы."))
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=1)
        await publishing.mark_sending(session, number)
        await publishing.give_up(
            session, publication_id=number, state=PublicationState.STUCK, error="?", now=NOON
        )
    await see(town, replace(ANSWER, text="Заделаем до пятницы."))
    assert await publications(town) == [("published", "program", "wall-1_2_r50")]
    assert (await reload(town, incident.id)).status is Status.ANSWERED


@ON_SQLITE
async def test_our_own_published_answer_is_never_noticed(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id), is_interim=True)
    await publish(town)
    ((_, _, native_id),) = await publications(town)
    assert native_id is not None
    await see(town, replace(ANSWER, native_id=native_id, text="Заделаем до пятницы."))
    assert (await reload(town, incident.id)).status is Status.INTERIM
    await see(town, replace(ANSWER, native_id="another spelling", text="Заделаем до пятницы."))
    assert (await reload(town, incident.id)).status is Status.INTERIM
    assert len(await publications(town)) == 1


@ON_SQLITE
async def test_our_answer_to_a_reply_that_the_network_puts_higher_answers_nothing_else(
    town: Town, arrive: Arrive
) -> None:
    """Some networks know two levels only: an answer to a reply stands under the comment above it."""
    top = await arrive(2)
    found = replace(
        POTHOLE, native_id="wall-1_2_r9", root_id="wall-1_2", parent_id="wall-1_2", text="И у нас!"
    )
    async with town.database.writing() as session:
        reply = await intake.take_in(session, found, ABOUT_ROADS, rules=intake.TriageRules(), now=NOON)
    assert reply is not None
    await send(town, await draft(town, reply.id, "Приедем и к вам в среду."))
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=1)
        await publishing.mark_sending(session, number)
    await see(town, replace(ANSWER, text="Приедем и к вам в среду."))
    assert (await reload(town, top.id)).status is Status.ASSIGNED
    assert (await reload(town, reply.id)).status is Status.ANSWERED


@ON_SQLITE
async def test_other_words_while_ours_are_on_their_way_end_the_incident_and_ours_are_kept(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=1)
        await publishing.mark_sending(session, number)
    await see(town, ANSWER)
    assert (await reload(town, incident.id)).status is Status.ANSWERED
    async with town.database.writing() as session:
        await publishing.published(
            session, publication_id=number, native_id="wall-1_2_r51", url="https://vk.com/r", now=LATER
        )
    assert await publications(town) == [
        ("published", "program", "wall-1_2_r51"),
        ("published", "noticed", "wall-1_2_r50"),
    ]
    assert (await reload(town, incident.id)).answered_at == ANSWER.posted_at


@ON_SQLITE
async def test_a_brought_link_that_a_collector_sees_is_confirmed_by_that(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await bring(town, incident.id, names=Names("vk", "wall-1_2_r50", "wall-1_2"))
    await see(town, ANSWER)
    async with town.database.reading() as session:
        row = (await session.scalars(select(Publication))).one()
    assert (row.attempts, row.error, row.how) == (1, "", PublishedHow.LINK)


# -- our own answer, seen by the collector and confirmed by the publisher in any order


@pytest.mark.parametrize("seed", range(12))
async def test_an_answer_of_ours_is_one_whoever_tells_of_it_first(
    town: Town, arrive: Arrive, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    incident = await arrive()
    await send(town, await draft(town, incident.id, "Заделаем до пятницы."), is_interim=dice.random() < 0.5)
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=1)
        await publishing.mark_sending(session, number)
    seen = replace(ANSWER, text="Заделаем до пятницы.")

    async def confirm() -> None:
        async with town.database.writing() as session:
            await publishing.published(
                session, publication_id=number, native_id=seen.native_id, url=seen.url, now=LATER
            )

    async def fail() -> None:
        """The call's answer was lost, and read back later."""
        async with town.database.writing() as session:
            await publishing.put_off(
                session, publication_id=number, until=LATER, error="time-out", maybe_done=True
            )
        await confirm()

    async def notice() -> None:
        await see(town, seen)

    told = [dice.choice([confirm, fail]), notice, notice]
    dice.shuffle(told)
    for tell in told:
        await tell()
    assert await publications(town) == [("published", "program", seen.native_id)]
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count(Answer.id))) == 1
    ends = [step for step in await steps(town, incident.id) if step.value.startswith(("publish", "answer"))]
    assert len(ends) == 1
    assert Step.ANSWER_DIRECTLY not in ends
    assert await notices(town, VERA) == []
