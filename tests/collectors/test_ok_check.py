"""What is verified by reading: keys, groups, and answers a person wrote by hand."""

from collections.abc import AsyncIterator

import pytest

from collectors.contract import Check, Link, NetworkError, Outcome, Page, PageFacts, Published, Reply, Watch
from tests.collectors.ok_cast import KEY, PAGES, SCHOOL, SECRET, TOKEN, TOWN, Ok, an_ok

WRITING = {"discussions.addDiscussionComment", "discussions.editDiscussionComment", "mediatopic.post"}


@pytest.fixture
async def ok() -> AsyncIterator[Ok]:
    async with an_ok() as here:
        yield here


async def look_up(ok: Ok, page: Page, *, answers: bool = True) -> PageFacts:
    ask = ok.connector(answers=answers).look_up
    assert ask is not None
    return await ask(page)


async def verified(ok: Ok, link: str, under: str, text: str = "") -> Published | None:
    verify = ok.connector(answers=False).verify_link
    assert verify is not None
    return await verify(Link("ok", link), Reply(post_id=under, root_id=None, text=text, key="k"))


async def check(ok: Ok, **changes: bool) -> list[Check]:
    connector = ok.connector(**changes)
    connector.watch(Watch(PAGES))
    assert connector.check is not None
    return list(await connector.check())


async def test_a_group_is_looked_up_by_name_or_number(ok: Ok) -> None:
    facts = PageFacts(SCHOOL, "shkola", "Школа № 1", None, can_answer=True)
    assert await look_up(ok, Page("", "shkola")) == facts
    assert await look_up(ok, Page(SCHOOL)) == facts
    assert (await look_up(ok, Page(SCHOOL), answers=False)).problem == "switched_off"
    for nobody in (Page("", "net_takoy"), Page("99")):
        with pytest.raises(NetworkError) as gone:
            await look_up(ok, nobody)
        assert gone.value.outcome is Outcome.GONE


async def test_a_group_we_do_not_administer_is_told(ok: Ok) -> None:
    await ok.does("tokens", token=TOKEN, application_key=KEY, application_secret=SECRET, communities=[TOWN])
    assert (await look_up(ok, Page(TOWN))).can_answer is True
    other = await look_up(ok, Page(SCHOOL))
    assert (other.can_answer, other.problem) == (False, "not_admin")


async def test_the_check_names_what_is_well_and_what_is_not(ok: Ok) -> None:
    found = {one.subject: one for one in await check(ok)}
    assert list(found) == [
        "users.getCurrentUser", "users.getCallsLeft", "Город", "shkola", "discussions.addDiscussionComment",
    ]  # fmt: skip
    assert {one.problem for one in found.values()} == {""}
    assert "Администратор Группы" in found["users.getCurrentUser"].words
    await ok.does("limits", methods={"search.tagContents": 0})
    await ok.does("tokens", token=TOKEN, application_key=KEY, application_secret=SECRET, communities=[TOWN])
    found = {one.subject: one for one in await check(ok)}
    assert found["users.getCallsLeft"].problem == "search.tagContents"
    assert (found["Город"].problem, found["shkola"].problem) == ("", "not_admin")
    assert [one.problem for one in await check(ok, answers=False)][-1] == "switched_off"


async def test_the_check_of_a_dead_token_ends_at_once(ok: Ok) -> None:
    await ok.does("tokens", token=TOKEN, application_key=KEY, application_secret=SECRET, expired=True)
    [only] = await check(ok)
    assert "102" in only.problem
    assert TOKEN not in only.problem


async def test_the_check_writes_nothing(ok: Ok) -> None:
    await ok.offers("Яма")
    await check(ok)
    assert not WRITING & set((await ok.record())["calls"])


async def test_an_answer_by_hand_is_recognised_in_its_topic(ok: Ok) -> None:
    post, other = await ok.offers("Яма"), await ok.offers("Другая яма")
    assert await verified(ok, post, post) is None
    await ok.offers("Тоже хочу знать", under=post)
    assert await verified(ok, post, post) is None
    answer = await ok.offers("Засыплем в пятницу", under=post, author="community")
    published = Published(answer, f"https://ok.ru/group/{TOWN}/topic/{post.split(':')[1]}")
    assert await verified(ok, post, post) == published
    assert await verified(ok, post, post, "Засыплем  в пятницу") == published
    assert await verified(ok, post, post, "Другие слова") is None
    assert await verified(ok, other, post) is None
    assert await verified(ok, other, other) is None


async def test_an_answer_to_a_comment_comes_after_it(ok: Ok) -> None:
    root = await ok.offers("Новости", author="community")
    await ok.offers("Спасибо, что читаете", under=root, author="community")
    ok.clock.forward(minutes=1)
    asked = await ok.offers("А у нас яма", under=root)
    neighbour = await ok.offers("И света нет", under=root)
    assert await verified(ok, root, asked) is None  # older words of the group are no answer
    to_neighbour = await ok.offers("Свет включат", under=root, reply_to=neighbour, author="community")
    assert await verified(ok, root, asked) is None
    found = await verified(ok, root, neighbour)
    assert found is not None
    assert found.native_id == to_neighbour
    loose = await ok.offers("Засыплем", under=root, author="community")
    found = await verified(ok, root, asked)
    assert found is not None
    assert found.native_id == loose


async def test_a_topic_that_is_gone_verifies_nothing(ok: Ok) -> None:
    post = await ok.offers("Яма")
    await ok.does("delete", native_id=post)
    with pytest.raises(NetworkError) as gone:
        await verified(ok, post, post)
    assert gone.value.outcome is Outcome.GONE
