"""/triage: the queue one card at a time, in one message that turns into the next."""

from typing import Any

import pytest
from sqlalchemy import select

from handlers.callbacks.triage import TriageGive, TriageSkipWhy, UndoAct
from handlers.reasons import SkipReason
from incidents import queueing, responding
from incidents.people import Actor, actor_of
from models import Claim, Language, Membership, Official, Role, Status
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, NAMES, VERA, Shown, Stage

LIDA = 107


@pytest.fixture
async def lida(stage: Stage) -> int:
    """A second curator."""
    NAMES[LIDA] = "Лида"
    async with stage.database.writing() as session:
        person = Official(telegram_id=LIDA, name="Лида", language=Language.RU, created_at=NOON)
        session.add(person)
        await session.flush()
        session.add(Membership(official_id=person.id, role=Role.CURATOR, granted_at=NOON))
    return LIDA


async def waiting(stage: Stage, number: int, text: str = "", **changes: Any) -> int:
    return await stage.arrive(number, sure=0.1, text=text or f"Текст {number}", **changes)


async def begun(stage: Stage, who: int = VERA) -> Shown:
    await stage.write(who, "/triage")
    return stage.last(who)


async def actor(stage: Stage, who: int) -> Actor:
    async with stage.database.reading() as session:
        found = await actor_of(session, who)
    assert found is not None
    return found


async def test_the_first_card_as_it_is_seen(stage: Stage) -> None:
    await waiting(stage, 2, "Яма <b>на</b> Ленина")
    stage.clock.forward(minutes=20)
    screen = await begun(stage)
    assert screen.visible == (
        "№ 1 · Жалоба · Дороги\n"
        "📍 улица Ленина, Верхнереченск\n"
        "⏳ срок пойдёт с регистрации\n"
        "\n"
        "\u2068Яма <b>на</b> Ленина\u2069\n"
        "\n"
        "\u2068ВКонтакте · \u2068Подслушано\u2069 · 02.03 11:30\u2069 · открыть пост\n"
        "🆕 Новое, ждёт разбора\n"
        "\n"
        "🗂 Ждут разбора: 1 · дольше всех 20 мин"
    ).replace("\u2068", "").replace("\u2069", "")
    assert screen.buttons == [
        "Минтранс",
        "Минжилищный <надзор>",
        "🔎 Другой орган",
        "🏷 Тема",
        "💬 Вид",
        "📍 Место",
        "🚫 Не требует ответа",
        "🔗 Объединить",
        "⏭ Пропустить",
        "⏹ Хватит",
    ]


async def test_a_press_assigns_and_the_next_card_stands_there(stage: Stage) -> None:
    one, two = await waiting(stage, 2), await waiting(stage, 3, "Второе", topic="housing")
    screen = await begun(stage)
    many = len(stage.chats[VERA])
    assert await stage.press(VERA, "Минтранс", on=screen) == f"✅ № {one} → Минтранс"
    assert len(stage.chats[VERA]) == many
    assert screen.visible.startswith(
        f"✅ № {one} → Минтранс\n\n№ {two} · Жалоба · Дом и управляющая компания"
    )
    assert screen.visible.endswith("🗂 Ждут разбора: 1 · дольше всех меньше минуты")
    assert screen.buttons[-1] == "↶ Отменить"
    incident = await stage.incident(one)
    assert (incident.status, incident.registered_at) == (Status.ASSIGNED, NOON)
    assert "✅ Принять" in stage.last(ANNA).buttons
    assert await stage.press(VERA, "Минжилищный", on=screen) == f"✅ № {two} → Минжилищный <надзор>"
    assert screen.visible == f"✅ № {two} → Минжилищный <надзор>\n\nОчередь пуста."
    assert screen.buttons == ["↶ Отменить"]


async def test_undone_it_stands_there_again_and_the_body_reads_so(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    await stage.press(VERA, "Минтранс", on=screen)
    card = stage.last(ANNA)
    stage.clock.forward(minutes=9)
    assert await stage.press(VERA, "Отменить", on=screen) == f"↶ № {number}: отменено, срок прежний"
    assert screen.visible.startswith(f"↶ № {number}: отменено, срок прежний\n\n№ {number} · Жалоба · Дороги")
    assert "⏳ до 03.03 12:00 · осталось 23 ч 51 мин" in screen.visible
    assert "↶ Отменить" not in screen.buttons
    assert card.buttons == []
    assert card.visible.endswith("↶ Куратор отозвал: отвечать не нужно")
    assert await stage.press(VERA, "Минжилищный", on=screen) == f"✅ № {number} → Минжилищный <надзор>"
    assert "✅ Принять" in stage.last(HOUSING_CHAT).buttons


async def test_undoing_too_late_says_what_to_do_instead(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    await stage.press(VERA, "Минтранс", on=screen)
    stage.clock.forward(minutes=11)
    assert await stage.press(VERA, "Отменить", on=screen) == (
        f"!Прошло больше 10 минут. Откройте /incident {number}: там «Переназначить» или «Открыть снова»."
    )


async def test_undoing_what_the_body_took_says_so(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    await stage.press(VERA, "Минтранс", on=screen)
    await stage.press(ANNA, "Принять")
    assert await stage.press(VERA, "Отменить", on=screen) == (
        f"!Не отменить: № {number} уже двигают дальше (В работе). "
        f"Откройте /incident {number}: там «Переназначить» или «Открыть снова»."
    )


async def test_skipping_with_a_ready_reason_and_back(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    assert await stage.press(VERA, "Не требует ответа", on=screen) == "Выберите причину"
    assert screen.visible == f"№ {number}: почему ответ не нужен?"
    assert screen.buttons[-2:] == ["✏️ Своими словами", "⬆️ К карточке"]
    await stage.press(VERA, "К карточке", on=screen)
    assert "⏭ Пропустить" in screen.buttons
    await stage.press(VERA, "Не требует ответа", on=screen)
    label = screen.buttons[0]
    said = await stage.press(VERA, label, on=screen)
    assert said == f"🚫 № {number}: ответ не нужен. {label}"
    assert (await stage.incident(number)).status is Status.SKIPPED
    await stage.press(VERA, "Отменить", on=screen)
    assert (await stage.incident(number)).status is Status.NEW


async def test_ones_own_reason_brings_the_card_down(stage: Stage) -> None:
    number, other = await waiting(stage, 2), await waiting(stage, 3)
    screen = await begun(stage)
    await stage.press(VERA, "Не требует ответа", on=screen)
    await stage.press(VERA, "Своими словами", on=screen)
    prompt = stage.last(VERA)
    await stage.write(VERA, "Это <b>сказка</b>", to=prompt)
    assert screen.visible == "⬇️ Разбор продолжается ниже"
    assert screen.buttons == []
    below = stage.last(VERA)
    assert below.visible.startswith(f"🚫 № {number}: ответ не нужен. Это <b>сказка</b>\n\n№ {other} ·")
    assert below.buttons[-1] == "↶ Отменить"


async def test_another_body_from_the_list_and_by_a_word(stage: Stage) -> None:
    one, two = await waiting(stage, 2, topic="other"), await waiting(stage, 3, topic="other")
    screen = await begun(stage)
    assert await stage.press(VERA, "Другой орган", on=screen) == "Выберите орган"
    assert screen.visible == f"№ {one}: кому назначить?"
    assert "Без чата" not in " ".join(screen.buttons)
    await stage.press(VERA, "Найти орган", on=screen)
    await stage.write(VERA, "такого нет")
    assert "органа с рабочим чатом нет" in stage.text(VERA)
    await stage.write(VERA, "надзор")
    below = stage.last(VERA)
    assert screen.visible == "⬇️ Разбор продолжается ниже"
    assert below.buttons == ["Минжилищный <надзор>", "🔎 Найти орган", "⬆️ К карточке"]
    await stage.press(VERA, "Минжилищный", on=below)
    assert below.visible.startswith(f"✅ № {one} → Минжилищный <надзор>\n\n№ {two} ·")


async def test_topic_in_two_presses_changes_the_bodies_offered(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    assert await stage.press(VERA, "Тема", on=screen) == "Выберите верное"
    assert screen.visible.startswith(f"№ {number} · сейчас: Дороги")
    await stage.press(VERA, "Дом и управляющая", on=screen)
    assert screen.buttons[-1] == "⬆️ К карточке"
    await stage.press(VERA, "Без подтемы", on=screen)
    assert screen.visible.startswith(
        f"✏️ № {number}: Тема: Дом и управляющая компания\n\n№ {number} · Жалоба · Дом"
    )
    assert screen.buttons[:2] == ["Минжилищный <надзор>", "🔎 Другой орган"]


async def test_kind_in_two_presses(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    await stage.press(VERA, "Вид", on=screen)
    assert await stage.press(VERA, "Вопрос", on=screen) == "Исправлено"
    assert screen.visible.startswith(f"✏️ № {number}: Вид: Вопрос\n\n№ {number} · Вопрос · Дороги")


async def test_the_territory_in_two_presses_and_the_place_in_words(stage: Stage) -> None:
    number = await waiting(stage, 2, "Яма в Заречном")
    await waiting(stage, 3, territory="Заречный")
    screen = await begun(stage)
    await stage.press(VERA, "Место", on=screen)
    assert screen.visible == f"№ {number} · сейчас: Верхнереченск, улица Ленина\nГде это?"
    assert screen.buttons == ["Заречный", "✏️ Написать место", "⬆️ К карточке"]
    await stage.press(VERA, "Заречный", on=screen)
    assert screen.visible.startswith(f"✏️ № {number}: Территория: Заречный\n\n№ {number} ·")
    assert "📍 улица Ленина, Заречный" in screen.visible
    await stage.press(VERA, "Место", on=screen)
    assert await stage.press(VERA, "Написать место", on=screen) == "Напишите место"
    prompt = stage.last(VERA)
    assert prompt.visible == f"✏️ № {number}: где это? Например: Заречный, улица Ленина, 5"
    await stage.write(VERA, "верхнереченск, <b>Садовая</b> \x00 5", to=prompt)
    assert screen.visible == "⬇️ Разбор продолжается ниже"
    assert "📍 <b>Садовая</b> 5, Верхнереченск" in stage.text(VERA)
    incident = await stage.incident(number)
    assert (incident.territory, incident.place) == ("Верхнереченск", "<b>Садовая</b> 5")


async def test_the_place_from_explain(stage: Stage) -> None:
    number = await waiting(stage, 2)
    await stage.write(VERA, f"/explain {number}")
    screen = stage.last(VERA)
    await stage.press(VERA, "Место", on=screen)
    assert screen.buttons == ["✏️ Написать место", "⬆️ К разбору"]
    await stage.press(VERA, "Написать место", on=screen)
    await stage.write(VERA, "Садовая, 5")
    assert stage.text(VERA) == f"✏️ № {number}: Место: Садовая, 5"
    assert "⬆️ К разбору" in stage.last(VERA).buttons
    assert (await stage.incident(number)).place == "Садовая, 5"


async def test_passing_over_and_stopping(stage: Stage) -> None:
    one, two = await waiting(stage, 2), await waiting(stage, 3)
    screen = await begun(stage)
    said = f"⏭ № {one} отложено: вернётся в конце круга"
    assert await stage.press(VERA, "Пропустить", on=screen) == said
    assert screen.visible.startswith(f"{said}\n\n№ {two} ·")
    await stage.press(VERA, "Пропустить", on=screen)
    assert f"\n\n№ {one} ·" in screen.visible
    assert await stage.press(VERA, "Хватит", on=screen) == "Разбор закончен"
    assert screen.visible == "⏹ Разбор закончен. Ждут: 2"
    async with stage.database.reading() as session:
        assert list(await session.scalars(select(Claim))) == []
    await stage.press(VERA, "Дальше", on=screen)
    assert screen.visible.startswith(f"№ {one} ·")


async def test_two_curators_see_different_cards_and_the_third_press_none(stage: Stage, lida: int) -> None:
    one, two = await waiting(stage, 2), await waiting(stage, 3)
    vera, other = await begun(stage), await begun(stage, lida)
    assert vera.visible.startswith(f"№ {one} ·")
    assert other.visible.startswith(f"№ {two} ·")
    await stage.press(lida, "Минтранс", on=other)
    assert other.visible == (
        f"✅ № {two} → Минтранс\n\nСвободных нет: № {one} и остальные уже смотрят коллеги. 🔒 Вера до 12:15"
    )
    assert other.buttons == ["▶️ Дальше", "↶ Отменить"]
    await stage.write(lida, "/queue")
    assert "🔒 Вера до 12:15" in stage.text(lida)


async def test_an_ordinary_card_says_who_is_at_it_and_lets(stage: Stage, lida: int) -> None:
    number = await waiting(stage, 2)
    card = stage.chats[lida][-1]
    screen = await begun(stage)
    assert await stage.press(lida, "Минтранс", on=card) == "Назначено: Минтранс · 🔒 Вера до 12:15"
    assert await stage.press(VERA, "Минжилищный", on=screen) == (
        f"!№ {number} уже разобрано: Назначено. Нажмите «Пропустить»: покажу следующее."
    )
    await stage.press(VERA, "Пропустить", on=screen)
    assert screen.visible.endswith("Очередь пуста.")


async def test_an_old_button_after_the_lease_works_while_nobody_else_has_acted(
    stage: Stage, lida: int
) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    stage.clock.forward(minutes=16)
    await begun(stage, lida)
    said = await stage.press(VERA, "Минтранс", on=screen)
    assert said == f"✅ № {number} → Минтранс · 🔒 Лида до 12:31"
    assert (await stage.incident(number)).status is Status.ASSIGNED


async def test_merging_with_what_says_the_same(stage: Stage) -> None:
    one, two = await waiting(stage, 2, "Нет воды"), await waiting(stage, 3, "нет  ВОДЫ!")
    screen = await begun(stage)
    await stage.press(VERA, "Объединить", on=screen)
    assert screen.visible == f"№ {one}: с чем объединить? Публикации перейдут туда."
    said = await stage.press(VERA, f"№ {two}", on=screen)
    assert said == f"🔗 № {one} объединено с № {two}"
    assert screen.visible.startswith(f"{said}\n\n№ {two} ·")
    assert "👥 2 публикации" in screen.visible
    await stage.press(VERA, "Отменить", on=screen)
    assert (await stage.incident(one)).status is Status.NEW
    await stage.press(VERA, "Объединить", on=screen)
    await stage.press(VERA, "К карточке", on=screen)
    assert screen.visible.startswith(f"№ {one} ·")


async def test_nothing_alike_names_the_command(stage: Stage) -> None:
    number = await waiting(stage, 2)
    screen = await begun(stage)
    await stage.press(VERA, "Объединить", on=screen)
    assert screen.visible == f"№ {number}: похожих открытых нет. Другое по номеру: /merge {number} 12"


async def test_the_list_begins_the_round_and_says_how_long_it_waits(stage: Stage) -> None:
    for at in range(2, 4):
        await waiting(stage, at)
    stage.clock.forward(minutes=31)
    await waiting(stage, 5)
    stage.clock.forward(minutes=30)
    await stage.write(VERA, "/queue")
    listed = stage.last(VERA)
    assert listed.visible.startswith("Ждут разбора: 3\nждут дольше 30 мин: 2, дольше часа: 2\n\n№ 1 ·")
    assert listed.buttons[-1] == "▶️ Разбирать"
    assert await stage.press(VERA, "Разбирать", on=listed) == "Следующее"
    assert stage.last(VERA).visible.startswith("№ 1 ·")
    assert stage.last(VERA) is not listed


async def test_an_empty_queue(stage: Stage) -> None:
    screen = await begun(stage)
    assert screen.visible == "Очередь пуста."
    assert screen.buttons == []


async def test_forged_presses_change_nothing(stage: Stage) -> None:
    number = await waiting(stage, 2)
    give = TriageGive(incident_id=number, body_id=stage.bodies["roads"]).pack()
    for who in (ANNA, BORIS):
        for data in (
            give,
            TriageSkipWhy(incident_id=number, reason=SkipReason.SPAM).pack(),
            UndoAct(act_id=1).pack(),
            f"a1.trc:{number}",
            f"a1.trb:{number}",
            f"a1.trm:{number}",
            f"a1.trp:{number}",
            f"a1.ttm:{number}:0",
            f"a1.tkm:{number}",
            f"a1.plm:{number}:1",
            f"a1.plw:{number}:0",
            f"a1.st:{number}",
            f"a1.stm:{number}",
            f"a1.stg:{number}:1",
            "a1.tra:1",
            "a1.tri:0",
            "a1.trx",
        ):
            said = await stage.press_data(who, data)
            assert said.startswith(("!Это может только: куратор", "!Отменять нечего")), (data, said)
        await stage.write(who, "/triage")
        assert stage.text(who).startswith("Это может только: куратор.")
    assert (await stage.incident(number)).status is Status.NEW
    assert await stage.press_data(VERA, "a1.trg:999:1") == "!Обращения № 999 нет."
    assert (await stage.press_data(VERA, f"a1.trg:{number}:999")).startswith("!Органа «999» нет")
    assert (await stage.press_data(VERA, "a1.tru:999")).startswith("!Отменять нечего")
    assert (await stage.press_data(VERA, "a1.tra:999")).startswith("!Отменять нечего")
    assert (await stage.press_data(VERA, f"a1.pl:{number}:00000000:1")).startswith("!Такой территории")
    assert await stage.press_data(VERA, "a1.trp:999") == "⏭ № 999 отложено: вернётся в конце круга"


async def test_what_a_body_returned_is_back_in_the_round(stage: Stage) -> None:
    number = await stage.arrive(2)
    async with stage.database.writing() as session:
        await responding.give_back(
            session,
            incident_id=number,
            reason="Дорога частная",
            actor=await actor(stage, ANNA),
            now=stage.clock(),
        )
    await stage.deliver()
    screen = await begun(stage)
    assert screen.buttons[:2] == ["Минжилищный <надзор>", "Минтранс"]  # who gave it back comes last
    assert "Дорога частная" in screen.visible
    assert await stage.press(VERA, "Минжилищный", on=screen) == f"✅ № {number} → Минжилищный <надзор>"


async def test_a_whole_round_in_english(stage: Stage) -> None:
    await stage.says_english(VERA)
    number = await waiting(stage, 2)
    screen = await begun(stage)
    assert "⏭ Skip for now" in screen.buttons
    assert await stage.press(VERA, "Минтранс", on=screen) == f"✅ No. {number} → Минтранс"


async def test_a_full_queue_is_told_of_once_an_hour(stage: Stage) -> None:
    from incidents.sweeping import due, look_at  # noqa: PLC0415 - only here

    for at in range(queueing.OVERLOAD):
        await waiting(stage, at + 2)
    for _ in range(3):
        stage.clock.forward(minutes=31)
        for _ in range(2):
            async with stage.database.writing() as session:
                for number in await due(session, now=stage.clock(), limit=500):
                    await look_at(session, incident_id=number, now=stage.clock())
            await stage.deliver()
    told = [one.visible for one in stage.chats[VERA] if "Очередь: 30" in one.visible]
    assert told == ["🚨 Очередь: 30. Дольше часа ждут: 30. Разбирать по одному и пачками: /triage"]
