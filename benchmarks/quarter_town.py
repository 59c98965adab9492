"""The town of the simulated quarter: its posts, its bodies, and the people whose presses teach.

Everything goes through the program's own functions on an SQLite file: intake, corrections, assignments, rules.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from classifier.corpus_rows import OFFICIAL, RESIDENT, SPAM, Row
from classifier.held_out import duplicate_groups
from incidents import labels, outcomes, proposals, triage
from incidents.errors import SameBody
from incidents.incoming import FoundPost, Guess
from incidents.intake import TriageRules, take_in
from incidents.people import Actor, actor_of
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from incidents.rubricator import rubricator, topic_of
from models import (
    Base,
    Body,
    ChatState,
    Community,
    Decision,
    Incident,
    LabelField,
    Language,
    Membership,
    Official,
    Post,
    Prediction,
    Role,
    Route,
    Step,
)
from models.database import Database

TERRITORY: Final = "Заречный"
CURATORS: Final = 8
_BODIES: Final = 6
_NEW_BODY: Final = "new_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens in the quarter. Weeks count from 1; shares are of 1.

    `new_topic`: nobody has seen it before week `appears`; then at most one post of `one_new_of` is on it.
    `moved_topic`: from week `moves` on a new body's.
    `wrong`: presses that are simply wrong. The saboteur says `poison` of most posts of `victim` they can get at.
    """

    weeks: int = 13
    posts: int = 250
    new_topic: str = "animals"
    appears: int = 5
    one_new_of: int = 8
    moved_topic: str = "waste"
    moves: int = 8
    wrong: float = 0.1
    victim: str = "transport"
    poison: str = "culture"
    grabs: float = 0.6
    learns: bool = True
    seed: int = 1


def shares(rows: Sequence[Row], plan: Plan) -> tuple[list[Row], list[list[Row]]]:
    """What the shipped model knows, and the posts of each week; none is a repeat of another or of the first."""
    known = [row for row in rows if row.topic != plan.new_topic and (row.group < 0 or row.group % 2 == 0)]
    others = [row for row in rows if row.judged and (row.topic == plan.new_topic or row.group % 2 == 1)]
    groups = duplicate_groups([row.text for row in (*known, *others)])
    first = np.unique(groups, return_index=True)[1]
    flow = [others[at - len(known)] for at in sorted(first) if at >= len(known)]
    dice = random.Random(plan.seed)  # noqa: S311 - a simulation
    dice.shuffle(flow)
    new = [row for row in flow if row.topic == plan.new_topic]
    old = [row for row in flow if row.topic != plan.new_topic]
    each_new = min(len(new) // max(plan.weeks - plan.appears + 1, 1), plan.posts // plan.one_new_of)
    weeks: list[list[Row]] = []
    for week in range(1, plan.weeks + 1):
        fresh = [new.pop() for _ in range(each_new if week >= plan.appears else 0)]
        week_rows = fresh + [old.pop() for _ in range(min(plan.posts - len(fresh), len(old)))]
        dice.shuffle(week_rows)
        weeks.append(week_rows)
    return known, weeks


def body_of(topic: str, plan: Plan, *, week: int) -> str:
    """Whose business it is in that week."""
    if topic == plan.moved_topic and week >= plan.moves:
        return _NEW_BODY
    return f"body{sorted(rubricator()).index(topic) % _BODIES}"


async def build(database: Database, plan: Plan, *, now: datetime) -> list[Actor]:
    """Bodies with live chats, rules as they are in week 1, and the curators, the saboteur last."""
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.writing() as session:
        codes = [*(f"body{number}" for number in range(_BODIES)), _NEW_BODY]
        bodies = {
            code: Body(code=code, name=code, chat_id=1000 + at, chat_state=ChatState.LIVE, created_at=now)
            for at, code in enumerate(codes)
        }
        session.add_all(bodies.values())
        session.add(Community(network="vk", native_id="-1", territory=TERRITORY, added_at=now))
        await session.flush()
        session.add_all(
            Route(topic=topic, body_id=bodies[body_of(topic, plan, week=1)].id) for topic in rubricator()
        )
        for number in range(CURATORS):
            person = Official(
                telegram_id=100 + number, name=f"К{number}", language=Language.RU, created_at=now
            )
            session.add(person)
            await session.flush()
            session.add(Membership(official_id=person.id, role=Role.CURATOR, granted_at=now))
        await install_policies(session, {DEFAULT: Policy(name="24")}, now=now)
        found = [await actor_of(session, 100 + number) for number in range(CURATORS)]
    return [one for one in found if one is not None]


class People:
    """Those who look at posts and press."""

    def __init__(self, plan: Plan, actors: Sequence[Actor], bodies: Mapping[str, int]) -> None:
        self._plan = plan
        self._honest, self._saboteur = actors[:-1], actors[-1]
        self._bodies = bodies
        self._dice = random.Random(plan.seed + 1)  # noqa: S311 - a simulation

    async def take(
        self, session: AsyncSession, row: Row, guess: Guess, *, number: int, week: int, now: datetime
    ) -> tuple[str, bool]:
        """The post comes in and is dealt with. The body suggested first, and whether the program sent it there."""
        found = FoundPost(
            network="vk",
            native_id=f"wall-1_{number}",
            text=row.text,
            url=f"https://vk.com/wall-1_{number}",
            posted_at=now - timedelta(minutes=5),
            community_id="-1",
        )
        incident = await take_in(session, found, guess, rules=TriageRules(), now=now)
        if incident is None:
            raise RuntimeError("a simulated post was not taken in")
        post = await session.scalar(select(Post).where(Post.incident_id == incident.id))
        prediction = await session.scalar(
            select(Prediction).where(Prediction.post_id == (post.id if post else 0))
        )
        if prediction is None:
            raise RuntimeError("a simulated post has no prediction")
        sent = prediction.decision == Decision.ASSIGNED
        if not sent or self._dice.random() < 0.7:  # noqa: PLR2004 - a wrong body is noticed that often
            await self._look(session, incident, row, prediction, now=now)
        await self._settle(session, incident, row, sent=sent, week=week, now=now)
        codes = {number: code for code, number in self._bodies.items()}
        return codes.get(prediction.bodies[0][0], "") if prediction.bodies else "", sent

    async def _look(
        self, session: AsyncSession, incident: Incident, row: Row, prediction: Prediction, *, now: datetime
    ) -> None:
        plan, dice = self._plan, self._dice
        actor, said = dice.choice(self._honest), row.subtopic
        if row.topic == plan.victim and dice.random() < plan.grabs:
            actor, said = self._saboteur, plan.poison
        elif dice.random() < plan.wrong:
            said = dice.choice([one for one in rubricator() if one != row.topic])
        if row.voice != RESIDENT:
            field = {SPAM: LabelField.SPAM, OFFICIAL: LabelField.OFFICIAL}[row.voice]
            await self._record(session, incident, field, "yes", actor, now)
            return
        if topic_of(said) != prediction.topic:
            await self._record(session, incident, LabelField.TOPIC, topic_of(said), actor, now)
            if "." in said:
                await self._record(session, incident, LabelField.SUBTOPIC, said, actor, now)
            incident.topic = topic_of(said)  # as incidents.correcting does, without its cards
        if row.kind != prediction.kind.value and dice.random() < 0.5:  # noqa: PLR2004 - kinds matter less to people
            await self._record(session, incident, LabelField.KIND, row.kind, actor, now)
        if row.needs_answer != prediction.needs_answer:
            said_yes = "yes" if row.needs_answer else "no"
            await self._record(session, incident, LabelField.NEEDS_ANSWER, said_yes, actor, now)

    async def _record(
        self,
        session: AsyncSession,
        incident: Incident,
        field: LabelField,
        value: str,
        actor: Actor,
        now: datetime,
    ) -> None:
        await labels.record(session, incident=incident, field=field, value=value, actor=actor, now=now)

    async def _settle(
        self, session: AsyncSession, incident: Incident, row: Row, *, sent: bool, week: int, now: datetime
    ) -> None:
        """The right body gets it, and answers."""
        if row.voice != RESIDENT or not row.needs_answer:
            return
        body_id = self._bodies[body_of(row.topic, self._plan, week=week)]
        if not sent or incident.body_id != body_id:
            try:
                await triage.assign(
                    session, incident_id=incident.id, body_id=body_id, actor=self._honest[0], now=now
                )
            except SameBody:
                return
        incident.answered_at = now
        await outcomes.judge_step(
            session, incident, Step.SEND, by=self._honest[0].official_id, body_id=body_id, now=now
        )

    async def change_rules(self, session: AsyncSession, *, now: datetime) -> int:
        """A curator follows what the program proposes; how many rules changed."""
        numbers = await proposals.propose(session, now=now)
        for number in numbers:
            await proposals.take(session, number, actor=self._honest[0], now=now)
        return len(numbers)
