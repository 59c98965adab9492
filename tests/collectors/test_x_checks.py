"""What can be told by reading alone."""

from collections.abc import AsyncIterator

import pytest

from collectors.contract import NetworkError, Outcome, Page
from tests.collectors.x_cast import X, an_x


@pytest.fixture
async def x() -> AsyncIterator[X]:
    async with an_x() as here:
        yield here


async def test_what_a_page_is_can_be_looked_up(x: X) -> None:
    connector = x.connector()
    assert connector.look_up is not None
    facts = await connector.look_up(Page("", "gorod"))
    assert (facts.native_id, facts.name, facts.title) == ("1000", "gorod", "Город Солнечный")
    assert (facts.is_verified, facts.can_answer, facts.problem) == (True, True, "")
    other = await connector.look_up(Page("2000"))
    assert (other.name, other.is_verified, other.can_answer, other.problem) == (
        "raion",
        False,
        False,
        "no_token",
    )
    for unknown in (Page("", "nobody_here"), Page("77"), Page("", "я/../me")):
        with pytest.raises(NetworkError) as gone:
            await connector.look_up(unknown)
        assert gone.value.outcome is Outcome.GONE


async def test_the_check_only_reads(x: X) -> None:
    connector = x.connector()
    assert connector.check is not None
    checks = await connector.check()
    assert [(one.subject, one.problem) for one in checks] == [
        ("Bearer token", ""), ("keys of @gorod", ""), ("budget", ""),
    ]  # fmt: skip
    assert {call["name"] for call in x.world.record.last} == {
        "GET /2/tweets/counts/recent", "GET /2/users/me",
    }  # fmt: skip
    wrong = x.connector(account="raion", bearer_token="nonsense", monthly_budget_dollars=0)
    assert wrong.check is not None
    bearer, keys, budget = await wrong.check()
    assert "401" in bearer.problem
    assert keys.problem == "wrong_account"
    assert budget.problem == ""
