"""/drafts: what a person has begun and not finished, with the way to go on or to drop it; and «Отмена» in words."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks.answers import AskAgain, Drafts, DropDraft, DropPrompt, Fix, OpenDraft
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.keyboards import Button, Rows, button
from handlers.prompts import cancel_meant
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents.answering import discard_draft
from incidents.draft_previews import show_preview
from incidents.drafting import InProgress, ask_again, drop_prompt, in_progress, own_draft
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.promises import deadline_of

_PAGE: Final = 5
_OPENING: Final = 80  # UTF-16 units
_REASON: Final = 100


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(drafts_asked, Command("drafts"))
    router.message.register(cancel_asked, Command("cancel"))
    router.callback_query.register(drafts_turned, Drafts.filter())
    router.callback_query.register(draft_opened, OpenDraft.filter())
    router.callback_query.register(draft_dropped, DropDraft.filter())
    router.callback_query.register(asked_again, AskAgain.filter())
    router.callback_query.register(prompt_dropped, DropPrompt.filter())
    return router


async def drafts_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        text, rows = await screen(session, 0, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def drafts_turned(
    query: CallbackQuery,
    *,
    callback_data: Drafts,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await screen(session, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def screen(session: AsyncSession, offset: int, actor: Actor, reader: Reader) -> tuple[str, Rows]:
    """One page of what is in progress; the first one where the page is no more."""
    actor.must(Permission.SEE_INCIDENT)
    words = reader.words
    found = await in_progress(session, actor)
    if not found:
        return words("drafts.empty"), []
    offset = offset if offset < len(found) else 0
    shown = found[offset : offset + _PAGE]
    blocks = [words("drafts.head", total=len(found)), *(_row(one, reader) for one in shown)]
    rows = [_buttons(one, offset, words) for one in shown]
    turning: list[Button] = []
    if offset > 0:
        turning.append(button(words.plain("button.back_page"), Drafts(offset=max(offset - _PAGE, 0))))
    if offset + _PAGE < len(found):
        turning.append(button(words.plain("button.next_page"), Drafts(offset=offset + _PAGE)))
    return "\n\n".join(blocks), [*rows, *([turning] if turning else [])]


def _row(one: InProgress, reader: Reader) -> Html:
    words = reader.words
    number = one.incident.id if one.incident else None
    at = reader.moment(one.since)
    if one.draft is not None:
        opening = line(one.draft.text, _OPENING) or words.plain("drafts.no_text")
        first = words("drafts.draft", number=number, at=at, text=opening)
    elif one.prompt is None:
        first = words("drafts.rework", number=number, reason=line(one.reason, _REASON))
    else:
        asked = words.name("drafts.asked", one.prompt.kind.value)
        about = (
            words("drafts.about", number=number)
            if number is not None
            else words.name("drafts.what", one.prompt.kind.value)
        )
        first = words("drafts.prompt", about=about, asked=asked, at=at)
    due_at = deadline_of(one.incident) if one.incident else None
    return Html(f"{first}\n{reader.deadline(due_at)}") if due_at else first


def _buttons(one: InProgress, offset: int, words: Words) -> list[Button]:
    """Numbered, so that it is seen on which line a button acts."""
    number = one.incident.id if one.incident else 0
    if number:
        go_on = words.plain("drafts.open", number=number)
    else:
        kind = one.prompt.kind.value if one.prompt is not None else ""
        go_on = words.plain("drafts.open_none", what=words.name("drafts.what", kind))
    drop = words.plain("drafts.drop")
    if one.draft is not None:
        return [
            button(go_on, OpenDraft(answer_id=one.draft.id)),
            button(drop, DropDraft(answer_id=one.draft.id, offset=offset)),
        ]
    if one.prompt is not None:
        return [
            button(go_on, AskAgain(prompt_id=one.prompt.id)),
            button(drop, DropPrompt(prompt_id=one.prompt.id, offset=offset)),
        ]
    return [button(words.plain("drafts.fix", number=number), Fix(incident_id=number))]


async def draft_opened(
    query: CallbackQuery,
    *,
    callback_data: OpenDraft,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        answer, incident = await own_draft(session, callback_data.answer_id, actor)
        show_preview(session, answer, chat_id=spot.chat_id, thread_id=spot.thread_id, now=reader.now)
        number = incident.id
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def draft_dropped(
    query: CallbackQuery,
    *,
    callback_data: DropDraft,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await discard_draft(session, answer_id=callback_data.answer_id, actor=actor, now=reader.now)
        await session.flush()
        text, rows = await screen(session, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("answer.discarded_short"))


async def asked_again(
    query: CallbackQuery,
    *,
    callback_data: AskAgain,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await ask_again(
            session,
            prompt_id=callback_data.prompt_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("drafts.asked_again"))


async def prompt_dropped(
    query: CallbackQuery,
    *,
    callback_data: DropPrompt,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await drop_prompt(session, prompt_id=callback_data.prompt_id, actor=actor, now=reader.now)
        await session.flush()
        text, rows = await screen(session, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("drafts.dropped"))


async def cancel_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    """/cancel: the question replied to, or the only one that is open here."""
    async with transaction() as session:
        text = await cancel_meant(session, message, spot, actor, reader)
        tell(session, spot, text, now=reader.now, reply_to=spot.message_id)
