"""The town's wall, read from a VK that runs here."""

from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from collectors.contract import NetworkError, Outcome
from models.kinds import ReplyCapability
from tests.collectors.vk_cast import COMMUNITY, SERVICE, Vk, feeds


def ids(posts: Any) -> set[str]:
    return {post.native_id for post in posts}


async def test_a_post_and_its_comments_arrive_with_their_names_and_links(vk: Vk) -> None:
    post = await vk.offers("Яма на Ленина", author_name="Анна Петрова", photos=["https://p.ru/1.jpg"])
    comment = await vk.offers("И у нас", under=post, author_name="Борис")
    inner = await vk.offers("Где?", under=post, reply_to=comment)
    [wall] = vk.collectors()
    found = {one.native_id: one for one in await vk.passage(wall)}
    assert set(found) == {"wall-1_1", "wall-1_1_r2", "wall-1_1_r3"} == {post, comment, inner}
    first = found[post]
    assert (first.text, first.author_name, first.photos) == (
        "Яма на Ленина",
        "Анна Петрова",
        ("https://p.ru/1.jpg",),
    )
    assert (first.community_id, first.community_title) == ("1", "Город")
    assert (first.root_id, first.parent_id, first.posted_at) == (None, None, vk.clock.at)
    assert (found[comment].root_id, found[comment].parent_id) == (post, None)
    assert (found[inner].root_id, found[inner].parent_id) == (post, comment)
    assert [found[key].url for key in (post, comment, inner)] == [
        "https://vk.com/wall-1_1",
        "https://vk.com/wall-1_1?reply=2",
        "https://vk.com/wall-1_1?reply=3&thread=2",
    ]
    assert {one.reply_capability for one in found.values()} == {ReplyCapability.API}
    assert not any(one.by_community for one in found.values())


async def test_what_an_official_page_writes_is_marked(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="ЖКХ")
    post = await vk.offers("Объявление", author="community")
    answer = await vk.offers("Ответ", under=post, author=-2)
    stranger = await vk.offers("Спасибо", under=post, author=-77)
    settings = {"communities": ({"id": 1, "name": "gorod"}, {"id": 2})}
    wall, _ = vk.collectors(**settings)
    marks = {one.native_id: one.by_community for one in await vk.passage(wall)}
    assert marks == {post: True, answer: True, stranger: False}


async def test_an_old_pinned_post_hides_nothing(vk: Vk) -> None:
    old = int((vk.clock.at - timedelta(days=400)).timestamp())
    pinned = await vk.offers("Правила группы", pinned=True, date=old)
    fresh = [await vk.offers(f"Жалоба {number}") for number in range(3)]
    [wall] = vk.collectors(posts_per_page=1)
    assert ids(await vk.passage(wall)) == set(fresh)
    vk.clock.forward(minutes=30)
    under_pinned = await vk.offers("Спросить можно тут?", under=pinned)
    newest = await vk.offers("Ещё яма")
    assert {under_pinned, newest} <= ids(await vk.passage(wall))


async def test_only_the_last_hours_are_taken_at_first(vk: Vk) -> None:
    await vk.offers("Старое", date=int((vk.clock.at - timedelta(hours=30)).timestamp()))
    fresh = await vk.offers("Новое")
    [wall] = vk.collectors(first_hours=24)
    assert ids(await vk.passage(wall)) == {fresh}


async def test_new_comments_under_a_post_of_last_week_are_found_by_their_number(vk: Vk) -> None:
    posts = [await vk.offers(f"Пост {number}", author="community") for number in range(4)]
    [wall] = vk.collectors()
    await vk.passage(wall)
    vk.clock.forward(days=3)
    await vk.passage(wall)
    vk.clock.forward(minutes=1)
    before = Counter(vk.world.record.calls)
    comment = await vk.offers("Третий день нет воды", under=posts[2])
    assert comment in ids(await vk.passage(wall))
    made = Counter(vk.world.record.calls) - before
    assert made == {"wall.get": 1, "wall.getComments": 1}


async def test_a_long_thread_is_read_whole(vk: Vk) -> None:
    post = await vk.offers("Обсуждаем")
    top = await vk.offers("Первый", under=post)
    inner = [await vk.offers(f"Ответ {number}", under=post, reply_to=top) for number in range(45)]
    [wall] = vk.collectors(comments_per_page=20)
    found = await vk.passage(wall)
    assert ids(found) == {post, top, *inner}
    assert all(len(one.text) < 20 for one in found)


async def test_texts_are_whole_and_storable(vk: Vk) -> None:
    texts = {
        "long": "я" * 16_000,
        "emoji": "Спасибо 👩‍👩‍👧‍👦🏳️‍🌈",
        "alone": "половина \ud83d смайлика",
        "nul": "до\0после",
        "html": "<b>&amp; 1 < 2</b>",
        "mention": "[id7|Иван Петров], а [club1|Город] молчит",
        "empty": "",
    }
    post = await vk.offers("Тексты")
    natives = {key: await vk.offers(text, under=post) for key, text in texts.items()}
    [wall] = vk.collectors()
    found = {one.native_id: one.text for one in await vk.passage(wall)}
    shown = {key: found[native] for key, native in natives.items()}
    assert shown == {
        **texts,
        "alone": "половина \ufffd смайлика",
        "nul": "допосле",
        "mention": "Иван Петров, а Город молчит",
    }


async def test_deleted_comments_are_not_brought_and_their_threads_are(vk: Vk) -> None:
    post = await vk.offers("Пост")
    lonely, top = await vk.offers("Зря", under=post), await vk.offers("Тоже зря", under=post)
    inner = await vk.offers("А я отвечу", under=post, reply_to=top)
    await vk.does("delete", native_id=lonely)
    await vk.does("delete", native_id=top)
    [wall] = vk.collectors()
    assert ids(await vk.passage(wall)) == {post, inner}


async def test_an_edited_post_comes_again_with_its_new_text(vk: Vk) -> None:
    post = await vk.offers("Яма на Лнина")
    [wall] = vk.collectors()
    await vk.passage(wall)
    vk.clock.forward(minutes=20)
    await vk.offers("Другое")
    await vk.passage(wall)
    vk.clock.forward(minutes=20)
    await vk.does("edit", native_id=post, text="Яма на Ленина")
    again = {one.native_id: one for one in await vk.passage(wall)}
    assert again[post].text == "Яма на Ленина"
    assert again[post].edited_at == vk.clock.at


async def test_an_edited_comment_is_found_within_the_hour(vk: Vk) -> None:
    post = await vk.offers("Пост")
    comment = await vk.offers("Нет светаа", under=post)
    [wall] = vk.collectors()
    await vk.passage(wall)
    vk.clock.forward(minutes=61)
    await vk.passage(wall)
    await vk.does("edit", native_id=comment, text="Нет света")
    vk.clock.forward(minutes=61)
    found = {one.native_id: one.text for one in await vk.passage(wall)}
    assert found[comment] == "Нет света"


async def test_a_closed_door_says_why(vk: Vk) -> None:
    open_post = await vk.offers("Открыто")
    closed_post = await vk.offers("Закрыто")
    comment = await vk.offers("Успел", under=closed_post)
    await vk.does("close", native_id=closed_post)
    without_token = ({"id": 1, "name": "gorod"},)
    [wall] = vk.collectors(communities=without_token)
    found = {one.native_id: (one.reply_capability, one.reply_reason) for one in await vk.passage(wall)}
    assert found == {
        open_post: (ReplyCapability.MANUAL, "no_token"),
        closed_post: (ReplyCapability.IMPOSSIBLE, "comments_closed"),
        comment: (ReplyCapability.IMPOSSIBLE, "comments_closed"),
    }


async def test_a_page_known_by_name_is_asked_of_vk_once(vk: Vk) -> None:
    post = await vk.offers("Привет")
    page = {"name": "https://vk.com/Gorod", "community_token": COMMUNITY, "territory": "Солнечный"}
    [wall] = vk.collectors(communities=(page,))
    [found] = await vk.passage(wall)
    await vk.passage(wall)
    assert wall.feed == "vk:wall:gorod"
    assert (found.native_id, found.community_title, found.reply_capability) == (
        post, "Город Солнечный", ReplyCapability.API,
    )  # fmt: skip
    assert found.territory == "Солнечный"
    assert vk.world.record.calls["groups.getById"] == 1


async def test_a_name_nobody_has_stops_the_feed(vk: Vk) -> None:
    [wall] = vk.collectors(communities=({"name": "nobody"},))
    with pytest.raises(NetworkError) as refused:
        await wall.fetch(None, now=vk.clock.at)
    assert refused.value.outcome in {Outcome.STOP, Outcome.NEVER}


async def test_the_reader_asks_politely(vk: Vk) -> None:
    """Whole texts, names at once, the token in the body."""
    post = await vk.offers("Пост")
    await vk.offers("Комментарий", under=post)
    seen: list[httpx.Request] = []

    async def look(request: httpx.Request) -> None:
        seen.append(request)

    async with httpx.AsyncClient(event_hooks={"request": [look]}) as http:
        [wall] = feeds(vk.settings(), http)
        await vk.passage(wall)
    forms = [parse_qs(request.content.decode()) for request in seen]
    assert all(form["access_token"] == [SERVICE] and form["extended"] == ["1"] for form in forms)
    assert [form["preview_length"] for form in forms if "preview_length" in form] == [["0"]]
    assert not any(SERVICE in str(request.url) for request in seen)
