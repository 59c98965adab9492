"""Champion against challenger on the same rows."""

import pytest

from classifier.trials import contest, is_worse


@pytest.mark.parametrize(
    ("broken", "mended", "worse"),
    [
        (0, 0, False),
        (3, 0, False),  # one time in eight by bad luck alone
        (4, 0, True),
        (4, 1, False),
        (7, 2, True),
        (5, 5, False),
        (2, 9, False),
        (60, 40, True),
        (52, 48, False),
    ],
)
def test_a_loss_counts_where_luck_does_not_explain_it(broken: int, mended: int, *, worse: bool) -> None:
    assert is_worse(broken, mended) is worse


def test_a_contest_counts_each_class_by_what_is_true() -> None:
    truth = ["roads"] * 12 + ["waste"] * 10 + ["sport"] * 3
    champion = ["roads"] * 12 + ["waste"] * 5 + ["roads"] * 5 + ["sport"] * 3
    challenger = ["roads"] * 12 + ["waste"] * 10 + ["roads"] * 3
    found = contest(truth, champion, challenger)
    assert (found.rows, found.champion, found.challenger) == (25, 20, 22)
    assert (found.broken, found.mended) == (3, 5)
    assert found.classes == {"roads": (12, 12, 12), "waste": (10, 5, 10)}
    assert found.worse == ()  # three rows of sport are no large class
    assert not found.is_lost


def test_one_large_class_lost_is_a_contest_lost() -> None:
    truth = ["roads"] * 40 + ["waste"] * 10
    champion = ["sport"] * 20 + ["roads"] * 20 + ["waste"] * 10
    challenger = ["roads"] * 40 + ["waste"] * 5 + ["roads"] * 5
    found = contest(truth, champion, challenger)
    assert found.challenger > found.champion
    assert found.worse == ("waste",)
    assert found.is_lost


def test_a_whole_question_is_lost_without_any_large_class() -> None:
    truth = [f"class{number}" for number in range(30)]
    found = contest(truth, truth, ["nothing"] * 10 + truth[10:])
    assert found.worse == ()
    assert found.is_lost
