"""What is routed by itself, what waits for a curator, and what of a guess the incident keeps."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from incidents.incoming import FoundPost, Guess, Scored
from incidents.intake import TriageMode, TriageRules, take_in
from models import Incident, Kind, Prediction, Priority, Route, Status
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ON_SQLITE, POTHOLE, Town

pytestmark = ON_SQLITE
SURE = replace(ABOUT_ROADS, topics=(Scored("roads", 0.9),))
FOUND = replace(POTHOLE, community_id="-9")  # of no registered page


async def come(
    town: Town, guess: Guess, *, rules: TriageRules | None = None, found: FoundPost = FOUND
) -> tuple[Incident, Prediction]:
    async with town.database.writing() as session:
        incident = await take_in(session, found, guess, rules=rules or TriageRules(), now=NOON)
        assert incident is not None
    async with town.database.reading() as session:
        prediction = (await session.scalars(select(Prediction))).one()
        return await session.get_one(Incident, incident.id), prediction


NAMED: dict[str, Any] = {"bodies": (Scored("Дороги", 0.97),), "body_threshold": 0.9}


@pytest.mark.parametrize(
    ("changes", "rules", "decision"),
    [
        ({}, TriageRules(), "assigned"),
        ({}, TriageRules(mode=TriageMode.CONFIRM), "curator"),
        ({}, TriageRules(threshold=0.91), "curator"),
        ({"topic_threshold": 0.9}, TriageRules(), "assigned"),
        ({"topic_threshold": 0.91}, TriageRules(), "curator"),
        ({"topic_threshold": 1.01}, TriageRules(threshold=0.0), "curator"),
        ({"topics": (Scored("roads", 0.59),)}, TriageRules(), "curator"),
        # A model learned from the region's own export is sure of the very body the rules name.
        ({"topics": (Scored("roads", 0.5),), **NAMED}, TriageRules(), "assigned"),
        ({"topics": (Scored("roads", 0.5),), **NAMED, "body_threshold": 0.98}, TriageRules(), "curator"),
        ({"topics": (Scored("roads", 0.5),), **NAMED}, TriageRules(threshold=0.9), "curator"),
        ({"topics": (Scored("culture", 0.5),), **NAMED, "spam": True}, TriageRules(), "curator"),
        ({"needs_answer": False}, TriageRules(), "curator"),
        ({"official_reply": True}, TriageRules(), "curator"),
        ({"spam": True}, TriageRules(), "curator"),
        ({"topics": (Scored("culture", 0.99),)}, TriageRules(), "curator"),  # nobody's business
    ],
)
async def test_only_what_is_sure_by_both_rules_is_routed(
    town: Town, changes: dict[str, Any], rules: TriageRules, decision: str
) -> None:
    incident, prediction = await come(town, replace(SURE, **changes), rules=rules)
    assert prediction.decision == decision
    assert incident.status is (Status.ASSIGNED if decision == "assigned" else Status.NEW)


async def test_the_guess_is_kept(town: Town) -> None:
    guess = replace(
        SURE,
        subtopics=(Scored("roads.hatches", 0.8), Scored("roads.snow", 0.1)),
        spam=False,
        owner="municipal",
        topic_threshold=0.7,
    )
    incident, prediction = await come(town, guess)
    assert (incident.topic, incident.subtopic, incident.priority) == (
        "roads",
        "roads.hatches",
        Priority.ACCIDENT,
    )
    assert (prediction.topic, prediction.subtopic, prediction.owner) == (
        "roads",
        "roads.hatches",
        "municipal",
    )
    assert (prediction.spam, prediction.threshold, prediction.outcome) == (False, 0.7, "")


@pytest.mark.parametrize(
    ("changes", "subtopic", "priority"),
    [
        ({}, "", Priority.ORDINARY),
        ({"subtopics": (Scored("roads.snow", 0.5),)}, "roads.snow", Priority.RAISED),
        ({"subtopics": (Scored("roads.gone", 0.5),)}, "", Priority.ORDINARY),
        ({"subtopics": (Scored("housing.lift", 0.5),)}, "", Priority.ORDINARY),
        (
            {"subtopics": (Scored("roads.hatches", 0.5),), "kind": Kind.GRATITUDE},
            "roads.hatches",
            Priority.ORDINARY,
        ),
    ],
)
async def test_the_priority_is_the_subtopics(
    town: Town, changes: dict[str, Any], subtopic: str, priority: Priority
) -> None:
    incident, _ = await come(town, replace(SURE, **changes))
    assert (incident.subtopic, incident.priority) == (subtopic, priority)


@pytest.mark.parametrize(
    ("place", "territory", "found_by"),
    [
        ("Заречье", "", "Заречье"),
        ("улица Ленина", "Заречье", "Заречье"),
        ("Луговое", "Заречье", "Заречье"),
        ("Заречье", "Луговое", "Заречье"),
        ("Луговое", "Луговое", ""),
        ("Зареч\x00ье", "\x00", "Заречье"),
        ("", "", ""),
    ],
)
async def test_a_find_without_a_page_lies_where_its_words_say(
    town: Town, place: str, territory: str, found_by: str
) -> None:
    async with town.database.writing() as session:
        session.add(Route(topic="roads", territory="Заречье", body_id=town.housing))
    incident, _ = await come(town, replace(SURE, place=place, territory=territory))
    assert incident.territory == found_by
    assert incident.body_id == (town.housing if found_by else town.roads)


async def test_the_pages_territory_beats_the_words(town: Town) -> None:
    async with town.database.writing() as session:
        session.add(Route(topic="roads", territory="Заречье", body_id=town.housing))
    incident, _ = await come(town, replace(SURE, territory="Заречье"), found=POTHOLE)
    assert (incident.territory, incident.body_id) == ("Верхнереченск", town.roads)
