"""The classifier behind /explain: opened once, when first asked, and again after it failed."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.explaining import Explaining
from handlers.context import NotExplained
from incidents.incoming import Explanation, Guess
from tests.handlers.handlers_stage import guess


class Model:
    model_id = "test"

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        raise NotImplementedError

    def explain(self, text: str) -> Explanation:
        self.threads.add(threading.get_ident())
        if text == "плохой":
            raise RuntimeError(text)
        return Explanation(guess(), {})


class Opening:
    def __init__(self, *, failures: int = 0) -> None:
        self.opened: list[Model] = []
        self.failures = failures

    async def __call__(self) -> Model:
        await asyncio.sleep(0)  # others may come meanwhile
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.opened.append(Model())
        return self.opened[-1]


async def test_it_is_opened_when_first_asked_and_kept() -> None:
    opening = Opening()
    explaining = Explaining(opening)
    assert opening.opened == []
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(explaining("яма")) for _ in range(2)]
    assert [one.result().guess.model_id for one in both] == ["test", "test"]
    [model] = opening.opened
    assert threading.get_ident() not in model.threads


async def test_a_failure_is_said_and_tried_again() -> None:
    opening = Opening(failures=1)
    explaining = Explaining(opening)
    with pytest.raises(NotExplained):
        await explaining("яма")
    assert (await explaining("яма")).guess == guess()
    with pytest.raises(NotExplained):
        await explaining("плохой")
    assert len(opening.opened) == 1


async def test_another_model_is_used_from_the_next_question() -> None:
    opening = Opening()
    explaining = Explaining(opening)
    given = Model()
    explaining.use(given)
    await explaining("яма")
    assert (len(given.threads), opening.opened) == (1, [])
    explaining.forget()
    await explaining("яма")
    assert len(opening.opened) == 1


async def test_a_model_given_while_another_is_opened_is_the_one_that_speaks() -> None:
    opening, given = Opening(), Model()
    explaining = Explaining(opening)
    async with asyncio.TaskGroup() as group:
        group.create_task(explaining("яма"))
        await asyncio.sleep(0)
        explaining.use(given)
    assert len(given.threads) == 1
