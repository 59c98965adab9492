"""Word forms: those that are meant, and no dictionary before the first word."""

import subprocess
import sys

import pytest

from classifier.forms import WordForms
from incidents.keywords import matches, parse
from tests.conftest import ROOT

FORMS = WordForms()


@pytest.mark.parametrize(
    ("word", "first", "others", "never"),
    [
        ("яма", "яма", {"ямы", "яме", "яму", "ямой", "ям", "ямам", "ямами", "ямах"}, {"ямов"}),
        ("дороги", "дороги", {"дорога", "дорогу", "дорогами"}, {"дорогого", "дороже"}),
        ("Чинить", "чинить", {"чинят", "чинил", "чинили"}, {"чинивший", "чиня"}),
        ("чинивший", "чинивший", {"чинившего", "чинившие"}, {"чинить", "чинящий"}),
        ("стекло", "стекло", {"стекла", "стёкол"}, {"стечь", "стекли"}),
        ("тепло", "тепло", {"тепла", "теплом"}, {"тёплый"}),
        ("течь", "течь", {"течи", "течёт", "текла"}, set()),
        ("ёлка", "ёлка", {"ёлки", "ёлок"}, set()),
        ("елка", "елка", {"ёлка", "ёлки"}, set()),
        ("юго-запад", "юго-запад", {"юго-запада", "юго-западе"}, set()),
        ("люди", "люди", {"людей", "человек"}, set()),
    ],
)
def test_the_forms_of_a_word(word: str, first: str, others: set[str], never: set[str]) -> None:
    found = FORMS(word)
    assert found[0] == first
    assert others <= set(found)
    assert not never & set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("word", ["wifi", "2026", "жкх", "№", "", "💥", "ъъъ"])
def test_what_has_no_forms_is_itself(word: str) -> None:
    assert FORMS(word)[0] == word


def test_a_keyword_is_found_in_the_forms_people_write() -> None:
    keyword = parse('"улица Ленина" яма -игра', forms=FORMS)
    assert matches(keyword, "На улице Ленина снова ямы")
    assert not matches(keyword, "На улице Ленина ямы, как в игре")


def test_importing_it_opens_no_dictionary() -> None:
    code = (
        "import sys, classifier.forms as forms; forms.WordForms(); "
        "print('sklearn' in sys.modules, forms.morphology.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False 0"
