"""`python -m bot train` and `classify`: a region's own model, and a table of texts judged by one."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from classifier.exports import ExportUnreadable, read_export, texts_of
from classifier.model import BODY, EXPORT_GROUP, EXPORT_TOPIC, Model, ModelUnreadable, save
from classifier.opening import load_folder, open_shipped
from classifier.place import PlaceFinder
from classifier.reading import ModelClassifier, ranked
from incidents.incoming import Guess, Scored
from incidents.rubricator import rubricator

Tell = Callable[[str], None]
_AT_ONCE: Final = 512
_TOLD_EVERY: Final = 20_000
_DIGITS: Final = 4


class CannotClassify(Exception):
    """The file or the model cannot be used; the words say what to do."""


def train(
    data: Path,
    out: Path,
    *,
    columns: Mapping[str, str],
    tell: Tell,
) -> str:
    """Learn a region's labels from its export, judge them on messages put aside, write the model. The last words.

    Raises:
        CannotClassify: the export cannot be read, teaches nothing, or the folder cannot be written.
    """
    from classifier import calibration  # noqa: PLC0415
    from classifier.learned import TooLittle, learn_export  # noqa: PLC0415  # scikit-learn: 1.5 s
    from classifier.reports import write_reports  # noqa: PLC0415

    started = time.monotonic()
    try:
        rows = read_export(data, columns=columns)
        learned = learn_export(rows, calibration=calibration.read(), tell=tell)
        write_reports(
            out,
            learned.held_out,
            about={**learned.model.about, "model_id": learned.model.model_id},
            groups=learned.groups,
        )
        save(learned.model, out)
    except (ExportUnreadable, TooLittle) as error:
        raise CannotClassify(str(error)) from error
    except OSError as error:
        raise CannotClassify(f"{out} cannot be written: {error.strerror or error}") from error
    lines = [
        f"{held_out.name}: {len(held_out.labels)} labels, right {held_out.accuracy:.1%} on messages it had not seen"
        for held_out in learned.held_out.values()
    ]
    took = time.monotonic() - started
    return "\n".join(
        [*lines, f"{learned.model.model_id} is in {out} ({took:.0f} s); what it is worth: {out}/index.html"]
    )


def classify(
    file: Path,
    out: Path,
    *,
    column: str | None,
    model: Path | None,
    cache_dir: Path,
    tell: Tell,
) -> str:
    """Judge every text of a table; one JSON object a line, in the table's order. The last words.

    Raises:
        CannotClassify: the table or the model cannot be read, or `out` cannot be written.
    """
    try:
        texts = texts_of(file, column=column)
        learned = load_folder(model) if model is not None else None
    except (ExportUnreadable, ModelUnreadable) as error:
        raise CannotClassify(str(error)) from error
    reader = ModelClassifier(learned or open_shipped(cache_dir), PlaceFinder())
    started = time.monotonic()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8") as written:
            for number, line in enumerate(_lines(reader, learned, texts), start=1):
                written.write(line + "\n")
                if number % _TOLD_EVERY == 0:
                    tell(f"{number} of {len(texts)}")
    except OSError as error:
        raise CannotClassify(f"{out} cannot be written: {error.strerror or error}") from error
    took = time.monotonic() - started
    return f"{len(texts)} texts in {took:.1f} s by {reader.model_id}: {out}"


def _lines(reader: ModelClassifier, learned: Model | None, texts: Sequence[str]) -> Iterator[str]:
    for at in range(0, len(texts), _AT_ONCE):
        some = texts[at : at + _AT_ONCE]
        guesses = reader.classify(some)
        own = _own_words(learned, some) if learned is not None else [{}] * len(some)
        for guess, words in zip(guesses, own, strict=True):
            yield json.dumps(_told(guess, words), ensure_ascii=False)


def _own_words(model: Model, texts: Sequence[str]) -> list[dict[str, tuple[Scored, ...]]]:
    """What a learned model says in the words of its export, a dictionary a text."""
    answers, _ = model.judge(texts)
    found: list[dict[str, tuple[Scored, ...]]] = [{} for _ in texts]
    for name in (EXPORT_GROUP, EXPORT_TOPIC, BODY):
        if name in answers:
            for words, best in zip(found, ranked(model.heads[name].labels, answers[name]), strict=True):
                words[name] = best
    return found


def _told(guess: Guess, own: Mapping[str, tuple[Scored, ...]]) -> dict[str, Any]:
    """One line of the answer. Without a learned model group and topic are codes of the rubricator."""
    group = own.get(EXPORT_GROUP, guess.topics)[0]
    topic = own[EXPORT_TOPIC][0] if EXPORT_TOPIC in own else (guess.subtopics or guess.topics)[0]
    bodies = own.get(BODY) or _usual(guess)
    return {
        "kind": guess.kind.value,
        "needs_answer": guess.needs_answer,
        "official_reply": guess.official_reply,
        "spam": guess.spam,
        "group": group.value,
        "topic": topic.value,
        "place": guess.place,
        "bodies": [one.value for one in bodies],
        "confidence": {
            "kind": _rounded(guess.kind_confidence),
            "needs_answer": _rounded(guess.needs_answer_confidence),
            "official_reply": _rounded(max(guess.official_confidence, 1 - guess.official_confidence)),
            "spam": _rounded(max(guess.spam_confidence, 1 - guess.spam_confidence)),
            "group": _rounded(group.confidence),
            "topic": _rounded(topic.confidence),
            "place": _rounded(guess.place_confidence),
            "bodies": [_rounded(one.confidence) for one in bodies],
        },
    }


def _usual(guess: Guess) -> tuple[Scored, ...]:
    """Who answers for the likeliest topics in most regions, where no region has taught us its own bodies."""
    sure: dict[str, float] = {}
    for topic in guess.topics:
        for body in rubricator()[topic.value].usual_bodies:
            sure[body] = sure.get(body, 0.0) + topic.confidence / 2
    best = sorted(sure.items(), key=lambda one: -one[1])[:3]
    return tuple(Scored(body, min(confidence, 1.0)) for body, confidence in best)


def _rounded(value: float) -> float:
    return round(value, _DIGITS)
