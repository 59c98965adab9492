"""/explain: why an incident went where it went; and, for curators, two presses to set it right."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import explain_menus as menus
from handlers.arguments import number_of
from handlers.callbacks import Explain, PickKind, PickSubtopic, PickTopic, SetFlag, SetKind, SetTopic
from handlers.cards import topic_name
from handlers.context import House, NotExplained, Reading, Transaction
from handlers.explanation import explanation, label_text, standing_subject
from handlers.keyboards import Rows
from handlers.lists import must_see
from handlers.telling import Spot, acknowledge, ask, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents import finding
from incidents.correcting import Correction, correct
from incidents.deciding import Decided, decided
from incidents.errors import MergedAway, TopicGone
from incidents.incoming import Explanation
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.rubricator import rubricator
from models import Incident, LabelField, Priority


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(explain_asked, Command("explain"))
    router.callback_query.register(explain_pressed, Explain.filter())
    router.callback_query.register(topics_turned, PickTopic.filter())
    router.callback_query.register(topic_chosen, PickSubtopic.filter())
    router.callback_query.register(topic_set, SetTopic.filter())
    router.callback_query.register(kinds_asked, PickKind.filter())
    router.callback_query.register(kind_set, SetKind.filter())
    router.callback_query.register(flag_set, SetFlag.filter())
    return router


# -- the screen


async def explain_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    reading: Reading,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    number, _ = number_of(command)
    rows: Rows = []
    if number is None:
        text = reader.words("explain.use")
    else:
        text, rows = await _screen(number, reading, actor, reader, house)
    async with transaction() as session:
        tell(session, spot, text, now=reader.now, rows=rows)


async def explain_pressed(
    query: CallbackQuery,
    *,
    callback_data: Explain,
    transaction: Transaction,
    reading: Reading,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    number = callback_data.incident_id
    text, rows = await _screen(number, reading, actor, reader, house)
    async with transaction() as session:
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def _screen(
    number: int, reading: Reading, actor: Actor, reader: Reader, house: House
) -> tuple[Html, Rows]:
    """The classifier is asked outside of any transaction: the first time it takes seconds."""
    async with reading() as session:
        found = await decided(session, number)
        must_see(found.view, actor)
    explained = await _explained(found, house)
    rows = menus.under_explanation(found, explained, reader.words, may_correct=actor.may(Permission.CORRECT))
    return explanation(found, explained, reader), rows


async def _explained(found: Decided, house: House) -> Explanation | None:
    if house.explainer is None or not found.text.strip() or found.prediction is None:
        return None
    try:
        return await house.explainer(found.text)
    except NotExplained:
        return None


# -- the topic


async def topics_turned(
    query: CallbackQuery,
    *,
    callback_data: PickTopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        shown = await to_correct(session, callback_data.incident_id, actor)
        incident = shown.incident
        text = reader.words(
            "explain.which_topic", number=incident.id, now=standing_subject(incident, reader.words)
        )
        to = menus.to_explain(incident, reader.words)
        rows = menus.which_topic(shown.prediction, callback_data.offset, reader.words, to)
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("explain.choose"))


async def to_correct(session: AsyncSession, number: int, actor: Actor) -> finding.View:
    """Raises: NotAllowed, NoSuchIncident, MergedAway."""
    actor.must(Permission.CORRECT)
    shown = await finding.view(session, number)
    if shown.incident.merged_into_id is not None:
        raise MergedAway(number=number, into=shown.incident.merged_into_id)
    return shown


async def topic_chosen(
    query: CallbackQuery,
    *,
    callback_data: PickSubtopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """Asks for the subtopic; a topic that has none is set at once."""
    number, code, words = callback_data.incident_id, callback_data.topic, reader.words
    async with transaction() as session:
        shown = await to_correct(session, number, actor)
        topic = rubricator().get(code)
        if topic is None:
            raise TopicGone
        if topic.subtopics:
            text = words("explain.which_subtopic", number=number, topic=topic_name(code, words))
            to = menus.to_explain(shown.incident, words)
            rows = menus.which_subtopic(code, shown.prediction, words, to)
            await ask(session, spot, text, now=reader.now, rows=rows)
            short = words.plain("explain.choose")
        else:
            short = await set_right(session, Correction(topic=code), number, actor, reader, spot)
    await acknowledge(query, short)


async def topic_set(
    query: CallbackQuery,
    *,
    callback_data: SetTopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    code = callback_data.code
    correction = Correction(subtopic=code) if "." in code else Correction(topic=code)
    async with transaction() as session:
        short = await set_right(
            session, correction, callback_data.incident_id, actor, reader, spot, seen=callback_data.seen
        )
    await acknowledge(query, short)


# -- the kind, and what is yes or no


async def kinds_asked(
    query: CallbackQuery,
    *,
    callback_data: PickKind,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words = reader.words
    async with transaction() as session:
        incident = (await to_correct(session, callback_data.incident_id, actor)).incident
        now = words.plain(f"kind.{incident.kind.value}")
        text = words("explain.which_kind", number=incident.id, now=now)
        rows = menus.which_kind(words, menus.to_explain(incident, words))
        await ask(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, words.plain("explain.choose"))


async def kind_set(
    query: CallbackQuery,
    *,
    callback_data: SetKind,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    correction, seen = Correction(kind=callback_data.kind), callback_data.seen.value
    async with transaction() as session:
        short = await set_right(
            session, correction, callback_data.incident_id, actor, reader, spot, seen=seen
        )
    await acknowledge(query, short)


async def flag_set(
    query: CallbackQuery,
    *,
    callback_data: SetFlag,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    value = callback_data.value
    correction = {
        "answer": Correction(needs_answer=value),
        "official": Correction(official=value),
        "spam": Correction(spam=value),
    }[callback_data.flag]
    async with transaction() as session:
        short = await set_right(session, correction, callback_data.incident_id, actor, reader, spot)
    await acknowledge(query, short)


async def set_right(
    session: AsyncSession,
    correction: Correction,
    number: int,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    *,
    seen: str | None = None,
) -> str:
    """Do it and say so in the menu's place; the alert's words."""
    actor.must(Permission.CORRECT)
    before = (await load(session, number)).priority
    incident = await correct(session, correction, incident_id=number, actor=actor, now=reader.now, seen=seen)
    said = [(field, value) for field, value in correction.values().items() if value]
    rows = menus.corrected(incident, said, reader.words)
    await ask(session, spot, _done(incident, said, before, reader.words), now=reader.now, rows=rows)
    return reader.words.plain("explain.done_short")


def _done(incident: Incident, said: Sequence[tuple[LabelField, str]], before: Priority, words: Words) -> Html:
    what = label_text(*said[-1], words)  # a subtopic says its topic as well
    if incident.priority is before:
        return words("explain.done", number=incident.id, what=what)
    ordinary = incident.priority is Priority.ORDINARY
    priority = words.plain("explain.ordinary") if ordinary else words.name("priority", incident.priority)
    return words("explain.done_priority", number=incident.id, what=what, priority=priority)
