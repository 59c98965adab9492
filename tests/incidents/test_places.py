"""Where an incident is: which territories are offered, what was written, and whose word it was."""

import pytest
from sqlalchemy import select

from incidents import finding
from incidents.correcting import Correction, correct
from incidents.errors import AlreadySo
from incidents.offering import offered
from incidents.places import known_territories, likeliest, likely_territories, split_place
from incidents.teaching import training_rows
from models import Body, Community, Incident, Label, LabelField, Route
from tests.conftest import NOON
from tests.incidents.conftest import Arrive, Town
from tests.incidents.steps import reload

KNOWN = {"Верхнереченск": 9, "Заречный район": 1, "Красное": 5, "Красногорский округ": 2}


def test_what_the_text_names_comes_first_then_the_page_then_the_most_frequent() -> None:
    assert likeliest(KNOWN, text="яма в Заречном!", page="Красногорский округ", present="") == [
        "Заречный район",
        "Красногорский округ",
        "Верхнереченск",
        "Красное",
    ]


def test_the_one_that_stands_there_is_not_offered_and_no_more_than_six_are() -> None:
    many = {f"Село {letter}" * 2: 0 for letter in "абвгдежз"}
    assert len(likeliest(many, text="", page="", present="")) == 6
    assert "Красное" not in likeliest(KNOWN, text="", page="", present="Красное")


@pytest.mark.parametrize("text", ["", "район", "округ и поселение", "\x00\u202e", "а" * 16000])
def test_a_kind_of_territory_is_no_name(text: str) -> None:
    assert likeliest(KNOWN, text=text, page="", present="")[0] == "Верхнереченск"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("красное", ("Красное", None)),
        (" КРАСНОЕ , ул.  Садовая, 5 ", ("Красное", "ул. Садовая, 5")),
        ("ул. Садовая, 5", (None, "ул. Садовая, 5")),
        ("Красное,", ("Красное", None)),
        ("Неведомо", (None, "Неведомо")),
    ],
)
def test_what_is_written_is_a_known_territory_and_a_place(
    written: str, meant: tuple[str | None, str | None]
) -> None:
    assert split_place(written, KNOWN) == meant


async def test_what_is_known_and_likely(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    async with town.database.writing() as session:
        session.add(Route(topic="roads", territory="Заречный", body_id=town.housing))
        session.add(Community(network="vk", native_id="-7", territory="Красное", added_at=NOON))
        await session.flush()
        assert await known_territories(session) == {"Верхнереченск": 1, "Заречный": 0, "Красное": 0}
        found = await likely_territories(session, incident)
        assert found == ["Заречный", "Красное"]


async def test_who_set_it_right_is_kept_and_the_bodies_follow(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    async with town.database.writing() as session:
        session.add(Route(topic="roads", territory="Заречный", body_id=town.housing))
    place = "улица " + "Очень длинная " * 30
    async with town.database.writing() as session:
        correction = Correction(territory="Заречный", place=place + "\x00\u202e")
        await correct(session, correction, incident_id=incident.id, actor=town.vera, now=NOON)
    after = await reload(town, incident.id)
    assert (after.territory, after.place) == ("Заречный", place[:200])
    async with town.database.reading() as session:
        labels = list(await session.scalars(select(Label).order_by(Label.id)))
        assert [(one.field, one.official_id) for one in labels] == [
            (LabelField.TERRITORY, town.vera.official_id),
            (LabelField.PLACE, town.vera.official_id),
        ]
        bodies = await offered(session, await finding.view(session, incident.id))
        assert [body.code for body in bodies] == ["housing", "roads"]
        lessons = await training_rows(session, since=NOON.replace(year=2000), until=NOON.replace(year=2100))
        assert lessons.rows == []  # nobody learns where
    async with town.database.writing() as session:
        with pytest.raises(AlreadySo):
            await correct(session, correction, incident_id=incident.id, actor=town.vera, now=NOON)


async def test_a_body_that_lost_its_chat_is_not_offered(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    async with town.database.writing() as session:
        (await session.get_one(Body, town.roads)).is_active = False
    async with town.database.reading() as session:
        assert (await session.get_one(Incident, incident.id)).id == incident.id
        assert await offered(session, await finding.view(session, incident.id)) == []
