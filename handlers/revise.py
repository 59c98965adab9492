"""«Исправить ответ»: other words for what is published, the last look, and an approver's word on them."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import keyboards
from handlers.callbacks.revise import (
    ApproveRevision,
    DropRevision,
    RefuseRevision,
    RefuseRevisionWhy,
    Revise,
    RevisedByHand,
    SendRevision,
)
from handlers.context import House, Transaction
from handlers.reasons import ReworkReason
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.people import Actor
from incidents.revised_publications import revised_by_hand
from incidents.revising import (
    approve_revision,
    ask_for_revision,
    drop_revision,
    may_review,
    refuse_revision,
    send_revision,
    write_revision,
)


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(revise_pressed, Revise.filter())
    router.callback_query.register(send_pressed, SendRevision.filter())
    router.callback_query.register(drop_pressed, DropRevision.filter())
    router.callback_query.register(approve_pressed, ApproveRevision.filter())
    router.callback_query.register(refuse_pressed, RefuseRevision.filter())
    router.callback_query.register(refuse_reason_chosen, RefuseRevisionWhy.filter())
    router.callback_query.register(by_hand_pressed, RevisedByHand.filter())
    return router


async def revise_pressed(
    query: CallbackQuery,
    *,
    callback_data: Revise,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await ask_for_revision(
            session,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("answer.change"))


async def take_revision(taken: Taken) -> None:
    await write_revision(
        taken.session,
        prompt=taken.prompt,
        text=taken.text,
        actor=taken.actor,
        thread_id=taken.spot.thread_id,
        now=taken.reader.now,
    )


async def send_pressed(
    query: CallbackQuery,
    *,
    callback_data: SendRevision,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        incident, to_review = await send_revision(
            session, answer_id=callback_data.answer_id, actor=actor, rules=house.rules, now=reader.now
        )
        words, number = reader.words, incident.id
        if to_review:
            short, text = (
                words.plain("revision.sent_review_short"),
                words("revision.sent_review", number=number),
            )
        else:
            short, text = words.plain("revision.sent_short"), words("revision.sent", number=number)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, short)


async def drop_pressed(
    query: CallbackQuery,
    *,
    callback_data: DropRevision,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await drop_revision(
            session, answer_id=callback_data.answer_id, actor=actor, now=reader.now
        )
        change(session, spot, reader.words("revision.dropped", number=incident.id), now=reader.now)
    await acknowledge(query, reader.words.plain("revision.dropped_short"))


async def approve_pressed(
    query: CallbackQuery,
    *,
    callback_data: ApproveRevision,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        incident = await approve_revision(
            session, answer_id=callback_data.answer_id, actor=actor, rules=house.rules, now=reader.now
        )
        change(session, spot, reader.words("revision.approved", number=incident.id), now=reader.now)
    await acknowledge(query, reader.words.plain("answer.approved"))


async def refuse_pressed(
    query: CallbackQuery,
    *,
    callback_data: RefuseRevision,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await may_review(session, answer_id=callback_data.answer_id, actor=actor)
        text = reader.words("answer.rework_why", number=incident.id)
        rows = _why(callback_data.answer_id, reader.words)
        tell(session, spot, text, now=reader.now, rows=rows, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("move.choose_why"))


def _why(answer_id: int, words: Words) -> keyboards.Rows:
    ready = [
        [
            keyboards.button(
                words.name("reason.rework", one.value), RefuseRevisionWhy(answer_id=answer_id, reason=one)
            )
        ]
        for one in ReworkReason
    ]
    return [*ready, *keyboards.put_away(words)]


async def refuse_reason_chosen(
    query: CallbackQuery,
    *,
    callback_data: RefuseRevisionWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    reason = Words(house.language).name("reason.rework", callback_data.reason.value)
    async with transaction() as session:
        incident = await refuse_revision(
            session, answer_id=callback_data.answer_id, reason=reason, actor=actor, now=reader.now
        )
        text = reader.words("revision.refused", number=incident.id, reason=reason)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("revision.refused_short"))


async def by_hand_pressed(
    query: CallbackQuery,
    *,
    callback_data: RevisedByHand,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await revised_by_hand(
            session, publication_id=callback_data.publication_id, actor=actor, now=reader.now
        )
        change(session, spot, reader.words("revision.done", number=incident.id), now=reader.now)
    await acknowledge(query, reader.words.plain("revision.done_short"))
