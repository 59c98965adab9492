"""What happens in the working week, day by day."""

from collections import Counter

from sqlalchemy import select

from models import Incident, Status
from tests.scenarios.week_cast import (
    ALLA,
    ANNA,
    APPROVER,
    BORIS,
    DENIS,
    EGOR,
    FAINA,
    GLEB,
    ILYA,
    KIRA,
    MAYA,
    PEOPLE,
    RITA,
    ROMA,
    TANYA,
    TIMUR,
    VERA,
    VIKTOR,
    YANA,
    ZOYA,
)
from tests.scenarios.week_stage import Week, all_enter

CONFIG = """
[triage]
threshold = 0.5
[policies.default]
name = "Федеральный 24 ч"
quiet_hours = "22:00-08:00"
[[policy_rules]]
body = "social"
policy = "working-24h"
"""
MON, TUE, WED, THU, FRI = (f"2026-11-0{day}" for day in range(2, 7))


async def play(week: Week) -> Counter[Status]:
    """The whole week; how the incidents stand at its end."""
    yards, duty = await _everybody_enters(week)
    await _a_pothole_is_answered_with_a_photo(week)
    await _snow_storm(week, yards)
    await _not_ours(week)
    await _sent_back_twice(week)
    await _interim(week)
    await _working_hours(week)
    await _anna_goes_on_leave(week)
    await _a_blocked_bot(week)
    yards = await _a_group_becomes_another(week, yards)
    await _an_accident_on_the_night_of_the_holiday(week, duty)
    await _nobody_answers(week)
    await _the_interim_becomes_final(week)
    await _an_answer_is_corrected(week)
    await _the_ladder(week)
    await _friday(week)
    async with week.database.reading() as session:
        return Counter(await session.scalars(select(Incident.status)))


async def _everybody_enters(week: Week) -> tuple[int, int]:
    """By forty invitations; the yards work in a group, and there is a chat for the nights."""
    for person in PEOPLE:
        week.names[person.id] = person.name
        week.telegram.create_user(person.id, first_name=person.name)
    yards = week.telegram.create_group("Благоустройство", [YANA, TIMUR, ALLA]).id
    duty = week.telegram.create_supergroup("Дежурные", [GLEB, ILYA, RITA]).id
    await week.does("созданы группы")
    await all_enter(week, PEOPLE, groups={"yards": yards})
    await week.write(GLEB, "/duty@otklik_bot", chat=duty)
    await week.write(VERA, "/approval health on")
    return yards, duty


async def _a_pothole_is_answered_with_a_photo(week: Week) -> None:
    await week.at(MON, "08:30")
    await week.post("Яма на Ленина, 5: вторую неделю объезжаем по тротуару", author="Пётр")
    await week.press(ANNA, "Принять")
    await week.press(ANNA, "Ответить", about="№ 1")
    await week.write(
        ANNA,
        "Пётр, добрый день! Яму на Ленина, 5 засыпали сегодня утром. Асфальт уложим до 10 ноября.",
        to="№ 1: напишите ответ",
        photo=True,
    )
    await week.press(ANNA, "Отправить", about="Проверьте ответ на № 1")


async def _snow_storm(week: Week, yards: int) -> None:
    """Four say the same, the program is unsure, a curator sorts them in one go; the group answers once."""
    await week.at(MON, "09:00")
    for author in ("Ольга", "Семён", "Дарья", "Фарида"):
        await week.post("Двор на Мира завален снегом, к дому не пройти", author=author)
    await week.write(VERA, "/triage")
    await week.press(VERA, "Похожие")
    await week.press(VERA, "Объединить 3 с № 2")
    await week.press(VERA, "Благоустройство", about="Ждут разбора")
    await week.press(YANA, "Ответить", chat=yards)
    await week.write(
        YANA,
        "Добрый день! Двор на Мира чистит трактор, закончим сегодня до 18:00. С уважением, Благоустройство.",
        chat=yards,
        to="№ 2: напишите ответ",
    )
    await week.press(YANA, "Отправить", chat=yards)


async def _not_ours(week: Week) -> None:
    """Heat gives back what is the house's, says whose, and a curator agrees."""
    await week.at(MON, "10:00")
    await week.post("Холодные батареи в подъезде, трубы текут, Садовая, 7", author="Антон")
    await week.press(ILYA, "Принять")
    await week.press(ILYA, "Вернуть")
    await week.press(ILYA, "Другой собственник")
    await week.press(ILYA, "ЖКХ")
    await week.after("ждут куратора", minutes=5)
    await week.press(VERA, "ЖКХ", about="№ 6")
    await week.press(ZOYA, "Ответить")
    await week.write(
        ZOYA, "Антон, добрый день! Сантехник придёт сегодня к 15:00, трубу заменим.", to="№ 6: напишите ответ"
    )
    await week.press(ZOYA, "Отправить")


async def _sent_back_twice(week: Week) -> None:
    """The approver wants a date, then plain words, then agrees."""
    await week.at(MON, "11:00")
    await week.post("Третий день не могу записаться к врачу: в регистратуре не берут трубку", author="Нелли")
    await week.press(VIKTOR, "Ответить")
    await week.write(VIKTOR, "Ваш вопрос на контроле.", to="№ 7: напишите ответ")
    await week.press(VIKTOR, "Отправить")
    await week.press(APPROVER, "На доработку")
    await week.press(APPROVER, "Нет сроков")
    await week.after("Виктор вернулся с обхода", minutes=20)
    await week.press(VIKTOR, "Исправить")
    await week.write(
        VIKTOR,
        "В соответствии с регламентом осуществляется организация дополнительного приёма до 3 ноября.",
        to="№ 7: напишите ответ",
    )
    await week.press(VIKTOR, "Отправить")
    await week.press(APPROVER, "На доработку")
    await week.press(APPROVER, "Своими словами")
    await week.write(APPROVER, "Человеческим языком: куда звонить и когда примут", to="что исправить")
    await week.press(VIKTOR, "Исправить")
    await week.write(
        VIKTOR,
        "Нелли, добрый день! Регистратура починила телефон: звоните 122. Завтра, 3 ноября, врач примет вас в 9:30.",
        to="№ 7: напишите ответ",
    )
    await week.press(VIKTOR, "Отправить")
    await week.press(APPROVER, "Согласовать")


async def _interim(week: Week) -> None:
    await week.at(MON, "14:00")
    await week.post("В школе № 4 холодно, дети сидят в куртках", author="Мама ученика")
    await week.press(TANYA, "Ответить")
    await week.write(
        TANYA,
        "Добрый день! Сегодня замерили температуру: 16 °C. Котельную проверяют, о результате напишем 5 ноября.",
        to="№ 8: напишите ответ",
    )
    await week.press(TANYA, "Промежуточный ответ")
    await week.press(TANYA, "05.11")


async def _working_hours(week: Week) -> None:
    """24 working hours of the social body: the holiday on Wednesday does not count."""
    await week.at(MON, "16:00")
    await week.post("Когда придёт пособие за октябрь?", author="Ирина")
    await week.write(MAYA, "/why 9")
    await week.press(MAYA, "Принять")


async def _anna_goes_on_leave(week: Week) -> None:
    await week.at(MON, "17:00")
    await week.write(ANNA, "/away 3–5 ноября")
    await week.press(ANNA, "Борис")
    await week.at(TUE, "08:00")
    await week.post("Яма у дома 12 на Садовой, пробил колесо", author="Руслан")
    await week.press(BORIS, "Ответить")
    await week.write(
        BORIS, "Руслан, добрый день! Яму у дома 12 закроем завтра до обеда.", to="№ 10: напишите ответ"
    )
    await week.press(BORIS, "Отправить")


async def _a_blocked_bot(week: Week) -> None:
    """Egor's private chat is his body's: what he holds goes on, and the coordinator makes hers the body's."""
    await week.at(TUE, "12:00")
    await week.post("Контейнеры на Лесной полные, мусор летает по двору", author="Галина")
    await week.press(EGOR, "Принять")
    week.telegram.block(EGOR)
    await week.does("Егор блокирует бота")
    await week.press(FAINA, "Ответить")
    await week.write(
        FAINA, "Галина, добрый день! Машина выехала, вывезем сегодня до 20:00.", to="№ 11: напишите ответ"
    )
    await week.press(FAINA, "Отправить")
    await week.write(FAINA, "/bind")
    await week.post("Мусор не вывозят с Лесной, 8", author="Игнат")
    await week.press(FAINA, "Ответить", about="№ 12")
    await week.write(FAINA, "Игнат, добрый день! Заберём завтра утром, до 10:00.", to="№ 12: напишите ответ")
    await week.press(FAINA, "Отправить")


async def _a_group_becomes_another(week: Week, yards: int) -> int:
    await week.at(TUE, "15:00")
    await week.post("Сломаны качели во дворе на Лесной, 3", author="Света")
    new = week.telegram.migrate(yards).id
    await week.does("группа становится супергруппой")
    await week.press(TIMUR, "Ответить", chat=new)
    await week.write(
        TIMUR,
        "Светлана, добрый день! Качели сняли на ремонт, вернём 6 ноября.",
        chat=new,
        to="№ 13: напишите ответ",
    )
    await week.press(TIMUR, "Отправить", chat=new)
    return new


async def _an_accident_on_the_night_of_the_holiday(week: Week, duty: int) -> None:
    """Ordinary things wait for the morning; the duty chat sees what cannot."""
    await week.at(WED, "02:10")
    await week.post("Батареи ледяные во всём доме, Садовая, 9, дома дети", author="Лидия")
    await week.press(ILYA, "Ответить", chat=duty)
    await week.write(
        ILYA,
        "Лидия, добрый день! Авария на Садовой, бригада на месте. Тепло дадим к 6:00, 4 ноября.",
        chat=duty,
        to="№ 14: напишите ответ",
    )
    await week.press(ILYA, "Отправить", chat=duty)
    await week.at(WED, "08:00", "утро праздника")


async def _nobody_answers(week: Week) -> None:
    """Accepted, and then silence: in the evening it goes back to the whole body, in the morning people hear."""
    await week.at(WED, "14:00")
    await week.post("Автобус № 3 не пришёл три раза подряд", author="Глафира")
    await week.press(DENIS, "Принять")
    await week.at(WED, "22:05")
    await week.at(THU, "08:00", "утро четверга")


async def _the_ladder(week: Week) -> None:
    """The coordinator, the curators, everybody, the head; then a late answer."""
    for time in ("10:05", "13:05", "14:05", "16:05"):
        await week.at(THU, time)
    await week.write(ROMA, "/incident 15")
    await week.press(ROMA, "Ответить", about="№ 15")
    await week.write(
        ROMA,
        "Глафира, добрый день! Автобус сломался, с 5 ноября рейс выполняет запасной. Простите за ожидание.",
        to="№ 15: напишите ответ",
    )
    await week.press(ROMA, "Отправить")


async def _the_interim_becomes_final(week: Week) -> None:
    await week.at(THU, "09:00")
    await week.press(TANYA, "Ответить", about="№ 8")
    await week.write(
        TANYA,
        "Добрый день! Котёл в школе № 4 починили 5 ноября, в классах 21 °C. Спасибо, что сообщили.",
        to="№ 8: напишите ответ",
        photo=True,
    )
    await week.press(TANYA, "Отправить")


async def _an_answer_is_corrected(week: Week) -> None:
    """VK lets no program edit: a person is given the words."""
    await week.at(THU, "09:30")
    await week.press(MAYA, "Ответить", about="№ 9")
    await week.write(
        MAYA, "Ирина, добрый день! Пособие за октябрь придёт 6 ноября.", to="№ 9: напишите ответ"
    )
    await week.press(MAYA, "Отправить")
    await week.press(MAYA, "Исправить ответ")
    await week.write(
        MAYA, "Ирина, добрый день! Пособие за октябрь придёт 9 ноября.", to="№ 9: ответ уже опубликован"
    )
    await week.press(MAYA, "Заменить ответ")
    await week.edits_in_vk(
        "октябрь придёт 6 ноября", "Ирина, добрый день! Пособие за октябрь придёт 9 ноября."
    )
    await week.press(MAYA, "Готово, исправлено")


async def _friday(week: Week) -> None:
    """Anna is back; what was on Monday is found, and what it says now is read again."""
    await week.at(FRI, "08:00")
    await week.write(ANNA, "/my")
    await week.write(KIRA, "/find яма на Садовой")
    await week.write(VERA, "/find батареи за неделю")
    await week.press(VERA, "№ 6")
    await week.press(VERA, "История")
    await week.write(VERA, "/late")
    await week.write(GLEB, "/queue")
