"""Sandboxes of all networks, a town's database, and the program connected to both.

Time moves when told: pauses between tries are jumped over, and the networks' clients count theirs on the same clock.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.meter import SpendingMeter
from collectors.contract import Connector, Tools
from collectors.graph.client import GraphClients
from collectors.ok.client import OkClient
from collectors.vk.client import VkClient
from collectors.x.client import XClient
from collectors.x.oauth1 import OAuth1
from incidents.people import actor_of
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import Base, Body, ChatState, Language, Membership, Official, Role, Route
from models.database import Database, open_database
from tests.conftest import NOON, MovableClock
from tests.scenarios.network_program import ANNA, Program
from tests.scenarios.network_world import Line, Sandboxes, plain_http, running_sandboxes

Patience = Callable[[Line], float]


@dataclass(frozen=True)
class Stage:
    here: Sandboxes
    lines: dict[str, Line]
    program: Program
    clock: MovableClock


@asynccontextmanager
async def network_stage(
    kinds: Sequence[type[Line]], *, patience: Patience = lambda line: 30.0
) -> AsyncIterator[Stage]:
    """Sandboxes with their pages, and the program connected to each. `patience`: seconds one call may take."""
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="otklik-networks-")))
        here = await stack.enter_async_context(running_sandboxes(clock))
        database = await _town(folder)
        stack.push_async_callback(database.close)
        lines = {kind.network.name: kind(here) for kind in kinds}
        connectors: dict[str, Connector] = {}
        for name, line in lines.items():
            await line.furnish()
            http = await stack.enter_async_context(plain_http())
            tools = Tools(http, SpendingMeter(database, name, clock=clock))
            with clients_on(clock):
                settings = line.settings(timeout_seconds=patience(line))
                connectors[name] = line.network.connect(settings, tools)
        async with database.reading() as session:
            anna = await actor_of(session, ANNA)
        assert anna is not None
        program = Program(database, anna, connectors, clock)
        for name, line in lines.items():
            program.watch(connectors[name], line)
        yield Stage(here, lines, program, clock)


@contextmanager
def clients_on(clock: MovableClock) -> Iterator[None]:
    """Clients made meanwhile count seconds on `clock`, and wait by moving it."""

    async def sleep(seconds: float) -> None:
        clock.forward(seconds=seconds)
        await asyncio.sleep(0)

    def seconds() -> float:
        return clock.now.timestamp()

    made: tuple[tuple[Any, dict[str, Any]], ...] = (
        (VkClient, {"clock": seconds, "sleep": sleep}),
        (OkClient, {"clock": seconds, "sleep": sleep}),
        (GraphClients, {"clock": seconds, "sleep": sleep}),
        (XClient, {"clock": seconds}),
        (OAuth1, {"clock": seconds}),
    )
    with ExitStack() as stack:
        for kind, usual in made:
            stack.enter_context(patch.dict(kind.__init__.__kwdefaults__, usual))
        yield


_TEMPLATE: dict[str, bytes] = {}


async def _town(folder: Path) -> Database:
    """A town where Anna answers for the roads. Its file is made once and copied: that is quicker."""
    path = folder / "town.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    if "town" not in _TEMPLATE:
        database = open_database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await _settle(database)
        await database.close()
        _TEMPLATE["town"] = path.read_bytes()
    else:
        path.write_bytes(_TEMPLATE["town"])
    return open_database(url)


async def _settle(database: Database) -> None:
    async with database.writing() as session:
        roads = Body(code="roads", name="Дороги", chat_id=ANNA, chat_state=ChatState.LIVE, created_at=NOON)
        anna = Official(telegram_id=ANNA, name="Анна", language=Language.RU, created_at=NOON)
        session.add_all([roads, anna])
        await session.flush()
        session.add_all(
            [
                Route(topic="roads", body_id=roads.id),
                Membership(official_id=anna.id, role=Role.OFFICIAL, body_id=roads.id, granted_at=NOON),
            ]
        )
        await install_policies(session, {DEFAULT: Policy(name="24")}, now=NOON)
