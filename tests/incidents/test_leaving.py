"""Who leaves loses every right, and nothing they held is lost with them."""

import pytest
from sqlalchemy import select

from incidents.errors import NotAllowed
from incidents.invitations import invite
from incidents.leaving import dismiss
from incidents.people import actor_of
from models import AuditEntry, Body, CardState, ChatState, Invitation, Prompt, Role, Status
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, CAROL, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import accept, card_of, draft, notices, reload, send

pytestmark = ON_SQLITE


async def leave(town: Town, official_id: int, *, by_shell: bool = False) -> list[int]:
    async with town.database.writing() as session:
        return await dismiss(
            session, official_id=official_id, actor=None if by_shell else town.vera, now=NOON
        )


async def test_what_they_held_goes_back_to_their_colleagues(town: Town, arrive: Arrive) -> None:
    held, sent = (await arrive(2)).id, (await arrive(3)).id
    await accept(town, held, town.carol)
    await send(town, await draft(town, sent))
    assert await leave(town, town.carol.official_id) == [held]
    after = await reload(town, held)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
    assert "released_dismissed" in await notices(town, ANNA)
    async with town.database.reading() as session:
        assert await actor_of(session, CAROL) is None
        audit = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "dismiss"))).one()
    assert audit.details == {"official_id": town.carol.official_id, "released": [held]}


async def test_a_chat_that_was_their_own_is_the_body_s_no_more(town: Town, arrive: Arrive) -> None:
    held, sent = (await arrive(2)).id, (await arrive(3)).id
    await accept(town, held)
    await send(town, await draft(town, sent))
    await draft(town, held)
    assert await leave(town, town.anna.official_id, by_shell=True) == [held]
    assert (await reload(town, sent)).status is Status.APPROVED
    async with town.database.reading() as session:
        body = await session.get_one(Body, town.roads)
        assert (body.chat_id, body.chat_state) == (None, ChatState.NONE)
        assert all(prompt.closed_at for prompt in await session.scalars(select(Prompt)))
    assert await notices(town, VERA) == ["body_without_chat"]
    for number in (held, sent):
        theirs, curators = await card_of(town, number, ANNA), await card_of(town, number, VERA)
        assert theirs is not None
        assert curators is not None
        assert (theirs.state, curators.state) == (CardState.DISARMED, CardState.LIVE)


async def test_their_invitations_open_nothing_and_only_curators_dismiss(town: Town) -> None:
    async with town.database.writing() as session:
        await invite(session, token="t" * 32, role=Role.CURATOR, by=town.vera, now=NOON)
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await dismiss(session, official_id=town.vera.official_id, actor=town.anna, now=NOON)
    await leave(town, town.vera.official_id, by_shell=True)
    async with town.database.reading() as session:
        assert await session.scalar(select(Invitation.revoked_at)) == NOON
