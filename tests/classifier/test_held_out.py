import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.held_out import HeldOut, duplicate_groups, splits

PLEA = "Прошу принять меры: третий день во дворе дома 5 по улице Ленина не вывозят мусор, контейнеры полные"


def held_out(truth: list[int], probabilities: list[list[float]]) -> HeldOut:
    return HeldOut(
        name="topic",
        labels=("roads", "waste", "other"),
        truth=np.array(truth, dtype=np.int64),
        probabilities=np.array(probabilities),
        lengths=np.full(len(truth), 10),
    )


def test_a_guess_is_right_when_the_likeliest_label_is_the_truth() -> None:
    judged = held_out([0, 1, 2], [[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
    assert judged.accuracy == pytest.approx(2 / 3)
    assert judged.above(0.7) == pytest.approx((1 / 3, 1.0))
    assert judged.above(0.6) == pytest.approx((1.0, 2 / 3))
    assert judged.above(1.01) == (0.0, 1.0)
    assert judged.take(np.array([2])).accuracy == 1.0


@pytest.mark.parametrize(
    ("truth", "probabilities"),
    [([3], [[1, 0, 0]]), ([-1], [[1, 0, 0]]), ([0], [[1, 0]]), ([0], [[1.5, 0, 0]]), ([0], [[float("nan"), 0, 0]])],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused(truth: list[int], probabilities: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="topic"):
        held_out(truth, probabilities)


def test_repeats_with_other_punctuation_capitals_or_a_word_more_are_one_group() -> None:
    groups = duplicate_groups(
        [
            PLEA,
            PLEA.upper() + "!!!",
            "<p>" + PLEA + "</p>",
            "Здравствуйте! " + PLEA + " Спасибо.",
            "Когда откроют новую школу в посёлке Северный? Обещали к первому сентября прошлого года",
            "",
            "👍",
        ]
    )
    assert groups.tolist() == [0, 0, 0, 0, 1, 2, 3]


def test_messages_that_share_only_their_politeness_are_apart() -> None:
    polite = "Здравствуйте! Прошу принять меры. "
    groups = duplicate_groups(
        [
            polite + "В подъезде второй месяц не горит свет, пожилые люди падают на лестнице, УК молчит",
            polite + "Автобус 14 не ходит по расписанию, дети мёрзнут на остановке и опаздывают в школу",
        ]
    )
    assert groups[0] != groups[1]


def test_nearly_every_pair_that_is_half_alike_is_found_and_no_other() -> None:
    """Against the plain definition, all pairs compared."""
    dice = random.Random(5)  # noqa: S311 - dice
    letters = "абвгдеж "
    texts = ["".join(dice.choices(letters, k=dice.randint(20, 200))) for _ in range(150)]
    for text in texts[:100]:
        cut = dice.randint(0, len(text))
        texts.append(text[:cut] + "".join(dice.choices(letters, k=len(text) // 5)) + text[cut:])
    groups = duplicate_groups(texts)
    shapes = [" ".join(text.split()) for text in texts]
    shingles = [{shape[at : at + 6] for at in range(len(shape) - 5)} for shape in shapes]
    alike = np.array([[len(one & two) >= 0.5 * len(one | two) for two in shingles] for one in shingles])
    together = groups[:, None] == groups[None, :]
    assert (together & alike).sum() >= 0.99 * alike.sum()
    reach = alike.copy()
    for _ in range(8):  # what is alike through others
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    assert not (together & ~reach).any()


def test_thousands_of_copies_are_one_group_and_thousands_of_strangers_are_none() -> None:
    dice = random.Random(7)  # noqa: S311 - dice
    strangers = [" ".join(dice.choices("абвгдежзиклмнопрст", k=60)) + str(number) for number in range(3_000)]
    groups = duplicate_groups([*strangers, *[f"{PLEA} {number}" for number in range(3_000)]])
    assert len(set(groups[:3_000])) == 3_000
    assert len(set(groups[3_000:])) == 1


@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_text_has_a_group_and_the_same_text_the_same(texts: list[str]) -> None:
    groups = duplicate_groups([*texts, *texts])
    assert groups[: len(texts)].tolist() == groups[len(texts) :].tolist()
    assert sorted(set(groups.tolist())) == list(range(len(set(groups.tolist()))))


@given(st.lists(st.integers(0, 30), min_size=2, max_size=80), st.integers(0, 5))
def test_folds_judge_every_row_once_and_never_part_a_group(groups: list[int], seed: int) -> None:
    numbers = np.array(groups)
    if len(set(groups)) == 1:
        with pytest.raises(ValueError, match="repeat"):
            splits(numbers)
        return
    found = splits(numbers, seed=seed)
    assert sorted(row for _, judged in found for row in judged.tolist()) == list(range(len(groups)))
    for learned, judged in found:
        assert len(learned) + len(judged) == len(groups)
        assert not set(numbers[learned]) & set(numbers[judged])


def test_folds_are_of_like_size() -> None:
    numbers = np.repeat(np.arange(50), np.arange(1, 51))
    sizes = [len(judged) for _, judged in splits(numbers)]
    assert max(sizes) - min(sizes) <= 5


def test_dated_rows_are_judged_by_their_latest_fifth() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    at = [start + timedelta(days=(7 * day) % 100) for day in range(100)]  # not in the order of time
    groups = np.arange(100)
    groups[at.index(start + timedelta(days=99))] = groups[at.index(start)]  # the last repeats the first
    [(learned, judged)] = splits(groups, at)
    assert sorted(at[row] for row in judged) == [start + timedelta(days=day) for day in range(80, 99)]
    assert len(learned) == 81


def test_too_few_dates_or_one_date_alone_fall_back_to_folds() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    groups = np.arange(10)
    assert len(splits(groups, [now] * 8 + [None] * 2)) == 5
    assert len(splits(groups, [now] * 10)) == 5
    later = [now + timedelta(days=day) for day in range(9)]
    [(learned, _)] = splits(groups, [*later, None])
    assert 9 in learned
    with pytest.raises(ValueError, match="date"):
        splits(groups, [now])
