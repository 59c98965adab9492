"""/drafts, «Версии», and taking a question back."""

from sqlalchemy import select, update

from models import Answer, AnswerState, Body, Prompt
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, IRINA, VERA, Stage


async def open_prompts(stage: Stage) -> int:
    async with stage.database.reading() as session:
        return len(list(await session.scalars(select(Prompt.id).where(Prompt.closed_at.is_(None)))))


async def wants_approval(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))


async def test_what_is_begun_with_the_way_to_go_on_or_to_drop_it(stage: Stage) -> None:
    await stage.write(ANNA, "/drafts")
    assert stage.text(ANNA) == "Начатого нет: ни черновиков, ни вопросов без ответа."
    first = await stage.arrive(2)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим & точка.")
    preview = stage.last(ANNA)
    second = await stage.arrive(3, text="Фонарь на Мира")
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "/drafts")
    listed = stage.last(ANNA)
    assert listed.visible == (
        "Начато: 2\n\n"
        f"📝 № {first} · черновик, не отправлен, с 12:00\nПочиним & точка.\n"
        "до 03.03 12:00 · осталось 1 дн.\n\n"
        f"💬 № {second} · ждёт текста с 12:00\nдо 03.03 12:00 · осталось 1 дн."
    )
    assert listed.buttons == [f"▶️ Открыть № {first}", "🗑 Отменить", f"▶️ Открыть № {second}", "🗑 Отменить"]
    assert await stage.press(ANNA, f"Открыть № {second}", on=listed) == "Спросил ещё раз"
    assert stage.last(ANNA).outgoing.force_reply
    assert await open_prompts(stage) == 1
    assert await stage.press(ANNA, f"Открыть № {first}", on=listed) == f"№ {first} ниже"
    assert stage.last(ANNA).buttons == preview.buttons
    assert await stage.press(ANNA, "Отменить", on=listed) == "Черновик отменён"
    assert listed.visible.startswith("Начато: 1\n\n💬")
    assert await stage.press(ANNA, "Отменить", on=listed) == "Вопрос снят"
    assert listed.visible == "Начатого нет: ни черновиков, ни вопросов без ответа."
    assert await open_prompts(stage) == 0


async def test_an_answer_sent_back_is_begun_with_the_reason(stage: Stage) -> None:
    await wants_approval(stage)
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Когда-нибудь")
    await stage.press(ANNA, "Отправить")
    await stage.press(IRINA, "На доработку")
    await stage.press(IRINA, "Нет сроков")
    await stage.write(ANNA, "/my")
    await stage.press(ANNA, "Черновики и вопросы")
    assert stage.text(ANNA) == (
        f"Начато: 1\n\n✏️ № {number} · на доработке: «Нет сроков»\nдо 03.03 12:00 · осталось 1 дн."
    )
    assert await stage.press(ANNA, f"Исправить № {number}") == "Жду новый текст"
    assert "Когда-нибудь" in stage.text(ANNA)


async def test_a_long_list_is_turned(stage: Stage) -> None:
    for number in range(2, 9):
        await stage.arrive(number)
        await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "/drafts")
    listed = stage.last(ANNA)
    assert len(listed.buttons) == 11
    await stage.press(ANNA, "Дальше", on=listed)
    assert len(listed.buttons) == 5
    await stage.press(ANNA, "Назад", on=listed)
    assert listed.visible.startswith("Начато: 7")


async def test_nobody_opens_or_drops_what_a_colleague_began(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    await stage.write(BORIS, "Греем", chat=HOUSING_CHAT, to=stage.last(HOUSING_CHAT))
    await stage.write(BELLA, "/drafts")
    assert stage.text(BELLA).startswith("Начатого нет")
    for forged in ("a1.drfo:1", "a1.drfx:1:0"):
        assert await stage.press_data(BELLA, forged) == "!Это не ваше обращение. Что можно вам: /help"
    for forged in ("a1.drfa:1", "a1.drfp:1:0", "a1.drfa:99"):
        assert await stage.press_data(BELLA, forged) == "!Этот черновик уже отправлен или заменён."


async def test_a_question_is_taken_back_in_words(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Отмена.")
    assert stage.text(ANNA) == (f"Отменено. Вопрос о № {number} снят, само обращение остаётся где было.")
    assert await open_prompts(stage) == 0
    await stage.write(ANNA, "/cancel")
    assert stage.text(ANNA) == "Сейчас я ни о чём не спрашивал."
    await stage.press(ANNA, "Ответить", on=stage.chats[ANNA][0])
    await stage.write(ANNA, "/cancel")
    assert await open_prompts(stage) == 0
    async with stage.database.reading() as session:
        assert list(await session.scalars(select(Answer.id))) == [], "the word is no answer"


async def test_of_several_questions_the_one_replied_to_is_taken_back(stage: Stage) -> None:
    first = await stage.arrive(2)
    await stage.press(ANNA, "Ответить")
    asked = stage.last(ANNA)
    await stage.arrive(3)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "отмена")
    assert stage.text(ANNA) == "Открыто несколько вопросов. Ответьте «отмена» на нужный или откройте /drafts."
    await stage.write(ANNA, "отмена", to=asked)
    assert f"Вопрос о № {first} снят" in stage.text(ANNA)
    assert await open_prompts(stage) == 1


async def test_the_word_means_nothing_where_nothing_is_asked(stage: Stage) -> None:
    await stage.write(ANNA, "отмена")
    assert stage.text(ANNA).startswith("Не понял")


async def test_versions_show_what_changed_and_the_text_whole(stage: Stage) -> None:
    await wants_approval(stage)
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Яму <b>на</b> Ленина заделаем на этой неделе.")
    await stage.press(ANNA, "Отправить")
    await stage.press(IRINA, "На доработку")
    await stage.press(IRINA, "Нет сроков")
    await stage.press(ANNA, "Исправить")
    await stage.write(ANNA, "Яму <b>на</b> Ленина заделаем до 6 марта.")
    await stage.press(ANNA, "Отправить")
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "Версии")
    page = stage.last(VERA)
    assert page.text == (
        f"🗂 <b>Версии ответа на № {number}: 2</b>\n\n"
        "<b>2</b> · 02.03 12:00 · Анна · на согласовании\n"
        "<i>Яму &lt;b&gt;на&lt;/b&gt; Ленина заделаем до 6 марта.</i>\n"
        "<blockquote expandable>… &lt;b&gt;на&lt;/b&gt; Ленина заделаем <s>на этой неделе.</s> "
        "<u>до 6 марта.</u></blockquote>\n\n"
        "<b>1</b> · 02.03 12:00 · Анна · возвращена\n💬 «Нет сроков»\n"
        "<i>Яму &lt;b&gt;на&lt;/b&gt; Ленина заделаем на этой неделе.</i>"
    )
    assert page.buttons == ["📄 Текст 2"]  # the first stands there whole
    await stage.press_data(VERA, "a1.vert:1")
    assert stage.text(VERA) == f"📄 № {number}, версия 1\nЯму <b>на</b> Ленина заделаем на этой неделе."
    for forged in (f"a1.ver:{number}", f"a1.verp:{number}:0", "a1.vert:1", "a1.apic:1"):
        assert (await stage.press_data(BORIS, forged)).startswith("!"), "another body's"
    assert await stage.press_data(VERA, "a1.vert:99") == "Этой версии уже нет"


async def test_many_versions_are_turned_and_a_long_text_comes_in_pieces(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    for text in ("раз", "два", "три", "слово " * 700):
        await stage.write(ANNA, text)
        await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, "четыре")
    await stage.press(ANNA, "Отправить")
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "Версии")
    page = stage.last(VERA)
    assert page.buttons == ["📄 Текст 5", "📄 Текст 4", "📄 Текст 3", "Дальше ▶️"]
    seen = len(stage.chats[VERA])
    await stage.press(VERA, "Текст 4", on=page)
    parts = stage.chats[VERA][seen:]
    assert sum(part.visible.count("слово") for part in parts) == 700
    await stage.press(VERA, "Дальше", on=page)
    assert page.buttons == ["📄 Текст 2", "◀️ Назад"]
    await stage.press(VERA, "Назад", on=page)
    assert page.buttons[0] == "📄 Текст 5"
    async with stage.database.writing() as session:
        await session.execute(update(Answer).values(state=AnswerState.SUPERSEDED))
    assert (await stage.press_data(VERA, f"a1.verp:{number}:900")) == f"№ {number} ниже"
