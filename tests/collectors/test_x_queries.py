"""What keywords and pages become in X's query language."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Page
from collectors.x import compiled
from collectors.x.queries import keyword_queries, page_queries
from incidents.errors import BadKeyword
from incidents.keywords import Keyword, matches, parse
from sandbox.x.query import compiled as understood
from sandbox.x.things import Account, Post
from tests.collectors.x_cast import keyword

ENDINGS = ("", "а", "у", "ой", "ами", "ах", "ов", "ом", "е", "ы", "и", "ю")


def many_forms(text: str, number: int = 1) -> Keyword:
    return parse(text, id=number, forms=lambda word: [word + ending for ending in ENDINGS])


def post(text: str) -> Post:
    return Post(["1"], Account("7", "ivan", "Иван"), text, text, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["снег"], "(снег) -is:retweet"),
        (["снег", "лёд"], "(снег OR (лед OR лёд)) -is:retweet"),
        (
            ["яма дорога"],
            "(((яма OR ямы OR яме OR яму OR ямой) (дорога OR дороги OR дороге OR дорогу))) -is:retweet",
        ),
        (["снег -игра"], "((снег -игра)) -is:retweet"),
        (['снег -"белый снег"'], '((снег -"белый снег")) -is:retweet'),
        (["#ямы"], "(#ямы) -is:retweet"),
        (['"улица Ленина"'], "((улица ленина)) -is:retweet"),
        (["юго-запад"], '("юго-запад") -is:retweet'),
        (["or"], '("or") -is:retweet'),
    ],
)
def test_keywords_are_compiled(words: list[str], query: str) -> None:
    assert compiled([keyword(text, number) for number, text in enumerate(words)]) == [query]


def test_a_language_stands_beside_the_words() -> None:
    assert keyword_queries([keyword("снег")], limit=512, lang="ru") == ["(снег) -is:retweet lang:ru"]


WORDS = st.text("абвгдеё", min_size=3, max_size=30)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=12))
def test_no_query_is_too_long_and_x_understands_all(texts: list[str]) -> None:
    queries = compiled([many_forms(text, number) for number, text in enumerate(texts)])
    assert queries
    assert len(queries) <= len(texts) * 5
    for query in queries:
        assert len(query) <= 512
        understood(query)


@given(
    st.lists(st.sampled_from(["яма", "дорога", "снег", "лёд", "двор"]), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(["игра", "кино", "сон"]), max_size=3, unique=True),
    st.lists(
        st.sampled_from(["ямами", "дорогаой", "снегом", "ледом", "двора", "играу", "кино", "лес"]), max_size=8
    ),
)
def test_whatever_has_the_keyword_is_found(wanted: list[str], minus: list[str], said: list[str]) -> None:
    """The queries may find more than the keyword wants, never less."""
    one = many_forms(" ".join([*wanted, *(f"-{word}" for word in minus)]))
    text = " ".join(said)
    for limit in (150, 512):
        queries = keyword_queries([one], limit=limit, lang="")
        found = any(understood(query)(post(text)) for query in queries)
        assert found or not matches(one, text)


def test_a_long_keyword_is_cut_into_several_queries() -> None:
    one = many_forms("водопроводчик канализация теплоснабжение")
    queries = compiled([one])
    assert len(queries) > 1
    assert max(map(len, queries)) <= 512
    for text in (
        "водопроводчика канализация теплоснабжениеами",
        "водопроводчикю канализацияю теплоснабжениею",
    ):
        assert any(understood(query)(post(text)) for query in queries)


def test_words_too_long_for_any_query_ask_for_less() -> None:
    words = ["я" * 60 + ending for ending in "абвгдежзи"]
    try:
        one = keyword(" ".join(words))
    except BadKeyword:
        one = keyword(" ".join(words[:3]))
    queries = keyword_queries([one], limit=100, lang="")
    assert queries
    assert max(map(len, queries)) <= 100


def test_pages_are_packed_and_strange_names_are_left_out() -> None:
    pages = [Page("1", "Gorod"), Page("2", "raion"), Page("3"), Page("", "OR -x"), Page("", "имя")]
    assert page_queries(pages, own_name="gorod", limit=512) == [
        "((to:gorod -@gorod -from:gorod) OR from:raion OR to:raion OR @raion OR from:3 OR to:3) -is:retweet"
    ]
    many = [Page("", f"a{number}") for number in range(100)]
    queries = page_queries(many, own_name="", limit=512)
    assert max(map(len, queries)) <= 512
    assert len(queries) < 10
    assert page_queries([], own_name="", limit=512) == []
