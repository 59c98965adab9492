"""`train`, `classify`, `evaluate`: what an operator can do with models. Needs no settings, no token, no database."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FAULT = 2
_CACHE = Path("data/classifier")
_COLUMNS = {
    "text": "the messages",
    "group": "groups of topics",
    "topic": "topics",
    "body": "responsible bodies",
    "territory": "municipalities",
    "network": "social networks",
    "date": "dates of publication",
}


def add_model_commands(commands: Any) -> None:
    """The three commands, to the others."""
    train = commands.add_parser(
        "train",
        help="learn topics and bodies from your region's own labelled export",
        description="Learns from a CSV or XLSX of labelled messages, together with the shipped corpus. The model is "
        "judged on messages it has not seen, and the folder holds the model, a page and a card of its worth. Columns "
        "of «Инцидент Менеджмент» exports are known by their usual names.",
    )
    _add_export(train)
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the model")
    train.set_defaults(do=_train)

    classify = commands.add_parser("classify", help="judge the texts of a table: one JSON object a line")
    classify.add_argument("file", type=Path, help="CSV or XLSX")
    classify.add_argument("--text", metavar="COLUMN", help="the column of the texts")
    classify.add_argument("--json", type=Path, required=True, metavar="OUT", help="where to write the lines")
    classify.add_argument(
        "--model", type=Path, metavar="DIR", help="a folder that `train` wrote; else the shipped one"
    )
    _add_cache(classify)
    classify.set_defaults(do=_classify)

    evaluate = commands.add_parser(
        "evaluate",
        help="how good the classifier is, as a page with pictures, a card and JSON",
        description="Without --data: the shipped classifier on rows of its corpus that it had not seen. With --data: "
        "what a model learned from your export is worth on messages it had not seen; with --map: the shipped "
        "classifier against your labels; with --model: a model you have, on messages it must not have learned from.",
    )
    _add_export(evaluate, required=False)
    evaluate.add_argument("--model", type=Path, metavar="DIR", help="a folder that `train` wrote")
    evaluate.add_argument(
        "--map",
        type=Path,
        metavar="TOML",
        help="our topics and subtopics → the labels of --group: see benchmarks/",
    )
    evaluate.add_argument(
        "--out", type=Path, default=Path("data/evaluation"), metavar="DIR", help="folder for the pages"
    )
    _add_cache(evaluate)
    evaluate.set_defaults(do=_evaluate)


def _add_export(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument(
        "--data", type=Path, required=required, metavar="FILE", help="CSV or XLSX of labelled messages"
    )
    for field, what in _COLUMNS.items():
        parser.add_argument(f"--{field}", metavar="COLUMN", help=f"the column of {what}")


def _add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache",
        type=Path,
        default=_CACHE,
        metavar="DIR",
        help=f"folder of the shipped model (default: {_CACHE})",
    )


def _columns(chosen: argparse.Namespace) -> dict[str, str]:
    return {field: getattr(chosen, field) for field in _COLUMNS if getattr(chosen, field)}


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _train(chosen: argparse.Namespace) -> int:
    from bot.classifying import train  # noqa: PLC0415

    return _done(lambda: train(chosen.data, chosen.out, columns=_columns(chosen), tell=_tell))


def _classify(chosen: argparse.Namespace) -> int:
    from bot.classifying import classify  # noqa: PLC0415

    return _done(
        lambda: classify(
            chosen.file,
            chosen.json,
            column=chosen.text,
            model=chosen.model,
            cache_dir=chosen.cache,
            tell=_tell,
        )
    )


def _evaluate(chosen: argparse.Namespace) -> int:
    from bot.evaluating import evaluate  # noqa: PLC0415

    return _done(
        lambda: evaluate(
            chosen.out,
            data=chosen.data,
            columns=_columns(chosen),
            model=chosen.model,
            mapped=chosen.map,
            cache_dir=chosen.cache,
            tell=_tell,
        )
    )


def _done(work: Callable[[], str]) -> int:
    from bot.classifying import CannotClassify  # noqa: PLC0415

    try:
        words = work()
    except CannotClassify as error:
        _tell(str(error))
        return _FAULT
    sys.stdout.write(words + "\n")
    return 0
