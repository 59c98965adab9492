"""Many that are the same thing: the list to tick, one press for all of it, and how far it is."""

from collections.abc import Mapping
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers import triage_menus as menus
from handlers.callbacks.triage import (
    Storm,
    StormGive,
    StormMerge,
    StormSkip,
    StormSkipWhy,
    Tick,
    TurnStorm,
    UndoAll,
)
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.keyboards import Rows
from handlers.outgoing import Outgoing
from handlers.reasons import TEACHES
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from handlers.triage_screens import Said, card_screen, next_screen, waiting
from handlers.words import Html, Words, without_markup
from incidents import bulk, finding, queueing, storms
from incidents.bulk import Progress, Task
from incidents.offering import offered
from incidents.people import Actor
from incidents.permissions import Permission
from models import Body, Incident, Step

_OPENING = 60  # UTF-16 units of a resident's text
_NAME = 60


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(storm_asked, Storm.filter())
    router.callback_query.register(storm_turned, TurnStorm.filter())
    router.callback_query.register(ticked, Tick.filter())
    router.callback_query.register(all_given, StormGive.filter())
    router.callback_query.register(all_merged, StormMerge.filter())
    router.callback_query.register(skip_asked, StormSkip.filter())
    router.callback_query.register(all_skipped, StormSkipWhy.filter())
    router.callback_query.register(all_undone, UndoAll.filter())
    return router


# -- the list


async def storm_asked(
    query: CallbackQuery,
    *,
    callback_data: Storm,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """All are ticked, and with that nobody else is shown them meanwhile."""
    number = callback_data.incident_id
    async with transaction() as session:
        for one in await _alike(session, number, actor, reader):
            await queueing.claim(session, incident_id=one, actor=actor, now=reader.now)
        await _list(session, number, 0, actor, reader, spot)
    await acknowledge(query, reader.words.plain("triage.storm_short"))


async def _alike(session: AsyncSession, number: int, actor: Actor, reader: Reader) -> list[int]:
    await waiting(session, number, actor, reader)
    return await storms.similar(session, number, official_id=actor.official_id, now=reader.now)


async def storm_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnStorm,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await _list(session, callback_data.incident_id, callback_data.offset, actor, reader, spot)
    await acknowledge(query, reader.words.plain("triage.storm_short"))


async def ticked(
    query: CallbackQuery,
    *,
    callback_data: Tick,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, other = callback_data.incident_id, callback_data.other_id
    async with transaction() as session:
        found = await _alike(session, number, actor, reader)
        is_on = other in await storms.chosen(session, found, official_id=actor.official_id)
        if other in found:
            await queueing.tick(session, incident_id=other, is_on=not is_on, actor=actor, now=reader.now)
        await _list(session, number, callback_data.offset, actor, reader, spot)
    await acknowledge(query, reader.words.plain("triage.storm_short"))


async def _list(
    session: AsyncSession, number: int, offset: int, actor: Actor, reader: Reader, spot: Spot
) -> None:
    """The page; where it is no storm any more, the card itself."""
    found = await _alike(session, number, actor, reader)
    if not found:
        text, rows = await card_screen(session, number, actor, reader)
    else:
        text, rows = await _page(session, number, found, offset, actor, reader)
    change(session, spot, text, now=reader.now, rows=rows)


async def _page(
    session: AsyncSession, number: int, found: list[int], offset: int, actor: Actor, reader: Reader
) -> tuple[Html, Rows]:
    words = reader.words
    chosen = await storms.chosen(session, found, official_id=actor.official_id)
    offset = offset if offset < len(found) else 0
    numbers = found[offset : offset + menus.STORM_PAGE]
    incidents = [await session.get_one(Incident, one) for one in numbers]
    texts = await finding.openings(session, incidents)
    lines = [
        words(
            "triage.storm_row",
            mark="☑️" if one.id in chosen else "⬜️",
            number=one.id,
            at=reader.moment(one.created_at),
            text=line(texts.get(one.id, ""), _OPENING),
        )
        for one in incidents
    ]
    head = words("triage.storm", number=number, total=len(found), chosen=len(chosen))
    shown = await finding.view(session, number)
    rows = menus.under_storm(
        number,
        [(one, one in chosen) for one in numbers],
        await offered(session, shown),
        offset=offset,
        total=len(found),
        chosen=len(chosen),
        words=words,
    )
    return Html("\n\n".join([head, *lines])), rows


# -- one press for all


async def all_given(
    query: CallbackQuery,
    *,
    callback_data: StormGive,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        task = Task(Step.ASSIGN, body_id=callback_data.body_id)
        short = await _do(session, task, callback_data.incident_id, actor, reader, spot)
    await acknowledge(query, short)


async def all_merged(
    query: CallbackQuery,
    *,
    callback_data: StormMerge,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        short = await _do(session, Task(Step.MERGE, into_id=number), number, actor, reader, spot)
    await acknowledge(query, short)


async def skip_asked(
    query: CallbackQuery,
    *,
    callback_data: StormSkip,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, words = callback_data.incident_id, reader.words
    async with transaction() as session:
        found = await _alike(session, number, actor, reader)
        chosen = await storms.chosen(session, found, official_id=actor.official_id)
        text = words("triage.storm_why", number=len(chosen) + 1)
        change(session, spot, text, now=reader.now, rows=menus.why_skip_all(number, words))
    await acknowledge(query, words.plain("move.choose_why"))


async def all_skipped(
    query: CallbackQuery,
    *,
    callback_data: StormSkipWhy,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    code = callback_data.reason
    reason = Words(house.language).name("reason.skip", code.value)
    async with transaction() as session:
        task = Task(Step.SKIP, reason=reason, teaches=TEACHES[code])
        short = await _do(session, task, callback_data.incident_id, actor, reader, spot)
    await acknowledge(query, short)


async def _do(
    session: AsyncSession, task: Task, number: int, actor: Actor, reader: Reader, spot: Spot
) -> str:
    """With all that is ticked, and with the card it began from; the alert's words."""
    found = await _alike(session, number, actor, reader)
    chosen = await storms.chosen(session, found, official_id=actor.official_id)
    where = bulk.Spot(spot.chat_id, spot.thread_id, spot.message_id, subject=number)
    told = await bulk.begin(session, task, [number, *chosen], actor=actor, spot=where, now=reader.now)
    return await _show(session, told, actor, reader, spot)


async def _show(session: AsyncSession, told: Progress, actor: Actor, reader: Reader, spot: Spot) -> str:
    """What came of it and the next card; where it takes longer, how far it is."""
    said = await _said(session, told, reader)
    if told.ahead:
        text, rows = said.text, said.undo
    elif told.step is Step.MERGE or (told.step is Step.UNDO and told.done):
        text, rows = await card_screen(session, told.subject, actor, reader, said=said)
    else:
        text, rows = await next_screen(session, actor, reader, said=said)
    change(session, spot, text, now=reader.now, rows=rows)
    return without_markup(said.text)


async def all_undone(
    query: CallbackQuery,
    *,
    callback_data: UndoAll,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        actor.must(Permission.TRIAGE)
        of = await bulk.subject_of(session, callback_data.batch)
        where = bulk.Spot(spot.chat_id, spot.thread_id, spot.message_id, subject=of)
        told = await bulk.begin_undo(
            session, batch=callback_data.batch, actor=actor, spot=where, now=reader.now
        )
        short = await _show_undone(session, told, actor, reader, spot)
    await acknowledge(query, short)


async def _show_undone(
    session: AsyncSession, told: Progress, actor: Actor, reader: Reader, spot: Spot
) -> str:
    """The card it began from may have moved on itself: then the next one."""
    incident = await session.get(Incident, told.subject)
    if told.ahead or (incident is not None and incident.status in queueing.WAITING):
        return await _show(session, told, actor, reader, spot)
    said = await _said(session, told, reader)
    text, rows = await next_screen(session, actor, reader, said=said)
    change(session, spot, text, now=reader.now, rows=rows)
    return without_markup(said.text)


async def _said(session: AsyncSession, told: Progress, reader: Reader) -> Said:
    """As "✅ 13 из 14 → Минтранс": the rest had moved meanwhile, and was left."""
    words = reader.words
    body = await session.get(Body, told.body_id) if told.body_id else None
    what = {
        Step.ASSIGN: words("triage.bulk_assign", body=line(body.name, _NAME) if body else ""),
        Step.MERGE: words("triage.bulk_merge", into=told.into_id),
        Step.SKIP: words("triage.bulk_skip"),
        Step.UNDO: words("triage.bulk_undo"),
    }[told.step]
    if told.ahead:
        return Said(words("triage.bulk_ahead", what=what, done=told.done + told.left, total=told.total))
    text = words("triage.bulk_done", what=what, done=told.done, total=told.total)
    if told.left:
        text = Html(f"{text}\n{words('triage.bulk_left', left=told.left)}")
    undo = menus.undo_all(told.batch, words) if told.done and told.step is not Step.UNDO else []
    return Said(text, undo)


async def bulk_told(session: AsyncSession, payload: Mapping[str, Any], reader: Reader) -> Outgoing | None:
    """How far a press is, in the place of the message it was pressed in (incidents/bulk.py books it)."""
    told = await bulk.progress(session, payload["batch"])
    said = await _said(session, told, reader)
    rows = [] if told.ahead else [*menus.go_on(reader.words), *said.undo]
    return Outgoing(said.text, keyboard=keyboards.markup(rows), message_id=payload["message_id"])
