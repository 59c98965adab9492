"""The shipped corpus covers the rubricator, every kind and the whole country; its figures are of this very corpus."""

from collections import Counter
from itertools import groupby

import pytest

from classifier import calibration, corpus_rows
from classifier.corpus_rows import FOLDER, OFFICIAL, SPAM, filled_rows, lesson, lexicon_rows, written_rows
from incidents.rubricator import OTHER, rubricator, subtopics
from models.kinds import Kind, Priority
from tests.classifier.russia import SUBJECTS, named


def test_every_topic_has_rows_and_every_row_has_a_topic() -> None:
    rows = Counter(row.topic for row in written_rows())
    assert rows.keys() == rubricator().keys()
    assert min(rows.values()) >= 40
    assert {row.topic for row in lexicon_rows()} == rubricator().keys()


def test_every_subtopic_has_rows_and_every_row_a_subtopic_of_its_topic() -> None:
    rows = Counter(row.subtopic for row in written_rows())
    assert rows.keys() <= {*subtopics(), *rubricator()}
    assert [code for code in subtopics() if rows[code] < 12] == []


def test_every_kind_is_taught_in_every_topic() -> None:
    kinds = {(row.topic, row.kind) for row in written_rows()}
    assert kinds >= {(topic, kind) for topic in rubricator() for kind in (*Kind, OFFICIAL)}
    assert {kind for _, kind in kinds} == {*Kind, OFFICIAL, SPAM}


def test_rows_are_whole_unique_and_marked() -> None:
    rows = written_rows()
    assert len(rows) >= 4_000
    assert [text for text, count in Counter(row.text for row in rows).items() if count > 1] == []
    assert all(row.text == row.text.strip() and row.text for row in rows)
    for path in FOLDER.glob("*.tsv"):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            cells = line.split("\t")
            assert len(cells) == 4, f"{path.name}: {line}"
            assert cells[1] in {"yes", "no"}, f"{path.name}: {line}"


def test_nobody_answers_a_bodys_answer_and_an_advertisement() -> None:
    assert [row.text for row in written_rows() if row.kind in {OFFICIAL, SPAM} and row.needs_answer] == []


COUNTRY = "\n".join(row.text for row in filled_rows()).lower().replace("ё", "е")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_region_of_the_country_is_named(subject: str) -> None:
    assert named(subject, COUNTRY)


def test_there_are_eighty_nine_regions() -> None:
    assert len(SUBJECTS) == 89


def test_no_blank_is_left_unfilled() -> None:
    assert [row.text for row in lesson() if "{" in row.text or "}" in row.text] == []


def test_fillings_differ_and_are_the_same_every_time() -> None:
    assert filled_rows() == filled_rows()
    assert len({row.text for row in filled_rows()}) == len(filled_rows())


def test_rows_made_of_one_another_share_their_group() -> None:
    judged = {row.text: row.group for row in lesson() if row.judged}
    for _, made in groupby(
        (row for row in lesson() if not row.judged and not row.phrase), lambda row: row.group
    ):
        for row in made:
            parents = {group for text, group in judged.items() if text in row.text and len(text) > 40}
            assert parents <= {row.group}, row.text


def test_the_figures_are_of_this_corpus() -> None:
    assert calibration.read().digest == corpus_rows.digest(), "run: python -m classifier.calibrate"


@pytest.mark.parametrize(
    ("question", "figure", "floor"),
    [
        ("topic", "accuracy", 0.62),
        ("topic", "top3", 0.82),
        ("subtopic", "top3", 0.68),
        ("kind", "accuracy", 0.84),
        ("kind", "macro_f1", 0.75),
        ("needs_answer", "accuracy", 0.90),
        ("voice", "accuracy", 0.95),
    ],
)
def test_the_held_out_quality_keeps_its_floor(question: str, figure: str, floor: float) -> None:
    assert calibration.read().figures[question][figure] >= floor


@pytest.mark.parametrize("question", ["topic", "kind", "needs_answer", "voice"])
def test_confidences_mean_what_they_say(question: str) -> None:
    assert calibration.read().figures[question]["ece"] <= 0.05


def test_the_rubricator_fits_a_phone() -> None:
    topics = rubricator()
    assert len(topics) == 26
    assert list(topics)[-1] == OTHER
    assert all(topic.code == code for code, topic in topics.items())
    assert max(max(len(topic.name_ru), len(topic.name_en)) for topic in topics.values()) <= 28
    for names in ([t.name_ru for t in topics.values()], [t.name_en for t in topics.values()]):
        assert len(set(names)) == len(names)
    assert topics["emergencies"].priority is Priority.ACCIDENT
