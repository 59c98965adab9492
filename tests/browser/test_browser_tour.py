"""The tour in docs/tour: what a newcomer does with the bot's own texts alone, step by step, as pictures of their phone.

The path is the one a person who knew nothing of the program found (docs/tour/README.md tells of it). The pictures
in docs/tour are made here: `make tour` takes the new ones over.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.inviting import issue
from models import Role
from tests.browser.conftest import SCREENSHOTS, phone
from tests.scenarios.week_cast import BODIES, ByWords
from tests.scenarios.week_stage import MOSCOW, Week, a_week

MARINA, BORIS, KIRA, ZOYA, VERA = 3001, 1102, 1103, 1301, 1001
LAST_WEEK = datetime(2026, 10, 26, 8, 0, tzinfo=MOSCOW)
SHOTS = SCREENSHOTS / "tour"
CONFIG = """
[triage]
threshold = 0.5
"""


@asynccontextmanager
async def a_screen(browser: Browser, url: str) -> AsyncIterator[Page]:
    """A window with one phone in it."""
    context = await browser.new_context(viewport={"width": 440, "height": 940}, locale="ru-RU")
    page = await context.new_page()
    await page.goto(url)
    yield page
    await context.close()


class Tour:
    """Marina's phone: what she does, and a picture of what she then sees."""

    def __init__(self, week: Week, page: Page, group: int) -> None:
        self.week, self.page, self.group = week, page, group
        self.number = 0

    async def picture(self, name: str, *, chat: int, sees: str) -> None:
        """Show the chat, wait until the words are there, keep the picture."""
        self.number += 1
        shown = phone(self.page, MARINA)
        await shown.locator("select.chats").select_option(str(chat))
        await expect(shown.locator(".messages")).to_contain_text(sees)
        await shown.locator(".messages").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        SHOTS.mkdir(parents=True, exist_ok=True)
        await shown.screenshot(path=SHOTS / f"{self.number:02}-{name}.png", animations="disabled")


@pytest.mark.timeout(300)
async def test_a_newcomer_finds_the_way_by_the_bots_own_words(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_week(
        tmp_path, monkeypatch, begins=LAST_WEEK, bodies=BODIES[:4], classifier=ByWords(), more=CONFIG
    ) as week:
        group = await _last_week(week)
        await week.http.post(
            f"{week.url}/control/page/phones",
            json={
                "phones": [{"user_id": MARINA, "role": "Официальное лицо", "about": "Дороги"}],
                "timezone": "Europe/Moscow",
            },
        )
        async with a_screen(browser, week.url) as page:
            tour = Tour(week, page, group)
            await _enters(tour)
            await _accepts(tour)
            await _gives_back(tour)
            await _answers(tour)
            await _finds(tour)
            await _goes_on_leave(tour)
    assert len(list(SHOTS.glob("*.png"))) >= tour.number
    assert week.telegram.summary()["errors"] == 0


async def _last_week(week: Week) -> int:
    """A body at work in its group; one incident was answered there a week ago."""
    for number, name in (
        (MARINA, "Марина"),
        (BORIS, "Борис"),
        (KIRA, "Кира"),
        (ZOYA, "Зоя"),
        (VERA, "Вера"),
    ):
        week.names[number] = name
        week.telegram.create_user(number, first_name=name)
    group = week.telegram.create_supergroup("Дороги: рабочий чат", [KIRA, BORIS, MARINA]).id
    for number, role, body in (
        (VERA, Role.CURATOR, ""),
        (KIRA, Role.COORDINATOR, "roads"),
        (BORIS, Role.OFFICIAL, "roads"),
        (ZOYA, Role.OFFICIAL, "housing"),
    ):
        token = await _token(week, role, body)
        if number == KIRA:
            week.telegram.say(KIRA, f"/start@otklik_bot {token}", chat_id=group)
        else:
            week.telegram.start(number, token)
        await week.rest()
    await week.post("На Мира, 3 яма после ремонта трубы, машины объезжают по газону", author="Олег")
    await week.press(BORIS, "Ответить", chat=group)
    await week.write(
        BORIS,
        "Олег, добрый день! Яму на Мира, 3 засыпали 26 октября, асфальт уложим до 30 октября.",
        chat=group,
        to="напишите ответ",
    )
    await week.press(BORIS, "Отправить", chat=group)
    await week.at("2026-11-02", "09:00")
    return group


async def _token(week: Week, role: Role, body: str) -> str:
    async with week.database.writing() as session:
        return await issue(session, role=role, body_code=body or None, now=week.clock.now())


async def _enters(tour: Tour) -> None:
    week = tour.week
    week.telegram.start(MARINA, await _token(week, Role.OFFICIAL, "roads"))
    await week.rest()
    await tour.picture("enter", chat=MARINA, sees="Здравствуйте, Марина!")
    await week.write(MARINA, "/help")
    await tour.picture("help", chat=MARINA, sees="Что здесь можно")


async def _accepts(tour: Tour) -> None:
    week = tour.week
    await week.post("Яма на Ленина, 5: вторую неделю объезжаем по тротуару", author="Пётр")
    await tour.picture("card", chat=tour.group, sees="Яма на Ленина")
    await week.press(MARINA, "Принять", chat=tour.group, about="Яма на Ленина")
    await tour.picture("accepted", chat=tour.group, sees="В работе: Марина")


async def _gives_back(tour: Tour) -> None:
    week = tour.week
    await week.post("В подъезде на Садовой, 7 яма в полу, бабушка упала", author="Антон")
    await week.press(MARINA, "Переадресовать", chat=tour.group, about="№ 3")
    await tour.picture("not-ours", chat=tour.group, sees="чей это вопрос?")
    await week.press(MARINA, "Вернуть куратору", chat=tour.group)
    await week.press(MARINA, "Другой собственник", chat=tour.group)
    await tour.picture("whose", chat=tour.group, sees="Чей это вопрос, если знаете?")
    await week.press(MARINA, "ЖКХ", chat=tour.group)
    await tour.picture("given-back", chat=tour.group, sees="вернулось кураторам")


async def _answers(tour: Tour) -> None:
    week = tour.week
    await week.press(MARINA, "Ответить", chat=tour.group, about="№ 2")
    await tour.picture("asked", chat=tour.group, sees="напишите ответ жителю")
    await week.write(
        MARINA,
        "Пётр, добрый день! Яму на Ленина, 5 засыпали сегодня. Асфальт уложим до 10 ноября.",
        chat=tour.group,
        to="№ 2: напишите ответ",
        photo=True,
    )
    await tour.picture("preview", chat=tour.group, sees="Проверьте ответ на № 2")
    await week.press(MARINA, "Отправить", chat=tour.group)
    await tour.picture("sent", chat=tour.group, sees="отправлен на публикацию")


async def _finds(tour: Tour) -> None:
    week = tour.week
    await week.write(MARINA, "/find яма на Мира")
    await tour.picture("found", chat=MARINA, sees="На Мира, 3")
    await week.press(MARINA, "№ 1")
    await week.press(MARINA, "История")
    await tour.picture("history", chat=MARINA, sees="История № 1")


async def _goes_on_leave(tour: Tour) -> None:
    week = tour.week
    await week.write(MARINA, "/away 9–15 ноября")
    await tour.picture("away", chat=MARINA, sees="Кто замещает?")
    await week.press(MARINA, "Борис")
    await tour.picture("away-set", chat=MARINA, sees="замещает Борис")
