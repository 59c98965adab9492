"""Which chat is which body's: private, a group, or a topic of a group; and one chat never two bodies'."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import IncidentError
from incidents.lifecycle import WITH_BODY
from incidents.moving import load_to_change
from incidents.people import Actor, audit, must_for_body
from incidents.permissions import Permission
from models import Body, ChatState, Community, DutyChat, Incident

TITLE: Final = 200  # characters: the column's
_OF_TOPIC: Final = " · "  # between a group's name and its topic's


class ChatTaken(IncidentError):
    """The chat, or this topic of it, is another body's."""

    text_key = "refused.chat_taken"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"{name} cannot have the chat of another body")
        self.name = name


class ChatKept(IncidentError):
    """The body has a live chat: a private one does not take its place."""

    text_key = "refused.chat_kept"

    def __init__(self, *, name: str, title: str) -> None:
        super().__init__(f"{name} has its chat already")
        self.name = name
        self.title = title


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or one topic of it. A private chat has the id of its person."""

    chat_id: int
    thread_id: int | None = None
    title: str = ""

    @property
    def is_private(self) -> bool:
        return self.chat_id > 0


async def works_in(session: AsyncSession, actor: Actor, place: Place, *, knows_topic: bool = True) -> bool:
    """Whether the chat is that of a body whose incidents the person sees, or where its nights are watched.

    A topic that is another body's is not; one that is nobody's is, in a group that has a topic of theirs.
    `knows_topic` False: Telegram does not say in which topic an old message stands.
    """
    found = await session.execute(
        select(Body.id, Body.thread_id)
        .where(Body.chat_id == place.chat_id)
        .union_all(select(DutyChat.body_id, DutyChat.thread_id).where(DutyChat.chat_id == place.chat_id))
    )
    there = [(body_id, thread_id) for body_id, thread_id in found]
    exact = {body_id for body_id, thread_id in there if thread_id == place.thread_id}
    bodies = exact if exact and knows_topic else {body_id for body_id, _ in there}
    scope = actor.scope(Permission.SEE_INCIDENT)
    # The region's night watch is of no body: whoever works for any may help, each with their own body's cards.
    return bool(bodies) if scope is None else bool(bodies & scope) or bool(scope and None in bodies)


async def is_anothers(session: AsyncSession, body: Body, place: Place) -> bool:
    """Whether the chat, or this very topic of it, is another body's."""
    same_thread = Body.thread_id.is_(None) if place.thread_id is None else Body.thread_id == place.thread_id
    found = await session.scalar(
        select(Body.id).where(Body.chat_id == place.chat_id, same_thread, Body.id != body.id).limit(1)
    )
    return found is not None


async def move_in(session: AsyncSession, body: Body, place: Place, *, now: datetime) -> None:
    """The chat is the body's from now on: the cards of what it has go there, the old chat's are disarmed."""
    old_chat, old_thread = body.chat_id, body.thread_id
    was_live = old_chat is not None and body.chat_state is ChatState.LIVE
    body.chat_id, body.thread_id = place.chat_id, place.thread_id
    body.chat_title, body.chat_state = place.title[:TITLE], ChatState.LIVE
    await session.flush()
    if old_chat is not None and was_live and (old_chat, old_thread) != (place.chat_id, place.thread_id):
        outbox.book_notice(
            session,
            "chat_moved",
            chat_id=old_chat,
            thread_id=old_thread,
            now=now,
            body=body.name,
            title=body.chat_title,
        )
    held = await session.scalars(
        select(Incident.id)
        .where(Incident.body_id == body.id, Incident.status.in_(list(WITH_BODY)))
        .order_by(Incident.id)
    )
    for number in list(held):
        incident = await load_to_change(session, number)
        await outbox.place_cards(session, incident, body=body, now=now)
        await outbox.refresh_cards(session, incident, now=now)


async def bind(session: AsyncSession, *, body_id: int, place: Place, actor: Actor, now: datetime) -> bool:
    """Somebody of the body, or a curator, says: its cards come here. False: they do already.

    Raises:
        NotAllowed, NotYourBody.
        ChatTaken: it is another body's.
        ChatKept: a private chat, and the body has a live one.
    """
    await must_for_body(session, actor, Permission.BIND, body_id)
    body = await session.get_one(Body, body_id, with_for_update=True)
    is_here = (body.chat_id, body.thread_id) == (place.chat_id, place.thread_id)
    if is_here and body.chat_state is ChatState.LIVE:
        return False
    if await is_anothers(session, body, place):
        raise ChatTaken(name=body.name)
    if place.is_private and body.chat_state is ChatState.LIVE:
        raise ChatKept(name=body.name, title=body.chat_title or "—")
    await move_in(session, body, place, now=now)
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=place.chat_id,
        action="bind",
        outcome="done",
        body_id=body.id,
        thread_id=place.thread_id,
    )
    return True


async def is_known(session: AsyncSession, chat_id: int) -> bool:
    """Whether the chat serves a body, a night watch, or is a residents' group that is read."""
    community = and_(Community.network == "telegram", Community.native_id == str(chat_id))
    found = await session.scalar(
        select(
            or_(
                exists().where(Body.chat_id == chat_id),
                exists().where(DutyChat.chat_id == chat_id),
                exists().where(community),
            )
        )
    )
    return bool(found)


def titled(group: str, topic: str | None) -> str:
    """How a chat is called in lists: «Группа · Тема»."""
    return f"{group}{_OF_TOPIC}{topic}"[:TITLE] if topic else group[:TITLE]


async def renamed(session: AsyncSession, chat_id: int, *, title: str) -> None:
    """The group has another name; its topics keep theirs."""
    for body in await session.scalars(select(Body).where(Body.chat_id == chat_id)):
        _, _, topic = body.chat_title.rpartition(_OF_TOPIC) if body.thread_id is not None else ("", "", "")
        body.chat_title = titled(title, topic)
    for duty in await session.scalars(select(DutyChat).where(DutyChat.chat_id == chat_id)):
        duty.title = title[:TITLE]


async def topic_renamed(
    session: AsyncSession, chat_id: int, *, thread_id: int, group: str, topic: str
) -> None:
    for body in await session.scalars(
        select(Body).where(Body.chat_id == chat_id, Body.thread_id == thread_id)
    ):
        body.chat_title = titled(group, topic)
