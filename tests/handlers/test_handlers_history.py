"""📜 История and 💡 Как отвечали: whole messages."""

from sqlalchemy import select

from incidents import publishing
from models import HistoryEntry, Official, Status, Step
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, VERA, Stage


async def answer(stage: Stage, text: str = "Яму заделаем до 10 марта, работы ведёт подрядчик.") -> None:
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, text, to=stage.last(ANNA))
    await stage.press(ANNA, "Отправить")


async def publish(stage: Stage) -> None:
    async with stage.database.writing() as session:
        for number in await publishing.claim(session, networks=["vk"], now=stage.clock(), limit=10):
            await publishing.mark_sending(session, number)
            await publishing.published(
                session,
                publication_id=number,
                native_id=f"wall-1_9_r{number}",
                url=f"https://vk.com/wall-1_9?reply={number}",
                now=stage.clock(),
            )
    await stage.deliver()


async def test_the_history_is_told_by_days_in_sentences(stage: Stage) -> None:
    number = await stage.arrive(community_title="Подслушано <город>")
    await stage.press(ANNA, "Принять")
    stage.clock.forward(hours=22)
    await answer(stage)
    stage.clock.forward(minutes=5)
    await publish(stage)
    await stage.write(ANNA, f"/incident {number}")
    await stage.press(ANNA, "История")
    assert stage.text(ANNA) == (
        "История № 1\n\n"
        "2 марта, понедельник\n"
        "12:00 Пришла публикация: ВКонтакте · Подслушано <город>\n"
        "12:00 Зарегистрировано, срок пошёл — автоматически\n"
        "12:00 Назначено: Минтранс — автоматически\n"
        "12:00 Принято в работу (Минтранс) — Анна\n\n"
        "3 марта, вторник\n"
        "10:00 Черновик ответа, версия 1 — Анна\n"
        "10:00 Ответ отправлен на публикацию — Анна\n"
        "10:05 Ответ опубликован — автоматически\n"
        "10:05 Ответ стоит: ВКонтакте"
    )
    assert '<a href="https://vk.com/wall-1_9?reply=1">ВКонтакте</a>' in stage.last(ANNA).text


async def test_the_history_in_english_with_a_reason(stage: Stage) -> None:
    await stage.says_english(VERA)
    number = await stage.arrive(sure=0.1)
    await stage.write(VERA, f"/skip {number} <advertising>")
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "History")
    assert stage.text(VERA) == (
        "History of No. 1\n\nMonday, 2 March\n12:00 A post came: VK · Подслушано\n"
        "12:00 Marked: no answer needed: “<advertising>” — Вера"
    )


async def test_a_long_history_is_turned_by_pages(stage: Stage) -> None:
    number = await stage.arrive()
    async with stage.database.writing() as session:
        vera = await session.scalar(select(Official.id).where(Official.telegram_id == VERA))
        for at in range(40):
            session.add(
                HistoryEntry(
                    incident_id=number,
                    step=Step.REASSIGN,
                    before=Status.ASSIGNED,
                    after=Status.ASSIGNED,
                    official_id=vera,
                    body_id=stage.bodies["housing"],
                    reason=f"причина {at} " + "<&>" * 60,
                    at=NOON,
                )
            )
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "История")
    page = stage.last(VERA)
    assert page.visible.startswith("История № 1 · 8 из 8\n\n2 марта, понедельник\n12:00 Передано:")
    assert "причина 39" in page.visible
    assert page.buttons == ["◀️ Раньше"]
    for _ in range(7):
        await stage.press(VERA, "Раньше", on=page)
    assert page.visible.startswith("История № 1 · 1 из 8\n")
    assert "Пришла публикация" in page.visible
    assert page.buttons == ["Позже ▶️"]
    assert await stage.press_data(VERA, "a1.hpg:1:999") == "№ 1 ниже"


async def test_another_bodys_history_is_refused(stage: Stage) -> None:
    await stage.arrive()
    for data in ("a1.hist:1", "a1.hpg:1:0", "a1.sim:1", "a1.simt:1:1"):
        assert (await stage.press_data(BORIS, data)).startswith("!"), data
    assert (await stage.press_data(VERA, "a1.hpg:99:0")).startswith("!")


async def test_how_the_like_was_answered(stage: Stage) -> None:
    await stage.arrive(2, text="Огромная яма на проезжей части у школы, машины бьют колёса")
    await answer(stage)
    await publish(stage)
    for number in range(3, 7):
        await stage.arrive(number, text=f"Темно во дворе дома {number}, нет света", topic="housing")
    stage.clock.forward(days=3)
    number = await stage.arrive(9, text="Ямы на проезжей части возле школы, дети падают")
    card = stage.last(ANNA)
    assert await stage.press(ANNA, "Как отвечали", on=card) == "Похожие ответы ниже"
    shown = stage.last(ANNA)
    assert shown.text == (
        f"<b>💡 Похожее на № {number}: как отвечали</b>\n\n"
        "<b>№ 1</b> · Дороги · Минтранс\n"
        '3 дн. назад · <a href="https://vk.com/wall-1_9?reply=1">ответ в сети</a>\n'
        "<blockquote expandable>Яму заделаем до 10 марта, работы ведёт подрядчик.</blockquote>"
    )
    assert shown.buttons == ["📋 № 1", "За основу № 1"]
    assert await stage.press(ANNA, "За основу", on=shown) == "Ответ взят за основу. Проверьте черновик ниже."
    assert "Яму заделаем до 10 марта, работы ведёт подрядчик." in stage.text(ANNA)
    assert "✅ Отправить" in stage.last(ANNA).buttons
    assert (await stage.incident(number)).status is Status.ACCEPTED


async def test_a_long_answer_is_copied_by_a_touch(stage: Stage) -> None:
    await stage.arrive(2, text="Огромная яма на проезжей части у школы")
    await answer(stage, "Заделаем <яму> & ограждение до 10 марта. " * 40)
    await publish(stage)
    number = await stage.arrive(9, text="Яма на проезжей части возле школы")
    await stage.press(ANNA, "Как отвечали")
    shown = stage.last(ANNA)
    assert "<blockquote expandable><code>Заделаем &lt;яму&gt; &amp; ограждение" in shown.text
    assert shown.buttons == ["За основу № 1"]
    await stage.press_data(VERA, f"a1.sim:{number}")
    assert stage.last(VERA).buttons == []  # whoever does not answer, reads


async def test_nothing_like_it_was_answered(stage: Stage) -> None:
    await stage.arrive()
    said = "Похожих отвеченных обращений пока нет. Пишите своими словами: «Ответить»."
    assert await stage.press(ANNA, "Как отвечали") == said
    assert stage.text(ANNA) == said


async def test_an_answer_that_stands_nowhere_is_no_beginning(stage: Stage) -> None:
    await stage.arrive()
    await answer(stage)
    await stage.arrive(3)
    refused = "!Этого ответа в сети больше нет. Нажмите «Как отвечали» ещё раз или напишите своими словами."
    assert await stage.press_data(ANNA, "a1.simt:2:1") == refused
