"""/keywords from the phone: added, tried, switched; each sees what is theirs."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from handlers.callbacks import SwitchKeyword
from handlers.keywords import Asked, asked_for
from incidents.errors import BadKeyword, KeywordFault
from incidents.intake import TriageRules, take_in
from incidents.keywords import Keyword
from models import KeywordRow
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, POTHOLE, VERA, Stage, guess

HOW = "➕ Как добавить"


async def rows(stage: Stage) -> list[tuple[str, str, int | None, bool]]:
    async with stage.database.reading() as session:
        found = await session.scalars(select(KeywordRow).order_by(KeywordRow.id))
        return [(row.text, row.territory, row.body_id, row.is_active) for row in found]


async def hit(stage: Stage, number: int, *keyword_ids: int) -> None:
    async with stage.database.writing() as session:
        found = replace(POTHOLE, native_id=f"wall-1_{number}")
        await take_in(
            session, found, guess(), rules=TriageRules(), now=stage.clock(), keyword_ids=keyword_ids
        )


async def test_a_curator_adds_sees_and_switches(stage: Stage) -> None:
    await stage.write(VERA, "/keywords")
    assert stage.text(VERA) == "Ключевых слов пока нет."
    assert stage.last(VERA).buttons == [HOW]
    assert await stage.press(VERA, HOW) == "Как добавить — ниже"
    assert stage.text(VERA).strip().startswith("/keywords add яма дорога — оба слова")

    await stage.write(VERA, "/keywords add яма  дорога <b>")
    assert stage.text(VERA) == "✅ Ищем: яма дорога <b>"
    await stage.write(VERA, "/keywords add @roads territory=Заречье «улица Ленина» -игра")
    assert stage.text(VERA) == "✅ Ищем: «улица Ленина» -игра · @roads · Заречье"
    assert await rows(stage) == [
        ("яма дорога <b>", "", None, True),
        ("«улица Ленина» -игра", "Заречье", stage.bodies["roads"], True),
    ]
    await hit(stage, 1, 1, 2)
    await hit(stage, 2, 1)
    stage.clock.forward(days=6)
    await hit(stage, 3, 1)
    stage.clock.forward(days=2)

    await stage.write(VERA, "/keywords")
    page = stage.last(VERA)
    assert page.visible == (
        "Ключевые слова: 2\nнаходки за 7 дней\n\n"
        "🟢 «улица Ленина» -игра\n0 публикаций · @roads · Заречье\n\n"
        "🟢 яма дорога <b>\n1 публикация"
    )
    assert page.buttons == ["⏸ Выключить: «улица Ленина» -игра", "⏸ Выключить: яма дорога <b>", HOW]
    assert await stage.press(VERA, "яма дорога", on=page) == "Выключено: яма дорога <b>"
    assert "⚪️ яма дорога" in page.visible
    assert (await rows(stage))[0][3] is False
    assert await stage.press(VERA, "▶️ Включить: яма дорога", on=page) == "Включено: яма дорога <b>"
    assert (await rows(stage))[0][3] is True
    assert [one for one in await stage.audited() if one[0] == "keyword"] == [
        ("keyword", "on"),
        ("keyword", "on"),
        ("keyword", "off"),
        ("keyword", "on"),
    ]


async def test_a_stale_button_does_what_it_says(stage: Stage) -> None:
    await stage.write(VERA, "/keywords add яма")
    off = SwitchKeyword(keyword_id=1, is_on=False, offset=0).pack()
    assert await stage.press_data(VERA, off) == "Выключено: яма"
    assert await stage.press_data(VERA, off) == "Выключено: яма"
    assert await rows(stage) == [("яма", "", None, False)]
    gone = SwitchKeyword(keyword_id=99, is_on=False, offset=0).pack()
    assert await stage.press_data(VERA, gone) == "!Такого ключевого слова уже нет: /keywords"


async def test_each_line_is_a_keyword_and_one_fault_stops_all(stage: Stage) -> None:
    await stage.write(VERA, '/keywords add @housing\nяма\n\nкрыша течёт\n"горячая вода')
    assert stage.text(VERA) == 'Кавычка открыта и не закрыта. Закройте её или уберите.\n"горячая вода'
    assert await rows(stage) == []
    await stage.write(VERA, '/keywords add @housing territory="Верхний Яр"\nяма\n\nкрыша течёт')
    assert stage.text(VERA) == "✅ Ищем: яма; крыша течёт · @housing · Верхний Яр"
    housing = stage.bodies["housing"]
    assert await rows(stage) == [
        ("яма", "Верхний Яр", housing, True),
        ("крыша течёт", "Верхний Яр", housing, True),
    ]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("add", "Здесь нет слов."),
        ("add @roads", "Здесь нет слов."),
        ("add -игра", "Одних минус-слов мало"),
        ("add яма, дорога", "Запятая, | и OR не нужны"),
        ("add #юго-запад", "После # нужно одно слово"),
        ("add я", "Одна буква найдётся везде."),
        ("add яма -яма", "Одно и то же слово"),
        ("add " + "ям" * 200, "Длиннее 300 знаков."),
        ("add " + "а " * 101, "Слов больше 100."),
        ("add " + "яма\n" * 31, "За один раз не больше 30 строк."),
        ("add @nobody яма", "Органа «nobody» нет."),
        ("try", "Здесь нет слов."),
        ("try -игра", "Одних минус-слов мало"),
        ("что-то", "\n/keywords add яма дорога"),
    ],
)
async def test_what_cannot_be_is_said_with_the_way_out(stage: Stage, written: str, says: str) -> None:
    await stage.write(VERA, f"/keywords {written}")
    assert stage.text(VERA).startswith(says.strip())
    assert await rows(stage) == []


async def test_pages_of_keywords(stage: Stage) -> None:
    await stage.write(VERA, "/keywords add " + "\n".join(f"слово{number}" for number in range(8)))
    await stage.write(VERA, "/keywords")
    page = stage.last(VERA)
    assert page.buttons[-2:] == [HOW, "Дальше ▶️"]
    assert await stage.press(VERA, "Дальше", on=page) == "Ключевые слова: 8"
    assert page.buttons == ["⏸ Выключить: слово1", "⏸ Выключить: слово0", HOW, "◀️ Назад"]
    await stage.press(VERA, "слово0", on=page)
    assert page.buttons[1] == "▶️ Включить: слово0"
    await stage.press(VERA, "Назад", on=page)
    assert page.buttons[0] == "⏸ Выключить: слово7"


async def test_an_official_sees_their_bodys_and_changes_nothing(stage: Stage) -> None:
    await stage.write(VERA, "/keywords add @roads яма")
    await stage.write(VERA, "/keywords add @housing крыша")
    await stage.write(ANNA, "/keywords")
    assert stage.text(ANNA) == "Ключевые слова: 1\nнаходки за 7 дней\n\n🟢 яма\n0 публикаций · @roads"
    assert stage.last(ANNA).buttons == []
    await stage.write(BORIS, "/keywords", chat=HOUSING_CHAT)
    assert "крыша" in stage.text(HOUSING_CHAT)
    for command in ("add снег", "try снег"):
        await stage.write(ANNA, f"/keywords {command}")
        assert stage.text(ANNA) == "Это может только: куратор. Что можно вам: /help"
    off = SwitchKeyword(keyword_id=1, is_on=False, offset=0).pack()
    assert await stage.press_data(ANNA, off) == "!Это может только: куратор. Что можно вам: /help"
    assert {active for *_, active in await rows(stage)} == {True}


def compiled(keywords: Sequence[Keyword]) -> list[str]:
    return [" ".join(one.forms["яма"]) + " <&>" for one in keywords if "яма" in one.forms]


def forms(word: str) -> Sequence[str]:
    return ("яма", "ямы", "ям") if word == "яма" else (word,)


async def test_a_trial_shows_what_a_day_would_have_brought(stage: Stage) -> None:
    stage.house = replace(
        stage.house,
        word_forms=forms,
        compiled={
            "X": compiled,
            "ВКонтакте": lambda keywords: ["яма"] * 3,
            "Facebook": None,
            "OK": lambda _: (),
        },
    )
    await stage.arrive(1, text="Старые ямы")
    stage.clock.forward(hours=25)
    for number in range(2, 9):
        await stage.arrive(number, text=f"Тут <ямы> {number}", url=f"https://vk.com/wall-1_{number}")
    await stage.arrive(10, text="Снег")
    await stage.write(VERA, "/keywords try яма -игра")
    assert stage.text(VERA) == (
        "🔎 яма -игра\nЗа сутки нашлось бы: 7 публикаций. Просмотрено: 8\n"
        "1. Тут <ямы> 8 · ВКонтакте\n"
        "2. Тут <ямы> 7 · ВКонтакте\n"
        "3. Тут <ямы> 6 · ВКонтакте\n"
        "4. Тут <ямы> 5 · ВКонтакте\n"
        "5. Тут <ямы> 4 · ВКонтакте\n"
        "Как это спросят\n"
        "X: яма ямы ям <&>\n"
        "ВКонтакте: яма (всего запросов: 3)\n"
        "Facebook: ищется только в собранном\n"
        "OK: ищется только в собранном\n"
        "Добавить: /keywords add яма -игра"
    )
    assert '<a href="https://vk.com/wall-1_8">' in stage.last(VERA).text
    assert await rows(stage) == []


async def test_a_trial_of_several_lines_and_of_a_territory(stage: Stage) -> None:
    await stage.arrive(1, text="Яма", community_id="-9", territory="Заречье")
    await stage.arrive(2, text="Снег", community_id="-9", territory="Сосновка")
    await stage.write(VERA, "/keywords try яма\nснег")
    assert stage.text(VERA).startswith("🔎 яма; снег\nЗа сутки нашлось бы: 2 публикации. Просмотрено: 2\n")
    await stage.write(VERA, "/keywords try @roads территория=сосновка снег")
    assert stage.text(VERA) == (
        "🔎 снег\nЗа сутки нашлось бы: 1 публикация. Просмотрено: 2\n1. Снег · ВКонтакте\n"
        'Добавить: /keywords add @roads territory="сосновка" снег'
    )


async def test_a_trial_in_english(stage: Stage) -> None:
    await stage.says_english(VERA)
    await stage.write(VERA, "/keywords try яма")
    assert stage.text(VERA) == (
        "🔎 яма\nIn 24 hours it would have found: 0 posts. Looked through: 0\nTo add: /keywords add яма"
    )


def test_the_options_stand_before_the_words() -> None:
    assert asked_for(" @roads яма @roads ") == Asked("roads", "", ("яма @roads",))
    assert asked_for('Территория=«Верхний Яр» @a\nяма\n"б в"') == Asked("a", "Верхний Яр", ("яма", '"б в"'))
    assert asked_for("territory=Яр яма").options == 'territory="Яр" '
    with pytest.raises(BadKeyword) as refusal:
        asked_for("@roads territory=Яр")
    assert refusal.value.fault is KeywordFault.EMPTY
