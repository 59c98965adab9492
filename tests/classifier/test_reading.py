"""From a model's numbers to guesses in the words of the program."""

import asyncio
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model import Model
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier, ranked
from incidents.incoming import Guess, Scored
from incidents.rubricator import OTHER, subtopics, topic_of
from models.kinds import Owner


@pytest.fixture(scope="module")
def reader(small_model: Model) -> ModelClassifier:
    return ModelClassifier(small_model, PlaceFinder(("Сосновка",)))


def guess(reader: ModelClassifier, text: str) -> Guess:
    (only,) = reader.classify([text])
    return only


def test_ranks_are_best_first_and_ties_keep_their_order() -> None:
    chances = np.array([[0.2, 0.5, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25]])
    assert ranked(("a", "b", "c", "d"), chances) == [
        (Scored("b", 0.5), Scored("a", 0.2), Scored("c", 0.2)),
        (Scored("a", 0.25), Scored("b", 0.25), Scored("c", 0.25)),
    ]
    assert chances[0].tolist() == [0.2, 0.5, 0.2, 0.1]


def test_fewer_labels_than_are_told_are_all_told_once() -> None:
    assert ranked(("a", "b"), np.array([[0.1, 0.9]]), told=3) == [(Scored("b", 0.9), Scored("a", 0.1))]
    assert ranked(("a", "b"), np.zeros((0, 2))) == []


@given(
    chances=st.lists(
        st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5]), min_size=5, max_size=5), min_size=1, max_size=4
    )
)
def test_ranks_are_those_of_a_stable_sort(chances: list[list[float]]) -> None:
    labels = tuple("abcde")
    for row, found in zip(chances, ranked(labels, np.array(chances)), strict=True):
        assert list(found) == [
            Scored(labels[at], row[at]) for at in sorted(range(5), key=lambda at: -row[at])[:3]
        ]


def test_the_best_subtopic_lies_under_the_best_topic(reader: ModelClassifier) -> None:
    for one in reader.classify(["яма на дороге", "нет отопления", "грубят в больнице", "стая собак"]):
        assert all(topic_of(each.value) == one.topic.value for each in one.subtopics[:1])
        assert all(each.value in subtopics() for each in one.subtopics)


def test_the_threshold_is_that_of_the_topic_given(small_model: Model) -> None:
    head = small_model.heads["topic"]
    limits = tuple(number / 100 for number in range(len(head.labels)))
    model = replace(small_model, heads={**small_model.heads, "topic": replace(head, thresholds=limits)})
    found = guess(ModelClassifier(model, PlaceFinder()), "яма на дороге")
    assert found.topic_threshold == head.labels.index(found.topic.value) / 100


def test_a_place_and_an_owner_stand_beside_the_topic(reader: ModelClassifier) -> None:
    found = guess(reader, "На федеральной трассе в Сосновке яма")
    assert (found.place, found.territory, found.owner) == ("Сосновка", "Сосновка", Owner.FEDERAL)


def test_markup_is_read_once(reader: ModelClassifier) -> None:
    """«&lt;b …&gt;» is a «<b …>» somebody wrote: cleaned twice, its words would be taken for a tag."""
    found = reader.classify(["&lt;b яма на дороге в Сосновке&gt;", "яма на дороге в Сосновке"])
    assert [one.place for one in found] == ["Сосновка", "Сосновка"]
    assert Scored(OTHER, 0.1) not in [one.topic for one in found]  # which is what is said of no words


def test_a_text_without_a_russian_letter_is_never_sure(reader: ModelClassifier) -> None:
    found = guess(reader, "net vody tretiy den, primite mery, pomogite")
    assert found.topic.confidence < 0.5
    assert found.kind_confidence < 0.5


def test_another_model_keeps_the_places(reader: ModelClassifier, small_model: Model) -> None:
    other = reader.with_model(replace(small_model, model_id="other"))
    found = guess(other, "в Сосновке темно")
    assert (found.model_id, found.place) == ("other", "Сосновка")


async def test_in_a_thread_it_leaves_the_event_loop_free(small_model: Model) -> None:
    """Structure, not a stop-watch: the loop goes on while a thread classifies, or the thread never ends."""
    gate = Event()

    class Waiting(PlaceFinder):
        def locate(self, text_plain: str) -> tuple[str, float, str]:
            assert gate.wait(60), "the event loop is blocked"
            return super().locate(text_plain)

    reader = ModelClassifier(small_model, Waiting())
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(asyncio.to_thread(reader.classify, ["яма на дороге"] * 10))
        await asyncio.sleep(0)
        assert not running.done()
        gate.set()
    assert len(running.result()) == 10
