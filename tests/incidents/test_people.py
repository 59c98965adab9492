"""Invitations open once, for a while, for what they were made for; rights are those of the press."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from incidents.errors import InvitationRefused, NotAllowed
from incidents.invitations import INVITATION_LIFE, Entered, Newcomer, enter, hash_of, invite
from incidents.people import actor_of, audit
from incidents.permissions import Permission
from models import AuditEntry, Body, CardState, ChatState, Invitation, Language, Membership, Official, Role
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, Arrive, Town
from tests.incidents.steps import card_of

pytestmark = ON_SQLITE
NEW, GROUP = 900, -1001
TOKEN = "a" * 32


def newcomer(telegram_id: int = NEW, chat_id: int | None = None) -> Newcomer:
    return Newcomer(
        telegram_id=telegram_id,
        name="Новая",
        username="new",
        language=Language.RU,
        chat_id=telegram_id if chat_id is None else chat_id,
    )


async def invited(town: Town, *, role: Role = Role.OFFICIAL, body: str | None = "silent") -> int | None:
    async with town.database.writing() as session:
        body_id = await session.scalar(select(Body.id).where(Body.code == body)) if body else None
        await invite(session, token=TOKEN, role=role, body_id=body_id, by=town.vera, now=NOON)
        return body_id


async def come(town: Town, who: Newcomer | None = None, **later: float) -> Entered:
    async with town.database.writing() as session:
        return await enter(session, token=TOKEN, who=who or newcomer(), now=NOON + timedelta(**later))


async def test_the_first_official_of_a_body_brings_its_chat(town: Town) -> None:
    body_id = await invited(town)
    entered = await come(town)
    assert entered.bound_chat
    async with town.database.reading() as session:
        body = await session.get_one(Body, body_id)
        actor = await actor_of(session, NEW)
    assert (body.chat_id, body.chat_state) == (NEW, ChatState.LIVE)
    assert actor is not None
    assert actor.bodies == {body_id}
    assert not actor.may(Permission.TRIAGE)


async def test_the_second_official_joins_and_the_chat_stays(town: Town) -> None:
    await invited(town, body="roads")
    assert not (await come(town)).bound_chat
    async with town.database.reading() as session:
        assert await session.scalar(select(Body.chat_id).where(Body.code == "roads")) == ANNA


async def test_a_group_becomes_the_chat_of_the_body(town: Town) -> None:
    await invited(town, body="roads")
    assert (await come(town, newcomer(chat_id=GROUP))).bound_chat
    async with town.database.reading() as session:
        assert await session.scalar(select(Body.chat_id).where(Body.code == "roads")) == GROUP


async def test_an_invitation_expires(town: Town) -> None:
    await invited(town)
    with pytest.raises(InvitationRefused):
        await come(town, seconds=INVITATION_LIFE.total_seconds())


async def test_a_revoked_or_unknown_invitation_opens_nothing(town: Town) -> None:
    with pytest.raises(InvitationRefused):
        await come(town)
    await invited(town)
    async with town.database.writing() as session:
        row = await session.scalar(select(Invitation))
        assert row is not None
        row.revoked_at = NOON
    with pytest.raises(InvitationRefused):
        await come(town)
    async with town.database.reading() as session:
        assert await actor_of(session, NEW) is None


async def test_the_token_itself_is_stored_nowhere(town: Town) -> None:
    await invited(town)
    async with town.database.reading() as session:
        assert await session.scalar(select(Invitation.token_hash)) == hash_of(TOKEN)


async def test_only_curators_invite_and_only_to_what_makes_sense(town: Town) -> None:
    async with town.database.writing() as session:
        with pytest.raises(NotAllowed):
            await invite(session, token=TOKEN, role=Role.CURATOR, by=town.anna, now=NOON)
        with pytest.raises(ValueError, match="go together"):
            await invite(session, token=TOKEN, role=Role.OFFICIAL, by=town.vera, now=NOON)
        with pytest.raises(ValueError, match="go together"):
            await invite(session, token=TOKEN, role=Role.CURATOR, body_id=1, by=town.vera, now=NOON)


async def test_entering_twice_gives_the_role_once(town: Town) -> None:
    for _ in range(2):
        async with town.database.writing() as session:
            await invite(session, token=TOKEN, role=Role.CURATOR, by=town.vera, now=NOON)
            await enter(session, token=TOKEN, who=newcomer(), now=NOON)
            await session.execute(Invitation.__table__.delete())  # type: ignore[attr-defined]
    async with town.database.reading() as session:
        held = await session.scalar(
            select(func.count())
            .select_from(Membership)
            .join(Official, Official.id == Membership.official_id)
            .where(Official.telegram_id == NEW)
        )
    assert held == 1


async def test_who_left_is_a_stranger(town: Town) -> None:
    async with town.database.writing() as session:
        person = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
        assert person is not None
        person.is_active = False
        assert await actor_of(session, ANNA) is None


async def test_what_was_tried_is_kept(town: Town) -> None:
    async with town.database.writing() as session:
        audit(session, now=NOON, telegram_id=666, chat_id=1, action="press", outcome="stranger", data="x")
    async with town.database.reading() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "press"))
    assert entry is not None
    assert (entry.telegram_id, entry.outcome, entry.details) == (666, "stranger", {"data": "x"})


async def test_a_new_chat_is_owed_the_cards_of_what_the_body_has(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await invited(town, body="roads")
    await come(town, newcomer(chat_id=GROUP))
    old, new = await card_of(town, number, ANNA), await card_of(town, number, GROUP)
    assert old is not None
    assert new is not None
    assert (old.state, new.state) == (CardState.DISARMED, CardState.LIVE)


@pytest.mark.parametrize("thread", [None, 7])
async def test_one_group_does_not_serve_two_bodies(town: Town, thread: int | None) -> None:
    async with town.database.writing() as session:
        await session.execute(
            update(Body).where(Body.code == "housing").values(chat_id=GROUP, thread_id=thread)
        )
    await invited(town, body="roads")
    entered = await come(town, replace(newcomer(chat_id=GROUP), thread_id=thread))
    assert not entered.bound_chat
    async with town.database.reading() as session:
        assert await session.scalar(select(Body.chat_id).where(Body.code == "roads")) == ANNA


async def test_two_topics_of_a_group_serve_two_bodies(town: Town) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.code == "housing").values(chat_id=GROUP, thread_id=7))
    await invited(town, body="roads")
    assert (await come(town, replace(newcomer(chat_id=GROUP), thread_id=8))).bound_chat


async def test_names_longer_than_the_columns_are_cut(town: Town) -> None:
    await invited(town)
    long = replace(newcomer(), name="я" * 300, username="u" * 100, chat_title="ч" * 300)
    entered = await come(town, long)
    assert entered.body is not None
    lengths = (len(entered.official.name), len(entered.official.username), len(entered.body.chat_title))
    assert lengths == (200, 64, 200)


async def test_the_operator_s_shell_invites_too(town: Town) -> None:
    async with town.database.writing() as session:
        invitation = await invite(session, token=TOKEN, role=Role.CURATOR, now=NOON)
    assert invitation.created_by is None
