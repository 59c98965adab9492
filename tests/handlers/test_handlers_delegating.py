"""«Поручить»: Нина coordinates housing, whose chat is a group; Boris and Bella work there."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.callbacks.moving import Delegate, DelegateTo
from handlers.keyboards import with_load
from incidents.workload import Load
from models import Absence, Body, Incident, Membership, Official, Role, Status
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, VERA, Stage

NINA = 107


@pytest.fixture
async def housing(stage: Stage) -> Stage:
    """The stage with a coordinator of housing."""
    async with stage.database.writing() as session:
        nina = Official(telegram_id=NINA, name="Нина", created_at=NOON)
        session.add(nina)
        await session.flush()
        session.add(
            Membership(
                official_id=nina.id,
                role=Role.COORDINATOR,
                body_id=stage.bodies["housing"],
                granted_at=NOON,
            )
        )
    return stage


async def id_of(stage: Stage, who: int) -> int:
    async with stage.database.reading() as session:
        found = await session.scalar(select(Official.id).where(Official.telegram_id == who))
    assert found is not None
    return found


async def test_a_coordinator_gives_it_to_a_colleague(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    card = stage.last(HOUSING_CHAT)
    assert card.buttons == [
        "✅ Принять",
        "✍️ Ответить",
        "↪️ Переадресовать",
        "👤 Поручить",
        "🔗 Пост",
        "💡 Как отвечали",
    ]
    assert await stage.press(NINA, "Поручить", chat=HOUSING_CHAT) == "Выберите, кому"
    menu = stage.last(HOUSING_CHAT)
    assert menu.visible == f"№ {number}: кому поручить?"
    assert menu.buttons == ["Белла · 0 в работе", "Борис · 0 в работе", "Нина · 0 в работе", "Отмена"]
    assert await stage.press(NINA, "Борис", chat=HOUSING_CHAT) == "Поручено: Борис"
    assert menu.visible == f"👤 № {number} поручено: Борис"
    assert menu.buttons == []
    assert card.visible.endswith("✅ В работе: Борис, с 12:00 · Минжилищный <надзор>\n👤 поручил(а) Нина")
    own, notice = stage.chats[BORIS]
    assert own.visible == card.visible
    assert own.buttons == ["✍️ Ответить", "↪️ Переадресовать", "↩️ Вернуть", "🔗 Пост", "💡 Как отвечали"]
    assert notice.visible == f"👤 № {number} поручено вам: Нина. Ответьте до 03.03 12:00 · осталось 1 дн."
    assert notice.outgoing.reply_to == own.message_id
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "История")
    assert stage.text(VERA).splitlines()[-1] == (
        "12:00 Поручено сотруднику (Минжилищный <надзор>): «Борис» — Нина"
    )


async def test_it_goes_to_another_and_the_first_is_told(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    await stage.press(NINA, "Поручить", chat=HOUSING_CHAT)
    await stage.press(NINA, "Борис", chat=HOUSING_CHAT)
    own = stage.chats[BORIS][0]
    await stage.write(NINA, f"/delegate {number}")
    assert stage.last(NINA).buttons == ["Белла · 0 в работе", "Нина · 0 в работе", "Отмена"]
    assert await stage.press(NINA, "Белла") == "Поручено: Белла"
    assert stage.text(BORIS) == (
        f"👤 № {number} теперь у другого: Белла (так решил(а) Нина). От вас больше ничего не нужно."
    )
    assert own.buttons == []
    assert "В работе: Белла" in stage.chats[BELLA][0].visible
    assert (await stage.incident(number)).official_id == await id_of(stage, BELLA)


async def test_who_is_away_or_unreachable_is_named_and_not_offered(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    async with stage.database.writing() as session:
        boris = await session.scalar(select(Official).where(Official.telegram_id == BORIS))
        bella = await session.scalar(select(Official).where(Official.telegram_id == BELLA))
        assert boris is not None
        assert bella is not None
        boris.is_reachable = False
        session.add(
            Absence(
                official_id=bella.id,
                starts_at=NOON,
                ends_at=NOON + timedelta(days=7),
                created_by=bella.id,
                created_at=NOON,
            )
        )
    await stage.write(NINA, f"/delegate {number}")
    menu = stage.last(NINA)
    assert menu.visible == (
        f"№ {number}: кому поручить?\n"
        "🌴 Белла: отсутствует до 09.03 12:00\n"
        "📵 Борис: не получает сообщения бота"
    )
    assert menu.buttons == ["Нина · 0 в работе", "Отмена"]
    for who, name in ((BORIS, "Борис"), (BELLA, "Белла")):
        data = DelegateTo(incident_id=number, official_id=await id_of(stage, who), holder=0).pack()
        assert await stage.press_data(NINA, data) == (
            f"!{name} сейчас не на месте или не получает сообщения бота. Поручите другому."
        )


async def test_what_each_has_is_on_the_button(housing: Stage) -> None:
    stage = housing
    for one in range(3):
        await stage.arrive(2 + one, topic="housing", text=f"Нет тепла {one}")
        await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)
    number = await stage.arrive(9, topic="housing", text="Ещё")
    async with stage.database.writing() as session:
        await session.execute(
            update(Incident).where(Incident.id == number - 1).values(due_at=NOON - timedelta(hours=1))
        )
    await stage.write(NINA, f"/delegate {number}")
    assert stage.last(NINA).buttons == [
        "Белла · 0 в работе",
        "Нина · 0 в работе",
        "Борис · 3 в работе, 1 просрочено",
        "Отмена",
    ]


async def test_who_pressed_while_a_colleague_took_it_reads_who(housing: Stage) -> None:
    stage = housing
    await stage.arrive(topic="housing")
    await stage.press(NINA, "Поручить", chat=HOUSING_CHAT)
    menu = stage.last(HOUSING_CHAT)
    await stage.press(BELLA, "Принять", chat=HOUSING_CHAT)
    assert await stage.press(NINA, "Борис", chat=HOUSING_CHAT, on=menu) == (
        "!Пока вы выбирали, обращение взял(а) Белла. Поручить другому всё равно: нажмите «Поручить» ещё раз."
    )
    await stage.press(NINA, "Поручить", chat=HOUSING_CHAT)
    await stage.press(NINA, "Борис", chat=HOUSING_CHAT)
    refused = await stage.press(BELLA, "Ответить", chat=HOUSING_CHAT)
    assert refused == "!Уже принял(а) Борис, 12:00."


async def test_only_the_coordinator_of_this_body_gives_out(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    only = "Это может только: координатор органа. Что можно вам: /help"
    for who in (BORIS, BELLA):
        assert await stage.press(who, "Поручить", chat=HOUSING_CHAT) == f"!{only}"
    for who in (ANNA, VERA):
        await stage.write(who, f"/delegate {number}")
        assert stage.text(who) == only
    roads = await stage.arrive(3, text="Яма")
    assert stage.last(ANNA).buttons == [
        "✅ Принять",
        "✍️ Ответить",
        "↪️ Переадресовать",
        "🔗 Пост",
        "💡 Как отвечали",
    ]
    await stage.write(NINA, f"/delegate {roads}")
    assert stage.text(NINA) == "Это обращение другого органа: Минтранс. Что можно вам: /help"
    forged = DelegateTo(incident_id=number, official_id=await id_of(stage, ANNA), holder=0).pack()
    assert (await stage.press_data(NINA, forged)).startswith("!Этот человек не работает в вашем органе")
    assert (await stage.incident(number)).status is Status.ASSIGNED


@pytest.mark.parametrize("said", ["/delegate", "/delegate x", "/delegate 99999999999"])
async def test_the_command_says_what_it_wants(housing: Stage, said: str) -> None:
    await housing.write(NINA, said)
    assert housing.text(NINA) == "Напишите номер: /delegate 17"


async def test_what_waits_for_the_approver_is_not_given_out(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)
    async with stage.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == number).values(status=Status.ON_REVIEW))
    await stage.write(NINA, f"/delegate {number}")
    assert stage.text(NINA) == "Уже нельзя: На согласовании (Борис, 12:00). Посмотрите карточку."


async def test_more_colleagues_than_a_screen_are_paged(housing: Stage) -> None:
    stage = housing
    number = await stage.arrive(topic="housing")
    async with stage.database.writing() as session:
        for one in range(8):
            official = Official(telegram_id=900 + one, name=f"Сотрудник {one}", created_at=NOON)
            session.add(official)
            await session.flush()
            session.add(
                Membership(
                    official_id=official.id,
                    role=Role.OFFICIAL,
                    body_id=stage.bodies["housing"],
                    granted_at=NOON,
                )
            )
    await stage.write(NINA, f"/delegate {number}")
    menu = stage.last(NINA)
    assert len(menu.buttons) == 10
    assert menu.buttons[-2:] == ["Дальше ▶️", "Отмена"]
    await stage.press(NINA, "Дальше")
    assert menu.buttons[-2:] == ["◀️ Назад", "Отмена"]
    assert len(menu.buttons) == 5


def test_the_numbers_of_a_button_are_never_cut() -> None:
    body = Body(id=5, name="Министерство жилищно-коммунального хозяйства области")
    assert with_load(body, None) == body.name
    assert with_load(body, {}) == body.name
    told = with_load(body, {5: Load(1234, 56)})
    assert told.endswith("… · 1234 (56🔥)")
    assert len(told) <= 40
    assert with_load(Body(id=5, name="Дороги"), {5: Load(12, 2)}) == "Дороги · 12 (2🔥)"
    assert with_load(Body(id=5, name="Дороги"), {5: Load(12, 0)}) == "Дороги · 12"


def test_the_longest_presses_fit() -> None:
    largest = 2**31 - 1
    assert len(DelegateTo(incident_id=largest, official_id=largest, holder=largest).pack()) <= 64
    assert len(Delegate(incident_id=largest, offset=1_000_000).pack()) <= 64
