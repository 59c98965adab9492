"""«Переадресовать» and «Вернуть»: whose it is, and why."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards, returning
from handlers.callbacks import Close, Find, Move, MoveTo, MoveWhy
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.takers import Taken, body_of_prompt
from handlers.telling import Spot, acknowledge, ask, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents.answering import close_prompt, open_prompt
from incidents.choosing import others
from incidents.finding import View, view
from incidents.first import must_allow
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.responding import hand_over, must_be_with
from incidents.routing import reachable_body, search_bodies
from incidents.workload import of_bodies
from models import Body, Incident, PromptKind, Step


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(move_pressed, Move.filter())
    router.callback_query.register(body_chosen, MoveTo.filter())
    router.callback_query.register(reason_chosen, MoveWhy.filter())
    router.callback_query.register(find_pressed, Find.filter())
    router.callback_query.register(close_pressed, Close.filter())
    router.include_router(returning.build_router())
    return router


async def move_pressed(
    query: CallbackQuery,
    *,
    callback_data: Move,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        shown = await _view_of_ours(session, callback_data.incident_id, actor)
        tell(
            session,
            spot,
            reader.words("move.where", number=shown.incident.id),
            now=reader.now,
            rows=keyboards.where_to(await others(session, shown), shown.incident, reader.words),
            reply_to=spot.message_id,
        )
    await acknowledge(query, reader.words.plain("move.choose"))


async def _view_of_ours(session: AsyncSession, incident_id: int, actor: Actor) -> View:
    """Raises: NotYours, StepNotAllowed: nothing is asked that could not be done."""
    shown = await view(session, incident_id)
    await must_be_with(session, shown.incident, actor, Permission.HAND_OVER)
    await must_allow(session, shown.incident, Step.REASSIGN)
    return shown


async def body_chosen(
    query: CallbackQuery,
    *,
    callback_data: MoveTo,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The menu asks for the reason in its own place; pressed on a card, it asks below."""
    number, body_id = callback_data.incident_id, callback_data.body_id
    async with transaction() as session:
        incident = await load(session, number)
        await must_be_with(session, incident, actor, _right(body_id))
        await must_allow(session, incident, Step.REASSIGN if body_id else Step.RETURN)
        body = await reachable_body(session, body_id) if body_id else None
        text = _why(reader.words, number, body)
        rows = keyboards.why_move(number, body_id, reader.words)
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("move.choose_why"))


def _right(body_id: int) -> Permission:
    """Body 0 is the curators."""
    return Permission.HAND_OVER if body_id else Permission.RETURN


def _why(words: Words, number: int, body: Body | None) -> str:
    if body is None:
        return words("move.why_back", number=number)
    return words("move.why", number=number, body=body.name)


async def reason_chosen(
    query: CallbackQuery,
    *,
    callback_data: MoveWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    if callback_data.reason is None:
        await _ask_reason(query, callback_data, transaction, actor, reader, spot)
        return
    number, body_id, reason = callback_data.incident_id, callback_data.body_id, callback_data.reason
    async with transaction() as session:
        if body_id:
            said = Words(house.language).name("reason.move", reason.value)
            short, text = await _move(session, number, body_id, said, actor, reader)
            change(session, spot, text, now=reader.now)
        else:
            short = reader.words.plain("move.choose")
            await returning.reason_pressed(session, number, reason, actor, reader, spot)
    await acknowledge(query, short)


async def _ask_reason(
    query: CallbackQuery,
    pressed: MoveWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await load(session, pressed.incident_id)
        await must_be_with(session, incident, actor, _right(pressed.body_id))
        await open_prompt(
            session,
            kind=PromptKind.RETURN_REASON,
            incident_id=pressed.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            body_id=pressed.body_id,
        )
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def _move(
    session: AsyncSession, number: int, body_id: int, reason: str, actor: Actor, reader: Reader
) -> tuple[str, str]:
    """Pass it on; the alert's words and the message's."""
    words = reader.words
    await hand_over(session, incident_id=number, body_id=body_id, reason=reason, actor=actor, now=reader.now)
    body = await session.get_one(Body, body_id)
    return words.plain("move.moved_short", body=body.name), words(
        "move.moved", number=number, body=body.name, reason=line(reason, 200)
    )


async def take_reason(taken: Taken) -> None:
    """Own words for a hand-over or a return."""
    close_prompt(taken.prompt, now=taken.reader.now)
    body_id = body_of_prompt(taken.prompt)
    if not body_id:
        await returning.reason_written(taken)
        return
    _, text = await _move(
        taken.session,
        taken.prompt.about,
        body_id,
        taken.text,
        taken.actor,
        taken.reader,
    )
    taken.tell(text)


async def find_pressed(
    query: CallbackQuery,
    *,
    callback_data: Find,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await load(session, callback_data.incident_id)
        if callback_data.curator:
            actor.must(Permission.TRIAGE)
        else:
            await must_be_with(session, incident, actor, Permission.HAND_OVER)
        await open_prompt(
            session,
            kind=PromptKind.FIND_BODY,
            incident_id=incident.id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            curator=callback_data.curator,
        )
    await acknowledge(query, reader.words.plain("move.choose"))


async def take_search(taken: Taken) -> None:
    """Words of a body's name. Where nothing is found the question stays open."""
    words = taken.reader.words
    buttons = await _found(taken)
    if not buttons:
        taken.tell(words("bodies_not_found", query=taken.text[:100]))
        return
    close_prompt(taken.prompt, now=taken.reader.now)
    taken.tell(words("bodies_found", query=taken.text[:100]), rows=[*buttons, *keyboards.put_away(words)])


async def _found(taken: Taken) -> keyboards.Rows:
    """One menu for three questions: whom to give it, where to pass it on, whose it may be."""
    session, number = taken.session, taken.prompt.about
    if taken.prompt.context.get("owner"):
        return await returning.owners_found(taken)
    found = await search_bodies(session, taken.text)
    if not taken.prompt.context.get("curator"):
        return keyboards.bodies_to_move_to(found, number)
    load_now = await of_bodies(session, [body.id for body in found], taken.reader.now)
    return keyboards.bodies(found, await session.get_one(Incident, number), load_now)


async def close_pressed(
    query: CallbackQuery, *, transaction: Transaction, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        change(session, spot, reader.words("cancelled"), now=reader.now)
    await acknowledge(query, reader.words.plain("cancelled"))
