"""Webhooks: what a network pushes is stored before the network hears that it was taken.

Behind a TLS proxy of the operator's; this server speaks plain HTTP.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from collectors.pushing import Hook, Pushed
from handlers.context import Clock
from models import PushRow
from models.database import Database

_log = logging.getLogger(__name__)

MAX_BODY: Final = 1024 * 1024  # bytes
_PATIENCE: Final = 8.0  # seconds for storing; VK waits about ten for an answer
_COME_AGAIN: Final = "30"  # seconds, in Retry-After
_LONGEST_KEY: Final = 128  # characters: the column's


class HooksServer:
    """One route a hook. `run` until cancelled."""

    def __init__(
        self, database: Database, hooks: Mapping[str, Hook], *, host: str, port: int, clock: Clock
    ) -> None:
        """`hooks`: network → its webhook. Port 0 takes any free one, see `address`."""
        self._database = database
        self._hooks = hooks
        self._host = host
        self._port = port
        self._clock = clock
        self._storage_fails = False
        self._addresses: Sequence[Any] = ()
        self.ready = asyncio.Event()

    @property
    def address(self) -> str:
        """Where it listens, e.g. "http://127.0.0.1:8082"; known once `ready` is set."""
        host, port = self._addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def run(self) -> None:
        """Serve until cancelled.

        Raises:
            OSError: the port is taken.
        """
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=_PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            self._addresses = runner.addresses
            self.ready.set()
            _log.info("webhooks are served at %s: %s", self.address, ", ".join(sorted(self._hooks)))
            await asyncio.get_running_loop().create_future()
        finally:
            await runner.cleanup()

    def app(self) -> web.Application:
        """The routes alone."""
        app = web.Application(client_max_size=MAX_BODY)
        for network, hook in self._hooks.items():
            app.router.add_route("*", hook.path, self._handler(network, hook))
        return app

    def _handler(self, network: str, hook: Hook) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            body = await request.read()  # aiohttp answers 413 to more than MAX_BODY
            headers = {name.lower(): value for name, value in request.headers.items()}
            answer = hook.receive(request.method, dict(request.query), headers, body, now=self._clock())
            if answer.store and answer.status < HTTPStatus.BAD_REQUEST:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        await self._store(network, answer.store)
                except (SQLAlchemyError, OSError) as error:  # a TimeoutError is an OSError
                    return self._refused(error)
                self._storage_fails = False
            return web.Response(
                status=answer.status, text=answer.text, content_type=_content_type(answer.text)
            )

        return handle

    async def _store(self, network: str, events: Sequence[Pushed]) -> None:
        """All or none; an event known already is left as it is."""
        now = self._clock()
        values = [
            {
                "network": network,
                "key": _fitting(event.key),
                "body": event.body,
                "received_at": now,
                "not_before": now,
                "attempts": 0,
                "error": "",
            }
            for event in events
        ]
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        async with self._database.writing() as session:
            await session.execute(insert(PushRow).values(values).on_conflict_do_nothing())

    def _refused(self, error: Exception) -> web.Response:
        """The network keeps the event and comes again: every network that pushes does."""
        if not self._storage_fails:
            _log.error("what networks push cannot be stored, they are asked to come again: %s", error)
        self._storage_fails = True
        return web.Response(
            status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": _COME_AGAIN}, text="later"
        )


def _fitting(key: str) -> str:
    """A key the column takes; another's digest is as good a name."""
    if len(key) <= _LONGEST_KEY and key.isprintable():
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _content_type(text: str) -> str:
    """Networks want plain words (VK, Graph) or an object (X's challenge)."""
    return "application/json" if text.startswith("{") else "text/plain"
