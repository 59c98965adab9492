"""/invite and /invitations: the way in, for one person, once; and what still opens."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.bodies import invite_curator
from handlers.callbacks import Invite, Revoke
from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.invitations import Opened, invite, revoke, still_open
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.routing import body_by_code
from models import Body, Role

_ANYWHERE: Final = {"curator": Role.CURATOR, "observer": Role.OBSERVER, "head": Role.HEAD}
_IN_BODY: Final = {
    "": Role.OFFICIAL,
    **{role.value: role for role in (Role.OFFICIAL, Role.COORDINATOR, Role.APPROVER, Role.HEAD)},
}
_BRINGS_GROUP: Final = frozenset({Role.OFFICIAL, Role.COORDINATOR})
_NAME: Final = 60  # UTF-16 units
_MOST_BODIES: Final = 6  # buttons


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(invite_asked, Command("invite"))
    router.message.register(invitations_asked, Command("invitations"))
    router.callback_query.register(invite_pressed, Invite.filter())
    router.callback_query.register(revoke_pressed, Revoke.filter())
    return router


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
    actor.must(Permission.INVITE_STAFF)
    whom, _, as_what = (command.args or "").strip().lower().partition(" ")
    async with transaction() as session:
        if whom in _ANYWHERE and not as_what.strip():
            await _invite(session, _ANYWHERE[whom], None, actor, reader, house)
        elif whom and as_what.strip() in _IN_BODY:
            body = await body_by_code(session, whom)
            await _invite(session, _IN_BODY[as_what.strip()], body, actor, reader, house)
        else:
            text, rows = await _whom(session, actor, reader.words)
            tell(session, spot, text, now=reader.now, rows=rows)


async def _whom(session: AsyncSession, actor: Actor, words: Words) -> tuple[Html, keyboards.Rows]:
    """A coordinator has a button for each of their bodies; a curator types."""
    if actor.may(Permission.INVITE_ANYBODY):
        return words("curator.use_invite"), [invite_curator(words)]
    scope = actor.scope(Permission.INVITE_STAFF) or ()
    own = await session.scalars(
        select(Body).where(Body.id.in_(scope), Body.is_active).order_by(Body.name).limit(_MOST_BODIES)
    )
    rows: keyboards.Rows = [
        [keyboards.button(words.plain("button.invite", body=body.name), Invite(body_id=body.id))]
        for body in own
    ]
    return words("invitation.whom_own"), rows


async def invite_pressed(
    query: CallbackQuery,
    *,
    callback_data: Invite,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    house: House,
) -> None:
    actor.must(Permission.INVITE_STAFF)
    async with transaction() as session:
        body = await session.get(Body, callback_data.body_id) if callback_data.body_id else None
        role = Role.OFFICIAL if body else Role.CURATOR
        await _invite(session, role, body, actor, reader, house)
    await acknowledge(query, reader.words.plain("invitation.made"))


async def _invite(
    session: AsyncSession, role: Role, body: Body | None, actor: Actor, reader: Reader, house: House
) -> None:
    """The link goes to the inviter's private chat: it opens the door to whoever reads it."""
    token = house.new_token()
    words = reader.words
    invitation = await invite(
        session, token=token, role=role, now=reader.now, body_id=body.id if body else None, by=actor
    )
    address = f"https://t.me/{house.bot_username}"
    lines = [
        words(f"invitation.{role.value}", body=body.name if body else words("invitation.of_region")),
        words("invitation.link", until=reader.day(invitation.expires_at), link=f"{address}?start={token}"),
    ]
    if role in _BRINGS_GROUP:
        lines.append(words("invitation.group", link=f"{address}?startgroup={token}"))
    private = Spot(actor.telegram_id, None, None, is_private=True)
    tell(session, private, "\n\n".join(lines), now=reader.now)


async def invitations_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def revoke_pressed(
    query: CallbackQuery,
    *,
    callback_data: Revoke,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await revoke(session, invitation_id=callback_data.invitation_id, actor=actor, now=reader.now)
        text, rows = await _screen(session, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("invitation.revoked"))


async def _screen(session: AsyncSession, actor: Actor, reader: Reader) -> tuple[str, keyboards.Rows]:
    words = reader.words
    opened = await still_open(session, actor, now=reader.now)
    if not opened:
        return words("invitation.none_open"), []
    blocks = [words("invitation.open_head"), *(_row(one, reader) for one in opened)]
    rows: keyboards.Rows = [
        [
            keyboards.button(
                words.plain("invitation.button_revoke", number=one.invitation.id),
                Revoke(invitation_id=one.invitation.id),
            )
        ]
        for one in opened
        if one.mine
    ]
    return "\n\n".join(blocks), rows


def _row(one: Opened, reader: Reader) -> Html:
    words, invitation = reader.words, one.invitation
    return words(
        "invitation.open_row",
        number=invitation.id,
        role=words.plain(f"role.{invitation.role.value}"),
        body=line(one.body.name, _NAME) if one.body else words("invitation.no_body"),
        by=line(one.by.name, _NAME) if one.by else words("invitation.by_shell"),
        until=reader.day(invitation.expires_at),
    )
