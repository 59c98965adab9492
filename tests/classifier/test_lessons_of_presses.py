"""What presses say, which of them judge, and the file they travel in."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from classifier.presses import LEAST_JUDGED, Press, id_of, presses_of, put_aside, read_job, write_job
from incidents.rubricator import subtopics
from incidents.teaching import LabelledPost
from models import Kind
from tests.conftest import NOON

POST = LabelledPost(1, "Яма на Ленина", "vk", "Заречный", NOON, 1.0, topic="roads", subtopic="roads.potholes")
WORDS = [
    "яма",
    "лужа",
    "свет",
    "вода",
    "мост",
    "сквер",
    "забор",
    "рейс",
    "тариф",
    "пляж",
    "музей",
    "каток",
    "завод",
    "сеть",
    "пожар",
    "трава",
]


def press(number: int, *, days: float = 0, topic: str | None = "roads", **more: object) -> Press:
    said = " ".join(WORDS[(number * step + step) % len(WORDS)] + str(number) for step in (1, 3, 5, 7, 9, 11))
    one = Press(number, said, NOON + timedelta(days=days, minutes=number), 1.0, topic=topic)
    return replace(one, **more)  # type: ignore[arg-type]  # only fields of a press are given


def test_a_topic_the_rubricator_does_not_have_is_left_out_and_counted() -> None:
    rows = [
        POST,
        replace(POST, topic="teleports", subtopic="teleports.beams", kind=Kind.COMPLAINT),
        replace(POST, subtopic="roads.wormholes"),
        replace(
            POST, subtopic=next(one for one in subtopics() if one.startswith("waste."))
        ),  # not of its topic
    ]
    presses, unknown = presses_of(rows)
    assert [(one.topic, one.subtopic) for one in presses] == [
        ("roads", "roads.potholes"),
        (None, None),
        ("roads", None),
        ("roads", None),
    ]
    assert presses[1].kind == "complaint"  # what else was said of it counts
    assert unknown == {"teleports": 1, "roads.wormholes": 1}


@pytest.mark.parametrize(
    ("official", "spam", "voice"),
    [
        (True, None, "official"),
        (None, True, "spam"),
        (False, False, "resident"),
        (None, False, "resident"),
        (None, None, None),
    ],
)
def test_whose_voice_it_is(official: bool | None, spam: bool | None, voice: str | None) -> None:  # noqa: FBT001 - a table
    (one,), _ = presses_of([replace(POST, official=official, spam=spam)])
    assert one.voice == voice


def test_the_newer_half_is_judged() -> None:
    presses = [press(number) for number in range(200)]
    aside = put_aside(presses, seen_until=None)
    assert aside.learned == tuple(range(100))
    assert aside.judged == tuple(range(100, 200))


def test_at_least_so_many_are_judged_and_none_that_the_champion_knows() -> None:
    presses = [press(number) for number in range(200)]
    aside = put_aside(presses, seen_until=presses[139].posted_at)
    assert aside.judged == tuple(range(200 - LEAST_JUDGED, 200))
    assert min(put_aside(presses, seen_until=presses[189].posted_at).judged) == 190


def test_what_is_old_is_not_judged_however_few_are_new() -> None:
    presses = [press(number, days=-20) for number in range(80)] + [press(number) for number in range(80, 90)]
    assert put_aside(presses, seen_until=None).judged == tuple(range(80, 90))


def test_a_repeat_of_a_lesson_is_not_judged() -> None:
    presses = [press(number) for number in range(120)]
    presses[115] = replace(presses[115], text=presses[3].text + "!!!")
    aside = put_aside(presses, seen_until=None)
    assert 115 not in aside.judged
    assert 115 not in aside.learned
    assert 114 in aside.judged


def test_a_post_corrected_and_confirmed_is_judged_once_by_the_correction() -> None:
    presses = [press(number) for number in range(120)]
    presses.append(replace(presses[119], weight=0.3, topic="waste"))
    aside = put_aside(presses, seen_until=None)
    assert 119 in aside.judged
    assert 120 not in aside.judged


def test_the_file_is_the_owners_alone_and_holds_any_text(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    presses = [press(1, voice="resident", needs_answer=True), replace(press(2), text="\ud800 ой 😀")]
    write_job(path, presses, champion="shipped-1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_job(path) == (presses, {"champion": "shipped-1"})
    with pytest.raises(FileExistsError):
        write_job(path, presses)


def test_an_id_says_the_day_and_what_was_learned() -> None:
    presses = [press(1)]
    one = id_of(presses, shipped="shipped-1", until=NOON)
    assert one.startswith("presses-20260302-")
    assert (
        len(
            {one, id_of(presses, shipped="shipped-2", until=NOON), id_of([], shipped="shipped-1", until=NOON)}
        )
        == 3
    )
