"""A region with one body and the people around it, and an emulated Telegram over real HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import Body, ChatState, Language, Membership, Official, Role, Route
from models.database import Database
from sandbox.clock import SandboxClock
from sandbox.telegram import server
from sandbox.telegram.world import TelegramWorld
from tests.bot.bot_stage import ANNA, BORIS, NAMES, OLGA, TOKEN, VERA, Served
from tests.conftest import NOON


@pytest.fixture
async def region(database: Database) -> Database:
    """Anna answers for roads in her private chat, Boris for housing; Vera is the curator, Olga the operator."""
    async with database.writing() as session:
        roads = Body(code="roads", name="Дороги", chat_id=ANNA, chat_state=ChatState.LIVE, created_at=NOON)
        housing = Body(code="housing", name="ЖКХ", chat_id=BORIS, chat_state=ChatState.LIVE, created_at=NOON)
        session.add_all([roads, housing])
        await session.flush()
        session.add(Route(topic="roads", body_id=roads.id))
        for who, role, body in (
            (ANNA, Role.OFFICIAL, roads),
            (BORIS, Role.OFFICIAL, housing),
            (VERA, Role.CURATOR, None),
            (OLGA, Role.OPERATOR, None),
        ):
            person = Official(telegram_id=who, name=NAMES[who], language=Language.RU, created_at=NOON)
            session.add(person)
            await session.flush()
            session.add(
                Membership(
                    official_id=person.id, role=role, body_id=body.id if body else None, granted_at=NOON
                )
            )
        await install_policies(session, {DEFAULT: Policy(name="24")}, now=NOON)
    return database


@pytest.fixture
async def telegram() -> AsyncIterator[Served]:
    """Everybody has started the bot; what they wrote for that is no update any more."""
    world = TelegramWorld(SandboxClock(), token=TOKEN, limits="count")
    for who, name in NAMES.items():
        world.create_user(who, first_name=name)
        world.start(who)
    app = web.Application()
    server.add_routes(app, world)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Served(f"http://127.0.0.1:{runner.addresses[0][1]}", world)
    world.close()
    await runner.cleanup()
