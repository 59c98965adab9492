"""/why: whole messages, as people see them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from incidents.calendars import WEEKDAYS, Calendar
from incidents.days_off import with_days_off
from incidents.people import actor_of
from incidents.policies import Policy
from incidents.policy_choice import install_policy_rules
from incidents.promises import DEFAULT, install_policies
from incidents.triage import assign, merge
from models import (
    Assignment,
    Body,
    HistoryEntry,
    Incident,
    Language,
    Official,
    PolicyRule,
    Priority,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, IRINA, STRANGER, VERA, Stage

OFFICE = with_days_off(
    Calendar(kind="working", hours=dict.fromkeys(WEEKDAYS[:5], ("08:00-17:00",))), of_russia=True
)
KALUGA = Policy(name="24 рабочих часа", calendar=OFFICE, return_window="2h", preparation="22h")
HOUR = timedelta(hours=1)


async def under(stage: Stage, policies: Mapping[str, Policy], *rules: PolicyRule) -> None:
    async with stage.database.writing() as session:
        await install_policies(session, policies, now=NOON)
        await install_policy_rules(session, rules)


def rule(policy: str, **columns: str) -> PolicyRule:
    filled = {"body_code": "", "topic": "", "territory": "", "priority": "", **columns}
    return PolicyRule(policy_name=policy, **filled)


async def change(stage: Stage, number: int, **values: Any) -> None:
    async with stage.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == number).values(values))


async def test_the_federal_day_in_a_few_lines(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.write(ANNA, f"/why {number}")
    assert stage.text(ANNA) == (
        "🧮 № 1: откуда срок\n"
        "Правила: 24 (default, версия 1)\n"
        "Выбраны: общие для региона\n"
        "Зарегистрировано: пн 02.03 12:00\n"
        "⏰ Ответ: 24 ч → вт 03.03 12:00\n"
        "Первая реакция: 3 ч → пн 02.03 15:00\n"
        "Назначено: пн 02.03 12:00\n"
        "Вернуть «не наше»: 2 ч → пн 02.03 14:00"
    )


async def test_working_hours_day_by_day_behind_a_fold(stage: Stage) -> None:
    await under(stage, {DEFAULT: KALUGA}, rule(DEFAULT, topic="roads", territory="Верхнереченск"))
    stage.clock.now = datetime(2026, 3, 6, 13, tzinfo=UTC)  # Friday, 16:00 in Moscow
    number = await stage.arrive()
    await stage.write(VERA, f"/why {number}")
    assert stage.last(VERA).text == (
        "🧮 <b>№ 1: откуда срок</b>\n"
        "Правила: <b>24 рабочих часа</b> (default, версия 2)\n"
        "Выбраны по правилу: тема «Дороги», территория «Верхнереченск»\n"
        "Зарегистрировано: пт 06.03 16:00\n"
        "⏰ Ответ: 24 ч рабочего времени → <b>чт 12.03 13:00</b>\n"
        "<blockquote expandable>пт 06.03 16:00–17:00: 1 ч\n"
        "сб 07.03: выходной\n"
        "вс 08.03: Международный женский день\n"
        "пн 09.03: Международный женский день (выходной)\n"
        "вт 10.03 08:00–17:00: 9 ч, всего 10 ч\n"
        "ср 11.03 08:00–17:00: 9 ч, всего 19 ч\n"
        "чт 12.03 08:00–13:00: 5 ч, всего 24 ч</blockquote>\n"
        "Первая реакция: 3 ч рабочего времени → вт 10.03 10:00\n"
        "Назначено: пт 06.03 16:00\n"
        "Вернуть «не наше»: 2 ч рабочего времени → вт 10.03 09:00\n"
        "Подготовить ответ: 22 ч рабочего времени → чт 12.03 11:00"
    )


async def test_the_same_in_english(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await session.execute(update(Official).values(language=Language.EN))
        await session.execute(update(Body).where(Body.code == "roads").values(policy_name="kaluga"))
    await under(stage, {DEFAULT: Policy(name="24"), "kaluga": KALUGA})
    stage.clock.now = datetime(2026, 12, 30, 13, tzinfo=UTC)
    number = await stage.arrive()
    await stage.write(ANNA, f"/why {number}")
    assert stage.text(ANNA) == (
        "🧮 № 1: why this deadline\n"
        "Policy: 24 рабочих часа (kaluga, version 1)\n"
        "Chosen: so decided for Минтранс\n"
        "Registered: Wed 30 Dec 16:00\n"
        "⏰ Answer: 24 hr of working time → Wed 13 Jan 2027 13:00\n"
        "Wed 30 Dec 16:00–17:00: 1 hr\n"
        "Thu 31 Dec: Day off (substituted from 01/04/2026)\n"
        "Fri 1 Jan 2027 – Wed 6 Jan 2027: New Year Holidays\n"
        "Thu 7 Jan 2027: Christmas Day\n"
        "Fri 8 Jan 2027: New Year Holidays\n"
        "Sat 9 Jan 2027 – Sun 10 Jan 2027: day off\n"
        "Mon 11 Jan 2027 08:00–17:00: 9 hr, 10 hr so far\n"
        "Tue 12 Jan 2027 08:00–17:00: 9 hr, 19 hr so far\n"
        "Wed 13 Jan 2027 08:00–13:00: 5 hr, 24 hr so far\n"
        "First reaction: 3 hr of working time → Mon 11 Jan 2027 10:00\n"
        "Assigned: Wed 30 Dec 16:00\n"
        "Return as not ours: 2 hr of working time → Mon 11 Jan 2027 09:00\n"
        "Answer prepared: 22 hr of working time → Wed 13 Jan 2027 11:00"
    )


async def late_assignment(stage: Stage) -> int:
    """Registered on Monday 08:00, given to another body on Tuesday 12:00: 13 working hours later."""
    await under(stage, {DEFAULT: KALUGA})
    stage.clock.now = datetime(2026, 3, 2, 5, tzinfo=UTC)
    number = await stage.arrive(topic="housing")
    stage.clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    async with stage.database.writing() as session:
        vera = await actor_of(session, VERA)
        assert vera is not None
        await assign(
            session, incident_id=number, body_id=stage.bodies["roads"], actor=vera, now=stage.clock()
        )
    await stage.deliver()
    return number


SLACK = "\n⚠️ Назначено поздно: на подготовку не хватает 11 ч. Видят куратор и согласующий."


@pytest.mark.parametrize(("who", "sees"), [(ANNA, False), (IRINA, True), (VERA, True)])
async def test_a_late_assignment_is_shown_to_curators_and_approvers_only(
    stage: Stage, *, who: int, sees: bool
) -> None:
    # Due Wednesday 14:00 (9 + 9 + 6); prepared until Thursday 16:00 (5 + 9 + 8); between them 3 + 8.
    number = await late_assignment(stage)
    await stage.write(who, f"/why {number}")
    assert stage.text(who).endswith(
        "Назначено: вт 03.03 12:00\n"
        "Вернуть «не наше»: 2 ч рабочего времени → вт 03.03 14:00\n"
        "Подготовить ответ: 22 ч рабочего времени → чт 05.03 16:00" + SLACK * sees
    )


async def test_what_was_corrected_since_changes_no_arithmetic(stage: Stage) -> None:
    own = Policy(name="24", by_priority={Priority.ORDINARY: 12, Priority.RAISED: 6, Priority.ACCIDENT: 2})
    await under(stage, {DEFAULT: own})
    number = await stage.arrive(topic="roads")
    before = await stage.incident(number)
    await change(stage, number, priority=Priority.ACCIDENT)
    await under(stage, {DEFAULT: Policy(name="24"), "four": Policy(name="4", total="4h")}, rule("four"))
    await stage.write(VERA, f"/why {number}")
    assert before.priority is Priority.ORDINARY
    assert (await stage.incident(number)).due_at == before.due_at
    assert stage.text(VERA).startswith(
        "🧮 № 1: откуда срок\n"
        "Правила: 24 (default, версия 2)\n"
        "Выбраны при регистрации. Сегодня выбор был бы другим, но срок уже не меняется.\n"
        "Зарегистрировано: пн 02.03 12:00\n"
        "Приоритет: обычный, у него срок свой\n"
        "⏰ Ответ: 12 ч → вт 03.03 00:00\n"
    )


async def test_a_deadline_nobody_can_count_again_is_shown_as_it_is_stored(stage: Stage) -> None:
    number = await stage.arrive()
    await change(stage, number, due_at=NOON + 5 * HOUR)
    await stage.write(VERA, f"/why {number}")
    assert "⏰ Ответ: до пн 02.03 17:00, так записано при регистрации" in stage.text(VERA)


async def interim(stage: Stage, control_at: datetime) -> int:
    number = await stage.arrive()
    async with stage.database.writing() as session:
        incident = await session.get_one(Incident, number)
        session.add(
            HistoryEntry(
                incident_id=number,
                step=Step.PUBLISH_INTERIM,
                before=Status.APPROVED,
                after=Status.INTERIM,
                body_id=incident.body_id,
                at=NOON + HOUR,
            )
        )
    await change(stage, number, control_at=control_at)
    return number


async def test_the_final_answer_after_an_interim_one_in_working_days(stage: Stage) -> None:
    policy = Policy.model_validate({**KALUGA.model_dump(), "interim_total": "7wd", "first_day": "tomorrow"})
    await under(stage, {DEFAULT: policy})
    number = await interim(stage, policy.interim_until(NOON + HOUR))
    await stage.write(ANNA, f"/why {number}")
    assert stage.text(ANNA).endswith(
        "Промежуточный ответ: пн 02.03 13:00\n"
        "⏰ Итоговый: 7 рабочих дней → чт 12.03 17:00\n"
        "пн 02.03: уже не считается\n"
        "вт 03.03: 1-й рабочий день\n"
        "ср 04.03: 2-й рабочий день\n"
        "чт 05.03: 3-й рабочий день\n"
        "пт 06.03: 4-й рабочий день\n"
        "сб 07.03: выходной\n"
        "вс 08.03: Международный женский день\n"
        "пн 09.03: Международный женский день (выходной)\n"
        "вт 10.03: 5-й рабочий день\n"
        "ср 11.03: 6-й рабочий день\n"
        "чт 12.03: 7-й рабочий день"
    )


async def test_the_final_answer_in_ordinary_days_or_when_the_official_said(stage: Stage) -> None:
    number = await interim(stage, NOON + HOUR + timedelta(days=7))
    await stage.write(ANNA, f"/why {number}")
    assert stage.text(ANNA).endswith("⏰ Итоговый: 7 дней → пн 09.03 13:00")
    await change(stage, number, control_at=NOON + timedelta(days=3))
    await stage.write(ANNA, f"/why {number}")
    assert stage.text(ANNA).endswith("⏰ Итоговый: до чт 05.03 12:00, дату назвал отвечающий")


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (20 * HOUR, "✅ Опубликовано вт 03.03 08:00, осталось 4 ч"),
        (26 * HOUR + timedelta(minutes=5), "❗ Опубликовано вт 03.03 14:05, позже срока на 2 ч 5 мин"),
    ],
)
async def test_the_clock_stopped_at_publication(stage: Stage, after: timedelta, says: str) -> None:
    number = await stage.arrive()
    await change(stage, number, answered_at=NOON + after)
    await stage.write(VERA, f"/why {number}")
    assert stage.text(VERA).endswith(says)


async def test_before_registration_no_clock_runs(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.write(VERA, f"/why №{number}")
    assert stage.text(VERA) == (
        "🧮 № 1: откуда срок\nПравила: 24\nЕщё не зарегистрировано: срок пойдёт с регистрации."
    )


async def test_a_policy_in_another_zone_says_so(stage: Stage) -> None:
    calendar = Calendar(
        kind="working", tz="Asia/Yekaterinburg", hours=dict.fromkeys(WEEKDAYS, ("09:00-18:00",))
    )
    await under(stage, {DEFAULT: Policy(name="<Урал> & Ко", calendar=calendar, total="2h")})
    number = await stage.arrive()
    await stage.write(VERA, f"/why {number}")
    assert "Правила: <Урал> & Ко (default, версия 2)" in stage.text(VERA)
    assert "Время: Asia/Yekaterinburg\nЗарегистрировано: пн 02.03 14:00" in stage.text(VERA)
    assert "⏰ Ответ: 2 ч рабочего времени → пн 02.03 16:00\nпн 02.03 14:00–16:00: 2 ч\n" in stage.text(VERA)


async def test_a_year_of_days_stays_a_phone_message(stage: Stage) -> None:
    await under(stage, {DEFAULT: Policy(name="год", calendar=OFFICE, total="366d")})
    number = await stage.arrive()
    await stage.write(VERA, f"/why {number}")
    assert len(stage.text(VERA)) < 1500
    assert "… ещё " in stage.text(VERA)


async def test_who_may_not_see_it_is_told_why(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.write(BORIS, f"/why {number}")
    refused = stage.text(BORIS)
    assert "откуда срок" not in refused
    await stage.write(STRANGER, f"/why {number}")
    assert "приглашение" in stage.text(STRANGER)
    for text in ("/why 404", "/why", "/why яма", "/why 99999999999999999999"):
        await stage.write(VERA, text)
        assert "откуда срок" not in stage.text(VERA)
        assert stage.text(VERA)
    assert stage.text(VERA) == "Напишите номер: /why 17"


async def test_an_incident_of_nobody_is_for_curators(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.write(ANNA, f"/why {number}")
    assert "откуда срок" not in stage.text(ANNA)


async def test_a_merged_one_sends_to_the_other(stage: Stage) -> None:
    number, other = await stage.arrive(), await stage.arrive(3, text="Другая яма")
    async with stage.database.writing() as session:
        vera = await actor_of(session, VERA)
        assert vera is not None
        await merge(session, incident_id=number, into_id=other, actor=vera, now=NOON)
    await stage.write(VERA, f"/why {number}")
    assert f"№ {number} объединено с № {other}" in stage.text(VERA)


async def test_in_a_group_it_speaks_the_groups_language(stage: Stage) -> None:
    number = await stage.arrive(topic="housing")
    await stage.write(BORIS, f"/why {number}", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT).startswith("🧮 № 1: откуда срок")
    async with stage.database.reading() as session:
        assert (await session.get_one(Assignment, 1)).prepare_until is None
