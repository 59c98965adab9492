"""What reading calls can verify, and what VK tells of a page."""

import httpx
import pytest

from collectors.contract import Check, Connector, NetworkError, Outcome, Page, PageFacts, Watch
from collectors.vk import VkSettings
from tests.collectors.vk_cast import COMMUNITY, SERVICE, Vk, connected


async def looked_up(connector: Connector, page: Page) -> PageFacts:
    assert connector.look_up is not None
    return await connector.look_up(page)


async def checked(connector: Connector) -> dict[str, Check]:
    assert connector.check is not None
    connector.watch(Watch(pages=(Page("1"), Page("", name="zhkh"))))
    return {one.subject: one for one in await connector.check()}


async def test_a_page_is_looked_up_by_name_or_number(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="ЖКХ", verified=True)
    connector = vk.connector()
    for page in (Page("", name="zhkh"), Page("2")):
        assert await looked_up(connector, page) == PageFacts(
            "2", name="zhkh", title="ЖКХ", is_verified=True, can_answer=False, problem="no_token"
        )
    assert await looked_up(connector, Page("1")) == PageFacts(
        "1", name="gorod", title="Город Солнечный", is_verified=False, can_answer=True
    )


async def test_a_token_without_the_right_cannot_answer(vk: Vk) -> None:
    await vk.does("tokens", token=COMMUNITY, kind="community", community_id=1, rights=["manage"])
    facts = await looked_up(vk.connector(), Page("1"))
    assert (facts.can_answer, facts.problem) == (False, "no_wall_right")
    await vk.does("tokens", token=COMMUNITY, kind="service")
    facts = await looked_up(vk.connector(), Page("1"))
    assert facts.can_answer is False
    assert "28" in facts.problem
    assert COMMUNITY not in facts.problem


async def test_a_leaders_own_page_is_looked_up(vk: Vk) -> None:
    head = (await vk.does("users", name="Глава Города", address="glava"))["id"]
    assert await looked_up(vk.connector(), Page(f"id{head}")) == PageFacts(
        f"id{head}",
        name="glava",
        title="Глава Города",
        is_verified=False,
        can_answer=False,
        problem="no_token",
    )


@pytest.mark.parametrize("page", [Page("", name="nobody"), Page("77"), Page("id77")])
async def test_a_page_nobody_has_is_gone(vk: Vk, page: Page) -> None:
    with pytest.raises(NetworkError) as refused:
        await looked_up(vk.connector(), page)
    assert refused.value.outcome is Outcome.GONE


async def test_a_leader_known_by_a_short_address_is_looked_up_too(vk: Vk) -> None:
    head = (await vk.does("users", name="Глава Города", address="glava"))["id"]
    facts = await looked_up(vk.connector(), Page("", name="glava"))
    assert (facts.native_id, facts.title) == (f"id{head}", "Глава Города")


async def test_everything_is_checked_by_reading_alone(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="ЖКХ")
    await vk.offers("Город просыпается")
    before = set(vk.world.record.calls)
    checks = await checked(vk.connector())
    assert {subject: (one.words, one.problem) for subject, one in checks.items()} == {
        "token of Город": ("may write", ""),
        "wall of Город": ("is read, 1 posts", ""),
        "wall of ЖКХ": ("is read, 0 posts", ""),
        "search": ("answers, 1 posts of a day have «город»", ""),
    }
    assert set(vk.world.record.calls) - before == {
        "groups.getById",
        "groups.getTokenPermissions",
        "wall.get",
        "newsfeed.search",
    }


async def test_each_trouble_stands_at_its_own_line(vk: Vk) -> None:
    await vk.does("tokens", token=COMMUNITY, kind="community", community_id=1, rights=["manage"])
    await vk.does("faults", kind="error", code=29, method="newsfeed.search")
    checks = await checked(vk.connector())
    assert checks["token of Город"].problem == "no_wall_right"
    assert checks["wall of Город"].problem == ""
    assert "zhkh" in checks["wall of zhkh"].problem
    assert "29" in checks["search"].problem


async def test_a_token_that_may_write_but_not_listen_is_told_apart(vk: Vk) -> None:
    await vk.does("tokens", token=COMMUNITY, kind="community", community_id=1, rights=["wall"])
    check = (await checked(vk.connector()))["token of Город"]
    assert ("Long Poll" in check.words, check.problem) == (True, "")


async def test_a_refused_service_token_is_told_without_it(vk: Vk) -> None:
    await vk.does("faults", kind="error", code=5, times=-1)
    checks = await checked(vk.connector())
    assert all(one.problem for one in checks.values())
    assert SERVICE not in repr(checks)


async def test_without_a_service_token_nothing_can_be_connected() -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(ValueError, match=r"^service_token "):
            connected(VkSettings(enabled=True), http)


async def test_an_answer_carries_text_alone(vk: Vk) -> None:
    publisher = vk.publisher()
    assert (publisher.photos_limit, publisher.text_limit) == (0, 4096)
    assert publisher.measure("Ёж 👍") == len("Ёж 👍")
    assert publisher.objection("https://gorod.ru @все") == ""


async def test_without_community_tokens_nothing_is_published(vk: Vk) -> None:
    assert vk.connector(communities=({"id": 1},)).publisher is None
