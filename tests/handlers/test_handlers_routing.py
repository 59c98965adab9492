"""/routing from the phone: what the program routes by itself, and the switch by topic."""

from dataclasses import replace

from sqlalchemy import select

from handlers.callbacks import HoldTopic, ReleaseTopic, TurnRouting
from incidents import contract
from incidents.intake import TriageRules, take_in
from incidents.rubricator import rubricator
from models import Label, Prediction, Status
from tests.handlers.handlers_stage import ANNA, HOUSING_CHAT, POTHOLE, STRANGER, VERA, Stage, guess

HEAD = "Автоматика по темам\n30 дней: "


async def judge(stage: Stage, *, right: int, wrong: int) -> None:
    """So many posts of roads arrive, are routed by the program, and are judged by people."""
    for number in range(right + wrong):
        await stage.arrive(100 + number)
    async with stage.database.writing() as session:
        for place, one in enumerate(await session.scalars(select(Prediction).order_by(Prediction.id))):
            one.outcome, one.outcome_at = ("wrong" if place < wrong else "right"), stage.clock()


async def watch(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await contract.watch(session, now=stage.clock())
    await stage.deliver()


async def test_a_curator_sees_hands_over_and_takes_back(stage: Stage) -> None:
    await stage.arrive(2)
    await stage.arrive(3, sure=0.3)
    await stage.arrive(4, topic="housing")
    await stage.write(VERA, "/routing")
    screen = stage.last(VERA)
    others = [one.name_ru for one in rubricator().values() if one.code not in {"roads", "housing"}]
    assert screen.visible == (
        f"{HEAD}сама 2 из 3, верно 0 из 0\n\n"
        "🟢 Дороги: сама 1 из 2, верно 0 из 0\n"
        "🟢 Дом и управляющая компания: сама 1 из 1, верно 0 из 0\n"
        "⚪️ Тепло, вода, свет, газ: сама 0 из 0\n"
        f"⚪️ {others[1]}: сама 0 из 0\n"
        f"⚪️ {others[2]}: сама 0 из 0\n"
        f"⚪️ {others[3]}: сама 0 из 0"
    )
    assert screen.buttons[0] == "⏸ Отдать кураторам: Дороги"
    assert screen.buttons[-1] == "Дальше ▶️"

    assert (
        await stage.press(VERA, "Отдать кураторам: Дороги", on=screen) == "Новые посты ждут куратора: Дороги"
    )
    assert "⏸ Дороги: у кураторов с 02.03 12:00, было верно 0 из 0\n🟢 Дом" in screen.visible
    assert screen.buttons[0] == "▶️ Вернуть автоматику: Дороги"
    waits = await stage.arrive(5)
    assert (await stage.incident(waits)).status is Status.NEW
    await stage.write(VERA, f"/assign {waits} roads")
    await stage.write(VERA, "/routing")
    assert "было верно 0 из 0\nсейчас угадала бы 1 из 1\n" in stage.text(VERA)

    assert await stage.press(VERA, "Вернуть автоматику", on=stage.last(VERA)) == "Снова сама: Дороги"
    assert (await stage.incident(await stage.arrive(6))).status is Status.ASSIGNED
    assert [one for one in await stage.audited() if one[0] == "routing"] == [
        ("routing", "held"),
        ("routing", "released"),
    ]


async def test_a_broken_promise_is_one_line(stage: Stage) -> None:
    await judge(stage, right=14, wrong=6)
    await watch(stage)
    assert stage.text(VERA) == (
        "⏸ Автоматика по теме «Дороги» выключена: верно 14 из 20 (нужно 95 %). "
        "Новые посты этой темы ждут куратора. Вернуть: /routing"
    )
    said = len(stage.chats[VERA])
    await watch(stage)
    assert len(stage.chats[VERA]) == said
    for chat in (ANNA, HOUSING_CHAT):
        assert not any("Автоматика" in one.visible for one in stage.chats[chat])


async def test_a_good_shadow_suggests_the_release(stage: Stage) -> None:
    await stage.notify(VERA, "routing.ready", topic="housing", right=19, judged=20)
    assert stage.text(VERA) == (
        "▶️ Тема «Дом и управляющая компания»: автоматика совпала с куратором в 19 из 20. Можно вернуть: /routing"
    )


async def test_in_english(stage: Stage) -> None:
    await stage.says_english(VERA)
    await judge(stage, right=1, wrong=1)
    await stage.write(VERA, "/routing")
    assert stage.text(VERA).startswith(
        "Routing by topic\n30 days: 2 of 2 by itself, right 1 of 2\n\n🟢 Roads: 2 of 2 by itself, right 1 of 2\n"
    )
    await stage.notify(VERA, "routing.held", topic="roads", right=14, judged=20, promised=95)
    assert stage.text(VERA) == (
        "⏸ Automatic routing of “Roads” is off: right 14 of 20 (95 % needed). "
        "New posts on it wait for a curator. To switch on: /routing"
    )


async def test_every_topic_is_on_some_page(stage: Stage) -> None:
    await stage.write(VERA, "/routing")
    screen, seen = stage.last(VERA), set[str]()
    while True:
        seen |= {one.name_ru for one in rubricator().values() if f" {one.name_ru}: " in screen.visible}
        assert len(screen.buttons) <= 8
        if "Дальше ▶️" not in screen.buttons:
            break
        assert (await stage.press(VERA, "Дальше", on=screen)) == "Автоматика по темам"
    assert seen == {one.name_ru for one in rubricator().values()}
    await stage.press(VERA, "Назад", on=screen)
    assert "Дальше ▶️" in screen.buttons


async def test_stale_buttons_say_what_has_happened(stage: Stage) -> None:
    hold = HoldTopic(topic="roads", offset=0).pack()
    assert await stage.press_data(VERA, hold) == "Новые посты ждут куратора: Дороги"
    assert await stage.press_data(VERA, hold) == "!Эта тема уже у кураторов: /routing"
    release = ReleaseTopic(hold_id=1, offset=0).pack()
    assert await stage.press_data(VERA, release) == "Снова сама: Дороги"
    assert await stage.press_data(VERA, release) == "!Автоматику уже вернул(а) Вера, 12:00: /routing"
    assert (
        await stage.press_data(VERA, HoldTopic(topic="nothing", offset=0).pack())
        == "!Такой темы нет: /routing"
    )
    assert (
        await stage.press_data(VERA, ReleaseTopic(hold_id=99, offset=0).pack()) == "!Такой темы нет: /routing"
    )
    assert await stage.press_data(VERA, TurnRouting(offset=1_000).pack()) == "Автоматика по темам"


async def test_only_curators(stage: Stage) -> None:
    await stage.write(ANNA, "/routing")
    assert stage.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    for press in (
        HoldTopic(topic="roads", offset=0),
        ReleaseTopic(hold_id=1, offset=0),
        TurnRouting(offset=0),
    ):
        assert (
            await stage.press_data(ANNA, press.pack()) == "!Это может только: куратор. Что можно вам: /help"
        )
        assert (await stage.press_data(STRANGER, press.pack())).startswith("!")


def test_every_topics_button_fits() -> None:
    for code in rubricator():
        assert len(HoldTopic(topic=code, offset=1_000_000).pack().encode()) <= 64


async def test_a_skip_with_a_ready_reason_teaches_what_the_reason_says(stage: Stage) -> None:
    for number, reason in ((2, "Реклама или спам"), (3, "Шутка"), (4, "Другой регион"), (5, "Уже отвечено")):
        incident = await stage.arrive(number, sure=0.3)
        await stage.press(VERA, "Не требует ответа")
        await stage.press(VERA, reason)
        assert (await stage.incident(incident)).status is Status.SKIPPED
    async with stage.database.reading() as session:
        labels = await session.execute(select(Label.incident_id, Label.field, Label.value).order_by(Label.id))
        assert [tuple(one) for one in labels] == [(1, "spam", "yes"), (2, "needs_answer", "no")]


async def test_spam_waits_for_a_curator_who_is_offered_to_skip_it(stage: Stage) -> None:
    found = replace(POTHOLE, native_id="wall-1_7", text="Займы без отказа!!!")
    async with stage.database.writing() as session:
        spam = replace(guess(), spam=True, spam_confidence=0.99)
        await take_in(session, found, spam, rules=TriageRules(), now=stage.clock())
    await stage.deliver()
    assert stage.text(VERA).endswith("🆕 Новое, ждёт разбора\n🤖 похоже на спам: «Не требует ответа»?")
    assert "🚫 Не требует ответа" in stage.last(VERA).buttons
    assert not stage.chats[ANNA]
