"""The sandbox's page by itself: the bot's side is played here, word for word."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import ANNA, BORIS, VERA, Played, phone, shot

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001049444154789c63f8cfc0f09f01420200119f03fd0c5d8f3b0000000049454e44ae426082"
)


def key(text: str, data: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "callback_data": data, **more}


async def test_a_card_is_accepted_answered_and_the_answer_stands_under_the_post(
    town: Played, page: Page
) -> None:
    anna = phone(page, ANNA)
    await expect(anna.get_by_role("heading", name="Анна Смирнова")).to_be_visible()
    await expect(anna.locator(".holder")).to_contain_text("Министерство дорог")
    card = await town.say(
        ANNA,
        "<b>№ 17 · Дороги</b>\n<blockquote>Яма на Ленина</blockquote>\nдо 14:00",
        [key("Принять", "a:17", style="success"), key("Переадресовать", "m:17")],
        [{"text": "Открыть пост", "url": "https://vk.com/wall-1_1"}],
    )
    await anna.get_by_role("button", name="Принять").click()
    pressed = (await town.hears())["callback_query"]
    assert (pressed["data"], pressed["message"]["message_id"]) == ("a:17", card)
    await expect(anna.get_by_role("button", name="Принять")).to_have_attribute("aria-busy", "true")
    await town.rewrite(ANNA, card, "<b>№ 17 · Дороги</b>\nВ работе", [key("Ответить", "r:17")])
    await town.bot("answerCallbackQuery", callback_query_id=pressed["id"], text="Принято")
    await expect(anna.locator(".toast")).to_have_text("Принято")
    row = anna.locator(f'[data-message-id="{card}"]')
    await expect(row).to_contain_text("В работе")
    await expect(row.locator(".meta")).to_contain_text("изм.")

    await anna.get_by_role("button", name="Ответить", exact=True).click()
    pressed = (await town.hears())["callback_query"]
    prompt = await town.say(
        ANNA, "Напишите ответ на № 17", reply_markup={"force_reply": True, "input_field_placeholder": "Ответ"}
    )
    await town.bot("answerCallbackQuery", callback_query_id=pressed["id"])
    await expect(anna.locator(".reply-bar").first).to_contain_text("Напишите ответ на № 17")
    await expect(anna.locator("[aria-busy=true]")).to_have_count(0)
    await anna.get_by_label("Текст сообщения").fill("Яму засыпали сегодня.")
    await anna.get_by_label("Текст сообщения").press("Enter")
    said = (await town.hears())["message"]
    assert (said["text"], said["reply_to_message"]["message_id"]) == ("Яму засыпали сегодня.", prompt)
    await expect(anna.locator(".mine").last).to_contain_text("Яму засыпали сегодня.")
    await expect(anna.locator(".mine .quoted").last).to_contain_text("Напишите ответ на № 17")

    town.vk.publish(town.vk.posts[-1, 1], community_id=1, text="Яму засыпали.", reply_to=None, guid="1")
    post = page.locator('article[data-native-id="wall-1_1"]')
    await expect(post.locator(".comment.official")).to_contain_text("Яму засыпали.")
    await expect(post.locator(".comment.official .badge")).to_have_text("Ответ опубликован")
    # A link to the answer itself is not one more card.
    await town.rewrite(ANNA, card, 'Отвечено <a href="https://vk.com/wall-1_1?reply=2">ссылка</a>')
    await expect(row).to_contain_text("Отвечено")
    await expect(page.locator('[data-count="answers"]')).to_contain_text("1")
    await expect(page.locator('[data-count="cards"]')).to_contain_text("1")
    await shot(page, "page-answered")


async def test_an_alert_must_be_closed_and_a_toast_goes_by_itself(town: Played, page: Page) -> None:
    vera = phone(page, VERA)
    await town.say(VERA, "№ 18", [key("Принять", "a:18")])
    await vera.get_by_role("button", name="Принять").click()
    pressed = (await town.hears())["callback_query"]
    answer = {"text": "Уже принял Борис", "show_alert": True}
    await town.bot("answerCallbackQuery", callback_query_id=pressed["id"], **answer)
    alert = vera.get_by_role("alertdialog")
    await expect(alert).to_contain_text("Уже принял Борис")
    await shot(page, "page-alert")
    await page.keyboard.press("Enter")
    await expect(alert).to_have_count(0)


async def test_a_photo_with_words_is_sent(town: Played, page: Page) -> None:
    vera = phone(page, VERA)
    photo = {"name": "яма.png", "mimeType": "image/png", "buffer": PNG}
    await vera.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type] # a plain dict is a FilePayload
    await expect(vera.locator(".reply-bar").last).to_contain_text("яма.png")
    await vera.get_by_label("Текст сообщения").fill("Готово")
    await vera.get_by_role("button", name="Отправить сообщение").click()
    said = (await town.hears())["message"]
    assert (said["caption"], said["photo"][-1]["width"]) == ("Готово", 2)
    shown = vera.locator(".mine img.photo")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 2


async def test_commands_are_those_of_this_chat(town: Played, page: Page) -> None:
    everybody, own = {"type": "all_private_chats"}, {"type": "chat", "chat_id": BORIS}
    await town.bot("setMyCommands", commands=[{"command": "my", "description": "Мои"}], scope=everybody)
    await town.bot("setMyCommands", commands=[{"command": "queue", "description": "Очередь"}], scope=own)
    await phone(page, ANNA).get_by_role("button", name="Команды бота").click()
    await expect(phone(page, ANNA).get_by_role("menuitem")).to_have_text(["/myМои"])
    boris = phone(page, BORIS)
    await boris.get_by_label("Текст сообщения").press_sequentially("/q")
    await boris.get_by_role("menuitem").click()
    said = (await town.hears())["message"]
    assert (said["text"], said["from"]["id"]) == ("/queue", BORIS)
    await expect(boris.get_by_label("Текст сообщения")).to_have_value("")


async def test_blocking_and_unblocking_reach_the_bot(town: Played, page: Page) -> None:
    anna = phone(page, ANNA)
    await anna.get_by_role("button", name="Меню чата").click()
    await anna.get_by_role("menuitem", name="Заблокировать бота").click()
    assert (await town.hears())["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    await anna.get_by_role("button", name="Разблокировать бота").click()
    assert (await town.hears())["my_chat_member"]["new_chat_member"]["status"] == "member"
    await expect(anna.get_by_label("Текст сообщения")).to_be_visible()


async def test_a_reload_shows_the_same_chats_and_the_open_question(town: Played, page: Page) -> None:
    asked = await town.say(ANNA, "Напишите ответ на № 19", reply_markup={"force_reply": True})
    anna = phone(page, ANNA)
    await expect(anna.locator(".reply-bar").first).to_be_visible()
    await page.reload()
    await expect(anna.locator(f'[data-message-id="{asked}"]')).to_contain_text("Напишите ответ на № 19")
    await expect(anna.locator(".reply-bar").first).to_contain_text("Напишите ответ на № 19")
    await anna.get_by_role("button", name="Не отвечать").click()
    await expect(anna.locator(".reply-bar").first).to_be_hidden()
    row = anna.locator(f'[data-message-id="{asked}"]')
    await row.hover()
    await row.get_by_role("button", name="Ответить на это сообщение").click()
    await anna.get_by_label("Текст сообщения").press_sequentially("Да")
    await page.keyboard.press("Enter")
    assert (await town.hears())["message"]["reply_to_message"]["message_id"] == asked


async def test_a_new_day_is_named_between_messages(town: Played, page: Page) -> None:
    await town.say(ANNA, "вечером")
    days = phone(page, ANNA).locator(".day")
    await expect(days).to_have_text(["Сегодня"])
    await town.control("clock", forward_seconds=24 * 3600)
    await town.say(ANNA, "утром")
    await expect(days).to_have_count(2)
    await expect(days.last).to_have_text("Сегодня")
    await expect(days.first).not_to_have_text("Сегодня")


async def test_the_newest_message_stays_in_view_until_one_scrolls_away(town: Played, page: Page) -> None:
    anna = phone(page, ANNA)
    ids = [await town.say(ANNA, f"<b>№ {number}</b>\n" + "Яма во дворе. " * 20) for number in range(12)]
    await expect(anna.locator(f'[data-message-id="{ids[-1]}"]')).to_be_in_viewport()
    await page.set_viewport_size({"width": 1250, "height": 760})
    await expect(anna.locator(f'[data-message-id="{ids[-1]}"] .meta')).to_be_in_viewport()
    await anna.locator(".messages").hover()
    await page.mouse.wheel(0, -900)
    await expect(anna.locator(f'[data-message-id="{ids[-1]}"]')).not_to_be_in_viewport()
    newest = await town.say(ANNA, "Ещё одна")
    down = anna.get_by_role("button", name="К последним сообщениям")
    await expect(down).to_have_text("1")
    await expect(anna.locator(f'[data-message-id="{newest}"]')).not_to_be_in_viewport()
    await down.click()
    await expect(anna.locator(f'[data-message-id="{newest}"]')).to_be_in_viewport()
    await expect(down).to_be_hidden()


async def test_the_page_speaks_english_when_asked(town: Played, page: Page) -> None:
    await page.get_by_role("button", name="Page language: English").click()
    await expect(page.get_by_text("Write as a resident")).to_be_visible()
    await expect(phone(page, ANNA).get_by_placeholder("Message")).to_be_visible()


async def test_with_nobody_chosen_every_started_chat_is_shown(played: Played, page: Page) -> None:
    played.telegram.create_user(ANNA, first_name="Анна")
    await page.goto(played.url)
    await expect(page.locator(".topbar")).to_be_visible()
    await expect(page.locator(".phone")).to_have_count(0)
    played.telegram.start(ANNA)
    await expect(phone(page, ANNA).locator(".mine")).to_contain_text("/start")
