"""The networks that are switched on, connected: one HTTP client each, so that each may have its own proxy."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

import httpx

from bot.faults import ConfigError, Fault
from bot.meter import SpendingMeter
from bot.sections import Settings
from collectors.contract import BotAccess, Connector, Link, Meter, Network, NetworkSettings, Publisher, Tools
from collectors.networks import NETWORKS
from collectors.pushing import Hook
from handlers.context import Clock
from models.database import Database

_CONNECTIONS: Final = httpx.Limits(max_connections=200, max_keepalive_connections=50)


class Networks:
    """`async with Networks(…) as networks:`; clients are closed at the end."""

    def __init__(self, settings: Settings, database: Database, *, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._stack = AsyncExitStack()
        self.connectors: dict[str, Connector] = {}

    async def __aenter__(self) -> Self:
        """Raises: ConfigError: a network is switched on and something is missing."""
        for network, section in enabled(self._settings):
            http = httpx.AsyncClient(
                follow_redirects=False, limits=_CONNECTIONS, proxy=section.proxy or None, trust_env=False
            )
            await self._stack.enter_async_context(http)
            meter = SpendingMeter(self._database, network.name, clock=self._clock)
            tools = Tools(http, meter, bot=bot_access(self._settings))
            self.connectors[network.name] = connected(network, section, tools)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Network → what it pushes."""
        return {name: one.hook for name, one in self.connectors.items() if one.hook is not None}

    @property
    def publishers(self) -> Mapping[str, Publisher]:
        """Network → the way back into it."""
        return {
            name: connector.publisher
            for name, connector in self.connectors.items()
            if connector.publisher is not None
        }


def enabled(settings: Settings) -> Sequence[tuple[Network, NetworkSettings]]:
    """The networks that are switched on, and their sections."""
    pairs = [(network, settings.collectors.of(network.name)) for network in NETWORKS]
    return [(network, section) for network, section in pairs if section.enabled]


def connected(network: Network, section: NetworkSettings, tools: Tools) -> Connector:
    """Raises: ConfigError: something that this network needs is missing."""
    try:
        return network.connect(section, tools)
    except ValueError as error:
        setting, _, words = str(error).partition(" ")
        path = f"collectors.{network.name}.{setting.rstrip(':')}"
        raise ConfigError([Fault("settings", path, words)]) from None


def faults_of_networks(settings: Settings, *, source: str) -> list[Fault]:
    """What is missing in the sections of the networks that are switched on. Calls nobody."""
    faults: list[Fault] = []
    nobody = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    for network, section in enabled(settings):
        try:
            connected(network, section, Tools(nobody, _NoMeter(), bot=bot_access(settings)))
        except ConfigError as error:
            faults += [Fault(source, fault.path, fault.problem) for fault in error.faults]
    return faults


def bot_access(settings: Settings) -> BotAccess | None:
    token = settings.telegram.token
    return BotAccess(settings.telegram.api_url, token) if token is not None else None


class _NoMeter(Meter):
    async def add(self, amount: int) -> None:
        """Nothing is spent."""

    async def this_month(self) -> int:
        return 0


def read_link(url: str) -> Link | None:
    """What a link a person pasted names, in whichever network."""
    return next((link for network in NETWORKS if (link := network.parse_link(url)) is not None), None)
