import tomllib

from incidents.rubricator import rubricator, subtopics
from tests.conftest import ROOT

CATEGORIES = {str(number) for number in range(17)} - {"12"}  # 12 is the set's own test category


def test_every_topic_of_the_rubricator_has_a_category() -> None:
    told = tomllib.loads((ROOT / "benchmarks" / "appeals_map.toml").read_text(encoding="utf-8"))
    assert set(rubricator()) <= set(told)
    assert set(told) <= {*rubricator(), *subtopics()}
    assert set(told.values()) <= CATEGORIES
