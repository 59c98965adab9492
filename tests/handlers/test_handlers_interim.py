"""An interim answer, from «⏳» to the final one: which day is promised, and how."""

from datetime import datetime, timedelta

from sqlalchemy import select

from incidents import publishing, sweeping
from models import Answer, Status
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, Stage

DAYS = ["вт 03.03", "чт 05.03", "пн 09.03", "✏️ Своя дата", "◀️ Назад"]


async def newest(stage: Stage) -> Answer:
    async with stage.database.reading() as session:
        answer = await session.scalar(select(Answer).order_by(Answer.id.desc()).limit(1))
    assert answer is not None
    return answer


async def begin(stage: Stage, text: str = "Разбираемся, ответим подробно.") -> int:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, text)
    return number


async def publish(stage: Stage) -> None:
    async with stage.database.writing() as session:
        for number in await publishing.claim(session, networks=["vk"], now=stage.clock(), limit=10):
            await publishing.mark_sending(session, number)
            await publishing.published(
                session,
                publication_id=number,
                native_id=f"wall-1_2_r{number}",
                url="https://vk.com/wall-1_2?reply=9",
                now=stage.clock(),
            )
    await stage.deliver()


async def pass_to(stage: Stage, number: int, moment: datetime) -> None:
    """Let the sweep look whenever it must, until that moment."""
    while (at := (await stage.incident(number)).next_look_at) is not None and at <= moment:
        stage.clock.forward(seconds=max((at - stage.clock()).total_seconds(), 0))
        async with stage.database.writing() as session:
            await sweeping.look_at(session, incident_id=number, now=stage.clock())
        await stage.deliver()
    stage.clock.forward(seconds=(moment - stage.clock()).total_seconds())


async def test_the_press_asks_by_which_day_the_final_answer_follows(stage: Stage) -> None:
    number = await begin(stage)
    preview = stage.last(ANNA)
    assert await stage.press(ANNA, "Промежуточный") == "Выберите день"
    assert preview.visible == f"⏳ № {number}: когда дадите итоговый ответ?\nНе позже 09.03 12:00."
    assert preview.buttons == DAYS
    assert await stage.press(ANNA, "Назад") == "Черновик"
    assert preview.visible.startswith(f"Проверьте ответ на № {number}")
    assert len([one for one in stage.chats[ANNA] if "Проверьте" in one.visible]) == 1
    await stage.press(ANNA, "Промежуточный")
    assert await stage.press(ANNA, "чт 05.03") == "Отправлено на публикацию"
    assert preview.visible == f"📤 Ответ на № {number} отправлен на публикацию."
    await publish(stage)
    incident = await stage.incident(number)
    assert incident.status is Status.INTERIM
    assert incident.control_at == datetime.fromisoformat("2026-03-05T18:00:00+03:00")
    assert "⏳ Итоговый ответ до 05.03 18:00" in stage.chats[ANNA][0].visible


async def test_a_day_may_be_written(stage: Stage) -> None:
    number = await begin(stage)
    preview = stage.last(ANNA)
    await stage.press(ANNA, "Промежуточный")
    assert await stage.press(ANNA, "Своя дата") == "Жду дату"
    prompt = stage.last(ANNA)
    assert prompt.outgoing.force_reply
    assert prompt.visible == (
        f"⏳ № {number}: какого числа дадите итоговый ответ? Например: 25.11, через 5 дней, пятница."
    )
    for written, said in (
        ("скоро", "Не понял дату. Напишите, например: 25.11, 25 ноября, через 5 дней, пятница."),
        ("1 марта", "Этот день уже прошёл. Назовите другой, не позже 09.03 12:00."),
        ("через 8 дней", "Слишком поздно: по нормативу не позже 09.03 12:00. Назовите день раньше."),
    ):
        await stage.write(ANNA, written)
        assert stage.text(ANNA) == said
    await stage.write(ANNA, "в пятницу")
    assert stage.text(ANNA) == f"⏳ № {number}: итоговый ответ — пт 06.03. Напомню заранее."
    assert preview.visible == f"📤 Ответ на № {number} отправлен на публикацию."
    answer = await newest(stage)
    assert answer.is_interim
    assert answer.control_at == datetime.fromisoformat("2026-03-06T18:00:00+03:00")


async def test_reminders_run_to_the_day_that_was_promised_and_then_it_is_late(stage: Stage) -> None:
    number = await begin(stage)
    await stage.press(ANNA, "Промежуточный")
    await stage.press(ANNA, "чт 05.03")
    await publish(stage)
    control_at = datetime.fromisoformat("2026-03-05T18:00:00+03:00")
    seen = len(stage.chats[ANNA])
    await pass_to(stage, number, control_at - timedelta(hours=13))
    assert len(stage.chats[ANNA]) == seen, "nobody is hurried before the time"
    await pass_to(stage, number, control_at - timedelta(minutes=1))
    reminders = [one.visible for one in stage.chats[ANNA][seen:]]
    assert reminders == [
        f"⏰ № {number}: до 05.03 18:00 · осталось 12 ч",
        f"⏰ № {number}: до 05.03 18:00 · осталось 4 ч",
        f"⏰ № {number}: до 05.03 18:00 · осталось 1 ч",
    ]
    await pass_to(stage, number, control_at + timedelta(minutes=1))
    assert any("🔥" in one.visible for one in stage.chats[ANNA][seen + 3 :])
    assert "просрочено" in stage.chats[ANNA][0].visible


async def test_a_second_interim_buys_no_more_than_the_norm_left(stage: Stage) -> None:
    number = await begin(stage)
    await stage.press(ANNA, "Промежуточный")
    await stage.press(ANNA, "вт 03.03")
    await publish(stage)
    stage.clock.forward(seconds=20 * 3600)
    await stage.press(ANNA, "Ответить", on=stage.chats[ANNA][0])
    await stage.write(ANNA, "Ждём подрядчика, ответим в пятницу.")
    await stage.press(ANNA, "Промежуточный")
    assert "Не позже 09.03 12:00" in stage.text(ANNA), "counted from the first one"
    await stage.press(ANNA, "пт 06.03")
    await publish(stage)
    moved = datetime.fromisoformat("2026-03-06T18:00:00+03:00")
    assert (await stage.incident(number)).control_at == moved
    seen = len(stage.chats[ANNA])
    await pass_to(stage, number, moved - timedelta(minutes=1))
    assert len([one for one in stage.chats[ANNA][seen:] if "⏰" in one.visible]) == 3, "all over again"


async def test_after_the_norm_only_the_final_answer_is_left(stage: Stage) -> None:
    number = await begin(stage)
    await stage.press(ANNA, "Промежуточный")
    await stage.press(ANNA, "пн 09.03")
    await publish(stage)
    stage.clock.forward(seconds=7 * 24 * 3600)
    await stage.press(ANNA, "Ответить", on=stage.chats[ANNA][0])
    await stage.write(ANNA, "Заделали 8 марта, фото ниже.")
    refusal = await stage.press(ANNA, "Промежуточный")
    assert refusal.startswith("!Промежуточный ответ уже был, итоговый ждали 12:00.")
    await stage.press(ANNA, "Отправить")
    await publish(stage)
    assert (await stage.incident(number)).status is Status.ANSWERED


async def test_a_forged_day_is_refused_and_a_colleague_cannot_choose(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    await stage.write(BORIS, "Греем.", chat=HOUSING_CHAT, to=stage.last(HOUSING_CHAT))
    answer = await newest(stage)
    assert (
        await stage.press(BELLA, "Промежуточный", chat=HOUSING_CHAT)
        == "!Это не ваше обращение. Что можно вам: /help"
    )
    far = await stage.press_data(BORIS, f"a1.ctl:{answer.id}:800000", chat=HOUSING_CHAT)
    assert far.startswith("!Слишком поздно: по нормативу не позже 09.03 12:00")
    past = await stage.press_data(BORIS, f"a1.ctl:{answer.id}:1", chat=HOUSING_CHAT)
    assert past.startswith("!Этот день уже прошёл")
    for beyond in ("a1.ctl:1:9999999", "a1.ctl:1:0", "a1.ctl:x:1"):
        assert (await stage.press_data(BORIS, beyond, chat=HOUSING_CHAT)).startswith("!")
    assert (await newest(stage)).submitted_at is None
