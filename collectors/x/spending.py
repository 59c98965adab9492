"""What X costs, and when to stop.

Source: https://docs.x.com/x-api/getting-started/pricing (self-serve, August 2026). X counts a post read twice in a
day once; we count it twice, to be on the safe side.
"""

from typing import Final

from collectors.contract import Meter, NetworkError, Outcome

DOLLAR: Final = 1_000_000  # micro-dollars
READ: Final = 5_000
OWN_READ: Final = 1_000  # the account's own posts and mentions
COUNTED: Final = 5_000  # one question to counts/recent
POST: Final = 15_000
POST_WITH_LINK: Final = 200_000
SUMMONED_REPLY: Final = 10_000


class Spending:
    """The month's budget over the meter the program keeps."""

    def __init__(self, meter: Meter, *, budget_dollars: float, reserve_dollars: float) -> None:
        """`budget_dollars` 0: no limit. `reserve_dollars`: what reading leaves to the answers."""
        self._meter = meter
        self._budget = int(budget_dollars * DOLLAR)
        self._reserve = min(int(reserve_dollars * DOLLAR), self._budget)

    async def may_read(self) -> None:
        """Raises:
        NetworkError: STOP, the budget is spent but for what is kept for answers.
        """
        if not self._budget:
            return
        spent = await self._meter.this_month()
        if spent >= self._budget - self._reserve:
            raise NetworkError(
                f"x: reading has stopped: {_dollars(spent)} of this month's budget of {_dollars(self._budget)} "
                f"are spent, and {_dollars(self._reserve)} are kept for answers. It goes on next month, or when "
                "monthly_budget_dollars is raised",
                outcome=Outcome.STOP,
            )

    async def may_answer(self, price: int) -> bool:
        """Whether one more answer is within the budget."""
        return not self._budget or await self._meter.this_month() + price <= self._budget

    async def add(self, amount: int) -> None:
        if amount:
            await self._meter.add(amount)

    async def told(self) -> str:
        """For the operator: what is spent of what."""
        spent = _dollars(await self._meter.this_month())
        return f"{spent} of {_dollars(self._budget)} this month" if self._budget else f"{spent} this month"


def _dollars(amount: int) -> str:
    return f"{amount / DOLLAR:.2f} $"
