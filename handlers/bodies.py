"""/bodies and /invite: which bodies can be reached, and the way in for their people."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Invite, TurnBodies
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents.lifecycle import WITH_BODY
from incidents.people import Actor, invite
from incidents.routing import body_by_code
from models import Body, ChatState, Incident, Role

_PAGE: Final = 6
_MARKS: Final = {ChatState.LIVE: "🟢", ChatState.NONE: "⚪️", ChatState.DEAD: "🔴"}
_ANYWHERE: Final = {"curator": Role.CURATOR, "observer": Role.OBSERVER}
_IN_BODY: Final = {"": Role.OFFICIAL, "official": Role.OFFICIAL, "approver": Role.APPROVER}


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(bodies_asked, Command("bodies"))
    router.message.register(invite_asked, Command("invite"))
    router.callback_query.register(bodies_turned, TurnBodies.filter())
    router.callback_query.register(invite_pressed, Invite.filter())
    return router


async def bodies_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    actor.must_be_curator()
    async with transaction() as session:
        text, rows = await _screen(session, 0, reader.words)
        tell(session, spot, text, now=reader.now, rows=rows)


async def bodies_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnBodies,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        actor.must_be_curator()
        text, rows = await _screen(session, callback_data.offset, reader.words)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _screen(session: AsyncSession, offset: int, words: Words) -> tuple[str, keyboards.Rows]:
    open_count = (
        select(Incident.body_id, func.count().label("open"))
        .where(Incident.status.in_(list(WITH_BODY)))
        .group_by(Incident.body_id)
        .subquery()
    )
    total = await session.scalar(select(func.count()).select_from(Body).where(Body.is_active)) or 0
    found = await session.execute(
        select(Body, func.coalesce(open_count.c.open, 0))
        .outerjoin(open_count, open_count.c.body_id == Body.id)
        .where(Body.is_active)
        .order_by(Body.name, Body.id)
        .limit(_PAGE)
        .offset(offset)
    )
    shown = [(body, count) for body, count in found]
    if not shown:
        return words("bodies.none"), [_invite_curator(words)]
    blocks = [words("bodies.head", total=total), *(_row(body, count, words) for body, count in shown)]
    rows: keyboards.Rows = [
        [keyboards.button(words.plain("button.invite", body=body.name), Invite(body_id=body.id))]
        for body, _ in shown
    ]
    return "\n\n".join(blocks), [*rows, _invite_curator(words), *_turning(offset, total, words)]


def _row(body: Body, count: int, words: Words) -> Html:
    if body.chat_state is ChatState.LIVE:
        chat = words("bodies.chat_live", title=line(body.chat_title or "—", 60))
    elif body.chat_state is ChatState.DEAD:
        chat = words("bodies.chat_dead")
    else:
        chat = words("bodies.chat_none")
    name = line(body.name, 80)
    return words("bodies.row", mark=_MARKS[body.chat_state], name=name, code=body.code, chat=chat, open=count)


def _invite_curator(words: Words) -> list[keyboards.Button]:
    return [keyboards.button(words.plain("button.invite_curator"), Invite(body_id=0))]


def _turning(offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = TurnBodies(offset=max(offset - _PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + _PAGE < total:
        row.append(keyboards.button(words.plain("button.next_page"), TurnBodies(offset=offset + _PAGE)))
    return [row] if row else []


async def invite_pressed(
    query: CallbackQuery,
    *,
    callback_data: Invite,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    house: House,
) -> None:
    async with transaction() as session:
        actor.must_be_curator()
        body = await session.get(Body, callback_data.body_id) if callback_data.body_id else None
        role = Role.OFFICIAL if body else Role.CURATOR
        await _invite(session, role, body, actor, reader, house)
    await acknowledge(query, reader.words.plain("invitation.made"))


async def invite_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    actor.must_be_curator()
    whom, _, as_what = (command.args or "").strip().lower().partition(" ")
    async with transaction() as session:
        if whom in _ANYWHERE:
            await _invite(session, _ANYWHERE[whom], None, actor, reader, house)
        elif whom and as_what.strip() in _IN_BODY:
            body = await body_by_code(session, whom)
            await _invite(session, _IN_BODY[as_what.strip()], body, actor, reader, house)
        else:
            rows = [_invite_curator(reader.words)]
            tell(session, spot, reader.words("curator.use_invite"), now=reader.now, rows=rows)


async def _invite(
    session: AsyncSession, role: Role, body: Body | None, actor: Actor, reader: Reader, house: House
) -> None:
    """The link goes to the curator's private chat: it opens the door to whoever reads it."""
    token = house.new_token()
    words = reader.words
    invitation = await invite(
        session, token=token, role=role, now=reader.now, body_id=body.id if body else None, by=actor
    )
    address = f"https://t.me/{house.bot_username}"
    lines = [
        words(f"invitation.{role.value}", body=body.name if body else ""),
        words("invitation.link", until=reader.day(invitation.expires_at), link=f"{address}?start={token}"),
    ]
    if role is Role.OFFICIAL:
        lines.append(words("invitation.group", link=f"{address}?startgroup={token}"))
    private = Spot(actor.telegram_id, None, None, is_private=True)
    tell(session, private, "\n\n".join(lines), now=reader.now)
