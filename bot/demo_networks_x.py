"""X in the demo: see bot/demo_networks.py."""

from collections.abc import Sequence
from typing import Final

from bot.demo_networks import KEYWORD, Letter, OfficialPage, section
from bot.demo_sandbox import Sandbox
from collectors.contract import Page


class X:
    """One account answers for all pages, where it is mentioned beside them; elsewhere people do."""

    name = "x"
    searches = True
    _OWN: Final = "otklik_demo"
    _BEARER: Final = "app-demo"
    # The sandbox's keys are no secrets.
    _KEYS: Final = {
        "consumer_key": "consumer-demo",
        "consumer_secret": "consumer-secret-demo",
        "access_token": "access-demo",
        "access_secret": "access-secret-demo",
    }

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        return section(
            "collectors.x",
            enabled=True,
            api_url=f"{address}/x",
            bearer_token=self._BEARER,
            account=self._OWN,
            **self._KEYS,
            monthly_budget_dollars=0,
            search_every_seconds=seconds,
            searches_per_window=1_000_000,
            mentions_every_seconds=seconds,
            posts_every_seconds=seconds,
        )

    def registered(self, pages: Sequence[OfficialPage]) -> Sequence[Page]:
        return [Page(self._number(page), page.name, page.title, page.territory) for page in pages]

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        await town.post("/x/accounts", {"name": self._OWN, "title": "Отклик"})
        for page in pages:
            about = {"id": self._number(page), "name": page.name, "title": page.title}
            await town.post("/x/accounts", about)
        await town.post("/x/tokens", {"kind": "app", "token": self._BEARER})
        await town.post("/x/tokens", {"kind": "oauth1", **self._KEYS, "account": self._OWN})
        await town.post("/x/limits", {"mode": "off"})

    async def open(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        """Nothing: residents write posts of their own."""

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        names = [letter.page.name] if letter.is_for_hands else [letter.page.name, self._OWN]
        words = [*(f"@{name}" for name in names), letter.text]
        more = [KEYWORD] if letter.is_for_hands else []
        offer = {"text": " ".join([*words, *more]), "author_name": letter.author}
        await town.write(self.name, offer)

    @staticmethod
    def _number(page: OfficialPage) -> str:
        return str(1_600_000_000_000_000_000 + page.id)
