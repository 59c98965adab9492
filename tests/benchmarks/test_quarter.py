"""The simulated quarter in small: learning must help, and one person must not swing a class."""

import asyncio

import pytest

from benchmarks.quarter import Week, line_of, picture, simulate
from benchmarks.quarter_town import Plan, shares
from classifier import corpus_rows
from classifier.calibration import Calibration
from classifier.shipped import learn_shipped

PLAN = Plan(weeks=3, posts=110, appears=1, one_new_of=2, moved_topic="roads", moves=2, grabs=0.7)
TOPICS = {"roads", "waste", "animals", "transport", "culture"}
SURE = Calibration(sharpness={"subtopic": 6.0}, thresholds=dict.fromkeys(TOPICS, 0.9))


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> list[Week]:
    rows = [
        row for row in corpus_rows.lesson() if row.topic in TOPICS and (row.group < 0 or row.group % 4 < 3)
    ]
    known, flow = shares(rows, PLAN)
    known = [row for row in known if row.group % 4 == 0 or row.group < 0]
    first = learn_shipped(known, model_id="half", calibration=SURE), SURE
    return asyncio.run(
        simulate(PLAN, tmp_path_factory.mktemp("quarter"), known=known, flow=flow, first=first)
    )


def test_learning_ends_better_than_not_learning(weeks: list[Week]) -> None:
    last = weeks[-1]
    assert last.learning.right / last.learning.posts >= last.without.right / last.without.posts + 0.1
    assert last.without.new[1] == 0  # nobody had told the shipped model of it
    assert last.learning.new[1] >= 0.3 * last.learning.new[0]
    assert "promoted" in "".join(one.verdict for one in weeks)


def test_a_body_whose_business_moved_is_found_again(weeks: list[Week]) -> None:
    last = weeks[-1]
    assert last.number > PLAN.moves
    assert sum(one.rules_changed for one in weeks) >= 1
    assert last.learning.bodies / last.learning.posts >= last.without.bodies / last.without.posts + 0.1


def test_one_person_swings_no_class(weeks: list[Week]) -> None:
    """Seven of ten presses on transport were the saboteur's, and said culture."""
    posts = sum(one.learning.victim[0] for one in weeks[1:])
    lost = sum(one.without.victim[1] - one.learning.victim[1] for one in weeks[1:])
    assert posts >= 15
    assert lost <= 0.15 * posts


def test_the_table_and_the_picture_tell_every_week(weeks: list[Week]) -> None:
    assert [line_of(one).split("|")[1].strip() for one in weeks] == ["1", "2", "3"]
    assert picture(weeks, PLAN).count("<path") > 8
