"""The buttons under /explain: what a curator may set right, and to what. Pure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiogram.filters.callback_data import CallbackData

from handlers import callbacks as press
from handlers.callbacks.triage import PickPlace, SetTerritory, TriageCard, WritePlace
from handlers.cards import subtopic_name, topic_name
from handlers.explanation import best_topics, guess_label
from handlers.keyboards import Button, Rows, button
from handlers.reasons import SkipReason
from handlers.words import Words
from incidents.correcting import believed
from incidents.deciding import Decided
from incidents.incoming import Explanation
from incidents.labels import NO, YES
from incidents.lifecycle import allows
from incidents.rubricator import rubricator
from models import Incident, Kind, LabelField, Prediction, Step

TOPICS: Final = 8  # to a page


def under_explanation(
    decided: Decided, explained: Explanation | None, words: Words, *, may_correct: bool
) -> Rows:
    incident = decided.view.incident
    show = [
        button(words.plain("button.show", number=incident.id), press.Open(incident_id=incident.id)),
    ]
    if not may_correct or incident.merged_into_id is not None or decided.post is None:
        return [show]
    number = incident.id
    return [
        [
            button(words.plain("explain.button_topic"), press.PickTopic(incident_id=number, offset=0)),
            button(words.plain("explain.button_kind"), press.PickKind(incident_id=number)),
            button(words.plain("triage.button_place"), PickPlace(incident_id=number, queue=False)),
        ],
        [_answer(decided, words), _spam(decided, words)],
        [_official(decided, explained, words)],
        show,
    ]


def _answer(decided: Decided, words: Words) -> Button:
    owed = believed(decided.prediction, decided.told)[LabelField.NEEDS_ANSWER] == YES
    text = words.plain("explain.button_no_answer") if owed else words.plain("explain.button_answer")
    return button(text, _flag(decided, "answer", value=not owed))


def _spam(decided: Decided, words: Words) -> Button:
    is_spam = believed(decided.prediction, decided.told)[LabelField.SPAM] == YES
    text = words.plain("explain.button_not_spam") if is_spam else words.plain("explain.button_spam")
    return button(text, _flag(decided, "spam", value=not is_spam))


def _official(decided: Decided, explained: Explanation | None, words: Words) -> Button:
    said = decided.told.get(LabelField.OFFICIAL)
    is_official = said == YES if said else explained is not None and explained.guess.official_reply
    text = (
        words.plain("explain.button_not_official") if is_official else words.plain("explain.button_official")
    )
    return button(text, _flag(decided, "official", value=not is_official))


def _flag(decided: Decided, flag: press.Flag, *, value: bool) -> press.SetFlag:
    return press.SetFlag(incident_id=decided.view.incident.id, flag=flag, value=value)


@dataclass(frozen=True, slots=True)
class Presses:
    """Where the presses of these menus lead: to /explain, or to the card of the queue (handlers/triage_menus.py).

    `topics` of a page's offset, `subtopics` of a topic, `set_topic` of a code, `set_kind` of a kind.
    """

    topics: Callable[[int], CallbackData]
    subtopics: Callable[[str], CallbackData]
    set_topic: Callable[[str], CallbackData]
    set_kind: Callable[[Kind], CallbackData]
    back: list[Button]


def to_explain(incident: Incident, words: Words) -> Presses:
    number = incident.id
    return Presses(
        topics=lambda offset: press.PickTopic(incident_id=number, offset=offset),
        subtopics=lambda topic: press.PickSubtopic(incident_id=number, topic=topic),
        set_topic=lambda code: press.SetTopic(incident_id=number, code=code, seen=incident.topic),
        set_kind=lambda kind: press.SetKind(incident_id=number, kind=kind, seen=incident.kind),
        back=_back(incident, words),
    )


def which_topic(prediction: Prediction | None, offset: int, words: Words, to: Presses) -> Rows:
    """The classifier's guesses first, with how sure it was; then the rubricator in its order."""
    guesses = {one.value: one for one in best_topics(prediction) if one.value in rubricator()}
    codes = list(dict.fromkeys([*guesses, *rubricator()]))
    rows: Rows = []
    for code in codes[offset : offset + TOPICS]:
        text = guess_label(guesses[code], words) if code in guesses else topic_name(code, words)
        rows.append([button(text, to.subtopics(code))])
    return [*rows, *_turning(offset, len(codes), words, to), to.back]


def _turning(offset: int, total: int, words: Words, to: Presses) -> Rows:
    row: list[Button] = []
    if offset > 0:
        row.append(button(words.plain("button.back_page"), to.topics(max(offset - TOPICS, 0))))
    if offset + TOPICS < total:
        row.append(button(words.plain("button.next_page"), to.topics(offset + TOPICS)))
    return [row] if row else []


def which_subtopic(topic: str, prediction: Prediction | None, words: Words, to: Presses) -> Rows:
    """The guessed one first, where it lies under this topic."""
    codes = [one.code for one in rubricator()[topic].subtopics]
    guessed = prediction.subtopic if prediction is not None else ""
    codes.sort(key=lambda code: code != guessed)
    return [
        *([button(subtopic_name(code, words), to.set_topic(code))] for code in codes),
        [button(words.plain("explain.button_no_subtopic"), to.set_topic(topic))],
        [button(words.plain("explain.button_topics"), to.topics(0))],
        to.back,
    ]


def which_kind(words: Words, to: Presses) -> Rows:
    return [
        *([button(words.plain(f"kind.{kind.value}"), to.set_kind(kind))] for kind in Kind),
        to.back,
    ]


def which_place(incident_id: int, territories: Sequence[str], *, queue: bool, words: Words) -> Rows:
    """Where it may be, likeliest first. `queue`: as in handlers.callbacks.triage.PickPlace."""
    write = WritePlace(incident_id=incident_id, queue=queue)
    leave = TriageCard(incident_id=incident_id) if queue else press.Explain(incident_id=incident_id)
    label = words.plain("triage.button_back") if queue else words.plain("explain.button_back")
    return [
        *(
            [button(name, SetTerritory(incident_id=incident_id, mark=mark_of(name), queue=queue))]
            for name in territories
        ),
        [button(words.plain("triage.button_write_place"), write)],
        [button(label, leave)],
    ]


def mark_of(territory: str) -> str:
    """Of a territory's name, which is too long for a button."""
    return hashlib.sha256(territory.encode()).hexdigest()[:8]


def _back(incident: Incident, words: Words) -> list[Button]:
    return [button(words.plain("explain.button_back"), press.Explain(incident_id=incident.id))]


def corrected(incident: Incident, said: Sequence[tuple[LabelField, str]], words: Words) -> Rows:
    """What one may want next: to close what is owed no answer, to give it to the body of its topic."""
    number = incident.id
    closing = {(LabelField.NEEDS_ANSWER, NO), (LabelField.OFFICIAL, YES), (LabelField.SPAM, YES)}
    rows: Rows = []
    if closing & set(said) and allows(incident.status, Step.SKIP):
        skip = press.Skip(incident_id=number)
        is_spam = (LabelField.SPAM, YES) in said
        at_once = press.SkipWhy(incident_id=number, reason=SkipReason.SPAM)
        rows.append([button(words.plain("button.skip"), at_once if is_spam else skip)])
    if LabelField.TOPIC in dict(said) and allows(incident.status, Step.REASSIGN):
        rows.append([button(words.plain("button.reassign"), press.Pick(incident_id=number))])
    show = button(words.plain("button.show", number=number), press.Open(incident_id=number))
    return [*rows, [*_back(incident, words), show]]
