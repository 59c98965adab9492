"""The town's wall while people write and delete, VK fails, and the wall is long."""

import json
from typing import Any

import httpx
import pytest

from collectors.contract import NetworkError, Outcome
from tests.collectors.vk_cast import Vk, feeds


def ids(posts: Any) -> set[str]:
    return {post.native_id for post in posts}


@pytest.mark.parametrize("page", [10, 7, 1])
async def test_nothing_is_lost_while_people_go_on_writing(vk: Vk, page: int) -> None:
    """Between any two calls somebody posts, and somebody comments."""
    posts = {await vk.offers(f"Пост {number}") for number in range(25)}
    first = min(posts)
    comments = {await vk.offers(f"Комментарий {number}", under=first) for number in range(25)}
    [wall] = vk.collectors(posts_per_page=page, comments_per_page=page)
    found: set[str] = set()
    for reading in range(60):
        batch = await wall.fetch(vk.cursors.get(wall.feed), now=vk.clock.at)
        vk.cursors[wall.feed] = batch.cursor
        found |= ids(batch.posts)
        if reading < 10:
            posts.add(await vk.offers(f"Ещё пост {reading}"))
            comments.add(await vk.offers(f"Ещё комментарий {reading}", under=first))
        elif not batch.more:
            break
    vk.clock.forward(minutes=1)
    found |= ids(await vk.passage(wall))
    assert found == posts | comments


async def test_a_comment_inserted_between_two_pages_of_comments_hides_none(vk: Vk) -> None:
    post = await vk.offers("Пост")
    old = {await vk.offers(f"Комментарий {number}", under=post) for number in range(30)}

    async def meanwhile(request: httpx.Request) -> None:
        if request.url.path.endswith("wall.getComments"):
            here = vk.world.post(-1, 1)
            assert here is not None
            vk.world.offer_comment(here, from_id=1001, text="И я")

    async with httpx.AsyncClient(event_hooks={"request": [meanwhile]}) as http:
        [wall] = feeds(vk.settings(comments_per_page=10), http)
        found = ids(await vk.passage(wall))
    assert old <= found


async def test_a_comment_deleted_between_two_pages_hides_none(vk: Vk) -> None:
    post = await vk.offers("Пост")
    names = [await vk.offers(f"Комментарий {number}", under=post) for number in range(30)]
    newest = names[-1]
    calls = 0

    async def meanwhile(request: httpx.Request) -> None:
        nonlocal calls
        calls += request.url.path.endswith("wall.getComments")
        if calls == 2 and not vk.world.comment(-1, 31).deleted:
            vk.world.delete(newest)

    async with httpx.AsyncClient(event_hooks={"request": [meanwhile]}) as http:
        [wall] = feeds(vk.settings(comments_per_page=10), http)
        found = ids(await vk.passage(wall))
    assert set(names) - {newest} <= found


async def test_a_post_deleted_between_two_pages_hides_none(vk: Vk) -> None:
    names = [await vk.offers(f"Пост {number}") for number in range(30)]
    [wall] = vk.collectors(posts_per_page=10)
    first = await wall.fetch(None, now=vk.clock.at)
    await vk.does("delete", native_id=names[-1])
    vk.cursors[wall.feed] = first.cursor
    assert ids(first.posts) | ids(await vk.passage(wall)) == set(names)


async def test_comments_that_cannot_be_read_now_are_an_error_and_not_an_empty_reading(vk: Vk) -> None:
    posts = [await vk.offers(f"Пост {number}") for number in range(3)]
    comments = {await vk.offers("Комментарий", under=post) for post in posts}
    [wall] = vk.collectors()
    cursor = (await wall.fetch(None, now=vk.clock.at)).cursor
    await vk.does("faults", kind="error", method="wall.getComments", code=10, times=2)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await wall.fetch(cursor, now=vk.clock.at)
    await vk.does("faults", kind="error", method="wall.getComments", code=10, skip=2)
    part = await wall.fetch(cursor, now=vk.clock.at)  # two are read, and kept; the third one waits
    assert (len(part.posts), part.more) == (2, True)
    rest = await wall.fetch(part.cursor, now=vk.clock.at)
    assert (ids(part.posts) | ids(rest.posts), rest.more) == (comments, False)


async def test_a_failure_half_way_loses_nothing(vk: Vk) -> None:
    """Every second call fails in some way; the reader comes again with the cursor it has."""
    everything = {await vk.offers(f"Пост {number}") for number in range(12)}
    for post in sorted(everything):
        everything.add(await vk.offers("Комментарий", under=post))
    [wall] = vk.collectors(posts_per_page=5)
    found: set[str] = set()
    failures = 0
    for kind in ["status", "garbage", "empty", "cut", "error"] * 20:
        await vk.does("faults", kind=kind, skip=3)
        try:
            batch = await wall.fetch(vk.cursors.get(wall.feed), now=vk.clock.at)
        except NetworkError as error:
            assert error.outcome is Outcome.LATER
            failures += 1
            continue
        vk.cursors[wall.feed] = batch.cursor
        found |= ids(batch.posts)
        if not batch.more:
            break
    assert found == everything
    assert failures > 0


async def test_comments_closed_to_us_do_not_stop_the_wall(vk: Vk) -> None:
    posts = [await vk.offers(f"Пост {number}") for number in range(3)]
    comments = [await vk.offers("Комментарий", under=post) for post in posts]
    await vk.does("faults", kind="error", method="wall.getComments", code=212)
    [wall] = vk.collectors()
    found = ids(await vk.passage(wall))
    assert set(posts) < found
    assert len(found & set(comments)) == 2


@pytest.mark.parametrize("cursor", ["", "{}", "null", "17", '{"since": "вчера"}', "\ud83d"])
async def test_an_unreadable_cursor_means_starting_anew(vk: Vk, cursor: str) -> None:
    post = await vk.offers("Пост")
    [wall] = vk.collectors()
    batch = await wall.fetch(cursor, now=vk.clock.at)
    assert ids(batch.posts) == {post}


async def test_five_thousand_posts_are_read_in_one_passage(vk: Vk) -> None:
    offers = [{"community_id": 1, "text": f"Пост {number}"} for number in range(5000)]
    await vk.does("posts", posts=offers)
    [wall] = vk.collectors(calls_per_second=60, most_pages=100)
    found = await vk.passage(wall)
    assert len(ids(found)) == 5000
    assert len(json.dumps(vk.cursors[wall.feed])) < 1000
