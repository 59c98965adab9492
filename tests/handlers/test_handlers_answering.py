"""From the card to the answer on its way."""

from sqlalchemy import select

from handlers.callbacks import Approve, SendBack
from models import (
    Answer,
    AnswerState,
    Body,
    OutboxRow,
    Post,
    Publication,
    PublicationState,
    ReplyCapability,
    Status,
)
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, IRINA, VERA, Stage

PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90},
    {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 900},
]


def photo(name: str) -> list[dict[str, object]]:
    return [{"file_id": name, "file_unique_id": name, "width": 900, "height": 900}]


async def answers(stage: Stage) -> list[Answer]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(Answer).order_by(Answer.id)))


async def test_the_whole_way_from_card_to_publication(stage: Stage) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    assert card.buttons == ["✅ Принять", "✍️ Ответить", "↪️ Переадресовать", "🔗 Пост", "💡 Как отвечали"]
    assert await stage.press(ANNA, "Принять") == "Принято. Ответить до 03.03 12:00 · осталось 1 дн."
    assert "В работе: Анна, с 12:00 · Минтранс" in card.visible
    assert card.buttons == ["✍️ Ответить", "↪️ Переадресовать", "↩️ Вернуть", "🔗 Пост", "💡 Как отвечали"]
    assert await stage.press(ANNA, "Ответить") == "Жду текст ответа"
    prompt = stage.last(ANNA)
    assert prompt.outgoing.force_reply
    assert prompt.outgoing.reply_to == card.message_id
    await stage.write(ANNA, "Яму закроем до 10 марта.", to=prompt)
    preview = stage.last(ANNA)
    assert preview.visible == f"Проверьте ответ на № {number}\n\nЯму закроем до 10 марта."
    assert preview.buttons == ["✅ Отправить", "⏳ Промежуточный ответ", "✏️ Изменить", "Отмена"]
    assert await stage.press(ANNA, "Отправить") == "Отправлено на публикацию"
    assert preview.visible == f"📤 Ответ на № {number} отправлен на публикацию."
    assert preview.buttons == []
    assert "Отправлено, ждёт публикации" in card.visible
    assert card.buttons == ["🔗 Пост"]
    assert (await stage.incident(number)).status is Status.APPROVED


async def test_of_two_presses_the_second_reads_who_was_first(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    card = stage.last(HOUSING_CHAT)
    take = card.data("Принять")
    assert (await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)).startswith("Принято")
    again = await stage.press_data(BELLA, take, chat=HOUSING_CHAT, on=card.message_id)
    assert again == "!Уже принял(а) Борис, 12:00."
    assert await stage.press_data(BORIS, take, chat=HOUSING_CHAT) == "!Уже у вас, с 12:00: В работе."


async def test_answering_takes_the_incident_by_itself(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    assert (await stage.incident(number)).status is Status.ACCEPTED


async def test_words_without_a_swipe_answer_the_only_question(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим.")
    assert "Проверьте ответ" in stage.text(ANNA)


async def test_with_two_questions_open_a_swipe_is_asked_for(stage: Stage) -> None:
    first = await stage.arrive(2)
    await stage.press(ANNA, "Ответить")
    asked_first = stage.last(ANNA)
    second = await stage.arrive(3, text="Фонарь на Мира")
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим.")
    assert "Не ясно, на что это ответ" in stage.text(ANNA)
    await stage.write(ANNA, "Починим.", to=asked_first)
    assert f"Проверьте ответ на № {first}" in stage.text(ANNA)
    await stage.write(ANNA, "Заменим.")
    assert f"Проверьте ответ на № {second}" in stage.text(ANNA)


async def test_a_swipe_to_the_card_counts_as_one_to_its_question(stage: Stage) -> None:
    await stage.arrive()
    card = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.arrive(3)
    await stage.write(ANNA, "Починим.", to=card)
    assert "Проверьте ответ" in stage.text(ANNA)


async def test_a_swipe_to_a_card_before_any_question_says_what_to_press(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.write(ANNA, "Починим.", to=stage.last(ANNA))
    assert stage.text(ANNA).startswith(f"Чтобы ответить на № {number}, нажмите «Ответить»")
    assert await answers(stage) == []


async def test_a_voice_message_leaves_the_question_open(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    prompt = stage.last(ANNA)
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    sticker = {
        "file_id": "s",
        "file_unique_id": "s",
        "type": "regular",
        "width": 1,
        "height": 1,
        "is_animated": False,
        "is_video": False,
    }
    document = {"file_id": "d", "file_unique_id": "d"}
    for content in ({"voice": voice}, {"sticker": sticker}, {"document": document, "caption": "акт"}):
        await stage.write(ANNA, to=prompt, **content)
        assert stage.text(ANNA).startswith("Принимаю текст и фото")
    assert await answers(stage) == []
    await stage.write(ANNA, "Починим.", to=prompt)
    assert len(await answers(stage)) == 1


async def test_a_photo_with_a_caption_is_kept_in_its_largest_size(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, to=stage.last(ANNA), photo=PHOTO, caption="Починили")
    [answer] = await answers(stage)
    assert (answer.text, answer.photos) == ("Починили", ["large"])
    assert "фото: 1" in stage.text(ANNA)


async def test_an_album_is_one_draft_with_one_preview(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    prompt = stage.last(ANNA)
    seen = len(stage.chats[ANNA])
    await stage.write(ANNA, to=prompt, photo=photo("one"), caption="Починили", media_group_id="g")
    await stage.write(ANNA, to=prompt, photo=photo("two"), media_group_id="g")
    await stage.write(ANNA, photo=photo("three"), media_group_id="g")
    assert len(stage.chats[ANNA]) == seen, "the preview waits for the rest of the album"
    stage.clock.forward(seconds=2)
    await stage.deliver()
    [answer] = await answers(stage)
    assert (answer.text, answer.photos) == ("Починили", ["one", "two", "three"])
    assert len(stage.chats[ANNA]) == seen + 1
    assert "фото: 3" in stage.text(ANNA)


async def test_the_caption_may_stand_on_a_later_photo(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=photo("one"), media_group_id="g")
    await stage.write(ANNA, photo=photo("two"), caption="Починили", media_group_id="g")
    [answer] = await answers(stage)
    assert (answer.text, answer.photos) == ("Починили", ["one", "two"])


async def test_a_photo_of_an_album_after_sending_is_refused(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=photo("one"), caption="Починили", media_group_id="g")
    stage.clock.forward(seconds=2)
    await stage.deliver()
    await stage.press(ANNA, "Отправить")
    await stage.write(ANNA, photo=photo("two"), media_group_id="g")
    assert "На этот вопрос уже ответили" in stage.text(ANNA)
    assert (await answers(stage))[0].photos == ["one"]


async def test_a_text_too_long_is_refused_and_kept(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "а" * 3500)
    preview = stage.last(ANNA)
    assert "Длина 3500, а ВКонтакте примет не больше 3000" in preview.visible
    assert "показано начало" in preview.visible
    refusal = await stage.press(ANNA, "Отправить")
    assert refusal.startswith("!Длина 3500, а ВКонтакте примет не больше 3000. Нажмите «Изменить»")
    [draft] = await answers(stage)
    assert (draft.state, len(draft.text)) == (AnswerState.DRAFT, 3500)
    await stage.press(ANNA, "Изменить", on=preview)
    await stage.write(ANNA, "Короче", to=stage.last(ANNA))
    assert await stage.press(ANNA, "Отправить") == "Отправлено на публикацию"


async def test_a_photo_alone_cannot_be_sent(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=PHOTO)
    assert "Текста нет" in stage.text(ANNA)
    assert (await stage.press(ANNA, "Отправить")).startswith("!В ответе нет текста")


async def test_changing_shows_the_text_so_far_to_copy(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим <скоро>\n" * 20)
    assert await stage.press(ANNA, "Изменить") == "Жду новый текст"
    assert stage.last(ANNA).text.count("Починим &lt;скоро&gt;") == 20
    assert "<code>" in stage.last(ANNA).text


async def test_an_old_preview_cannot_send_what_was_replaced(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Первый")
    old = stage.last(ANNA)
    await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, "Второй")
    assert await stage.press(ANNA, "Отправить", on=old) == "!Этот черновик уже отправлен или заменён."


async def test_a_draft_can_be_dropped(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    assert await stage.press(ANNA, "Отмена") == "Черновик отменён"
    assert stage.text(ANNA) == f"Черновик ответа на № {number} отменён. № {number} остаётся за вами."
    assert (await stage.incident(number)).status is Status.ACCEPTED


async def test_an_interim_answer_is_marked_so(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Разбираемся")
    await stage.press(ANNA, "Промежуточный")
    await stage.press(ANNA, "вт 03.03")
    assert [answer.is_interim for answer in await answers(stage)] == [True]


async def test_an_edit_in_the_chat_is_told_to_press_change(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    wrote = await stage.write(ANNA, "Починем")
    await stage.write(ANNA, "Починим", edited=wrote)
    assert "Нажмите под черновиком «Изменить»" in stage.text(ANNA)
    assert [answer.text for answer in await answers(stage)] == ["Починем"]
    await stage.press(ANNA, "Отправить")
    await stage.write(ANNA, "Починим!", edited=wrote)
    assert stage.text(ANNA).startswith("Этот текст уже отправлен")


async def test_an_edit_of_anything_else_is_nobodys_business(stage: Stage) -> None:
    await stage.arrive()
    seen = len(stage.chats[ANNA])
    await stage.write(ANNA, "привет", edited=77)
    assert len(stage.chats[ANNA]) == seen


async def test_in_a_group_the_question_names_who_is_asked(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    prompt = stage.last(HOUSING_CHAT)
    assert prompt.text.startswith('<a href="tg://user?id=102">Борис,</a> ✍️')
    await stage.write(BELLA, "Я отвечу", chat=HOUSING_CHAT, to=prompt)
    assert stage.text(HOUSING_CHAT).startswith("Этот вопрос задан другому сотруднику")
    assert await answers(stage) == []
    await stage.write(BORIS, "Дали тепло", chat=HOUSING_CHAT, to=prompt)
    assert "Проверьте ответ" in stage.text(HOUSING_CHAT)
    stolen = await stage.press(BELLA, "Отправить", chat=HOUSING_CHAT)
    assert stolen == "!Это не ваше обращение. Что можно вам: /help"


async def test_a_group_may_talk_among_itself(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    seen = len(stage.chats[HOUSING_CHAT])
    await stage.write(BORIS, "Кто сегодня дежурит?", chat=HOUSING_CHAT)
    assert len(stage.chats[HOUSING_CHAT]) == seen


async def test_words_that_come_after_the_incident_was_taken_away(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    prompt = stage.last(ANNA)
    await stage.write(VERA, f"/assign {number} housing")
    await stage.write(ANNA, "Починим", to=prompt)
    assert "Это обращение другого органа: Минжилищный <надзор>. Что можно вам: /help" in stage.text(ANNA)
    await stage.write(ANNA, "привет")
    assert stage.text(ANNA).startswith("Не понял"), "the question is withdrawn and catches nothing more"


async def test_where_only_a_person_can_publish_the_link_is_asked_for(stage: Stage) -> None:
    number = await stage.arrive(reply_capability=ReplyCapability.MANUAL)
    card = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим & точка")
    await stage.press(ANNA, "Отправить")
    assert "Опубликуйте ответ под постом" in card.visible
    assert "<code>Починим &amp; точка</code>" in card.text
    assert card.buttons == ["📋 Скопировать ответ", "✅ Готово, вот ссылка", "🔗 Открыть"]
    assert await stage.press(ANNA, "Готово", on=card) == "Жду ссылку"
    await stage.write(ANNA, "готово, честно")
    assert stage.text(ANNA).startswith("Не похоже на ссылку")
    await stage.write(ANNA, "https://vk.com/wall-1_2?reply=3")
    assert stage.text(ANNA) == f"✅ № {number}: ссылка принята, спасибо."
    assert (await stage.incident(number)).status is Status.ANSWERED
    assert 'href="https://vk.com/wall-1_2?reply=3"' in card.text


async def test_an_approver_agrees_or_sends_back(stage: Stage) -> None:
    async with stage.database.writing() as session:
        (await session.get_one(Body, stage.bodies["roads"])).needs_approval = True
    number = await stage.arrive()
    card = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Когда-нибудь")
    assert await stage.press(ANNA, "Отправить") == "Отправлено на согласование"
    assert "На согласовании: Анна" in card.visible
    assert "Когда-нибудь" in card.visible
    assert card.buttons == ["🗂 Версии", "🔗 Пост"]  # nothing to press in vain
    approve, send_back = Approve(incident_id=number).pack(), SendBack(incident_id=number).pack()
    assert await stage.press_data(ANNA, approve) == (
        "!Это может только: куратор, согласующий. Что можно вам: /help"
    )
    await stage.press_data(IRINA, send_back, on=1)
    assert await stage.press(IRINA, "Нет сроков", on=stage.chats[IRINA][-1]) == "Возвращено на доработку"
    assert "На доработке" in card.visible
    assert "Нет сроков" in card.visible
    await stage.press(ANNA, "Ответить", on=card)
    await stage.write(ANNA, "До 10 марта")
    await stage.press(ANNA, "Отправить")
    assert await stage.press_data(IRINA, approve) == "Согласовано"
    assert (await stage.incident(number)).status is Status.APPROVED


async def test_an_approver_says_why_in_their_own_words(stage: Stage) -> None:
    async with stage.database.writing() as session:
        (await session.get_one(Body, stage.bodies["roads"])).needs_approval = True
    number = await stage.arrive()
    card = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Когда-нибудь")
    await stage.press(ANNA, "Отправить")
    await stage.press_data(IRINA, SendBack(incident_id=number).pack(), on=1)
    await stage.press(IRINA, "Своими словами")
    await stage.write(IRINA, "Назовите подрядчика")
    assert "Назовите подрядчика" in card.visible


async def test_an_answer_past_the_draft_is_shown_with_its_links(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    await stage.press(ANNA, "Отправить")
    async with stage.database.reading() as session:
        [state] = await session.scalars(select(Publication.state))
        [post] = await session.scalars(select(Post.incident_id))
    assert (state, post) == (PublicationState.WAITING, number)


async def test_in_a_topic_everything_is_asked_and_told_there(stage: Stage) -> None:
    async with stage.database.writing() as session:
        (await session.get_one(Body, stage.bodies["housing"])).thread_id = 7
    number = await stage.arrive(topic="housing")
    topic = {"message_thread_id": 7, "is_topic_message": True}
    await stage.write(BORIS, "/my", chat=HOUSING_CHAT, **topic)
    opened = {
        "message_id": 7, "date": 1, "chat": {"id": HOUSING_CHAT, "type": "supergroup", "title": "Чат"},
        "from": {"id": 42, "is_bot": True, "first_name": "Отклик"},
        "forum_topic_created": {"name": "Отклик", "icon_color": 1},
    }  # fmt: skip
    seen = len(stage.chats[HOUSING_CHAT])
    await stage.write(BORIS, "обед?", chat=HOUSING_CHAT, reply_to_message=opened, **topic)
    assert len(stage.chats[HOUSING_CHAT]) == seen, "a topic's first message is nobody's swipe"
    async with stage.database.reading() as session:
        threads = set(await session.scalars(select(OutboxRow.thread_id)))
    assert threads == {7}
    assert f"№ {number}" in stage.text(HOUSING_CHAT)


async def test_a_button_so_old_that_telegram_forgot_its_message(stage: Stage) -> None:
    await stage.arrive()
    user = {"id": ANNA, "is_bot": False, "first_name": "Анна"}
    pressed = {"id": "1", "from": user, "chat_instance": "x", "inline_message_id": "y"}
    await stage.feed(callback_query={**pressed, "data": "a1.page:my:0"})
    await stage.feed(callback_query={**pressed, "data": "a1.acc:1"})
    assert (await stage.incident(1)).status is Status.ACCEPTED


async def test_photos_of_a_draft_go_with_its_new_words(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, photo=photo("p1"))
    assert "Текста нет" in stage.last(ANNA).visible
    await stage.press(ANNA, "Изменить")
    assert "Фото (1) останутся" in stage.last(ANNA).visible
    await stage.write(ANNA, "Вот, закрыли.", to=stage.last(ANNA))
    assert (await answers(stage))[-1].photos == ["p1"]
    await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, photo=photo("p2"), caption="А вот сегодня.", to=stage.last(ANNA))
    newest = (await answers(stage))[-1]
    assert (newest.photos, newest.text) == (["p2"], "А вот сегодня.")
