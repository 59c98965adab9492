"""What networks make their queries of: forms, hashtags, and queries that fit."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.keywords import Term, forms_of, hashtag_of, matches, pack, parse

FORMS = {"яма": ("яма", "ямы", "яму"), "дорога": ("дорога", "дороги")}
KEYWORD = parse('ямы "дорога яма" #яма', forms=lambda word: FORMS.get(word, ("яма", "ямы", "яму")))


def test_forms_of_every_word_the_word_itself_first() -> None:
    word, phrase, tag = KEYWORD.terms
    assert forms_of(word, KEYWORD) == (("ямы", "яма", "яму"),)
    assert forms_of(phrase, KEYWORD) == (("дорога", "дороги"), ("яма", "ямы", "яму"))
    assert forms_of(phrase, KEYWORD, most=1) == (("дорога",), ("яма",))
    assert forms_of(tag, KEYWORD) == (("яма",),)
    assert forms_of(Term(("чужое",)), KEYWORD) == (("чужое",),)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Яма", "яма"),
        ('"яма"', "яма"),
        ("яма -игра", "яма"),
        ("#Яма", "яма"),
        ("#яма_на_дороге", "яма_на_дороге"),
        ("Заречье дорога #яма", "яма"),
        ("Ёлка", "ёлка"),
        ("#Ёлка", "ёлка"),
        ("яма дорога", None),
        ('"улица Ленина"', None),
        ("юго-запад", None),
        ("2026", None),
        ("школа5", "школа5"),
    ],
)
def test_the_hashtag_of_a_keyword(text: str, tag: str | None) -> None:
    assert hashtag_of(parse(text)) == tag


@pytest.mark.parametrize("text", ["Яма", "#Яма", "Ёлка", "школа5", "#яма_на_дороге"])
def test_what_a_hashtag_brings_is_found_by_its_keyword(text: str) -> None:
    keyword = parse(text)
    assert matches(keyword, f"Смотрите: #{hashtag_of(keyword)}")


def test_queries_are_as_few_as_fit() -> None:
    assert pack(["аа", "бб", "вв", "аа"], limit=8) == ["аа OR бб", "вв"]
    assert pack(["аа", "бб"], limit=5, joiner="|") == ["аа|бб"]
    assert pack(["аа", "бб"], limit=8, measure=lambda text: len(text.encode())) == ["аа", "бб"]
    assert pack([], limit=5) == []
    with pytest.raises(ValueError, match="a part of 3 does not fit into a query of 2"):
        pack(["аа", "ббб"], limit=2)


@given(
    st.lists(st.text("абв", min_size=1, max_size=20), unique=True), st.integers(min_value=20, max_value=60)
)
def test_no_part_is_lost_and_no_query_is_longer_than_the_limit(parts: list[str], limit: int) -> None:
    queries = pack(parts, limit=limit)
    assert [part for query in queries for part in query.split(" OR ")] == parts
    assert all(len(query) <= limit for query in queries)
    for one, following in itertools.pairwise(queries):
        assert len(f"{one} OR {following.split(' OR ')[0]}") > limit
