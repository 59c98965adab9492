"""What the program lends to a network that costs nothing: telegram, rss, webform."""

import httpx

from collectors.contract import BotAccess, Meter, Tools


class FreeMeter(Meter):
    async def add(self, amount: int) -> None:
        raise AssertionError("nothing is paid for here")

    async def this_month(self) -> int:
        raise AssertionError("nothing is paid for here")


def tools(http: httpx.AsyncClient, *, bot: BotAccess | None = None) -> Tools:
    return Tools(http, FreeMeter(), bot=bot)
