"""What a network wants of an answer's words: asked before it is sent, so that nothing is refused afterwards."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.blanks import EMPTY, BlanksLeft
from incidents.errors import AnswerTooLong, EmptyAnswer, IncidentError, TextRefused
from models import Post, ReplyCapability


def _nothing(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class TextRules:
    """One network's rules.

    `limit` is the longest answer in the units of `measure`: characters, or weights. `objection` says why the
    network would refuse the words, as a key below `refused_text.` in handlers/texts, or "". `photos_limit`: how
    many photos an answer may carry. `can_edit`: whether the program can change what it has published.
    """

    limit: int
    measure: Callable[[str], int] = len
    objection: Callable[[str], str] = _nothing
    photos_limit: int = 0
    can_edit: bool = False


Rules = Mapping[str, TextRules]
"""Network → its rules; a network that is not here has none we know of."""


async def networks_of(session: AsyncSession, incident_id: int) -> list[str]:
    """Where the incident's answer will stand: every network of its posts that can be answered, by name."""
    found = await session.scalars(
        select(Post.network)
        .where(Post.incident_id == incident_id, Post.reply_capability != ReplyCapability.IMPOSSIBLE)
        .distinct()
    )
    return sorted(found)


def faults(text: str, networks: Iterable[str], rules: Rules) -> list[IncidentError]:
    """Why these words cannot be sent, the most telling first: none, or what is wrong for the strictest network.

    The strictest in length is the one where most must be cut.
    """
    if not text:
        return [EmptyAnswer()]
    found: list[IncidentError] = [BlanksLeft()] if EMPTY in text else []
    known = [(network, rules[network]) for network in networks if network in rules]
    too_long = [
        (length / rule.limit, length, rule.limit, network)
        for network, rule in known
        if (length := rule.measure(text)) > rule.limit
    ]
    if too_long:
        _, length, limit, network = max(too_long)
        found.append(AnswerTooLong(length=length, limit=limit, network=network))
    objections = {
        objection: network for network, rule in reversed(known) if (objection := rule.objection(text))
    }
    return [*found, *(TextRefused(objection=key, network=objections[key]) for key in sorted(objections))]
