"""/duty, and what a night looks like in the chat that is awake."""

from datetime import datetime

from sqlalchemy import select, update

from incidents import triage
from incidents.people import actor_of
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import DutyChat, Incident, Priority
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, STRANGER, VERA, Stage
from tests.handlers.test_handlers_away import sweep

NIGHT_CHAT = -5000
NIGHT = datetime.fromisoformat("2026-03-02T23:00:00+03:00")


async def test_a_curator_binds_the_regions_chat_by_the_command(stage: Stage) -> None:
    await stage.write(VERA, "/duty")
    assert stage.text(VERA) == (
        "Дежурного чата нет: ночью всё, кроме аварий, ждёт утра.\n\n"
        "Привязать: откройте ссылку и выберите группу, или напишите в ней /duty. Для одного органа: /duty КОД.\n"
        "https://t.me/otklik_bot?startgroup=duty"
    )
    await stage.write(VERA, "/duty", chat=NIGHT_CHAT)
    assert stage.text(NIGHT_CHAT) == (
        "🌙 Этот чат «Чат ЖКХ» теперь дежурный для всего региона. "
        "Ночью сюда придут аварии, срочное и просрочка. Снять: /duty off"
    )
    await stage.write(VERA, "/duty")
    assert stage.text(VERA).startswith("🌙 весь регион: Чат ЖКХ\n\nПривязать:")
    await stage.write(VERA, "/duty off", chat=NIGHT_CHAT)
    assert stage.text(NIGHT_CHAT) == "Больше не дежурный чат. Ночью всё подождёт до утра, кроме аварий."
    await stage.write(VERA, "/duty off", chat=NIGHT_CHAT)
    assert stage.text(NIGHT_CHAT) == ("Здесь нет дежурного чата. Что привязано: /duty в личном чате с ботом.")


async def test_the_link_binds_it_too_and_a_body_has_its_own(stage: Stage) -> None:
    await stage.write(VERA, "/start duty", chat=NIGHT_CHAT)
    assert stage.text(NIGHT_CHAT).startswith("🌙 Этот чат «Чат ЖКХ» теперь дежурный для всего региона.")
    await stage.write(VERA, "/duty housing", chat=-5001)
    assert stage.text(-5001).startswith(
        "🌙 Этот чат «Чат ЖКХ» теперь дежурный органа «Минжилищный <надзор>»."
    )
    await stage.write(VERA, "/duty нету", chat=-5001)
    assert stage.text(-5001) == "Органа «нету» нет. Коды: /bodies"
    await stage.write(VERA, "/duty", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == (
        "Это рабочий чат органа «Минжилищный <надзор>». "
        "Для дежурства нужен отдельный чат: создайте группу и напишите в ней /duty."
    )
    await stage.write(VERA, "/duty housing")
    assert stage.text(VERA) == (
        "Дежурный чат — это группа или тема в ней. Добавьте бота в группу и напишите там /duty."
    )


async def test_nobody_else_binds_it(stage: Stage) -> None:
    await stage.write(ANNA, "/duty")
    assert stage.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    await stage.write(BORIS, "/duty", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == "Это может только: куратор. Что можно вам: /help"
    await stage.write(ANNA, "/start duty")
    assert stage.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    await stage.write(STRANGER, "/start duty")
    assert stage.text(STRANGER).startswith("Приглашение не подошло")
    async with stage.database.reading() as session:
        assert list(await session.scalars(select(DutyChat))) == []


async def arrives_at_night(stage: Stage, number: int, priority: Priority) -> int:
    incident = await stage.arrive(number, sure=0.1)
    async with stage.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == incident).values(priority=priority))
    async with stage.database.writing() as session:
        vera = await actor_of(session, VERA)
        assert vera is not None
        await triage.assign(
            session, incident_id=incident, body_id=stage.bodies["roads"], actor=vera, now=stage.clock()
        )
    await stage.deliver()
    return incident


async def test_a_night(stage: Stage) -> None:
    async with stage.database.writing() as session:
        policy = Policy(name="ночь", total="6h", quiet_hours="22:00-08:00")
        await install_policies(session, {DEFAULT: policy}, now=stage.clock())
    await stage.write(VERA, "/duty", chat=NIGHT_CHAT)
    stage.clock.now = NIGHT
    ordinary = await arrives_at_night(stage, 2, Priority.ORDINARY)
    assert stage.text(ANNA).endswith("🌙 Пришло ночью: можно ответить утром, с 03.03 08:00.")
    assert len(stage.chats[NIGHT_CHAT]) == 1
    urgent = await arrives_at_night(stage, 3, Priority.ACCIDENT)
    assert "Пришло ночью" not in stage.text(ANNA)
    card = stage.last(NIGHT_CHAT)
    assert card.visible.startswith(f"№ {urgent} ")
    assert card.buttons[:2] == ["✅ Принять", "✍️ Ответить"]
    assert (await stage.press(ANNA, "Принять", chat=NIGHT_CHAT, on=card)).startswith("Принято.")
    assert (await stage.press(BORIS, "Ответить", chat=NIGHT_CHAT, on=card)).startswith(
        "!Это обращение другого"
    )
    stage.clock.now = datetime.fromisoformat("2026-03-03T05:00:00+03:00")
    await sweep(stage)
    night = [shown.visible for shown in stage.chats[NIGHT_CHAT][2:]]
    assert (
        f"🌙🔥 № {ordinary}: до 03.03 05:00 · просрочено на 1 мин. Отвечает: Минтранс. Остальные узнают утром."
        in night
    )
    assert not any("🔥" in shown.visible for shown in stage.chats[ANNA])
    many = len(stage.chats[NIGHT_CHAT])
    stage.clock.now = datetime.fromisoformat("2026-03-03T08:00:00+03:00")
    await sweep(stage)
    assert any("🔥" in shown.visible for shown in stage.chats[ANNA])
    assert len(stage.chats[NIGHT_CHAT]) == many  # in the morning it hears nothing more
