"""The last look at a draft: what will be published, what would be refused, what had better be looked at."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.context import House
from handlers.excerpts import quoted
from handlers.objections import doubts
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.times import Reader
from handlers.words import Words
from incidents.errors import IncidentError, TextRefused
from incidents.wording import Rules, faults, networks_of
from models import Answer, AnswerState

_EVERY_LINE: Final = 1000
_SHOWN: Final = 2500  # UTF-16 units

_WARNINGS: Final = {
    "preview.phone": re.compile(r"(?:\+7|\b8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}\b"),
    "preview.mail": re.compile(r"\b[\w.+-]+@[\w-]+\.\w+"),
    "preview.flat": re.compile(r"\b(?:кв\.?|квартир\w*|flat|apt\.?)\s*№?\s*\d+", re.IGNORECASE),
    "preview.link": re.compile(r"https?://|\bwww\.", re.IGNORECASE),
}


async def preview(
    session: AsyncSession, answer_id: int, chat_id: int, reader: Reader, house: House
) -> Outgoing | None:
    """None: it was sent, replaced or dropped meanwhile."""
    answer = await session.get(Answer, answer_id)
    if answer is None or answer.state is not AnswerState.DRAFT:
        return None
    rows = keyboards.under_preview(answer.id, answer.incident_id, reader.words)
    networks = await networks_of(session, answer.incident_id)
    return Outgoing(
        preview_text(answer, reader.words, networks=networks, rules=house.rules),
        keyboard=keyboards.markup(rows),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


def preview_text(answer: Answer, words: Words, *, networks: Sequence[str], rules: Rules) -> str:
    """Pure. The text as it will stand, then every doubt on a line of its own."""
    lines: list[str] = [words("preview.head", number=answer.incident_id), ""]
    shown = quoted(answer.text, _SHOWN, lines=_EVERY_LINE)
    lines.append(shown or words("preview.no_text"))
    if shown.endswith("…") and not answer.text.endswith("…"):
        lines.append(words("preview.cut"))
    if answer.photos:
        lines.append(words("preview.photos", photos=len(answer.photos)))
        lines += _photos(len(answer.photos), words, networks, rules)
    found = faults(answer.text, networks, rules)
    said = [*doubts(found, words), *_warnings(answer.text, words, found)]
    return "\n".join([*lines, *(["", *said] if said else [])])


def _photos(number: int, words: Words, networks: Sequence[str], rules: Rules) -> list[str]:
    """Where the photos will be seen, and where they are only kept: a network of no rules takes none from us."""
    most = {network: rules[network].photos_limit if network in rules else 0 for network in networks}
    lines: list[str] = []
    for network, limit in most.items():
        name = words.name("network", network)
        if limit >= number:
            lines.append(words("preview.photos_go", network=name))
        elif limit:
            lines.append(words("preview.photos_some", network=name, limit=limit))
        else:
            lines.append(words("preview.photos_kept", network=name))
    return lines


def _warnings(text: str, words: Words, found: Sequence[IncidentError]) -> list[str]:
    """What is looked at twice; a link that is refused anyway is not warned of as well."""
    refused = {f"preview.{one.objection}" for one in found if isinstance(one, TextRefused)}
    return [words(key) for key, pattern in _WARNINGS.items() if key not in refused and pattern.search(text)]
