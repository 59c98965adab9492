"""/away as people see it: said, chosen, begun, over; of others; and every refusal says what to do."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from bot.reach import chat_back, chat_lost
from incidents import auditing, being_away, sweeping
from models import Body, ChatState, Incident, Language, Membership, Official, Role
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, VERA, Stage, in_hours

DINA = 301  # the coordinator of housing


async def enters(stage: Stage, who: int, name: str, role: Role, body: str | None = None) -> int:
    async with stage.database.writing() as session:
        official = Official(telegram_id=who, name=name, language=Language.RU, created_at=stage.clock())
        session.add(official)
        await session.flush()
        body_id = stage.bodies[body] if body else None
        session.add(Membership(official_id=official.id, role=role, body_id=body_id, granted_at=stage.clock()))
        return official.id


async def sweep(stage: Stage) -> None:
    async with stage.database.writing() as session:
        for number in await being_away.due(session, now=stage.clock()):
            await being_away.look_at(session, number, now=stage.clock())
        for number in await sweeping.due(session, now=stage.clock()):
            await sweeping.look_at(session, incident_id=number, now=stage.clock())
    await stage.deliver()


def said(stage: Stage, chat: int, many: int = 1) -> list[str]:
    return [shown.visible for shown in stage.chats[chat][-many:]]


async def take(stage: Stage, number: int, who: int = BORIS) -> int:
    """A housing incident, accepted in the group; its number."""
    incident = await stage.arrive(number, topic="housing", text=f"Нет света {number}")
    await stage.press(who, "Принять", chat=HOUSING_CHAT)
    return incident


async def test_a_leave_from_the_first_word_to_the_return(stage: Stage) -> None:
    await take(stage, 2)
    first = await take(stage, 3)
    await stage.write(BORIS, "/away 9–13 марта")
    assert stage.text(BORIS) == (
        "🏖 Вас не будет с 9 по 13 марта. Кто замещает? Рядом с именем — сколько уже в работе."
    )
    assert stage.last(BORIS).buttons == ["Белла · 0", "Без заместителя", "Отмена"]
    assert await stage.press(BORIS, "Белла") == "Записано"
    assert stage.text(BORIS) == (
        "🏖 С 9 по 13 марта вас замещает Белла. Новое в эти дни пойдёт туда же, потом снова к вам. "
        "Коллега уже знает.\nОткрытых: 2 — перейдут 9 марта утром."
    )
    assert stage.last(BORIS).buttons == ["Отменить отсутствие"]
    assert stage.text(BELLA) == (
        "🤝 Борис просит вас замещать с 9 по 13 марта. Обращения придут к вам 9 марта утром. "
        "Не сможете — скажите коллеге сейчас: пусть выберет другого в /away"
    )
    await stage.write(BORIS, "/away")
    assert stage.text(BORIS).startswith("🏖 Вас не будет с 9 по 13 марта. Замещает: Белла.")
    async with stage.database.writing() as session:  # nobody is silent all the week in this story
        await session.execute(update(Incident).values(next_look_at=None))
    stage.clock.now = datetime.fromisoformat("2026-03-09T08:00:00+03:00")
    await sweep(stage)
    assert stage.text(BORIS) == (
        "🏖 Вы отсутствуете с 9 по 13 марта. Замещает: Белла. "
        f"Обращения: № {first - 1}, № {first}.\nВернулись раньше? /away off"
    )
    assert stage.text(BELLA) == (
        f"🤝 Вы замещаете: Борис, с 9 по 13 марта. Обращения: № {first - 1}, № {first}."
    )
    cards = [shown for shown in stage.chats[BELLA] if shown.visible.startswith(f"№ {first} ")]
    assert "Ответить" in str(cards[-1].buttons)
    assert (await stage.incident(first)).official_id != 0
    await stage.write(BORIS, "/away off")
    assert "👋 Хорошо, вы на месте. Отсутствие с 9 по 13 марта снято." in said(stage, BORIS, 4)
    assert stage.text(BORIS) == (
        "👋 Вы снова на месте: новое опять идёт к вам. Не начатое без вас тоже вернулось. "
        f"Обращения: № {first - 1}, № {first}."
    )
    assert stage.text(BELLA) == (
        "👋 Борис снова на месте, замещать больше не нужно. Начатое остаётся за вами. Открытых нет."
    )
    await stage.write(BORIS, "/away off")
    assert stage.text(BORIS) == "Снимать нечего: отсутствие не записано. Записать: /away"


async def test_the_dates_may_be_given_as_a_reply(stage: Stage) -> None:
    await stage.write(ANNA, "/away")
    assert stage.last(ANNA).buttons == ["🗓 Указать даты"]
    assert await stage.press(ANNA, "Указать даты") == "Жду даты"
    assert stage.text(ANNA) == "🗓 Когда вас не будет? Например: 1–14 июля, 25.11-02.12, до пятницы."
    question = stage.last(ANNA)
    await stage.write(ANNA, "как-нибудь", to=question)
    assert stage.text(ANNA).startswith("Не понял даты.")
    await stage.write(ANNA, "сегодня", to=question)
    assert stage.text(ANNA) == (
        "🏖 Вас не будет 2 марта. Кто замещает? Рядом с именем — сколько уже в работе.\n"
        "Из коллег в эти дни никто не свободен."
    )
    assert stage.last(ANNA).buttons == ["Без заместителя", "Отмена"]
    await stage.press(ANNA, "Без заместителя")
    assert stage.chats[ANNA][-2].visible == (
        "🏖 Вас не будет 2 марта. Заместителя нет: обращения может взять любой из органа.\nОткрытых нет."
    )


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        (
            "/away когда-нибудь",
            "Не понял даты. Напишите так: /away 1–14 июля, /away 25.11-02.12 или /away до пятницы.",
        ),
        (
            "/away 10–12 февраля",
            "Эти дни уже прошли. Если речь о будущем годе, напишите год: /away 1–14 июля 2027.",
        ),
        (
            "/away 1 апреля – 30 июня",
            "Это 91 дн., а можно не больше 62. Разбейте на части или попросите куратора передать вашу роль другому.",
        ),
        ("/away 1–3 июня 2028", "Это дальше, чем через год. Напишите ближе к делу."),
        ("/away список", "Это может только: координатор органа, куратор. Что можно вам: /help"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(stage: Stage, typed: str, answered: str) -> None:
    await stage.write(BORIS, typed)
    assert stage.text(BORIS) == answered


async def test_coordinators_say_it_of_their_own_body_and_curators_of_anybody(stage: Stage) -> None:
    await enters(stage, DINA, "Дина", Role.COORDINATOR, "housing")
    await stage.write(DINA, "/away Борис 9–13 марта")
    assert stage.text(DINA).startswith("🏖 Борис: отсутствие с 9 по 13 марта. Кто замещает?")
    assert stage.last(DINA).buttons == ["Белла · 0", "Дина · 0", "Без заместителя", "Отмена"]
    await stage.press(DINA, "Белла")
    assert stage.text(DINA) == ("🏖 Борис: отсутствие с 9 по 13 марта. Замещает: Белла.\nОткрытых нет.")
    assert stage.text(BORIS) == "🏖 Дина отметил(а), что вас не будет с 9 по 13 марта. Это не так? /away off"
    await stage.write(DINA, "/away Анна 9–13 марта")
    assert stage.text(DINA) == (
        "Сотрудника с таким именем у вас нет. Напишите имя и даты: /away Борис 1–14 июля. "
        "Все сотрудники: /people"
    )
    await stage.write(VERA, "/away анна 9 марта")
    await stage.press(VERA, "Без заместителя")
    await stage.write(VERA, "/away список")
    assert stage.text(VERA) == (
        "Отсутствуют и собираются: 2\n"
        "🗓 Борис, с 9 по 13 марта. Замещает: Белла\n"
        "🗓 Анна, 9 марта. Без заместителя"
    )
    await stage.write(DINA, "/away список")
    assert "Анна" not in stage.text(DINA)
    await stage.write(VERA, "/away Борис off")
    assert stage.text(VERA) == "👋 Борис: отсутствие с 9 по 13 марта снято."


async def test_namesakes_are_told_apart(stage: Stage) -> None:
    await enters(stage, 302, "Борис Петров", Role.OFFICIAL, "housing")
    await stage.write(VERA, "/away Борис сегодня")
    assert stage.text(VERA) == (
        "Таких несколько: Борис, Борис Петров. Напишите имя с фамилией: /away Борис Петров 1–14 июля"
    )
    await stage.write(VERA, "/away Борис Петров сегодня")
    assert stage.text(VERA).startswith("🏖 Борис Петров: отсутствие 2 марта.")


async def test_forged_and_late_presses_are_refused(stage: Stage) -> None:
    await stage.write(BORIS, "/away 9–13 марта")
    data = stage.last(BORIS).data("Белла")
    stranger = data.split(":")
    assert (await stage.press_data(ANNA, data)).startswith("!Это может только")
    async with stage.database.reading() as session:
        anna = await session.scalar(select(Official.id).where(Official.telegram_id == ANNA))
    stranger[-1] = str(anna)
    assert (await stage.press_data(BORIS, ":".join(stranger))).startswith(
        "!Этот сотрудник замещать не сможет"
    )
    stage.clock.forward(days=40)
    assert (await stage.press_data(BORIS, data)).startswith("!Эти дни уже прошли")


async def test_in_english(stage: Stage) -> None:
    await stage.says_english(BORIS)
    await stage.write(BORIS, "/away 28 March – 2 April")
    assert stage.text(BORIS) == (
        "🏖 You are away 28 March – 2 April. Who stands in? The number is what they hold already."
    )


async def test_a_blocked_bot_is_told_to_the_curator_and_the_group_at_once(stage: Stage) -> None:
    number = await take(stage, 2)
    async with stage.database.writing() as session:
        await chat_lost(session, BORIS, error="kicked", now=stage.clock())
    await stage.deliver()
    assert stage.text(VERA) == (
        "📵 Борис не получает сообщения бота: похоже, заблокирован. Работа передана заместителю или органу, "
        f"проверьте. Обращения: № {number}."
    )
    assert (
        f"📵 Борис не получает сообщения бота. Взять может любой: нажмите «Принять». Обращения: № {number}."
        in said(stage, HOUSING_CHAT, 2)
    )
    async with stage.database.writing() as session:
        await chat_back(session, BORIS, now=stage.clock())
    await stage.deliver()
    assert f"👋 Вы снова на связи. Вернулось к вам. Обращения: № {number}." in said(stage, BORIS, 2)


async def test_every_level_is_told_what_is_expected_of_it(stage: Stage) -> None:
    await enters(stage, DINA, "Дина", Role.COORDINATOR, "housing")
    await enters(stage, 303, "Глава", Role.HEAD)
    number = await stage.arrive(2, topic="housing")
    for hours, who, text in (
        (
            20,
            DINA,
            (
                f"⏫ № {number}: до 03.03 12:00 · осталось 4 ч. В органе «Минжилищный <надзор>» никто не взял. "
                "Помогите ответить или поручите другому сотруднику."
            ),
        ),
        (
            23,
            VERA,
            (
                f"⏫ № {number}: до 03.03 12:00 · осталось 1 ч. В органе «Минжилищный <надзор>» никто не взял. "
                "Позвоните в орган или переназначьте."
            ),
        ),
        (
            26,
            303,
            (
                f"⏫ № {number}: до 03.03 12:00 · просрочено на 2 ч. В органе «Минжилищный <надзор>» никто не взял. "
                "Никто ниже не сдвинул с места: нужно ваше решение, кто ответит."
            ),
        ),
    ):
        stage.clock.now = in_hours(hours)
        await sweep(stage)
        assert text in said(stage, who, 3)


async def test_the_auditors_line(stage: Stage) -> None:
    number = await stage.arrive(2, topic="housing")
    stage.clock.forward(hours=1)
    async with stage.database.writing() as session:
        await session.execute(
            update(Body).where(Body.id == stage.bodies["housing"]).values(chat_state=ChatState.DEAD)
        )
        await session.execute(update(Incident).values(next_look_at=None))
        await auditing.look(session, now=stage.clock())
    await stage.deliver()
    assert stage.text(VERA) == (
        f"⚠️ Висят: № {number} (нет живого чата).\n"
        f"🔧 Висели, уже исправлено: № {number} (никто не вернётся).\n"
        "Откройте номер: /incident 17. Переназначьте или восстановите чат: /bodies"
    )
