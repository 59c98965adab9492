"""Formatting: what Telegram makes of it, and what it says when it cannot."""

import pytest

from sandbox.telegram.entities import clean, finish, given, to_html
from sandbox.telegram.entities_html import parse_html
from sandbox.telegram.entities_markdown import parse_markdown
from sandbox.telegram.errors import ApiError


def html_of(source: str) -> str:
    return to_html(*finish(*parse_html(clean(source))))


def markdown_of(source: str) -> str:
    return to_html(*finish(*parse_markdown(clean(source))))


def complaint(parse: object, source: str) -> str:
    with pytest.raises(ApiError) as refusal:
        parse_html(source) if parse is parse_html else parse_markdown(source)
    return refusal.value.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    "source",
    [
        "<b>Яма <i>на <u>Ленина</u></i></b> <s>нет</s> <tg-spoiler>тайна</tg-spoiler>",
        "<code>x &lt; y</code>\n<pre>a\nb</pre>",
        '<pre><code class="language-python">x = 1</code></pre>',
        '<a href="https://vk.com/wall-1_2?a=1&amp;b=2">Открыть</a>',
        "<blockquote>цитата</blockquote> <blockquote expandable>длинная</blockquote>",
        "🙂🙂 <b>🙂</b> после",
    ],
)
def test_html_comes_back_as_it_was(source: str) -> None:
    assert html_of(source) == source


def test_offsets_are_utf16_and_survive_trimming() -> None:
    text, entities = finish(*parse_html("  \n🙂 <b>яма</b>  "))
    assert text == "🙂 яма"
    assert entities == [{"type": "bold", "offset": 3, "length": 3}]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Ж<foo>x</foo>", 'Unsupported start tag "foo" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(source: str, words: str) -> None:
    assert complaint(parse_html, source) == words


def test_an_ampersand_alone_is_text() -> None:
    assert finish(*parse_html("ЖКХ & Ко &nbsp; &#1071;"))[0] == "ЖКХ & Ко &nbsp; Я"


def test_markdown_of_every_kind() -> None:
    source = "*b _i __u___* ~s~ ||t|| `c` [l](https://e.ru/\\)) \\_ \n>q\n>w\nпосле ```py\nx```"
    assert markdown_of(source) == (
        "<b>b <i>i <u>u</u></i></b> <s>s</s> <tg-spoiler>t</tg-spoiler> <code>c</code> "
        '<a href="https://e.ru/)">l</a> _ \n<blockquote>q\nw</blockquote>\nпосле '
        '<pre><code class="language-py">x</code></pre>'
    )


# The texts and offsets are those of TDLib's own test, test/message_entities.cpp.
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```", "Can't find end of Pre entity at byte offset 9"),
        ("🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
        ("🏟 🏟__🏟 🏟_", "Can't find end of Italic entity at byte offset 20"),
    ],
)
def test_broken_markdown_is_refused_in_telegrams_words(source: str, words: str) -> None:
    assert complaint(parse_markdown, source) == words


def test_the_server_finds_commands_links_mentions_and_hashtags_itself() -> None:
    text, entities = finish("/start@otklik_bot #яма @anna https://vk.com/a. ул.Ленина a@b.ru", [])
    found = [
        (entity["type"], text[entity["offset"] : entity["offset"] + entity["length"]]) for entity in entities
    ]
    assert found == [
        ("bot_command", "/start@otklik_bot"),
        ("hashtag", "#яма"),
        ("mention", "@anna"),
        ("url", "https://vk.com/a"),
        ("email", "a@b.ru"),
    ]


def test_nothing_is_found_inside_code() -> None:
    assert [entity["type"] for entity in finish(*parse_html("<code>/start @anna</code>"))[1]] == ["code"]


def test_an_entity_that_crosses_a_found_one_is_cut() -> None:
    entities = given("Tap /start now", [{"type": "italic", "offset": 9, "length": 3}])
    assert finish("Tap /start now", entities)[1] == [
        {"type": "bot_command", "offset": 4, "length": 6},
        {"type": "italic", "offset": 9, "length": 1},
        {"type": "italic", "offset": 10, "length": 2},
    ]


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ApiError, match="strings must be encoded in UTF-8"):
        clean("a\ud800")
