"""Booking what is owed to be told: rows written in the transaction of their cause. Nothing is sent here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.substitutes import present
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

CARD_LEFT = "card_left"  # the notice that takes the buttons off a message which is no card any more


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
    """Private chats of the curators who can be reached and are not away; all of them, if everybody is away."""
    found = await _chats_of(session, [Role.CURATOR])
    return found or await _chats_of(session, [Role.CURATOR], also_away=True)


async def approvers(session: AsyncSession, body_id: int) -> list[int]:
    """Private chats of the body's approvers who can be reached and are not away."""
    return await _chats_of(session, [Role.APPROVER], body_id=body_id)


async def coordinators(session: AsyncSession, body_id: int) -> list[int]:
    """Private chats of the body's coordinators who can be reached, or of who stands in for them."""
    return await _chats_of(session, [Role.COORDINATOR], body_id=body_id, anybody_stands_in=True)


async def heads(session: AsyncSession, body_id: int | None) -> list[int]:
    """Private chats of the body's heads who can be reached, else of the region's."""
    if body_id is not None:
        of_body = await _chats_of(session, [Role.HEAD], body_id=body_id, anybody_stands_in=True)
        if of_body:
            return of_body
    return await _chats_of(session, [Role.HEAD], body_id=0, anybody_stands_in=True)


async def operators(session: AsyncSession) -> list[int]:
    """Who hears of the program's own troubles: operators, and the curators where there is none."""
    return await _chats_of(session, [Role.OPERATOR]) or await curators(session)


async def _chats_of(
    session: AsyncSession,
    roles: Iterable[Role],
    *,
    body_id: int | None = None,
    anybody_stands_in: bool = False,
    also_away: bool = False,
) -> list[int]:
    """`body_id` None: of any body; 0: of none. Whoever stands in must have the role too, but for mere news."""
    query = (
        select(Official.id)
        .join(Membership, Membership.official_id == Official.id)
        .where(Membership.role.in_(list(roles)), Official.is_active, Official.is_reachable)
        .distinct()
    )
    if body_id is not None:
        query = query.where(Membership.body_id == body_id if body_id else Membership.body_id.is_(None))
    people = list(await session.scalars(query))
    here = people if also_away else await present(session, people)
    if not anybody_stands_in:
        here = [person for person in here if person in people]
    chats = select(Official.telegram_id).where(
        Official.id.in_(here), Official.is_active, Official.is_reachable
    )
    return list(await session.scalars(chats.order_by(Official.telegram_id)))


def is_live(body: Body) -> bool:
    """Whether the body's own chat can be reached."""
    return body.chat_id is not None and body.chat_state is ChatState.LIVE


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
    elif card.thread_id != thread_id:
        # One group, another topic: the old message is not followed any more, so it is disarmed for good.
        if card.message_id is not None:
            leave_message(session, card, card.message_id, now=now)
        card.message_id = None
        card.delivered_at = None
    elif (
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


def leave_message(session: AsyncSession, card: Card, message_id: int, *, now: datetime) -> None:
    """Owe other words and no buttons for a message of the card's chat that the card stands in no more."""
    book_notice(
        session,
        CARD_LEFT,
        chat_id=card.chat_id,
        now=now,
        urgency=Urgency.EDIT,
        incident_id=card.incident_id,
        message_id=message_id,
    )


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
