"""The rows of words give what the model was fitted on, whatever was read before and beside."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import corpus_rows, features
from classifier.model import Model
from classifier.table import Sums, TokenTable
from classifier.training import matrix_of
from classifier.vocabulary import Vocabulary

ROWS = [row.text for row in corpus_rows.filled_rows()[::60]]
WORDS = [
    "яма",
    "Яма,",
    "ЯМА!!!",
    "дом.Вода",
    "5-й",
    "—",
    "нет",
    "не",
    "ёж",
    "🙏",
    "х" * 90,
    "аб1" * 50,
    "URL",
    "ПОЗОР",
    "до\xadрога",
    "и\u0306од",
    "z\u0338а\u0337",
]
SOME_TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.lists(st.sampled_from(ROWS), min_size=1, max_size=3).map(" ".join),
)


def by_features(model: Model, texts: Sequence[str]) -> tuple[np.ndarray, list[float]]:
    """What `sums` promises, computed the long way."""
    tokens = [features.tokens_of(text) for text in texts]
    margins = matrix_of(model.vocabulary, tokens) @ model.weights.astype(np.float64)
    known = []
    for one in tokens:
        words = [token for token in one if len(token) > 1 and token[0].isalpha()]
        known.append(sum(model.vocabulary.piece(word).is_known for word in words) / max(len(words), 1))
    return margins, known


def assert_same(left: Sums, right: Sums) -> None:
    assert np.abs(left.margins - right.margins).max(initial=0) < 1e-4
    assert left.known_share == pytest.approx(right.known_share, abs=1e-6)


@settings(max_examples=100)
@given(texts=st.lists(SOME_TEXT, max_size=6))
def test_reading_gives_what_the_features_give(small_model: Model, texts: list[str]) -> None:
    sums = small_model.table.read(features.plain_all(texts))
    margins, known = by_features(small_model, texts)
    assert np.abs(sums.margins - margins).max(initial=0) < 1e-3
    assert sums.known_share.tolist() == pytest.approx(known, abs=1e-6)


@settings(max_examples=100)
@given(texts=st.lists(SOME_TEXT, max_size=6))
def test_texts_and_their_tokens_sum_to_the_same(small_model: Model, texts: list[str]) -> None:
    read = small_model.table.read([features.plain(text) for text in texts])
    assert_same(read, small_model.table.sums([features.tokens_of(text) for text in texts]))


@settings(max_examples=60)
@given(texts=st.lists(SOME_TEXT, min_size=2, max_size=8))
def test_a_text_alone_and_in_company_is_exactly_the_same(small_model: Model, texts: list[str]) -> None:
    texts = features.plain_all(texts)
    together = small_model.table.read(texts)
    for number, text in enumerate(texts):
        alone = small_model.table.read([text])
        assert (alone.margins[0] == together.margins[number]).all()
        assert alone.known_share[0] == together.known_share[number]


@settings(max_examples=60)
@given(pages=st.lists(st.lists(SOME_TEXT, max_size=4), max_size=8), kept=st.integers(1, 60))
def test_a_table_that_forgets_sums_to_the_same(small_model: Model, pages: list[list[str]], kept: int) -> None:
    tiny = TokenTable(small_model.vocabulary, small_model.weights, kept=kept)
    for page in pages:
        texts = features.plain_all(page)
        assert_same(tiny.read(texts), small_model.table.read(texts))
        tokens = [features.tokens_of(text) for text in page]
        assert_same(tiny.sums(tokens), small_model.table.sums(tokens))
        assert tiny.size[0] <= max(kept, 16)


def test_an_empty_text_and_no_text_at_all_have_sums(small_model: Model) -> None:
    nothing = small_model.table.read([])
    assert nothing.margins.shape == (0, small_model.weights.shape[1])
    assert small_model.table.sums([[]]).margins.tolist() == [[0.0] * small_model.weights.shape[1]]
    assert small_model.table.sums([[]]).known_share.tolist() == [0.0]


def test_random_words_cannot_fill_the_memory(small_model: Model) -> None:
    table = TokenTable(small_model.vocabulary, small_model.weights, kept=200)
    random = np.random.default_rng(5)
    for _ in range(30):
        spam = ["".join(random.choice(list("абвгдежзик"), 14)) for _ in range(90)]
        table.read([" ".join(spam), " ".join(spam).upper() + "!?", "".join(spam)])
    words, taken = table.size
    assert words <= 200
    assert taken <= 200 * (small_model.weights.shape[1] + 3 + 16) * 4
    scraps, letters = table.scraps
    assert scraps <= 2 * 200 + 200
    assert letters <= 32 * 200 + 3 * features.READ_AT_MOST


def test_a_forgotten_word_comes_back_as_it_was(small_model: Model) -> None:
    table = TokenTable(small_model.vocabulary, small_model.weights, kept=16)
    before = table.read(["Яма на дороге!"]).margins
    for number in range(200):
        table.read([f"слово{chr(0x430 + number % 32)}{'б' * (number // 32)}"])
    assert (table.read(["Яма на дороге!"]).margins == before).all()


def test_several_threads_read_one_table_as_if_alone(small_model: Model) -> None:
    table = TokenTable(small_model.vocabulary, small_model.weights, kept=300)
    pages = [features.plain_all(ROWS[at : at + 7]) for at in range(0, len(ROWS), 7)] * 3
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(table.read, pages))
    for page, answer in zip(pages, answers, strict=True):
        assert_same(answer, small_model.table.read(page))


def test_a_words_row_and_length_add_up_to_the_margins(small_model: Model) -> None:
    text = "Яма на дороге, сколько можно!"
    tokens = features.tokens_of(text)
    table = small_model.table
    total = sum(table.row(token) for token in tokens) / np.sqrt(sum(table.norm2(token) for token in tokens))
    assert np.abs(total - table.read([text]).margins[0]).max() < 1e-4


@pytest.fixture(scope="module")
def table() -> TokenTable:
    """Of a vocabulary that knows lengths and shouting, with weights of no meaning."""
    texts = ["ГДЕ ВОДА, СКАЖИТЕ", "где вода", "нет воды нет воды", "нет воды"]
    vocabulary = Vocabulary.learn([features.tokens_of(text) for text in texts])
    weights = np.random.default_rng(2).normal(size=(len(vocabulary), 5))
    return TokenTable(vocabulary, weights.astype(np.float16))


def test_shouting_counts(table: TokenTable) -> None:
    for loud in ("ГДЕ ВОДА ГДЕ", "Где ВОДА?! ГДЕ"):
        shouted, said = table.read([loud, loud.lower()]).margins
        assert np.abs(shouted - said).max() > 1e-3
        assert features.tokens_of(loud) == [*features.tokens_of(loud.lower()), features.SHOUT]
    short, said = table.read(["ГДЕ", "где"]).margins
    assert (short == said).all()


def test_length_counts(table: TokenTable) -> None:
    assert "⟨2⟩" in table.vocabulary.lemmas
    once, twice = table.read(["нет воды", "нет воды нет воды"]).margins
    row, length = table.row("⟨2⟩"), np.sqrt(sum(table.norm2(token) for token in ("нет", "воды", "⟨2⟩")))
    assert np.abs(once - (table.row("нет") + table.row("воды") + row) / length).max() < 1e-5
    assert np.abs(once - twice).max() > 1e-3
