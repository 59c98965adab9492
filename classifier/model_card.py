"""The model card: what the model is, how it was judged, what it must not be used for. Markdown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from classifier.figures import Study
from classifier.report_words import WORDS, question
from classifier.thresholds import NEVER
from models.person import Language


def model_card(
    studies: Sequence[Study],
    *,
    about: Mapping[str, Any],
    names: Mapping[str, Mapping[str, str]] | None = None,
    lang: Language = Language.RU,
) -> str:
    """The card of one model.

    Args:
        studies: one for each question.
        about: what the figures do not know, each of it optional: `model_id`, `made_at`, `sha256`, `data`, `split`,
            `intended_use`, `oversight`, `limits` (a text or a list of them), `versions` (name to version). Where
            `split`, `intended_use`, `oversight` or `limits` is missing, the house's own words stand.
        names: for each question the names of its labels for people.
        lang: of the card.
    """
    return "\n".join(_lines(studies, about, names or {}, lang)) + "\n"


def _lines(
    studies: Sequence[Study], about: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], lang: Language
) -> Iterator[str]:
    words = WORDS[lang]
    yield f"# {words['card']} {_plain(about.get('model_id', ''))}".rstrip()
    facts = [f"- {words[key]}: `{_code(about[key])}`" for key in ("made_at", "sha256") if key in about]
    if facts:
        yield from ("", *facts)
    for key in ("intended_use", "data", "split"):
        if key in about or f"{key}_says" in words:
            yield from ("", f"## {words[key]}", "", *_told(about.get(key, words.get(f"{key}_says"))))
    yield from ("", f"## {words['figures']}", "", words["lead"], "", *_figures(studies, words, lang))
    yield from ("", f"## {words['contract']}")
    for study in studies:
        yield from ("", *_contract(study, names.get(study.figures.name, {}), words, lang))
    for key in ("limits", "oversight"):
        yield from ("", f"## {words[key]}", "", *_told(about.get(key, words[f"{key}_says"])))
    if about.get("versions"):
        yield from ("", f"## {words['versions']}", "")
        yield from (f"- {_plain(name)} {_plain(version)}" for name, version in about["versions"].items())


def _figures(studies: Sequence[Study], words: Mapping[str, str], lang: Language) -> Iterator[str]:
    columns = ("accuracy", "macro_f1", "macro_f1_of_10", "weighted_f1", "top3", "ece", "aurc")
    yield (
        f"| {words['question']} | {words['rows']} | {words['of_labels']} | "
        + " | ".join(words[column] for column in columns)
        + " |"
    )
    yield "|---" * (len(columns) + 3) + "|"
    for study in studies:
        figures = study.figures
        cells = [f"{getattr(figures, column):.3f}" for column in columns]
        head = [_plain(question(figures.name, lang)), str(figures.rows), str(figures.labels)]
        yield "| " + " | ".join([*head, *cells]) + " |"


def _contract(
    study: Study, names: Mapping[str, str], words: Mapping[str, str], lang: Language
) -> Iterator[str]:
    figures, contract = study.figures, study.contract
    yield f"### {_plain(question(figures.name, lang))}"
    yield ""
    reached = words["at_precision"].format(precision=f"{figures.precision:.0%}")
    yield f"{reached}: {figures.at_precision.coverage:.1%}."
    if contract is None:
        yield words["contract_none"]
    else:
        yield words["contract_says"].format(
            halves=contract.halves,
            coverage=f"{contract.coverage:.1%}",
            right=f"{contract.right:.1%}",
            lowest=f"{contract.right_lowest:.1%}",
            precision=f"{contract.precision:.0%}",
        )
    yield from (
        "",
        f"| {words['label']} | {words['rows']} | F1 | {words['threshold']} |",
        "|---|---|---|---|",
    )
    for one in figures.classes:
        lowest = study.thresholds.get(one.label, NEVER)
        told = words["never"] if lowest >= NEVER else f"{lowest:.3f}"
        yield f"| {_plain(names.get(one.label, one.label))} | {one.support} | {one.f1:.2f} | {told} |"


def _told(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield from (f"- {_plain(one)}" for one in value)
    else:
        yield _plain(value)


def _plain(value: Any) -> str:
    """One line in which nothing of Markdown or HTML is left to act."""
    line = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#])", r"\\\1", line)


def _code(value: Any) -> str:
    return " ".join(str(value).split()).replace("`", "'")
