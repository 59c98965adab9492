"""/explain as a person reads it: what the classifier said, the words that decided, and who routed it and why. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.cards import subject, subtopic_name, topic_name
from handlers.excerpts import line
from handlers.rules_words import why_noted
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.deciding import Decided, Why
from incidents.incoming import Explanation, Reason, Scored
from incidents.labels import NO, YES
from incidents.rubricator import topic_of
from models import Incident, LabelField, Prediction

_OPENING: Final = 90  # UTF-16 units of the resident's text
_NAME: Final = 60
_WORD: Final = 24
_WORDS: Final = 5
_FEWER: Final = 3  # where the answer is a yes or no, or seldom asked about
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer of the classifier: as it is compared, as it is read, and how sure."""

    value: str
    text: str
    confidence: float | None


def explanation(decided: Decided, explained: Explanation | None, reader: Reader) -> Html:
    """The whole screen. `explained`: None where the words cannot be had, and the screen says so."""
    words, incident = reader.words, decided.view.incident
    head: list[str] = [words("explain.head", number=incident.id)]
    if incident.merged_into_id is not None:
        return words("explain.merged", number=incident.id, into=incident.merged_into_id)
    if decided.text.strip():
        head.append(words("explain.text", text=line(decided.text, _OPENING)))
    prediction = decided.prediction
    if prediction is None:
        return Html("\n".join([*head, "", words("explain.nothing")]))
    said = [
        *_topic(decided, prediction, explained, words),
        *_kind(decided, prediction, explained, words),
        *_needs_answer(decided, prediction, explained, words),
        *_flags(decided, prediction, explained, words),
        *_place(prediction, explained, words),
        *_body(decided, explained, words),
    ]
    same = _same_model(prediction, explained)
    why = decided.why(explained.guess if explained and same else None)
    model = words("explain.model", model=line(prediction.model_id, _NAME), at=reader.day(prediction.at))
    tail: list[str] = [_why(why, decided, prediction, words), model]
    if explained is not None and not same:
        tail.append(words("explain.other_model", model=line(explained.guess.model_id, _NAME)))
    return Html("\n".join([*head, "", *said, "", *tail, *_missing(decided, explained, words)]))


def _same_model(prediction: Prediction, explained: Explanation | None) -> bool:
    return explained is not None and explained.guess.model_id == prediction.model_id


def _missing(decided: Decided, explained: Explanation | None, words: Words) -> list[str]:
    if not decided.text.strip():
        return [words("explain.no_text")]
    return [words("explain.legend")] if explained is not None else [words("explain.no_words")]


# -- one question after another


def _topic(
    decided: Decided, prediction: Prediction, explained: Explanation | None, words: Words
) -> list[str]:
    """The topic and, where one was named, the subtopic."""
    code, confidence = prediction.topics[0]
    said = _Answer(code, topic_name(code, words), confidence)
    best = explained.guess.topic if explained is not None else None
    today = _Answer(best.value, topic_name(best.value, words), best.confidence) if best else None
    lines = _question("topic", said, today, _reasons(explained, "topic", _WORDS), words)
    lines += _subtopic(prediction, explained, words)
    now = decided.view.incident
    if (now.topic, now.subtopic or "") != (code, prediction.subtopic or ""):
        lines.append(words("explain.now", value=subject(now.topic, now.subtopic, words)))
    return lines


def _subtopic(prediction: Prediction, explained: Explanation | None, words: Words) -> list[str]:
    """Where the model says another one today, its words are left out: they tell nothing of this one."""
    code = prediction.subtopic
    if not code:
        return []
    best = explained.guess.subtopics[0] if explained is not None and explained.guess.subtopics else None
    is_same = best is not None and best.value == code
    said = _Answer(code, subtopic_name(code, words), best.confidence if best and is_same else None)
    reasons = _reasons(explained, "subtopic", _FEWER) if is_same else []
    return _question("subtopic", said, None, reasons, words)


def _kind(decided: Decided, prediction: Prediction, explained: Explanation | None, words: Words) -> list[str]:
    said = _Answer(prediction.kind.value, words.name("kind", prediction.kind), prediction.kind_confidence)
    today = None
    if explained is not None:
        guess = explained.guess
        today = _Answer(guess.kind.value, words.name("kind", guess.kind), guess.kind_confidence)
    lines = _question("kind", said, today, _reasons(explained, "kind", _FEWER), words)
    now = decided.view.incident.kind
    return lines if now is prediction.kind else [*lines, words("explain.now", value=words.name("kind", now))]


def _needs_answer(
    decided: Decided, prediction: Prediction, explained: Explanation | None, words: Words
) -> list[str]:
    said = _yes_or_no("needs", prediction.needs_answer, prediction.needs_answer_confidence, words)
    today = None
    if explained is not None:
        guess = explained.guess
        today = _yes_or_no("needs", guess.needs_answer, guess.needs_answer_confidence, words)
    lines = _question("answer", said, today, _reasons(explained, "needs_answer", _FEWER), words)
    now = decided.told.get(LabelField.NEEDS_ANSWER, said.value)
    return lines if now == said.value else [*lines, words("explain.now", value=_flag("needs", now, words))]


def _yes_or_no(family: str, value: bool, confidence: float | None, words: Words) -> _Answer:  # noqa: FBT001 - the answer itself
    code = YES if value else NO
    return _Answer(code, _flag(family, code, words), confidence)


def _flag(family: str, code: str, words: Words) -> str:
    return words.plain(f"explain.flag.{family}_{code}")


def _flags(
    decided: Decided, prediction: Prediction, explained: Explanation | None, words: Words
) -> list[str]:
    """Who speaks, where it is no resident: said only where the classifier or a person says so."""
    guess = explained.guess if explained is not None and _same_model(prediction, explained) else None
    said: dict[str, float | None] = {}
    if prediction.spam:
        said["spam"] = guess.spam_confidence if guess is not None else None
    if guess is not None and guess.official_reply:
        said["official"] = guess.official_confidence
    is_so = _flag("is", YES, words)
    lines: list[str] = [_line(name, _Answer(YES, is_so, sure), words) for name, sure in said.items()]
    if said and guess is not None:
        lines += _told_words(_reasons(explained, "voice", _FEWER), words)
    for field in (LabelField.SPAM, LabelField.OFFICIAL):
        if field in decided.told:
            title = words.plain(f"explain.title.{field.value}")
            value = _flag("is", decided.told[field], words)
            lines.append(words("explain.told", title=title, value=value))
    return lines


def _place(prediction: Prediction, explained: Explanation | None, words: Words) -> list[str]:
    if not prediction.place:
        return []
    sure = None
    if explained is not None and explained.guess.place == prediction.place:
        sure = explained.guess.place_confidence
    return [_line("place", _Answer("", line(prediction.place, _NAME), sure), words)]


def _body(decided: Decided, explained: Explanation | None, words: Words) -> list[str]:
    if not decided.bodies:
        return [words("explain.no_body", title=words.plain("explain.title.body"))]
    body, confidence = decided.bodies[0]
    lines: list[str] = [_line("body", _Answer("", line(body.name, _NAME), confidence), words)]
    if decided.rule is not None:
        lines.append(words("explain.rule", why=why_noted(decided.rule, body, words)))
    elif decided.by_keyword:
        lines.append(words("explain.by_keyword"))
    return [*lines, *_told_words(_reasons(explained, "body", _FEWER), words)]


# -- lines


def _question(
    name: str, said: _Answer, today: _Answer | None, reasons: Sequence[Reason], words: Words
) -> list[str]:
    """The answer and its words; words of another answer stand under that one."""
    lines: list[str] = [_line(name, said, words)]
    if today is not None and today.value != said.value:
        lines.append(words("explain.today", value=today.text, sure=_sure(today.confidence, words)))
    return [*lines, *_told_words(reasons, words)]


def _line(name: str, answer: _Answer, words: Words) -> Html:
    title = words.plain(f"explain.title.{name}")
    return words("explain.line", title=title, value=answer.text, sure=_sure(answer.confidence, words))


def _sure(confidence: float | None, words: Words) -> str:
    return "" if confidence is None else words.plain("explain.sure", percent=_percent(confidence))


def _percent(confidence: float) -> int:
    """Rounded down: what is below a threshold must not look as if it had reached it."""
    return math.floor(confidence * 100 + _ROUNDING)


def _reasons(explained: Explanation | None, question: str, limit: int) -> list[Reason]:
    found = explained.words.get(question, ()) if explained is not None else ()
    return [one for one in found if one.weight and one.word.strip()][:limit]


def _told_words(reasons: Sequence[Reason], words: Words) -> list[str]:
    shown = [f"{'+' if one.weight > 0 else '−'}{line(one.word, _WORD)}" for one in reasons]
    return [words("explain.words", words=" ".join(shown))] if shown else []


def _why(why: Why, decided: Decided, prediction: Prediction, words: Words) -> Html:
    needed = math.ceil(prediction.threshold * 100 - _ROUNDING)
    topic = _percent(prediction.topics[0][1])
    body = _percent(decided.bodies[0][1]) if decided.bodies else 0
    return words(f"explain.why.{why.value}", topic=topic, body=body, needed=needed)


# -- for the menus and the history


def best_topics(prediction: Prediction | None) -> list[Scored]:
    """What the classifier took it for, best first."""
    return [Scored(code, confidence) for code, confidence in prediction.topics] if prediction else []


def guess_label(scored: Scored, words: Words) -> str:
    return words.plain(
        "explain.guess", topic=topic_name(scored.value, words), percent=_percent(scored.confidence)
    )


def standing_subject(incident: Incident, words: Words) -> str:
    return subject(incident.topic, incident.subtopic, words)


def label_text(field: LabelField, value: str, words: Words) -> str:
    """What a person said of an incident: "тема: Дороги · Ямы"."""
    if field in {LabelField.TOPIC, LabelField.SUBTOPIC}:
        title, shown = "topic", subject(topic_of(value), value if "." in value else "", words)
    elif field is LabelField.KIND:
        title, shown = "kind", words.name("kind", value)
    elif field is LabelField.NEEDS_ANSWER:
        title, shown = "answer", _flag("needs", value, words)
    elif field in {LabelField.TERRITORY, LabelField.PLACE}:
        title, shown = field.value, value
    else:
        title, shown = field.value, _flag("is", value, words)
    return words.plain("explain.label", title=words.plain(f"explain.title.{title}"), value=shown)
