"""Lengths as X counts them, links, cashtags, and texts that come back changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twitter_text import parse_tweet  # type: ignore[import-untyped]  # the package ships no types

from collectors.x.links import page_of_link, parse_link, permalink
from collectors.x.text import cashtags, has_link, measure, readable, same

# Published by X: https://docs.x.com/fundamentals/counting-characters
WEIGHTS = {
    "": 0,
    "я" * 280: 280,
    "ё": 1,
    "漢字": 4,
    "👍": 2,
    "👩‍👩‍👧‍👦": 2,
    "https://gorod.ru/очень/длинный/путь": 23,
    "https://gorod.ru/" + "a" * 400: 23,
    "http://a.ru": 23,
    "gorod.ru и 112": 23 + 6,
    "Ответ: https://gorod.ru.": 7 + 23 + 1,
    "pochta@gorod.ru": 15,
    "строка\nстрока": 13,
}


@pytest.mark.parametrize(("text", "weight"), WEIGHTS.items())
def test_weights(text: str, weight: int) -> None:
    assert measure(text) == weight


@given(st.text(st.sampled_from("яa1. \n漢👍🏽@#$/:-"), max_size=40))
def test_a_text_weighs_what_the_library_says(text: str) -> None:
    assert measure(text) == parse_tweet(text).weightedLength


@given(st.text(max_size=60))
def test_any_text_can_be_measured(text: str) -> None:
    assert measure(text) >= 0
    assert has_link(text) in {True, False}
    assert same(text, text)


def test_a_hostile_word_is_measured_at_once() -> None:
    assert measure("я" * 100_000) == 100_000
    assert measure("https://" + "a" * 100_000) == 23


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("Смотрите https://gorod.ru", True),
        ("Смотрите gorod.ru!", True),
        ("Смотрите город.рф.", True),
        ("Звоните 112, ул.Ленина,5 и т.д.", False),
        ("pochta@gorod.ru", False),
    ],
)
def test_links_are_seen(text: str, *, is_link: bool) -> None:
    assert has_link(text) is is_link


@pytest.mark.parametrize(
    ("text", "count"), [("$GAZP", 1), ("$GAZP, $SBER.P и $YNDX", 3), ("100$ и $100 и a$b $$A", 0)]
)
def test_cashtags_are_counted(text: str, count: int) -> None:
    assert cashtags(text) == count


def test_a_text_is_read_as_the_page_shows_it() -> None:
    urls = [
        {"url": "https://t.co/1", "expanded_url": "https://gorod.ru/a?b=1&c=2"},
        {"url": "https://t.co/2", "expanded_url": "https://x.com/i/1/photo/1", "media_key": "3_1"},
        {"url": "https://evil.ru", "expanded_url": "https://x"},
        "garbage",
    ]
    text = "Дом 5 &lt; 7 https://t.co/1 https://evil.ru\0 https://t.co/2"
    assert readable(text, {"urls": urls}) == "Дом 5 < 7 https://gorod.ru/a?b=1&c=2 https://evil.ru"


def test_the_same_words_are_known_whatever_x_put_around_them() -> None:
    assert same("@anna @gorod  Засыпали,\nспасибо", "Засыпали, спасибо")
    assert same("Смотрите http://gorod.ru", "Смотрите gorod.ru")
    assert same("Дом 5 &lt; 7", "Дом 5 < 7")
    assert not same("Засыпали", "Не засыпали")
    assert not same("Спросите @gorod", "Спросите")


@pytest.mark.parametrize(
    "text",
    [
        "https://x.com/ivan_1/status/1750000000000000001",
        "http://twitter.com/ivan_1/status/1750000000000000001?s=20&t=abc",
        "https://mobile.twitter.com/Ivan_1/status/1750000000000000001/photo/1",
        "x.com/i/web/status/1750000000000000001",
        " https://www.x.com/i/status/1750000000000000001 ",
        "https://twitter.com/ivan_1/statuses/1750000000000000001/",
    ],
)
def test_a_pasted_link_is_understood(text: str) -> None:
    link = parse_link(text)
    assert link is not None
    assert (link.network, link.native_id, link.root_id) == ("x", "1750000000000000001", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "привет",
        "https://x.com/ivan",
        "https://x.com.evil.ru/i/status/1",
        "https://evil.ru/x.com/i/status/1",
        "ftp://x.com/ivan/status/1",
        "https://x.com/ivan/status/12345678901234567890",
        "https://x.com/ivan/status/1x",
        "https://[x.com/ivan/status/1",
    ],
)
def test_another_link_is_nothing(text: str) -> None:
    assert parse_link(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://x.com/Gorod", "gorod"),
        ("twitter.com/gorod/", "gorod"),
        ("@gorod", "gorod"),
        ("https://x.com/gorod/status/17", "gorod"),
        ("https://x.com/home", None),
        ("https://x.com/i/web/status/17", None),
        ("https://x.com/слишком", None),
        ("https://vk.com/gorod", None),
    ],
)
def test_a_link_to_a_page(text: str, name: str | None) -> None:
    page = page_of_link(text)
    assert (page.name if page is not None else None) == name


def test_a_page_without_a_name() -> None:
    page = page_of_link("https://x.com/i/user/17")
    assert page is not None
    assert (page.native_id, page.name) == ("17", "")


@given(st.integers(0, 2**63 - 1).map(str), st.sampled_from(["", "gorod"]))
def test_our_own_links_are_understood(native_id: str, name: str) -> None:
    link = parse_link(permalink(native_id, name))
    assert link is not None
    assert link.native_id == native_id
