"""The models learned from presses: which one speaks, which spoke before, and the way back.

The shipped model has no row: it speaks where no row is the champion's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import AnotherModel
from incidents.people import Actor, audit
from incidents.permissions import Permission
from models import Label, ModelRow, ModelState, Outcome, Prediction

OVERTAKEN: Final = "overtaken"
ROLLED_BACK: Final = "rolled_back"
KEPT: Final = 10
"""Files of models that are kept; their rows are kept for ever."""

_SHOWN: Final = 5


# -- looking


async def champion(session: AsyncSession, *, locked: bool = False) -> ModelRow | None:
    """The model that speaks; None: the shipped one."""
    query = select(ModelRow).where(ModelRow.state == ModelState.CHAMPION)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: ModelRow | None = await session.scalar(query.order_by(ModelRow.trained_at.desc()).limit(1))
    return found


async def in_order(session: AsyncSession) -> list[str]:
    """The champion, then those it would fall back to, the newest first. Empty: the shipped model speaks."""
    first = await champion(session)
    if first is None:
        return []
    return [first.model_id, *[one.model_id for one in await _before(session, first)]]


async def _before(session: AsyncSession, row: ModelRow) -> list[ModelRow]:
    found = await session.scalars(
        select(ModelRow)
        .where(ModelRow.state == ModelState.RETIRED, ModelRow.trained_at < row.trained_at)
        .order_by(ModelRow.trained_at.desc())
    )
    return list(found)


async def speaking(session: AsyncSession, model_id: str, *, locked: bool = False) -> ModelRow:
    """The champion, if it is this very model. Raises: AnotherModel."""
    present = await champion(session, locked=locked)
    if present is None or present.model_id != model_id:
        raise AnotherModel
    return present


async def previous(session: AsyncSession, row: ModelRow) -> ModelRow | None:
    """What a press brings back; None: the shipped model."""
    return next(iter(await _before(session, row)), None)


async def latest(session: AsyncSession, limit: int = _SHOWN) -> list[ModelRow]:
    """The newest models first, whatever became of them."""
    found = await session.scalars(
        select(ModelRow)
        .where(ModelRow.state != ModelState.CHALLENGER)
        .order_by(ModelRow.trained_at.desc())
        .limit(limit)
    )
    return list(found)


async def to_keep(session: AsyncSession) -> set[str]:
    """Whose files are kept: the champion's and the last models that may speak again."""
    found = await session.scalars(
        select(ModelRow.model_id)
        .where(ModelRow.state.in_([ModelState.CHAMPION, ModelState.CHALLENGER, ModelState.RETIRED]))
        .order_by(ModelRow.trained_at.desc())
        .limit(KEPT)
    )
    first = await champion(session)
    return {*found, *([first.model_id] if first else [])}


async def taught_since(session: AsyncSession, at: datetime | None) -> int:
    """Labels given and predictions confirmed since then; None: ever."""
    labels = select(func.count()).select_from(Label)
    confirmed = select(func.count()).select_from(Prediction).where(Prediction.outcome == Outcome.RIGHT)
    if at is not None:
        labels = labels.where(Label.at >= at)
        confirmed = confirmed.where(Prediction.outcome_at >= at)
    return (await session.scalar(labels) or 0) + (await session.scalar(confirmed) or 0)


async def last_trained(session: AsyncSession) -> datetime | None:
    at: datetime | None = await session.scalar(select(func.max(ModelRow.trained_at)))
    return at


# -- learning


async def began(session: AsyncSession, model_id: str, *, labels: int, now: datetime) -> bool:
    """A challenger learns. False: just this lesson was learned before."""
    if await session.get(ModelRow, model_id) is not None:
        return False
    session.add(ModelRow(model_id=model_id, state=ModelState.CHALLENGER, trained_at=now, labels=labels))
    await session.flush()
    return True


async def withdraw(session: AsyncSession, model_id: str | None = None) -> None:
    """The trial did not take place. None: whatever a process that died had begun."""
    query = delete(ModelRow).where(ModelRow.state == ModelState.CHALLENGER)
    await session.execute(query if model_id is None else query.where(ModelRow.model_id == model_id))


async def reject(
    session: AsyncSession, model_id: str, *, metrics: Mapping[str, Any], why: str, now: datetime
) -> None:
    row = await session.get_one(ModelRow, model_id)
    row.state, row.metrics, row.why, row.retired_at = ModelState.REJECTED, dict(metrics), why, now


async def promote(
    session: AsyncSession, model_id: str, *, over: str | None, metrics: Mapping[str, Any], now: datetime
) -> bool:
    """The challenger speaks from now on, and the curators hear of it in one line.

    `over`: the champion it was tried against, None for the shipped model. False, and it is rejected: meanwhile a
    person went back to another.
    """
    present = await champion(session, locked=True)
    if (present.model_id if present else None) != over:
        await reject(session, model_id, metrics=metrics, why=OVERTAKEN, now=now)
        return False
    if present is not None:
        present.state, present.retired_at = ModelState.RETIRED, now
        await session.flush()
    row = await session.get_one(ModelRow, model_id)
    row.state, row.metrics, row.promoted_at = ModelState.CHAMPION, dict(metrics), now
    topics = metrics["topic"]
    await outbox.tell_curators(
        session,
        "model.updated",
        now=now,
        before=percent(topics["champion"], topics["rows"]),
        after=percent(topics["challenger"], topics["rows"]),
        rows=topics["rows"],
    )
    return True


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


# -- the way back


def must_run_it(actor: Actor) -> None:
    """Raises: NotAllowed."""
    actor.must(Permission.MODEL)


async def roll_back(session: AsyncSession, model_id: str, *, actor: Actor, now: datetime) -> ModelRow | None:
    """The model before `model_id` speaks again, None for the shipped one; `model_id` never does by itself.

    Raises:
        NotAllowed.
        AnotherModel: `model_id` is not the one that speaks: somebody was faster, or the button is old.
    """
    must_run_it(actor)
    present = await speaking(session, model_id, locked=True)
    before = await previous(session, present)
    present.state, present.retired_at, present.why = ModelState.REJECTED, now, ROLLED_BACK
    await session.flush()
    if before is not None:
        before.state, before.promoted_at, before.retired_at = ModelState.CHAMPION, now, None
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action="model",
        outcome=ROLLED_BACK,
        model_id=model_id,
        back_to=before.model_id if before else None,
    )
    return before
