"""/triage: the queue, one card at a time, in one message."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import triage_menus as menus
from handlers.callbacks.triage import (
    Triage,
    TriageBodies,
    TriageCard,
    TriageFind,
    TriageGive,
    TriageMerge,
    TriageMergeInto,
    TriagePass,
    TriageSkip,
    TriageSkipWhy,
    TriageStop,
    UndoAct,
)
from handlers.context import House, Transaction
from handlers.keyboards import Rows
from handlers.reasons import TEACHES
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.triage_screens import Said, card_screen, colleague, next_screen, said_of, waiting
from handlers.words import Html, Words, without_markup
from incidents import acts, finding, queueing, storms, undoing
from incidents.offering import offered
from incidents.people import Actor
from incidents.prompting import open_prompt
from incidents.routing import search_bodies
from models import Body, Incident, PromptKind, TriageAct

_BODIES = 8  # to a menu; the rest are searched for
_TO_JOIN = 6


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(triage_asked, Command("triage"))
    router.callback_query.register(next_asked, Triage.filter())
    router.callback_query.register(card_asked, TriageCard.filter())
    router.callback_query.register(given, TriageGive.filter())
    router.callback_query.register(bodies_asked, TriageBodies.filter())
    router.callback_query.register(find_asked, TriageFind.filter())
    router.callback_query.register(skip_asked, TriageSkip.filter())
    router.callback_query.register(skipped, TriageSkipWhy.filter())
    router.callback_query.register(merge_asked, TriageMerge.filter())
    router.callback_query.register(merged, TriageMergeInto.filter())
    router.callback_query.register(passed, TriagePass.filter())
    router.callback_query.register(stopped, TriageStop.filter())
    router.callback_query.register(act_undone, UndoAct.filter())
    return router


async def triage_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        text, rows = await next_screen(session, actor, reader, anew=True)
        tell(session, spot, text, now=reader.now, rows=rows)


async def next_asked(
    query: CallbackQuery,
    *,
    callback_data: Triage,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """From the list a message of its own; from where the round went on, in its place."""
    async with transaction() as session:
        text, rows = await next_screen(session, actor, reader, anew=callback_data.anew)
        put = tell if callback_data.anew else change
        put(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("triage.next_short"))


async def card_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageCard,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await card_screen(session, callback_data.incident_id, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("list.shown_again", number=callback_data.incident_id))


# -- what is done with the card


async def given(
    query: CallbackQuery,
    *,
    callback_data: TriageGive,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, body_id = callback_data.incident_id, callback_data.body_id
    async with transaction() as session:
        another = await colleague(session, number, actor, reader)
        act = await acts.give(session, incident_id=number, body_id=body_id, actor=actor, now=reader.now)
        said = await said_of(session, act, (await session.get_one(Body, body_id)).name, reader)
        await _go_on(session, said, actor, reader, spot)
    await acknowledge(query, without_markup(said.text) + another)


async def _go_on(session: AsyncSession, said: Said, actor: Actor, reader: Reader, spot: Spot) -> None:
    text, rows = await next_screen(session, actor, reader, said=said)
    change(session, spot, text, now=reader.now, rows=rows)


async def bodies_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageBodies,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        await waiting(session, number, actor, reader)
        shown = await offered(session, await finding.view(session, number))
        others = [one for one in await search_bodies(session, "", limit=_BODIES) if one not in shown]
        rows = menus.which_body(others, number, reader.words)
        _put(session, spot, reader.words("curator.which_body", number=number), rows, reader)
    await acknowledge(query, reader.words.plain("move.choose"))


def _put(session: AsyncSession, spot: Spot, text: Html, rows: Rows, reader: Reader) -> None:
    change(session, spot, text, now=reader.now, rows=rows)


async def find_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageFind,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await _ask_words(session, PromptKind.FIND_BODY, callback_data.incident_id, actor, reader, spot)
    await acknowledge(query, reader.words.plain("move.choose"))


async def _ask_words(
    session: AsyncSession, kind: PromptKind, number: int, actor: Actor, reader: Reader, spot: Spot
) -> None:
    """A question below; its answer brings the card down to it (handlers/triage_takers.py)."""
    await waiting(session, number, actor, reader)
    await open_prompt(
        session,
        kind=kind,
        incident_id=number,
        actor=actor,
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        now=reader.now,
        triage=spot.message_id,
    )


async def skip_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageSkip,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        await waiting(session, number, actor, reader)
        text = reader.words("curator.skip_why", number=number)
        _put(session, spot, text, menus.why_skip(number, reader.words), reader)
    await acknowledge(query, reader.words.plain("move.choose_why"))


async def skipped(
    query: CallbackQuery,
    *,
    callback_data: TriageSkipWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    number, code = callback_data.incident_id, callback_data.reason
    async with transaction() as session:
        if code is None:
            await _ask_words(session, PromptKind.SKIP_REASON, number, actor, reader, spot)
            short = reader.words.plain("move.choose_why")
        else:
            another = await colleague(session, number, actor, reader)
            reason = Words(house.language).name("reason.skip", code.value)
            act = await acts.dismiss(
                session, incident_id=number, reason=reason, actor=actor, now=reader.now, teaches=TEACHES[code]
            )
            said = await said_of(session, act, "", reader)
            await _go_on(session, said, actor, reader, spot)
            short = without_markup(said.text) + another
    await acknowledge(query, short)


async def merge_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageMerge,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, words = callback_data.incident_id, reader.words
    async with transaction() as session:
        await waiting(session, number, actor, reader)
        shown = await finding.view(session, number)
        alike = await storms.similar(session, number, official_id=actor.official_id, now=reader.now)
        likely = list(dict.fromkeys([*shown.same_words, *alike]))
        found = (await storms.may_join(session, number, likely))[:_TO_JOIN]
        others = [await session.get_one(Incident, one) for one in found]
        text = (
            words("triage.merge_which", number=number)
            if others
            else words("triage.merge_none", number=number)
        )
        _put(session, spot, text, menus.merge_into(others, number, words), reader)
    await acknowledge(query, words.plain("triage.merge_short"))


async def merged(
    query: CallbackQuery,
    *,
    callback_data: TriageMergeInto,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, into = callback_data.incident_id, callback_data.into_id
    async with transaction() as session:
        another = await colleague(session, number, actor, reader)
        act = await acts.join(session, incident_id=number, into_id=into, actor=actor, now=reader.now)
        said = await said_of(session, act, "", reader)
        await _go_on(session, said, actor, reader, spot)
    await acknowledge(query, without_markup(said.text) + another)


async def passed(
    query: CallbackQuery,
    *,
    callback_data: TriagePass,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        await queueing.pass_over(session, incident_id=number, actor=actor, now=reader.now)
        said = Said(reader.words("triage.passed", number=number))
        await _go_on(session, said, actor, reader, spot)
    await acknowledge(query, without_markup(said.text))


async def stopped(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        await queueing.stop(session, actor=actor, now=reader.now)
        told = await queueing.ageing(session, now=reader.now)
        text = reader.words("triage.stopped", total=told.total)
        _put(session, spot, text, menus.go_on(reader.words), reader)
    await acknowledge(query, reader.words.plain("triage.stopped_short"))


async def act_undone(
    query: CallbackQuery,
    *,
    callback_data: UndoAct,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The card stands here again, as if it had not been pressed."""
    async with transaction() as session:
        act: TriageAct = await undoing.undo(session, act_id=callback_data.act_id, actor=actor, now=reader.now)
        said = Said(reader.words("triage.undone", number=act.incident_id))
        text, rows = await card_screen(session, act.incident_id, actor, reader, said=said)
        _put(session, spot, text, rows, reader)
    await acknowledge(query, without_markup(said.text))
