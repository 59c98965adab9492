"""The sandbox's page by itself: the bot's side is played here, word for word."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import Played, sandbox, shot

ANNA, BORIS, VERA = 5_000_000_101, 5_000_000_102, 5_000_000_103
HOSTILE = (
    "Яма на Ленина!!! <script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
    "<a href='javascript:window.pwned = 3'>жми</a> </div></article> &lt;b&gt; \u202eнавыворот\u202c"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001049444154789c63f8cfc0f09f01420200119f03fd0c5d8f3b0000000049454e44ae426082"
)


def key(text: str, data: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "callback_data": data, **more}


def phone(page: Page, user_id: int) -> Locator:
    return page.locator(f'.phone[data-user="{user_id}"]')


@pytest.fixture
async def town(played: Played, page: Page) -> Played:
    """Three people who have started the bot, a wall with a post, and the page open on it all."""
    cast = (
        (ANNA, "Анна", "Смирнова", "Официальное лицо", "Министерство дорог"),
        (BORIS, "Борис", "Кузнецов", "Куратор", "Приёмная"),
        (VERA, "Вера", "Орлова", "Официальное лицо", "Горводоканал"),
    )
    for user_id, first, last, role, about in cast:
        played.telegram.create_user(user_id, first_name=first, last_name=last)
        played.telegram.start(user_id)
        await played.control("page/phones", user_id=user_id, role=role, about=about)
    played.telegram.updates.drop()
    await played.control("vk/communities", id=1, name="gorod", title="Подслушано Заречье")
    await played.control("vk/posts", community_id=1, text=HOSTILE, author_name="<b>Иван</b> Житель")
    await page.goto(played.url)
    await expect(page.locator(".phone")).to_have_count(3)
    return played


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
    await expect(page.locator('[data-count="answers"]')).to_contain_text("1")
    await expect(page.locator('[data-count="cards"]')).to_contain_text("1")
    await shot(page, "page-answered")


async def test_hostile_words_stay_words(town: Played, page: Page) -> None:
    await town.say(
        ANNA, "&lt;img src=x onerror='window.pwned = 4'&gt; <b>жирно</b> <tg-spoiler>тайна</tg-spoiler>"
    )
    words = phone(page, ANNA).locator(".words").last
    await expect(words).to_contain_text("<img src=x onerror='window.pwned = 4'> жирно")
    await expect(words.locator("b")).to_have_text("жирно")
    post = page.locator('article[data-native-id="wall-1_1"]')
    await expect(post.locator("h3")).to_have_text("<b>Иван</b> Житель")
    await expect(post.locator(".post-text")).to_contain_text("<script>window.pwned = 1</script>")
    assert await page.locator(".post a, .post script, .post .post-text img, .words img").count() == 0
    assert await page.evaluate("window.pwned") is None


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


async def test_the_clock_moves_by_a_button(town: Played, page: Page) -> None:
    before = town.telegram.clock.now()
    await page.get_by_role("button", name="Перевести часы на 4 ч вперёд").click()
    moved = page.locator("time.now")
    expected = await page.evaluate(
        "new Date(Date.now() + 4 * 3600e3).toLocaleTimeString('ru-RU', {hour: '2-digit', minute: '2-digit'})"
    )
    await expect(moved).to_have_text(expected)
    assert (town.telegram.clock.now() - before).total_seconds() >= 4 * 3600


async def test_clocks_keep_the_time_zone_of_the_place(town: Played, page: Page) -> None:
    await town.control("page/phones", phones=[], timezone="Asia/Vladivostok")
    there = town.telegram.clock.now().astimezone(ZoneInfo("Asia/Vladivostok"))
    soon = {f"{there:%H:%M}", f"{there + timedelta(minutes=1):%H:%M}"}
    await expect(page.locator("time.now")).to_have_text(re.compile("|".join(soon)))
    async with town.http.post(f"{town.url}/control/page/phones", json={"timezone": "Mars/Base"}) as reply:
        assert reply.status == 400


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


async def test_a_newcomer_writes_as_a_resident(town: Played, page: Page) -> None:
    await page.get_by_text("Написать как житель").click()
    await page.get_by_label("Имя жителя").fill("Пётр Сидоров")
    await page.get_by_label("Текст поста").fill("Нет воды на Гагарина")
    await page.get_by_role("button", name="Опубликовать").click()
    post = page.locator(".post", has_text="Нет воды на Гагарина")
    await expect(post).to_contain_text("Пётр Сидоров")
    assert [one.text for one in town.vk.walls[-1]][-1] == "Нет воды на Гагарина"
    await expect(page.locator('[data-count="posts"]')).to_contain_text("2")


async def test_a_link_to_a_post_here_shows_it_instead_of_leaving(town: Played, page: Page) -> None:
    await town.say(ANNA, "№ 20", [{"text": "Открыть пост", "url": "https://vk.com/wall-1_1"}])
    await phone(page, ANNA).get_by_role("link", name="Открыть пост").click()
    await expect(page.locator('article[data-native-id="wall-1_1"]')).to_be_focused()
    assert len(page.context.pages) == 1


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


async def test_a_narrow_screen_has_one_phone_at_a_time(played: Played, browser: Browser) -> None:
    for user_id in (ANNA, BORIS):
        played.telegram.create_user(user_id, first_name=f"Лицо {user_id % 10}")
        played.telegram.start(user_id)
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="ru-RU", color_scheme="dark"
    )
    page = await context.new_page()
    await page.goto(played.url)
    await page.get_by_role("button", name="Лицо 2").click()
    await expect(phone(page, BORIS).get_by_label("Текст сообщения")).to_be_in_viewport(ratio=1)
    await expect(phone(page, ANNA)).not_to_be_in_viewport(ratio=0.5)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await shot(page, "page-narrow-dark")
    await page.get_by_role("button", name="Сеть", exact=True).click()
    await expect(page.get_by_role("heading", name="ВКонтакте")).to_be_in_viewport()
    await context.close()


async def test_another_sandbox_at_the_same_address_is_shown_anew(page: Page) -> None:
    async with sandbox() as first:
        first.telegram.create_user(ANNA, first_name="Анна")
        first.telegram.start(ANNA)
        await page.goto(first.url)
        await expect(phone(page, ANNA)).to_be_visible()
    await expect(page.locator(".lost")).to_be_visible()
    async with sandbox(int(first.url.rpartition(":")[2])) as second:
        second.telegram.create_user(BORIS, first_name="Борис")
        second.telegram.start(BORIS)
        await expect(phone(page, BORIS)).to_be_visible()
        await expect(phone(page, ANNA)).to_have_count(0)
        await page.close()


async def test_a_post_shows_its_pictures(town: Played, page: Page) -> None:
    photos = ["hole-1.jpg", "https://sun1.userapi.com/flood.jpg?size=1x1", "двор 2.png"]
    await town.control("vk/posts", community_id=1, text="Смотрите", author_name="Олег", photos=photos)
    pictures = page.locator(".post", has_text="Смотрите").locator("img")
    await expect(pictures).to_have_count(3)
    for picture in await pictures.all():
        assert await picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 320


async def test_files_come_with_their_types_and_nothing_from_elsewhere(played: Played) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/static/app.js", "text/javascript"),
        ("/static/style.css", "text/css"),
    ):
        async with played.http.get(played.url + path) as reply:
            assert (reply.status, reply.content_type) == (200, kind)
            assert reply.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    for path in ("/static/server.py", "/static/..%2fserver.py", "/static/none.js"):
        async with played.http.get(played.url + path) as reply:
            assert reply.status == 404
