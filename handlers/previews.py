"""The last look at a draft: what will be published, what would be refused, what had better be looked at."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Change, Discard
from handlers.callbacks.checks import LetThrough
from handlers.context import House
from handlers.excerpts import utf16, whole
from handlers.objections import doubts, let_through_line, remarks
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.times import Reader
from handlers.words import Words
from incidents.answer_checks import Code, Finding, Severity
from incidents.checking import findings_of, groups_of, is_let_through
from incidents.errors import AnswerTooLong, TextRefused
from incidents.wording import Rules, faults, networks_of
from models import Answer, AnswerState, Official

_SHOWN: Final = 2500  # UTF-16 units
_ROOM: Final = (
    3000  # UTF-16 units of the text and the remarks; the rest of a message is for escaping and photos
)


async def preview(
    session: AsyncSession,
    answer_id: int,
    chat_id: int,
    reader: Reader,
    house: House,
    *,
    message_id: int | None = None,
) -> Outgoing | None:
    """None: it was sent, replaced or dropped meanwhile. `message_id`: in the place of that message."""
    answer = await session.get(Answer, answer_id)
    if answer is None or answer.state is not AnswerState.DRAFT:
        was_replaced = answer is not None and answer.state is AnswerState.SUPERSEDED
        return _replaced(answer, message_id, reader.words) if answer and was_replaced and message_id else None
    networks = await networks_of(session, answer.incident_id)
    findings = await findings_of(session, answer)
    return Outgoing(
        preview_text(
            answer,
            reader.words,
            networks=networks,
            rules=house.rules,
            findings=findings,
            let_by=await let_by(session, answer),
        ),
        keyboard=keyboards.markup(rows_under(answer, findings, reader.words)),
        message_id=message_id,
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


def _replaced(answer: Answer, message_id: int, words: Words) -> Outgoing:
    """In the place of the old preview: its buttons would only be pressed in vain."""
    return Outgoing(
        words("preview.replaced", number=answer.incident_id), message_id=message_id, only_edit=True
    )


def rows_under(answer: Answer, findings: Sequence[Finding], words: Words) -> keyboards.Rows:
    """The buttons to send, but where somebody's data stands in the way."""
    if not is_blocked(answer, findings):
        return keyboards.under_preview(answer.id, answer.incident_id, words)
    change = Change(answer_id=answer.id, incident_id=answer.incident_id)
    return [
        [keyboards.button(words.plain("button.change"), change, style="primary")],
        let_through_row(answer, words),
        [keyboards.button(words.plain("button.discard"), Discard(answer_id=answer.id))],
    ]


def is_blocked(answer: Answer, findings: Sequence[Finding]) -> bool:
    return bool(groups_of(findings)) and not is_let_through(answer)


def let_through_row(answer: Answer, words: Words) -> list[keyboards.Button]:
    return [keyboards.button(words.plain("button.let_through"), LetThrough(answer_id=answer.id))]


async def let_by(session: AsyncSession, answer: Answer) -> str:
    """The name of whoever let personal data through; "" where nobody had to."""
    person = await session.get(Official, answer.override_by) if answer.override_by else None
    return person.name if person else ""


def preview_text(
    answer: Answer,
    words: Words,
    *,
    networks: Sequence[str],
    rules: Rules,
    findings: Sequence[Finding] = (),
    let_by: str = "",
) -> str:
    """Pure. The text as it will stand, then every doubt on a line of its own; the networks' own come first."""
    said = remarks_on(answer, words, networks=networks, rules=rules, findings=findings, let_by=let_by)
    lines: list[str] = [words("preview.head", number=answer.incident_id), ""]
    limit = min(_SHOWN, _ROOM - utf16("".join(said)))
    shown = whole(answer.text, limit)
    lines.append(shown or words("preview.no_text"))
    if shown.removesuffix("</blockquote>").endswith("…") and not answer.text.endswith("…"):
        lines.append(words("preview.cut"))
    if answer.photos:
        lines.append(words("preview.photos", photos=len(answer.photos)))
        lines += _photos(len(answer.photos), words, networks, rules)
    return "\n".join([*lines, *(["", *said] if said else [])])


def remarks_on(
    answer: Answer,
    words: Words,
    *,
    networks: Sequence[str],
    rules: Rules,
    findings: Sequence[Finding],
    let_by: str = "",
) -> list[str]:
    """A link that a network refuses anyway is not warned of as well, nor is a length."""
    found = faults(answer.text, networks, rules)
    refused = {one.objection for one in found if isinstance(one, TextRefused)}
    told = [
        one
        for one in findings
        if not (one.code is Code.LINKS and "link" in refused)
        and not (one.code is Code.TOO_LONG and any(isinstance(fault, AnswerTooLong) for fault in found))
        and not (let_by and one.severity is Severity.BLOCK)
    ]
    let = [let_through_line(answer, let_by, words, groups_of(findings))] if let_by else []
    return [*doubts(found, words), *let, *remarks(told, words)]


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
