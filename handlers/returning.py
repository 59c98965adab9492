"""«Не наше»: after the reason, whose it is if the body knows; and what curators read of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Open
from handlers.callbacks.moving import FindOwner, ReturnTo
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.reasons import MoveReason
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, ask, change
from handlers.times import Reader
from handlers.turn_words import how_returned
from handlers.words import Words
from incidents.answering import open_prompt
from incidents.choosing import others
from incidents.errors import PromptClosed
from incidents.finding import view
from incidents.first import must_allow
from incidents.intake import clean
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.responding import give_back, must_be_with
from incidents.routing import search_bodies
from incidents.turns import turns
from incidents.workload import of_bodies
from models import Body, Prompt, PromptKind, Status, Step

_NAME: Final = 100  # UTF-16 units
_REASON: Final = 120
_WHOLE: Final = 500


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(owner_chosen, ReturnTo.filter())
    router.callback_query.register(find_owner_pressed, FindOwner.filter())
    return router


async def whose_screen(
    session: AsyncSession,
    number: int,
    actor: Actor,
    words: Words,
    *,
    said: str,
    reason: MoveReason | None = None,
    prompt_id: int = 0,
) -> tuple[str, keyboards.Rows]:
    """The menu after the reason. `said`: the reason's words; it stands in `reason` or in the prompt.

    Raises:
        NotYours, StepNotAllowed: nothing is asked that could not be done.
    """
    shown = await view(session, number)
    await must_be_with(session, shown.incident, actor, Permission.RETURN)
    await must_allow(session, shown.incident, Step.RETURN)
    find = FindOwner(incident_id=number, reason=reason, prompt_id=prompt_id)
    rows = [
        *_owners(await others(session, shown), number, reason, prompt_id),
        [keyboards.button(words.plain("button.find_body"), find)],
        [_not_known(number, reason, prompt_id, words)],
        *keyboards.put_away(words),
    ]
    return words("return.whose", number=number, reason=line(said, _REASON)), rows


def _owners(found: Sequence[Body], number: int, reason: MoveReason | None, prompt_id: int) -> keyboards.Rows:
    return [
        [
            keyboards.button(
                body.name,
                ReturnTo(incident_id=number, body_id=body.id, reason=reason, prompt_id=prompt_id),
            )
        ]
        for body in found
    ]


def _not_known(number: int, reason: MoveReason | None, prompt_id: int, words: Words) -> keyboards.Button:
    press = ReturnTo(incident_id=number, body_id=0, reason=reason, prompt_id=prompt_id)
    return keyboards.button(words.plain("button.not_known"), press)


async def reason_pressed(
    session: AsyncSession,
    number: int,
    reason: MoveReason,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """A ready reason: the menu asks further in its own place."""
    said = reader.words.name("reason.move", reason.value)
    text, rows = await whose_screen(session, number, actor, reader.words, said=said, reason=reason)
    await ask(session, spot, text, now=reader.now, rows=rows)


async def reason_written(taken: Taken) -> None:
    """Own words: kept in their prompt until the body is chosen."""
    said = clean(taken.text)
    taken.prompt.context = {**taken.prompt.context, "reason": said}
    text, rows = await whose_screen(
        taken.session,
        taken.prompt.about,
        taken.actor,
        taken.reader.words,
        said=said,
        prompt_id=taken.prompt.id,
    )
    taken.tell(text, rows=rows)


async def owner_chosen(
    query: CallbackQuery,
    *,
    callback_data: ReturnTo,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    number, body_id = callback_data.incident_id, callback_data.body_id
    async with transaction() as session:
        await give_back(
            session,
            incident_id=number,
            reason=await _reason(session, callback_data, house),
            actor=actor,
            now=reader.now,
            suggested_body_id=body_id or None,
        )
        last = (await turns(session, number))[-1]
        text = reader.words("return.done", number=number, more=how_returned(last, reader))
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("move.returned_short"))


async def _reason(session: AsyncSession, pressed: ReturnTo, house: House) -> str:
    """Raises: PromptClosed: the words are not there."""
    if pressed.reason is not None:
        return Words(house.language).name("reason.move", pressed.reason.value)
    prompt = await session.get(Prompt, pressed.prompt_id) if pressed.prompt_id else None
    is_it = prompt is not None and (prompt.kind, prompt.incident_id) == (
        PromptKind.RETURN_REASON,
        pressed.incident_id,
    )
    if prompt is None or not is_it or "reason" not in prompt.context:
        raise PromptClosed
    return str(prompt.context["reason"])


async def find_owner_pressed(
    query: CallbackQuery,
    *,
    callback_data: FindOwner,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        incident = await load(session, callback_data.incident_id)
        await must_be_with(session, incident, actor, Permission.RETURN)
        reason = callback_data.reason
        await open_prompt(
            session,
            kind=PromptKind.FIND_BODY,
            incident_id=incident.id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            owner=True,
            reason=reason.value if reason else None,
            prompt_id=callback_data.prompt_id,
        )
    await acknowledge(query, reader.words.plain("move.choose"))


async def owners_found(taken: Taken) -> keyboards.Rows:
    """What the search of this menu offers; empty where nothing is called so."""
    number, context = taken.prompt.about, taken.prompt.context
    incident = await load(taken.session, number)
    found = [body for body in await search_bodies(taken.session, taken.text) if body.id != incident.body_id]
    reason = MoveReason(context["reason"]) if context.get("reason") else None
    prompt_id = int(context.get("prompt_id") or 0)
    if not found:
        return []
    owners = _owners(found, number, reason, prompt_id)
    return [*owners, [_not_known(number, reason, prompt_id, taken.reader.words)]]


async def returned(
    session: AsyncSession, told: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """What curators hear: who gave it back, why, and whose it may be, with that body as the first button."""
    words = reader.words
    shown = await view(session, told["incident_id"])
    if shown.incident.status is not Status.REGISTERED or not shown.turns:
        return None  # another curator has given it out meanwhile
    last, number = shown.turns[-1], shown.incident.id
    text = words(
        "notice.returned",
        number=number,
        body=line(told["body"], _NAME),
        name=line(told["name"], _NAME),
        reason=line(told["reason"], _WHOLE),
        more=how_returned(last, reader),
    )
    offered = [body for body in shown.suggested if body.id == last.suggested_id]
    loads = await of_bodies(session, [body.id for body in offered], reader.now)
    rows = keyboards.bodies(offered, shown.incident, loads)
    message_id = await card_message(session, number, chat_id)
    if message_id is None:
        rows.append([keyboards.button(words.plain("button.show", number=number), Open(incident_id=number))])
    return Outgoing(text, keyboard=keyboards.markup(rows), reply_to=message_id)
