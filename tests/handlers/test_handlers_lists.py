"""/my, /late, /queue: pages and what opens from them."""

from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, VERA, Stage


async def test_what_is_on_hand_page_by_page(stage: Stage) -> None:
    for number in range(8):
        await stage.arrive(number, text=f"Яма {number}")
    await stage.write(ANNA, "/my")
    page = stage.last(ANNA)
    assert page.visible.startswith(
        "На руках: 8\n\n№ 1 · Дороги · Назначено\nЯма 0\nдо 03.03 12:00 · осталось 1 дн."
    )
    assert page.buttons[-3:] == ["№ 6 · Дороги", "Дальше ▶️", "📝 Черновики и вопросы"]
    assert await stage.press(ANNA, "Дальше", on=page) == "На руках: 8"
    assert page.buttons == ["№ 7 · Дороги", "№ 8 · Дороги", "◀️ Назад", "📝 Черновики и вопросы"]
    await stage.press(ANNA, "Назад", on=page)
    assert page.buttons[0] == "№ 1 · Дороги"
    assert await stage.press(ANNA, "№ 3", on=page) == "№ 3 ниже"
    assert "Яма 2" in stage.text(ANNA)
    await stage.press(ANNA, "Принять", on=stage.last(ANNA))
    assert (await stage.incident(3)).official_id is not None


async def test_what_is_late(stage: Stage) -> None:
    await stage.write(ANNA, "/late")
    assert stage.text(ANNA) == "Просроченных нет."
    await stage.arrive()
    stage.clock.forward(hours=26)
    await stage.write(ANNA, "/late")
    assert stage.text(ANNA) == (
        "Просрочено: 1\n\n№ 1 · Дороги · Назначено\n"
        "Яма <b>на</b> Ленина & никто не чинит\nдо 03.03 12:00 · просрочено на 2 ч"
    )
    await stage.write(VERA, "/late")
    assert stage.text(VERA).startswith("Просрочено: 1")
    await stage.write(BORIS, "/late")
    assert stage.text(BORIS) == "Просроченных нет."


async def test_the_queue_of_a_curator(stage: Stage) -> None:
    await stage.write(VERA, "/queue")
    assert stage.text(VERA) == "Очередь пуста."
    await stage.arrive(sure=0.1)
    await stage.write(VERA, "/queue")
    assert (
        stage.text(VERA)
        == "Ждут разбора: 1\n\n№ 1 · Дороги · Новое\nЯма <b>на</b> Ленина & никто не чинит\nсрок не идёт"
    )
    await stage.press(VERA, "№ 1", on=stage.last(VERA))
    assert "🔎 Другой орган" in stage.last(VERA).buttons


async def test_in_a_group_the_list_is_for_everybody_there(stage: Stage) -> None:
    await stage.says_english(BORIS)
    await stage.write(BORIS, "/my@otklik_bot", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == "У вас ничего нет. Новая карточка придёт сама."


async def test_a_group_is_told_of_its_own_body_and_no_other(stage: Stage) -> None:
    await stage.arrive()
    stage.clock.forward(hours=30)
    await stage.write(VERA, "/late")
    assert stage.text(VERA).startswith("Просрочено: 1")
    await stage.write(VERA, "/late@otklik_bot", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == "Просроченных нет."


async def test_a_list_in_english(stage: Stage) -> None:
    await stage.says_english(ANNA)
    await stage.arrive()
    await stage.write(ANNA, "/my")
    assert stage.text(ANNA) == (
        "On your hands: 1\n\nNo. 1 · Roads · Assigned\n"
        "Яма <b>на</b> Ленина & никто не чинит\nby 3 Mar 12:00 · 1 day left"
    )


async def test_a_page_that_emptied_meanwhile(stage: Stage) -> None:
    assert await stage.press_data(ANNA, "a1.page:my:6") == "У вас ничего нет. Новая карточка придёт сама."


async def test_a_curators_list_is_not_turned_by_others(stage: Stage) -> None:
    assert (
        await stage.press_data(ANNA, "a1.page:queue:0") == "!Это может только: куратор. Что можно вам: /help"
    )
    assert await stage.press_data(ANNA, "a1.bods:0") == "!Это может только: куратор. Что можно вам: /help"
    assert await stage.press_data(VERA, "a1.bods:0") == "Органы: 3"
