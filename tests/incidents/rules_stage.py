"""Bodies and rules made of a line each, for tests of routing."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Body, ChatState, Route
from tests.conftest import NOON

Rule = tuple[str, str, str, str]  # topic, territory, owner, body's code


async def put_body(
    session: AsyncSession,
    code: str,
    *,
    name: str = "",
    chat: ChatState = ChatState.LIVE,
    is_active: bool = True,
) -> Body:
    body = Body(code=code, name=name or code.title(), chat_state=chat, is_active=is_active, created_at=NOON)
    session.add(body)
    await session.flush()
    return body


async def put_routes(session: AsyncSession, rules: Sequence[Rule]) -> list[Route]:
    """The rules in their order; bodies that are not there yet are made, with a chat."""
    routes = []
    for topic, territory, owner, code in rules:
        body = await session.scalar(select(Body).where(Body.code == code)) or await put_body(session, code)
        route = Route(topic=topic, territory=territory, owner=owner, body_id=body.id)
        session.add(route)
        await session.flush()
        routes.append(route)
    return routes
