"""«Ответить»: the question, the draft, the last look, and the way out; and an approver's word."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import keyboards
from handlers.callbacks import (
    Answer,
    Approve,
    ByHand,
    Change,
    Discard,
    Send,
    SendBack,
    SendBackWhy,
)
from handlers.context import House, Transaction
from handlers.prompts import remember, show_preview_later
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.answering import (
    ask_for_answer,
    close_prompt,
    discard_draft,
    open_prompt,
    photos_of_draft,
    send_answer,
    write_draft,
)
from incidents.direct import bring_link, may_bring_link
from incidents.lifecycle import advance
from incidents.moving import load
from incidents.people import Actor
from incidents.reviewing import approve, must_review, send_back
from models import PromptKind, Status, Step


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(answer_pressed, Answer.filter())
    router.callback_query.register(change_pressed, Change.filter())
    router.callback_query.register(send_pressed, Send.filter())
    router.callback_query.register(discard_pressed, Discard.filter())
    router.callback_query.register(by_hand_pressed, ByHand.filter())
    router.callback_query.register(approve_pressed, Approve.filter())
    router.callback_query.register(send_back_pressed, SendBack.filter())
    router.callback_query.register(rework_reason_chosen, SendBackWhy.filter())
    return router


async def answer_pressed(
    query: CallbackQuery,
    *,
    callback_data: Answer,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await ask_for_answer(
            session,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("answer.asked"))


async def change_pressed(
    query: CallbackQuery,
    *,
    callback_data: Change,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The old draft stays until the new words come, and its photos go with them."""
    async with transaction() as session:
        await ask_for_answer(
            session,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            photos=await photos_of_draft(session, callback_data.incident_id, actor),
        )
    await acknowledge(query, reader.words.plain("answer.change"))


async def take_answer(taken: Taken) -> None:
    """Text, or a photo with its caption, or the first photo of an album."""
    message = taken.message
    answer = await write_draft(
        taken.session,
        prompt=taken.prompt,
        text=taken.text,
        photos=[message.photo[-1].file_id] if message.photo else [],
        actor=taken.actor,
        thread_id=taken.spot.thread_id,
        now=taken.reader.now,
    )
    remember(taken.prompt, message, answer)
    if message.media_group_id is not None:
        await show_preview_later(taken.session, taken.spot, answer, now=taken.reader.now)


async def send_pressed(
    query: CallbackQuery,
    *,
    callback_data: Send,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        incident = await send_answer(
            session,
            answer_id=callback_data.answer_id,
            actor=actor,
            rules=house.rules,
            now=reader.now,
            is_interim=callback_data.interim,
        )
        short, text = _sent(incident.status, incident.id, reader.words)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, short)


def _sent(status: Status, number: int, words: Words) -> tuple[str, str]:
    if status is Status.ON_REVIEW:
        return words.plain("answer.sent_short_review"), words("answer.sent_review", number=number)
    return words.plain("answer.sent_short_approved"), words("answer.sent_approved", number=number)


async def discard_pressed(
    query: CallbackQuery,
    *,
    callback_data: Discard,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await discard_draft(
            session, answer_id=callback_data.answer_id, actor=actor, now=reader.now
        )
        change(session, spot, reader.words("answer.discarded", number=incident.id), now=reader.now)
    await acknowledge(query, reader.words.plain("answer.discarded_short"))


async def by_hand_pressed(
    query: CallbackQuery,
    *,
    callback_data: ByHand,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """Rights are checked here as well: a stranger to the incident is asked nothing."""
    async with transaction() as session:
        incident = await may_bring_link(session, incident_id=callback_data.incident_id, actor=actor)
        await open_prompt(
            session,
            kind=PromptKind.LINK,
            incident_id=incident.id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("answer.link_asked"))


async def take_link(taken: Taken) -> None:
    """A bad link is refused and the question stays open."""
    close_prompt(taken.prompt, now=taken.reader.now)
    house, words = taken.house, taken.reader.words
    incident, left = await bring_link(
        taken.session,
        incident_id=taken.prompt.about,
        link=taken.text,
        parse=house.links,
        kinds=house.answer_links,
        actor=taken.actor,
        now=taken.reader.now,
    )
    if left:
        taken.tell(words("answer.link_taken_more", number=incident.id, left=words.count("count.posts", left)))
    else:
        taken.tell(words("answer.link_taken", number=incident.id))


async def approve_pressed(
    query: CallbackQuery, *, callback_data: Approve, transaction: Transaction, actor: Actor, reader: Reader
) -> None:
    async with transaction() as session:
        await approve(session, incident_id=callback_data.incident_id, actor=actor, now=reader.now)
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
