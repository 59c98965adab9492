"""An approver's word: yes, or other words with a reason; and what the author and the approver are told of it."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Approve, Open, SendBack, SendBackWhy
from handlers.callbacks.answers import AnswerPhotos, Fix, OpenVersions
from handlers.changes import changed
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents import outbox
from incidents.answering import ask_for_answer, close_prompt, open_prompt
from incidents.drafting import photos_so_far
from incidents.lifecycle import advance
from incidents.moving import load
from incidents.people import Actor
from incidents.promises import deadline_of
from incidents.reviewing import approve, must_review, send_back
from incidents.versions import compare, version_text
from models import Answer, AnswerState, Incident, PromptKind, Status, Step, Urgency

_NAME: Final = 60  # UTF-16 units
_REASON: Final = 500
_ALBUM: Final = 10


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(approve_pressed, Approve.filter())
    router.callback_query.register(send_back_pressed, SendBack.filter())
    router.callback_query.register(rework_reason_chosen, SendBackWhy.filter())
    router.callback_query.register(fix_pressed, Fix.filter())
    router.callback_query.register(answer_photos_pressed, AnswerPhotos.filter())
    return router


async def approve_pressed(
    query: CallbackQuery,
    *,
    callback_data: Approve,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    house: House,
) -> None:
    async with transaction() as session:
        await approve(
            session,
            incident_id=callback_data.incident_id,
            actor=actor,
            now=reader.now,
            if_own=Words(house.language).plain("review.own"),
        )
    await acknowledge(query, reader.words.plain("answer.approved"))


async def send_back_pressed(
    query: CallbackQuery,
    *,
    callback_data: SendBack,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        incident = await load(session, number)
        await must_review(session, incident, actor)
        advance(incident.status, Step.SEND_BACK)
        rows = keyboards.why_rework(number, reader.words)
        text = reader.words("answer.rework_why", number=number)
        tell(session, spot, text, now=reader.now, rows=rows, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def rework_reason_chosen(
    query: CallbackQuery,
    *,
    callback_data: SendBackWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    if callback_data.reason is None:
        await _ask_rework_reason(query, callback_data.incident_id, transaction, actor, reader, spot)
        return
    number = callback_data.incident_id
    reason = Words(house.language).name("reason.rework", callback_data.reason.value)
    async with transaction() as session:
        await send_back(session, incident_id=number, reason=reason, actor=actor, now=reader.now)
        text = reader.words("answer.sent_back_long", number=number, reason=reason)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("answer.sent_back"))


async def _ask_rework_reason(
    query: CallbackQuery,
    number: int,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await must_review(session, await load(session, number), actor)
        await open_prompt(
            session,
            kind=PromptKind.RETURN_REASON,
            incident_id=number,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            send_back=True,
        )
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def take_rework_reason(taken: Taken) -> None:
    close_prompt(taken.prompt, now=taken.reader.now)
    number = taken.prompt.about
    await send_back(
        taken.session, incident_id=number, reason=taken.text, actor=taken.actor, now=taken.reader.now
    )
    words = taken.reader.words
    taken.tell(words("answer.sent_back_long", number=number, reason=taken.text[:300]))


async def fix_pressed(
    query: CallbackQuery,
    *,
    callback_data: Fix,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The question again, with the old words to copy; the photos go with the new ones."""
    number = callback_data.incident_id
    async with transaction() as session:
        await ask_for_answer(
            session,
            incident_id=number,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            photos=await photos_so_far(session, number, actor),
        )
    await acknowledge(query, reader.words.plain("answer.change"))


async def answer_photos_pressed(
    query: CallbackQuery,
    *,
    callback_data: AnswerPhotos,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """What the author keeps as proof, or would publish with the words."""
    async with transaction() as session:
        answer = await version_text(session, callback_data.answer_id, actor)
        if answer is not None and answer.photos:
            outbox.book_notice(
                session,
                "answer_photos",
                chat_id=spot.chat_id,
                thread_id=spot.thread_id,
                now=reader.now,
                urgency=Urgency.ANSWERED_PERSON,
                answer_id=answer.id,
            )
            words = reader.words.plain("photos.coming")
        else:
            words = reader.words.plain("photos.none")
    await acknowledge(query, words)


async def answer_photos(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """At most ten, as an album: more are kept, and none is published anywhere in such a number."""
    answer = await session.get(Answer, told["answer_id"])
    if answer is None or not answer.photos:
        return None
    head = reader.words("review.photos", number=answer.incident_id, photos=len(answer.photos))
    return Outgoing(
        head,
        album=tuple(str(one) for one in answer.photos[:_ALBUM]),
        instead=Html(f"{head}\n{reader.words('review.photos_lost')}"),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


async def sent_back_notice(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """To the author: why, how long is left, and the way to mend it."""
    incident = await session.get(Incident, told["incident_id"])
    if incident is None or incident.status is not Status.REWORK:
        return None
    words, due_at = reader.words, deadline_of(incident)
    text = words(
        "review.sent_back",
        number=incident.id,
        name=line(str(told.get("name") or ""), _NAME) or "—",
        reason=line(str(told.get("reason") or ""), _REASON),
        deadline=reader.deadline(due_at) if due_at else "",
    )
    rows = [
        [keyboards.button(words.plain("review.button_fix"), Fix(incident_id=incident.id))],
        [keyboards.button(words.plain("button.show", number=incident.id), Open(incident_id=incident.id))],
    ]
    reply_to = await card_message(session, incident.id, chat_id)
    return Outgoing(text, keyboard=keyboards.markup(rows), reply_to=reply_to)


async def new_version_notice(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """To the approver: the answer they sent back is here again, and what is different in it."""
    answer = await session.get(Answer, told["answer_id"])
    before = await session.get(Answer, told["before_id"])
    if answer is None or before is None or answer.state is not AnswerState.SUBMITTED or answer.approved_at:
        return None
    words = reader.words
    different = changed(compare(before.text, answer.text)) or words("version.same")
    text = words("review.new_version", number=answer.incident_id, changes=different)
    rows = [[keyboards.button(words.plain("version.button"), OpenVersions(incident_id=answer.incident_id))]]
    reply_to = await card_message(session, answer.incident_id, chat_id)
    return Outgoing(text, keyboard=keyboards.markup(rows), reply_to=reply_to)
