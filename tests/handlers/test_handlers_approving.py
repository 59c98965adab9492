"""Approval as its people see it: the whole answer, the reason, the new version, and one's own words."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from incidents import sweeping
from models import Answer, Body, Membership, Official, Role, Status
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, IRINA, VERA, Stage

PHOTOS = [{"file_id": "p1", "file_unique_id": "p1", "width": 900, "height": 900}]


@pytest.fixture
async def watched(stage: Stage) -> Stage:
    """Roads want every answer approved; Irina approves."""
    await stage.write(VERA, "/approval roads on")
    assert stage.text(VERA) == (
        "👀 Минтранс: ответы теперь идут через согласующего. Нет своего — согласуют кураторы."
    )
    return stage


async def submit(stage: Stage, text: str) -> None:
    await stage.press(ANNA, "Ответить", on=stage.chats[ANNA][0])
    await stage.write(ANNA, text)
    await stage.press(ANNA, "Отправить")


async def test_the_approver_reads_the_whole_answer_and_sees_its_photos(watched: Stage) -> None:
    stage = watched
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=PHOTOS, caption="Яму <заделаем> до 6 марта. " + "Подробности. " * 40)
    await stage.press(ANNA, "Отправить")
    card = stage.last(IRINA)
    assert "<blockquote expandable>Яму &lt;заделаем&gt; до 6 марта." in card.text
    assert card.visible.count("Подробности.") == 40, "not only its beginning"
    assert "до 03.03 12:00 · осталось 1 дн." in card.visible
    assert card.buttons[:4] == ["✅ Согласовать", "↩️ На доработку", "🗂 Версии", "📎 Фото к ответу (1)"]
    assert await stage.press(IRINA, "Фото к ответу") == "Фото — ниже"
    album = stage.last(IRINA)
    assert album.outgoing.album == ("p1",)
    assert album.visible == f"📎 Фото к ответу на № {number}: 1"
    assert await stage.press(IRINA, "Согласовать", on=card) == "Согласовано"
    assert (await stage.incident(number)).status is Status.APPROVED


async def test_sent_back_twice_mended_twice_and_agreed(watched: Stage) -> None:
    stage = watched
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=PHOTOS, caption="Сделаем.")
    await stage.press(ANNA, "Отправить")
    await stage.press(IRINA, "На доработку")
    assert await stage.press(IRINA, "Нет сроков") == "Возвращено на доработку"
    told = stage.last(ANNA)
    assert told.visible == (
        f"✏️ № {number} на доработке: «Нет сроков»\nАнна, исправьте: до 03.03 12:00 · осталось 1 дн."
    )
    assert told.buttons == ["✏️ Исправить", f"Открыть № {number}"]
    assert await stage.press(ANNA, "Исправить") == "Жду новый текст"
    question = stage.last(ANNA)
    assert "Фото (1) останутся" in question.visible
    assert "<code>Сделаем.</code>" in question.text
    await stage.write(ANNA, "Сделаем <скоро>.")
    await stage.press(ANNA, "Отправить")
    news = stage.last(IRINA)
    assert news.text == (
        f"🆕 № {number}: новая версия ответа. Что изменилось:\n<s>Сделаем.</s> <u>Сделаем &lt;скоро&gt;.</u>"
    )
    assert news.buttons == ["🗂 Версии"]
    await stage.press(IRINA, "На доработку")
    await stage.press(IRINA, "Своими словами")
    await stage.write(IRINA, "Скоро — это когда?")
    assert stage.last(ANNA).visible.startswith(f"✏️ № {number} на доработке: «Скоро — это когда?»")
    await stage.press(ANNA, "Исправить")
    await stage.write(ANNA, "Сделаем до 6 марта.")
    await stage.press(ANNA, "Отправить")
    assert stage.last(IRINA).text.endswith("Сделаем <s>&lt;скоро&gt;.</s> <u>до 6 марта.</u>")
    assert await stage.press(IRINA, "Согласовать") == "Согласовано"
    async with stage.database.reading() as session:
        photos = list(await session.scalars(select(Answer.photos).order_by(Answer.version)))
    assert photos == [["p1"]] * 3


async def test_the_approver_is_reminded_while_the_answer_waits(watched: Stage) -> None:
    stage = watched
    number = await stage.arrive()
    await submit(stage, "До 6 марта.")
    stage.clock.forward(seconds=12 * 3600)
    async with stage.database.writing() as session:
        await sweeping.look_at(session, incident_id=number, now=stage.clock())
    await stage.deliver()
    said = f"⏰ № {number} ждёт вашего согласования: до 03.03 12:00 · осталось 12 ч"
    assert [one.visible for one in stage.chats[IRINA]].count(said) == 1


async def test_nobody_approves_their_own_answer_but_the_only_one(watched: Stage) -> None:
    stage = watched
    async with stage.database.writing() as session:
        anna = await session.scalar(select(Official.id).where(Official.telegram_id == ANNA))
        session.add(
            Membership(official_id=anna, role=Role.APPROVER, body_id=stage.bodies["roads"], granted_at=NOON)
        )
    number = await stage.arrive()
    await submit(stage, "До 6 марта.")
    card = stage.chats[ANNA][0]
    refusal = await stage.press(ANNA, "Согласовать", on=card)
    assert refusal == "!Свой ответ согласует другой: Ирина. Карточка у них есть."
    async with stage.database.writing() as session:
        await session.execute(update(Official).where(Official.telegram_id == IRINA).values(is_active=False))
    assert await stage.press(ANNA, "Согласовать", on=card) == "Согласовано"
    await stage.write(ANNA, f"/incident {number}")
    await stage.press(ANNA, "История")
    assert "Согласовал сам автор: другого согласующего нет" in stage.text(ANNA)


async def test_an_interim_answer_says_so_to_its_approver(watched: Stage) -> None:
    stage = watched
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Разбираемся.")
    await stage.press(ANNA, "Промежуточный")
    assert await stage.press(ANNA, "чт 05.03") == "Отправлено на согласование"
    assert "⏳ Промежуточный, итоговый обещан до 05.03 18:00" in stage.last(IRINA).visible
    async with stage.database.reading() as session:
        [answer] = await session.scalars(select(Answer))
    assert answer.control_at == datetime.fromisoformat("2026-03-05T18:00:00+03:00")


async def test_approval_is_switched_by_curators(stage: Stage) -> None:
    for who in (ANNA, IRINA, BORIS):
        await stage.write(who, "/approval roads on")
        assert stage.text(who).startswith("Это может только")
    for asked in ("/approval", "/approval roads", "/approval roads maybe"):
        await stage.write(VERA, asked)
        assert stage.text(VERA).startswith("Напишите код органа и on или off")
    await stage.write(VERA, "/approval нет on")
    assert "нет" in stage.text(VERA)
    await stage.write(VERA, "/approval roads on")
    await stage.write(VERA, "/approval roads OFF")
    assert stage.text(VERA).startswith("📤 Минтранс: ответы публикуются без согласования")
    async with stage.database.reading() as session:
        assert not (await session.get_one(Body, stage.bodies["roads"])).needs_approval
