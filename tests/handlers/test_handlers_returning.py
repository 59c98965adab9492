"""«Не наше»: reason, whose it may be, and what the curators then see; and typed reassignment."""

import pytest
from sqlalchemy import select, update

from handlers.callbacks.moving import GiveMeant, ReturnTo
from handlers.reasons import MoveReason
from models import AuditEntry, Body, ChatState, HistoryEntry, Incident, Step
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, VERA, Stage


async def give_back(stage: Stage, whose: str = "Минжилищный") -> None:
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Вернуть куратору")
    await stage.press(ANNA, "Другая территория")
    await stage.press(ANNA, whose)


async def another_body(stage: Stage, code: str, name: str, chat: int | None) -> int:
    state = ChatState.LIVE if chat else ChatState.NONE
    async with stage.database.writing() as session:
        body = Body(code=code, name=name, chat_id=chat, chat_state=state, created_at=NOON)
        session.add(body)
        await session.flush()
        return body.id


async def kill_housing(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await session.execute(update(Body).where(Body.code == "housing").values(chat_state=ChatState.DEAD))


async def test_after_the_reason_the_body_may_say_whose_it_is(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Вернуть куратору")
    menu = stage.last(ANNA)
    assert await stage.press(ANNA, "Другая территория") == "Выберите орган"
    assert menu.visible == f"№ {number} → кураторам: «Другая территория»\nЧей это вопрос, если знаете?"
    assert menu.buttons == ["Минжилищный <надзор>", "🔎 Найти орган", "🤷 Не знаю", "Отмена"]
    assert await stage.press(ANNA, "Минжилищный") == "Возвращено кураторам"
    assert menu.visible == f"↩️ № {number} вернулось кураторам, предлагает: Минжилищный <надзор>"
    assert menu.buttons == []


async def test_the_curator_is_offered_that_body_first_on_the_card_and_under_the_notice(
    stage: Stage,
) -> None:
    number = await stage.arrive()
    await give_back(stage)
    card, notice = stage.chats[VERA][-2:]
    assert card.visible.endswith(
        "🗂 На распределении\n↩️ Минтранс: «Другая территория», предлагает: Минжилищный <надзор>"
    )
    assert card.buttons[0] == "Минжилищный <надзор>"
    assert notice.visible == (
        f"↩️ № {number} вернул орган «Минтранс» (Анна): «Другая территория», предлагает: Минжилищный <надзор>"
    )
    assert notice.buttons == ["Минжилищный <надзор> · 0"]
    assert await stage.press(VERA, "Минжилищный", on=notice) == "Назначено: Минжилищный <надзор>"
    assert notice.visible == f"📨 № {number} назначено: Минжилищный <надзор>"
    new = stage.last(HOUSING_CHAT)
    assert "🕓 Был у: Минтранс 02.03 12:00–12:00 (вернул: «Другая территория»)" in new.visible


async def test_later_than_the_norm_is_said_to_curators_and_kept_in_the_history(
    stage: Stage,
) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    until = next(line for line in card.visible.splitlines() if "передайте до" in line)
    assert until == "↩️ не ваше? передайте до 14:00"
    stage.clock.forward(hours=3, minutes=10)
    await stage.press(ANNA, "Принять")
    assert "передайте до" not in card.visible
    await give_back(stage)
    assert stage.text(ANNA).endswith("предлагает: Минжилищный <надзор> · позже нормы на 1 ч 10 мин")
    assert "позже нормы на 1 ч 10 мин" in stage.text(VERA)
    await stage.write(VERA, f"/incident {number}")
    assert "↩️ Минтранс: «Другая территория», предлагает: Минжилищный <надзор> · позже нормы" in stage.text(
        VERA
    )
    await stage.press(VERA, "История")
    assert stage.text(VERA).splitlines()[-1] == (
        "15:10 Возвращено куратору (Минтранс): «Другая территория», "
        "предлагает: Минжилищный <надзор> · позже нормы на 1 ч 10 мин — Анна"
    )


async def test_ones_own_words_and_a_body_that_is_searched_for(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Вернуть куратору")
    await stage.press(ANNA, "Своими словами")
    await stage.write(ANNA, "Двор <дома 5> \u202eчужой", to=stage.last(ANNA))
    assert stage.text(ANNA).startswith(f"№ {number} → кураторам: «Двор <дома 5> чужой»")
    await stage.press(ANNA, "Найти орган")
    await stage.write(ANNA, "минтранс", to=stage.last(ANNA))  # their own: not theirs to name
    assert "органа с рабочим чатом нет" in stage.text(ANNA)
    await stage.write(ANNA, "надзор")
    assert stage.last(ANNA).buttons == ["Минжилищный <надзор>", "🤷 Не знаю", "Отмена"]
    await stage.press(ANNA, "Минжилищный")
    async with stage.database.reading() as session:
        entry = await session.scalar(select(HistoryEntry).where(HistoryEntry.step == Step.RETURN))
    assert entry is not None
    assert entry.reason == "Двор <дома 5> \u202eчужой"


async def test_a_chat_that_died_since_the_menu_was_drawn_is_refused_in_words(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Вернуть куратору")
    await stage.press(ANNA, "Другая территория")
    await kill_housing(stage)
    assert await stage.press(ANNA, "Минжилищный") == (
        "!У органа «Минжилищный <надзор>» нет рабочего чата: никто не увидит. "
        "Выберите другой или пригласите их: /bodies"
    )
    assert await stage.press(ANNA, "Не знаю") == "Возвращено кураторам"
    card = next(one for one in stage.chats[VERA] if "На распределении" in one.visible)
    assert card.buttons[:2] == ["Минтранс", "🔎 Другой орган"]
    assert (await stage.incident(number)).body_id is None


async def test_no_menu_offers_a_body_that_cannot_be_reached(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    card = stage.last(VERA)
    assert "Минжилищный <надзор>" in card.buttons
    await kill_housing(stage)
    assert await stage.press(VERA, "Минжилищный", on=card) == (
        "!У органа «Минжилищный <надзор>» нет рабочего чата: никто не увидит. "
        "Выберите другой или пригласите их: /bodies"
    )
    await stage.press(VERA, "Другой орган", on=card)
    assert stage.last(VERA).buttons == ["Минтранс · 0", "🔎 Найти орган", "Отмена"]
    await stage.press(VERA, "Найти орган")
    await stage.write(VERA, "надзор", to=stage.last(VERA))
    assert "органа с рабочим чатом нет" in stage.text(VERA)
    for command in (f"/assign {number} housing", f"/assign {number} надзор", f"/assign {number} silent"):
        await stage.write(VERA, command)
        assert "нет рабочего чата: никто не увидит. Выберите другой" in stage.text(VERA)
    await stage.press(VERA, "Минтранс", on=card)
    await stage.press(ANNA, "Переадресовать")
    assert stage.last(ANNA).buttons == ["🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"]


async def test_the_old_card_is_disarmed_and_says_where_it_went(stage: Stage) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    await stage.write(VERA, f"/reassign {number} надзор это двор")
    assert stage.text(VERA) == f"📨 № {number} назначено: Минжилищный <надзор>"
    assert card.visible.splitlines()[-1] == "↪️ Передано: Минжилищный <надзор>"
    assert card.buttons == []
    assert "🕓 Был у: Минтранс 02.03 12:00–12:00 («это двор»)" in stage.text(HOUSING_CHAT)
    await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)
    assert card.visible.splitlines()[-1] == "↪️ Передано: Минжилищный <надзор>"


@pytest.mark.parametrize(
    "said", ["/reassign", "/reassign 1", "/reassign 1 housing", "/reassign x housing двор"]
)
async def test_a_reassignment_wants_a_reason(stage: Stage, said: str) -> None:
    number = await stage.arrive()
    await stage.write(VERA, said)
    assert stage.text(VERA).startswith("Напишите номер, код или название органа и причину")
    assert (await stage.incident(number)).body_id == stage.bodies["roads"]


async def test_words_that_mean_several_bodies_become_buttons(stage: Stage) -> None:
    await another_body(stage, "city", "Дороги города", -5001)
    village = await another_body(stage, "village", "Дороги села", -5002)
    number = await stage.arrive()
    await stage.write(VERA, f"/reassign {number} дорог села двор чужой")
    menu = stage.last(VERA)
    assert menu.visible == f"№ {number}: какой из них?"
    assert menu.buttons == ["Дороги города · 0", "Дороги села · 0", "Отмена"]
    assert await stage.press(VERA, "села") == "Назначено: Дороги села"
    assert menu.visible == f"📨 № {number} назначено: Дороги села"
    assert (await stage.incident(number)).body_id == village
    assert "(«села двор чужой»)" in stage.text(-5002)


@pytest.mark.parametrize(
    ("said", "reason"),
    [("дороги села", ""), ("VILLAGE не наше", "не наше"), ("сел яма во дворе", "яма во дворе")],
)
async def test_a_body_is_named_by_code_or_by_words(stage: Stage, said: str, reason: str) -> None:
    await another_body(stage, "city", "Дороги города", -5001)
    village = await another_body(stage, "village", "Дороги села", -5002)
    number = await stage.arrive()
    await stage.write(VERA, f"/assign {number} {said}")
    assert stage.text(VERA) == f"📨 № {number} назначено: Дороги села"
    assert (await stage.incident(number)).body_id == village
    async with stage.database.reading() as session:
        newest = await session.scalar(select(HistoryEntry).order_by(HistoryEntry.id.desc()).limit(1))
    assert newest is not None
    assert newest.reason == reason


async def test_of_several_meant_one_without_a_chat_is_no_reason_to_guess(stage: Stage) -> None:
    await another_body(stage, "city", "Дороги города", None)
    await another_body(stage, "village", "Дороги села", -5002)
    number = await stage.arrive()
    await stage.write(VERA, f"/assign {number} дороги")
    assert stage.last(VERA).buttons == ["Дороги села · 0", "Отмена"]


async def test_what_another_curator_did_meanwhile_is_not_undone(stage: Stage) -> None:
    await another_body(stage, "city", "Дороги города", -5001)
    await another_body(stage, "village", "Дороги села", -5002)
    number = await stage.arrive()
    await stage.write(VERA, f"/assign {number} дороги")
    menu = stage.last(VERA)
    await stage.write(VERA, f"/assign {number} housing")
    assert await stage.press(VERA, "села", on=menu) == (
        "!Пока вы выбирали, обращение отдали органу «Минжилищный <надзор>». "
        "Отдать другому: «Переназначить» на карточке."
    )


async def test_forged_presses_change_nothing(stage: Stage) -> None:
    number = await stage.arrive()
    told = await stage.press_data(
        ANNA, ReturnTo(incident_id=number, body_id=0, reason=None, prompt_id=77).pack()
    )
    assert told.startswith("!На этот вопрос уже ответили")
    other = ReturnTo(incident_id=number, body_id=0, reason=MoveReason.FEDERAL, prompt_id=0).pack()
    assert (
        await stage.press_data(BORIS, other)
        == "!Это обращение другого органа: Минтранс. Что можно вам: /help"
    )
    forged = GiveMeant(incident_id=number, body_id=stage.bodies["housing"], asked_id=5, holder=0).pack()
    assert (await stage.press_data(BORIS, forged)).startswith("!Это может только")
    async with stage.database.reading() as session:
        assert await session.scalar(select(AuditEntry.id).where(AuditEntry.outcome == "NotAllowed"))
        assert await session.scalar(select(Incident.body_id)) == stage.bodies["roads"]


async def test_at_most_two_turns_are_on_the_card_and_the_rest_is_counted(stage: Stage) -> None:
    number = await stage.arrive()
    for code in ("housing", "roads", "housing", "roads"):
        stage.clock.forward(minutes=10)
        await stage.write(VERA, f"/reassign {number} {code} причина")
    line = next(one for one in stage.text(ANNA).splitlines() if one.startswith("🕓"))
    assert line == (
        "🕓 Был у: Минжилищный <надзор> 02.03 12:30–12:40 («причина»), "
        "Минтранс 02.03 12:20–12:30 («причина»), и ещё 2"
    )


async def test_the_longest_buttons_fit(stage: Stage) -> None:
    largest = 2**31 - 1
    for press in (
        ReturnTo(incident_id=largest, body_id=largest, reason=MoveReason.FEDERAL, prompt_id=largest),
        GiveMeant(incident_id=largest, body_id=largest, asked_id=largest, holder=largest),
    ):
        assert len(press.pack().encode()) <= 64
