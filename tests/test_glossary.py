"""The glossary says what the bot says."""

import pytest

from handlers.words import catalogue
from models import Kind, Language, Priority, Role, Status, Step
from tests.conftest import ROOT

FAMILIES = {"status": Status, "step": Step, "kind": Kind, "priority": Priority, "role": Role}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_word_of_the_bot_stands_in_the_glossary(family: str) -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    ru, en = catalogue(Language.RU), catalogue(Language.EN)
    for one in FAMILIES[family]:
        key = f"{family}.{one.value}"
        if key in ru:
            assert f"| `{one.value}` | {ru[key]} | {en[key]} |" in text


def test_what_the_glossary_names_in_code_is_there() -> None:
    import models  # noqa: PLC0415 - only this test looks into the package by name

    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## Statuses", maxsplit=1)[0]
    named = [row.split("|")[3].strip().strip("`") for row in lines.splitlines() if row.startswith("| ")][1:]
    for name in named:
        if "/" in name:
            assert (ROOT / name).exists(), name
        elif name not in {"–", "in code"}:
            table, _, column = name.partition(".")
            assert hasattr(models, table), name
            assert not column or hasattr(getattr(models, table), column), name
