"""The card's last lines: how the incident stands, with whom, and what came of its answer. Pure."""

from collections.abc import Sequence
from typing import Final

from handlers.card_buttons import how_answered
from handlers.excerpts import line, link, quoted, utf16
from handlers.objections import sent_in_spite
from handlers.times import Reader
from handlers.turn_words import before_line, how_returned, norm_line
from handlers.words import Html, Words
from incidents.confirming import is_doubtful
from incidents.correcting import believed
from incidents.finding import View
from incidents.labels import NO, YES
from incidents.lifecycle import FINAL
from models import (
    HistoryEntry,
    LabelField,
    Publication,
    PublicationState,
    PublishedHow,
    ReplyCapability,
    Status,
    Step,
)

_NAME: Final = 50  # UTF-16 units of a person's or a body's name
_REASON: Final = 120
_ANSWER: Final = 200
_ANSWER_TO_COPY: Final = 1800
_ANSWER_TO_REVIEW: Final = 1800
_MOST_ESCAPED: Final = (
    2000  # UTF-16 units; a text of nothing but "&" is five times as long when it is written out
)
_LINKS: Final = 3
_EVERY_LINE: Final = 1000
# What a body that had it need not know more of than where it went.
_ELSEWHERE: Final = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.ON_REVIEW, Status.INTERIM})
_TO_ANSWER: Final = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.REWORK, Status.INTERIM})

_Steps = Sequence[tuple[HistoryEntry, str, str]]


def standing(view: View, history: _Steps, reader: Reader, *, disarmed: bool = False) -> list[str]:
    """Lines of HTML, seldom more than three."""
    words, status = reader.words, view.incident.status
    if disarmed and status in _ELSEWHERE:
        return [words("card.gone_to", body=_body(view))]
    if disarmed and status is Status.APPROVED:
        return [words("card.approved", body=_body(view))]
    if disarmed and status in {Status.NEW, Status.REGISTERED}:
        was_undone = bool(history) and history[-1][0].step is Step.UNDO
        return [words("card.taken_back") if was_undone else words("card.gone_back")]
    lines = _LINES[status](view, history, reader)
    if status in _TO_ANSWER:
        lines = [*lines, *_by_hand(view, words)]
    if status not in FINAL:
        lines = [*lines, *before_line(view.turns, view.incident, reader)]
    return lines if status is Status.APPROVED else [*lines, *_failures(view.publications, words)]


def _body(view: View) -> str:
    return line(view.body.name, _NAME) if view.body else ""


def _by_hand(view: View, words: Words) -> list[str]:
    """Why the program cannot publish here, and what to do instead."""
    how = how_answered(view)
    if how is ReplyCapability.API:
        return []
    post = next(one for one in view.posts if one.reply_capability is how)
    reason = words.name("reply_reason", post.reply_reason)
    if reason == post.reply_reason:  # nobody has named it
        reason = words.plain("card.no_reason", network=words.name("network", post.network))
    if how is ReplyCapability.MANUAL:
        return [words("card.manual", reason=reason)]
    return [words("card.impossible", reason=reason)]


def _holder(view: View) -> str:
    return line(view.official.name, _NAME) if view.official else "—"


def _last(history: _Steps, *steps: Step) -> tuple[HistoryEntry, str, str] | None:
    return next((row for row in reversed(history) if row[0].step in steps), None)


def _reason(history: _Steps, *steps: Step) -> str:
    row = _last(history, *steps)
    return line(row[0].reason, _REASON) if row else ""


def _remark(history: _Steps, words: Words) -> list[str]:
    reason = _reason(history[-1:], *Step)
    return [words("card.with_reason", reason=reason)] if reason else []


def _new(view: View, history: _Steps, reader: Reader) -> list[str]:
    is_so = believed(view.prediction, view.told)
    if is_so[LabelField.SPAM] == YES:
        return [reader.words("card.new"), reader.words("card.spam")]
    more = [reader.words("card.no_answer_needed")] if is_so[LabelField.NEEDS_ANSWER] == NO else []
    return [reader.words("card.new"), *more]


def _registered(view: View, history: _Steps, reader: Reader) -> list[str]:
    lines = [reader.words("card.registered")]
    row = _last(history, Step.RETURN)
    if row is not None and row is history[-1]:
        returned = reader.words(
            "card.returned_by",
            body=line(row[2], _NAME),
            reason=line(row[0].reason, _REASON),
            more=how_returned(view.turns[-1], reader) if view.turns else "",
        )
        return [*lines, returned]
    return [*lines, *_remark(history, reader.words)]


def _released(history: _Steps, words: Words) -> list[str]:
    """A release keeps the name of whoever held it; any other step a reason."""
    if not history or history[-1][0].step is not Step.RELEASE or not history[-1][0].reason:
        return _remark(history, words)
    return [words("card.released", name=line(history[-1][0].reason, _NAME))]


def _assigned(view: View, history: _Steps, reader: Reader) -> list[str]:
    return [
        reader.words("card.assigned", body=_body(view)),
        *_released(history, reader.words),
        *norm_line(view.turns, view.incident.status, reader),
    ]


def _accepted(view: View, history: _Steps, reader: Reader) -> list[str]:
    row = _last(history, Step.ACCEPT, Step.DELEGATE)
    at = reader.moment(row[0].at) if row else "—"
    lines: list[str] = [reader.words("card.accepted", name=_holder(view), at=at, body=_body(view))]
    if row and row[0].step is Step.DELEGATE and row[1]:
        lines.append(reader.words("turn.delegated", name=line(row[1], _NAME)))
    return lines


def _on_review(view: View, history: _Steps, reader: Reader) -> list[str]:
    return [
        reader.words("card.on_review", name=_holder(view), body=_body(view)),
        *_to_review(view, reader),
    ]


def _to_review(view: View, reader: Reader) -> list[str]:
    """The whole answer, folded: whoever approves it must not look elsewhere."""
    answer = view.answer
    if answer is None:
        return []
    lines: list[str] = []
    if answer.is_interim:
        at = reader.day(answer.control_at) if answer.control_at else "—"
        lines.append(reader.words("review.interim", at=at))
    lines += sent_in_spite(answer, view.let_by, reader.words)
    text = quoted(answer.text, _ANSWER_TO_REVIEW, lines=_EVERY_LINE)
    if utf16(text) > _MOST_ESCAPED:
        text = quoted(answer.text, _ANSWER_TO_REVIEW - 500, lines=_EVERY_LINE)
    lines.append(f"<blockquote expandable>{text or '—'}</blockquote>")
    if text.endswith("…") and not answer.text.endswith("…"):
        lines.append(reader.words("review.cut"))
    return lines


def _answer(view: View, words: Words) -> list[str]:
    """What was said to the resident, or its beginning: all of it is behind «Версии»."""
    if view.answer is None or not view.answer.text:
        return []
    return [words("card.answer", text=quoted(view.answer.text, _ANSWER))]


def _rework(view: View, history: _Steps, reader: Reader) -> list[str]:
    lines: list[str] = [reader.words("card.rework", name=_holder(view), body=_body(view))]
    # A colleague it was given to since must do what the approver asked for all the same.
    reason = _reason(history, Step.SEND_BACK, Step.TAKE_BACK)
    return [*lines, reader.words("card.with_reason", reason=reason)] if reason else lines


def _approved(view: View, history: _Steps, reader: Reader) -> list[str]:
    words = reader.words
    stuck = [one for one in view.publications if one.state is PublicationState.STUCK]
    if stuck:
        return [words("card.stuck", error=line(stuck[0].error, _REASON)), *_to_copy(view)]
    if any(one.state is PublicationState.BY_HAND for one in view.publications):
        return [words("card.by_hand"), *_to_copy(view)]
    return [words("card.approved", body=_body(view)), *_answer(view, words)]


def _to_copy(view: View) -> list[str]:
    """The answer as a block that is copied by a touch."""
    if view.answer is None:
        return []
    return [f"<code>{quoted(view.answer.text, _ANSWER_TO_COPY, lines=_EVERY_LINE)}</code>"]


def _interim(view: View, history: _Steps, reader: Reader) -> list[str]:
    published = reader.words("card.interim", links=_links(view.publications, reader.words))
    return [published, reader.words("card.assigned", body=_body(view))]


def _answered(view: View, history: _Steps, reader: Reader) -> list[str]:
    words, at = reader.words, view.incident.answered_at
    moment = reader.moment(at) if at else ""
    links = _links(view.publications, words)
    if any(one.how is PublishedHow.NOTICED for one in view.publications):
        return [words("card.noticed", at=moment, links=links)]
    answered = words("card.answered", at=moment, links=links)
    return [
        answered,
        *_revised(view, reader),
        *_doubts(view.publications, words),
        *_answer(view, words),
    ]


def _revised(view: View, reader: Reader) -> list[str]:
    """That other words took the place of the first ones, or are on their way."""
    corrections = [one for one in view.publications if one.edits_id is not None]
    if not corrections:
        return []
    at = max((one.published_at for one in corrections if one.published_at), default=None)
    if at is None or any(one.state is not PublicationState.PUBLISHED for one in corrections):
        return [reader.words("revision.card_under_way")]
    return [reader.words("revision.card", at=reader.moment(at))]


def _doubts(publications: Sequence[Publication], words: Words) -> list[str]:
    return [words("card.link_doubtful")] if any(is_doubtful(one) for one in publications) else []


def _closed(view: View, history: _Steps, reader: Reader) -> list[str]:
    closed = reader.words("card.closed", links=_links(view.publications, reader.words))
    return [closed, *_answer(view, reader.words)]


def _skipped(view: View, history: _Steps, reader: Reader) -> list[str]:
    return [reader.words("card.skipped", reason=_reason(history, Step.SKIP))]


def _merged(view: View, history: _Steps, reader: Reader) -> list[str]:
    return [reader.words("card.merged", number=view.incident.merged_into_id)]


def _source_gone(view: View, history: _Steps, reader: Reader) -> list[str]:
    return [reader.words("card.source_gone", reason=_reason(history, Step.LOSE_SOURCE))]


def _links(publications: Sequence[Publication], words: Words) -> Html:
    # What is being corrected stands there meanwhile.
    standing_now = [one for one in publications if one.state is PublicationState.PUBLISHED or one.edits_id]
    urls = [one.url for one in standing_now if one.url]
    shown: list[str] = [
        link(url, words.plain("card.link", number=number)) for number, url in enumerate(urls[:_LINKS], 1)
    ]
    if len(urls) > _LINKS:
        shown.append(words("card.more", more=words.count("count.more", len(urls) - _LINKS)))
    return Html(", ".join(shown))


def _failures(publications: Sequence[Publication], words: Words) -> list[str]:
    """What did not reach its post, one line for each sort of failure."""
    lines: list[str] = []
    for one in publications:
        if one.state is PublicationState.REFUSED:
            lines.append(words("card.refused", error=line(words.name("reply_reason", one.error), _REASON)))
        elif one.state is PublicationState.GONE:
            lines.append(words("card.gone", error=line(words.name("reply_reason", one.error), _REASON)))
    return list(dict.fromkeys(lines))[:2]


_LINES: Final = {
    Status.NEW: _new,
    Status.REGISTERED: _registered,
    Status.ASSIGNED: _assigned,
    Status.ACCEPTED: _accepted,
    Status.ON_REVIEW: _on_review,
    Status.REWORK: _rework,
    Status.APPROVED: _approved,
    Status.INTERIM: _interim,
    Status.ANSWERED: _answered,
    Status.CLOSED: _closed,
    Status.SKIPPED: _skipped,
    Status.MERGED: _merged,
    Status.SOURCE_GONE: _source_gone,
}
