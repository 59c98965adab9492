"""What /queue says beside its list: how long it waits, and who looks at what now."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.excerpts import line
from handlers.times import Reader
from handlers.words import Html
from incidents import queueing
from models import Incident

_NAME = 60


async def queue_head(session: AsyncSession, reader: Reader) -> Html:
    """The number alone while nothing waits for long."""
    told = await queueing.ageing(session, now=reader.now)
    if not told.over_half_hour:
        return reader.words("list.queue", total=told.total)
    return reader.words("list.queue_ages", total=told.total, half=told.over_half_hour, hour=told.over_hour)


async def at_work(session: AsyncSession, incidents: Sequence[Incident], reader: Reader) -> Mapping[int, Html]:
    """Number → "🔒 Вера до 10:42", where somebody is at it."""
    held = await queueing.held(session, [one.id for one in incidents], now=reader.now)
    return {
        number: reader.words("list.queue_held", name=line(one.name, _NAME), at=reader.moment(one.until))
        for number, one in held.items()
    }
