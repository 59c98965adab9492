"""The last look at a draft: what will be published, what would be refused, what had better be looked at."""

import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.context import House
from handlers.excerpts import quoted
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.times import Reader
from handlers.words import Words
from models import Answer, AnswerState, Post

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
    return Outgoing(
        preview_text(answer, reader.words, limit=await _limit(session, answer, house)),
        keyboard=keyboards.markup(rows),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


async def _limit(session: AsyncSession, answer: Answer, house: House) -> int | None:
    """The shortest limit among the networks where this answer goes, in characters."""
    networks = await session.scalars(select(Post.network).where(Post.incident_id == answer.incident_id))
    return min((house.limits[one] for one in networks if one in house.limits), default=None)


def preview_text(answer: Answer, words: Words, *, limit: int | None) -> str:
    """Pure. The text as it will stand, then every doubt on a line of its own."""
    lines: list[str] = [words("preview.head", number=answer.incident_id), ""]
    shown = quoted(answer.text, _SHOWN, lines=_EVERY_LINE)
    lines.append(shown or words("preview.no_text"))
    if shown.endswith("…") and not answer.text.endswith("…"):
        lines.append(words("preview.cut"))
    if answer.photos:
        lines.append(words("preview.photos", photos=len(answer.photos)))
    return "\n".join([*lines, *_doubts(answer.text, words, limit)])


def _doubts(text: str, words: Words, limit: int | None) -> list[str]:
    doubts: list[str] = []
    if not text:
        doubts.append(words("preview.empty"))
    if limit is not None and len(text) > limit:
        doubts.append(words("preview.too_long", length=len(text), limit=limit))
    doubts += [words(key) for key, pattern in _WARNINGS.items() if pattern.search(text)]
    return ["", *doubts] if doubts else []
