"""The rubricator: what residents write about, as short names and a priority each.

The list follows the spheres regions use; which body answers for a topic is decided elsewhere.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from models.kinds import Priority

OTHER: Final = "other"
"""The code of "nobody can tell"; always in the rubricator."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the rubricator. Names fit a phone's button (at most 28 characters)."""

    code: str
    name_ru: str
    name_en: str
    priority: Priority


@cache
def rubricator() -> Mapping[str, Topic]:
    """The topics by code, in the order of the file. Read once."""
    lines = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["topic"]
    topics = (
        Topic(
            code=line["code"],
            name_ru=line["name_ru"],
            name_en=line["name_en"],
            priority=Priority(line["priority"]),
        )
        for line in lines
    )
    return MappingProxyType({topic.code: topic for topic in topics})
