"""Topic and kind of the card at hand, set right in two presses; the menus are those of /explain."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import explain_menus
from handlers import triage_menus as menus
from handlers.callbacks.triage import (
    TriageKinds,
    TriageSetKind,
    TriageSetTopic,
    TriageSubtopics,
    TriageTopics,
)
from handlers.cards import topic_name
from handlers.context import Transaction
from handlers.explain_places import corrected
from handlers.explanation import standing_subject
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from handlers.triage_screens import card_screen, waiting
from incidents import finding
from incidents.correcting import Correction, correct
from incidents.errors import TopicGone
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.rubricator import rubricator


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(topics_turned, TriageTopics.filter())
    router.callback_query.register(topic_chosen, TriageSubtopics.filter())
    router.callback_query.register(topic_set, TriageSetTopic.filter())
    router.callback_query.register(kinds_asked, TriageKinds.filter())
    router.callback_query.register(kind_set, TriageSetKind.filter())
    return router


async def _shown(session: AsyncSession, number: int, actor: Actor, reader: Reader) -> finding.View:
    actor.must(Permission.CORRECT)
    await waiting(session, number, actor, reader)
    return await finding.view(session, number)


async def topics_turned(
    query: CallbackQuery,
    *,
    callback_data: TriageTopics,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, words = callback_data.incident_id, reader.words
    async with transaction() as session:
        shown = await _shown(session, number, actor, reader)
        to = menus.correcting(shown.incident, words)
        rows = explain_menus.which_topic(shown.prediction, callback_data.offset, words, to)
        text = words("explain.which_topic", number=number, now=standing_subject(shown.incident, words))
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, words.plain("explain.choose"))


async def topic_chosen(
    query: CallbackQuery,
    *,
    callback_data: TriageSubtopics,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """Asks for the subtopic; a topic that has none is set at once."""
    number, code, words = callback_data.incident_id, callback_data.topic, reader.words
    async with transaction() as session:
        shown = await _shown(session, number, actor, reader)
        topic = rubricator().get(code)
        if topic is None:
            raise TopicGone
        if topic.subtopics:
            to = menus.correcting(shown.incident, words)
            rows = explain_menus.which_subtopic(code, shown.prediction, words, to)
            text = words("explain.which_subtopic", number=number, topic=topic_name(code, words))
            change(session, spot, text, now=reader.now, rows=rows)
            short = words.plain("explain.choose")
        else:
            short = await _set(session, Correction(topic=code), number, actor, reader, spot)
    await acknowledge(query, short)


async def topic_set(
    query: CallbackQuery,
    *,
    callback_data: TriageSetTopic,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    code, number = callback_data.code, callback_data.incident_id
    correction = Correction(subtopic=code) if "." in code else Correction(topic=code)
    async with transaction() as session:
        short = await _set(session, correction, number, actor, reader, spot, seen=callback_data.seen)
    await acknowledge(query, short)


async def kinds_asked(
    query: CallbackQuery,
    *,
    callback_data: TriageKinds,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, words = callback_data.incident_id, reader.words
    async with transaction() as session:
        incident = (await _shown(session, number, actor, reader)).incident
        rows = explain_menus.which_kind(words, menus.correcting(incident, words))
        now = words.plain(f"kind.{incident.kind.value}")
        text = words("explain.which_kind", number=number, now=now)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, words.plain("explain.choose"))


async def kind_set(
    query: CallbackQuery,
    *,
    callback_data: TriageSetKind,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, seen = callback_data.incident_id, callback_data.seen.value
    async with transaction() as session:
        correction = Correction(kind=callback_data.kind)
        short = await _set(session, correction, number, actor, reader, spot, seen=seen)
    await acknowledge(query, short)


async def _set(
    session: AsyncSession,
    correction: Correction,
    number: int,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    *,
    seen: str | None = None,
) -> str:
    """Set it right, and the card stands there again, with the bodies that fit now; the alert's words."""
    await correct(session, correction, incident_id=number, actor=actor, now=reader.now, seen=seen)
    said = corrected(correction, number, reader.words)
    text, rows = await card_screen(session, number, actor, reader, said=said)
    change(session, spot, text, now=reader.now, rows=rows)
    return reader.words.plain("explain.done_short")
