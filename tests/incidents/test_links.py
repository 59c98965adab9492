"""Pasted links: which are taken for an answer to a post, and what the others are told."""

from dataclasses import dataclass

import pytest

from incidents.errors import BadLink, IncidentError, LinkElsewhere, LinkToAnother, LinkToQuestion
from incidents.links import AnswerLinks, address, answered_posts
from models import Post, ReplyCapability

API, MANUAL, IMPOSSIBLE = ReplyCapability.API, ReplyCapability.MANUAL, ReplyCapability.IMPOSSIBLE


@dataclass(frozen=True)
class Names:
    network: str
    native_id: str
    root_id: str | None = None


def post(native_id: str = "wall-1_2", **changes: object) -> Post:
    fields: dict[str, object] = {
        "id": 1,
        "network": "vk",
        "native_id": native_id,
        "root_id": None,
        "url": "https://vk.com/wall-1_2",
        "reply_capability": MANUAL,
    }
    return Post(**(fields | changes))


COMMENT = post("wall-1_2_r3", root_id="wall-1_2", url="https://vk.com/wall-1_2?reply=3")
ANSWER = "https://vk.com/wall-1_2?reply=9"


def taken(
    posts: list[Post], url: str, names: Names | None, kind: AnswerLinks = AnswerLinks.COMMENT
) -> list[str]:
    kinds = {one.network: kind for one in posts}
    return [native_id for _, native_id in answered_posts(posts, url, names, kinds)]


@pytest.mark.parametrize("asked", [post(), COMMENT])
def test_a_comment_under_the_same_post_is_the_answer(asked: Post) -> None:
    assert taken([asked], ANSWER, Names("vk", "wall-1_2_r9", "wall-1_2")) == ["wall-1_2_r9"]


@pytest.mark.parametrize(
    ("names", "refusal"),
    [
        (Names("ok", "wall-1_2_r9", "wall-1_2"), LinkElsewhere),
        (Names("vk", "wall-1_7_r9", "wall-1_7"), LinkToAnother),
        (Names("vk", "wall-1_7"), LinkToAnother),
        (Names("vk", "wall-1_2"), LinkToQuestion),
        (Names("vk", "wall-1_2_r3", "wall-1_2"), LinkToQuestion),
    ],
)
def test_what_is_no_answer_to_a_comment_is_refused(names: Names, refusal: type[IncidentError]) -> None:
    with pytest.raises(refusal):
        taken([COMMENT], ANSWER, names)


def test_where_comments_have_no_links_the_post_s_own_will_do() -> None:
    topic = post("topic:5", network="ok", url="https://ok.ru/group/1/topic/5")
    assert taken([topic], topic.url, Names("ok", "topic:5"), AnswerLinks.POST) == [""]
    with pytest.raises(LinkToAnother):
        taken([topic], topic.url, Names("ok", "topic:6"), AnswerLinks.POST)


def test_where_an_answer_is_a_post_of_its_own_its_link_cannot_be_compared() -> None:
    tweet = post("20", network="x", url="https://x.com/a/status/20")
    assert taken([tweet], "https://x.com/gov/status/21", Names("x", "21"), AnswerLinks.OWN) == ["21"]
    with pytest.raises(LinkToQuestion):
        taken([tweet], tweet.url, Names("x", "20"), AnswerLinks.OWN)


def test_a_page_s_number_before_the_id_makes_no_other_post() -> None:
    asked = post("100_55", network="facebook", url="https://www.facebook.com/100_55")
    assert taken([asked], "https://fb", Names("facebook", "100_55_7", "55")) == ["100_55_7"]


def test_a_link_nobody_can_take_apart_must_at_least_be_of_the_same_site() -> None:
    assert taken([post()], "https://m.vk.com/share/abc", None) == [""]
    with pytest.raises(LinkElsewhere):
        taken([post()], "https://example.org/wall-1_2?reply=9", None)
    with pytest.raises(LinkToQuestion):
        taken([post()], "https://m.vk.com/wall-1_2/", None)


def test_under_a_closed_post_an_answer_anywhere_will_do() -> None:
    closed = post(reply_capability=IMPOSSIBLE)
    assert taken([closed], "https://example.org/news/5", None) == [""]
    assert taken([closed], ANSWER, Names("ok", "5")) == [""]


def test_an_answer_to_what_has_no_thread_may_stand_anywhere() -> None:
    article = post("a1", network="rss", url="https://news.example/1")
    assert taken([article], "https://gov.example/answer", None, AnswerLinks.ANYWHERE) == [""]
    assert taken([article], ANSWER, Names("vk", "wall-1_2_r9", "wall-1_2"), AnswerLinks.ANYWHERE) == [""]


def test_of_several_posts_only_the_answered_ones_are_taken() -> None:
    other = post("20", id=2, network="x", url="https://x.com/a/status/20")
    found = answered_posts([post(), other], ANSWER, Names("vk", "wall-1_2_r9", "wall-1_2"), {})
    assert [one.network for one, _ in found] == ["vk"]


def test_of_several_refusals_the_nearest_is_told() -> None:
    other = post("20", id=2, network="x", url="https://x.com/a/status/20")
    with pytest.raises(LinkToQuestion):
        answered_posts([other, post()], ANSWER, Names("vk", "wall-1_2"), {})


@pytest.mark.parametrize(
    "text", ["vk.com/wall", "https://", "https://a b", "http://[", "ftp://vk.com/x", "", "x" * 501]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadLink):
        address(text)


def test_an_address_is_taken_without_what_stands_around_it() -> None:
    assert address(f" {ANSWER}\n") == ANSWER
