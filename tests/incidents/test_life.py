"""The rules on real rows, on both engines: from a post to an answer, and every turn on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from incidents import answering, finding, intake, publishing, responding, sweeping, triage
from incidents.errors import (
    AlreadyTaken,
    AlreadyYours,
    AnswerTooLong,
    BodyUnreachable,
    DraftGone,
    EmptyAnswer,
    IncidentError,
    NoSuchIncident,
    NotAllowed,
    NotYours,
    PromptClosed,
    ReasonMissing,
    SameBody,
    SameIncident,
)
from incidents.incoming import Scored
from models import (
    Answer,
    AnswerState,
    Assignment,
    Body,
    CardState,
    HistoryEntry,
    Kind,
    Post,
    PostVersion,
    Priority,
    Publication,
    PublicationState,
    Reminder,
    Route,
    Status,
)
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ANNA, BORIS, POTHOLE, VERA, Arrive, Town
from tests.incidents.steps import accept, card_of, draft, notices, publish, reload, send

DAY = timedelta(hours=24)


async def test_a_sure_post_is_registered_assigned_and_carded_at_once(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    assert (incident.status, incident.body_id) == (Status.ASSIGNED, town.roads)
    assert (incident.registered_at, incident.due_at) == (NOON, NOON + DAY)
    assert incident.next_look_at == NOON + timedelta(hours=12)
    assert incident.territory == "Верхнереченск"
    card = await card_of(town, incident.id, ANNA)
    assert card is not None
    assert card.state is CardState.LIVE


async def test_a_find_without_a_page_is_where_its_words_say(town: Town) -> None:
    """Only where some body's business lies there: a street's name is no territory."""
    async with town.database.writing() as session:
        session.add(Route(topic="roads", territory="Заречье", body_id=town.housing))
        for number, place, territory in ((1, "Заречье", "Заречье"), (2, "улица Ленина", "")):
            found = replace(POTHOLE, native_id=f"wall-9_{number}", community_id="9")
            guess = replace(ABOUT_ROADS, place=place)
            taken = await intake.take_in(session, found, guess, rules=intake.TriageRules(), now=NOON)
            assert taken is not None
            assert taken.territory == territory


async def test_the_territory_comes_with_the_post_or_from_its_community(town: Town, arrive: Arrive) -> None:
    assert (await arrive()).territory == "Верхнереченск"
    async with town.database.writing() as session:
        found = replace(POTHOLE, native_id="wall-9_9", community_id="9", territory="Заречье")
        taken = await intake.take_in(session, found, ABOUT_ROADS, rules=intake.TriageRules(), now=NOON)
        assert taken is not None
    assert taken.territory == "Заречье"


async def test_an_unsure_post_waits_for_the_curator_and_its_clock_stands(town: Town, arrive: Arrive) -> None:
    incident = await arrive(unsure=True)
    assert (incident.status, incident.due_at) == (Status.NEW, None)
    assert await card_of(town, incident.id, VERA) is not None
    assert await card_of(town, incident.id, ANNA) is None
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=incident.id, body_id=town.roads, actor=town.vera, now=NOON)
    incident = await reload(town, incident.id)
    assert (incident.status, incident.due_at) == (Status.ASSIGNED, NOON + DAY)


async def test_a_post_of_an_official_page_is_kept_and_is_no_incident(town: Town) -> None:
    async with town.database.writing() as session:
        taken = await intake.take_in(
            session,
            replace(POTHOLE, by_community=True),
            ABOUT_ROADS,
            rules=intake.TriageRules(),
            now=NOON,
        )
        assert taken is None
        assert await session.scalar(select(func.count()).select_from(Post)) == 1


async def test_an_edited_post_keeps_its_old_words(town: Town, arrive: Arrive) -> None:
    await arrive()
    async with town.database.writing() as session:
        post = (await intake.known_posts(session, "vk", ["wall-1_2"]))["wall-1_2"]
        assert not await intake.see_again(session, post, replace(POTHOLE), now=NOON)
        assert await intake.see_again(session, post, replace(POTHOLE, text="Уже две ямы"), now=NOON)
    async with town.database.reading() as session:
        assert await session.scalar(select(PostVersion.text)) == "Яма на Ленина!"
        assert await session.scalar(select(Post.text)) == "Уже две ямы"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "", "я" * 16_000, "<b>не закрыт", "👨‍👩‍👧"])
async def test_any_text_is_stored(town: Town, arrive: Arrive, text: str) -> None:
    incident = await arrive(text=text)
    async with town.database.reading() as session:
        stored = await session.scalar(select(Post.text).where(Post.incident_id == incident.id))
    assert stored == intake.clean(text)


async def test_of_two_hundred_who_accept_at_once_one_wins_and_the_rest_read_who(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    ends: list[str] = []

    async def press(number: int) -> None:
        actor = town.carol if number % 2 else town.anna
        while True:
            try:
                async with town.database.writing() as session:
                    await responding.accept(session, incident_id=incident.id, actor=actor, now=NOON)
            except StaleDataError:
                continue  # receiving runs the update again, too
            except (AlreadyTaken, AlreadyYours) as refusal:
                ends.append(type(refusal).__name__)
                assert refusal.at == NOON
            else:
                ends.append("won")
            return

    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(press(number))
    assert ends.count("won") == 1
    assert len(ends) == 200
    async with town.database.reading() as session:
        accepted = await session.scalar(
            select(func.count()).select_from(HistoryEntry).where(HistoryEntry.step == "accept")
        )
    assert accepted == 1


async def test_a_foreign_body_cannot_accept_and_is_told_whose_it_is(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    with pytest.raises(NotYours) as refusal:
        async with town.database.writing() as session:
            await responding.accept(session, incident_id=incident.id, actor=town.boris, now=NOON)
    assert refusal.value.holder == "Дороги"
    assert (await reload(town, incident.id)).status is Status.ASSIGNED


async def test_handing_over_disarms_the_old_card_and_leaves_the_deadline(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await accept(town, incident.id)
    async with town.database.writing() as session:
        await responding.hand_over(
            session,
            incident_id=incident.id,
            body_id=town.housing,
            reason="это двор",
            actor=town.anna,
            now=NOON + timedelta(hours=5),
        )
    after = await reload(town, incident.id)
    assert (after.status, after.body_id, after.official_id) == (Status.ASSIGNED, town.housing, None)
    assert after.due_at == incident.due_at
    old, new = await card_of(town, incident.id, ANNA), await card_of(town, incident.id, BORIS)
    assert old is not None
    assert new is not None
    assert (old.state, new.state) == (CardState.DISARMED, CardState.LIVE)
    async with town.database.reading() as session:
        turns = list(await session.scalars(select(Assignment).order_by(Assignment.id)))
    assert [(turn.body_id, turn.ended_at is None) for turn in turns] == [
        (town.roads, False),
        (town.housing, True),
    ]


async def test_handing_over_needs_a_reason_another_body_and_a_live_chat(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.reading() as session:
        silent = await session.scalar(select(Body.id).where(Body.code == "silent"))
    assert silent is not None
    for body, reason, refusal in (
        (town.housing, " ", ReasonMissing),
        (town.roads, "почему бы и нет", SameBody),
        (silent, "туда", BodyUnreachable),
    ):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await responding.hand_over(
                    session,
                    incident_id=incident.id,
                    body_id=body,
                    reason=reason,
                    actor=town.anna,
                    now=NOON,
                )


async def test_what_is_given_back_goes_to_the_curators_with_its_reason(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        await responding.give_back(
            session, incident_id=incident.id, reason="федеральная трасса", actor=town.anna, now=NOON
        )
    after = await reload(town, incident.id)
    assert (after.status, after.body_id, after.due_at) == (Status.REGISTERED, None, incident.due_at)
    assert await notices(town, VERA) == ["returned"]
    assert await card_of(town, incident.id, VERA) is not None


async def test_skipping_is_for_curators_and_has_a_reason(town: Town, arrive: Arrive) -> None:
    incident = await arrive(unsure=True)
    for actor, reason, refusal in (
        (town.anna, "спам", NotAllowed),
        (town.vera, "", ReasonMissing),
    ):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await triage.skip(session, incident_id=incident.id, reason=reason, actor=actor, now=NOON)
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=incident.id, reason="спам", actor=town.vera, now=NOON)
    assert (await reload(town, incident.id)).next_look_at is None
    async with town.database.writing() as session:
        await triage.reopen(session, incident_id=incident.id, reason="не спам", actor=town.vera, now=NOON)
    assert (await reload(town, incident.id)).status is Status.REGISTERED


async def test_a_merged_incident_gives_its_posts_away_and_they_get_the_answer(
    town: Town, arrive: Arrive
) -> None:
    first, second = await arrive(2), await arrive(3)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=second.id, into_id=first.id, actor=town.vera, now=NOON)
    await send(town, await draft(town, first.id))
    async with town.database.reading() as session:
        under = await session.scalar(select(func.count()).select_from(Publication))
    assert under == 2
    await publish(town)
    assert (await reload(town, first.id)).status is Status.ANSWERED
    with pytest.raises(SameIncident):
        async with town.database.writing() as session:
            await triage.merge(session, incident_id=first.id, into_id=first.id, actor=town.vera, now=NOON)


async def test_an_incident_is_not_merged_into_itself(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    with pytest.raises(SameIncident):
        async with town.database.writing() as session:
            await triage.merge(session, incident_id=number, into_id=number, actor=town.vera, now=NOON)


async def test_thanks_are_never_urgent(town: Town) -> None:
    heating = replace(ABOUT_ROADS, topics=(Scored("utilities", 0.9),))
    urgency = []
    for number, kind in enumerate((Kind.GRATITUDE, Kind.COMPLAINT)):
        async with town.database.writing() as session:
            found = replace(POTHOLE, native_id=f"wall-1_{number}")
            taken = await intake.take_in(
                session, found, replace(heating, kind=kind), rules=intake.TriageRules(), now=NOON
            )
        assert taken is not None
        urgency.append(taken.priority)
    assert urgency == [Priority.ORDINARY, Priority.ACCIDENT]


async def test_whoever_answers_accepts_by_that(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await draft(town, incident.id)
    after = await reload(town, incident.id)
    assert (after.status, after.official_id) == (Status.ACCEPTED, town.anna.official_id)
    with pytest.raises(AlreadyTaken) as refusal:
        async with town.database.writing() as session:
            await answering.ask_for_answer(
                session, incident_id=incident.id, actor=town.carol, chat_id=ANNA, thread_id=None, now=NOON
            )
    assert refusal.value.name == "Анна"


async def test_the_clock_stops_when_the_answer_stands_and_not_before(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    waiting = await reload(town, incident.id)
    assert (waiting.status, waiting.answered_at) == (Status.APPROVED, None)
    await publish(town)
    after = await reload(town, incident.id)
    assert (after.status, after.answered_at) == (Status.ANSWERED, NOON + timedelta(hours=1))
    async with town.database.writing() as session:
        await sweeping.look_at(session, incident_id=incident.id, now=NOON + timedelta(days=16))
    assert (await reload(town, incident.id)).status is Status.CLOSED


async def test_an_interim_answer_leaves_a_final_one_owed(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id), is_interim=True)
    await publish(town)
    after = await reload(town, incident.id)
    assert (after.status, after.control_at) == (
        Status.INTERIM,
        NOON + timedelta(hours=1) + timedelta(days=7),
    )
    await send(town, await draft(town, incident.id, "Заделали."))
    await publish(town)
    assert (await reload(town, incident.id)).status is Status.ANSWERED


async def test_a_draft_is_sent_once_by_its_author_and_within_the_limit(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    for text, refusal in (("", EmptyAnswer), ("я" * 4097, AnswerTooLong)):
        answer_id = await draft(town, incident.id, text)
        with pytest.raises(refusal):
            await send(town, answer_id)
        async with town.database.reading() as session:
            kept = await session.get_one(Answer, answer_id)
        assert (kept.state, kept.text) == (AnswerState.DRAFT, text)
    good = await draft(town, incident.id)
    await send(town, good)
    for again in (answer_id, good):
        with pytest.raises(DraftGone):
            await send(town, again)


async def test_a_prompt_is_answered_once(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        prompt = await answering.ask_for_answer(
            session, incident_id=incident.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        answering.close_prompt(prompt, now=NOON)
        with pytest.raises(PromptClosed):
            answering.close_prompt(prompt, now=NOON)


async def test_a_refused_text_comes_back_to_the_official(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=10)
        await publishing.give_up(
            session, publication_id=number, state=PublicationState.REFUSED, error="222: links", now=NOON
        )
    assert (await reload(town, incident.id)).status is Status.REWORK
    assert "publication_refused" in await notices(town, ANNA)
    await send(town, await draft(town, incident.id, "Без ссылки."))
    await publish(town)
    assert (await reload(town, incident.id)).status is Status.ANSWERED


async def test_a_leased_publication_is_not_claimed_twice(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    async with town.database.writing() as session:
        assert len(await publishing.claim(session, networks=["vk"], now=NOON, limit=10)) == 1
        assert await publishing.claim(session, networks=["vk"], now=NOON, limit=10) == []
        later = NOON + publishing.LEASE + timedelta(seconds=1)
        assert len(await publishing.claim(session, networks=["vk"], now=later, limit=10)) == 1


async def test_a_body_that_wants_approval_gets_it_and_may_be_sent_back(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    chief = replace(town.carol, approves=frozenset({town.roads}))
    async with town.database.writing() as session:
        (await session.get_one(Body, town.roads)).needs_approval = True
    await send(town, await draft(town, incident.id))
    assert (await reload(town, incident.id)).status is Status.ON_REVIEW
    async with town.database.writing() as session:
        await answering.send_back(session, incident_id=incident.id, reason="нет срока", actor=chief, now=NOON)
    await send(town, await draft(town, incident.id, "До пятницы, 6 марта."))
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await answering.approve(session, incident_id=incident.id, actor=town.anna, now=NOON)
    async with town.database.writing() as session:
        await answering.approve(session, incident_id=incident.id, actor=chief, now=NOON)
    await publish(town)
    assert (await reload(town, incident.id)).status is Status.ANSWERED


async def test_reminders_fire_once_each_and_after_downtime_only_the_latest(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()

    async def sweep(hours: float) -> None:
        now = NOON + timedelta(hours=hours)
        async with town.database.reading() as session:
            waiting = await sweeping.due(session, now=now)
        for number in waiting:
            async with town.database.writing() as session:
                await sweeping.look_at(session, incident_id=number, now=now)

    for hours in (1, 12, 12, 12.1):
        await sweep(hours)
    assert await notices(town, ANNA) == ["reminder"]
    await sweep(23.5)  # down between: "4 h" is passed over, and so is the coordinator
    assert await notices(town, ANNA) == ["reminder", "reminder"]
    assert await notices(town, VERA) == ["escalated_curator"]
    for hours in (24.1, 24.2, 30):
        await sweep(hours)
    assert await notices(town, ANNA) == ["reminder", "reminder", "overdue"]
    assert await notices(town, VERA) == ["escalated_curator", "overdue_curators"]
    assert await card_of(town, incident.id, VERA) is not None
    async with town.database.reading() as session:
        fired = list(await session.scalars(select(Reminder).order_by(Reminder.id)))
        assert await sweeping.forgotten(session) == []
    assert [(one.code, one.told) for one in fired] == [
        ("12h", True),
        ("4h", False),
        ("1h", True),
        ("up:coordinator", False),
        ("up:curator", True),
        ("overdue", True),
        ("up:head", False),  # there is none
    ]


async def test_accepted_and_silent_goes_back_to_the_body(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await accept(town, incident.id)
    assert (await reload(town, incident.id)).next_look_at == NOON + timedelta(hours=8)
    async with town.database.writing() as session:
        await sweeping.look_at(session, incident_id=incident.id, now=NOON + timedelta(hours=8))
    after = await reload(town, incident.id)
    assert (after.status, after.official_id, after.body_id) == (Status.ASSIGNED, None, town.roads)
    assert await notices(town, ANNA) == ["released"]


async def test_curators_are_reminded_of_what_waits_for_them_once_an_hour(town: Town, arrive: Arrive) -> None:
    incident = await arrive(unsure=True)
    for minutes in (59, 60, 61, 119, 120):
        async with town.database.writing() as session:
            await sweeping.look_at(session, incident_id=incident.id, now=NOON + timedelta(minutes=minutes))
    assert await notices(town, VERA) == ["waits_for_triage"] * 2


async def test_lists_show_whose_it_is(town: Town, arrive: Arrive) -> None:
    first, second, unsure = await arrive(2), await arrive(3), await arrive(4, unsure=True)
    await accept(town, first.id)
    async with town.database.reading() as session:
        anna = await finding.on_hand(session, town.anna)
        carol = await finding.on_hand(session, town.carol)
        queue = await finding.queue(session)
        late = await finding.late(session, town.vera, now=NOON + timedelta(hours=25))
        foreign = await finding.late(session, town.boris, now=NOON + timedelta(hours=25))
        view = await finding.view(session, second.id)
    assert {one.id for one in anna.incidents} == {first.id, second.id}
    assert {one.id for one in carol.incidents} == {second.id}
    assert [one.id for one in queue.incidents] == [unsure.id]
    assert late.total == 2
    assert foreign.total == 0
    assert sorted(view.same_words) == [first.id, unsure.id]


async def test_an_unknown_number_is_a_refusal(town: Town) -> None:
    with pytest.raises(NoSuchIncident) as refusal:
        async with town.database.writing() as session:
            await responding.accept(session, incident_id=99, actor=town.anna, now=NOON)
    assert isinstance(refusal.value, IncidentError)
