"""/communities: the summary, its lists by body, one page, and files both ways."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetFile, TelegramMethod
from aiogram.types import File
from openpyxl import load_workbook
from sqlalchemy import delete, select

from incidents.registry_tables import MOST_BYTES
from models import Community, CommunityLevel, CommunityState, Post, ReplyCapability
from tests.conftest import NOON
from tests.handlers.handlers_stage import (
    ANNA,
    BORIS,
    HOUSING_CHAT,
    IRINA,
    STRANGER,
    VERA,
    RecordingSession,
    Stage,
)
from tests.incidents.registry_stage import READERS, table, workbook

LONG_AGO = NOON - timedelta(days=30)
HEADER = ("Код органа", "Сеть", "Ссылка", "Название", "Норма")


class FilesOfTelegram(RecordingSession):
    """Telegram that also gives files: by their ids, until told that it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.downloaded = 0
        self.trouble: Exception | None = None

    async def make_request(
        self,
        bot: Any,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - the parent's signature
    ) -> Any:
        if not isinstance(method, GetFile):
            return await super().make_request(bot, method, timeout)
        if method.file_id not in self.files:
            raise TelegramBadRequest(method=method, message="Bad Request: wrong file_id")
        return File(file_id=method.file_id, file_unique_id="u", file_path=method.file_id)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - the parent's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,  # noqa: FBT001, FBT002 - the parent's signature
    ) -> AsyncGenerator[bytes, None]:
        content = self.files[url.rpartition("/")[2]]
        for at in range(0, len(content), chunk_size):
            if self.trouble is not None:
                raise self.trouble
            self.downloaded += 1
            yield content[at : at + chunk_size]


@pytest.fixture
async def registry(stage: Stage) -> Stage:
    """Roads have a silent page in VK and one of no mark in OK; housing has lost its only page; nobody's is fine."""
    stage.house = replace(stage.house, readers=READERS)
    stage.session = FilesOfTelegram()
    stage.bot.session = stage.session
    common: dict[str, Any] = {"added_at": LONG_AGO, "state": CommunityState.CONNECTED}
    async with stage.database.writing() as session:
        await session.execute(delete(Community))
        session.add_all(
            [
                Community(
                    network="vk", native_id="1", title="Минтранс <края>", url="https://vk.com/dorogi",
                    body_id=stage.bodies["roads"], posts_norm=3, level=CommunityLevel.REGION,
                    territory="Северный", is_verified=True, **common,
                ),
                Community(
                    network="ok", native_id="2", title="Дороги", body_id=stage.bodies["roads"],
                    is_verified=False, url="https://ok.ru/dorogi", **common,
                ),
                Community(
                    network="vk", native_id="3", title="ЖКХ", body_id=stage.bodies["housing"],
                    **common | {"state": CommunityState.LOST}, problem="vk: 100 нет такой",
                ),
                Community(network="vk", native_id="4", title="Подслушано", **common | {"state": "read"}),
            ]
        )  # fmt: skip
        for number in range(2):
            session.add(post(number, "1"))
        session.add(post(1, "2", network="ok"))
    return stage


def post(number: int, community_id: str, *, network: str = "vk") -> Post:
    return Post(
        network=network,
        native_id=f"{community_id}_{number}",
        community_id=community_id,
        url="https://vk.com/wall",
        text="пост",
        is_official=True,
        reply_capability=ReplyCapability.API,
        posted_at=NOON - timedelta(days=1),
        collected_at=NOON,
    )


def files(stage: Stage) -> FilesOfTelegram:
    assert isinstance(stage.session, FilesOfTelegram)
    return stage.session


async def send(stage: Stage, who: int, content: bytes, *, chat: int | None = None, **fields: Any) -> None:
    files(stage).files["f1"] = content
    document = {"file_id": "f1", "file_unique_id": "u", "file_size": len(content), **fields}
    await stage.write(who, chat=chat, caption="/communities", document=document)


async def titles(stage: Stage) -> list[str]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(Community.title).order_by(Community.id)))


# -- looking


async def test_the_summary_of_a_curator(registry: Stage) -> None:
    await registry.write(VERA, "/communities")
    assert registry.text(VERA) == (
        "Госпаблики: 4\nчитаются: 4 · открытых комментариев: 0\n"
        "Без страницы: 2\nМолчат: 1\nБез отметки: 1\nПотеряны: 1\n"
        "\nДобавить или изменить: пришлите в личный чат таблицу (XLSX или CSV) с подписью /communities"
    )
    assert registry.last(VERA).buttons == [
        "Без страницы · 2",
        "Молчат · 1",
        "Без отметки · 1",
        "Потеряны · 1",
        "Все · 4",
        "⬇️ Выгрузить",
    ]


async def test_what_is_missing_silent_unverified_and_lost_by_body(registry: Stage) -> None:
    await registry.write(VERA, "/communities")
    summary = registry.last(VERA)
    assert await registry.press(VERA, "Без страницы", on=summary) == "Без страницы: 2"
    assert summary.visible == (
        "Без страницы: 2\n\nБез чата · silent\nнет страницы: ВКонтакте, Одноклассники\n\n"
        "Минжилищный <надзор> · housing\nнет страницы: Одноклассники"
    )
    await registry.press(VERA, "Сводка", on=summary)
    assert await registry.press(VERA, "Молчат", on=summary) == "Молчат: 1"
    assert summary.visible == (
        "Молчат: 1\n\nМинтранс\n🟢 ВКонтакте · Минтранс <края> · последний пост 01.03 12:00, за неделю 2 из 3"
    )
    assert '<a href="https://vk.com/dorogi">Минтранс &lt;края&gt;</a>' in summary.text
    assert summary.buttons == ["ВКонтакте · Минтранс <края>", "⬆️ Сводка"]
    await registry.press(VERA, "Сводка", on=summary)
    await registry.press(VERA, "Без отметки", on=summary)
    assert summary.visible == "Без отметки: 1\n\nМинтранс\n🟢 Одноклассники · Дороги · отметки нет"
    await registry.press(VERA, "Сводка", on=summary)
    await registry.press(VERA, "Потеряны", on=summary)
    assert summary.visible == "Потеряны: 1\n\nМинжилищный <надзор>\n🔴 ВКонтакте · ЖКХ · vk: 100 нет такой"
    await registry.press(VERA, "Сводка", on=summary)
    await registry.press(VERA, "Все", on=summary)
    assert summary.visible.endswith(
        "\n\nбез органа\n🟡 ВКонтакте · Подслушано · последний пост не найден, за неделю 0"
    )


async def test_a_long_list_page_by_page(registry: Stage) -> None:
    async with registry.database.writing() as session:
        session.add_all(
            Community(
                network="vk",
                native_id=f"1{n}",
                title="я" * 200,
                url="https://vk.com/" + "п" * 480,
                added_at=NOON,
            )
            for n in range(10)
        )
    await registry.write(VERA, "/communities")
    page = registry.last(VERA)
    await registry.press(VERA, "Все", on=page)
    assert page.buttons[-2:] == ["Дальше ▶️", "⬆️ Сводка"]
    await registry.press(VERA, "Дальше", on=page)
    await registry.press(VERA, "Дальше", on=page)
    assert len(page.buttons) == 4
    assert page.buttons[-2:] == ["◀️ Назад", "⬆️ Сводка"]
    await registry.press(VERA, "Назад", on=page)
    assert "Дальше ▶️" in page.buttons


async def test_an_official_sees_the_own_bodys_pages_and_no_others(registry: Stage) -> None:
    for who in (ANNA, IRINA):  # an approver too
        await registry.write(who, "/communities")
        assert registry.text(who).startswith("Госпаблики: 2\n")
        assert "Потеряны: 0" in registry.text(who)
    await registry.write(BORIS, "/communities", chat=HOUSING_CHAT)
    assert registry.text(HOUSING_CHAT).startswith("Госпаблики: 1\n")
    assert (
        await registry.press_data(ANNA, "a1.gpo:3")
        == "!Это другой орган: Минжилищный <надзор>. Вы можете только со своим. Нужен другой — попросите куратора."
    )
    assert await registry.press_data(ANNA, "a1.gpo:999") == "!Такой страницы в реестре уже нет: /communities"
    await registry.press_data(ANNA, "a1.gpo:1")
    assert registry.last(ANNA).buttons == ["🔗 Открыть"]
    assert await registry.press_data(ANNA, "a1.gpw:1:0") == "!Это может только: куратор. Что можно вам: /help"


async def test_strangers_learn_nothing(registry: Stage) -> None:
    await registry.write(STRANGER, "/communities")
    assert "Госпаблики" not in registry.text(STRANGER)


async def test_one_page_and_its_watch(registry: Stage) -> None:
    assert await registry.press_data(VERA, "a1.gpo:1") == "Минтранс <края>"
    shown = registry.last(VERA)
    assert shown.visible == (
        "Минтранс <края>\nВКонтакте · Минтранс\nуровень: регион · территория: Северный\nотметка есть\n"
        "связь: подключена\nпоследний пост 01.03 12:00, за неделю 2 из 3\nоткрытых комментариев: 0"
    )
    assert shown.buttons == ["⏸ Не читать", "🔗 Открыть"]
    assert await registry.press(VERA, "Не читать", on=shown) == "Больше не читаем: Минтранс <края>"
    assert shown.visible.endswith("\n⏸ Страница не читается")
    async with registry.database.reading() as session:
        assert (await session.get_one(Community, 1)).is_watched is False
    assert await registry.press(VERA, "Читать снова", on=shown) == "Читаем: Минтранс <края>"
    async with registry.database.reading() as session:
        assert (await session.get_one(Community, 1)).is_watched is True


async def test_an_empty_registry_says_how_to_fill_it(registry: Stage) -> None:
    async with registry.database.writing() as session:
        await session.execute(delete(Community))
    await registry.says_english(VERA)
    await registry.write(VERA, "/communities")
    assert registry.text(VERA).startswith(
        "The registry of official pages is still empty.\nWithout a page: 3\n"
    )
    assert registry.last(VERA).buttons == ["Without a page · 3"]


# -- files


@pytest.mark.parametrize("by_button", [True, False])
async def test_the_registry_is_sent_as_a_workbook(registry: Stage, by_button: bool) -> None:  # noqa: FBT001 - two ways
    if by_button:
        await registry.write(VERA, "/communities")
        assert await registry.press(VERA, "Выгрузить") == "Файл сейчас придёт"
    else:
        await registry.write(VERA, "/communities file")
    sent = registry.last(VERA).outgoing
    assert sent.file is not None
    assert sent.file.name == "communities-2026-03-02.xlsx"
    sheet: Any = load_workbook(BytesIO(sent.file.content)).active
    assert [row[3].value for row in sheet.iter_rows(min_row=2)] == [
        "ЖКХ",
        "Дороги",
        "Минтранс <края>",
        "Подслушано",
    ]
    await send(registry, VERA, sent.file.content)
    assert registry.text(VERA).startswith("✅ Реестр обновлён: добавлено 0, изменено 0, без изменений 4.")


async def test_an_officials_file_holds_the_own_bodys_pages(registry: Stage) -> None:
    await registry.write(ANNA, "/communities file")
    sent = registry.last(ANNA).outgoing.file
    assert sent is not None
    sheet: Any = load_workbook(BytesIO(sent.content)).active
    assert [row[3].value for row in sheet.iter_rows(min_row=2)] == ["Дороги", "Минтранс <края>"]


@pytest.mark.parametrize("make", [table, workbook])
async def test_a_curators_file_changes_the_registry(registry: Stage, make: Any) -> None:
    rows = [
        HEADER,
        ("roads", "vk", "vk.com/club1", "Минтранс", 5),
        ("housing", "ok", "ok.ru/gkh", "ЖКХ в ОК", ""),
    ]
    await send(registry, VERA, make(*rows))
    assert registry.text(VERA) == "✅ Реестр обновлён: добавлено 1, изменено 1, без изменений 0. /communities"
    assert await titles(registry) == ["Минтранс", "Дороги", "ЖКХ", "Подслушано", "ЖКХ в ОК"]
    assert ("import_communities", "done") in await registry.audited()


async def test_a_file_with_faults_is_refused_whole(registry: Stage) -> None:
    before = await titles(registry)
    rows = [("nobody", "vk", "vk.com/new", "Новая", ""), ("", "vk", "vk.com/club1", "Другая", "")]
    await send(registry, VERA, table(HEADER, *rows))
    assert registry.text(VERA) == (
        "⚠️ Ничего не загружено, ошибок: 1. Исправьте и пришлите файл ещё раз.\n"
        "Строка 2, «Код органа»: органа с кодом «nobody» нет. Коды: /bodies"
    )
    await registry.says_english(VERA)
    many = [("", "fb<b>", "x", "", "")] * 40
    await send(registry, VERA, table(HEADER, *many))
    assert "Row 2, “Сеть”: there is no network “fb<b>”. Known: vk, ok" in registry.text(VERA)
    assert registry.text(VERA).endswith("…and more faults: 25")
    assert await titles(registry) == before


async def test_only_a_curator_brings_a_file(registry: Stage) -> None:
    await send(registry, ANNA, table(HEADER, ("", "vk", "vk.com/new", "Новая", "")))
    assert registry.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    assert files(registry).downloaded == 0
    assert "Новая" not in await titles(registry)


async def test_in_a_group_a_file_is_no_import(registry: Stage) -> None:
    await send(registry, BORIS, table(HEADER), chat=HOUSING_CHAT)
    assert registry.text(HOUSING_CHAT).startswith("Госпаблики: 1\n")
    assert files(registry).downloaded == 0


async def test_a_file_that_is_too_large_is_not_fetched(registry: Stage) -> None:
    await send(registry, VERA, b"x", file_size=MOST_BYTES + 1)
    assert registry.text(VERA).endswith("Файл больше 10 МБ.")
    assert files(registry).downloaded == 0
    await send(registry, VERA, b"x" * (MOST_BYTES + 5), file_size=1)  # what it said was not true
    assert registry.text(VERA).endswith("Файл больше 10 МБ.")


@pytest.mark.parametrize("trouble", [aiohttp.ClientPayloadError("cut"), TimeoutError(), None])
async def test_a_file_telegram_does_not_give(registry: Stage, trouble: Exception | None) -> None:
    files(registry).trouble = trouble
    file_id = "f1" if trouble else "other"
    await send(registry, VERA, table(HEADER), file_id=file_id)
    assert registry.text(VERA) == "Не удалось скачать файл. Пришлите его ещё раз."


# -- the weekly line


async def test_the_weekly_line(registry: Stage) -> None:
    await registry.notify(VERA, "communities.week", missing=3, silent=5, unverified=2, lost=1)
    assert registry.text(VERA) == (
        "Госпаблики за неделю: без страницы 3, молчат 5, без отметки 2, потеряны 1 → /communities"
    )
    await registry.notify(VERA, "communities.fine_week", missing=0, silent=0, unverified=0, lost=0)
    assert registry.text(VERA).endswith("все страницы на месте, никто не молчит → /communities")
