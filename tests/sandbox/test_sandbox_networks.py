"""Every network looks alike to the figures: what links mean, who wrote, what stands, and answers by hand."""

from collections.abc import Callable

import pytest

from sandbox.clock import SandboxClock
from sandbox.graph import FacebookWorld, InstagramWorld
from sandbox.graph.instagram_world import permalink
from sandbox.network_sides import OkSide, VkSide, XSide
from sandbox.network_sides_meta import FacebookSide, InstagramSide
from sandbox.networks import Networks, NetworkSide
from sandbox.ok import OkWorld
from sandbox.vk.world import VkWorld
from sandbox.x.world import XWorld

CLOCK = SandboxClock()
Wrote = tuple[NetworkSide, str, str]


def vk() -> Wrote:
    world = VkWorld(CLOCK)
    world.add_community(name="gorod", title="Город", number=7)
    notice = world.offer_post(owner_id=-7, from_id=-7, text="Пишите сюда")
    comment = world.offer_comment(notice, from_id=world.user("Олег"), text="Яма")
    return VkSide(world), comment.native_id, f"https://vk.com/wall-7_{notice.id}?reply={comment.id}&thread=1"


def ok() -> Wrote:
    world = OkWorld(CLOCK)
    group = world.add_group(name="Город")
    owner = f"group:{group.uid}"
    notice = world.offer_topic(owner=owner, author=owner, text="Пишите сюда")
    comment = world.offer_comment(notice, author=f"user:{world.user('Олег')}", text="Яма")
    return OkSide(world), comment.native_id, f"https://ok.ru/group/{group.uid}/topic/{notice.id}"


def facebook() -> Wrote:
    world = FacebookWorld(CLOCK)
    page = world.add_page(name="gorod", title="Город")
    notice = world.offer_post(page, text="Пишите сюда")
    comment = world.offer_comment(notice, author=world.person("Олег"), text="Яма")
    number = notice.id.partition("_")[2]
    link = f"https://www.facebook.com/{page.id}/posts/{number}?comment_id={comment.id.partition('_')[2]}"
    return FacebookSide(world), comment.id, link


def instagram() -> Wrote:
    world = InstagramWorld(FacebookWorld(CLOCK))
    account = world.add_page(name="gorod", title="Город")
    notice = world.offer_post(account, text="Пишите сюда")
    comment = world.offer_comment(notice, author=world.person("oleg"), text="Яма")
    side = InstagramSide(world)
    return side, comment.id, f"{permalink(notice)}c/{comment.id}/"


def x() -> Wrote:
    world = XWorld(CLOCK)
    page = world.add_account("gorod", "Город", number="1600000000000000001", is_official=True)
    world.offer(page, "Пишите сюда")
    post = world.offer(world.resident("Олег"), "@gorod Яма")
    return XSide(world), post.id, f"https://x.com/intent/post?in_reply_to={post.id}&text=x"


EVERY = pytest.mark.parametrize("wrote", [vk, ok, facebook, instagram, x])


@EVERY
def test_only_what_residents_wrote_is_offered(wrote: Callable[[], Wrote]) -> None:
    side, comment, _ = wrote()
    assert list(side.offered) == [comment]
    assert side.pages == 1


@EVERY
def test_a_link_on_a_card_leads_to_what_was_written(wrote: Callable[[], Wrote]) -> None:
    side, comment, link = wrote()
    assert Networks([side]).find([f"см. {link} и всё"], "№ 1 Яма") == [comment]


@EVERY
def test_an_answer_by_hand_stands_once_and_did_not_come_through_the_api(wrote: Callable[[], Wrote]) -> None:
    side, comment, _ = wrote()
    networks = Networks([side])
    link = networks.answer_by_hand(comment, "Сделаем.")
    assert side.native_of(link)
    assert (dict(side.standing)[comment], list(side.doubled), list(side.received)) == (1, [], [])
    assert networks.by_hand == {comment: "Сделаем."}
    networks.answer_by_hand(comment, "И ещё раз.")
    assert list(side.doubled) == [comment]


@EVERY
def test_a_resident_writes_to_a_page(wrote: Callable[[], Wrote]) -> None:
    side, _, _ = wrote()
    owner = {
        "vk": "-7",
        "ok": "group:53000000000001",
        "facebook": "100000000000001",
        "instagram": "17841400000000001",
        "x": "1600000000000000001",
    }[side.name]
    side.offer(owner, author="Пётр", text="Нет воды")
    written = [native for native in side.offered if (side.words_of(native) or "").endswith("Нет воды")]
    assert len(written) == 1


def test_links_shared_by_comments_are_told_apart_by_the_words_on_the_card() -> None:
    world = OkWorld(CLOCK)
    owner = f"group:{world.add_group(name='Город').uid}"
    notice = world.offer_topic(owner=owner, author=owner, text="Пишите сюда")
    short = world.offer_comment(notice, author="user:1", text="Яма")
    longer = world.offer_comment(notice, author="user:2", text="Яма   на Садовой,\nвторой месяц")
    networks = Networks([OkSide(world)])
    link = f"https://ok.ru/group/{owner[6:]}/topic/{notice.id}"
    assert networks.find([link], "№ 1 Яма · Город") == [short.native_id]
    assert networks.find([link], "№ 2 Яма на Садовой, второй месяц · Город") == [longer.native_id]
    assert networks.find([link], "№ 3 Мусор · Город") == []


def test_an_answer_under_a_persons_topic_counts_for_that_topic() -> None:
    world = OkWorld(CLOCK)
    world.add_group(name="Город")
    found = world.offer_topic(owner="user:5", author="user:5", text="#яма")
    side = OkSide(world)
    side.answer_by_hand(found.native_id, "Сделаем.")
    assert found.native_id.startswith("USER_TOPIC")
    assert dict(side.standing) == {found.native_id: 1}


def test_nobody_answers_what_is_nowhere() -> None:
    side, _, _ = vk()
    with pytest.raises(LookupError):
        Networks([side]).answer_by_hand("wall-7_99", "Сделаем.")
