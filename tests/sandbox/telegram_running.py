"""The emulated Telegram as a test holds it: its world, its address, its answers."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.telegram.world import TelegramWorld

TOKEN = "42:TEST-token"


@dataclass
class Running:
    """The served world, and every Bot API answer it gave: (method, result)."""

    url: str
    world: TelegramWorld
    http: aiohttp.ClientSession
    answers: list[tuple[str, Any]] = field(default_factory=list)

    async def bot(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A raw Bot API call with a JSON body; the whole answer."""
        async with self.http.post(f"{self.url}/bot{TOKEN}/{method}", json=parameters) as reply:
            body: dict[str, Any] = await reply.json()
            assert reply.status == body.get("error_code", 200)
            return body

    async def result(self, method: str, **parameters: Any) -> Any:
        body = await self.bot(method, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **parameters: Any) -> str:
        body = await self.bot(method, **parameters)
        assert not body["ok"], body
        return str(body["description"])

    async def control(self, path: str, **body: Any) -> Any:
        """A POST to /control when there is a body, else a GET."""
        method = "POST" if body else "GET"
        async with self.http.request(method, f"{self.url}/control/{path}", json=body or None) as reply:
            return await reply.json()
