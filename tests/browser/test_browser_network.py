"""The sandbox's page around the phones: the network, the clock, the window, and what strangers may not do to it."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import ANNA, BORIS, Played, phone, sandbox, shot


async def test_a_newcomer_writes_as_a_resident(town: Played, page: Page) -> None:
    await page.get_by_text("Написать как житель").click()
    await page.get_by_label("Имя жителя").fill("Пётр Сидоров")
    await page.get_by_label("Текст поста").fill("Нет воды на Гагарина")
    await page.get_by_role("button", name="Опубликовать").click()
    post = page.locator(".post", has_text="Нет воды на Гагарина")
    await expect(post).to_contain_text("Пётр Сидоров")
    assert [one.text for one in town.vk.walls[-1]][-1] == "Нет воды на Гагарина"
    await expect(page.locator('[data-count="posts"]')).to_contain_text("2")


async def test_each_network_has_its_walls_and_its_own_way_to_write(town: Played, page: Page) -> None:
    await expect(page.get_by_role("group", name="Соцсети")).to_be_hidden()  # one network needs no switch
    await town.control("ok/communities", id="53000000000001", name="gorod", title="Город в Одноклассниках")
    await town.control("instagram/pages", id="17841400000000001", name="gorod", title="Город в Instagram")
    media = await town.control(
        "instagram/posts", page_id="17841400000000001", author="page", text="Пишите в комментариях"
    )
    await town.control("x/accounts", id="1600000000000000001", name="gorod", title="Город в X")
    for name, wall in (("Одноклассники", "OK"), ("Instagram", "Instagram"), ("X", "X")):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        if not await page.get_by_label("Текст поста").is_visible():
            await page.get_by_text("Написать как житель").click()
        await page.get_by_label("Текст поста").fill(f"Нет света, {wall}")
        await page.get_by_role("button", name="Опубликовать").click()
        await expect(page.locator(".post", has_text=f"Нет света, {wall}")).to_have_count(1)
        await expect(page.locator(".post")).to_have_count(1)  # nothing of the network before
        await shot(page, f"page-{wall.lower()}")
    await expect(page.locator('[data-count="posts"]')).to_contain_text("4")
    await town.say(ANNA, "№ 20", [{"text": "Открыть пост", "url": media["url"]}])
    await phone(page, ANNA).get_by_role("link", name="Открыть пост").click()
    await expect(page.locator(f'article[data-native-id="{media["native_id"]}"]')).to_be_focused()
    await expect(page.get_by_role("heading", name="Instagram", exact=True)).to_be_visible()


async def test_what_makes_no_sense_is_not_written(town: Played) -> None:
    for body in (
        {"network": "vk", "page": "-99", "author_name": "Олег", "text": "Яма"},
        {"network": "myspace", "page": "1", "author_name": "Олег", "text": "Яма"},
        {"network": "vk", "page": "-1"},
    ):
        async with town.http.post(f"{town.url}/control/page/posts", json=body) as reply:
            assert reply.status == 400


async def test_a_link_to_a_post_here_shows_it_instead_of_leaving(town: Played, page: Page) -> None:
    await town.say(ANNA, "№ 20", [{"text": "Открыть пост", "url": "https://vk.com/wall-1_1"}])
    await phone(page, ANNA).get_by_role("link", name="Открыть пост").click()
    await expect(page.locator('article[data-native-id="wall-1_1"]')).to_be_focused()
    assert len(page.context.pages) == 1


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
    await played.control("vk/communities", id=1, name="gorod", title="Подслушано Заречье")
    await played.control("ok/communities", name="gorod", title="Подслушано Заречье")
    await played.control("facebook/pages", name="gorod", title="Подслушано Заречье")
    await played.control("instagram/pages", name="gorod", title="Подслушано Заречье")
    await played.control("x/accounts", name="gorod", title="Подслушано Заречье")
    await page.get_by_role("button", name="Сеть", exact=True).click()
    await expect(page.get_by_role("heading", name="ВКонтакте")).to_be_in_viewport()
    switches = page.get_by_role("group", name="Соцсети").get_by_role("button")
    await expect(switches).to_have_count(5)
    for switch in await switches.all():
        await expect(switch).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await shot(page, "page-narrow-networks")
    await context.close()


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
