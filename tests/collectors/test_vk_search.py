"""Posts found by words, in a VK that runs here."""

from datetime import timedelta

from models.kinds import ReplyCapability
from tests.collectors.vk_cast import Vk


async def test_words_are_found_on_any_wall(vk: Vk) -> None:
    await vk.does("communities", id=9, name="podslushano", title="Подслушано")
    person = (await vk.does("posts", owner_id=5005, author=5005, text="Яма во дворе"))["native_id"]
    group = (await vk.does("posts", community_id=9, text="Снова ЯМА"))["native_id"]
    own = await vk.offers("яма у школы")
    await vk.offers("Про другое")
    _, search = vk.collectors(queries=("яма",))
    found = {one.native_id: one for one in await vk.passage(search)}
    assert set(found) == {person, group, own}
    assert (found[group].community_id, found[group].community_title) == ("9", "Подслушано")
    assert (found[person].community_id, found[person].community_title) == ("", "")
    assert {key: (one.reply_capability, one.reply_reason) for key, one in found.items()} == {
        person: (ReplyCapability.MANUAL, "not_our_wall"),
        group: (ReplyCapability.MANUAL, "not_our_wall"),
        own: (ReplyCapability.API, ""),
    }


async def test_on_other_walls_we_answer_where_communities_may(vk: Vk) -> None:
    await vk.does("communities", id=9, name="open", title="Открытые")
    await vk.does("communities", id=8, name="shut", title="Закрытые", groups_may_comment=False)
    may = (await vk.does("posts", community_id=9, text="Яма"))["native_id"]
    may_not = (await vk.does("posts", community_id=8, text="Яма"))["native_id"]
    _, search = vk.collectors(queries=("яма",), answer_elsewhere_as=1)
    found = {one.native_id: (one.reply_capability, one.reply_reason) for one in await vk.passage(search)}
    assert found == {
        may: (ReplyCapability.API, ""),
        may_not: (ReplyCapability.MANUAL, "groups_not_allowed"),
    }


async def test_the_next_search_goes_on_from_the_last_with_an_overlap(vk: Vk) -> None:
    old = await vk.offers("Яма первая")
    _, search = vk.collectors(queries=("яма",))
    await vk.passage(search)
    vk.clock.forward(minutes=30)
    new = await vk.offers("Яма вторая")
    assert {one.native_id for one in await vk.passage(search)} == {old, new}
    vk.clock.forward(hours=1)
    late = await vk.offers("Яма третья", date=int((vk.clock.at - timedelta(minutes=65)).timestamp()))
    assert {one.native_id for one in await vk.passage(search)} == {new, late}


async def test_more_than_a_thousand_are_found_by_cutting_the_period(vk: Vk) -> None:
    at = int(vk.clock.at.timestamp())
    offers = [{"community_id": 1, "text": f"яма {n}", "date": at - n // 3} for n in range(2500)]
    made = (await vk.does("posts", posts=offers))["posts"]
    _, search = vk.collectors(queries=("яма",))
    found = await vk.passage(search)
    assert {one.native_id for one in found} == {one["native_id"] for one in made}
    assert len(await vk.passage(search)) < 2500


async def test_a_thousand_and_more_in_one_second_do_not_hang_the_search(vk: Vk) -> None:
    await vk.does("posts", posts=[{"community_id": 1, "text": "яма"} for _ in range(1200)])
    before = await vk.offers("яма до того", date=int(vk.clock.at.timestamp()) - 60)
    _, search = vk.collectors(queries=("яма",))
    found = {one.native_id for one in await vk.passage(search)}
    assert before in found
    assert len(found) >= 1001


async def test_the_first_search_looks_back_only_so_far(vk: Vk) -> None:
    await vk.offers("яма старая", date=int((vk.clock.at - timedelta(hours=50)).timestamp()))
    fresh = await vk.offers("яма свежая", date=int((vk.clock.at - timedelta(hours=47)).timestamp()))
    _, search = vk.collectors(queries=("яма",), first_hours=48)
    assert {one.native_id for one in await vk.passage(search)} == {fresh}
