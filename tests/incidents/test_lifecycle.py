"""The table of steps, walked from end to end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from incidents.errors import StepNotAllowed
from incidents.lifecycle import FINAL, NEXT, SETTLED, WITH_BODY, advance, allows, diagram, steps_from
from models import Status, Step
from tests.conftest import ROOT

ALLOWED = {status.value: [step.value for step in steps_from(status)] for status in Status}


def test_the_steps_from_every_status_are_these_and_no_others() -> None:
    assert (
        snapshot(
            {
                "new": ["register", "skip", "merge", "lose_source"],
                "registered": ["skip", "merge", "assign", "lose_source", "answer_directly"],
                "assigned": [
                    "skip",
                    "merge",
                    "accept",
                    "return",
                    "reassign",
                    "lose_source",
                    "answer_directly",
                    "undo",
                    "delegate",
                ],
                "accepted": [
                    "return",
                    "reassign",
                    "release",
                    "submit",
                    "send",
                    "lose_source",
                    "answer_directly",
                    "delegate",
                ],
                "on_review": ["reassign", "approve", "send_back", "answer_directly"],
                "rework": ["return", "reassign", "release", "submit", "send", "answer_directly", "delegate"],
                "approved": ["publish", "publish_interim", "take_back", "lose_source", "answer_directly"],
                "interim": ["reassign", "release", "submit", "send", "answer_directly", "delegate", "revise"],
                "answered": ["close", "reopen", "revise"],
                "closed": ["reopen"],
                "skipped": ["reopen", "undo"],
                "merged": ["reopen", "undo"],
                "source_gone": [],
            }
        )
        == ALLOWED
    )


@pytest.mark.parametrize(("status", "step"), list(itertools.product(Status, Step)))
def test_every_pair_of_status_and_step_either_moves_or_refuses(status: Status, step: Step) -> None:
    if (status, step) in NEXT:
        assert advance(status, step) is NEXT[status, step]
        assert allows(status, step)
    else:
        assert not allows(status, step)
        with pytest.raises(StepNotAllowed) as refusal:
            advance(status, step)
        assert (refusal.value.status, refusal.value.step) == (status, step)


def test_every_status_is_reached_from_a_new_post() -> None:
    reached = {Status.NEW}
    for _ in Status:
        reached |= {after for (before, _), after in NEXT.items() if before in reached}
    assert reached == set(Status)


def test_every_unfinished_status_has_a_way_to_an_answer_or_an_end() -> None:
    ends = set(SETTLED)
    for _ in Status:
        ends |= {before for (before, _), after in NEXT.items() if after in ends}
    assert ends == set(Status)


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_lost_is_never_left_and_merged_only_by_a_curator_who_takes_it_back(steps: list[Step]) -> None:
    status = Status.NEW
    for step in steps:
        if not allows(status, step):
            continue
        assert status is not Status.SOURCE_GONE
        assert status is not Status.MERGED or step in {Step.UNDO, Step.REOPEN}
        status = advance(status, step)


def test_an_answer_is_published_only_after_it_was_approved() -> None:
    leading = {before for (before, step) in NEXT if step in {Step.PUBLISH, Step.PUBLISH_INTERIM}}
    assert leading == {Status.APPROVED}


def test_an_answer_given_past_the_bot_ends_whatever_is_open_and_registered() -> None:
    leading = {before for (before, step) in NEXT if step is Step.ANSWER_DIRECTLY}
    assert leading == set(Status) - SETTLED - {Status.NEW}
    assert {NEXT[before, Step.ANSWER_DIRECTLY] for before in leading} == {Status.ANSWERED}


def test_the_groups_of_statuses_do_not_overlap() -> None:
    assert not SETTLED & WITH_BODY
    assert FINAL < SETTLED
    assert set(Status) - SETTLED - WITH_BODY == {Status.NEW, Status.REGISTERED}


def test_the_diagram_in_the_docs_is_the_table() -> None:
    assert diagram() in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
