"""Words as features: dictionary forms and pieces, weighed by rarity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import features
from classifier.vocabulary import Vocabulary

TEXTS = [
    features.tokens_of(text)
    for text in (
        "Яма на дороге",
        "Ямы на дорогах!",
        "Нет воды",
        "Дорога в ямах",
        "Вода ржавая",
        "На дороге вода",
    )
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.learn(TEXTS)


def test_forms_of_a_word_share_its_dictionary_form(vocabulary: Vocabulary) -> None:
    first = {vocabulary.piece(word).ids[0] for word in ("дорога", "дороге", "дорогах")}
    assert len(first) == 1
    assert vocabulary.lemmas[first.pop()] == "дорога"


def test_a_piece_must_stand_in_three_texts(vocabulary: Vocabulary) -> None:
    assert " дор" in vocabulary.grams
    assert "ржав" not in vocabulary.grams
    assert "ржавый" in vocabulary.lemmas


def test_the_rarer_the_heavier(vocabulary: Vocabulary) -> None:
    weight = {lemma: vocabulary.idf[number] for number, lemma in enumerate(vocabulary.lemmas)}
    assert weight["ржавый"] > weight["вода"]
    assert weight["дорога"] > 1 / 2


def test_pieces_weigh_as_much_as_the_dictionary_form(vocabulary: Vocabulary) -> None:
    piece = vocabulary.piece("дорога")
    assert piece.is_known
    assert np.sqrt(piece.weights[1:] @ piece.weights[1:]) == pytest.approx(piece.weights[0], rel=1e-5)


def test_a_typo_keeps_some_pieces_and_is_no_known_word(vocabulary: Vocabulary) -> None:
    piece = vocabulary.piece("дорогга")
    assert not piece.is_known
    assert len(piece.ids) > 0


def test_a_word_of_nothing_known_has_no_features(vocabulary: Vocabulary) -> None:
    piece = vocabulary.piece("xyzzy")
    assert (len(piece.ids), piece.norm2, piece.is_known) == (0, 0.0, False)


def test_what_is_learned_does_not_depend_on_the_order_of_texts() -> None:
    left, right = Vocabulary.learn(TEXTS), Vocabulary.learn(TEXTS[::-1])
    assert (left.lemmas, left.grams) == (right.lemmas, right.grams)
    assert (left.idf == right.idf).all()


@given(token=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=40))
def test_every_token_has_a_piece_of_finite_weights(vocabulary: Vocabulary, token: str) -> None:
    for one in features.tokens(token):
        piece = vocabulary.piece(one)
        assert len(piece.ids) == len(piece.weights) == len(set(piece.ids.tolist()))
        assert np.isfinite(piece.weights).all()
        assert (piece.ids < len(vocabulary)).all()


def test_nothing_learned_knows_nothing() -> None:
    empty = Vocabulary.learn([])
    assert len(empty) == 0
    assert not empty.piece("яма").is_known
