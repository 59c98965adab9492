"""Answers under the residents' posts, in a VK that runs here."""

import pytest

from collectors.contract import NetworkError, Outcome, Published, Reply
from tests.collectors.vk_cast import COMMUNITY, SERVICE, Vk

ANSWER = "Яму засыплют до пятницы.\nСпасибо, что написали!"


def reply(post: str, *, text: str = ANSWER, key: str = "answer-17") -> Reply:
    return Reply(post_id=post, root_id=None, text=text, key=key)


async def test_the_community_answers_under_the_very_post(vk: Vk) -> None:
    post = await vk.offers("Яма")
    publisher = vk.publisher()
    published = await publisher.publish(reply(post))
    assert published == Published("wall-1_1_r2", "https://vk.com/wall-1_1?reply=2")
    [received] = (await vk.record())["received"]
    assert {key: received[key] for key in ("under", "text", "guid", "community_id")} == {
        "under": post, "text": ANSWER, "guid": "answer-17", "community_id": 1,
    }  # fmt: skip
    assert await publisher.find(reply(post)) == published


async def test_an_answer_to_a_comment_stands_in_its_thread(vk: Vk) -> None:
    post = await vk.offers("Новости", author="community")
    top = await vk.offers("А у нас яма", under=post)
    nested = await vk.offers("И у нас", under=post, reply_to=top)
    publisher = vk.publisher()
    to_top = await publisher.publish(reply(top, key="1"))
    to_nested = await publisher.publish(reply(nested, key="2"))
    assert to_top.url.endswith("?reply=4&thread=2")
    assert to_nested.url.endswith("?reply=5&thread=2")
    record = await vk.record()
    assert record["answers"] == {top: 1, nested: 1}
    assert await publisher.find(reply(top, key="1")) == to_top
    assert await publisher.find(reply(nested, key="2")) == to_nested
    assert await publisher.find(reply(post)) is None


@pytest.mark.parametrize("trouble", ["hang", "cut", "garbage", "empty", "status"])
async def test_an_answer_that_came_through_unheard_is_found_and_not_doubled(vk: Vk, trouble: str) -> None:
    post = await vk.offers("Яма")
    publisher = vk.publisher(timeout_seconds=0.5)
    await vk.does("faults", kind=trouble, method="wall.createComment", after_work=True)
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.outcome is Outcome.LATER
    assert unknown.value.maybe_done
    found = await publisher.find(reply(post))
    assert found is not None
    again = await publisher.publish(reply(post))
    assert again == found
    record = await vk.record()
    assert (record["answers"], record["doubled"], record["resent"]) == ({post: 1}, [], 1)


async def test_an_answer_that_did_not_come_through_is_not_found(vk: Vk) -> None:
    post = await vk.offers("Яма")
    await vk.does("faults", kind="status", method="wall.createComment")
    publisher = vk.publisher()
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.maybe_done
    assert await publisher.find(reply(post)) is None


async def test_somebody_elses_same_words_are_not_our_answer(vk: Vk) -> None:
    post, other = await vk.offers("Яма"), await vk.offers("Яма в другом месте")
    await vk.offers(ANSWER, under=post, author_name="Шутник")
    publisher = vk.publisher()
    await publisher.publish(reply(other, key="other"))
    assert await publisher.find(reply(post)) is None
    await publisher.publish(reply(post, text="Другой ответ"))
    assert await publisher.find(reply(post)) is None


async def test_an_answer_deleted_by_a_moderator_is_not_found(vk: Vk) -> None:
    post = await vk.offers("Яма")
    publisher = vk.publisher()
    published = await publisher.publish(reply(post))
    await vk.does("delete", native_id=published.native_id)
    assert await publisher.find(reply(post)) is None


@pytest.mark.parametrize(
    "text",
    [
        "  с пробелами по краям \r\n и  внутри \n",
        "Дом 5 < дом 7 & «ёлки» &amp;",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "[id7|Иван], спасибо",
        "половина \ud83d смайлика и \0",
        "я" * 4096,
    ],
)
async def test_any_text_is_published_and_found(vk: Vk, text: str) -> None:
    post = await vk.offers("Яма")
    publisher = vk.publisher()
    published = await publisher.publish(reply(post, text=text))
    assert await publisher.find(reply(post, text=text)) == published


async def test_too_long_a_text_is_refused_before_it_is_sent(vk: Vk) -> None:
    post = await vk.offers("Яма")
    publisher = vk.publisher(text_limit=100)
    assert publisher.text_limit == 100
    with pytest.raises(NetworkError) as refused:
        await publisher.publish(reply(post, text="я" * 101))
    assert refused.value.outcome is Outcome.REFUSED
    assert not (await vk.record())["received"]


async def test_a_forbidden_link_is_told_to_the_official(vk: Vk) -> None:
    await vk.does("communities", id=1, name="gorod", title="Город", links_forbidden=True)
    post = await vk.offers("Яма")
    with pytest.raises(NetworkError) as refused:
        await vk.publisher().publish(reply(post, text="Смотрите https://gorod.ru"))
    assert (refused.value.outcome, refused.value.code) == (Outcome.REFUSED, 222)


async def test_a_vanished_or_closed_post_is_gone(vk: Vk) -> None:
    closed, deleted = await vk.offers("Яма"), await vk.offers("Яма")
    await vk.does("close", native_id=closed)
    await vk.does("delete", native_id=deleted)
    for post, code in ((closed, 213), (deleted, 15)):
        with pytest.raises(NetworkError) as gone:
            await vk.publisher().publish(reply(post))
        assert (gone.value.outcome, gone.value.code) == (Outcome.GONE, code)


@pytest.mark.parametrize(("code", "outcome"), [(5, "stop"), (14, "stop"), (9, "later"), (223, "refused")])
async def test_refusals_keep_their_meaning_over_http(vk: Vk, code: int, outcome: str) -> None:
    post = await vk.offers("Яма")
    await vk.does("faults", kind="error", method="wall.createComment", code=code)
    with pytest.raises(NetworkError) as refused:
        await vk.publisher().publish(reply(post))
    assert (refused.value.outcome, refused.value.code) == (outcome, code)
    assert not refused.value.maybe_done
    assert COMMUNITY not in str(refused.value)


async def test_a_wall_without_a_token_is_not_answered(vk: Vk) -> None:
    with pytest.raises(NetworkError) as refused:
        await vk.publisher().publish(reply("wall-9_1"))
    assert refused.value.outcome is Outcome.NEVER


async def test_on_another_wall_the_named_community_answers(vk: Vk) -> None:
    await vk.does("communities", id=9, name="open", title="Открытые")
    post = (await vk.does("posts", community_id=9, text="Яма"))["native_id"]
    publisher = vk.publisher(answer_elsewhere_as=1)
    published = await publisher.publish(reply(post))
    assert await publisher.find(reply(post)) == published
    [received] = (await vk.record())["received"]
    assert (received["under"], received["community_id"]) == (post, 1)


async def test_a_community_known_by_name_answers_too(vk: Vk) -> None:
    post = await vk.offers("Яма")
    page = {"name": "gorod", "community_token": COMMUNITY}
    publisher = vk.publisher(communities=(page,))
    published = await publisher.publish(reply(post))
    assert published.native_id == "wall-1_1_r2"


async def test_no_token_is_ever_told(vk: Vk, caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of failure, at the most talkative log level."""
    caplog.set_level("DEBUG")
    post = await vk.offers("Яма")
    caplog.clear()
    told = []
    for kind in ("error", "garbage", "cut", "status", "empty", "hang"):
        for method in ("wall.createComment", "wall.getComments"):
            publisher = vk.publisher(timeout_seconds=0.3)
            await vk.does("faults", kind=kind, method=method, after_work=False)
            with pytest.raises(NetworkError) as failed:
                await publisher.publish(reply(post))
                await publisher.find(reply(post))
            told.append(f"{failed.getrepr(chain=True, showlocals=False)}")
    assert len(told) == 12
    text = "".join(told) + caplog.text
    assert COMMUNITY not in text
    assert SERVICE not in text
