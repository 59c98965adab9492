"""Facebook and Instagram in the demo: see bot/demo_networks.py."""

from collections.abc import Sequence
from typing import Any

from bot.demo_networks import Letter, OfficialPage, WithNotices, section
from bot.demo_sandbox import Sandbox


class Facebook(WithNotices):
    name = "facebook"
    searches = False

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        lines = section(
            "collectors.facebook",
            enabled=True,
            api_url=f"{address}/graph",
            every_seconds=seconds,
            tagged_every_seconds=seconds,
        )
        for page in pages:
            lines += section(
                "[collectors.facebook.communities]",
                id=_page(page),
                title=page.title,
                territory=page.territory,
                page_token=f"page-{page.id}-demo",
            )
        return lines

    def place(self, page: OfficialPage) -> dict[str, Any]:
        return {"page_id": _page(page)}

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        for page in pages:
            await _put_page(page, town)

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        # A post on somebody's own wall that names the page is not the page's to comment on by a program.
        more = {"tags": True} if letter.is_for_hands else self.commented(letter)
        await self.write(letter, town, **more)


class Instagram(WithNotices):
    """Residents comment under the accounts' media; what they post themselves, a hashtag finds."""

    name = "instagram"
    searches = True

    def settings(self, pages: Sequence[OfficialPage], *, address: str, seconds: int) -> list[str]:
        lines = section(
            "collectors.instagram",
            enabled=True,
            api_url=f"{address}/graph",
            every_seconds=seconds,
            tagged_every_seconds=seconds,
            hashtags_every_seconds=seconds,
        )
        for page in pages:
            lines += section(
                "[collectors.instagram.accounts]",
                id=_account(page),
                username=page.name,
                title=page.title,
                territory=page.territory,
                page_id=_page(page),
                token=f"account-{page.id}-demo",
            )
        return lines

    def place(self, page: OfficialPage) -> dict[str, Any]:
        return {"page_id": _account(page)}

    async def furnish(self, pages: Sequence[OfficialPage], town: Sandbox) -> None:
        for page in pages:
            await _put_page(page, town)
            about = {"id": _account(page), "name": page.name, "title": page.title, "page_id": _page(page)}
            await town.post("/instagram/pages", {**about, "token": f"account-{page.id}-demo"})

    async def offer(self, letter: Letter, town: Sandbox) -> None:
        author = f"resident_{letter.number + 1}"
        if letter.is_for_hands:
            await self.write(letter, town, author_name=author, text=letter.at_home)
        else:
            await self.write(letter, town, author_name=author, under=self.notices[letter.page.id])


def _page(page: OfficialPage) -> str:
    return str(100_000_000_000_000 + page.id)


def _account(page: OfficialPage) -> str:
    return str(17_841_400_000_000_000 + page.id)


async def _put_page(page: OfficialPage, town: Sandbox) -> None:
    """Once more does no harm: an Instagram account needs its Page too."""
    about = {"id": _page(page), "name": page.name, "title": page.title, "token": f"page-{page.id}-demo"}
    await town.post("/facebook/pages", about)
