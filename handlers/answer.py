"""«Ответить»: the question, the draft, the last look, and the way out."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.callbacks import (
    Answer,
    ByHand,
    Change,
    Discard,
    Send,
)
from handlers.context import House, Transaction
from handlers.interim import ask_when
from handlers.prompts import remember, show_preview_later
from handlers.sent import sent
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change
from handlers.template_use import offer_templates
from handlers.times import Reader
from incidents.answering import (
    ask_for_answer,
    close_prompt,
    discard_draft,
    open_prompt,
    send_answer,
    write_draft,
)
from incidents.direct import bring_link, may_bring_link
from incidents.drafting import photos_so_far
from incidents.people import Actor
from models import PromptKind


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(answer_pressed, Answer.filter())
    router.callback_query.register(change_pressed, Change.filter())
    router.callback_query.register(send_pressed, Send.filter())
    router.callback_query.register(discard_pressed, Discard.filter())
    router.callback_query.register(by_hand_pressed, ByHand.filter())
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
        await offer_templates(session, callback_data.incident_id, reader, spot)
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
            photos=await photos_so_far(session, callback_data.incident_id, actor),
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
    """A final answer goes out; an interim one is asked first by when the final one will follow."""
    async with transaction() as session:
        if callback_data.interim:
            await ask_when(session, callback_data.answer_id, actor, reader, spot)
            short = reader.words.plain("interim.asked_short")
        else:
            incident = await send_answer(
                session, answer_id=callback_data.answer_id, actor=actor, rules=house.rules, now=reader.now
            )
            short, text = sent(incident, reader)
            change(session, spot, text, now=reader.now)
    await acknowledge(query, short)


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
