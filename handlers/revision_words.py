"""A correction as its author, its approver and whoever must make it by hand see it."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks.revise import (
    ApproveRevision,
    DropRevision,
    RefuseRevision,
    Revise,
    RevisedByHand,
    SendRevision,
)
from handlers.context import House
from handlers.excerpts import line, quoted, whole
from handlers.outgoing import Outgoing
from handlers.previews import is_blocked, let_by, let_through_row, remarks_on
from handlers.questions import card_message
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.checking import findings_of
from incidents.revised_publications import networks_of_correction
from models import Answer, AnswerState, Publication, PublicationState

_TEXT: Final = 1500  # UTF-16 units of each of the two wordings
_TO_COPY: Final = 3000
_EVERY_LINE: Final = 1000
_REMARKS: Final = 3  # two wordings leave room for no more


async def revision_preview(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader, house: House
) -> Outgoing | None:
    """The last look of its author; None: it was sent, replaced or dropped meanwhile."""
    answer = await session.get(Answer, payload["answer_id"])
    if answer is None or answer.state is not AnswerState.DRAFT:
        return None
    words = reader.words
    findings = await findings_of(session, answer)
    said = remarks_on(
        answer,
        words,
        networks=await networks_of_correction(session, answer),
        rules=house.rules,
        findings=findings[:_REMARKS],
        let_by=await let_by(session, answer),
    )
    send = keyboards.button(words.plain("button.revision_send"), SendRevision(answer_id=answer.id))
    rows: keyboards.Rows = [
        let_through_row(answer, words) if is_blocked(answer, findings) else [send],
        [
            keyboards.button(words.plain("button.change"), Revise(incident_id=answer.incident_id)),
            keyboards.button(words.plain("button.discard"), DropRevision(answer_id=answer.id)),
        ],
    ]
    head = words("revision.head", number=answer.incident_id)
    return Outgoing(
        "\n\n".join([head, *await _both(session, answer, words), *said]),
        keyboard=keyboards.markup(rows),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


async def revision_review(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """For the approver; None: decided meanwhile."""
    answer = await session.get(Answer, payload["answer_id"])
    if answer is None or answer.state is not AnswerState.SUBMITTED or answer.approved_at is not None:
        return None
    words = reader.words
    approve = keyboards.button(
        words.plain("button.approve"), ApproveRevision(answer_id=answer.id), style="success"
    )
    refuse = keyboards.button(words.plain("button.revision_refuse"), RefuseRevision(answer_id=answer.id))
    head = words("revision.review", number=answer.incident_id, name=line(payload["name"], 60))
    return Outgoing(
        "\n\n".join([head, *await _both(session, answer, words)]),
        keyboard=keyboards.markup([[approve, refuse]]),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )


async def _both(session: AsyncSession, answer: Answer, words: Words) -> list[str]:
    """The new words, and what stands behind a fold."""
    old = await session.get(Answer, answer.revises_id) if answer.revises_id else None
    new = whole(answer.text, _TEXT) or words("preview.no_text")
    if old is None:
        return [new]
    was = quoted(old.text, _TEXT, lines=_EVERY_LINE)
    return [new, Html(f"{words('revision.was')}\n<blockquote expandable>{was}</blockquote>")]


async def revision_by_hand(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """The new words to copy, the link, and «Готово»; None: done meanwhile."""
    publication = await session.get(Publication, payload["publication_id"])
    if publication is None or publication.state is not PublicationState.BY_HAND:
        return None
    answer = await session.get_one(Answer, publication.answer_id)
    words = reader.words
    done = RevisedByHand(publication_id=publication.id)
    rows: keyboards.Rows = [
        keyboards.link_button(words.plain("button.open_to_answer"), publication.url or ""),
        [keyboards.button(words.plain("button.revision_done"), done, style="success")],
    ]
    network = words.name("network", publication.network)
    head = words("revision.by_hand", number=answer.incident_id, network=network)
    text = quoted(answer.text, _TO_COPY, lines=_EVERY_LINE)
    return Outgoing(
        f"{head}\n\n<code>{text}</code>",
        keyboard=keyboards.markup([row for row in rows if row]),
        reply_to=await card_message(session, answer.incident_id, chat_id),
    )
