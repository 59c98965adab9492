"""Many that are the same thing: ticked, done with one press, and taken back together."""

from sqlalchemy import select

from bot.bulk_work import BulkWork
from models import Incident, Status
from tests.handlers.handlers_stage import ANNA, VERA, Shown, Stage


async def storm(stage: Stage, size: int) -> list[int]:
    return [await stage.arrive(at + 2, sure=0.1, text=f"Снег {at}") for at in range(size)]


async def begun(stage: Stage) -> Shown:
    await stage.write(VERA, "/triage")
    return stage.last(VERA)


async def statuses(stage: Stage) -> list[Status]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(Incident.status).order_by(Incident.id)))


async def test_two_are_no_storm(stage: Stage) -> None:
    await storm(stage, 2)
    screen = await begun(stage)
    assert "похож" not in screen.visible + " ".join(screen.buttons)


async def test_the_list_is_ticked_page_by_page(stage: Stage) -> None:
    numbers = await storm(stage, 9)
    screen = await begun(stage)
    assert "👥 Ещё похожих: 8\n🗂 Ждут разбора: 9" in screen.visible
    assert "👥 Похожие (8)" in screen.buttons
    assert await stage.press(VERA, "Похожие", on=screen) == "Отметьте нужные"
    assert screen.visible.startswith(
        "👥 Похожие на № 1: 8\nОтмечено: 8. Лишнее снимите кнопкой. № 1 тоже войдёт.\n\n☑️ № 2 · 12:00\nСнег 1"
    )
    assert screen.buttons == [
        *(f"☑️ № {number}" for number in numbers[1:7]),
        "Дальше ▶️",
        "9 → Минтранс",
        "9 → Минжилищный <надзор>",
        "🔗 Объединить 8 с № 1",
        "🚫 Не требуют ответа: 9",
        "⬆️ К карточке",
    ]
    await stage.press(VERA, "☑️ № 3", on=screen)
    assert "⬜️ № 3" in screen.buttons
    assert "Отмечено: 7" in screen.visible
    await stage.press(VERA, "Дальше", on=screen)
    assert screen.buttons[:3] == ["☑️ № 8", "☑️ № 9", "◀️ Назад"]
    await stage.press(VERA, "Назад", on=screen)
    await stage.press(VERA, "⬜️ № 3", on=screen)
    assert "Отмечено: 8" in screen.visible


async def test_one_press_assigns_those_ticked_and_counts_what_moved(stage: Stage) -> None:
    numbers = await storm(stage, 5)
    screen = await begun(stage)
    await stage.press(VERA, "Похожие", on=screen)
    await stage.press(VERA, f"☑️ № {numbers[4]}", on=screen)
    shown = Shown(screen.message_id, screen.outgoing, screen.visible)
    await stage.write(VERA, f"/skip {numbers[2]} шутка")
    said = await stage.press(VERA, "→ Минтранс", on=shown)
    # The skipped one is no more among those alike, so it is not counted either.
    assert said == "✅ 3 из 3 · → Минтранс"
    assert screen.visible.startswith(f"✅ 3 из 3 · → Минтранс\n\n№ {numbers[4]} ·")
    assert screen.buttons[-1] == "↶ Отменить"
    assert sum("Снег" in one.visible for one in stage.chats[ANNA]) == 3
    await stage.press(VERA, "Отменить", on=screen)
    assert screen.visible.startswith(f"✅ 3 из 3 · отменено\n\n№ {numbers[0]} ·")
    assert (await statuses(stage)).count(Status.REGISTERED) == 3


async def test_all_into_one_whose_card_stays(stage: Stage) -> None:
    numbers = await storm(stage, 4)
    screen = await begun(stage)
    await stage.press(VERA, "Похожие", on=screen)
    assert await stage.press(VERA, "Объединить 3", on=screen) == "✅ 3 из 3 · объединено с № 1"
    assert screen.visible.startswith(f"✅ 3 из 3 · объединено с № 1\n\n№ {numbers[0]} ·")
    assert "👥 4 публикации" in screen.visible
    await stage.press(VERA, "Отменить", on=screen)
    assert await statuses(stage) == [Status.NEW] * 4
    assert "👥 4 публикации" not in screen.visible


async def test_all_skipped_for_a_reason(stage: Stage) -> None:
    await storm(stage, 3)
    screen = await begun(stage)
    await stage.press(VERA, "Похожие", on=screen)
    await stage.press(VERA, "Не требуют ответа", on=screen)
    assert screen.visible == "Почему ответ не нужен? Отметится: 3"
    await stage.press(VERA, screen.buttons[0], on=screen)
    assert screen.visible == "✅ 3 из 3 · ответ не нужен\n\nОчередь пуста."
    assert await statuses(stage) == [Status.SKIPPED] * 3


async def test_a_large_one_shows_how_far_it_is_and_is_finished_after_a_restart(stage: Stage) -> None:
    await storm(stage, 50)
    screen = await begun(stage)
    await stage.press(VERA, "Похожие", on=screen)
    said = await stage.press(VERA, "→ Минтранс", on=screen)
    assert said.startswith("⏳ 20 из 50 · → Минтранс")
    assert screen.visible == "⏳ 20 из 50 · → Минтранс\nЗакончу сам, можно закрыть чат."
    assert screen.buttons == []
    # Another process, which knows nothing but the rows.
    await BulkWork(stage.database, clock=stage.clock).work_off()
    await stage.deliver()
    assert screen.visible == "✅ 50 из 50 · → Минтранс"
    assert screen.buttons == ["▶️ Дальше", "↶ Отменить"]
    assert set(await statuses(stage)) == {Status.ASSIGNED}
    assert (await stage.press(VERA, "Отменить", on=screen)).startswith("⏳ 20 из 50 · отменено")
    await BulkWork(stage.database, clock=stage.clock).work_off()
    await stage.deliver()
    assert screen.visible == "✅ 50 из 50 · отменено"
    assert set(await statuses(stage)) == {Status.REGISTERED}


async def test_everything_taken_meanwhile_is_the_card_again(stage: Stage) -> None:
    numbers = await storm(stage, 3)
    screen = await begun(stage)
    await stage.press(VERA, "Похожие", on=screen)
    for number in numbers[1:]:
        await stage.write(VERA, f"/skip {number} шутка")
    await stage.press(VERA, "☑️ № 2", on=screen)
    assert screen.visible.startswith(f"№ {numbers[0]} ·")
    assert "⏭ Пропустить" in screen.buttons
