"""«Место»: where an incident is, set right from /explain or from a card of the queue."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import explain_menus as menus
from handlers.callbacks.triage import PickPlace, SetTerritory, WritePlace
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.explain import set_right, to_correct
from handlers.explanation import label_text
from handlers.keyboards import Rows
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, ask, change
from handlers.times import Reader
from handlers.triage_screens import Said, card_screen, goes_on_below
from handlers.words import Html, Words
from incidents.correcting import Correction, correct
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.places import TerritoryGone, known_territories, likely_territories, split_place
from incidents.prompting import close_prompt, open_prompt
from models import Incident, LabelField, PromptKind


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(places_asked, PickPlace.filter())
    router.callback_query.register(territory_set, SetTerritory.filter())
    router.callback_query.register(place_asked, WritePlace.filter())
    return router


async def places_asked(
    query: CallbackQuery,
    *,
    callback_data: PickPlace,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words = reader.words
    async with transaction() as session:
        incident = (await to_correct(session, callback_data.incident_id, actor)).incident
        found = await likely_territories(session, incident)
        rows = menus.which_place(incident.id, found, queue=callback_data.queue, words=words)
        text = words("triage.which_place", number=incident.id, now=_where(incident, words))
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, words.plain("explain.choose"))


def _where(incident: Incident, words: Words) -> str:
    parts = [one for one in (incident.territory, incident.place) if one]
    return line(", ".join(parts), 100) if parts else words.plain("triage.nowhere")


async def territory_set(
    query: CallbackQuery,
    *,
    callback_data: SetTerritory,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.CORRECT)
    number = callback_data.incident_id
    async with transaction() as session:
        known = await known_territories(session)
        name = next((one for one in known if menus.mark_of(one) == callback_data.mark), None)
        if name is None:
            raise TerritoryGone
        correction = Correction(territory=name)
        if callback_data.queue:
            text, rows = await _in_queue(session, correction, number, actor, reader)
            change(session, spot, text, now=reader.now, rows=rows)
            short = reader.words.plain("explain.done_short")
        else:
            short = await set_right(session, correction, number, actor, reader, spot)
    await acknowledge(query, short)


async def _in_queue(
    session: AsyncSession, correction: Correction, number: int, actor: Actor, reader: Reader
) -> tuple[Html, Rows]:
    await correct(session, correction, incident_id=number, actor=actor, now=reader.now)
    return await card_screen(session, number, actor, reader, said=corrected(correction, number, reader.words))


def corrected(correction: Correction, number: int, words: Words) -> Said:
    """The line above the card after a correction."""
    said = [(field, value) for field, value in correction.values().items() if value]
    what = "; ".join(
        label_text(field, value, words) for field, value in said if field is not LabelField.TOPIC
    )
    what = what or label_text(*said[0], words)
    return Said(words("triage.corrected", number=number, what=line(what, 120)))


async def place_asked(
    query: CallbackQuery,
    *,
    callback_data: WritePlace,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await to_correct(session, callback_data.incident_id, actor)
        await open_prompt(
            session,
            kind=PromptKind.PLACE,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            triage=spot.message_id if callback_data.queue else None,
        )
    await acknowledge(query, reader.words.plain("triage.write_place"))


async def take_place(taken: Taken) -> None:
    """A territory we know, a place in it, or both: "Заречный, улица Ленина"."""
    session, words = taken.session, taken.reader.words
    territory, place = split_place(taken.text, await known_territories(session))
    correction = Correction(territory=territory, place=place)
    number, now = taken.prompt.about, taken.reader.now
    if taken.prompt.context.get("triage"):
        text, rows = await _in_queue(session, correction, number, taken.actor, taken.reader)
        goes_on_below(taken)
    else:
        incident = await correct(session, correction, incident_id=number, actor=taken.actor, now=now)
        text = corrected(correction, number, words).text
        said = [(field, value) for field, value in correction.values().items() if value]
        rows = menus.corrected(incident, said, words)
    close_prompt(taken.prompt, now=now)
    taken.tell(text, rows=rows)
