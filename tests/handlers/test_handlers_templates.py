"""/templates and /signature, and templates where an answer is written."""

from sqlalchemy import select, update

from models import Answer, Incident, Membership, Official, Role, Template
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, VERA, Stage


async def coordinates(stage: Stage, who: int, *codes: str) -> None:
    async with stage.database.writing() as session:
        person = await session.scalar(select(Official.id).where(Official.telegram_id == who))
        session.add_all(
            Membership(official_id=person, role=Role.COORDINATOR, body_id=stage.bodies[code], granted_at=NOON)
            for code in codes
        )


async def newest(stage: Stage) -> Answer:
    async with stage.database.reading() as session:
        answer = await session.scalar(select(Answer).order_by(Answer.id.desc()).limit(1))
    assert answer is not None
    return answer


async def test_a_coordinator_adds_changes_and_switches_off(stage: Stage) -> None:
    await coordinates(stage, ANNA, "roads")
    await stage.write(ANNA, "/templates")
    page = stage.last(ANNA)
    assert page.visible == (
        "📄 Шаблоны: 0\nМинтранс\n\nПока ни одного. "
        "Шаблон появится у того, кто отвечает, сразу после «Ответить»."
    )
    assert await stage.press(ANNA, "Новый шаблон") == "Выберите тему"
    assert page.buttons[:2] == ["Любая тема", "Дороги"]
    assert await stage.press(ANNA, "Дороги", on=page) == "Жду название и текст"
    prompt = stage.last(ANNA)
    assert prompt.visible == (
        "📄 Пришлите шаблон. Первая строка — название, со второй — текст.\nПропуски заполню сам: "
        "{number} {date} {date+3} {place} {topic} {body} {signature} {official}"
    )
    for written, said in (
        ("Яма", "Первая строка — название, со второй — текст ответа. Пришлите ещё раз."),
        (
            "Яма\n{улица}",
            (
                "Пропуска {улица} нет. Есть: {number} {date} {date+3} {place} {topic} {body} {signature} "
                "{official}. Исправьте и пришлите ещё раз."
            ),
        ),
    ):
        await stage.write(ANNA, written)
        assert stage.text(ANNA) == said
    await stage.write(ANNA, "Яма <на> дороге\nЗаделаем до {date+3}.", to=prompt)
    assert stage.text(ANNA) == "✅ Шаблон «Яма <на> дороге» сохранён, версия 1."
    await stage.press(ANNA, "К шаблонам", on=stage.last(ANNA))
    page = stage.last(ANNA)
    assert page.visible == "📄 Шаблоны: 1\nМинтранс\n\nДороги\n• Яма <на> дороге: Заделаем до {date+3}."
    await stage.press(ANNA, "Яма <на> дороге", on=page)
    assert page.text == (
        "📄 <b>Яма &lt;на&gt; дороге</b>\nДороги · версия 1 · Анна, 02.03 12:00\n\n"
        "<code>Заделаем до {date+3}.</code>"
    )
    await stage.press(ANNA, "Изменить", on=page)
    question = stage.last(ANNA)
    assert "<code>Яма &lt;на&gt; дороге\nЗаделаем до {date+3}.</code>" in question.text
    await stage.write(ANNA, "Яма <на> дороге\nЗаделаем до {date+5}.", to=question)
    assert stage.text(ANNA) == "✅ Шаблон «Яма <на> дороге» сохранён, версия 2."
    assert (await stage.press(ANNA, "Изменить", on=page)).startswith("!Этого шаблона уже нет")
    await stage.press(ANNA, "К шаблонам", on=stage.last(ANNA))
    page = stage.last(ANNA)
    await stage.press(ANNA, "Яма <на> дороге", on=page)
    assert await stage.press(ANNA, "Выключить", on=page) == "Выключен: Яма <на> дороге"
    assert page.visible.startswith("📄 Шаблоны: 0")
    async with stage.database.reading() as session:
        kept = await session.execute(select(Template.version, Template.is_active).order_by(Template.id))
        assert [tuple(row) for row in kept] == [(1, False), (2, False)]


async def test_a_curator_keeps_the_common_ones_and_any_body_s_by_its_code(stage: Stage) -> None:
    await stage.write(VERA, "/templates")
    assert stage.text(VERA).startswith("📄 Шаблоны: 0\nОбщие для всех органов")
    await stage.press(VERA, "Новый шаблон")
    page = stage.last(VERA)
    await stage.press(VERA, "Дальше", on=page)
    await stage.press(VERA, "Назад", on=page)
    await stage.press(VERA, "Любая тема", on=page)
    await stage.write(VERA, "Приняли\nПриняли в работу.")
    assert stage.text(VERA).startswith("✅ Шаблон «Приняли»")
    await stage.write(VERA, "/templates housing")
    assert stage.text(VERA).startswith("📄 Шаблоны: 0\nМинжилищный <надзор>")
    await coordinates(stage, VERA, "roads")
    await stage.write(VERA, "/templates")
    assert stage.last(VERA).buttons == ["Общие для всех органов", "Минтранс"]
    await stage.press(VERA, "Общие")
    assert stage.text(VERA).startswith("📄 Шаблоны: 1\nОбщие")


async def test_templates_are_turned_six_to_a_page(stage: Stage) -> None:
    async with stage.database.writing() as session:
        person = await session.scalar(select(Official.id).where(Official.telegram_id == VERA))
        session.add_all(
            Template(name=f"ш{number}", text="т", created_by=person, created_at=NOON) for number in range(8)
        )
    await stage.write(VERA, "/templates")
    page = stage.last(VERA)
    assert page.buttons == [*(f"ш{number}" for number in range(6)), "➕ Новый шаблон", "Дальше ▶️"]
    await stage.press(VERA, "Дальше", on=page)
    assert page.buttons == ["ш6", "ш7", "➕ Новый шаблон", "◀️ Назад"]


async def test_those_who_may_not_are_told_who_may(stage: Stage) -> None:
    await stage.write(ANNA, "/templates")
    assert stage.text(ANNA).startswith("Это может только: ")
    await coordinates(stage, BORIS, "housing")
    for forged in ("a1.tpl:0:0", f"a1.tpl:{stage.bodies['roads']}:0", "a1.tpln:0:0", "a1.tplt:0:roads"):
        assert (await stage.press_data(BORIS, forged)).startswith("!"), forged
    for forged in ("a1.tplo:99", "a1.tplc:99", "a1.tplx:99"):
        assert (await stage.press_data(BORIS, forged)).startswith("!Этого шаблона уже нет")
    assert (await stage.press_data(BORIS, "a1.tplt:0:DROP TABLE")).startswith("!")


async def a_template(stage: Stage, words: str, topic: str = "") -> None:
    await stage.write(VERA, "/templates")
    await stage.press(VERA, "Новый шаблон")
    await stage.press(VERA, topic or "Любая тема")
    await stage.write(VERA, words)


async def test_an_answer_begins_with_a_template(stage: Stage) -> None:
    await a_template(stage, "Приняли\nНомер {number}, место: {place}. Ответим до {date+3}. {official}")
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    offered, question = stage.chats[ANNA][-2:]
    assert offered.visible == f"📄 № {number}: можно начать с шаблона"
    assert offered.buttons == ["Приняли"]
    assert question.outgoing.force_reply
    assert await stage.press(ANNA, "Приняли") == "Черновик готов, проверьте"
    assert stage.text(ANNA) == (
        f"Проверьте ответ на № {number}\n\nНомер {number}, место: улица Ленина, Верхнереченск. "
        "Ответим до 05.03.2026. Анна"
    )
    await stage.press(ANNA, "Изменить")
    assert f"<code>Номер {number}, место" in stage.last(ANNA).text
    await stage.write(ANNA, "Свои слова.")
    await stage.press(ANNA, "Отправить")
    assert (await newest(stage)).text == "Свои слова."


async def test_what_is_not_known_must_be_written_before_it_is_sent(stage: Stage) -> None:
    await a_template(stage, "Приняли\nПриедем 5 марта: {place}.")
    number = await stage.arrive()
    async with stage.database.writing() as session:
        await session.execute(update(Incident).values(place="", territory=""))
    await stage.press(ANNA, "Ответить")
    await stage.press(ANNA, "Приняли")
    assert stage.text(ANNA) == (
        f"Проверьте ответ на № {number}\n\nПриедем 5 марта: ____.\n\n⚠️ Остались пропуски ____: "
        "впишите недостающее, иначе ответ не отправить. Нажмите «Изменить»."
    )
    assert await stage.press(ANNA, "Отправить") == (
        "!В ответе остались пропуски ____. Нажмите «Изменить» и впишите недостающее: черновик цел."
    )
    assert (await newest(stage)).submitted_at is None


async def test_in_a_group_a_colleague_cannot_answer_with_it(stage: Stage) -> None:
    await a_template(stage, "Приняли\nГреем.")
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    assert (await stage.press(ANNA, "Приняли", chat=HOUSING_CHAT)).startswith("!")
    await stage.press(BORIS, "Приняли", chat=HOUSING_CHAT)
    assert (await newest(stage)).text == "Греем."


async def test_every_answer_is_signed_once(stage: Stage) -> None:
    await stage.write(VERA, "/signature roads С уважением, <Минтранс>")
    assert stage.text(VERA) == "✍️ Минтранс: ответы заканчиваются так:\nС уважением, <Минтранс>"
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим до 6 марта.")
    assert stage.text(ANNA).endswith("Починим до 6 марта.\n\nС уважением, <Минтранс>")
    await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, "Починим до 7 марта.\nС уважением, <Минтранс>")
    assert stage.text(ANNA).count("С уважением") == 1
    await stage.write(VERA, "/signature roads")
    assert "С уважением" in stage.text(VERA)
    await stage.write(VERA, "/signature roads -")
    assert stage.text(VERA) == "✍️ Минтранс: ответы без подписи."
    await stage.write(VERA, "/signature")
    assert stage.text(VERA).startswith("Напишите код органа и подпись")
    await stage.write(VERA, "/signature roads " + "т" * 201)
    assert stage.text(VERA) == "В подписи 201 знаков, а можно 200. Сократите её."
    await stage.write(ANNA, "/signature roads Я")
    assert stage.text(ANNA).startswith("Это может только")


async def test_an_album_with_a_late_caption_is_signed_too(stage: Stage) -> None:
    await stage.write(VERA, "/signature roads Ваш Минтранс")
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    one, two = (
        [{"file_id": name, "file_unique_id": name, "width": 9, "height": 9}] for name in ("one", "two")
    )
    await stage.write(ANNA, photo=one, media_group_id="g")
    await stage.write(ANNA, photo=two, media_group_id="g", caption="Починили.")
    answer = await newest(stage)
    assert (answer.text, answer.photos) == ("Починили.\n\nВаш Минтранс", ["one", "two"])
