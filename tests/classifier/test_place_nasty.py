"""The place finder on any text at all: honest spans, never an exception, no time lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import features
from classifier.gazetteer import Gazetteer
from classifier.place import PlaceFinder

FINDER = PlaceFinder(gazetteer=Gazetteer.of_names(["Льгов", "Старый Бузец", "Белая"]))
_PIECES = st.sampled_from(
    (
        "ул.",
        "улица",
        "Ленина",
        "ленина",
        "д.",
        "5",
        "-",
        ",",
        "г.",
        "с",
        "Льгов",
        "и",
        "1-я",
        "(",
        "«",
        "»",
        "В.",
        "им.",
        "снт",
        "мкр",
        "парк",
        "район",
        "Курск-Льгов",
        "маршрут",
        "İ",
        "округ",
        "Северо-Западный",
        "по",
        "на",
        "Энергетиков",
        "перекрёсток",
        "2е",
        "Карла",
        "50 лет",
        " ",
    )
)


@settings(max_examples=400)
@given(
    text=st.one_of(st.text(), st.lists(_PIECES, max_size=40).map("".join), st.lists(_PIECES).map(" ".join))
)
def test_any_text_gives_honest_spans(text: str) -> None:
    plain = features.plain(text)
    last = 0
    for one in FINDER.mentions(plain):
        assert last <= one.start < one.end <= len(plain)
        assert 0 < one.confidence < 1
        assert one.name
        assert one.shown
        last = one.end


@pytest.mark.parametrize(
    "piece",
    ["ул. ", "а", "А", "Ленина 5, ", "1-я ", "«", " ", "г. Льгов и ", "Аа-", "д", "маршрут ", "50 лет "],
)
def test_a_hundred_kilobytes_of_anything_takes_no_time(piece: str) -> None:
    FINDER.find(piece * (100_000 // len(piece)))
    FINDER.mentions((piece * (100_000 // len(piece)))[:100_000])
