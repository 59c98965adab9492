"""/away: when one is away and who stands in; of others too, for whoever may say so."""

from datetime import date
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.away_words import absence_words, day_words, period_words
from handlers.callbacks.away import AskAway, CallOffAway, ListAway, StandIn
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html
from incidents import absences
from incidents.away_dates import AwayUnreadable, Period, parse_away
from incidents.errors import IncidentError
from incidents.handing_over import held_by
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.prompting import close_prompt, open_prompt
from models import Absence, Official, PromptKind

_OFF: Final = frozenset({"off", "отмена", "отменить", "вернулся", "вернулась", "back"})
_LIST: Final = frozenset({"list", "список", "кто", "все"})
_MOST: Final = 8  # colleagues to choose from; more do not fit a phone
_LISTED: Final = 20
_NAME: Final = 40


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(away_asked, Command("away"))
    router.callback_query.register(stand_in_pressed, StandIn.filter())
    router.callback_query.register(call_off_pressed, CallOffAway.filter())
    router.callback_query.register(dates_pressed, AskAway.filter())
    router.callback_query.register(list_pressed, ListAway.filter())
    return router


async def away_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _answer(session, (command.args or "").strip(), actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def take_away(taken: Taken) -> None:
    """The dates, as the reply to the question."""
    text, rows = await _answer(taken.session, taken.text, taken.actor, taken.reader)
    close_prompt(taken.prompt, now=taken.reader.now)
    taken.tell(text, rows=rows)


async def _answer(
    session: AsyncSession, said: str, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    """What `/away …` asks for, done or asked further.

    Raises:
        NotAllowed, AwayUnreadable and the other refusals of incidents.absences.
    """
    if said.casefold() in _LIST:
        return await _listed(session, actor, reader)
    if not said:
        return await _overview(session, actor, reader)
    person, rest = await _whose(session, said, actor, reader)
    if rest.casefold() in _OFF:
        return await _called_off(session, person, actor, reader), []
    await absences.may_set(session, actor, person.id)
    period = parse_away(rest, _today(reader))
    return await _who_stands_in(session, person, period, actor, reader)


async def _whose(session: AsyncSession, said: str, actor: Actor, reader: Reader) -> tuple[Official, str]:
    """Of whom it is said, and the rest of the words: one's own dates are tried first."""
    me = await session.get_one(Official, actor.official_id)
    if said.casefold() in _OFF or not actor.may(Permission.ABSENCE_OF_OTHERS):
        return me, said
    words = said.split()
    found = await absences.named(session, actor, words)
    if found is not None:
        person, length = found
        return person, " ".join(words[length:])
    if _is_readable(said, reader) or not words[0][:1].isalpha() or _begins_with_date(said):
        return me, said
    raise absences.NobodyOfThatName


def _is_readable(said: str, reader: Reader) -> bool:
    try:
        parse_away(said, _today(reader))
    except AwayUnreadable:
        return False
    except IncidentError:
        return True
    return True


def _begins_with_date(said: str) -> bool:
    return any(one.isdigit() for one in said.split(maxsplit=1)[0])


def _today(reader: Reader) -> date:
    return reader.now.astimezone(reader.zone).date()


async def _overview(session: AsyncSession, actor: Actor, reader: Reader) -> tuple[str, keyboards.Rows]:
    """How to say it, and what has been said."""
    actor.must(Permission.ABSENCE)
    words = reader.words
    own = await absences.own(session, actor.official_id)
    lines: list[str] = [await _row(session, one, reader) for one in own]
    rows: keyboards.Rows = []
    if own:
        label = words.plain(f"away.button_{'back' if own[0].begun_at else 'call_off'}")
        rows.append([keyboards.button(label, CallOffAway(official_id=actor.official_id))])
    else:
        rows.append([keyboards.button(words.plain("away.button_dates"), AskAway())])
    if actor.may(Permission.ABSENCE_OF_OTHERS):
        rows.append([keyboards.button(words.plain("away.button_list"), ListAway())])
    return "\n".join([*lines, words("away.how")]), rows


async def _row(session: AsyncSession, absence: Absence, reader: Reader) -> Html:
    words, days = reader.words, absence_words(absence, reader)
    if absence.substitute_id is None:
        return words("away.mine_alone", days=days)
    other = await session.get_one(Official, absence.substitute_id)
    return words("away.mine", days=days, name=line(other.name, _NAME))


async def _who_stands_in(
    session: AsyncSession, person: Official, period: Period, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    """The choice of a colleague, with what each holds already."""
    words = reader.words
    starts_at, ends_at = absences.moments(period, reader.zone, reader.now)
    found = await absences.candidates(session, person.id, starts_at=starts_at, ends_at=ends_at)
    first, last = period.first.toordinal(), period.last.toordinal()

    def press(substitute_id: int) -> StandIn:
        return StandIn(official_id=person.id, first=first, last=last, substitute_id=substitute_id)

    rows: keyboards.Rows = [
        [
            keyboards.button(
                words.plain("away.button_person", name=line(one.official.name, 24), number=one.open),
                press(one.official.id),
            )
        ]
        for one in found[:_MOST]
    ]
    rows.append([keyboards.button(words.plain("away.button_nobody"), press(0))])
    whose = "" if person.id == actor.official_id else "_for"
    text = words(f"away.who{whose}", days=period_words(period, reader), name=line(person.name, _NAME))
    if not found:
        text = Html(f"{text}\n{words('away.nobody_free')}")
    return text, [*rows, *keyboards.put_away(words)]


async def stand_in_pressed(
    query: CallbackQuery,
    *,
    callback_data: StandIn,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        open_before = len(await held_by(session, callback_data.official_id))
        absence = await absences.set_away(
            session,
            official_id=callback_data.official_id,
            first=date.fromordinal(callback_data.first),
            last=date.fromordinal(callback_data.last),
            substitute_id=callback_data.substitute_id or None,
            actor=actor,
            zone=reader.zone,
            now=reader.now,
        )
        text = await _confirmed(session, absence, open_before, actor, reader)
        press = CallOffAway(official_id=absence.official_id)
        rows = [[keyboards.button(reader.words.plain("away.button_call_off"), press)]]
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("away.set_short"))


async def _confirmed(
    session: AsyncSession, absence: Absence, number: int, actor: Actor, reader: Reader
) -> str:
    words = reader.words
    person = await session.get_one(Official, absence.official_id)
    other = await session.get(Official, absence.substitute_id) if absence.substitute_id else None
    whose = "mine" if person.id == actor.official_id else "theirs"
    blanks = {
        "days": absence_words(absence, reader),
        "who": line(person.name, _NAME),
        "name": line(other.name, _NAME) if other else "",
    }
    if other and whose == "mine":  # there it begins the sentence
        blanks["days"] = blanks["days"][:1].upper() + blanks["days"][1:]
    head: str = words(f"away.set_{whose}{'' if other else '_alone'}", **blanks)
    if other and absence.begun_at is None and whose == "mine":
        head = f"{head} {words('away.new_too')}"
    if not number:
        return f"{head}\n{words('away.no_numbers')}"
    if absence.begun_at is not None:
        return f"{head}\n{words('away.open_moved', number=number)}"
    morning = day_words(absence.starts_at.astimezone(reader.zone).date(), reader)
    return f"{head}\n{words('away.open_will_move', number=number, day=morning)}"


async def call_off_pressed(
    query: CallbackQuery,
    *,
    callback_data: CallOffAway,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        person = await session.get(Official, callback_data.official_id)
        if person is None:
            raise absences.NotAway
        text = await _called_off(session, person, actor, reader)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("away.off_short"))


async def _called_off(session: AsyncSession, person: Official, actor: Actor, reader: Reader) -> str:
    absence = await absences.call_off(session, official_id=person.id, actor=actor, now=reader.now)
    whose = "mine" if person.id == actor.official_id else "theirs"
    days = absence_words(absence, reader)
    return reader.words(f"away.off_{whose}", name=line(person.name, _NAME), days=days)


async def dates_pressed(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        actor.must(Permission.ABSENCE)
        await open_prompt(
            session,
            kind=PromptKind.AWAY,
            incident_id=None,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("away.asked_short"))


async def list_pressed(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        text, _ = await _listed(session, actor, reader)
        tell(session, spot, text, now=reader.now)
    await acknowledge(query, reader.words.plain("away.list_short"))


async def _listed(session: AsyncSession, actor: Actor, reader: Reader) -> tuple[str, keyboards.Rows]:
    words = reader.words
    found = await absences.seen_by(session, actor)
    if not found:
        return words("away.list_empty"), []
    lines = [words("away.list", total=len(found))]
    for absence, who, other in found[:_LISTED]:
        days, name = absence_words(absence, reader), line(who, _NAME)
        mark = "🏖" if absence.begun_at else "🗓"
        if other:
            lines.append(words("away.row", mark=mark, who=name, days=days, name=line(other, _NAME)))
        else:
            lines.append(words("away.row_alone", mark=mark, who=name, days=days))
    return "\n".join(lines), []
