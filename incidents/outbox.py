"""Booking what is owed to be told: rows written in the transaction of their cause. Nothing is sent here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import (
    Body,
    Card,
    CardState,
    Incident,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    Role,
    Urgency,
)


def book(
    session: AsyncSession,
    kind: OutboxKind,
    *,
    chat_id: int,
    payload: dict[str, Any],
    now: datetime,
    thread_id: int | None = None,
    urgency: Urgency = Urgency.NOTICE,
    subject: str = "",
    not_before: datetime | None = None,
) -> None:
    """Owe one thing to one chat. Rows of one non-empty `subject` are folded into the last at delivery."""
    session.add(
        OutboxRow(
            kind=kind,
            chat_id=chat_id,
            thread_id=thread_id,
            urgency=urgency,
            subject=subject,
            payload=payload,
            not_before=not_before or now,
            created_at=now,
        )
    )


def book_notice(
    session: AsyncSession,
    key: str,
    *,
    chat_id: int,
    now: datetime,
    thread_id: int | None = None,
    urgency: Urgency = Urgency.NOTICE,
    not_before: datetime | None = None,
    **params: Any,
) -> None:
    """Owe words by key; `handlers/notices.py` renders them in the reader's language when they leave.

    `incident_id` among `params` makes the notice a reply to that incident's card in the chat, where there is
    one.
    """
    book(
        session,
        OutboxKind.NOTICE,
        chat_id=chat_id,
        thread_id=thread_id,
        payload={"key": key, **params},
        now=now,
        urgency=urgency,
        not_before=not_before,
    )


async def tell_curators(session: AsyncSession, key: str, *, now: datetime, **params: Any) -> int:
    """Owe a notice to every curator; returns how many there are."""
    chats = await curators(session)
    for chat_id in chats:
        book_notice(session, key, chat_id=chat_id, now=now, **params)
    return len(chats)


async def tell_body(
    session: AsyncSession,
    key: str,
    *,
    body: Body,
    now: datetime,
    not_before: datetime | None = None,
    **params: Any,
) -> None:
    if body.chat_id is not None:
        book_notice(
            session,
            key,
            chat_id=body.chat_id,
            thread_id=body.thread_id,
            now=now,
            not_before=not_before,
            **params,
        )


async def curators(session: AsyncSession) -> list[int]:
    """Private chats of the curators who can be reached."""
    return await _chats_of(session, [Role.CURATOR])


async def operators(session: AsyncSession) -> list[int]:
    """Who hears of the program's own troubles: operators, and the curators where there is none."""
    return await _chats_of(session, [Role.OPERATOR]) or await curators(session)


async def _chats_of(session: AsyncSession, roles: Iterable[Role]) -> list[int]:
    found = await session.scalars(
        select(Official.telegram_id)
        .join(Membership, Membership.official_id == Official.id)
        .where(Membership.role.in_(list(roles)), Official.is_active, Official.is_reachable)
        .distinct()
        .order_by(Official.telegram_id)
    )
    return list(found)


async def show_card(
    session: AsyncSession,
    incident: Incident,
    *,
    chat_id: int,
    now: datetime,
    thread_id: int | None = None,
    for_curators: bool = False,
) -> None:
    """Owe the incident's card to a chat. Where a disarmed one stands, a new message will be sent below."""
    card = await session.scalar(select(Card).where(Card.incident_id == incident.id, Card.chat_id == chat_id))
    if card is None:
        card = Card(incident_id=incident.id, chat_id=chat_id, for_curators=for_curators)
        session.add(card)
    elif card.state is CardState.DISARMED:
        card.message_id = None
        card.delivered_at = None
    card.state = CardState.LIVE
    card.thread_id = thread_id
    card.for_curators = for_curators
    _book_card(session, incident.id, card, now=now, urgency=Urgency.NEW_CARD)


async def show_to_curators(session: AsyncSession, incident: Incident, *, now: datetime) -> None:
    for chat_id in await curators(session):
        await show_card(session, incident, chat_id=chat_id, now=now, for_curators=True)


async def refresh_cards(session: AsyncSession, incident: Incident, *, now: datetime) -> None:
    """Owe an edit to every chat where the card stands."""
    for card in await session.scalars(select(Card).where(Card.incident_id == incident.id)):
        urgency = Urgency.EDIT if card.message_id is not None else Urgency.NEW_CARD
        _book_card(session, incident.id, card, now=now, urgency=urgency)


async def disarm_cards(session: AsyncSession, incident: Incident, *, chat_id: int | None = None) -> None:
    """Take the buttons off the cards (of one chat, or all); the caller books the refresh."""
    query = select(Card).where(Card.incident_id == incident.id)
    if chat_id is not None:
        query = query.where(Card.chat_id == chat_id)
    for card in await session.scalars(query):
        card.state = CardState.DISARMED


def _book_card(
    session: AsyncSession, incident_id: int, card: Card, *, now: datetime, urgency: Urgency
) -> None:
    book(
        session,
        OutboxKind.CARD,
        chat_id=card.chat_id,
        thread_id=card.thread_id,
        payload={"incident_id": incident_id},
        subject=f"card:{incident_id}:{card.chat_id}",
        urgency=urgency,
        now=now,
    )
