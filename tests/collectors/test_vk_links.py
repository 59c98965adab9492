"""Links people paste."""

import pytest

from collectors.contract import Link, Page
from collectors.vk import NETWORK, page_of_link, parse_link

POST = Link("vk", "wall-1_2")
COMMENT = Link("vk", "wall-1_2_r3", root_id="wall-1_2")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://vk.com/wall-1_2", POST),
        (" vk.com/wall-1_2\n", POST),
        ("http://vk.ru/wall-1_2/", POST),
        ("https://m.vk.com/wall-1_2?from=feed", POST),
        ("https://www.vk.com/wall-1_2#answer", POST),
        ("https://vk.com/wall7_2", Link("vk", "wall7_2")),
        ("https://vk.com/gorod?w=wall-1_2", POST),
        ("https://vk.com/feed?w=wall-1_2%2Fall", POST),
        ("https://vk.com/wall-1_2?reply=3", COMMENT),
        ("https://vk.com/wall-1_2?reply=3&thread=2", COMMENT),
        ("https://vk.ru/gorod?w=wall-1_2_r3", COMMENT),
        ("https://m.vk.com/wall-1_2_r3", COMMENT),
        ("https://vk.com/wall-1_2?reply=abc", POST),
        ("https://vk.com/wall-1_2?reply=٣", POST),
    ],
)
def test_a_post_or_a_comment_is_named(text: str, link: Link) -> None:
    assert parse_link(text) == NETWORK.parse_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wall-1_2",
        "https://ok.ru/wall-1_2",
        "https://vk.com.evil.org/wall-1_2",
        "https://evil.org/?u=vk.com/wall-1_2",
        "javascript://vk.com/wall-1_2",
        "https://vk.com/wall-1",
        "https://vk.com/gorod",
        "https://vk.com/topic-1_2?post=3",
        "https://vk.com/wall-1_99999999999999999999999",
        "https://[vk.com/wall-1_2",
        "https://vk.com/wall-1_2\0",
    ],
)
def test_anything_else_is_no_post(text: str) -> None:
    assert parse_link(text) is None


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("https://vk.com/Gorod_Official", Page("", name="gorod_official")),
        ("vk.ru/@gorod/", Page("", name="gorod")),
        ("https://vk.com/club17", Page("17")),
        ("https://m.vk.com/public17?w=wall-17_1", Page("17")),
        ("https://vk.com/event5", Page("5")),
        ("https://vk.com/id7", Page("id7")),
        ("https://vk.com/wall-17_1", Page("17")),
        ("https://vk.com/wall7_1", Page("id7")),
        ("https://vk.com/feed", None),
        ("https://vk.com/", None),
        ("https://vk.com/что", None),
        ("https://ok.ru/gorod", None),
        ("https://[", None),
    ],
)
def test_a_page_is_named(text: str, page: Page | None) -> None:
    assert page_of_link(text) == NETWORK.page_of_link(text) == page
