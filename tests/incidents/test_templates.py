"""Templates: whose they are, what fills them, and that an old version is never lost."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from incidents import templates
from incidents.blanks import EMPTY, BlanksLeft, UnknownBlank, check, fill, working_day_after
from incidents.body_settings import SignatureTooLong, body_to_sign_for, set_approval, set_signature
from incidents.calendars import Calendar
from incidents.drafting import draft_from_template, with_signature
from incidents.errors import NoSuchBody, NotAllowed, NotYours
from incidents.people import Actor, NotYourBody, actor_of
from incidents.templates import TemplateGone, TemplateNameTaken, TemplateTooLong, TemplateUnclear
from models import Answer, AnswerState, AuditEntry, Body, Incident, Membership, Prompt, Role, Template
from models.database import Database
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, Arrive, Town
from tests.incidents.steps import accept, draft, send

WALL = Calendar()


@pytest.fixture
async def chief(town: Town) -> Actor:
    """Carol coordinates roads."""
    async with town.database.writing() as session:
        session.add(
            Membership(
                official_id=town.carol.official_id,
                role=Role.COORDINATOR,
                body_id=town.roads,
                granted_at=NOON,
            )
        )
        await session.flush()
        actor = await actor_of(session, town.carol.telegram_id)
    assert actor is not None
    return actor


async def add(database: Database, actor: Actor, body_id: int | None, words: str, topic: str = "") -> int:
    async with database.writing() as session:
        made = await templates.add(session, body_id=body_id, topic=topic, words=words, actor=actor, now=NOON)
        return made.id


def test_blanks_are_filled_in_one_go() -> None:
    values = {"number": "17", "place": "{official}, ул. Мира", "official": "Анна"}
    text = "№ {number}: {place}. До {date+3}, сегодня {date}. {body} {official}"
    friday = date(2026, 11, 20)
    assert fill(text, values, today=friday, calendar=WALL) == (
        f"№ 17: {{official}}, ул. Мира. До 25.11.2026, сегодня 20.11.2026. {EMPTY} Анна"
    )


def test_working_days_pass_over_what_is_closed() -> None:
    office = Calendar(kind="working", hours={"mon": ("09:00-18:00",), "thu": ("09:00-18:00",)})
    assert working_day_after(date(2026, 11, 20), 3, office) == date(2026, 11, 30)
    assert working_day_after(date(2026, 11, 20), 1, WALL) == date(2026, 11, 23)


@pytest.mark.parametrize("text", ["{имя}", "{Number}", "{date+0}", "{date+100}", "{date-1}", "{}", "{a b}"])
def test_an_unknown_blank_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(UnknownBlank) as refused:
        check(f"Здравствуйте! {text}")
    assert refused.value.blank == text
    assert refused.value.known == ("{number} {date} {date+3} {place} {topic} {body} {signature} {official}")


def test_every_known_blank_is_taken() -> None:
    check("{number} {date} {date+3} {date+15} {place} {topic} {body} {signature} {official}")
    check("скобки } и { порознь")


@given(st.text(), st.text())
def test_what_fills_a_blank_is_never_read_as_one(text: str, value: str) -> None:
    filled = fill("{place}", {"place": value}, today=date(2026, 1, 1), calendar=WALL)
    assert filled == (value.strip() or EMPTY)
    fill(text, {}, today=date(2026, 1, 1), calendar=WALL)


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("Починим.", "Починим.\n\nС уважением, Минтранс"),
        ("Починим.\n\nС уважением,  минтранс", "Починим.\n\nС уважением,  минтранс"),
        ("", ""),
        (" \n", " \n"),
    ],
)
def test_a_signature_stands_once(text: str, signed: str) -> None:
    once = with_signature(text, "С уважением, Минтранс")
    assert once == signed
    assert with_signature(once, "С уважением, Минтранс") == signed
    assert with_signature(text, "") == text


async def test_a_changed_template_is_a_new_row_and_the_old_one_is_kept(town: Town, chief: Actor) -> None:
    first = await add(town.database, chief, town.roads, "  Яма \n Заделаем до {date+3}. ", "roads")
    async with town.database.writing() as session:
        changed = await templates.change(
            session,
            template_id=first,
            words="Яма\nЗаделаем до {date+5}.",
            actor=chief,
            now=NOON + timedelta(hours=1),
        )
        assert (changed.version, changed.topic, changed.body_id) == (2, "roads", town.roads)
    with pytest.raises(TemplateGone):
        async with town.database.writing() as session:
            await templates.change(session, template_id=first, words="Яма\nт", actor=chief, now=NOON)
    async with town.database.reading() as session:
        rows = list(await session.scalars(select(Template).order_by(Template.id)))
        assert [(row.name, row.text, row.version, row.is_active) for row in rows] == [
            ("Яма", "Заделаем до {date+3}.", 1, False),
            ("Яма", "Заделаем до {date+5}.", 2, True),
        ]
    async with town.database.writing() as session:
        await templates.switch_off(session, template_id=rows[1].id, actor=chief)
    async with town.database.reading() as session:
        assert await templates.page(session, body_id=town.roads, limit=10, offset=0) == ([], 0)
    again = await add(town.database, chief, town.roads, "Яма\nИначе.", "roads")
    async with town.database.reading() as session:
        assert (await session.get_one(Template, again)).version == 3


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("Одна строка", TemplateUnclear),
        ("\n\nтекст", TemplateUnclear),
        (" \x00", TemplateUnclear),
        ("н" * 61 + "\nтекст", TemplateTooLong),
        ("имя\n" + "т" * 3001, TemplateTooLong),
        ("имя\n{улица}", UnknownBlank),
    ],
)
async def test_a_template_that_is_none_is_refused(
    town: Town, chief: Actor, words: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await add(town.database, chief, town.roads, words)


async def test_whose_templates_a_person_keeps(town: Town, chief: Actor) -> None:
    assert templates.scopes(town.vera) == [templates.COMMON]
    assert templates.scopes(chief) == [town.roads]
    assert templates.scopes(town.anna) == []
    common = await add(town.database, town.vera, None, "Общий\nт")
    await add(town.database, chief, town.roads, "Общий\nт")  # the same name for a body of one's own

    async def refused(expected: type[Exception], step: Awaitable[object]) -> None:
        with pytest.raises(expected):
            await step

    await refused(TemplateNameTaken, add(town.database, town.vera, None, "Общий\nдругой"))
    await refused(NotAllowed, add(town.database, chief, None, "Ещё\nт"))
    await refused(NotYourBody, add(town.database, chief, town.housing, "Ещё\nт"))
    await refused(NotAllowed, add(town.database, town.anna, town.roads, "Ещё\nт"))
    async with town.database.writing() as session:
        await refused(NotAllowed, templates.open_template(session, common, chief))
        await refused(TemplateGone, templates.open_template(session, 999, chief))


async def test_the_fitting_ones_come_nearest_first_and_no_more_than_six(
    town: Town, chief: Actor, arrive: Arrive
) -> None:
    for body_id, name, topic in (
        (None, "общий по теме", "roads"),
        (None, "общий", ""),
        (None, "общий не о том", "housing"),
        (town.roads, "свой", ""),
        (town.roads, "свой по теме", "roads"),
        (town.roads, "свой не о том", "housing"),
    ):
        await add(town.database, town.vera if body_id is None else chief, body_id, f"{name}\nт", topic)
    for number in range(5):
        await add(town.database, chief, town.roads, f"я{number}\nт")
    incident = await arrive()
    async with town.database.reading() as session:
        found = await templates.fitting(session, incident)
        assert [one.name for one in found] == ["свой по теме", "свой", "я0", "я1", "я2", "я3"]
        assert len(await templates.fitting(session, incident, limit=20)) == 9
        await session.refresh(incident := await session.get_one(Incident, incident.id))
        incident.body_id = town.housing
        assert [one.name for one in await templates.fitting(session, incident)] == ["общий по теме", "общий"]


async def use(town: Town, template_id: int, incident_id: int, actor: Actor) -> Answer:
    async with town.database.writing() as session:
        return await draft_from_template(
            session,
            template_id=template_id,
            incident_id=incident_id,
            actor=actor,
            chat_id=ANNA,
            thread_id=None,
            now=NOON,
        )


async def test_a_template_becomes_a_draft_that_answers_the_open_question(
    town: Town, chief: Actor, arrive: Arrive
) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(signature="Ваш Минтранс"))
    words = "Яма\n№ {number}, {topic}: {place}. {date+3}. {body}. {official}.\n{signature}"
    template = await add(town.database, chief, town.roads, words)
    number = (await arrive()).id
    await draft(town, number)
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(place="", territory=""))
    answer = await use(town, template, number, town.anna)
    assert answer.state is AnswerState.DRAFT
    assert answer.text == (f"№ {number}, Дороги: {EMPTY}. 05.03.2026. Дороги. Анна.\nВаш Минтранс"), (
        "signed once"
    )
    with pytest.raises(BlanksLeft):
        await send(town, answer.id)
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Prompt.id).where(Prompt.closed_at.is_(None)))) == []
        drafts = await session.scalars(select(Answer.id).where(Answer.state == AnswerState.DRAFT))
        assert list(drafts) == [answer.id]


async def test_a_template_of_another_body_or_switched_off_makes_no_draft(
    town: Town, chief: Actor, arrive: Arrive
) -> None:
    async with town.database.writing() as session:
        foreign = Template(
            body_id=town.housing, name="х", text="т", created_by=town.vera.official_id, created_at=NOON
        )
        off = Template(name="y", text="т", is_active=False, created_by=town.vera.official_id, created_at=NOON)
        session.add_all([foreign, off])
    number = (await arrive()).id
    await accept(town, number)
    for template in (foreign.id, off.id, 999):
        with pytest.raises(TemplateGone):
            await use(town, template, number, town.anna)
    with pytest.raises(NotYours):
        await use(town, template, number, town.boris)
    with pytest.raises(NotAllowed):
        await use(town, template, number, replace(town.vera, roles=frozenset({Role.CURATOR})))


async def test_how_a_body_signs_is_its_coordinators_word(town: Town, chief: Actor, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        body = await body_to_sign_for(session, "roads", chief)
        await set_signature(session, body, "  Ваш  Минтранс\n\n тел. 112 ", actor=chief, now=NOON)
        assert body.signature == "Ваш  Минтранс\nтел. 112"
        with pytest.raises(SignatureTooLong):
            await set_signature(session, body, "т" * 201, actor=chief, now=NOON)
        with pytest.raises(NotYourBody):
            await body_to_sign_for(session, "housing", chief)
        with pytest.raises(NotAllowed):
            await body_to_sign_for(session, "roads", town.anna)
        with pytest.raises(NoSuchBody):
            await body_to_sign_for(session, "нет", chief)
    number = (await arrive()).id
    answer_id = await draft(town, number, "Починим.")
    async with town.database.reading() as session:
        assert (await session.get_one(Answer, answer_id)).text == "Починим.\n\nВаш  Минтранс\nтел. 112"


async def test_approval_is_switched_by_curators_and_audited(town: Town, chief: Actor) -> None:
    async with town.database.writing() as session:
        with pytest.raises(NotAllowed):
            await set_approval(session, "roads", wanted=True, actor=chief, now=NOON)
        body = await set_approval(session, "roads", wanted=True, actor=town.vera, now=NOON)
        assert body.needs_approval
        body = await set_approval(session, "roads", wanted=False, actor=town.vera, now=NOON)
        assert not body.needs_approval
    async with town.database.reading() as session:
        rows = await session.execute(select(AuditEntry.action, AuditEntry.outcome).order_by(AuditEntry.id))
        assert [tuple(row) for row in rows] == [("approval", "on"), ("approval", "off")]
