"""The program between the networks and the official, gone through step by step."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.collecting import FeedReader
from bot.publication import PublicationDesk
from bot.taking import Taker
from collectors.contract import Batch, Collector, Connector, Published, Publisher, Reply, Watch
from collectors.editing import Editor
from incidents import answering, publishing, responding, revising
from incidents.incoming import Explanation, Guess
from incidents.intake import TriageRules
from incidents.people import Actor
from incidents.wording import Rules, TextRules
from models import Feed, Incident, Post, Publication, PublicationState, Status
from models.database import Database
from tests.conftest import MovableClock
from tests.incidents.conftest import ABOUT_ROADS
from tests.scenarios.network_world import Line

ANNA: Final = 101  # a Telegram id, and so a private chat
OPEN: Final = (PublicationState.WAITING, PublicationState.SENDING)
Doing = Literal["read", "publish", "find", "edit"]


class Roads:
    """A classifier to whom everything is a broken road."""

    model_id = "test"

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        return [ABOUT_ROADS for _ in texts]

    def explain(self, text: str) -> Explanation:
        return Explanation(guess=ABOUT_ROADS, words={})


@dataclass(frozen=True)
class Heard:
    """A refusal that came out of a network's folder."""

    network: str
    doing: Doing
    error: Exception


class HeardCollector:
    """A feed, and a note of every refusal."""

    def __init__(self, inner: Collector, heard: list[Heard]) -> None:
        self._inner, self._heard = inner, heard
        self.network, self.feed = inner.network, inner.feed

    @property
    def every(self) -> timedelta:
        return self._inner.every

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        try:
            return await self._inner.fetch(cursor, now=now)
        except Exception as error:
            self._heard.append(Heard(self.network, "read", error))
            raise


class HeardPublisher:
    """The way back into a network, and a note of every refusal."""

    def __init__(self, inner: Publisher, heard: list[Heard]) -> None:
        self._inner, self._heard = inner, heard
        self.network, self.idempotent = inner.network, inner.idempotent
        self.text_limit, self.photos_limit = inner.text_limit, inner.photos_limit
        self.measure, self.objection = inner.measure, inner.objection

    async def publish(self, reply: Reply) -> Published:
        with self._listening("publish"):
            return await self._inner.publish(reply)

    async def find(self, reply: Reply) -> Published | None:
        with self._listening("find"):
            return await self._inner.find(reply)

    @contextmanager
    def _listening(self, doing: Doing) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._heard.append(Heard(self.network, doing, error))
            raise


class HeardEditor(HeardPublisher):
    """One whose network lets an answer be changed."""

    def __init__(self, inner: Editor, heard: list[Heard]) -> None:
        assert isinstance(inner, Publisher)
        super().__init__(inner, heard)
        self._editor = inner

    async def edit(self, reply: Reply, *, native_id: str) -> None:
        with self._listening("edit"):
            await self._editor.edit(reply, native_id=native_id)


class Program:
    """Everything between the networks and the official, one step at a time."""

    def __init__(
        self, database: Database, anna: Actor, connectors: dict[str, Connector], clock: MovableClock
    ) -> None:
        self.database, self.anna, self.clock = database, anna, clock
        self.heard: list[Heard] = []
        self.publishers: dict[str, Publisher] = {
            name: _heard(one.publisher, self.heard)
            for name, one in connectors.items()
            if one.publisher is not None
        }
        self._feeds: list[Collector] = []
        self._taker = Taker(database, classifier=Roads(), rules=TriageRules(), clock=clock)

    def watch(self, connector: Connector, line: Line) -> None:
        found = connector.watch(Watch(pages=line.pages))
        self._feeds += [HeardCollector(one, self.heard) for one in found]

    async def read(self) -> None:
        """Every feed whose time has come, all at once as in the program."""
        async with asyncio.TaskGroup() as group:
            for collector in self._feeds:
                reader = FeedReader(self.database, collector, taker=self._taker, clock=self.clock)
                group.create_task(self._read(reader))

    async def _read(self, reader: FeedReader) -> None:
        feed = await reader._feed(retry_now=False)  # noqa: SLF001 - one step of its endless loop
        if feed.next_at <= self.clock():
            await reader.read(feed)

    async def accept(self, number: int) -> None:
        async with self.database.writing() as session:
            await responding.accept(session, incident_id=number, actor=self.anna, now=self.clock())

    async def respond(self, words: Callable[[str], str]) -> None:
        """Anna takes what lies before her body, writes `words(network)`, and sends it."""
        rules = {name: _rules(one) for name, one in self.publishers.items()}
        for number, network in await self._waiting_for_words():
            about: dict[str, Any] = {"actor": self.anna, "now": self.clock()}
            async with self.database.writing() as session:
                await self._answer(session, number, words(network), rules, about)

    async def _answer(
        self, session: AsyncSession, number: int, text: str, rules: Rules, about: dict[str, Any]
    ) -> None:
        prompt = await answering.ask_for_answer(
            session, incident_id=number, chat_id=ANNA, thread_id=None, **about
        )
        answer = await answering.write_draft(
            session, prompt=prompt, text=text, photos=(), thread_id=None, **about
        )
        await answering.send_answer(session, answer_id=answer.id, rules=rules, **about)

    async def correct(self, number: int, text: str) -> None:
        """Anna puts other words in place of what stands."""
        rules = {name: _rules(one) for name, one in self.publishers.items()}
        about: dict[str, Any] = {"actor": self.anna, "now": self.clock()}
        async with self.database.writing() as session:
            prompt = await revising.ask_for_revision(
                session, incident_id=number, chat_id=ANNA, thread_id=None, **about
            )
            answer = await revising.write_revision(session, prompt=prompt, text=text, thread_id=None, **about)
            await revising.send_revision(session, answer_id=answer.id, rules=rules, **about)

    async def _waiting_for_words(self) -> list[tuple[int, str]]:
        async with self.database.reading() as session:
            found = await session.execute(
                select(Incident.id, Post.network)
                .join(Post, Post.incident_id == Incident.id)
                .where(Incident.status.in_([Status.ASSIGNED, Status.ACCEPTED, Status.REWORK]))
                .order_by(Incident.id)
            )
            return [(number, network) for number, network in found]

    async def publish(self, *, but: dict[str, Publisher] | None = None) -> None:
        """Until nothing is due. `but`: other ways into some networks than their own."""
        desk = PublicationDesk(self.database, {**self.publishers, **(but or {})}, clock=self.clock)
        while jobs := await desk._claim():  # noqa: SLF001 - one step of its endless loop
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(desk._publish(job))  # noqa: SLF001

    async def look_again(self, **publication: Any) -> None:
        """The person has looked, the answer does not stand: it is withdrawn, to be written again."""
        number = (await self.publication(**publication)).incident_id
        async with self.database.writing() as session:
            await publishing.take_back(
                session, incident_id=number, reason="not there", actor=self.anna, now=self.clock()
            )

    async def posts(self, **where: Any) -> list[Post]:
        return await self._rows(Post, **where)

    async def incident(self, number: int) -> Incident:
        async with self.database.reading() as session:
            return await session.get_one(Incident, number)

    async def incidents(self) -> list[Incident]:
        return await self._rows(Incident)

    async def publication(self, **where: Any) -> Publication:
        """The newest."""
        found: list[Publication] = await self._rows(Publication, **where)
        return found[-1]

    async def feeds(self, **where: Any) -> list[Feed]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Feed).filter_by(**where)))

    async def due(self, network: str) -> list[datetime]:
        """When the program wants to try again what has not gone well."""
        failing = [feed.next_at for feed in await self.feeds(network=network) if feed.failures]
        waiting = await self._rows(Publication, network=network)
        return [*failing, *(one.not_before for one in waiting if one.state in OPEN)]

    async def _rows(self, table: type[Any], **where: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(table).filter_by(**where).order_by(table.id)))


def _heard(publisher: Publisher, heard: list[Heard]) -> Publisher:
    return (
        HeardEditor(publisher, heard) if isinstance(publisher, Editor) else HeardPublisher(publisher, heard)
    )


def _rules(publisher: Publisher) -> TextRules:
    return TextRules(
        limit=publisher.text_limit,
        measure=publisher.measure,
        objection=publisher.objection,
        photos_limit=publisher.photos_limit,
        can_edit=isinstance(publisher, Editor),
    )
