"""«Отправить всё же»: personal data goes out only by the word of somebody who may, with a reason."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks.checks import DoNotLet, LetThrough
from handlers.context import House, Transaction
from handlers.excerpts import line, whole
from handlers.objections import remarks
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from handlers.words import Words
from incidents.answer_checks import Severity
from incidents.checking import findings_of, is_let_through
from incidents.overriding import ask_override, override, refuse_override
from incidents.people import Actor
from incidents.permissions import Permission, who_may
from incidents.prompting import close_prompt
from models import Answer, AnswerState

_TEXT: Final = 1800  # UTF-16 units
_NAME: Final = 60


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(let_through_pressed, LetThrough.filter())
    router.callback_query.register(do_not_let_pressed, DoNotLet.filter())
    return router


async def let_through_pressed(
    query: CallbackQuery,
    *,
    callback_data: LetThrough,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        asked = await ask_override(
            session,
            answer_id=callback_data.answer_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    if asked:
        said = reader.words.plain("override.asked_others", who=_who(reader.words))
        await acknowledge(query, said, alert=True)
    else:
        await acknowledge(query, reader.words.plain("override.asked"))


def _who(words: Words) -> str:
    return ", ".join(words.plain(f"role.{role.value}") for role in who_may(Permission.OVERRIDE))


async def do_not_let_pressed(
    query: CallbackQuery,
    *,
    callback_data: DoNotLet,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await refuse_override(
            session, answer_id=callback_data.answer_id, actor=actor, now=reader.now
        )
        change(session, spot, reader.words("override.not_let", number=incident.id), now=reader.now)
    await acknowledge(query, reader.words.plain("override.not_let_short"))


async def take_override(taken: Taken) -> None:
    """The reason: with it the author may send."""
    close_prompt(taken.prompt, now=taken.reader.now)
    answer = await override(
        taken.session,
        answer_id=int(taken.prompt.context["answer_id"]),
        reason=taken.text,
        actor=taken.actor,
        now=taken.reader.now,
    )
    # An author reads it in the preview that comes again.
    if answer.official_id != taken.actor.official_id:
        taken.tell(taken.reader.words("override.taken", number=answer.incident_id))


def _quotation(text: str) -> str:
    shown = whole(text, _TEXT)
    return shown if shown.startswith("<blockquote") else f"<blockquote>{shown}</blockquote>"


async def override_wanted(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader, house: House
) -> Outgoing | None:
    """For who may decide: whose words, what in them, and the words. None: sent, changed or decided meanwhile."""
    answer = await session.get(Answer, payload["answer_id"])
    if answer is None or answer.state is not AnswerState.DRAFT or is_let_through(answer):
        return None
    words = reader.words
    blocked = [one for one in await findings_of(session, answer) if one.severity is Severity.BLOCK]
    lines = [
        words("override.wanted", number=answer.incident_id, name=line(payload["name"], _NAME)),
        _quotation(answer.text),
        *remarks(blocked, words),
        words("override.decide"),
    ]
    rows: keyboards.Rows = [
        [keyboards.button(words.plain("button.let"), LetThrough(answer_id=answer.id))],
        [keyboards.button(words.plain("button.do_not_let"), DoNotLet(answer_id=answer.id), style="primary")],
    ]
    return Outgoing(
        "\n".join(lines),
        keyboard=keyboards.markup(rows),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


async def override_refused(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader, house: House
) -> Outgoing | None:
    """For the author; None: the words were changed meanwhile."""
    answer = await session.get(Answer, payload["answer_id"])
    if answer is None or answer.state is not AnswerState.DRAFT:
        return None
    return Outgoing(
        reader.words("override.refused", number=answer.incident_id, name=line(payload["name"], _NAME)),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )
