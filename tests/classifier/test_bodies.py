"""Places in bodies' names lift the bodies of the places a message names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import features
from classifier.bodies import NamedPlaces, lifted

BODIES = (
    "Глава Льговского района",
    "Глава Железногорского района",
    "Глава Обоянского района",
    "Глава Рыльского района",
    "Глава Суджанского района",
    "Комитет транспорта",
    "—",
)
EVEN = np.full((1, len(BODIES)), 1 / len(BODIES))


def best(text: str) -> str:
    raised = lifted(EVEN, NamedPlaces(BODIES), [features.tokens(text)])
    return BODIES[int(raised[0].argmax())]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("во Льгове третий день нет света", "Глава Льговского района"),
        ("ЖЕЛЕЗНОГОРСК без воды", "Глава Железногорского района"),
        ("дорога на обоянь разбита", "Глава Обоянского района"),
        ("когда наладят работу транспорта", "Комитет транспорта"),
    ],
)
def test_a_place_in_the_text_lifts_its_body(text: str, body: str) -> None:
    assert best(text) == body


def test_a_word_of_many_names_lifts_nobody() -> None:
    raised = lifted(EVEN, NamedPlaces(BODIES), [features.tokens("глава района, ответьте")])
    assert raised == pytest.approx(EVEN)


def test_words_do_not_overrule_what_is_sure() -> None:
    sure = np.array([[0.02, 0.9, *[0.08 / 5] * 5]])
    raised = lifted(sure, NamedPlaces(BODIES), [features.tokens("во Льгове темно")])
    assert raised[0].argmax() == 1


@given(texts=st.lists(st.text(max_size=40), max_size=4))
def test_probabilities_stay_probabilities(texts: list[str]) -> None:
    even = np.repeat(EVEN, len(texts), axis=0)
    raised = lifted(even, NamedPlaces(BODIES), [features.tokens(text) for text in texts])
    assert raised.shape == even.shape
    assert raised.sum(axis=1) == pytest.approx(np.ones(len(texts)))
