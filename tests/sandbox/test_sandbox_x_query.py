"""X's query language as the sandbox understands it."""

from datetime import UTC, datetime

import pytest

from sandbox.x.query import BadQuery, compiled
from sandbox.x.things import Account, Post

TOWN, ANNA = Account("1000", "Gorod", "Город"), Account("7", "anna", "Анна")
POST = Post(
    ["17"],
    ANNA,
    "@gorod Ёлка упала на Юго-Западе, #Ямы везде! https://e1.ru/a",
    "",
    datetime(2026, 3, 2, tzinfo=UTC),
    reply_to="16",
    answered=TOWN,
    conversation="15",
)


@pytest.mark.parametrize(
    "query",
    [
        "елка", "ЁЛКА упала", '"упала на"', "юго-западе", "#ямы", "ямы", "@GOROD", "from:anna", "from:7", "to:gorod",
        "to:1000", "conversation_id:15", "in_reply_to_tweet_id:16", "елка -игра", "(игра OR елка) упала",
        "игра OR упала елка", "елка lang:ru -is:retweet", "is:reply елка", "елка has:links has:mentions has:hashtags",
        'url:"e1.ru"', "-is:quote упала", "елка OR (игра lang:ru)",
    ],
)  # fmt: skip
def test_found(query: str) -> None:
    assert compiled(query)(POST)


@pytest.mark.parametrize(
    "query",
    [
        "елки", "елка игра", '"на упала"', "#яма", "#елка", "@gor", "from:gorod", "to:anna", "conversation_id:17",
        "елка -упала", "(игра OR кино) упала", "игра OR (упала кино)", "елка lang:en", "елка is:quote", "запад",
        "елка -#ямы", 'елка -"упала на"', "елка has:media", "-from:anna елка",
    ],
)  # fmt: skip
def test_not_found(query: str) -> None:
    assert not compiled(query)(POST)


@pytest.mark.parametrize(
    "query",
    ["lang:ru", "-игра", "is:reply -is:retweet", "елка OR lang:ru", "-(елка)", "елка OR", "OR елка", "(елка", "елка)",
     "()", "near:x елка", "is:nonsense елка", '"', "!!!"],
)  # fmt: skip
def test_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        compiled(query)
