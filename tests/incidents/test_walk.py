"""Random people do random things at advancing times; after every step the promises still hold."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import answering, direct, intake, publishing, responding, sweeping, triage
from incidents.errors import IncidentError
from incidents.incoming import FoundPost, Scored
from incidents.lifecycle import NEXT, SETTLED, WITH_BODY
from incidents.people import Actor, actor_of
from models import (
    Answer,
    AnswerState,
    Assignment,
    Body,
    Card,
    CardState,
    ChatState,
    HistoryEntry,
    Incident,
    Membership,
    Official,
    OutboxRow,
    OutboxState,
    Post,
    Publication,
    PublicationState,
    ReplyCapability,
    Role,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ANNA, BORIS, CAROL, ON_SQLITE, POTHOLE, VERA, Town

STEPS = 120
MOST_OPEN = 6
OURS = {PublicationState.WAITING, PublicationState.SENDING}
OPEN_ENDS = OURS | {PublicationState.BY_HAND, PublicationState.STUCK}
Shown = tuple[Status, int | None, CardState]


@dataclass
class Walk:
    town: Town
    dice: random.Random
    now: datetime = NOON
    posts: int = 0
    done: list[str] = field(default_factory=list)
    deadlines: dict[int, datetime] = field(default_factory=dict)
    shown: dict[tuple[int, int], Shown] = field(default_factory=dict)

    async def act(self) -> None:
        """One random step in one transaction; a refusal changes nothing."""
        action = self.dice.choice(ACTIONS)
        self.done.append(f"{self.now:%d %H:%M} {action.__name__}")
        try:
            async with self.town.database.writing() as session:
                await action(self, session)
        except (IncidentError, publishing.NotWantedAnyMore) as refusal:
            self.done[-1] += f" -> {type(refusal).__name__}"

    async def some_actor(self, session: AsyncSession, number: int = 0) -> Actor:
        """Anybody; more often than not somebody who may do something with the incident."""
        people = [ANNA, BORIS, CAROL, VERA]
        incident = await session.get(Incident, number)
        if incident is not None and self.dice.random() < 0.8:
            if incident.official_id is not None and incident.status is not Status.ON_REVIEW:
                held = await session.get_one(Official, incident.official_id)
                people = [held.telegram_id]
            elif incident.body_id == self.town.housing:
                people = [BORIS]
            elif incident.body_id == self.town.roads:
                people = [ANNA, CAROL]
        actor = await actor_of(session, self.dice.choice(people))
        assert actor is not None
        return actor

    async def some_incident(self, session: AsyncSession, *steps: Step) -> int:
        """Any incident; more often than not one that allows one of the steps."""
        wanted = set(Status) - {Status.MERGED, Status.SOURCE_GONE}
        if steps and self.dice.random() < 0.8:
            wanted = {before for before, step in NEXT if step in steps}
        found = list(await session.scalars(select(Incident.id).where(Incident.status.in_(list(wanted)))))
        return self.dice.choice(found) if found else 0

    async def some_body(self, session: AsyncSession) -> int:
        return self.dice.choice(list(await session.scalars(select(Body.id))))


Action = Callable[[Walk, AsyncSession], Awaitable[None]]


async def time_passes(walk: Walk, session: AsyncSession) -> None:
    walk.now += timedelta(minutes=walk.dice.choice([1, 7, 7, 30, 30, 61, 61, 300, 800, 3000, 25000]))


async def sweep(walk: Walk, session: AsyncSession) -> None:
    """One pass must be enough: whatever was looked at is looked at again only later."""
    for number in await sweeping.due(session, now=walk.now):
        await sweeping.look_at(session, incident_id=number, now=walk.now)
        incident = await session.get_one(Incident, number)
        assert incident.next_look_at is None or incident.next_look_at > walk.now, walk.done[-20:]
    assert await sweeping.due(session, now=walk.now) == []


async def arrive(walk: Walk, session: AsyncSession) -> None:
    busy = await session.scalar(select(func.count(Incident.id)).where(Incident.status.not_in(list(SETTLED))))
    if (busy or 0) >= MOST_OPEN:
        return
    walk.posts += 1
    sure = walk.dice.random() < 0.7
    await intake.take_in(
        session,
        replace(
            POTHOLE,
            native_id=f"wall-1_{walk.posts}",
            reply_capability=walk.dice.choice([*ReplyCapability, ReplyCapability.API]),
        ),
        replace(ABOUT_ROADS, topics=(Scored("roads", 0.9 if sure else 0.1), Scored("housing", 0.05))),
        rules=intake.TriageRules(),
        now=walk.now,
    )


async def read_again(walk: Walk, session: AsyncSession) -> None:
    posts = list(await session.scalars(select(Post)))
    if posts:
        post = walk.dice.choice(posts)
        found = replace(POTHOLE, native_id=post.native_id, text=walk.dice.choice(["Яма!", "Две ямы!"]))
        await intake.see_again(session, post, found, now=walk.now)


async def accept(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.ACCEPT)
    actor = await walk.some_actor(session, number)
    await responding.accept(session, incident_id=number, actor=actor, now=walk.now)


async def write(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.ACCEPT, Step.SEND)
    actor = await walk.some_actor(session, number)
    prompt = await answering.ask_for_answer(
        session, incident_id=number, actor=actor, now=walk.now, chat_id=actor.telegram_id, thread_id=None
    )
    answer = await answering.write_draft(
        session, prompt=prompt, text="Заделаем.", photos=[], actor=actor, thread_id=None, now=walk.now
    )
    if walk.dice.random() < 0.3:
        await answering.discard_draft(session, answer_id=answer.id, actor=actor, now=walk.now)
    elif walk.dice.random() < 0.8:
        await answering.send_answer(
            session,
            answer_id=answer.id,
            actor=actor,
            rules={},
            now=walk.now,
            is_interim=walk.dice.random() < 0.4,
        )


async def send(walk: Walk, session: AsyncSession) -> None:
    drafts = list(await session.scalars(select(Answer.id).where(Answer.state == AnswerState.DRAFT)))
    if drafts:
        actor = await walk.some_actor(session)
        await answering.send_answer(
            session, answer_id=walk.dice.choice(drafts), actor=actor, rules={}, now=walk.now
        )


async def review(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.APPROVE)
    actor = await walk.some_actor(session)
    if walk.dice.random() < 0.5:
        await answering.approve(session, incident_id=number, actor=actor, now=walk.now)
    else:
        await answering.send_back(session, incident_id=number, reason="нет срока", actor=actor, now=walk.now)


async def hand_over(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.REASSIGN)
    await responding.hand_over(
        session,
        incident_id=number,
        body_id=await walk.some_body(session),
        reason="это двор",
        actor=await walk.some_actor(session, number),
        now=walk.now,
    )


async def give_back(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.RETURN)
    await responding.give_back(
        session,
        incident_id=number,
        reason="не наше",
        actor=await walk.some_actor(session, number),
        now=walk.now,
        suggested_body_id=await walk.some_body(session),
    )


async def assign(walk: Walk, session: AsyncSession) -> None:
    await triage.assign(
        session,
        incident_id=await walk.some_incident(session, Step.REGISTER, Step.ASSIGN, Step.REASSIGN),
        body_id=await walk.some_body(session),
        actor=walk.town.vera,
        now=walk.now,
    )


async def settle_by_curator(walk: Walk, session: AsyncSession) -> None:
    number, other = await walk.some_incident(session, Step.REOPEN), await walk.some_incident(session)
    vera, roll = walk.town.vera, walk.dice.random()
    if roll < 0.3:
        await triage.skip(session, incident_id=number, reason="спам", actor=vera, now=walk.now)
    elif roll < 0.6:
        await triage.merge(session, incident_id=number, into_id=other, actor=vera, now=walk.now)
    else:
        await triage.reopen(session, incident_id=number, reason="не сделано", actor=vera, now=walk.now)


async def publish(walk: Walk, session: AsyncSession) -> None:
    for number in await publishing.claim(session, networks=["vk"], now=walk.now, limit=3):
        await publishing.mark_sending(session, number)
        roll = walk.dice.random()
        if roll < 0.6:
            await publishing.published(
                session, publication_id=number, native_id="r", url="https://vk.com/r", now=walk.now
            )
        elif roll < 0.8:
            state = walk.dice.choice(
                [PublicationState.REFUSED, PublicationState.GONE, PublicationState.STUCK]
            )
            await publishing.give_up(session, publication_id=number, state=state, error="e", now=walk.now)
        else:
            await publishing.put_off(
                session,
                publication_id=number,
                until=walk.now + timedelta(hours=1),
                error="e",
                maybe_done=walk.dice.random() < 0.5,
            )


async def late_word(walk: Walk, session: AsyncSession) -> None:
    """A worker whose lease has long run out still says what it believes."""
    found = list(await session.scalars(select(Publication.id)))
    if found:
        number = walk.dice.choice(found)
        await publishing.put_off(
            session, publication_id=number, until=walk.now, error="late", maybe_done=False
        )
        await publishing.give_up(
            session, publication_id=number, state=PublicationState.STUCK, error="late", now=walk.now
        )


async def by_hand(walk: Walk, session: AsyncSession) -> None:
    number = await walk.some_incident(session, Step.PUBLISH)
    actor = await walk.some_actor(session, number)
    if walk.dice.random() < 0.6:
        await bring_link(session, walk, number, actor)
    else:
        await publishing.take_back(session, incident_id=number, reason="", actor=actor, now=walk.now)


async def bring_link(session: AsyncSession, walk: Walk, number: int, actor: Actor) -> None:
    await direct.bring_link(
        session,
        incident_id=number,
        link="https://vk.com/x",
        parse=lambda _: None,
        kinds={},
        actor=actor,
        now=walk.now,
    )


async def answer_directly(walk: Walk, session: AsyncSession) -> None:
    """Somebody answers in the network: a link is brought, or a collector sees the comment."""
    number = await walk.some_incident(session, Step.ANSWER_DIRECTLY)
    if walk.dice.random() < 0.3:
        await bring_link(session, walk, number, await walk.some_actor(session, number))
        return
    asked = await session.scalar(select(Post.native_id).where(Post.incident_id == number).limit(1))
    number = walk.dice.randrange(10**9)
    found = FoundPost(
        network="vk",
        native_id=f"wall-1_1_r{number}",
        parent_id=asked,
        text=walk.dice.choice(["Заделаем.", "Уже заделали."]),
        url=f"https://vk.com/wall-1_1?reply={number}",
        posted_at=walk.now,
        by_community=True,
    )
    await intake.take_in(session, found, ABOUT_ROADS, rules=intake.TriageRules(), now=walk.now)


async def chat_changes(walk: Walk, session: AsyncSession) -> None:
    body = await session.get_one(Body, walk.town.housing)
    body.chat_state = ChatState.DEAD if body.chat_state is ChatState.LIVE else ChatState.LIVE


async def approval_changes(walk: Walk, session: AsyncSession) -> None:
    body = await session.get_one(Body, walk.town.roads)
    body.needs_approval = not body.needs_approval


async def role_changes(walk: Walk, session: AsyncSession) -> None:
    """Carol is, and is not, of the roads; whatever she holds must not be lost with her."""
    carol = walk.town.carol.official_id
    held = await session.scalar(
        select(Membership).where(Membership.official_id == carol, Membership.role == Role.OFFICIAL)
    )
    if held is None:
        session.add(
            Membership(official_id=carol, role=Role.OFFICIAL, body_id=walk.town.roads, granted_at=walk.now)
        )
    else:
        await session.delete(held)


async def deliver(walk: Walk, session: AsyncSession) -> None:
    """Everything owed is delivered: then every card that stands shows what is."""
    rows = await session.scalars(select(OutboxRow).where(OutboxRow.state == OutboxState.WAITING))
    for row in rows:
        assert row.chat_id in {ANNA, BORIS, CAROL, VERA}
        row.state = OutboxState.SENT
        if row.subject:
            incident = await session.get_one(Incident, row.payload["incident_id"])
            card = await session.scalar(
                select(Card).where(Card.incident_id == incident.id, Card.chat_id == row.chat_id)
            )
            assert card is not None
            if card.message_id is None and card.state is CardState.DISARMED:
                continue
            card.message_id = card.message_id or row.id
            walk.shown[incident.id, row.chat_id] = (incident.status, incident.body_id, card.state)
    cards = await session.execute(select(Card, Incident).join(Incident, Incident.id == Card.incident_id))
    for card, incident in cards:
        if card.message_id is not None:
            assert walk.shown[incident.id, card.chat_id] == (incident.status, incident.body_id, card.state)


ACTIONS: list[Action] = [
    *(time_passes, sweep, arrive, write, write, publish, publish, assign, review) * 2,
    *(accept, read_again, send, hand_over, give_back, settle_by_curator),
    *(late_word, by_hand, by_hand, answer_directly, chat_changes, approval_changes, role_changes, deliver),
]


async def check(walk: Walk, session: AsyncSession) -> None:
    incidents = list(await session.scalars(select(Incident)))
    await _check_history(session, {incident.id: incident for incident in incidents})
    bodies = {body.id: body for body in await session.scalars(select(Body))}
    turns = list(await session.scalars(select(Assignment).where(Assignment.ended_at.is_(None))))
    turn_of = {turn.incident_id: turn.body_id for turn in turns}
    assert len(turn_of) == len(turns)
    posts = list(await session.scalars(select(Post)))
    for one in incidents:
        if one.status in SETTLED:
            assert (one.next_look_at is None) == (one.status is not Status.ANSWERED)
        else:
            assert one.next_look_at is not None
        assert turn_of.get(one.id) == (one.body_id if one.status in WITH_BODY else None)
        if one.due_at is not None:
            assert walk.deadlines.setdefault(one.id, one.due_at) == one.due_at
        assert one.id not in walk.deadlines or one.due_at is not None
        assert (one.status is Status.MERGED) != any(post.incident_id == one.id for post in posts)
        if one.status in {Status.ASSIGNED, Status.NEW, Status.REGISTERED}:
            assert one.official_id is None
        elif one.status in WITH_BODY:
            assert one.official_id is not None
    await _check_answers(session, incidents)
    await _check_cards(session, bodies)


async def _check_history(session: AsyncSession, incidents: dict[int, Incident]) -> None:
    entries = await session.scalars(select(HistoryEntry).order_by(HistoryEntry.incident_id, HistoryEntry.id))
    seen = set()
    for number, group in groupby(entries, key=lambda entry: entry.incident_id):
        rows = list(group)
        seen.add(number)
        assert rows[0].before is Status.NEW
        assert rows[-1].after is incidents[number].status
        assert all(NEXT[row.before, row.step] is row.after for row in rows)
        assert all(first.after is second.before for first, second in pairwise(rows))
    assert all(one.status is Status.NEW for one in incidents.values() if one.id not in seen)


async def _check_answers(session: AsyncSession, incidents: list[Incident]) -> None:
    answers = list(await session.scalars(select(Answer)))
    publications = list(await session.scalars(select(Publication)))
    for one in incidents:
        theirs = [answer for answer in answers if answer.incident_id == one.id]
        assert sum(answer.state is AnswerState.DRAFT for answer in theirs) <= 1
        submitted = [answer.id for answer in theirs if answer.state is AnswerState.SUBMITTED]
        if one.status in {Status.ON_REVIEW, Status.APPROVED}:
            assert submitted
        states = {row.state for row in publications if row.incident_id == one.id}
        if one.status is Status.APPROVED:
            assert {row.state for row in publications if row.answer_id == submitted[-1]} & OPEN_ENDS
        else:
            # A call under way when a person answered directly goes on to its own end.
            assert not states & (OPEN_ENDS - {PublicationState.SENDING, PublicationState.STUCK})
        if one.answered_at is not None:
            assert PublicationState.PUBLISHED in states
        if one.status in {Status.ANSWERED, Status.CLOSED}:
            assert one.answered_at is not None


async def _check_cards(session: AsyncSession, bodies: dict[int, Body]) -> None:
    cards = await session.execute(select(Card, Incident).join(Incident, Incident.id == Card.incident_id))
    for card, incident in cards:
        if card.state is CardState.DISARMED or card.for_curators:
            continue
        holder = bodies[incident.body_id] if incident.body_id else None
        reviews = incident.status is Status.ON_REVIEW and card.chat_id in {CAROL, VERA}
        assert reviews or (holder is not None and holder.chat_id == card.chat_id)
    there = {
        (card.incident_id, card.chat_id)
        for card in await session.scalars(select(Card).where(Card.state == CardState.LIVE))
    }
    for incident in await session.scalars(select(Incident).where(Incident.status.in_(list(WITH_BODY)))):
        assert incident.body_id is not None
        assert (incident.id, bodies[incident.body_id].chat_id) in there


@ON_SQLITE
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_people_do_the_promises_hold(town: Town, seed: int) -> None:
    async with town.database.writing() as session:
        session.add(
            Membership(
                official_id=town.carol.official_id, role=Role.APPROVER, body_id=town.roads, granted_at=NOON
            )
        )
    walk = Walk(town, random.Random(seed))  # noqa: S311 - dice, not secrets
    for _ in range(STEPS):
        await walk.act()
        async with town.database.reading() as session:
            try:
                await check(walk, session)
            except AssertionError:
                print("\n".join(walk.done[-25:]))  # noqa: T201 - the way that led here
                raise
