"""`live-smoke NETWORK`: reading calls only, with the operator's real keys. `networks`: what each can do."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import httpx

from bot.networks import connected
from collectors.contract import (
    BotAccess,
    Check,
    Connector,
    Facts,
    Network,
    NetworkError,
    NetworkSettings,
    Page,
    Tools,
    Watch,
)
from collectors.networks import NETWORKS

_PAGES: Final = 5  # looked up at most
_COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("reads", "reads"),
    ("finds", "finds by keyword"),
    ("answers", "answers"),
    ("edits", "edits its answer"),
    ("push", "push"),
    ("limits", "limits known"),
    ("live", "seen live"),
)


class _Unmetered:
    """What a smoke test spends is cents, and is told by the network itself."""

    async def add(self, amount: int) -> None:
        """Not written down: no database is opened."""

    async def this_month(self) -> int:
        return 0


async def smoke(
    network: Network, section: NetworkSettings, pages: Sequence[Page], *, bot: BotAccess | None = None
) -> AsyncIterator[Check]:
    """What reading calls can verify, one by one. Nothing is written anywhere.

    Raises:
        ConfigError: a key is missing.
    """
    proxy = section.proxy or None
    async with httpx.AsyncClient(follow_redirects=False, proxy=proxy, trust_env=False) as http:
        connector = connected(network, section, Tools(http, _Unmetered(), bot=bot))
        connector.watch(Watch(pages=tuple(pages)))
        if connector.hook is not None and connector.hook.path:
            yield Check("webhook", f"{connector.hook.path} is served where [hooks] says")
        async for check in _keys(connector):
            yield check
        for page in pages[:_PAGES]:
            async for check in _page(connector, page):
                yield check


async def _keys(connector: Connector) -> AsyncIterator[Check]:
    if connector.check is None:
        return
    try:
        for check in await connector.check():
            yield check
    except NetworkError as error:
        yield Check("keys", "refused", problem=str(error))


async def _page(connector: Connector, page: Page) -> AsyncIterator[Check]:
    if connector.look_up is None:
        return
    subject = page.title or page.name or page.native_id
    try:
        facts = await connector.look_up(page)
    except NetworkError as error:
        yield Check(subject, "cannot be looked up", problem=str(error))
        return
    mark = {True: "verified", False: "not verified", None: "verification unknown"}[facts.is_verified]
    answers = {
        True: "our keys may answer",
        False: "answers go by hand",
        None: "whether we may answer is unknown",
    }
    yield Check(
        subject, f"{facts.native_id} {facts.title}, {mark}, {answers[facts.can_answer]}", facts.problem
    )


def table() -> str:
    """The README's table: one row a network, made of `Network.facts`."""
    heads = ["network", *(head for _, head in _COLUMNS)]
    rows = [[network.title, *_cells(network.facts)] for network in NETWORKS]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(lines)


def _cells(facts: Facts) -> list[str]:
    return [str(getattr(facts, name)) or "never" for name, _ in _COLUMNS]
