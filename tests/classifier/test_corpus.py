"""The shipped corpus covers the rubricator and every kind, and what is learned from it is good enough."""

from collections import Counter
from itertools import groupby

from classifier.corpus_rows import FOLDER, OFFICIAL, filled_rows, lesson, lexicon_rows, written_rows
from classifier.training import hold_out
from incidents.rubricator import OTHER, rubricator
from models.kinds import Kind, Priority


def test_every_topic_has_rows_and_every_row_has_a_topic() -> None:
    rows = Counter(row.topic for row in written_rows())
    assert rows.keys() == rubricator().keys()
    assert min(rows.values()) >= 40
    assert {row.topic for row in lexicon_rows()} == rubricator().keys()


def test_every_kind_is_taught_in_every_topic() -> None:
    kinds = {(row.topic, row.kind) for row in written_rows()}
    assert kinds == {(topic, kind) for topic in rubricator() for kind in (*Kind, OFFICIAL)}


def test_rows_are_whole_unique_and_marked() -> None:
    rows = written_rows()
    assert len(rows) >= 900
    assert [text for text, count in Counter(row.text for row in rows).items() if count > 1] == []
    assert all(row.text == row.text.strip() and row.text for row in rows)
    for path in FOLDER.glob("*.tsv"):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            assert line.split("\t")[1] in {"yes", "no"}, f"{path.name}: {line}"


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
            parents = {group for text, group in judged.items() if text in row.text and len(text) > 25}
            assert parents <= {row.group}, row.text


def test_the_held_out_quality_keeps_its_floor() -> None:
    heads = hold_out(lesson())
    assert heads["topic"].accuracy >= 0.83
    assert heads["kind"].accuracy >= 0.83
    assert heads["needs_answer"].accuracy >= 0.89
    coverage, right = heads["topic"].above(0.6)
    assert right >= 0.9
    assert coverage >= 0.75


def test_confidences_mean_what_they_say() -> None:
    topic = hold_out(lesson())["topic"]
    sure = topic.probabilities.max(axis=1)
    right = topic.probabilities.argmax(axis=1) == topic.truth
    for low, high in ((0.3, 0.6), (0.6, 0.9), (0.9, 1.0)):
        inside = (sure >= low) & (sure <= high)
        assert abs(sure[inside].mean() - right[inside].mean()) < 0.12, (low, high)


def test_the_rubricator_fits_a_phone() -> None:
    topics = rubricator()
    assert len(topics) == 26
    assert list(topics)[-1] == OTHER
    assert all(topic.code == code for code, topic in topics.items())
    assert max(max(len(topic.name_ru), len(topic.name_en)) for topic in topics.values()) <= 28
    for names in ([t.name_ru for t in topics.values()], [t.name_en for t in topics.values()]):
        assert len(set(names)) == len(names)
    assert topics["emergencies"].priority is Priority.ACCIDENT
