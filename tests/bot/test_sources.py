"""Which updates are residents' words: of watched chats of the registry, and of no chat where a body works."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.sources import Sources
from models import Body, ChatState, Community, PushRow
from models.database import Database
from tests.conftest import NOON, MovableClock

CHANNEL, GROUP, WORK, YARD = -1002000000002, -1002000000001, -1002000000003, -1002000000004


@pytest.fixture
async def sources(database: Database, clock: MovableClock) -> Sources:
    """A channel known by name only, its group, a chat nobody watches any more, and a body's chat listed by mistake."""
    async with database.writing() as session:
        session.add_all(
            [
                Community(network="telegram", name="gorod", added_at=NOON),
                Community(network="telegram", native_id=str(GROUP), added_at=NOON),
                Community(network="telegram", native_id=str(YARD), is_watched=False, added_at=NOON),
                Community(network="telegram", native_id=str(WORK), name="roads_work", added_at=NOON),
                Community(network="telegram", native_id="7", added_at=NOON),
                Community(network="vk", native_id=str(CHANNEL - 5), name="only_vk", added_at=NOON),
                Body(code="roads", name="Дороги", chat_id=WORK, chat_state=ChatState.LIVE, created_at=NOON),
            ]
        )
    return Sources(database, clock=clock)


def update(
    chat_id: object, kind: str = "message", *, type_: str = "supergroup", **chat: Any
) -> dict[str, Any]:
    return {
        "update_id": 17,
        kind: {"message_id": 5, "date": 1, "text": "Яма", "chat": {"id": chat_id, "type": type_, **chat}},
    }


@pytest.mark.parametrize(
    ("raw", "is_one"),
    [
        (update(GROUP), True),
        (update(GROUP, "edited_message"), True),
        (update(CHANNEL, "channel_post", type_="channel", username="Gorod"), True),
        (update(CHANNEL, "edited_channel_post", type_="channel", username="GOROD"), True),
        (update(CHANNEL, "channel_post", type_="channel"), False),  # its number is not known yet
        (update(GROUP, "my_chat_member"), False),
        (update(GROUP, "callback_query"), False),
        (update(YARD), False),
        (update(WORK), False),
        (update(WORK, username="roads_work"), False),
        (update(CHANNEL - 5, username="only_vk"), False),
        (update(7, type_="private"), False),
        (update(8, type_="private", username="gorod"), False),
        (update(GROUP, type_="group"), False),
        (update(str(GROUP)), False),
        (update(True), False),  # noqa: FBT003 - an odd id, not a flag
        ({"update_id": 1, "message": None}, False),
        ({"update_id": 1, "message": {"chat": "x"}}, False),
        ({"update_id": 1}, False),
    ],
)
async def test_only_what_is_said_in_a_registered_chat_is_taken(
    sources: Sources, raw: dict[str, Any], *, is_one: bool
) -> None:
    assert await sources.is_one(raw) is is_one


async def test_where_a_body_comes_to_work_its_chat_is_read_no_more(
    sources: Sources, database: Database
) -> None:
    assert await sources.is_one(update(GROUP))
    async with database.writing() as session:
        session.add(Body(code="housing", name="ЖКХ", chat_id=GROUP, thread_id=9, created_at=NOON))
    assert not await sources.is_one(update(GROUP))


async def test_an_update_kept_twice_waits_once(sources: Sources, database: Database) -> None:
    raw = update(GROUP)
    for _ in range(2):
        async with database.writing() as session:
            await sources.keep(session, raw)
    async with database.reading() as session:
        [row] = await session.scalars(select(PushRow))
    assert (row.network, row.key, row.done_at, row.not_before) == ("telegram", "17", None, NOON)
    assert json.loads(row.body) == raw


async def test_what_is_kept_goes_with_the_callers_transaction(sources: Sources, database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.writing() as session:
            await sources.keep(session, update(GROUP))
            raise ZeroDivisionError
    async with database.reading() as session:
        assert list(await session.scalars(select(PushRow))) == []
