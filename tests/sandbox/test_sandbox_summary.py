"""The figures come from what was offered, seen, pressed and received; every kind of loss shows."""

from dataclasses import replace

import pytest

from sandbox.officials_seen import Did
from sandbox.officials_witness import Card, Deed
from sandbox.summary import Ack, Evidence, percentile, summarize

POST, OTHER = "wall-1_1", "wall-1_2_r3"
FAULTS = ("lost_posts", "lost_answers", "doubled_publications", "stray_answers", "lost_presses")


def card(post: str, number: int, *, at: float = 2.0, chat_id: int = 10, repeats: bool = False) -> Card:
    return Card(post=post, number=number, chat_id=chat_id, message_id=100 + number, at=at, repeats=repeats)


def deed(what: Did, number: int, post: str, query: str, *, words: str = "", message_id: int = 7) -> Deed:
    return Deed(
        what=what,
        chat_id=10,
        message_id=message_id,
        number=number,
        post=post,
        label="",
        words=words,
        query_id=query,
        at=3.0,
    )


GOOD = Evidence(
    offered={POST: 1.0, OTHER: 1.5},
    received=[(POST, "Ответ 1."), (OTHER, "Ответ 2.")],
    standing={POST: 1, OTHER: 1},
    doubled=[],
    cards=[card(POST, 1), card(OTHER, 2, at=4.5)],
    deeds=[
        deed(Did.ACCEPT, 1, POST, "a1"),
        deed(Did.SEND, 1, POST, "s1", words="Ответ 1."),
        deed(Did.ACCEPT, 2, OTHER, "a2"),
        deed(Did.SEND, 2, OTHER, "s2", words="Ответ 2."),
    ],
    acks={
        "a1": Ack(3.0, 3.1, is_alert=False),
        "s1": Ack(4.0, 4.2, is_alert=False),
        "a2": Ack(5.0, 5.3, is_alert=False),
        "s2": Ack(6.0, 6.4, is_alert=False),
    },
)


def test_a_run_without_trouble_has_every_figure_right() -> None:
    figures = summarize(GOOD)
    assert {name: figures[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
    assert figures["posts_offered"] == figures["posts_stored"] == figures["incidents"] == 2
    assert figures["accepted"] == figures["answers_submitted"] == figures["answers_published"] == 2
    assert figures["answers_expected"] == 2
    assert figures["unanswered"] == 0
    assert (figures["post_to_card_p50_s"], figures["post_to_card_p95_s"]) == (1.0, 3.0)
    assert (figures["press_ack_p50_s"], figures["press_ack_p95_s"]) == (0.2, 0.4)


def test_an_answer_given_by_hand_is_counted_apart_and_is_no_stray() -> None:
    link = deed(Did.LINK, 2, OTHER, "", words="https://vk.com/wall-1_2?reply=9")
    evidence = replace(
        GOOD,
        received=GOOD.received[:1],
        deeds=[*GOOD.deeds[:2], link],
        by_hand={OTHER: "Ответ 2."},
        network={POST: "vk", OTHER: "x"},
        told={1, 2},
    )
    figures = summarize(evidence)
    assert {name: figures[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
    assert (figures["answers_submitted"], figures["answered_by_hand"], figures["answers_published"]) == (
        1,
        1,
        2,
    )
    mine = {"offered": 1, "stored": 1, "answered": 1, "answered_by_hand": 1, "lost": 0, "doubled": 0}
    assert figures["by_network"] == {"vk": {**mine, "answered_by_hand": 0}, "x": mine}
    untold = summarize(replace(evidence, told={1}))
    assert untold["missing"]["lost_answers"] == [OTHER]
    assert untold["by_network"]["x"]["lost"] == 1
    twice = summarize(replace(evidence, doubled=[OTHER], standing={POST: 1, OTHER: 2}))
    assert (twice["doubled_publications"], twice["by_network"]["x"]["doubled"]) == (1, 1)


def test_an_answer_by_hand_that_was_taken_away_does_not_stand() -> None:
    gone = replace(GOOD, received=GOOD.received[:1], standing={POST: 1}, by_hand={OTHER: "Ответ 2."})
    figures = summarize(gone)
    assert (figures["answered_by_hand"], figures["missing"]["unanswered"]) == (0, [OTHER])


def test_a_post_without_a_card_is_lost() -> None:
    figures = summarize(replace(GOOD, offered={**GOOD.offered, "wall-1_9": 1.0}))
    assert figures["lost_posts"] == 1
    assert figures["missing"]["lost_posts"] == ["wall-1_9"]


def test_an_acknowledged_answer_that_does_not_stand_is_lost() -> None:
    figures = summarize(replace(GOOD, received=GOOD.received[:1], standing={POST: 1}))
    assert figures["missing"]["lost_answers"] == [OTHER]
    assert figures["missing"]["unanswered"] == [OTHER]


def test_an_answer_that_stands_in_other_words_is_lost_and_stray() -> None:
    figures = summarize(replace(GOOD, received=[GOOD.received[0], (OTHER, "Ответ 1.")]))
    assert figures["missing"]["lost_answers"] == [OTHER]
    assert figures["missing"]["stray_answers"] == [OTHER]


def test_an_answer_that_stands_twice_is_told() -> None:
    figures = summarize(replace(GOOD, doubled=[POST], standing={POST: 2, OTHER: 1}))
    assert figures["doubled_publications"] == 1
    assert figures["answers_published"] == 2


def test_an_answer_sent_but_never_acknowledged_is_nobodys_promise() -> None:
    acks = {**GOOD.acks, "s2": Ack(6.0, None, is_alert=False)}
    figures = summarize(replace(GOOD, acks=acks, received=GOOD.received[:1], standing={POST: 1}))
    assert figures["answers_submitted"] == 1
    assert figures["lost_answers"] == 0
    assert figures["unanswered"] == 1


def test_a_refusal_of_the_second_press_says_that_the_first_has_worked() -> None:
    again = deed(Did.SEND, 2, OTHER, "s3", words="Ответ 2.")
    acks = {**GOOD.acks, "s2": Ack(6.0, None, is_alert=False), "s3": Ack(9.0, 9.1, is_alert=True)}
    evidence = replace(GOOD, deeds=[*GOOD.deeds, again], acks=acks)
    assert summarize(evidence)["answers_submitted"] == 2
    assert summarize(evidence)["lost_presses"] == 0
    assert summarize(replace(evidence, received=GOOD.received[:1]))["lost_answers"] == 1


def test_two_refusals_of_one_button_are_no_answer() -> None:
    again = deed(Did.SEND, 2, OTHER, "s3", words="Ответ 2.")
    acks = {**GOOD.acks, "s2": Ack(6.0, 6.1, is_alert=True), "s3": Ack(9.0, 9.1, is_alert=True)}
    figures = summarize(replace(GOOD, deeds=[*GOOD.deeds, again], acks=acks, received=GOOD.received[:1]))
    assert figures["answers_submitted"] == 1
    assert figures["lost_answers"] == 0


def test_a_press_that_works_only_when_repeated_was_lost_the_first_time() -> None:
    again = deed(Did.ACCEPT, 2, OTHER, "a3")
    acks = {**GOOD.acks, "a2": Ack(5.0, None, is_alert=False), "a3": Ack(9.0, 9.1, is_alert=False)}
    figures = summarize(replace(GOOD, deeds=[*GOOD.deeds, again], acks=acks))
    assert figures["lost_presses"] == 1


def test_a_skipped_post_owes_no_answer() -> None:
    skip = deed(Did.SKIP_WHY, 2, OTHER, "k")
    evidence = replace(
        GOOD,
        deeds=[*GOOD.deeds[:2], skip],
        acks={**GOOD.acks, "k": Ack(5.0, 5.1, is_alert=False)},
        received=GOOD.received[:1],
        standing={POST: 1},
    )
    figures = summarize(evidence)
    assert (figures["skipped"], figures["answers_expected"], figures["unanswered"]) == (1, 1, 0)


def test_cards_of_what_nobody_offered_are_not_counted() -> None:
    figures = summarize(replace(GOOD, cards=[*GOOD.cards, card("wall-9_9", 3)]))
    assert figures["cards_delivered"] == 2


def test_a_card_sent_again_beside_a_living_one_is_a_duplicate() -> None:
    figures = summarize(replace(GOOD, cards=[*GOOD.cards, card(POST, 1, repeats=True)]))
    assert (figures["cards_delivered"], figures["duplicate_cards"]) == (3, 1)


@pytest.mark.parametrize(
    ("values", "per_cent", "expected"),
    [([], 50, None), ([3.0], 95, 3.0), ([1.0, 2.0], 50, 1.0), ([float(n) for n in range(1, 101)], 95, 95.0)],
)
def test_percentiles_are_values_that_occurred(
    values: list[float], per_cent: float, expected: float | None
) -> None:
    assert percentile(values, per_cent) == expected
