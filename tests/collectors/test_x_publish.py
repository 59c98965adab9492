"""Answers under the residents' posts, in an X that runs here."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors.contract import Link, NetworkError, Outcome, Photo, Published, Watch
from collectors.x import intent_url
from models.kinds import ReplyCapability
from tests.collectors.x_cast import GOROD, OTHER, SECRETS, X, an_x, reply

ANSWER = reply("0").text
PICTURE = b"\xff\xd8\xff\xe0" + b"0" * 100


@pytest.fixture
async def x() -> AsyncIterator[X]:
    async with an_x() as here:
        yield here


async def test_who_names_us_is_answered_under_the_very_post(x: X) -> None:
    post = await x.offers("Яма на Ленина", to="gorod")
    publisher = x.publisher()
    published = await publisher.publish(reply(post))
    assert published.url == f"https://x.com/gorod/status/{published.native_id}"
    assert x.world.received == [(post, ANSWER)]
    assert x.world.shown() == {"answers": {post: [ANSWER]}, "doubled": 0}
    assert await publisher.find(reply(post)) == published


async def test_who_quotes_us_or_answers_us_is_answered_too(x: X) -> None:
    ours = await x.offers("Дорогу откроют в мае", author="gorod")
    quote = await x.offers("Не верю", quote=ours)
    comment = await x.offers("А у нас яма", under=ours)
    found = await x.everything("верю")
    assert found[quote].reply_capability is ReplyCapability.API
    assert found[comment].reply_capability is ReplyCapability.API
    publisher = x.publisher()
    for post in (quote, comment):
        await publisher.publish(reply(post, f"Ответ на {post}"))
    assert [under for under, _ in x.world.received] == [quote, comment]


async def test_who_did_not_call_us_is_not_answered_by_the_program(x: X) -> None:
    post = await x.offers("Яма на Ленина")
    found = (await x.everything("яма"))[post]
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.MANUAL, "not_summoned")
    with pytest.raises(NetworkError) as refused:
        await x.publisher().publish(reply(post))
    assert refused.value.outcome is Outcome.BY_HAND
    assert not refused.value.maybe_done
    await x.does("manners", tier="enterprise")
    enterprise = x.publisher(tier="enterprise")
    x.cursors.clear()
    found = (await x.everything("яма", tier="enterprise"))[post]
    assert found.reply_capability is ReplyCapability.API
    await enterprise.publish(reply(post))


def test_a_person_answers_by_hand_in_a_window_that_is_ready() -> None:
    parts = urlsplit(intent_url("17", "Яма засыпана & закрыта"))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://twitter.com/intent/tweet"
    assert parse_qs(parts.query) == {"in_reply_to": ["17"], "text": ["Яма засыпана & закрыта"]}


@pytest.mark.parametrize("trouble", ["hang", "cut", "garbage", "empty", "status"])
async def test_an_answer_that_came_through_unheard_is_found_and_not_doubled(x: X, trouble: str) -> None:
    post = await x.offers("Яма", to="gorod")
    publisher = x.publisher(timeout_seconds=0.5)
    await x.does("faults", kind=trouble, method="POST /2/tweets", after_work=True)
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.outcome is Outcome.LATER
    assert unknown.value.maybe_done
    found = await publisher.find(reply(post))
    assert found is not None
    # Even a blind second try makes no second answer: X refuses the double, and ours is recognised.
    assert await publisher.publish(reply(post)) == found
    assert x.world.shown() == {"answers": {post: [ANSWER]}, "doubled": 0}


async def test_an_answer_that_did_not_come_through_is_not_found(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    await x.does("faults", kind="status", method="POST /2/tweets")
    publisher = x.publisher()
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.maybe_done
    assert await publisher.find(reply(post)) is None


async def test_the_same_words_to_the_same_person_are_to_be_changed(x: X) -> None:
    first, second = await x.offers("Яма", to="gorod"), await x.offers("И ещё яма", to="gorod")
    publisher = x.publisher()
    await publisher.publish(reply(first))
    with pytest.raises(NetworkError) as refused:
        await publisher.publish(reply(second))
    assert refused.value.outcome is Outcome.REFUSED
    assert "/gorod/status/" in str(refused.value)
    assert not refused.value.maybe_done


async def test_a_double_nobody_can_see_is_left_to_reading_back(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    publisher = x.publisher()
    await publisher.publish(reply(post))
    await x.does("faults", kind="status", path="/2/users/:id/tweets")
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert unknown.value.outcome is Outcome.LATER
    assert unknown.value.maybe_done


async def test_somebody_elses_same_words_are_not_our_answer(x: X) -> None:
    post, other = await x.offers("Яма", to="gorod"), await x.offers("И тут", to="gorod", author_name="Пётр")
    await x.offers(ANSWER, under=post, author_name="Шутник")
    await x.offers(ANSWER, under=post, author="raion")
    publisher = x.publisher()
    await publisher.publish(reply(other))
    assert await publisher.find(reply(post)) is None


@pytest.mark.parametrize(
    "text",
    [
        "  с пробелами по краям \r\n и  внутри \n",
        "Дом 5 < дом 7 & «ёлки» &amp;",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "@resident_3 спасибо, @raion тоже",
        "половина \ud83d смайлика и \0",
        "я" * 280,
    ],
)
async def test_any_text_is_published_and_found(x: X, text: str) -> None:
    post = await x.offers("Яма", to="gorod")
    publisher = x.publisher()
    published = await publisher.publish(reply(post, text))
    assert await publisher.find(reply(post, text)) == published


async def test_a_link_is_refused_unless_it_is_allowed_and_then_it_costs(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    text = "Смотрите gorod.ru и https://gorod.ru/yamy?a=1&b=2, там всё"
    assert x.publisher().objection(text) == "link"
    with pytest.raises(NetworkError) as refused:
        await x.publisher().publish(reply(post, text))
    assert refused.value.outcome is Outcome.REFUSED
    publisher = x.publisher(allow_links=True)
    assert publisher.objection(text) == ""
    before = x.purse.spent
    published = await publisher.publish(reply(post, text))
    assert x.purse.spent - before == 200_000
    assert await publisher.find(reply(post, text)) == published


async def test_what_x_would_refuse_is_refused_before_it_is_sent(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    publisher = x.publisher()
    assert (publisher.text_limit, publisher.photos_limit, publisher.idempotent) == (280, 4, False)
    assert publisher.objection("$GAZP и $SBER") == "cashtag"
    assert publisher.objection("$GAZP за 100$ и $5") == ""
    pictures = (Photo(PICTURE),) * 5
    for bad in (reply(post, "я" * 281), reply(post, "$GAZP $SBER"), reply(post, "Фото", photos=pictures)):
        with pytest.raises(NetworkError) as refused:
            await publisher.publish(bad)
        assert refused.value.outcome is Outcome.REFUSED
    assert not x.world.received


async def test_photos_stand_in_the_answer(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    png = b"\x89PNG\r\n\x1a\n" + b"1" * 50
    photos = (Photo(PICTURE), Photo(png, "image/png"))
    published = await x.publisher().publish(reply(post, photos=photos))
    assert [x.world.pictures[one] for one in x.world.item(published.native_id).media] == [PICTURE, png]


async def test_a_photo_that_did_not_go_up_leaves_no_doubt(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    await x.does("faults", kind="cut", path="/2/media/upload")
    with pytest.raises(NetworkError) as failed:
        await x.publisher().publish(reply(post, photos=(Photo(PICTURE),)))
    assert (failed.value.outcome, failed.value.maybe_done) == (Outcome.LATER, False)
    assert not x.world.received


async def test_a_vanished_or_closed_post_is_gone(x: X) -> None:
    deleted, closed = await x.offers("Яма", to="gorod"), await x.offers("Яма")
    await x.does("delete", native_id=deleted)
    await x.does("close", native_id=closed)
    found = (await x.everything("яма"))[closed]
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.IMPOSSIBLE, "comments_closed")
    for post in (deleted, closed):
        with pytest.raises(NetworkError) as gone:
            await x.publisher().publish(reply(post))
        assert (gone.value.outcome, gone.value.code) == (Outcome.GONE, 403)
        assert not gone.value.maybe_done


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("429", Outcome.LATER),
        ("expired_token", Outcome.STOP),
        ("revoked_rights", Outcome.STOP),
        ("usage_capped", Outcome.STOP),
        ("captcha", Outcome.STOP),
    ],
)
async def test_refusals_keep_their_meaning_over_http(x: X, what: str, outcome: Outcome) -> None:
    post = await x.offers("Яма", to="gorod")
    await x.does("faults", what=what, method="POST /2/tweets")
    with pytest.raises(NetworkError) as refused:
        await x.publisher().publish(reply(post))
    assert refused.value.outcome is outcome
    assert not refused.value.maybe_done


async def test_keys_without_the_right_to_write_stop(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    keys = dict(
        zip(("consumer_key", "consumer_secret", "access_token", "access_secret"), SECRETS[1:], strict=True)
    )
    await x.does("tokens", kind="oauth1", account="gorod", may_write=False, **keys)
    with pytest.raises(NetworkError) as refused:
        await x.publisher().publish(reply(post))
    assert refused.value.outcome is Outcome.STOP


async def test_an_oauth2_token_answers_too(x: X) -> None:
    await x.does("tokens", kind="user", token="user-token-6", account="gorod")
    post = await x.offers("Яма", to="gorod")
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"))
    await x.publisher(user_token="user-token-6", **keys).publish(reply(post))
    assert x.world.received == [(post, ANSWER)]


async def test_at_the_end_of_the_budget_people_answer_by_hand(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    publisher = x.publisher(monthly_budget_dollars=1)
    x.purse.spent = 999_000
    with pytest.raises(NetworkError) as refused:
        await publisher.publish(reply(post))
    assert refused.value.outcome is Outcome.BY_HAND
    assert intent_url(post) in str(refused.value)
    x.purse.spent = 900_000
    await publisher.publish(reply(post))
    assert x.purse.spent == 910_000


async def test_a_pasted_link_is_believed_only_if_it_is_an_official_answer_here(x: X) -> None:
    post, other = await x.offers("Яма"), await x.offers("Не про то")
    right = await x.offers("Засыпали", under=post, author="raion")
    stranger = await x.offers("Засыпали", under=post, author_name="Шутник")
    elsewhere = await x.offers("Засыпали", under=other, author="raion")
    connector = x.connector()
    connector.watch(Watch(pages=(GOROD, OTHER)))
    check = connector.verify_link
    assert check is not None
    expected = Published(right, f"https://x.com/raion/status/{right}")
    assert await check(Link("x", right), reply(post, "")) == expected
    assert await check(Link("x", right), reply(post, "Засыпали")) == expected
    assert await check(Link("x", right), reply(post, "Другое")) is None
    assert await check(Link("x", stranger), reply(post, "")) is None
    assert await check(Link("x", elsewhere), reply(post, "")) is None
    with pytest.raises(NetworkError) as gone:
        await check(Link("x", "1"), reply(post, ""))
    assert gone.value.outcome is Outcome.GONE


async def test_no_key_is_ever_told(x: X, caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of failure, at the most talkative log level."""
    caplog.set_level("DEBUG")
    post = await x.offers("Яма", to="gorod")
    told = []
    for kind in ("error", "garbage", "cut", "status", "empty", "hang"):
        for path in ("POST /2/tweets", "/2/users/:id/tweets", "/2/users/by/username/:name"):
            publisher = x.publisher(timeout_seconds=0.3)
            await x.does("faults", kind=kind, method=path, after_work=False, error="unauthorized")
            with pytest.raises(NetworkError) as failed:
                await publisher.find(reply(post))
                await publisher.publish(reply(post, f"{kind} {path[-9:-5]}"))
            told.append(f"{failed.getrepr(chain=True, showlocals=False)}")
    text = "".join(told) + caplog.text
    assert len(told) == 18
    assert not [secret for secret in SECRETS if secret in text]
