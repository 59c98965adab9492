"""A curator's screens: sort, assign, skip, merge, reopen; by button and by command alike."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.arguments import number_of
from handlers.bodies import build_router as bodies_router
from handlers.callbacks import Give, Merge, Pick, Reopen, Skip, SkipWhy
from handlers.context import House, Transaction
from handlers.lists import show_incident
from handlers.reasons import TEACHES
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, ask, change, stands_on_card, tell
from handlers.times import Reader
from handlers.triage_screens import colleague
from handlers.words import Words
from incidents.answering import close_prompt, open_prompt
from incidents.choosing import others
from incidents.finding import view
from incidents.labels import NO_ANSWER, Lesson
from incidents.lifecycle import advance
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.triage import assign, merge, reopen, skip
from incidents.workload import of_bodies
from models import Body, PromptKind, Step


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(incident_asked, Command("incident"))
    router.message.register(skip_asked, Command("skip"))
    router.message.register(merge_asked, Command("merge"))
    router.message.register(reopen_asked, Command("reopen"))
    router.callback_query.register(give_pressed, Give.filter())
    router.callback_query.register(pick_pressed, Pick.filter())
    router.callback_query.register(skip_pressed, Skip.filter())
    router.callback_query.register(skip_reason_chosen, SkipWhy.filter())
    router.callback_query.register(merge_pressed, Merge.filter())
    router.callback_query.register(reopen_pressed, Reopen.filter())
    router.include_router(bodies_router())
    return router


async def incident_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, _ = number_of(command)
    async with transaction() as session:
        if number is None:
            tell(session, spot, reader.words("curator.use_incident"), now=reader.now)
        else:
            await show_incident(session, number, actor, reader, spot)


async def _assign(
    session: AsyncSession,
    number: int,
    body_id: int,
    actor: Actor,
    reader: Reader,
    *,
    reason: str = "",
    holder: int | None = None,
) -> tuple[str, str]:
    await assign(
        session,
        incident_id=number,
        body_id=body_id,
        actor=actor,
        now=reader.now,
        reason=reason,
        holder=holder,
    )
    name = (await session.get_one(Body, body_id)).name
    words = reader.words
    return words.plain("curator.assigned_short", body=name), words(
        "curator.assigned", number=number, body=name
    )


async def give_pressed(
    query: CallbackQuery,
    *,
    callback_data: Give,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        short, text = await _assign(
            session,
            callback_data.incident_id,
            callback_data.body_id,
            actor,
            reader,
            holder=callback_data.holder,
        )
        short += await colleague(session, callback_data.incident_id, actor, reader)
        await _answer_below(session, spot, text, reader)
    await acknowledge(query, short)


async def _answer_below(session: AsyncSession, spot: Spot, text: str, reader: Reader) -> None:
    """A menu turns into what came of it; a card says it by itself."""
    if not await stands_on_card(session, spot):
        change(session, spot, text, now=reader.now)


async def pick_pressed(
    query: CallbackQuery,
    *,
    callback_data: Pick,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        actor.must(Permission.TRIAGE)
        shown = await view(session, number)
        offered = await others(session, shown)
        loads = await of_bodies(session, [body.id for body in offered], reader.now)
        rows = keyboards.which_body(offered, shown.incident, reader.words, loads)
        text = reader.words("curator.which_body", number=number)
        tell(session, spot, text, now=reader.now, rows=rows, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("move.choose"))


async def skip_pressed(
    query: CallbackQuery,
    *,
    callback_data: Skip,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        actor.must(Permission.TRIAGE)
        advance((await view(session, number)).incident.status, Step.SKIP)
        rows = keyboards.why_skip(number, reader.words)
        await ask(session, spot, reader.words("curator.skip_why", number=number), now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def skip_reason_chosen(
    query: CallbackQuery,
    *,
    callback_data: SkipWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    if callback_data.reason is None:
        await _ask_skip_reason(query, callback_data.incident_id, transaction, actor, reader, spot)
        return
    reason = Words(house.language).name("reason.skip", callback_data.reason.value)
    teaches = TEACHES[callback_data.reason]
    async with transaction() as session:
        text = await _skip(session, callback_data.incident_id, reason, actor, reader, teaches)
        short = await colleague(session, callback_data.incident_id, actor, reader)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("curator.skipped_short") + short)


async def _ask_skip_reason(
    query: CallbackQuery,
    number: int,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        actor.must(Permission.TRIAGE)
        await open_prompt(
            session,
            kind=PromptKind.SKIP_REASON,
            incident_id=(await view(session, number)).incident.id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def _skip(
    session: AsyncSession,
    number: int,
    reason: str,
    actor: Actor,
    reader: Reader,
    teaches: Lesson | None = NO_ANSWER,
) -> str:
    await skip(session, incident_id=number, reason=reason, actor=actor, now=reader.now, teaches=teaches)
    return reader.words("curator.skipped", number=number, reason=reason[:300])


async def take_skip_reason(taken: Taken) -> None:
    close_prompt(taken.prompt, now=taken.reader.now)
    taken.tell(await _skip(taken.session, taken.prompt.about, taken.text, taken.actor, taken.reader))


async def skip_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.TRIAGE)
    number, reason = number_of(command)
    async with transaction() as session:
        if number is None:
            text: str = reader.words("curator.use_skip")
        else:
            text = await _skip(session, number, reason, actor, reader)
        tell(session, spot, text, now=reader.now)


async def merge_pressed(
    query: CallbackQuery,
    *,
    callback_data: Merge,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, into = callback_data.incident_id, callback_data.into_id
    async with transaction() as session:
        await merge(session, incident_id=number, into_id=into, actor=actor, now=reader.now)
        short = await colleague(session, number, actor, reader)
        await _answer_below(session, spot, reader.words("curator.merged", number=number, into=into), reader)
    await acknowledge(query, reader.words.plain("curator.merged_short", into=into) + short)


async def merge_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.TRIAGE)
    number, rest = number_of(command)
    into, _ = number_of(rest)
    async with transaction() as session:
        if number is None or into is None:
            text = reader.words("curator.use_merge")
        else:
            await merge(session, incident_id=number, into_id=into, actor=actor, now=reader.now)
            text = reader.words("curator.merged", number=number, into=into)
        tell(session, spot, text, now=reader.now)


async def reopen_pressed(
    query: CallbackQuery,
    *,
    callback_data: Reopen,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        await reopen(session, incident_id=number, actor=actor, reason="", now=reader.now)
        await _answer_below(session, spot, reader.words("curator.reopened", number=number), reader)
    await acknowledge(query, reader.words.plain("curator.reopened_short"))


async def reopen_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.REOPEN)
    number, reason = number_of(command)
    async with transaction() as session:
        if number is None:
            text = reader.words("curator.use_reopen")
        else:
            await reopen(session, incident_id=number, actor=actor, reason=reason, now=reader.now)
            text = reader.words("curator.reopened", number=number)
        tell(session, spot, text, now=reader.now)
