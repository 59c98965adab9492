"""One line of a question, by table: Russian and English."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.search_periods import Period
from incidents.search_query import LONGEST, Asked, Known, understand
from incidents.search_words import document, spans, stems, variants

TODAY = date(2026, 11, 21)  # a Saturday
KNOWN = Known(
    statuses={
        "в работе": frozenset({"accepted"}),
        "accepted": frozenset({"accepted"}),
        "отвечено": frozenset({"answered"}),
        "закрыто": frozenset({"closed"}),
    },
    topics={
        "дороги": frozenset({"roads"}),
        "дорожные знаки": frozenset({"signs"}),
        "roads": frozenset({"roads"}),
        "вода и тепло": frozenset({"utilities"}),
    },
    bodies={"roads": frozenset({1}), "минтранс": frozenset({1, 9}), "мин-жкх": frozenset({2})},
)


def asked(text: str) -> Asked:
    return understand(text, today=TODAY, known=KNOWN)


def words_of(text: str) -> list[str]:
    return [" ".join(term.stems) + ("*" if term.is_prefix else "") for term in asked(text).terms]


@pytest.mark.parametrize(
    ("text", "number"),
    [("17", 17), ("№17", 17), ("№ 17 ", 17), ("#17", 17), ("No. 17", 17), ("n17", 17), ("0", None),
     ("2147483648", None), ("17 яма", None), ("17.11", None), ('"17"', None), ("1" * 40, None)],
)  # fmt: skip
def test_a_number_alone_is_an_incidents(text: str, number: int | None) -> None:
    assert asked(text).number == number


@pytest.mark.parametrize(
    ("text", "stems_of"),
    [
        ("ямы на дорогах", ["ям", "дорог"]),
        ("holes in the roads", ["hole", "road"]),
        ("на", ["на"]),
        ("где они", ["где", "он"]),
        ('"яма на дороге" свет', ["ям на дорог", "свет"]),
        ("«горячая вода»", ["горяч вод"]),
        ("дорог* вод", ["дорог*", "вод"]),
        ("яма ямы ЯМУ", ["ям"]),
        ("wi-fi 15а", ["wi", "fi", "15а"]),
        ("за́мок ёлка", ["замок", "елк"]),
        ("", []),
        ("-?!", []),
        ('"', []),
    ],
)
def test_words(text: str, stems_of: list[str]) -> None:
    assert words_of(text) == stems_of


def test_what_to_leave_out() -> None:
    found = asked('яма -свет -"горячая вода" кое-где')
    assert [term.stems for term in found.without] == [("свет",), ("горяч", "вод")]
    assert [term.stems for term in found.terms] == [("ям",), ("ко",)]  # "где" tells nothing


_DAYS: list[tuple[str, str | None, str | None]] = [
    ("сегодня", "2026-11-21", "2026-11-21"),
    ("вчера", "2026-11-20", "2026-11-20"),
    ("Позавчера", "2026-11-19", "2026-11-19"),
    ("за неделю", "2026-11-14", "2026-11-21"),
    ("за последние 3 дня", "2026-11-19", "2026-11-21"),
    ("за сутки", "2026-11-21", "2026-11-21"),
    ("за месяц", "2026-10-22", "2026-11-21"),
    ("за 2 недели", "2026-11-07", "2026-11-21"),
    ("за год", "2025-11-21", "2026-11-21"),
    ("на этой неделе", "2026-11-16", "2026-11-22"),
    ("на прошлой неделе", "2026-11-09", "2026-11-15"),
    ("в прошлом месяце", "2026-10-01", "2026-10-31"),
    ("в этом месяце", "2026-11-01", "2026-11-30"),
    ("ноябрь", "2026-11-01", "2026-11-30"),
    ("в ноябре 2025 года", "2025-11-01", "2025-11-30"),
    ("за декабрь", "2025-12-01", "2025-12-31"),
    ("в мае", "2026-05-01", "2026-05-31"),
    ("01.11", "2026-11-01", "2026-11-01"),
    ("22.11", "2025-11-22", "2025-11-22"),
    ("01.11.24", "2024-11-01", "2024-11-01"),
    ("2026-11-01", "2026-11-01", "2026-11-01"),
    ("01.11-07.11", "2026-11-01", "2026-11-07"),
    ("01.11 – 07.11", "2026-11-01", "2026-11-07"),
    ("25.12-05.01", "2025-12-25", "2026-01-05"),
    ("с 01.11", "2026-11-01", None),
    ("по 07.11", None, "2026-11-07"),
    ("с 01.11 по 07.11", "2026-11-01", "2026-11-07"),
    ("1 ноября", "2026-11-01", "2026-11-01"),
    ("1–7 ноября", "2026-11-01", "2026-11-07"),
    ("с 1 по 7 ноября", "2026-11-01", "2026-11-07"),
    ("с 1 ноября", "2026-11-01", None),
    ("29.02", None, None),
    ("today", "2026-11-21", "2026-11-21"),
    ("yesterday", "2026-11-20", "2026-11-20"),
    ("last week", "2026-11-14", "2026-11-21"),
    ("in the last 3 days", "2026-11-19", "2026-11-21"),
    ("this week", "2026-11-16", "2026-11-22"),
    ("november", "2026-11-01", "2026-11-30"),
    ("in may", "2026-05-01", "2026-05-31"),
    ("since 01.11", "2026-11-01", None),
    ("until 07.11.2026", None, "2026-11-07"),
    ("1 november", "2026-11-01", "2026-11-01"),
    ("november 1, 2025", "2025-11-01", "2025-11-01"),
    ("from 01.11 to 07.11", "2026-11-01", "2026-11-07"),
]


@pytest.mark.parametrize(("text", "since", "until"), _DAYS)
def test_periods(text: str, since: str | None, until: str | None) -> None:
    wanted = Period(*(date.fromisoformat(one) if one else None for one in (since, until)))
    found = asked(f"яма {text} свет")
    if since is until is None:
        assert (found.period, found.unknown) == (None, (text,))
    else:
        assert found.period == wanted
    assert [term.stems for term in found.terms] == [("ям",), ("свет",)]


@pytest.mark.parametrize(
    "text", ["маяк", "майский", "may", "сегодняшний", "вчерашний", "мартовский кот", "снег с крыши"]
)
def test_what_only_looks_like_a_period(text: str) -> None:
    assert asked(text).period is None


@pytest.mark.parametrize("text", ["31.02", "99.99", "01.13.2026", "2026-13-01", "32 ноября"])
def test_a_day_no_calendar_has_is_named(text: str) -> None:
    found = asked(f"яма {text}")
    assert found.period is None
    assert found.unknown == (text,)


def test_filters_take_the_longest_name_that_stands_there() -> None:
    found = asked("статус:в работе яма тема:дорожные знаки орган: мин-жкх")
    assert (found.statuses, found.topics, found.bodies) == (
        frozenset({"accepted"}),
        frozenset({"signs"}),
        frozenset({2}),
    )
    assert [term.stems for term in found.terms] == [("ям",)]


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("тема:дороги", {"roads"}),
        ("тема:ДОРОГА", {"roads"}),
        ("topic:roads", {"roads"}),
        ('тема:"вода и тепло"', {"utilities"}),
        ("тема:вода", {"utilities"}),
        ("тема:дор", {"roads", "signs"}),
        ("тема:дороги тема:вода", {"roads", "utilities"}),
    ],
)
def test_topics(text: str, topics: set[str]) -> None:
    assert asked(text).topics == frozenset(topics)


def test_what_is_not_known_is_named_and_the_rest_still_asked() -> None:
    found = asked("яма статус:хорошо тема: орган:нет")
    assert found.unknown[0] == "статус:хорошо"
    assert found.statuses is None
    assert found.terms[0].stems == ("ям",)


def test_authors_and_links() -> None:
    found = asked('автор:Иванов by:"Anna Lee" https://vk.com/wall-1_2, author:vk.com/id5')
    assert [term.stems for term in found.authors] == [("ъиванов",), ("ъanna", "ъlee")]
    assert (found.links, found.author_links) == (("https://vk.com/wall-1_2",), ("vk.com/id5",))
    assert asked("автор:@handle").authors[0].stems == ("ъhandle",)


def test_a_long_question_is_read_as_far_as_it_goes() -> None:
    assert len(asked("слово " * 4000).terms) == 1
    assert len(asked(" ".join(f"слово{number}" for number in range(400))).terms) <= 20
    assert len(asked("я" * 16000).terms[0].stems[0]) <= 40
    assert LONGEST == 300


@given(st.text(max_size=400))
def test_whatever_is_typed_is_understood_somehow(text: str) -> None:
    found = asked(text)
    for term in (*found.terms, *found.without, *found.authors):
        assert all(stem.isalnum() for stem in term.stems)


@given(
    st.lists(
        st.sampled_from(
            [
                '"',
                "-",
                "*",
                ":",
                "статус",
                "автор",
                "01.11",
                "с ",
                "по ",
                "№",
                "17",
                " ",
                "ё",
                "ъ",
                "http://[",
            ]
        )
    )
)
def test_whatever_is_put_together_is_understood_somehow(parts: list[str]) -> None:
    asked("".join(parts))


def test_stems_are_the_same_in_texts_and_questions() -> None:
    assert stems("Ямы, ЯМАМИ; яме ёлки-ёлок") == ["ям", "ям", "ям", "елк", "елок"]
    assert document(["Яма"], ["Пётр ъ"]) == "ъпетр ъ ям"
    assert stems("ъиван") == stems("иван")


def test_spans_stand_where_the_words_do() -> None:
    text = "Бо́льшая Яма, ямища: ЁЛКА"
    assert [text[start:end] for start, end in spans(text, {"ям", "елк"})] == ["Яма", "ЁЛКА"]
    assert [text[start:end] for start, end in spans(text, {"ям*"})] == ["Яма", "ямища"]


def test_variants_are_one_letter_away_or_another_layout() -> None:
    assert "дорог" in variants("дарога")
    assert "дорог" in variants("дроога")
    assert "дорог" in variants("дорогга")
    assert "дорог" in variants("доога")
    assert variants("zvf") == ["ям"]
    assert "дорог" not in variants("дорога")
    assert variants("яма") == ["zvf"]
