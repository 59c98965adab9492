"""Passing on, returning, and a curator's distribution."""

import pytest

from models import Status
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, VERA, Stage


async def test_an_official_passes_it_on_with_a_ready_reason(stage: Stage) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    assert await stage.press(ANNA, "Переадресовать") == "Выберите орган"
    menu = stage.last(ANNA)
    assert menu.visible == f"№ {number}: чей это вопрос?"
    assert menu.buttons == ["Минжилищный <надзор>", "🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"]
    assert await stage.press(ANNA, "Минжилищный") == "Выберите причину"
    assert menu.visible == f"№ {number} → Минжилищный <надзор>\nПочему?"
    assert menu.buttons[:2] == ["Вопрос другого органа", "Другая территория"]
    assert await stage.press(ANNA, "Вопрос другого органа") == "Передано: Минжилищный <надзор>"
    assert menu.visible == f"↪️ № {number} передано: Минжилищный <надзор>\nПричина: Вопрос другого органа"
    assert menu.buttons == []
    assert "Передано: Минжилищный <надзор>" in card.visible
    assert card.buttons == []
    new = stage.last(HOUSING_CHAT)
    assert "«Вопрос другого органа»" in new.visible
    assert "✅ Принять" in new.buttons


async def test_the_body_is_found_by_words_and_the_reason_is_ones_own(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Найти орган")
    await stage.write(ANNA, "такого нет <b>")
    assert "органа с рабочим чатом нет" in stage.text(ANNA)
    await stage.write(ANNA, "надзор")
    found = stage.last(ANNA)
    assert found.buttons == ["Минжилищный <надзор>", "Отмена"]
    await stage.press(ANNA, "Минжилищный", on=found)
    await stage.press(ANNA, "Своими словами", on=found)
    prompt = stage.last(ANNA)
    assert prompt.visible == f"✏️ № {number} → Минжилищный <надзор>: напишите причину."
    await stage.write(ANNA, "Это двор <дома 5>", to=prompt)
    assert stage.text(ANNA) == f"↪️ № {number} передано: Минжилищный <надзор>\nПричина: Это двор <дома 5>"
    assert "«Это двор <дома 5>»" in stage.text(HOUSING_CHAT)


async def test_an_official_returns_it_to_the_curators(stage: Stage) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    await stage.press(ANNA, "Принять")
    await stage.press(ANNA, "Вернуть")
    assert stage.text(ANNA) == f"№ {number} → кураторам\nПочему?"
    assert await stage.press(ANNA, "Федеральные") == "Выберите орган"
    assert await stage.press(ANNA, "Не знаю") == "Возвращено кураторам"
    assert "Вернулось на распределение" in card.visible
    texts = [shown.visible for shown in stage.chats[VERA]]
    assert any(f"№ {number} вернул орган «Минтранс» (Анна): «Федеральные полномочия»" in one for one in texts)
    curators = next(shown for shown in stage.chats[VERA] if "↩️ Минтранс" in shown.visible)
    assert curators.buttons == [
        "Минжилищный <надзор>",
        "Минтранс",
        "🔎 Другой орган",
        "🚫 Не требует ответа",
        "🔗 Пост",
    ]


async def test_returning_in_ones_own_words_needs_words(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    await stage.press(ANNA, "Вернуть куратору")
    await stage.press(ANNA, "Своими словами")
    prompt = stage.last(ANNA)
    await stage.write(
        ANNA, to=prompt, photo=[{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
    )
    assert stage.text(ANNA).startswith("Здесь нужен текст")
    await stage.write(ANNA, "Дорога частная", to=prompt)
    await stage.press(ANNA, "Не знаю")
    assert "вернулось кураторам" in stage.text(ANNA)


async def test_a_menu_can_be_put_away(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Переадресовать")
    assert await stage.press(ANNA, "Отмена") == "Отменено."
    assert (stage.text(ANNA), stage.last(ANNA).buttons) == ("Отменено.", [])


async def test_another_body_cannot_pass_on_what_is_not_theirs(stage: Stage) -> None:
    await stage.arrive()
    card = stage.last(ANNA)
    refusal = await stage.press_data(BORIS, card.data("Переадресовать"), chat=HOUSING_CHAT)
    assert refusal == "!Это обращение другого органа: Минтранс. Что можно вам: /help"
    assert await stage.audited() == [("press", "NotYours")]


async def test_a_curator_assigns_by_one_press(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    card = stage.last(VERA)
    assert "Новое, ждёт разбора" in card.visible
    assert await stage.press(VERA, "Минтранс") == "Назначено: Минтранс"
    assert "📨 Назначено: Минтранс" in card.visible
    assert card.buttons == ["↪️ Переназначить", "🚫 Не требует ответа", "🔗 Пост"]
    assert f"№ {number}" in stage.text(ANNA)


async def test_a_curator_finds_another_body(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.press(VERA, "Другой орган")
    menu = stage.last(VERA)
    assert menu.buttons == ["Минтранс · 0", "Минжилищный <надзор> · 0", "🔎 Найти орган", "Отмена"]
    await stage.press(VERA, "Найти орган")
    await stage.write(VERA, "housing", to=stage.last(VERA))
    assert await stage.press(VERA, "Минжилищный", on=stage.last(VERA)) == "Назначено: Минжилищный <надзор>"
    assert stage.text(VERA) == f"📨 № {number} назначено: Минжилищный <надзор>"


async def test_a_curator_reassigns_from_a_body(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.press(VERA, "Минтранс")
    await stage.press(VERA, "Переназначить")
    assert stage.last(VERA).buttons == ["Минжилищный <надзор> · 0", "🔎 Найти орган", "Отмена"]
    await stage.press(VERA, "Минжилищный")
    incident = await stage.incident(number)
    assert incident.body_id == stage.bodies["housing"]


async def test_a_curator_skips_with_a_reason(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1, needs_answer=False)
    card = stage.last(VERA)
    assert "похоже, ответ не нужен" in card.visible
    await stage.press(VERA, "Не требует ответа")
    menu = stage.last(VERA)
    assert menu.visible == f"№ {number}: почему ответ не нужен?"
    assert await stage.press(VERA, "Реклама") == "Отмечено: ответ не нужен"
    assert menu.visible == f"🚫 № {number}: ответ не нужен. Реклама или спам"
    assert "🚫 Не требует ответа: Реклама или спам" in card.visible


async def test_a_curator_skips_in_their_own_words_and_reopens(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.press(VERA, "Не требует ответа")
    await stage.press(VERA, "Своими словами")
    await stage.write(VERA, "Розыгрыш <1 апреля>", to=stage.last(VERA))
    assert stage.text(VERA) == f"🚫 № {number}: ответ не нужен. Розыгрыш <1 апреля>"
    await stage.write(VERA, f"/incident {number}")
    assert await stage.press(VERA, "Открыть снова", on=stage.last(VERA)) == "Открыто снова"
    assert (await stage.incident(number)).status is Status.REGISTERED


async def test_the_same_words_again_are_merged_by_a_press(stage: Stage) -> None:
    first = await stage.arrive(2)
    second = await stage.arrive(3, sure=0.1)
    card = stage.last(VERA)
    assert f"похоже на № {first}" in card.visible
    assert await stage.press(VERA, f"Объединить с № {first}") == f"Объединено с № {first}"
    assert f"Объединено с № {first}" in card.visible
    assert "2 публикации" in stage.text(ANNA)
    assert (await stage.incident(second)).status is Status.MERGED


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/assign {n} housing двор", "📨 № {n} назначено: Минжилищный <надзор>"),
        ("/assign №{n} HOUSING", "📨 № {n} назначено: Минжилищный <надзор>"),
        ("/assign {n} silent", "У органа «Без чата» нет рабочего чата: никто не увидит."),
        ("/assign {n} nobody", "Органа «nobody» нет. Коды: /bodies"),
        ("/assign {n} roads", "Обращение уже у органа «Минтранс»."),
        ("/assign {n}", "Напишите номер, код органа"),
        ("/assign", "Напишите номер, код органа"),
        ("/assign 99999999999999999999 roads", "Напишите номер, код органа"),
        ("/assign 2147483647 roads", "Обращения № 2147483647 нет."),
        ("/skip {n} шутка", "🚫 № {n}: ответ не нужен. шутка"),
        ("/skip {n}", "Нужна причина."),
        ("/skip", "Напишите номер и причину"),
        ("/merge {n} {n}", "Это одно и то же обращение: № {n}."),
        ("/merge {n}", "Напишите, что с чем объединить"),
        ("/reopen {n}", "Уже нельзя: Назначено."),
        ("/reopen x", "Напишите номер"),
        ("/incident", "Напишите номер"),
        ("/incident 77", "Обращения № 77 нет."),
    ],
)
async def test_what_a_curator_types(stage: Stage, command: str, says: str) -> None:
    number = await stage.arrive()
    await stage.write(VERA, command.format(n=number))
    assert stage.text(VERA).startswith(says.format(n=number))


async def test_merging_by_command(stage: Stage) -> None:
    first, second = await stage.arrive(2), await stage.arrive(3, text="Опять яма")
    await stage.write(VERA, f"/merge {second} {first}")
    assert stage.text(VERA) == f"🔗 № {second} объединено с № {first}"


async def test_skipped_is_reopened_by_command(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.write(VERA, f"/skip {number} шутка")
    await stage.write(VERA, f"/reopen {number} не шутка")
    assert (await stage.incident(number)).status is Status.REGISTERED


@pytest.mark.parametrize(
    "command",
    ["/queue", "/assign 1 roads", "/skip 1 x", "/merge 1 2", "/reopen 1", "/bodies", "/routing"],
)
async def test_curators_commands_are_for_curators(stage: Stage, command: str) -> None:
    await stage.arrive()
    await stage.write(ANNA, command)
    assert stage.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    assert await stage.audited() == [("message", "NotAllowed")]


async def test_an_incident_whole_with_its_history(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Принять")
    await stage.write(VERA, f"/incident {number}")
    assert stage.last(VERA).buttons == ["↪️ Переназначить", "📜 История", "🔗 Пост"]
    await stage.press(VERA, "История")
    assert stage.text(VERA) == (
        f"История № {number}\n\n"
        "2 марта, понедельник\n"
        "12:00 Пришла публикация: ВКонтакте · Подслушано\n"
        "12:00 Зарегистрировано, срок пошёл — автоматически\n"
        "12:00 Назначено: Минтранс — автоматически\n"
        "12:00 Принято в работу (Минтранс) — Анна"
    )


async def test_another_bodys_incident_cannot_be_opened(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.write(BORIS, f"/incident {number}")
    assert stage.text(BORIS) == "Это обращение другого органа: Минтранс. Что можно вам: /help"
