"""Official answers of a group, in an Odnoklassniki that runs here."""

from collections.abc import AsyncIterator

import pytest

from collectors.contract import NetworkError, Outcome, Published, Reply
from tests.collectors.ok_cast import SECRET, TOKEN, TOWN, Ok, an_ok

ANSWER = "Яму засыплют до пятницы.\nСпасибо, что написали!"


@pytest.fixture
async def ok() -> AsyncIterator[Ok]:
    async with an_ok() as here:
        yield here


def reply(post: str, *, text: str = ANSWER) -> Reply:
    return Reply(post_id=post, root_id=None, text=text, key="answer-17")


def url(post: str) -> str:
    return f"https://ok.ru/group/{TOWN}/topic/{post.split(':')[1]}"


@pytest.mark.parametrize("shown_as", ["group", "user"])
async def test_the_group_answers_under_the_very_post(ok: Ok, shown_as: str) -> None:
    """Whether OK signs an official answer by the group or its administrator is not documented."""
    await ok.does("manners", admin_shown_as=shown_as)
    post = await ok.offers("Яма")
    publisher = ok.publisher()
    published = await publisher.publish(reply(post))
    assert published == Published(f"{post}:{published.native_id.rpartition(':')[2]}", url(post))
    [received] = (await ok.record())["received"]
    assert {key: received[key] for key in ("under", "text", "group")} == {
        "under": post, "text": ANSWER, "group": f"group:{TOWN}",
    }  # fmt: skip
    [asked] = await ok.calls("discussions.addDiscussionComment")
    assert asked["as_admin"] == "true"
    assert await publisher.find(reply(post)) == published


async def test_an_answer_to_a_comment_names_it(ok: Ok) -> None:
    post = await ok.offers("Новости", author="community")
    top = await ok.offers("А у нас яма", under=post)
    publisher = ok.publisher()
    published = await publisher.publish(reply(top))
    assert ok.world.shown() == {"answers": {top: [ANSWER]}, "doubled": 0}
    assert await publisher.find(reply(top)) == published
    assert await publisher.find(reply(post)) is None


@pytest.mark.parametrize("trouble", ["hang", "cut", "garbage", "empty", "status"])
async def test_an_answer_that_came_through_unheard_is_found(ok: Ok, trouble: str) -> None:
    post = await ok.offers("Яма")
    publisher = ok.publisher(timeout_seconds=0.3)
    await ok.does("faults", kind=trouble, method="discussions.addDiscussionComment", after_work=True)
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.outcome is Outcome.LATER
    assert unknown.value.maybe_done
    found = await publisher.find(reply(post))
    assert found is not None
    assert found.url == url(post)
    assert ok.world.shown() == {"answers": {post: [ANSWER]}, "doubled": 0}


async def test_an_answer_that_did_not_come_through_is_not_found(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.does("faults", what="http_500", method="discussions.addDiscussionComment")
    publisher = ok.publisher()
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.maybe_done
    assert await publisher.find(reply(post)) is None


async def test_somebody_elses_same_words_are_not_our_answer(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.offers(ANSWER, under=post, author_name="Шутник")
    publisher = ok.publisher()
    assert await publisher.find(reply(post)) is None
    await publisher.publish(reply(post, text="Другой ответ"))
    assert await publisher.find(reply(post)) is None


async def test_an_answer_deleted_by_a_moderator_is_not_found(ok: Ok) -> None:
    post = await ok.offers("Яма")
    publisher = ok.publisher()
    published = await publisher.publish(reply(post))
    await ok.does("delete", native_id=published.native_id)
    assert await publisher.find(reply(post)) is None
    assert ok.world.shown() == {"answers": {}, "doubled": 0}


async def test_an_answer_far_down_a_long_thread_is_found(ok: Ok) -> None:
    post = await ok.offers("Яма")
    publisher = ok.publisher(comments_per_page=3)
    published = await publisher.publish(reply(post))
    for number in range(10):
        await ok.offers(str(number), under=post)
    assert await publisher.find(reply(post)) == published


@pytest.mark.parametrize(
    "text",
    ["  с пробелами по краям \r\n и  внутри \n", "Дом 5 < дом 7 & «ёлки» &amp;", "👩‍👩‍👧‍👦 🏳️‍🌈", "половина \ud83d и \0",
     "я" * 3000],
)  # fmt: skip
async def test_any_text_is_published_and_found(ok: Ok, text: str) -> None:
    post = await ok.offers("Яма")
    publisher = ok.publisher()
    published = await publisher.publish(reply(post, text=text))
    assert await publisher.find(reply(post, text=text)) == published


async def test_too_long_a_text_is_refused_before_it_is_sent(ok: Ok) -> None:
    post = await ok.offers("Яма")
    publisher = ok.publisher()
    assert (publisher.text_limit, publisher.photos_limit, publisher.measure("ёж")) == (3000, 0, 2)
    with pytest.raises(NetworkError) as refused:
        await publisher.publish(reply(post, text="я" * 3001))
    assert refused.value.outcome is Outcome.REFUSED
    assert await ok.calls("discussions.addDiscussionComment") == []


async def test_words_the_filter_refuses_are_told_to_the_official(ok: Ok) -> None:
    await ok.does("manners", censored=["казино"])
    post = await ok.offers("Яма")
    with pytest.raises(NetworkError) as refused:
        await ok.publisher().publish(reply(post, text="Наше казино"))
    assert (refused.value.outcome, refused.value.code) == (Outcome.REFUSED, 454)


async def test_a_vanished_or_closed_post_is_gone(ok: Ok) -> None:
    root = await ok.offers("Новости", author="community")
    comment = await ok.offers("Яма", under=root)
    closed, deleted = await ok.offers("Яма"), await ok.offers("Яма")
    await ok.does("close", native_id=closed)
    await ok.does("delete", native_id=deleted)
    await ok.does("delete", native_id=comment)
    for post, code in ((closed, 455), (deleted, 300), (comment, 140)):
        with pytest.raises(NetworkError) as gone:
            await ok.publisher().publish(reply(post))
        assert (gone.value.outcome, gone.value.code) == (Outcome.GONE, code)
    with pytest.raises(NetworkError) as gone:
        await ok.publisher().find(reply(deleted))
    assert gone.value.outcome is Outcome.GONE


@pytest.mark.parametrize(("rights", "code"), [(["GROUP_CONTENT"], 200), (["VALUABLE_ACCESS"], 200)])
async def test_a_session_without_the_right_stops(ok: Ok, rights: list[str], code: int) -> None:
    post = await ok.offers("Яма")
    await ok.does(
        "tokens", token=TOKEN, application_key="CPUBLICKEY", application_secret=SECRET, rights=rights
    )
    with pytest.raises(NetworkError) as refused:
        await ok.publisher().publish(reply(post))
    assert (refused.value.outcome, refused.value.code) == (Outcome.STOP, code)
    assert not refused.value.maybe_done


async def test_a_user_who_is_no_administrator_stops(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.does(
        "tokens", token=TOKEN, application_key="CPUBLICKEY", application_secret=SECRET, communities=[]
    )
    with pytest.raises(NetworkError) as refused:
        await ok.publisher().publish(reply(post))
    assert (refused.value.outcome, refused.value.code) == (Outcome.STOP, 10)


async def test_a_session_with_a_secret_of_its_own_is_signed_by_it(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.does(
        "tokens", token=TOKEN, application_key="CPUBLICKEY", application_secret=SECRET, session_secret="own-4"
    )
    await ok.publisher(session_secret="own-4", application_secret=None).publish(reply(post))
    with pytest.raises(NetworkError) as refused:
        await ok.publisher().publish(reply(post))
    assert (refused.value.outcome, refused.value.code) == (Outcome.STOP, 104)


async def test_that_the_address_cannot_be_asked_undoes_no_answer(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.does("faults", what="http_500", method="mediatopic.getByIds")
    published = await ok.publisher().publish(reply(post))
    assert published.native_id.startswith(f"{post}:")
    assert published.url.startswith("https://ok.ru/")


async def test_no_secret_is_ever_told(ok: Ok, caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of failure, at the most talkative log level."""
    caplog.set_level("DEBUG")
    post = await ok.offers("Яма")
    caplog.clear()
    told = []
    for kind in ("error", "garbage", "cut", "status", "empty", "hang"):
        for method in ("discussions.addDiscussionComment", "discussions.getComments"):
            publisher = ok.publisher(timeout_seconds=0.3)
            await ok.does("faults", kind=kind, method=method, after_work=False)
            with pytest.raises(NetworkError) as failed:
                await publisher.publish(reply(post))
                await publisher.find(reply(post))
            told.append(f"{failed.getrepr(chain=True, showlocals=False)}")
    assert len(told) == 12
    text = "".join(told) + caplog.text
    assert TOKEN not in text
    assert SECRET not in text
