"""The outbox as delivery reads and writes it: claiming, drafting, and what became of a row."""

import hashlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import raise_alarm
from bot.reach import chat_lost, chat_migrated
from handlers.context import House
from handlers.outgoing import Outgoing
from incidents import outbox
from models import Body, Card, Incident, OutboxKind, OutboxRow, OutboxState, Prompt
from models.database import Database

LEASE: Final = timedelta(minutes=2)
_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Claimed:
    row_id: int
    chat_id: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """A row put into words. `folds`: the other rows that these words satisfy as well."""

    row: OutboxRow
    outgoing: Outgoing | None
    folds: list[int] = field(default_factory=list)
    version: int = 0  # of the incident the words show
    digest: str = ""  # of a card's words and buttons


async def claim(
    database: Database, *, now: datetime, limit: int, skip_chats: Collection[int]
) -> list[Claimed]:
    """Lease at most `limit` rows that are due, one a chat: the most urgent, then the oldest."""
    free = (
        OutboxRow.state == OutboxState.WAITING,
        OutboxRow.not_before <= now,
        or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now),
    )
    chosen: dict[int, int] = {}
    async with database.reading() as session:
        while len(chosen) < limit:
            found = await session.execute(
                select(OutboxRow.id, OutboxRow.chat_id)
                .where(*free, OutboxRow.chat_id.not_in([*skip_chats, *chosen]))
                .order_by(OutboxRow.urgency, OutboxRow.id)
                .limit(_PAGE)
            )
            page = found.all()
            for row_id, chat_id in page:
                if len(chosen) < limit:
                    chosen.setdefault(chat_id, row_id)
            if not page:
                break
    if not chosen:
        return []
    async with database.writing() as session:
        leased = await session.scalars(
            update(OutboxRow)
            .where(OutboxRow.id.in_(chosen.values()), *free)
            .values(leased_until=now + LEASE)
            .returning(OutboxRow.id)
        )
        ours = set(leased)
    return [Claimed(row_id, chat_id) for chat_id, row_id in chosen.items() if row_id in ours]


async def release_leases(session: AsyncSession) -> None:
    """What a killed sender held is free again; only the sole sender may say so."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.state == OutboxState.WAITING, OutboxRow.leased_until.is_not(None))
        .values(leased_until=None)
    )


async def draft(
    session: AsyncSession,
    row_id: int,
    *,
    render: Callable[..., Awaitable[Outgoing | None]],
    house: House,
    now: datetime,
) -> Drafted | None:
    """The row in words; None when somebody settled it meanwhile.

    The rows to fold are read before the words are made: whatever they ask for, the words then show.
    """
    row = await session.get(OutboxRow, row_id)
    if row is None or row.state is not OutboxState.WAITING:
        return None
    folds: list[int] = []
    if row.subject:
        same = await session.scalars(
            select(OutboxRow.id).where(
                OutboxRow.subject == row.subject,
                OutboxRow.state == OutboxState.WAITING,
                OutboxRow.id != row.id,
            )
        )
        folds = list(same)
    outgoing = await render(session, row, house=house, now=now)
    if row.kind is not OutboxKind.CARD or outgoing is None:
        return Drafted(row, outgoing, folds)
    version = await session.scalar(select(Incident.version).where(Incident.id == row.payload["incident_id"]))
    digest = _digest(outgoing)
    if outgoing.message_id is not None and digest == await session.scalar(
        select(Card.shown_digest).where(
            Card.incident_id == row.payload["incident_id"], Card.chat_id == row.chat_id
        )
    ):
        outgoing = None  # the card says so already
    return Drafted(row, outgoing, folds, version or 0, digest)


def _digest(outgoing: Outgoing) -> str:
    keyboard = outgoing.keyboard.model_dump_json(exclude_none=True) if outgoing.keyboard else ""
    return hashlib.sha256(f"{outgoing.text}\0{keyboard}".encode(errors="replace")).hexdigest()


async def record(
    session: AsyncSession, drafted: Drafted, *, message_id: int | None, anew: bool, now: datetime
) -> None:
    """It was sent: the row, those it folds, and the message's number where it belongs."""
    row = await session.get_one(OutboxRow, drafted.row.id)
    row.state, row.sent_at, row.message_id = OutboxState.SENT, now, message_id
    row.leased_until, row.error = None, ""
    await _fold(session, drafted.folds)
    is_new = anew or (drafted.outgoing is not None and drafted.outgoing.message_id is None)
    if row.kind is OutboxKind.CARD:
        card = await session.scalar(
            select(Card).where(
                Card.incident_id == row.payload["incident_id"], Card.chat_id == drafted.row.chat_id
            )
        )
        if card is not None:
            _settle_card(session, card, drafted, row, message_id=message_id if is_new else None, now=now)
    elif row.kind is OutboxKind.PROMPT and message_id is not None:
        await session.execute(
            update(Prompt).where(Prompt.id == row.payload["prompt_id"]).values(message_id=message_id)
        )


def _settle_card(
    session: AsyncSession,
    card: Card,
    drafted: Drafted,
    row: OutboxRow,
    *,
    message_id: int | None,
    now: datetime,
) -> None:
    """`message_id`: of the new message, where one was sent."""
    if message_id is not None and card.thread_id != row.thread_id:
        # While it was on its way the incident went to another topic: the card is to stand there.
        outbox.leave_message(session, card, message_id, now=now)
        return
    if message_id is not None:
        card.message_id = message_id
    card.shown_version = max(card.shown_version, drafted.version)
    card.shown_digest = drafted.digest
    card.delivered_at = now


async def fold(session: AsyncSession, drafted: Drafted) -> None:
    """There is nothing to say any more."""
    await _fold(session, [drafted.row.id, *drafted.folds])


async def _fold(session: AsyncSession, row_ids: Collection[int]) -> None:
    if row_ids:
        await session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(row_ids), OutboxRow.state == OutboxState.WAITING)
            .values(state=OutboxState.FOLDED, leased_until=None)
        )


async def release(session: AsyncSession, row_id: int) -> None:
    """Not sent, and not the row's fault."""
    await session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(leased_until=None))


async def put_off(session: AsyncSession, row_id: int, *, until: datetime, error: str) -> None:
    """Not sent, or perhaps: to be tried again."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id)
        .values(attempts=OutboxRow.attempts + 1, not_before=until, leased_until=None, error=error[:500])
    )


async def fail_rendering(session: AsyncSession, row_id: int, *, error: str, most: int, now: datetime) -> None:
    """The words could not be made: a fault of ours. Some tries, then the operators hear of it."""
    row = await session.get_one(OutboxRow, row_id)
    if row.attempts + 1 >= most:
        await refused(session, row, error=error, now=now)
        return
    await put_off(session, row_id, until=now + timedelta(minutes=1), error=error)


async def refused(session: AsyncSession, row: OutboxRow, *, error: str, now: datetime) -> None:
    """It can never be sent; told to the operators once for each kind and reason."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(state=OutboxState.DEAD, error=error[:500], leased_until=None)
    )
    is_alarm = row.kind is OutboxKind.NOTICE and row.payload.get("key") in {"alarm", "alarm_cleared"}
    if not is_alarm:  # an alarm about an alarm would never end
        text = f"a message ({row.kind.value}) to chat {row.chat_id} cannot be sent: {error}"
        await raise_alarm(session, f"refused:{row.kind.value}:{error}"[:200], text, now=now)


async def unreachable(session: AsyncSession, row: OutboxRow, *, error: str, now: datetime) -> None:
    """The chat is dead, and all that waited for it."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(state=OutboxState.DEAD, error=error[:500], leased_until=None)
    )
    await chat_lost(session, row.chat_id, error=error, now=now)


async def migrated(session: AsyncSession, row: OutboxRow, *, chat_id: int, now: datetime) -> None:
    """The group has another id: the row waits again, for the new one."""
    await release(session, row.id)
    await chat_migrated(session, old=row.chat_id, new=chat_id, now=now)


async def lose_thread(session: AsyncSession, row: OutboxRow, *, now: datetime) -> None:
    """The topic is closed or gone: what was for it goes to the chat itself, and curators hear of it once."""
    here = (OutboxRow.chat_id == row.chat_id, OutboxRow.thread_id == row.thread_id)
    await session.execute(
        update(OutboxRow).where(*here, OutboxRow.state == OutboxState.WAITING).values(thread_id=None)
    )
    await session.execute(
        update(Card)
        .where(Card.chat_id == row.chat_id, Card.thread_id == row.thread_id)
        .values(thread_id=None)
    )
    bodies = await session.scalars(
        select(Body).where(Body.chat_id == row.chat_id, Body.thread_id == row.thread_id)
    )
    for body in bodies:
        body.thread_id = None
        await outbox.tell_curators(session, "body_topic_gone", now=now, body=body.name)
