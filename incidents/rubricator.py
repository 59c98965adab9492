"""The rubricator: what residents write about, as short names and a priority each.

The list follows the spheres regions use; which body answers for a topic is decided elsewhere.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from models.kinds import Priority

OTHER: Final = "other"
"""The code of "nobody can tell"; always in the rubricator."""


@dataclass(frozen=True, slots=True)
class Subtopic:
    """A line under a topic; `code` is the full one, "roads.potholes"."""

    code: str
    name_ru: str
    name_en: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the rubricator. Names fit a phone's button (at most 28 characters)."""

    code: str
    name_ru: str
    name_en: str
    priority: Priority
    subtopics: tuple[Subtopic, ...] = ()
    usual_bodies: tuple[str, ...] = ()  # Russian names of who answers for it in most regions, likeliest first


def topic_of(subtopic: str) -> str:
    """The topic a full code of a subtopic lies under; a topic's own code is given back."""
    return subtopic.partition(".")[0]


@cache
def rubricator() -> Mapping[str, Topic]:
    """The topics by code, in the order of the file. Read once."""
    lines = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["topic"]
    return MappingProxyType({line["code"]: _topic(line) for line in lines})


@cache
def subtopics() -> Mapping[str, Subtopic]:
    """Every subtopic by its full code."""
    return MappingProxyType({one.code: one for topic in rubricator().values() for one in topic.subtopics})


def _topic(line: Mapping[str, Any]) -> Topic:
    return Topic(
        code=line["code"],
        name_ru=line["name_ru"],
        name_en=line["name_en"],
        priority=Priority(line["priority"]),
        usual_bodies=tuple(line.get("usual_bodies", ())),
        subtopics=tuple(
            Subtopic(
                code=f"{line['code']}.{sub['code']}",
                name_ru=sub["name_ru"],
                name_en=sub["name_en"],
                priority=Priority(sub.get("priority", line["priority"])),
            )
            for sub in line.get("subtopics", ())
        ),
    )
