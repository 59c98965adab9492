"""Words written to the bot: the answer to one of its questions, or something to be explained; and old buttons."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.answer import take_answer, take_link
from handlers.approving import take_rework_reason
from handlers.away import take_away
from handlers.callbacks.find import FindPage
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.explain_places import take_place
from handlers.find import take_search_words
from handlers.help import help_of, help_text
from handlers.interim import take_control_date
from handlers.override import take_override
from handlers.prompts import (
    asked_of_another,
    cancel_meant,
    draft_of,
    has_open,
    is_cancel,
    join_album,
    meant_by,
    swiped,
)
from handlers.reassign import take_reason
from handlers.revise import take_revision
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, tell
from handlers.templates import take_template
from handlers.times import Reader
from handlers.triage_takers import take_search, take_skip_reason
from incidents import searches
from incidents.people import Actor, audit
from incidents.permissions import Permission
from models import AnswerState, Card, PromptKind

_QUESTION: Final = 100  # characters; a longer text is hardly a search
_SHOWN: Final = 28


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(words_came, _is_addressed)
    router.edited_message.register(words_edited)
    router.callback_query.register(unreadable_pressed)
    return router


async def _is_addressed(message: Message, bot: Bot) -> bool:
    """In a group people talk among themselves: only a reply to the bot is meant for it."""
    if message.chat.type == "private":
        return True
    replied = swiped(message)
    return replied is not None and replied.from_user is not None and replied.from_user.id == bot.id


async def words_came(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot, house: House
) -> None:
    async with transaction() as session:
        if await join_album(session, message, spot, actor, now=reader.now):
            return
        prompt = await meant_by(session, message, actor)
        if is_cancel(message) and (prompt is not None or await has_open(session, spot, actor)):
            text = await cancel_meant(session, message, spot, actor, reader)
            tell(session, spot, text, now=reader.now, reply_to=spot.message_id)
        elif prompt is None:
            text = await _why_not(session, message, actor, reader, spot)
            rows = await _perhaps_find(session, message, text, actor, reader, spot)
            tell(session, spot, text, now=reader.now, reply_to=spot.message_id, rows=rows)
        else:
            await _take(Taken(session, prompt, message, actor, reader, spot, house))


async def _take(taken: Taken) -> None:
    words, message = taken.reader.words, taken.message
    if not message.text and not message.photo:
        taken.tell(words("accepted_content"))
    elif not taken.text and taken.prompt.kind is not PromptKind.ANSWER:
        taken.tell(words("needs_text"))
    else:
        await _TAKERS[taken.prompt.kind](taken)


async def _take_return_reason(taken: Taken) -> None:
    """Two questions of one kind: a body's reason for passing on, an approver's for sending back."""
    await (take_rework_reason if taken.prompt.context.get("send_back") else take_reason)(taken)


_TAKERS: Final[Mapping[PromptKind, Callable[[Taken], Awaitable[None]]]] = {
    PromptKind.ANSWER: take_answer,
    PromptKind.RETURN_REASON: _take_return_reason,
    PromptKind.SKIP_REASON: take_skip_reason,
    PromptKind.FIND_BODY: take_search,
    PromptKind.LINK: take_link,
    PromptKind.PLACE: take_place,
    PromptKind.SEARCH: take_search_words,
    PromptKind.AWAY: take_away,
    PromptKind.CONTROL_DATE: take_control_date,
    PromptKind.TEMPLATE: take_template,
    PromptKind.REVISION: take_revision,
    PromptKind.OVERRIDE: take_override,
}


async def _why_not(session: AsyncSession, message: Message, actor: Actor, reader: Reader, spot: Spot) -> str:
    """The words answer nothing we asked: say what would."""
    words = reader.words
    if await asked_of_another(session, message, actor):
        return words("not_your_question")
    number = await _card_replied_to(session, message)
    if number is not None:
        return words("press_answer", number=number)
    if await has_open(session, spot, actor):
        return words("which_question")
    if swiped(message) is not None:
        return words("no_question")
    said = (message.text or "").strip()
    if said.startswith("/"):
        return help_of(said.split()[0], actor, words)
    return f"{words('nothing_here')}\n\n{help_text(actor, words)}"


async def _perhaps_find(
    session: AsyncSession, message: Message, text: str, actor: Actor, reader: Reader, spot: Spot
) -> keyboards.Rows:
    """A few words that answer nothing are perhaps what somebody looks for."""
    said = (message.text or "").strip()
    not_understood = text.startswith(reader.words("nothing_here"))
    if not not_understood or not said or len(said) > _QUESTION or not actor.may(Permission.SEE_INCIDENT):
        return []
    search = await searches.keep(session, said, actor=actor, chat_id=spot.chat_id, now=reader.now)
    label = reader.words.plain("find.button_this", what=line(said, _SHOWN))
    return [[keyboards.button(label, FindPage(search_id=search.id, offset=0))]]


async def _card_replied_to(session: AsyncSession, message: Message) -> int | None:
    replied = swiped(message)
    if replied is None:
        return None
    number: int | None = await session.scalar(
        select(Card.incident_id).where(Card.chat_id == message.chat.id, Card.message_id == replied.message_id)
    )
    return number


async def words_edited(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    """An edit in the chat changes no draft: it might be on its way already. The author is told what does."""
    async with transaction() as session:
        answer = await draft_of(session, spot, actor, key="message_id", value=message.message_id)
        if answer is None or answer.state is AnswerState.SUPERSEDED:
            return
        is_draft = answer.state is AnswerState.DRAFT
        text = reader.words("edit_not_seen") if is_draft else reader.words("edit_too_late")
        tell(session, spot, text, now=reader.now, reply_to=spot.message_id)


async def unreadable_pressed(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    """Nothing of ours, or of a format long gone."""
    async with transaction() as session:
        audit(
            session,
            now=reader.now,
            telegram_id=actor.telegram_id,
            chat_id=spot.chat_id,
            action="press",
            outcome="unreadable",
            data=(query.data or "")[:64],
        )
    await acknowledge(query, reader.words.plain("refused.old_button"), alert=True)
