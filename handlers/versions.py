"""«🗂 Версии»: who wrote which wording, what became of it, what changed; and one of them whole."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks.answers import OpenVersions, Versions, VersionText
from handlers.changes import changed
from handlers.context import Transaction
from handlers.excerpts import line, quoted, utf16
from handlers.keyboards import Rows, button
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html
from incidents.people import Actor
from incidents.versions import Version, version_text, versions

_PAGE: Final = 3
_NAME: Final = 40  # UTF-16 units
_REASON: Final = 200
_OPENING: Final = 300
_PART: Final = 3400
_STEP: Final = 1700  # characters: at most two units each
_EVERY_LINE: Final = 1000
_MOST_PARTS: Final = 6


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(versions_pressed, OpenVersions.filter())
    router.callback_query.register(page_turned, Versions.filter())
    router.callback_query.register(text_pressed, VersionText.filter())
    return router


async def versions_pressed(
    query: CallbackQuery,
    *,
    callback_data: OpenVersions,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The first page stands below the card, which keeps its own words."""
    number = callback_data.incident_id
    async with transaction() as session:
        text, rows = await _screen(session, number, 0, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def page_turned(
    query: CallbackQuery,
    *,
    callback_data: Versions,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        text, rows = await _screen(session, number, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def _screen(
    session: AsyncSession, number: int, offset: int, actor: Actor, reader: Reader
) -> tuple[str, Rows]:
    words = reader.words
    found = await versions(session, number, actor)
    if not found:
        return words("version.none", number=number), []
    shown = found[offset : offset + _PAGE] or found[:_PAGE]
    blocks = [
        words("version.head", number=number, total=len(found)),
        *(_row(one, reader, is_newest=one is found[0]) for one in shown),
    ]
    rows: Rows = [
        [
            button(
                words.plain("version.whole", version=one.answer.version), VersionText(answer_id=one.answer.id)
            )
            for one in shown
            if utf16(one.answer.text) > _OPENING or one.changes
        ]
    ]
    turning = []
    if offset > 0:
        back = Versions(incident_id=number, offset=max(offset - _PAGE, 0))
        turning.append(button(words.plain("button.back_page"), back))
    if offset + _PAGE < len(found):
        more = Versions(incident_id=number, offset=offset + _PAGE)
        turning.append(button(words.plain("button.next_page"), more))
    return "\n\n".join(blocks), [row for row in (*rows, turning) if row]


def _row(one: Version, reader: Reader, *, is_newest: bool) -> Html:
    words, answer = reader.words, one.answer
    fate = words(f"version.{one.fate.value}")
    lines: list[str] = [
        words(
            "version.row",
            version=answer.version,
            at=reader.day(answer.created_at),
            name=line(one.author or words.plain("list.program"), _NAME),
            fate=fate,
        )
    ]
    if answer.is_interim:
        until = reader.day(answer.control_at) if answer.control_at else ""
        lines.append(words("version.interim_until", at=until) if until else words("version.interim"))
    if one.reason:
        lines.append(words("card.with_reason", reason=line(one.reason, _REASON)))
    if answer.photos:
        lines.append(words("card.photos", photos=len(answer.photos)))
    changes: str = changed(one.changes)
    if is_newest or not changes:  # what stands is read whole; what was changed in it, behind a fold
        lines.append(f"<i>{quoted(answer.text, _OPENING)}</i>")
        changes = f"<blockquote expandable>{changes}</blockquote>" if changes else ""
    lines += [changes] if changes else []
    return Html("\n".join(lines))


async def text_pressed(
    query: CallbackQuery,
    *,
    callback_data: VersionText,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """As many messages as the text needs; words are never cut in the middle of escaping."""
    words = reader.words
    async with transaction() as session:
        answer = await version_text(session, callback_data.answer_id, actor)
        if answer is None:
            short = words.plain("version.gone")
        else:
            head = words("version.text", number=answer.incident_id, version=answer.version)
            for part in _parts(answer.text):
                text = Html(f"{head}\n<blockquote expandable>{part}</blockquote>")
                tell(session, spot, text, now=reader.now, reply_to=spot.message_id)
            short = words.plain("list.shown", number=answer.incident_id)
    await acknowledge(query, short)


def _parts(text: str) -> list[Html]:
    """The text in pieces that fit, cut between words; "&" and the like are longer when they are written out."""
    pieces: list[Html] = []
    rest = text.strip()
    while rest and len(pieces) < _MOST_PARTS:
        end = len(rest)
        if end > _STEP:
            end = rest.rfind(" ", 0, _STEP) + 1 or _STEP
        pieces.append(quoted(rest[:end], _PART, lines=_EVERY_LINE))
        rest = rest[end:].strip()
    return pieces or [Html("—")]
