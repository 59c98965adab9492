"""The evaluation as one HTML file: nothing is fetched, nothing runs, whatever a label is called."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from classifier import pictures
from classifier.figures import Confusion, Study
from classifier.report_words import WORDS, question
from classifier.thresholds import NEVER, Contract
from models.person import Language

_CONFUSED: Final = 10  # pairs told in words
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6576;--ground:#f5f7fa;--card:#fff;--line:#dde2ea}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#9aa4b5;--ground:#12161d;--card:#1a2029;--line:#2d3543}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:16px}h1{font-size:1.6rem;line-height:1.25;margin:.4em 0}
h2{font-size:1.3rem;margin:1.6em 0 .5em}h3{font-size:1rem;margin:0 0 .3em}
p{margin:.2em 0 .8em;color:var(--soft)}
nav a{display:inline-block;margin:0 12px 8px 0;padding:8px 0;color:inherit}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px;min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(125px,1fr));gap:10px;margin-bottom:14px}
.tile b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:.85rem}svg{display:block;margin:0 auto;height:auto}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:4px 6px;border-top:1px solid var(--line);overflow-wrap:anywhere}
th:not(:first-child),td:not(:first-child){text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
ol{margin:0;padding-left:1.4em;font-size:.85rem;overflow-wrap:anywhere}summary{cursor:pointer;padding:6px 0}
"""

Names = Mapping[str, Mapping[str, str]]
"""For each question the names of its labels for people; a label without one is shown as it is."""


def report_page(
    studies: Sequence[Study],
    *,
    about: Mapping[str, Any] | None = None,
    names: Names | None = None,
    lang: Language = Language.RU,
) -> str:
    """The page in one language.

    Args:
        studies: one for each question, in the order they are shown.
        about: what else to tell of the model (see `model_card`), word and value.
        names: of labels, see `Names`.
        lang: of the page.
    """
    words = WORDS[lang]
    links = "".join(
        f'<a href="#q{number}">{escape(question(study.figures.name, lang))}</a>'
        for number, study in enumerate(studies)
    )
    parts = "".join(
        part
        for number, study in enumerate(studies)
        for part in _question(study, number, (names or {}).get(study.figures.name, {}), lang)
    )
    return (
        f'<!doctype html><html lang="{lang.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(words['title'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(words['title'])}</h1><p>{escape(words['lead'])}</p><nav>{links}</nav>"
        f"{_about(about or {}, words)}{parts}</main></body></html>\n"
    )


def _about(about: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if not about:
        return ""
    lines = "".join(
        f"<tr><td>{escape(words.get(key, key))}</td><td>{escape(_told(value))}</td></tr>"
        for key, value in about.items()
    )
    return f"<details class=card><summary>{escape(words['about'])}</summary><table>{lines}</table></details>"


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_told, value))
    return str(value)


def _question(study: Study, number: int, names: Mapping[str, str], lang: Language) -> Iterator[str]:
    words, figures = WORDS[lang], study.figures
    title = f"{question(figures.name, lang)}: {figures.rows} {words['rows']}, {figures.labels} {words['of_labels']}"
    yield f'<section id="q{number}"><h2>{escape(title)}</h2>{_tiles(study, words)}<div class=grid>'
    yield _card(
        words["reliability"],
        words["reliability_says"],
        pictures.reliability(
            figures.bins, title=words["reliability"], across=words["promised"], up=words["came_true"]
        ),
    )
    yield _card(
        words["risk"],
        words["risk_says"].format(precision=f"{figures.precision:.0%}"),
        pictures.risk_coverage(
            figures.curve,
            precision=figures.precision,
            reached=figures.at_precision,
            title=words["risk"],
            across=words["covered"],
            up=words["right"],
        ),
    )
    yield _card(words["contract"], *_contract(study.contract, names, words))
    yield _card(words["thresholds"], words["thresholds_says"], _thresholds(study, names, words))
    yield _card(
        words["classes"],
        words["classes_says"],
        pictures.class_bars(figures.classes, names=names, title=words["classes"], rows_word=words["rows"]),
    )
    yield _card(
        words["confusion"],
        words["confusion_says"],
        pictures.confusion_map(
            figures.confusion, names=names, title=words["confusion"], elsewhere=words["elsewhere"]
        ),
        _confused(figures.confusion, names, words),
    )
    for side, parts in study.slices.items():
        picture = pictures.slice_bars(parts, names={}, title=words[side], rows_word=words["rows"])
        yield _card(words[side], words["slices_says"], picture)
    yield "</div></section>"


def _tiles(study: Study, words: Mapping[str, str]) -> str:
    figures = study.figures
    tiles = [
        (f"{figures.accuracy:.1%}", words["accuracy"]),
        (
            f"{figures.at_precision.coverage:.0%}",
            words["at_precision"].format(precision=f"{figures.precision:.0%}"),
        ),
        (f"{figures.macro_f1:.3f}", words["macro_f1"]),
        (f"{figures.macro_f1_of_10:.3f}", f"{words['macro_f1_of_10']} ({figures.labels_of_10})"),
        (f"{figures.weighted_f1:.3f}", words["weighted_f1"]),
        (f"{figures.top3:.1%}", words["top3"]),
        (f"{figures.ece:.3f}", words["ece"]),
        (f"{figures.aurc:.3f}", words["aurc"]),
    ]
    inside = "".join(
        f'<div class="card tile"><b>{value}</b><span>{escape(name)}</span></div>' for value, name in tiles
    )
    return f"<div class=tiles>{inside}</div>"


def _card(title: str, says: str, *parts: str) -> str:
    return f"<div class=card><h3>{escape(title)}</h3><p>{escape(says)}</p>{''.join(parts)}</div>"


def _contract(
    contract: Contract | None, names: Mapping[str, str], words: Mapping[str, str]
) -> tuple[str, str]:
    if contract is None:
        return words["contract_none"], ""
    says = words["contract_says"].format(
        halves=contract.halves,
        coverage=f"{contract.coverage:.1%}",
        right=f"{contract.right:.1%}",
        lowest=f"{contract.right_lowest:.1%}",
        precision=f"{contract.precision:.0%}",
    )
    rows = [(names.get(one.label, one.label), str(one.taken), f"{one.right:.1%}") for one in contract.classes]
    table = _table((words["label"], words["taken"], words["accuracy"]), rows)
    return says, f"<details><summary>{escape(words['contract_classes'])}</summary>{table}</details>"


def _thresholds(study: Study, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    rows = [
        (names.get(label, label), words["never"] if lowest >= NEVER else f"{lowest:.3f}")
        for label, lowest in sorted(study.thresholds.items(), key=lambda pair: pair[1])
    ]
    shown = [row for row in rows if row[1] != words["never"]]
    never = [row for row in rows if row[1] == words["never"]]
    hidden = (
        f"<details><summary>{escape(words['never'])}: {len(never)}</summary>{_table((), never)}</details>"
        if never
        else ""
    )
    return (_table((words["label"], words["threshold"]), shown) if shown else "") + hidden


def _confused(confusion: Confusion, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    pairs = [
        (rows, names.get(truth, truth), names.get(guess, guess))
        for truth, line in zip(confusion.labels, confusion.counts, strict=True)
        for guess, rows in zip(confusion.labels, line, strict=True)
        if rows and guess != truth
    ]
    worst = sorted(pairs, key=lambda pair: -pair[0])[:_CONFUSED]
    lines = "".join(f"<li>{escape(truth)} → {escape(guess)}: {rows}</li>" for rows, truth, guess in worst)
    return (
        f"<details><summary>{escape(words['confused'])}</summary><ol>{lines}</ol></details>" if worst else ""
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{top}</tr>' if top else ''}{lines}</table>"
