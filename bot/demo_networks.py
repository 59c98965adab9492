"""The demo's networks: how each is furnished, which settings open it, and how a resident writes there.

In every network but VK each fourth message is one that the program may not answer itself (a find by hashtag, a post
on somebody's own page): there a person answers, and brings the link.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Protocol

from bot.demo_sandbox import Sandbox
from collectors.contract import Page

KEYWORD: Final = "#обращение"  # what hashtag searches are to find
COMMENT_SHARE: Final = 0.3
_NOTICE: Final = "{title}: вопросы и обращения — в комментариях"
_BY_HAND_EVERY: Final = 4
_BY_HAND_TURN: Final = 1
SERVICE_TOKEN: Final = "service-demo"  # noqa: S105 - the sandbox's tokens are no secrets


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """An official page of the place; each network makes an address of its own out of `id`."""

    id: int
    name: str
    title: str
    territory: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What one resident writes. `turn` counts the messages of one network from 0."""

    page: OfficialPage
    text: str
    number: int
    turn: int
    luck: Random

    @property
    def author(self) -> str:
        return f"Житель {self.number + 1}"

    @property
    def at_home(self) -> str:
        """The same words on one's own page: where it is, and a hashtag."""
        return " ".join(part for part in (self.page.territory, self.text, KEYWORD) if part)

    @property
    def is_for_hands(self) -> bool:
        return self.turn % _BY_HAND_EVERY == _BY_HAND_TURN


class DemoNetwork(Protocol):
    """One network of the demo. `searches`: it finds what has `KEYWORD`."""

    name: str
    searches: bool

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        """Lines of config.toml. `seconds` between two readings; quotas are off."""
        ...

    def registered(self, pages: Sequence[OfficialPage]) -> Sequence[Page]:
        """The pages that config.toml has no place for: they go into the registry."""
        ...

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        """Pages, and what opens them."""
        ...

    async def open(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        """What the pages themselves write before anybody else does."""
        ...

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        """A resident writes."""
        ...


class WithNotices:
    """Pages that begin with a post of their own, under which residents comment."""

    name = ""

    def __init__(self) -> None:
        self.notices: dict[int, str] = {}

    def place(self, page: OfficialPage) -> dict[str, Any]:
        """How an offer names the page."""
        return {"community_id": page.id}

    def registered(self, pages: Sequence[OfficialPage]) -> Sequence[Page]:
        return ()

    async def open(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        for page in pages:
            notice = {
                **self.place(page),
                "author": "community",
                "text": _NOTICE.format(title=page.title),
            }
            self.notices[page.id] = await town.write(self.name, notice)

    async def write(self, letter: Letter, town: Sandbox, **more: Any) -> None:
        offer = {**self.place(letter.page), "text": letter.text, "author_name": letter.author, **more}
        await town.write(self.name, offer)

    def commented(self, letter: Letter) -> dict[str, Any]:
        """Some write under the page's own post."""
        return {"under": self.notices[letter.page.id]} if letter.luck.random() < COMMENT_SHARE else {}


class Vk(WithNotices):
    name = "vk"
    searches = False

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        lines = section(
            "collectors.vk",
            enabled=True,
            api_url=f"{address}/vk",
            service_token=SERVICE_TOKEN,
            every_seconds=seconds,
            walls_per_day=0,
            calls_per_second=60,
        )
        for page in pages:
            lines += section(
                "[collectors.vk.communities]",
                id=page.id,
                title=page.title,
                territory=page.territory,
                community_token=self._token(page),
            )
        return lines

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        await town.post("/vk/tokens", {"token": SERVICE_TOKEN, "kind": "service"})
        for page in pages:
            about = {"id": page.id, "name": page.name, "title": page.title, "token": self._token(page)}
            await town.post("/vk/communities", about)

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        await self.write(letter, town, **self.commented(letter))

    @staticmethod
    def _token(page: OfficialPage) -> str:
        return f"community-{page.id}-demo"


class Ok(WithNotices):
    """One administrator of all groups. Answers are switched on: the sandbox has the method."""

    name = "ok"
    searches = True
    _KEYS: Final = {"application_key": "CDEMO", "application_secret": "secret-demo"}
    _TOKEN: Final = "administrator-demo"  # noqa: S105 - the sandbox's tokens are no secrets

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        return section(
            "collectors.ok",
            enabled=True,
            api_url=f"{address}/ok/fb.do",
            **self._KEYS,
            access_token=self._TOKEN,
            answers=True,
            every_seconds=seconds,
            search_every_seconds=seconds,
            calls_per_second=60,
        )

    def registered(self, pages: Sequence[OfficialPage]) -> Sequence[Page]:
        return [Page(self._number(page), page.name, page.title, page.territory) for page in pages]

    def place(self, page: OfficialPage) -> dict[str, Any]:
        return {"community_id": self._number(page)}

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        for page in pages:
            about = {"id": self._number(page), "name": page.name, "title": page.title}
            await town.post("/ok/communities", about)
        await town.post("/ok/tokens", {"token": self._TOKEN, **self._KEYS})

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        if letter.is_for_hands:  # on the person's own page
            await town.write(self.name, {"text": letter.at_home, "author_name": letter.author})
        else:
            await self.write(letter, town, **self.commented(letter))

    @staticmethod
    def _number(page: OfficialPage) -> str:
        return str(53_000_000_000_000 + page.id)


def section(heading: str, /, **values: Any) -> list[str]:
    """A section of config.toml: a JSON string, number or boolean is one of TOML too."""
    return [
        "",
        f"[{heading}]",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()),
    ]
