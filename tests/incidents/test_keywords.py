"""A keyword is understood as it is written, and found where it stands."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.errors import BadKeyword, KeywordFault
from incidents.keywords import LONGEST, MOST_WORDS, Keyword, Matcher, Term, folded, matches, parse, words_of

FORMS = {
    "яма": ("яма", "ямы", "яму", "ям"),
    "дорога": ("дорога", "дороги", "дороге"),
    "улица": ("улица", "улицы", "улице"),
    "ленина": ("ленина",),
    "посёлок": ("посёлок", "посёлка", "посёлки"),
    "юго-запад": ("юго-запад", "юго-запада", "юго-западе"),
}


def forms(word: str) -> Sequence[str]:
    return FORMS.get(word, (word,))


def keyword(text: str) -> Keyword:
    return parse(text, id=7, forms=forms)


def test_words_a_phrase_a_minus_and_a_hashtag_are_told_apart() -> None:
    found = parse('Яма "улица Ленина" -игра -"компьютерный мир" #Дорога', id=3, territory="Заречье")
    assert found == Keyword(
        id=3,
        text='Яма "улица Ленина" -игра -"компьютерный мир" #Дорога',
        terms=(Term(("яма",)), Term(("улица", "ленина")), Term(("дорога",), hashtag=True)),
        minus=(Term(("игра",)), Term(("компьютерный", "мир"))),
        forms={word: (word,) for word in ("игра", "компьютерный", "ленина", "мир", "улица", "яма")},
        territory="Заречье",
    )


@pytest.mark.parametrize("text", ["«улица Ленина»", "“улица Ленина”", "„улица  Ленина“"])
def test_a_phones_quotes_are_quotes(text: str) -> None:
    assert matches(keyword(text), "На улице Ленина темно")
    assert not matches(keyword(text), "Ленина, а не улица")


@pytest.mark.parametrize("dash", "-–—−")
def test_a_phones_dash_is_a_minus(dash: str) -> None:
    assert parse(f"яма {dash}игра").minus == (Term(("игра",)),)
    assert parse(f"яма {dash}«в игре»").minus == (Term(("в", "игре")),)


def test_a_lone_dash_between_words_is_no_word() -> None:
    assert parse("яма — дорога").terms == (Term(("яма",)), Term(("дорога",)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", KeywordFault.EMPTY),
        (' !!! «»  "" ', KeywordFault.EMPTY),
        ("-игра", KeywordFault.ONLY_MINUS),
        (" ".join("а" * (MOST_WORDS + 1)), KeywordFault.TOO_MANY),
        ("я" * (LONGEST + 1), KeywordFault.TOO_LONG),
        ("я", KeywordFault.TOO_SHORT),
        ('"улица Ленина', KeywordFault.QUOTE),
        ("яма, выбоина", KeywordFault.OTHERWISE),
        ("яма|выбоина", KeywordFault.OTHERWISE),
        ("яма OR выбоина", KeywordFault.OTHERWISE),
        ("яма ИЛИ выбоина", KeywordFault.OTHERWISE),
        ("#", KeywordFault.HASHTAG),
        ("#юго-запад", KeywordFault.HASHTAG),
        ("яма дорога -Яма", KeywordFault.CONTRADICTION),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_the_reason(text: str, fault: KeywordFault) -> None:
    with pytest.raises(BadKeyword) as refusal:
        parse(text)
    assert refusal.value.fault is fault


def test_a_comma_inside_a_phrase_is_nothing_but_a_comma() -> None:
    assert parse('"улица, Ленина"').terms == (Term(("улица", "ленина")),)


def test_what_cannot_be_stored_is_not_kept() -> None:
    assert parse("я\x00ма\ud800 \n дорога\u200b").text == "яма дорога"


@given(st.text(max_size=60) | st.text('аяё#-"«»,| OR1_', max_size=30))
def test_whatever_is_written_is_understood_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except BadKeyword:
        return
    assert parse(found.text) == found
    assert found.terms
    bare = " ".join(f"#{word}" if term.hashtag else word for term in found.terms for word in term.words)
    if not found.minus:
        assert matches(found, bare)


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("яма дорога", "На ДОРОГЕ, у школы, ямы!"),
        ("яма дорога", "ям-то сколько… (дороги)"),
        ("посёлок", "Поселки без света"),
        ("поселок", "Посёлок без света"),
        ("посёлок", "Посёлка нет".replace("ё", "е\u0308")),
        ("яма", "#яма у дома"),
        ("яма", "я\u0301ма и я\u00adма"),
        ("яма", "яма_на_дороге"),
        ("юго-запад", "На юго-западе темно, юго‑запада нет".replace("юго-западе", "Юго западе")),
        ("юго-запад", "юго\u2011запада"),
        ("#яма", "Опять #Яма, смотрите"),
        ("#яма", "Опять (＃яма)"),
        ("#яма_на_дороге", "#Яма_на_Дороге"),
        ('"улица Ленина"', "улицы Ленина"),
        ('"улица Ленина" -игра', "улица Ленина. Игрок"),
        ("№5 школа", "школа № 5"),
        ("wi-fi", "нет Wi-Fi в парке"),
    ],
)
def test_what_is_found(text: str, post: str) -> None:
    assert matches(keyword(text), post)


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("яма дорога", "яма у школы"),
        ("яма", "ямайка"),
        ("яма", ""),
        ("#яма", "яма без знака"),
        ("#яма", "a#яма"),
        ("#яма", "#яма_на_дороге"),
        ('"улица Ленина"', "улица имени Ленина"),
        ('"улица Ленина"', "Ленина улица"),
        ("яма -игра", "ЯМА в игре и ещё игра"),
        ('яма -"улица Ленина"', "яма на улице Ленина"),
        ("юго-запад", "юго от запада"),
    ],
)
def test_what_is_not(text: str, post: str) -> None:
    assert not matches(keyword(text), post)


def test_forms_with_yo_follow_for_networks_that_tell_it_from_ye() -> None:
    assert keyword("посёлок").forms == {
        "поселок": ("поселок", "поселка", "поселки", "посёлок", "посёлка", "посёлки")
    }


def test_many_keywords_are_found_in_the_order_they_were_given() -> None:
    texts = ["дорога", "яма дорога", '"улица Ленина"', "#яма", "яма -дорога", '"яма на улице Ленина"']
    matcher = Matcher(parse(text, id=10 - at, forms=forms) for at, text in enumerate(texts))
    assert matcher.hits("Яма на улице Ленина, #яма") == [8, 7, 6, 5]
    assert matcher.hits("Дорога, яма") == [10, 9]
    assert matcher.hits("ничего") == []
    assert Matcher([]).hits("яма") == []


def test_the_end_of_one_phrase_is_not_the_beginning_of_the_next() -> None:
    matcher = Matcher([parse('"аа бб"', id=1), parse('"вв гг"', id=2), parse('"бб вв"', id=3)])
    assert matcher.hits("аа бб гг") == [1]
    assert matcher.hits("бб вв гг") == [2, 3]
    assert matcher.hits("аа гг") == []


def naively(found: Keyword, post: str) -> bool:
    """The same by definition: every term somewhere, no minus anywhere."""
    words = words_of(post)

    def has(term: Term) -> bool:
        if term.hashtag:
            return f"#{term.words[0]}" in folded(post).split()
        return any(
            all(word in found.forms[wanted] for word, wanted in zip(words[at:], term.words, strict=False))
            for at in range(len(words) - len(term.words) + 1)
        )

    return all(map(has, found.terms)) and not any(map(has, found.minus))


_word = st.sampled_from(["яма", "ямы", "дорога", "дороги", "улица", "ленина", "свет"])
_part = st.one_of(
    _word,
    st.lists(_word, min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    _word.map(lambda word: f"#{word}"),
)


@given(
    st.lists(st.lists(st.tuples(st.sampled_from(["", "", "-"]), _part), min_size=1, max_size=4), max_size=6),
    st.lists(st.one_of(_word, _word.map(lambda word: f"#{word}")), max_size=12),
)
def test_a_matcher_of_many_agrees_with_the_definition(
    written: list[list[tuple[str, str]]], post: list[str]
) -> None:
    known: list[Keyword] = []
    for parts in written:
        try:
            text = " ".join(sign + part for sign, part in parts)
            known.append(parse(text, id=len(known), forms=forms))
        except BadKeyword:
            continue
    text = " ".join(post)
    assert Matcher(known).hits(text) == [one.id for one in known if naively(one, text)]


@pytest.mark.parametrize(
    "hostile",
    [
        "яма " * 25_000,
        "яма-" * 25_000,
        "#" * 100_000,
        "#яма" * 25_000,
        "я" * 100_000,
        "я" + "\u0301\u0327" * 50_000,
        '"' * 100_000,
        "улица " * 16_000 + "Ленина",
    ],
    ids=lambda text: text[:8],
)
def test_a_hostile_text_is_read_once(hostile: str) -> None:
    """What goes back over the text would take hours here, and meet the test's time limit."""
    phrase = '"' + "улица " * 40 + 'Ленина"'
    known = [parse("яма", id=1), parse(phrase, id=2), parse("#яма -улица", id=3), parse("нет", id=4)]
    found = Matcher(known).hits(hostile)
    assert found == [one.id for one in known if matches(one, hostile)]
    assert 4 not in found
    assert (2 in found) is hostile.endswith("Ленина")
