"""A region with somebody of every role and an incident in every status, for the matrix of permissions."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, NoReturn

from aiogram.types import Update
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import rules
from incidents.errors import IncidentError
from incidents.intake import TriageRules, take_in
from incidents.invitations import invite
from incidents.people import Actor, actor_of
from models import (
    Answer,
    AnswerState,
    Assignment,
    AuditEntry,
    Base,
    Community,
    Incident,
    KeywordRow,
    Language,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    Post,
    Publication,
    PublicationState,
    PublishedHow,
    Role,
    Route,
    RoutingHold,
    Status,
)
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, IRINA, POTHOLE, STRANGER, VERA, Stage, guess
from tests.handlers.permission_begun import Begun, begin

SECRET_TEXT, SECRET_AUTHOR, SECRET_PLACE = "яма-секрет", "Секрет Авторов", "улица Потайная"

CAST: Final = {
    "curator": VERA,
    "official": ANNA,
    "coordinator": 201,
    "approver": IRINA,
    "head": 202,
    "region_head": 203,
    "observer": 204,
    "operator": 205,
    "other_official": BORIS,
    "other_coordinator": 206,
    "two_hats": 208,  # answers for housing, approves for roads, and observes: the sum of it
    "former": 207,
    "stranger": STRANGER,
}
_WRITE: Final = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
_REFUSAL_WRITES: Final = frozenset({"audit", "outbox"})
_NEW_ONES: Final[dict[str, list[tuple[Role, str | None]]]] = {
    "coordinator": [(Role.COORDINATOR, "roads")],
    "head": [(Role.HEAD, "roads")],
    "region_head": [(Role.HEAD, None)],
    "observer": [(Role.OBSERVER, None)],
    "operator": [(Role.OPERATOR, None)],
    "other_coordinator": [(Role.COORDINATOR, "housing")],
    "two_hats": [(Role.OFFICIAL, "housing"), (Role.APPROVER, "roads"), (Role.OBSERVER, None)],
    "former": [],
}
_WITHOUT_BODY: Final = {Status.NEW, Status.REGISTERED, Status.SKIPPED, Status.MERGED, Status.SOURCE_GONE}
# Besides one in every status.
_EXTRA: Final = {
    **{f"alike_{number}": Status.NEW for number in range(4)},
    "act": Status.NEW,
    "batch_0": Status.NEW,
    "batch_1": Status.NEW,
    "private": Status.ACCEPTED,
    "to_review": Status.ANSWERED,
    "by_hand": Status.ANSWERED,
}
_ALIKE: Final = "снова прорвало трубу посреди площади напротив вокзала"
_ANSWER_SENT: Final = {Status.ON_REVIEW, Status.APPROVED, Status.INTERIM, Status.ANSWERED, Status.CLOSED}


@dataclass
class Seen:
    """What one press or message did, though nothing of it was kept."""

    alert: bool = False
    said: str = ""
    refused: list[str] = field(default_factory=list)
    audited: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)  # of the buttons shown
    written: set[str] = field(default_factory=set)  # tables, by all that was not taken back

    @property
    def changed(self) -> list[str]:
        """Tables that a refused press wrote all the same, in whichever transaction."""
        return sorted(self.written - _REFUSAL_WRITES) if self.refused or self.audited else []

    @property
    def works(self) -> bool:
        return not self.alert and not self.refused and not self.audited


@dataclass
class World:
    stage: Stage
    roads: int
    official_ids: dict[str, int]
    actors: dict[str, Actor | None]
    at: dict[Status, int]
    draft: int
    keyword: int
    community: int
    hold: int
    invitation: int
    membership: int
    asked_rule: int
    rule: int
    rule_mark: str
    begun: Begun
    last_row: int
    last_entry: int
    written: set[str] = field(default_factory=set)  # tables, by the transaction under way

    def __post_init__(self) -> None:
        event.listen(self.stage.database.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := _WRITE.match(statement):
            self.written.add(found[1])

    async def press(self, who: str, data: str, *, keeps: bool = False) -> Seen:
        stage, user = self.stage, CAST[who]
        message = stage._message(user, 1, text="…")  # noqa: SLF001 - the stage's own form of a message
        message["from"] = {"id": 42, "is_bot": True, "first_name": "Отклик"}
        query = {"id": "1", "from": stage._user(user), "chat_instance": "x", "message": message, "data": data}  # noqa: SLF001
        return await self._feed(keeps=keeps, callback_query=query)

    async def say(self, who: str, text: str, *, keeps: bool = False) -> Seen:
        stage, user = self.stage, CAST[who]
        message = stage._message(user, 5000, text=text)  # noqa: SLF001
        message["from"] = stage._user(user)  # noqa: SLF001
        length = len(text.split(maxsplit=1)[0])
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self._feed(keeps=keeps, message=message)

    async def rows(self) -> dict[str, list[str]]:
        """Everything that is stored, but for what a refusal may leave."""
        async with self.stage.database.reading() as session:
            return {
                table.name: sorted(map(repr, (await session.execute(select(table))).all()))
                for table in Base.metadata.sorted_tables
                if table.name not in _REFUSAL_WRITES
            }

    async def _feed(self, *, keeps: bool, **told: Any) -> Seen:
        """Every transaction is looked at when it is complete, and then undone: the next case finds the same world.

        `keeps`: it stays, as it would in earnest.
        """
        seen, stage = Seen(), self.stage
        before = len(stage.session.asked)

        @asynccontextmanager
        async def undone() -> AsyncIterator[AsyncSession]:
            try:
                async with stage.database.writing() as session:
                    self.written.clear()
                    try:
                        yield session
                    except IncidentError as refusal:
                        seen.refused.append(type(refusal).__name__)
                        raise
                    await session.flush()
                    await self._look(session, seen)
                    session.expunge_all()  # what the handler still shows keeps its values
                    _undo()
            except _UndoneError:
                pass

        update_ = Update.model_validate({"update_id": 1, **told}, context={"bot": stage.bot})
        await stage.dispatcher.feed_update(
            stage.bot,
            update_,
            transaction=stage.database.writing if keeps else undone,
            reading=stage.database.reading,
            clock=stage.clock,
            house=stage.house,
        )
        for asked in stage.session.asked[before:]:
            seen.alert = seen.alert or bool(getattr(asked, "show_alert", False))
            seen.said += getattr(asked, "text", None) or ""
        return seen

    async def _look(self, session: AsyncSession, seen: Seen) -> None:
        entries = await session.scalars(
            select(AuditEntry).where(
                AuditEntry.id > self.last_entry, AuditEntry.action.in_(["press", "message"])
            )
        )
        seen.audited += [entry.outcome for entry in entries]
        seen.written |= self.written
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.id > self.last_row))
        for row in rows:
            if row.kind in {OutboxKind.TEXT, OutboxKind.EDIT}:
                seen.texts.append(str(row.payload.get("text", "")))
                keyboard = row.payload.get("keyboard") or []
                seen.data += [one["data"] for line in keyboard for one in line if "data" in one]


class _UndoneError(Exception):
    """Ends a transaction that went well without keeping it."""


def _undo() -> NoReturn:
    raise _UndoneError


async def build(stage: Stage) -> World:
    async with stage.database.writing() as session:
        await _people(session, stage)
        anna = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
        assert anna is not None
        found = {status: await _incident(session, stage, status, anna.id) for status in Status}
        draft = await _answer(session, found[Status.ACCEPTED], anna.id, AnswerState.DRAFT)
        extra = {
            name: await _incident(session, stage, status, anna.id, name) for name, status in _EXTRA.items()
        }
        begun = await begin(session, stage, found, extra, anna.id)
        await session.execute(update(Community).values(body_id=stage.bodies["roads"]))
        keyword = KeywordRow(text="яма", added_at=NOON)
        hold = RoutingHold(topic="housing", held_at=NOON)
        session.add_all([keyword, hold])
        await session.flush()
        invitation = await invite(
            session, token="x" * 32, role=Role.OFFICIAL, body_id=stage.bodies["roads"], now=NOON
        )
        line = rules.RuleLine(topic="housing", body_code="roads")
        asked = await rules.ask(session, line, telegram_id=VERA, chat_id=VERA, now=NOON)
        rule = (await session.scalars(select(Route).order_by(Route.id))).first()
        assert rule is not None
        membership = await session.scalar(select(Membership.id).where(Membership.official_id == anna.id))
        ids = {
            name: await session.scalar(select(Official.id).where(Official.telegram_id == who)) or 0
            for name, who in CAST.items()
        }
        actors = {name: await actor_of(session, who) for name, who in CAST.items()}
        community = await session.scalar(select(Community.id)) or 0
        return World(
            stage,
            roads=stage.bodies["roads"],
            official_ids=ids,
            actors=actors,
            at=found,
            draft=draft,
            keyword=keyword.id,
            community=community,
            hold=hold.id,
            invitation=invitation.id,
            membership=membership or 0,
            asked_rule=asked,
            rule=rule.id,
            rule_mark=rules.mark_of(rule),
            begun=begun,
            last_row=await session.scalar(select(func.max(OutboxRow.id))) or 0,
            last_entry=await session.scalar(select(func.max(AuditEntry.id))) or 0,
        )


async def _people(session: AsyncSession, stage: Stage) -> None:
    for name, roles in _NEW_ONES.items():
        person = Official(
            telegram_id=CAST[name], name=name, language=Language.RU, created_at=NOON, is_active=bool(roles)
        )
        session.add(person)
        await session.flush()
        for role, code in roles:
            body_id = stage.bodies[code] if code else None
            session.add(Membership(official_id=person.id, role=role, body_id=body_id, granted_at=NOON))


async def _incident(
    session: AsyncSession, stage: Stage, status: Status, official_id: int, name: str = ""
) -> int:
    """One in this status; what a status needs of answers and publications stands there too."""
    name = name or status.value
    is_alike = name.startswith("alike")
    post = replace(
        POTHOLE,
        native_id=f"wall-1_{name}",
        text=f"{SECRET_TEXT} {_ALIKE if is_alike else name}",
        author_name=SECRET_AUTHOR,
        url=f"https://vk.com/wall-1_{name}",
    )
    judged = replace(guess("roads", sure=0.1 if status is Status.NEW else 0.9), place=SECRET_PLACE)
    incident = await take_in(session, post, judged, rules=TriageRules(), now=NOON)
    assert incident is not None
    if status in {Status.NEW, Status.ASSIGNED}:
        return incident.id
    has_body = status not in _WITHOUT_BODY
    values: dict[str, Any] = {"status": status, "due_at": NOON + timedelta(hours=24), "registered_at": NOON}
    values["body_id"] = stage.bodies["roads"] if has_body else None
    values["official_id"] = official_id if has_body else None
    if status in {Status.ANSWERED, Status.CLOSED}:
        values["answered_at"] = NOON
    assignment = update(Assignment).where(Assignment.incident_id == incident.id)
    ended = {} if has_body else {"ended_at": NOON}
    await session.execute(assignment.values(accepted_at=NOON, accepted_by=official_id, **ended))
    number = incident.id
    await session.execute(update(Incident).where(Incident.id == number).values(**values))
    if status in _ANSWER_SENT:
        answer = await _answer(session, number, official_id, AnswerState.SUBMITTED)
        if status is not Status.ON_REVIEW:
            await _publication(session, number, answer, is_there=status is not Status.APPROVED)
    return number


async def _answer(session: AsyncSession, number: int, official_id: int, state: AnswerState) -> int:
    is_sent = state is AnswerState.SUBMITTED
    answer = Answer(
        incident_id=number,
        version=1,
        state=state,
        text="Яму на улице заделаем до 15 марта. Минтранс",
        photos=[],
        official_id=official_id,
        created_at=NOON,
        submitted_at=NOON if is_sent else None,
    )
    session.add(answer)
    await session.flush()
    return answer.id


async def _publication(session: AsyncSession, number: int, answer_id: int, *, is_there: bool) -> None:
    post_id = await session.scalar(select(Post.id).where(Post.incident_id == number))
    assert post_id is not None
    session.add(
        Publication(
            incident_id=number,
            answer_id=answer_id,
            post_id=post_id,
            network="vk",
            state=PublicationState.PUBLISHED if is_there else PublicationState.BY_HAND,
            how=PublishedHow.PROGRAM if is_there else None,
            key=f"matrix-{number}",
            not_before=NOON,
            url="https://vk.com/wall-1_2?reply=3" if is_there else None,
            published_at=NOON if is_there else None,
        )
    )
    await session.flush()
