"""What a paid network has cost, by month, in the database: a restart must not forget a bill."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from handlers.context import Clock
from models import Spending
from models.database import Database


class SpendingMeter:
    """`collectors.contract.Meter` of one network. Months are UTC, amounts micro-dollars."""

    def __init__(self, database: Database, network: str, *, clock: Clock) -> None:
        self._database = database
        self._network = network
        self._clock = clock

    async def add(self, amount: int) -> None:
        """Raises: SQLAlchemyError."""
        if amount == 0:
            return
        month = self._month()
        while True:
            async with self._database.writing() as session:
                counted = await session.execute(
                    update(Spending)
                    .where(Spending.network == self._network, Spending.month == month)
                    .values(amount=Spending.amount + amount)
                    .returning(Spending.amount)
                )
                if counted.first() is not None:
                    return
            try:
                async with self._database.writing() as session:
                    session.add(Spending(network=self._network, month=month, amount=amount))
            except IntegrityError:  # another process has begun the month
                continue
            return

    async def this_month(self) -> int:
        """Raises: SQLAlchemyError."""
        async with self._database.reading() as session:
            amount = await session.scalar(
                select(Spending.amount).where(
                    Spending.network == self._network, Spending.month == self._month()
                )
            )
        return amount or 0

    def _month(self) -> str:
        return self._clock().strftime("%Y-%m")
