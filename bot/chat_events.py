"""What an update tells of chats and of who is in them, as the thing to do: no handler's business.

Source: core.telegram.org/bots/api#chatmemberupdated, #message (service messages). A private chat says "kicked" when
the bot is blocked and "member" when it is let in again. Of people who come and go in a group every bot hears by a
service message; only an administrator hears by `chat_member`, then both come and the second finds nothing to do.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.reach import chat_back, chat_lost, chat_migrated, topic_back
from incidents import outbox
from incidents.chats import is_known, renamed, topic_renamed
from incidents.leaving import left_chat
from incidents.people import actor_of, audit

Event = Callable[[AsyncSession, datetime], Awaitable[object]]

_OUT: Final = frozenset({"kicked", "left"})
_GROUPS: Final = frozenset({"group", "supergroup"})
_TIME_FOR_THE_LINK: Final = timedelta(seconds=20)  # from being added by an invitation to its /start


def chat_event(raw: dict[str, Any]) -> Event | None:
    """What to do about the update; None when it tells nothing of the kind."""
    for kind, read in (("my_chat_member", _of_the_bot), ("chat_member", _of_a_person), ("message", _message)):
        told = raw.get(kind)
        if isinstance(told, dict):
            return read(told)
    return None


def _of_the_bot(changed: dict[str, Any]) -> Event | None:
    chat_id = _whole(changed.get("chat"), "id")
    before, after = _status(changed.get("old_chat_member")), _status(changed.get("new_chat_member"))
    if chat_id is None or not after:
        return None
    if after in _OUT:
        return lambda session, now: chat_lost(session, chat_id, error=after, now=now)
    is_new = before in _OUT and _text(changed.get("chat"), "type") in _GROUPS

    async def back(session: AsyncSession, now: datetime) -> None:
        await chat_back(session, chat_id, now=now)
        if is_new:
            await _added(session, changed, chat_id, now=now)

    return back


async def _added(session: AsyncSession, changed: dict[str, Any], chat_id: int, *, now: datetime) -> None:
    """Somebody added the bot to a group by hand: who works here is told how to make it a body's chat, once.

    Into the group only where somebody of a body did it: a curator may be adding the bot to a residents' group. With
    an invitation's link the binding comes a moment later, and the words find nothing left to say.
    """
    adder = _whole(changed.get("from"), "id")
    actor = await actor_of(session, adder) if adder is not None else None
    is_known_here = await is_known(session, chat_id)
    audit(
        session,
        now=now,
        telegram_id=adder,
        chat_id=chat_id,
        action="bot_added",
        outcome="known" if is_known_here else "done" if actor else "stranger",
    )
    if is_known_here or actor is None:
        return
    title = _text(changed.get("chat"), "title")
    not_before = now + _TIME_FOR_THE_LINK
    if actor.bodies:
        outbox.book_notice(
            session, "how_to_bind", chat_id=chat_id, now=now, not_before=not_before, title=title
        )
    else:
        outbox.book_notice(
            session,
            "added_to_group",
            chat_id=actor.telegram_id,
            now=now,
            not_before=not_before,
            title=title,
            group=chat_id,
        )


def _of_a_person(changed: dict[str, Any]) -> Event | None:
    chat_id = _whole(changed.get("chat"), "id")
    after = changed.get("new_chat_member")
    user_id = _whole(after.get("user"), "id") if isinstance(after, dict) else None
    barred = isinstance(after, dict) and after.get("is_member") is False  # restricted, and not there
    is_out = _status(after) in _OUT or barred
    if chat_id is None or user_id is None:
        return None
    if is_out:
        return lambda session, now: left_chat(session, chat_id=chat_id, telegram_id=user_id, now=now)
    return _nothing


async def _nothing(_session: AsyncSession, _now: datetime) -> None:
    """Somebody came, or has other rights in the group: the press will ask."""


def _message(message: dict[str, Any]) -> Event | None:
    here = _whole(message.get("chat"), "id")
    if here is None:
        return None
    new, old = _whole(message, "migrate_to_chat_id"), _whole(message, "migrate_from_chat_id")
    if new is not None:
        return lambda session, now: chat_migrated(session, old=here, new=new, now=now)
    if old is not None:
        return lambda session, now: chat_migrated(session, old=old, new=here, now=now)
    gone = _whole(message.get("left_chat_member"), "id")
    if gone is not None:
        return lambda session, now: left_chat(session, chat_id=here, telegram_id=gone, now=now)
    thread_id = _whole(message, "message_thread_id")
    if "forum_topic_reopened" in message and thread_id is not None:
        return lambda session, now: topic_back(session, here, thread_id=thread_id, now=now)
    return _name(message, here)


def _name(message: dict[str, Any], here: int) -> Event | None:
    title = _text(message, "new_chat_title")
    if title:
        return lambda session, _now: renamed(session, here, title=title)
    topic, thread_id = _text(message.get("forum_topic_edited"), "name"), _whole(message, "message_thread_id")
    if topic and thread_id is not None:  # without a name only its icon is another
        group = _text(message.get("chat"), "title")
        return lambda session, _now: topic_renamed(
            session, here, thread_id=thread_id, group=group, topic=topic
        )
    return None


def _status(member: Any) -> str:
    return _text(member, "status")


def _text(container: Any, key: str) -> str:
    value = container.get(key) if isinstance(container, dict) else None
    return value if isinstance(value, str) else ""


def _whole(container: Any, key: str) -> int | None:
    value = container.get(key) if isinstance(container, dict) else None
    return value if type(value) is int else None
