"""/model: the model that speaks, those before it, and the one press back. For curators and operators."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import RollBack
from handlers.cards import topic_name
from handlers.context import Transaction
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents import models_history
from incidents.models_history import OVERTAKEN, ROLLED_BACK, percent
from incidents.people import Actor
from incidents.rubricator import rubricator
from models import ModelRow, ModelState

_WORSE: Final = 3  # topics named


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(model_asked, Command("model"))
    router.callback_query.register(back_pressed, RollBack.filter())
    return router


async def model_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    models_history.must_run_it(actor)
    async with transaction() as session:
        text, rows = await _screen(session, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def back_pressed(
    query: CallbackQuery,
    *,
    callback_data: RollBack,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    models_history.must_run_it(actor)
    words, model_id = reader.words, callback_data.model_id
    async with transaction() as session:
        if callback_data.sure:
            before = await models_history.roll_back(session, model_id, actor=actor, now=reader.now)
            told = words("model.is_back", name=_name(before, words))
            change(session, spot, told, now=reader.now)
            said = words.plain("model.is_back_short")
        else:
            text, rows = await _question(session, model_id, words)
            change(session, spot, text, now=reader.now, rows=rows)
            said = words.plain("model.ask_short")
    await acknowledge(query, said)


async def _question(session: AsyncSession, model_id: str, words: Words) -> tuple[Html, keyboards.Rows]:
    """Raises: AnotherModel."""
    present = await models_history.speaking(session, model_id)
    before = await models_history.previous(session, present)
    yes = keyboards.button(words.plain("model.button_sure"), RollBack(model_id=model_id, sure=True))
    asked = words("model.ask_back", name=_name(before, words), present=model_id)
    return asked, [[yes], *keyboards.put_away(words)]


async def _screen(session: AsyncSession, reader: Reader) -> tuple[Html, keyboards.Rows]:
    words = reader.words
    present = await models_history.champion(session)
    rows: keyboards.Rows = []
    if present is None:
        lines: list[str] = [words("model.shipped_speaks")]
    else:
        since = reader.day(present.promoted_at or present.trained_at)
        lines = [words("model.head", name=present.model_id, since=since, labels=present.labels)]
        lines += [words("model.figures", figures=_figures(present.metrics, words))] if present.metrics else []
        back = RollBack(model_id=present.model_id, sure=False)
        rows = [[keyboards.button(words.plain("model.button_back"), back)]]
    history = await models_history.latest(session)
    if history:
        lines += ["", words("model.history"), *[_row(one, reader) for one in history]]
    else:
        lines.append(words("model.no_history"))
    return Html("\n".join(lines)), rows


def _name(row: ModelRow | None, words: Words) -> Html:
    return Html(f"<code>{row.model_id}</code>") if row else words("model.shipped")


def _figures(metrics: Mapping[str, Any], words: Words) -> Html:
    topics = metrics["topic"]
    return words(
        "model.topics",
        before=percent(topics["champion"], topics["rows"]),
        after=percent(topics["challenger"], topics["rows"]),
        rows=topics["rows"],
    )


def _row(one: ModelRow, reader: Reader) -> Html:
    words, at = reader.words, reader.day(one.trained_at)
    figures = _figures(one.metrics, words)
    if one.state is ModelState.CHAMPION:
        return words("model.row_speaks", at=at, figures=figures)
    if one.state is ModelState.RETIRED:
        return words("model.row_retired", at=at, figures=figures)
    if one.why == ROLLED_BACK:
        return words("model.row_rolled_back", at=at, figures=figures)
    if one.why == OVERTAKEN:
        return words("model.row_overtaken", at=at, figures=figures)
    worse = _worse(one.metrics, words)
    if worse:
        return words("model.row_worse", at=at, figures=figures, where=", ".join(worse))
    return words("model.row_rejected", at=at, figures=figures)


def _worse(metrics: Mapping[str, Any], words: Words) -> Sequence[str]:
    """Topics in which it lost."""
    return [topic_name(code, words) for code in metrics["topic"]["worse"] if code in rubricator()][:_WORSE]
