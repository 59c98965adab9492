"""What is said when time or the program brings something; and what is not worth saying any more."""

import pytest
from sqlalchemy import update

from handlers.rendering import render
from models import Card, CardState, OutboxKind, OutboxRow, Urgency
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, VERA, Stage


@pytest.mark.parametrize(
    ("key", "params", "says"),
    [
        ("reminder", {}, "⏰ № 1: до 03.03 12:00 · осталось 1 дн."),
        ("overdue", {}, "🔥 № 1: до 03.03 12:00 · осталось 1 дн.. Ответьте сейчас."),
        ("released", {"name": "Борис <Б>"}, "🔓 № 1: Борис <Б> молчит слишком долго. Взять может любой."),
        (
            "overdue_curators",
            {},
            "🔥 № 1: до 03.03 12:00 · осталось 1 дн.. Отвечает: Минтранс",
        ),
        (
            "publication_refused",
            {"error": "ссылки запрещены."},
            "⚠️ № 1: сеть не приняла ответ. ссылки запрещены. Нажмите «Ответить» и измените текст.",
        ),
        ("publication_gone", {"error": "удалён."}, "⚠️ № 1: под постом ответить уже нельзя. удалён."),
    ],
)
async def test_notices_reply_to_the_card(stage: Stage, key: str, params: dict[str, str], says: str) -> None:
    number = await stage.arrive()
    card = stage.last(ANNA)
    await stage.notify(ANNA, key, incident_id=number, **params)
    assert stage.text(ANNA) == says
    assert stage.last(ANNA).outgoing.reply_to == card.message_id
    assert stage.last(ANNA).buttons == []


async def test_without_a_card_a_notice_opens_the_incident(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.notify(VERA, "overdue_curators", incident_id=number)
    assert stage.last(VERA).buttons == [f"Открыть № {number}"]
    await stage.press(VERA, "Открыть")
    assert "Минтранс" in stage.text(VERA)


@pytest.mark.parametrize("key", ["reminder", "overdue", "released"])
async def test_a_body_hears_nothing_of_what_it_handed_on(stage: Stage, key: str) -> None:
    number = await stage.arrive()
    await stage.write(VERA, f"/assign {number} housing")
    seen = len(stage.chats[ANNA])
    await stage.notify(ANNA, key, incident_id=number, name="Анна")
    assert len(stage.chats[ANNA]) == seen
    await stage.notify(HOUSING_CHAT, key, incident_id=number, name="Анна")
    assert f"№ {number}" in stage.text(HOUSING_CHAT)


@pytest.mark.parametrize("key", ["reminder", "overdue", "overdue_curators", "waits_for_triage"])
async def test_a_settled_incident_is_not_hurried(stage: Stage, key: str) -> None:
    number = await stage.arrive()
    await stage.write(VERA, f"/skip {number} шутка")
    seen = len(stage.chats[ANNA])
    await stage.notify(ANNA, key, incident_id=number)
    assert len(stage.chats[ANNA]) == seen


@pytest.mark.parametrize("key", ["waits_for_triage", "reminder_curators"])
async def test_curators_are_hurried_only_while_nobody_has_it(stage: Stage, key: str) -> None:
    number = await stage.arrive(sure=0.1)
    await stage.notify(VERA, key, incident_id=number)
    assert f"№ {number}" in stage.text(VERA)
    await stage.press(VERA, "Минтранс", on=stage.chats[VERA][0])
    seen = len(stage.chats[VERA])
    await stage.notify(VERA, key, incident_id=number)
    assert len(stage.chats[VERA]) == seen


async def test_the_operators_notices(stage: Stage) -> None:
    await stage.notify(VERA, "alarm", text="VK: токен <отозван>")
    assert stage.text(VERA) == "🚨 VK: токен <отозван>"
    await stage.notify(VERA, "alarm_cleared", text="VK")
    assert stage.text(VERA) == "✅ Прошло: VK"
    await stage.notify(VERA, "body_unreachable", body="Минтранс", error="Forbidden: bot was blocked")
    assert stage.text(VERA).startswith("📵 Орган «Минтранс» не получает сообщения")


async def test_a_notice_speaks_the_readers_language(stage: Stage) -> None:
    number = await stage.arrive()
    await stage.says_english(ANNA)
    await stage.notify(ANNA, "reminder", incident_id=number)
    assert stage.text(ANNA) == "⏰ No. 1: by 3 Mar 12:00 · 1 day left"


async def test_doubts_about_a_draft_are_said_before_it_is_sent(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Звоните +7 912 345-67-89, ivan80@mail.ru, кв. 12, https://x.ru")
    assert stage.text(ANNA).splitlines()[4:] == [
        "⛔ Телефон человека, уберите: «+7 912 345-67-89»",
        "⛔ Номер квартиры, уберите: «кв. 12»",
        "⛔ Личная почта, уберите: «ivan80@mail.ru»",
        "⚠️ Ссылка: некоторые сети такой ответ скрывают. Нужна ли она? «https://x.ru»",
    ]


def a_row(kind: OutboxKind, chat_id: int, **payload: object) -> OutboxRow:
    return OutboxRow(
        kind=kind, chat_id=chat_id, payload=payload, urgency=Urgency.NOTICE, not_before=NOON, created_at=NOON
    )


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (OutboxKind.CARD, {"incident_id": 1}),
        (OutboxKind.PROMPT, {"prompt_id": 99}),
        (OutboxKind.NOTICE, {"key": "preview", "answer_id": 99, "incident_id": 1}),
        (OutboxKind.NOTICE, {"key": "reminder", "incident_id": 99}),
    ],
)
async def test_what_is_gone_is_not_spoken_of(
    stage: Stage, kind: OutboxKind, payload: dict[str, object]
) -> None:
    await stage.arrive()
    async with stage.database.reading() as session:
        row = a_row(kind, BORIS, **payload)
        assert await render(session, row, house=stage.house, now=NOON) is None


async def test_a_card_that_was_disarmed_before_it_left_is_never_sent(stage: Stage) -> None:
    number = await stage.arrive()
    async with stage.database.writing() as session:
        await session.execute(update(Card).values(state=CardState.DISARMED, message_id=None))
    async with stage.database.reading() as session:
        row = a_row(OutboxKind.CARD, ANNA, incident_id=number)
        assert await render(session, row, house=stage.house, now=NOON) is None


async def test_a_prompt_answered_before_it_left_is_never_sent(stage: Stage) -> None:
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    async with stage.database.reading() as session:
        row = a_row(OutboxKind.PROMPT, ANNA, prompt_id=1)
        assert await render(session, row, house=stage.house, now=NOON) is None
