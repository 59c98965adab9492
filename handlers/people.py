"""/people: who is there, with which roles, who is away or out of reach; and letting somebody go."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Dismiss, OpenPerson, TakeRole, TurnPeople
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents import staffing
from incidents.leaving import dismiss, take_role
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.routing import body_by_code
from incidents.staffing import Held, Person, RoleGone
from models import Membership

_PAGE: Final = 6
_NAME: Final = 60  # UTF-16 units


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(people_asked, Command("people"))
    router.callback_query.register(people_turned, TurnPeople.filter())
    router.callback_query.register(person_opened, OpenPerson.filter())
    router.callback_query.register(role_pressed, TakeRole.filter())
    router.callback_query.register(dismiss_pressed, Dismiss.filter())
    return router


async def people_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.PEOPLE)
    code = (command.args or "").strip().partition(" ")[0]
    async with transaction() as session:
        body_id = (await body_by_code(session, code)).id if code else 0
        text, rows = await _list(session, actor, body_id, 0, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def people_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnPeople,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _list(session, actor, callback_data.body_id, callback_data.offset, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _list(
    session: AsyncSession, actor: Actor, body_id: int, offset: int, reader: Reader
) -> tuple[str, keyboards.Rows]:
    words = reader.words
    shown, total = await staffing.staff(
        session, actor, now=reader.now, body_id=body_id or None, limit=_PAGE, offset=offset
    )
    if not shown:
        return words("people.none"), []
    blocks = [words("people.head", total=total), *(_row(one, reader) for one in shown)]
    rows: keyboards.Rows = [
        [keyboards.button(one.official.name or "—", OpenPerson(official_id=one.official.id))] for one in shown
    ]
    return "\n\n".join(blocks), [*rows, *_turning(body_id, offset, total, words)]


def _turning(body_id: int, offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = TurnPeople(body_id=body_id, offset=max(offset - _PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + _PAGE < total:
        further = TurnPeople(body_id=body_id, offset=offset + _PAGE)
        row.append(keyboards.button(words.plain("button.next_page"), further))
    return [row] if row else []


def _row(one: Person, reader: Reader) -> Html:
    """Name, roles, and what keeps them from working."""
    words = reader.words
    lines = [words("people.name", name=line(one.official.name, _NAME), number=one.open_incidents)]
    lines += [words("people.role", role=_role(held, words)) for held in one.roles]
    if one.absence is not None:
        until = reader.day(one.absence.ends_at)
        if one.substitute:
            lines.append(words("people.away_with", until=until, name=line(one.substitute, _NAME)))
        else:
            lines.append(words("people.away", until=until))
    if not one.official.is_reachable:
        lines.append(words("people.blocked"))
    return Html("\n".join(lines))


def _role(held: Held, words: Words) -> str:
    role = words.plain(f"role.{held.role.value}")
    return f"{role}, {line(held.body.name, _NAME)}" if held.body else role


async def person_opened(
    query: CallbackQuery,
    *,
    callback_data: OpenPerson,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        one = await staffing.person(session, actor, callback_data.official_id, now=reader.now)
        change(session, spot, _row(one, reader), now=reader.now, rows=_buttons(one, reader.words))
    await acknowledge(query, one.official.name or "—")


def _buttons(one: Person, words: Words) -> keyboards.Rows:
    rows: keyboards.Rows = [
        [
            keyboards.button(
                words.plain("people.button_role", role=_role(held, words)),
                TakeRole(membership_id=held.membership_id, sure=False),
            )
        ]
        for held in one.roles
        if held.mine
    ]
    if one.may_dismiss:
        leave = Dismiss(official_id=one.official.id, sure=False)
        rows.append([keyboards.button(words.plain("people.button_dismiss"), leave)])
    back = keyboards.button(words.plain("people.button_list"), TurnPeople(body_id=0, offset=0))
    return [*rows, [back]]


async def role_pressed(
    query: CallbackQuery,
    *,
    callback_data: TakeRole,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words, number = reader.words, callback_data.membership_id
    async with transaction() as session:
        if callback_data.sure:
            person, released = await take_role(session, membership_id=number, actor=actor, now=reader.now)
            text = _done(words("people.role_taken", name=line(person.name, _NAME)), released, words)
            change(session, spot, text, now=reader.now, rows=_back(words))
            said = words.plain("people.done")
        else:
            one, held = await _asked_about(session, number, actor, reader)
            name = line(one.official.name, _NAME)
            text = words("people.sure_role", name=name, role=_role(held, words))
            yes = TakeRole(membership_id=number, sure=True)
            change(session, spot, text, now=reader.now, rows=_sure(yes, one, words))
            said = words.plain("people.sure_short")
    await acknowledge(query, said)


async def _asked_about(
    session: AsyncSession, membership_id: int, actor: Actor, reader: Reader
) -> tuple[Person, Held]:
    """Raises: NotAllowed, NotYourBody, NotYourself, RoleGone: nothing is asked that could not be done."""
    row = await session.get(Membership, membership_id)
    held = [row] if row is not None else []
    await staffing.may_let_go(session, actor, row.official_id if row else 0, held)
    one = await staffing.person(session, actor, held[0].official_id, now=reader.now)
    found = next((role for role in one.roles if role.membership_id == membership_id), None)
    if found is None:
        raise RoleGone
    return one, found


async def dismiss_pressed(
    query: CallbackQuery,
    *,
    callback_data: Dismiss,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words, number = reader.words, callback_data.official_id
    async with transaction() as session:
        await staffing.may_dismiss(session, actor, number)
        one = await staffing.person(session, actor, number, now=reader.now)
        name = line(one.official.name, _NAME)
        if callback_data.sure:
            released = await dismiss(session, official_id=number, actor=actor, now=reader.now)
            text = _done(words("people.dismissed", name=name), released, words)
            change(session, spot, text, now=reader.now, rows=_back(words))
            said = words.plain("people.done")
        else:
            text = words("people.sure_dismiss", name=name, number=one.open_incidents)
            yes = Dismiss(official_id=number, sure=True)
            change(session, spot, text, now=reader.now, rows=_sure(yes, one, words))
            said = words.plain("people.sure_short")
    await acknowledge(query, said)


def _done(said: Html, released: list[int], words: Words) -> Html:
    if not released:
        return said
    numbers = ", ".join(f"№ {number}" for number in released)
    return Html(f"{said}\n{words('people.released', numbers=numbers)}")


def _sure(yes: TakeRole | Dismiss, one: Person, words: Words) -> keyboards.Rows:
    no = OpenPerson(official_id=one.official.id)
    return [
        [keyboards.button(words.plain("people.button_sure"), yes)],
        [keyboards.button(words.plain("button.cancel"), no)],
    ]


def _back(words: Words) -> keyboards.Rows:
    return [[keyboards.button(words.plain("people.button_list"), TurnPeople(body_id=0, offset=0))]]
