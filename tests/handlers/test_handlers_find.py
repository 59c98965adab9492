"""/find: what is asked, what is shown, whose pages turn; in private, in a group, in both languages."""

import pytest

from handlers.found import fragment
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, IRINA, POTHOLE, VERA, Stage


async def test_what_is_found_as_people_read_it(stage: Stage) -> None:
    await stage.arrive(
        2, text="На улице <b>Ленина</b> & рядом огромные ямы, дорога разбита, машины объезжают по тротуару"
    )
    await stage.arrive(3, text="Нет света в подъезде", topic="housing")
    await stage.write(ANNA, "/find яма на дорогах")
    shown = stage.last(ANNA)
    assert shown.text == (
        "🔎 «яма на дорогах»: <b>1</b>\n\n"
        "<b>№ 1</b> · Дороги · Назначено\n02.03 12:00 · Минтранс\n"
        "На улице &lt;b&gt;Ленина&lt;/b&gt; &amp; рядом огромные <b>ямы</b>, <b>дорога</b> разбита,"
        " машины объезжают по тротуару"
    )
    assert shown.buttons == ["№ 1"]
    assert await stage.press(ANNA, "№ 1", on=shown) == "№ 1 ниже"
    assert "✅ Принять" in stage.last(ANNA).buttons


async def test_pages_turn_in_place(stage: Stage) -> None:
    for number in range(7):
        await stage.arrive(number, text=f"Яма номер {number}")
    await stage.write(VERA, "/find@otklik_bot ЯМЫ")
    page = stage.last(VERA)
    assert page.visible.startswith(
        "🔎 «ЯМЫ»: 7\n\n№ 7 · Дороги · Назначено\n02.03 12:00 · Минтранс\nЯма номер 6"
    )
    assert page.buttons == ["№ 7", "№ 6", "№ 5", "№ 4", "№ 3", "Дальше ▶️"]
    assert await stage.press(VERA, "Дальше", on=page) == "🔎 «ЯМЫ»: 7"
    assert page.buttons == ["№ 2", "№ 1", "◀️ Назад"]
    stage.clock.forward(days=2)
    await stage.press(VERA, "Назад", on=page)
    assert page.buttons[0] == "№ 7"


async def test_yesterday_stays_yesterday_on_the_next_page(stage: Stage) -> None:
    for number in range(6):
        await stage.arrive(number)
    await stage.write(VERA, "/find сегодня")
    page = stage.last(VERA)
    stage.clock.forward(days=1)
    assert await stage.press(VERA, "Дальше", on=page) == "🔎 «сегодня»: 6"
    assert page.buttons == ["№ 1", "◀️ Назад"]


async def test_asked_for_nothing_it_asks_with_examples(stage: Stage) -> None:
    await stage.arrive(2)
    await stage.write(ANNA, "/find")
    assert stage.text(ANNA) == (
        "🔎 Что найти? Слова, номер или ссылка на пост.\nНапример: ямы на дороге, свет вчера, статус:в работе"
    )
    assert stage.last(ANNA).outgoing.placeholder == "Слова, номер или ссылка"
    question = stage.last(ANNA)
    await stage.write(ANNA, "ямы", to=question)
    assert stage.text(ANNA).startswith("🔎 «ямы»: 1\n\n№ 1 · Дороги")
    await stage.write(ANNA, "/find")
    await stage.write(ANNA, "статус:назначено")  # the only open question: no swipe is needed
    assert stage.text(ANNA).startswith("🔎 «статус:назначено»: 1")


async def test_nothing_found_says_what_to_try(stage: Stage) -> None:
    await stage.arrive(2)
    await stage.write(ANNA, "/find самолёт орган:нету")
    assert stage.text(ANNA) == (
        "🔎 «самолёт орган:нету»: ничего не нашлось.\nНе понял: орган:нету\n\n"
        "Что попробовать:\n• одно-два слова вместо фразы\n• номер: /find 17\n• ссылку на пост\n"
        "• убрать период, статус или тему\nНаходится только то, что доступно вам."
    )
    assert stage.last(ANNA).buttons == []


async def test_what_was_looked_for_instead_is_said(stage: Stage) -> None:
    await stage.arrive(2)
    await stage.write(ANNA, "/find лнина самолёт")
    assert stage.text(ANNA) == (
        "🔎 «лнина самолёт»: 1\nВместо «лнина» — «ленина».\nСлова «самолет» нигде нет, искал без него.\n\n"
        "№ 1 · Дороги · Назначено\n02.03 12:00 · Минтранс\nЯма <b>на</b> Ленина & никто не чинит"
    )
    await stage.arrive(3, text="Мусор во дворе")
    await stage.write(ANNA, "/find мусор чинит")
    assert stage.text(ANNA).startswith(
        "🔎 «мусор чинит»: 2\nВсех слов вместе нет. Ниже — где есть хотя бы одно.\n\n"
    )


async def test_another_body_finds_nothing_not_even_by_number_or_link(stage: Stage) -> None:
    await stage.arrive(2)
    for asked in ("яма", "1", POTHOLE.url, "тема:дороги", "лнина"):
        await stage.write(BORIS, f"/find {asked}")
        assert stage.text(BORIS).startswith(f"🔎 «{asked}»: ничего не нашлось.\n\n"), asked
    await stage.write(IRINA, "/find яма")  # she approves for roads
    assert stage.text(IRINA).startswith("🔎 «яма»: 1")


async def test_names_of_statuses_topics_and_bodies_work_in_both_languages(stage: Stage) -> None:
    await stage.arrive(2)
    for asked in (
        "status:assigned",
        "статус:Назначено",
        "тема:дороги",
        "topic:roads",
        "орган:минтранс",
        "body:roads",
    ):
        await stage.write(VERA, f"/find {asked}")
        assert stage.text(VERA).startswith(f"🔎 «{asked}»: 1"), asked
    await stage.write(VERA, "/find status:closed")
    assert "ничего не нашлось" in stage.text(VERA)


async def test_in_a_group_only_that_bodys_own_is_found(stage: Stage) -> None:
    await stage.arrive(2, text="Яма у подъезда")
    await stage.arrive(3, text="Темно у подъезда", topic="housing")
    await stage.write(BORIS, "/find подъезд", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == (
        "🔎 «подъезд»: 1\n\n№ 2 · Дом и управляющая компания · Назначено\n"
        "02.03 12:00 · Минжилищный <надзор>\nТемно у подъезда"
    )
    await stage.write(VERA, "/find подъезд", chat=HOUSING_CHAT)
    assert "подъезд»: 1" in stage.text(HOUSING_CHAT)


async def test_nobody_turns_another_persons_pages(stage: Stage) -> None:
    for number in range(6):
        await stage.arrive(number)
    await stage.write(VERA, "/find яма")
    refused = "!Эти страницы уже не листаются: поиск чужой или старый. Начните свой: /find"
    assert await stage.press_data(ANNA, "a1.fnd:1:5") == refused
    assert await stage.press_data(VERA, "a1.fnd:99:0") == refused
    assert await stage.press_data(VERA, "a1.fnd:1:5", chat=HOUSING_CHAT) == refused
    assert ("press", "SearchGone") in await stage.audited()
    assert await stage.press_data(VERA, "a1.fnd:1:999999") == "🔎 «яма»: 6"


async def test_old_searches_are_forgotten(stage: Stage) -> None:
    await stage.arrive(2)
    for _ in range(21):
        await stage.write(VERA, "/find яма")
    assert (await stage.press_data(VERA, "a1.fnd:1:0")).startswith("!Эти страницы")
    assert await stage.press_data(VERA, "a1.fnd:2:0") == "🔎 «яма»: 1"


async def test_in_english(stage: Stage) -> None:
    await stage.says_english(VERA)
    await stage.arrive(2)
    await stage.write(VERA, "/find ленина today")
    assert stage.text(VERA) == (
        "🔎 “ленина today”: 1\n\nNo. 1 · Roads · Assigned\n2 Mar 12:00 · Минтранс\n"
        "Яма <b>на</b> Ленина & никто не чинит"
    )
    await stage.write(VERA, "/find nosuchword")
    assert stage.text(VERA) == (
        "🔎 “nosuchword”: nothing found.\n\nWhat to try:\n• one or two words instead of a phrase\n"
        "• the number: /find 17\n• the link to the post\n• no period, status or topic\n"
        "Only what is open to you is found."
    )


@pytest.mark.parametrize(
    "asked", ["\"'*()-^:", "яма" * 5000, "<b>яма</b> & \u202e", "🔥", "OR AND NOT", "-яма"]
)
async def test_whatever_is_typed_the_message_stands(stage: Stage, asked: str) -> None:
    await stage.arrive(2, text=f"{asked} и ещё яма")
    await stage.write(ANNA, f"/find {asked}")
    assert stage.text(ANNA).startswith("🔎 «")


def test_a_fragment_shows_where_the_word_stands() -> None:
    long = "слово " * 60 + "и вот тут <яма> на дороге, а дальше " + "ещё " * 60
    assert fragment(["нет", long], {"ям"}).startswith(
        "… слово слово слово слово и вот тут &lt;<b>яма</b>&gt; на дороге"
    )
    assert fragment(["Первый текст", "второй"], {"ям"}) == "Первый текст"
    assert fragment([], {"ям"}) == ""
    assert fragment(["ЯМЫ"], {"ям*"}) == "<b>ЯМЫ</b>"
