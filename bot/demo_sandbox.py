"""The sandbox's control page as the demo uses it: who there is, what residents write, and the figures."""

from types import TracebackType
from typing import Any, Final, Self

import httpx

_TIMEOUT: Final = 60.0  # seconds: the machine may be busy


class SandboxError(Exception):
    """The sandbox refused, or is gone."""


class Sandbox:
    """`async with Sandbox(address) as sandbox`"""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx.AsyncClient(base_url=f"{address}/control", timeout=_TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> dict[str, Any]:
        """Raises: SandboxError."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises: SandboxError."""
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, path, json=body)
            told: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SandboxError(f"the sandbox does not answer {method} {path}: {error!r}") from None
        if answer.is_error:
            raise SandboxError(f"the sandbox refused {method} {path}: {told.get('error')}")
        return told

    async def people_at_work(self, body: dict[str, Any]) -> None:
        """Start the scripted people; returns when they have stopped, which is when the sandbox ends.

        Raises:
            SandboxError: they would not start, or their script broke.
        """
        try:
            async with self._http.stream("POST", "/officials/work", json=body, timeout=None) as answer:
                if answer.is_error:
                    raise SandboxError(f"no scripted people: {(await answer.aread()).decode()}")
                async for _ in answer.aiter_raw():
                    pass
        except httpx.HTTPError as error:
            raise SandboxError(f"the scripted people have stopped: {error!r}") from None

    async def write(self, network: str, offer: dict[str, Any]) -> str:
        """Somebody writes in a network, as its control page takes it; the native id."""
        told = await self.post(f"/{network}/posts", offer)
        return str(told["native_id"])
