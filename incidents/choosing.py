"""Which bodies are offered for an incident, and which one typed words mean. Only bodies within reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import BodyUnreachable, NoSuchBody
from incidents.finding import View
from incidents.routing import is_called, search_bodies
from models import Body, ChatState

OFFERED: Final = 3  # bodies in a menu; the rest are searched for
_SHOWN: Final = 8  # of the bodies that typed words may mean
_SHORTEST: Final = 3  # letters of a word that names a body
_LONGEST: Final = 40
_NAME_WORDS: Final = 8


async def others(session: AsyncSession, shown: View) -> list[Body]:
    """The best three for an incident but the one that has it: as suggested, then any others there are."""
    offered = [*shown.suggested, *await search_bodies(session, "", limit=OFFERED + 1)]
    return [body for body in dict.fromkeys(offered) if body.id != shown.incident.body_id][:OFFERED]


@dataclass(frozen=True, slots=True)
class Meant:
    """What was typed after an incident's number. Not `is_clear`: the person must say which of the `bodies`."""

    bodies: list[Body]
    reason: str
    is_clear: bool


async def meant(session: AsyncSession, said: str) -> Meant:
    """A body's code, or words of its name, and then the reason.

    All the words together are a name where they fit one body only; else the first word is, and the rest is the
    reason. Words of a reason never decide between bodies.

    Raises:
        NoSuchBody: nothing is called so.
        BodyUnreachable: what is meant has no live chat.
    """
    first, _, rest = said.strip().partition(" ")
    bodies = list(await session.scalars(select(Body).where(Body.is_active).order_by(Body.name, Body.id)))
    found, reason = _found(bodies, first, rest.strip())
    live = [body for body in found if body.chat_state is ChatState.LIVE]
    if found and not live:
        raise BodyUnreachable(name=found[0].name)
    if not live:
        raise NoSuchBody(first[:_LONGEST])
    return Meant(live[:_SHOWN], reason, is_clear=len(found) == 1)


def _found(bodies: Sequence[Body], first: str, rest: str) -> tuple[list[Body], str]:
    by_code = [body for body in bodies if body.code == first.lower()]
    if by_code:
        return by_code, rest
    whole, begun = _called(bodies, [first, *rest.split()]), _called(bodies, [first])
    is_name = len(whole) == 1 or (whole and len(begun) > 1)
    return (whole, "") if is_name else (begun, rest)


def _called(bodies: Sequence[Body], words: Sequence[str]) -> list[Body]:
    if not words or len(words) > _NAME_WORDS or len(words[0]) < _SHORTEST:
        return []
    if any(len(word) > _LONGEST for word in words):
        return []
    return [body for body in bodies if is_called(body, words)]
