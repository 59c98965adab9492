"""The demo town's day is well formed and shows what it promises to show."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from incidents.incoming import Classifier
from models.kinds import Kind

TOWN = Path(__file__).resolve().parents[2] / "sandbox" / "town" / "posts.jsonl"


@pytest.fixture(scope="module")
def posts() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TOWN.read_text(encoding="utf-8").split("\n") if line]


def test_every_line_has_its_keys_and_no_others(posts: list[dict[str, Any]]) -> None:
    for number, post in enumerate(posts):
        assert set(post) - {"under"} == {"after_s", "community", "author", "text", "photos"}, number
        assert post["community"] in {1, 2, 3}, number
        assert post["author"], number
        assert post["text"] or post["photos"], number


def test_the_day_goes_forward_and_begins_at_once(posts: list[dict[str, Any]]) -> None:
    moments = [post["after_s"] for post in posts]
    assert moments == sorted(moments)
    assert sum(moment <= 5 for moment in moments) >= 3
    assert 500 <= moments[-1] <= 660
    assert 40 <= len(posts) <= 60


def test_comments_stand_under_earlier_posts_of_the_same_community(posts: list[dict[str, Any]]) -> None:
    comments = [(number, post) for number, post in enumerate(posts) if "under" in post]
    assert len(comments) >= 5
    for number, post in comments:
        parent = posts[post["under"]]
        assert post["under"] < number
        assert "under" not in parent, number
        assert parent["community"] == post["community"], number


def test_it_holds_the_awkward_posts(posts: list[dict[str, Any]]) -> None:
    texts = [post["text"] for post in posts]
    assert any(len(text) >= 10_000 for text in texts)
    assert "" in texts
    assert any("<b>" in text and "</b>" not in text for text in texts)
    assert any(re.fullmatch(r"[A-Za-z !?.,]+", text) for text in texts)
    assert any(set("әөүҗңһ") & set(text) for text in texts)
    assert sum("Садов" in text and "ям" in text.lower() for text in texts) >= 4


def test_the_classifier_sees_all_kinds_and_many_topics_in_it(
    classifier: Classifier, posts: list[dict[str, Any]]
) -> None:
    guesses = classifier.classify([post["text"] for post in posts])
    assert {guess.kind for guess in guesses} == set(Kind)
    assert len({guess.topic.value for guess in guesses if guess.topic.confidence >= 0.5}) >= 12
    answered = {post["author"] for post, guess in zip(posts, guesses, strict=True) if guess.official_reply}
    # Words alone find about half of the official answers; what is promised is that no resident is among them.
    assert "Администрация Верхнереченска" in answered
    assert answered <= {"Администрация Верхнереченска", "Министерство здравоохранения области"}
