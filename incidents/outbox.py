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
    ChatState,
    Incident,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
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
) -> bool:
    """Owe a notice to the body. False where it has no live chat: then somebody else must hear of it."""
    if body.chat_id is None or body.chat_state is not ChatState.LIVE:
        return False
    book_notice(
        session,
        key,
        chat_id=body.chat_id,
        thread_id=body.thread_id,
        now=now,
        not_before=not_before,
        **params,
    )
    return True


async def curators(session: AsyncSession) -> list[int]:
    """Private chats of the curators who can be reached."""
    return await _chats_of(session, [Role.CURATOR])


async def approvers(session: AsyncSession, body_id: int) -> list[int]:
    """Private chats of the body's approvers who can be reached."""
    return await _chats_of(session, [Role.APPROVER], body_id=body_id)


async def operators(session: AsyncSession) -> list[int]:
    """Who hears of the program's own troubles: operators, and the curators where there is none."""
    return await _chats_of(session, [Role.OPERATOR]) or await curators(session)


async def _chats_of(session: AsyncSession, roles: Iterable[Role], *, body_id: int | None = None) -> list[int]:
    query = (
        select(Official.telegram_id)
        .join(Membership, Membership.official_id == Official.id)
        .where(Membership.role.in_(list(roles)), Official.is_active, Official.is_reachable)
        .distinct()
        .order_by(Official.telegram_id)
    )
    if body_id is not None:
        query = query.where(Membership.body_id == body_id)
    return list(await session.scalars(query))


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
    card = await _card_in(session, incident, chat_id)
    if card is None:
        card = Card(incident_id=incident.id, chat_id=chat_id, for_curators=for_curators)
        session.add(card)
    elif card.thread_id != thread_id or (
        # While the chat still waits to see its card disarmed, the old message is simply alive again:
        # a second one would leave the first with buttons for ever.
        card.state is CardState.DISARMED and not await _is_owed(session, card)
    ):
        card.message_id = None
        card.delivered_at = None
    card.state = CardState.LIVE
    card.thread_id = thread_id
    card.for_curators = for_curators
    _book_card(session, incident.id, card, now=now, urgency=Urgency.NEW_CARD)


async def show_to_curators(
    session: AsyncSession, incident: Incident, *, now: datetime, leaves_body: bool = False
) -> None:
    """Owe the card to every curator; one who is the holding body as well keeps the body's buttons.

    `leaves_body`: the body holds it no more after this step.
    """
    body = None
    if incident.body_id is not None and not leaves_body:
        body = await session.get(Body, incident.body_id)
    for chat_id in await curators(session):
        if body is None or chat_id != body.chat_id:
            await show_card(session, incident, chat_id=chat_id, now=now, for_curators=True)


async def _card_in(session: AsyncSession, incident: Incident, chat_id: int) -> Card | None:
    card: Card | None = await session.scalar(
        select(Card).where(Card.incident_id == incident.id, Card.chat_id == chat_id)
    )
    return card


async def _is_owed(session: AsyncSession, card: Card) -> bool:
    owed = await session.scalar(
        select(OutboxRow.id)
        .where(OutboxRow.subject == _subject(card), OutboxRow.state == OutboxState.WAITING)
        .limit(1)
    )
    return owed is not None


async def refresh_cards(session: AsyncSession, incident: Incident, *, now: datetime) -> None:
    """Owe an edit to every chat where the card stands."""
    for card in await session.scalars(select(Card).where(Card.incident_id == incident.id)):
        urgency = Urgency.EDIT if card.message_id is not None else Urgency.NEW_CARD
        _book_card(session, incident.id, card, now=now, urgency=urgency)


async def disarm_cards(
    session: AsyncSession,
    incident: Incident,
    *,
    keep_chat: int | None = None,
    keep_curators: bool = False,
) -> None:
    """Take the buttons off the cards, but for those to keep; the caller books the refresh."""
    for card in await session.scalars(select(Card).where(Card.incident_id == incident.id)):
        if card.chat_id != keep_chat and not (keep_curators and card.for_curators):
            card.state = CardState.DISARMED


async def place_cards(session: AsyncSession, incident: Incident, *, body: Body, now: datetime) -> None:
    """The card goes to this body's chat, and is disarmed where it was; the caller books the refresh."""
    await disarm_cards(session, incident, keep_chat=body.chat_id, keep_curators=True)
    if body.chat_id is not None:
        await show_card(session, incident, chat_id=body.chat_id, thread_id=body.thread_id, now=now)


def _subject(card: Card) -> str:
    return f"card:{card.incident_id}:{card.chat_id}"


def _book_card(
    session: AsyncSession, incident_id: int, card: Card, *, now: datetime, urgency: Urgency
) -> None:
    book(
        session,
        OutboxKind.CARD,
        chat_id=card.chat_id,
        thread_id=card.thread_id,
        payload={"incident_id": incident_id},
        subject=_subject(card),
        urgency=urgency,
        now=now,
    )
