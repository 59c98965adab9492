"""/explain: the words that decided, why it went where it went, and the presses that set it right."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import delete, select

from handlers.callbacks import (
    LARGEST_ID,
    Explain,
    PickKind,
    PickSubtopic,
    PickTopic,
    SetFlag,
    SetKind,
    SetTopic,
)
from handlers.context import NotExplained
from incidents.incoming import Explanation, FoundPost, Guess, Reason, Scored
from incidents.intake import TriageMode, TriageRules, see_again, take_in
from incidents.rubricator import rubricator, subtopics
from models import (
    KeywordRow,
    Kind,
    Label,
    LabelField,
    Post,
    Prediction,
    Priority,
    Route,
    RoutingHold,
    Status,
)
from tests.conftest import NOON
from tests.handlers.handlers_stage import (
    ANNA,
    BORIS,
    HOUSING_CHAT,
    IRINA,
    POTHOLE,
    STRANGER,
    VERA,
    Stage,
    guess,
)

POTHOLES = replace(
    guess(),
    place_confidence=0.8,
    subtopics=(Scored("roads.potholes", 0.71), Scored("roads.snow", 0.1)),
)
WORDS: Mapping[str, tuple[Reason, ...]] = {
    "topic": (
        Reason("яма", 2.1),
        Reason("<ленина>", 0.9),
        Reason("чинит", -0.4),
        Reason("на", 0.2),
        Reason("и", 0.1),
        Reason("шестое", 0.05),
    ),
    "subtopic": (Reason("яма", 1.5),),
    "kind": (Reason("никто", 1.2), Reason("не чинит", 0.7)),
    "needs_answer": (Reason("чинит", 0.3), Reason("спасибо", -0.2)),
}


@dataclass
class Explainer:
    """The classifier as far as /explain knows it."""

    guess: Guess = POTHOLES
    words: Mapping[str, tuple[Reason, ...]] = field(default_factory=lambda: WORDS)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    async def __call__(self, text: str) -> Explanation:
        self.asked.append(text)
        if self.broken:
            raise NotExplained
        return Explanation(self.guess, self.words)


@pytest.fixture
def explainer(stage: Stage) -> Explainer:
    explainer = Explainer()
    stage.house = replace(stage.house, explainer=explainer)
    return explainer


async def arrive(
    stage: Stage, said: Guess = POTHOLES, number: int = 2, *, keywords: tuple[int, ...] = (), **changes: Any
) -> int:
    found: FoundPost = replace(POTHOLE, native_id=f"wall-1_{number}", **changes)
    async with stage.database.writing() as session:
        incident = await take_in(
            session, found, said, rules=TriageRules(), now=stage.clock(), keyword_ids=keywords
        )
    assert incident is not None
    await stage.deliver()
    return incident.id


async def labels(stage: Stage) -> list[tuple[LabelField, str]]:
    async with stage.database.reading() as session:
        found = await session.scalars(select(Label).order_by(Label.id))
        return [(one.field, one.value) for one in found]


async def priority(stage: Stage, number: int = 1) -> Priority:
    return (await stage.incident(number)).priority


CORRECT = ["🏷 Тема", "💬 Вид", "📍 Место", "🔕 Ответ не нужен", "🗑 Спам", "🏛 Это ответ органа", "Открыть № 1"]
ASSIGNED = """\
🤖 Почему так: № 1
Яма <b>на</b> Ленина & никто не чинит

Тема: Дороги · 90 %
+яма +<ленина> −чинит +на +и
Подтема: Ямы и ремонт покрытия · 71 %
+яма
Вид: Жалоба · 90 %
+никто +не чинит
Ответ: нужен · 90 %
+чинит −спасибо
Место: улица Ленина · 80 %
Орган: Минтранс · 90 %
↳ тема «Дороги» → Минтранс (правило № 1)

✅ Программа назначила сама: тема 90 %, орган 90 %, порог 60 %
Модель test, 02.03 12:00
+ за, − против, сильные первыми"""


# -- the screen


async def test_a_curator_reads_which_words_decided(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    stage.clock.forward(minutes=5)
    await stage.write(VERA, "/explain №1")
    assert stage.text(VERA) == ASSIGNED
    assert stage.last(VERA).buttons == CORRECT
    assert explainer.asked == [POTHOLE.text]


async def test_the_screen_in_english(stage: Stage, explainer: Explainer) -> None:
    await stage.says_english(VERA)
    await arrive(stage, replace(POTHOLES, needs_answer=False))
    explainer.guess = replace(POTHOLES, needs_answer=False)
    await stage.write(VERA, "/explain 1")
    assert (
        stage.text(VERA)
        == """\
🤖 Why so: No. 1
Яма <b>на</b> Ленина & никто не чинит

Topic: Roads · 90%
+яма +<ленина> −чинит +на +и
Subtopic: Potholes and resurfacing · 71%
+яма
Kind: Complaint · 90%
+никто +не чинит
Answer: not needed · 90%
+чинит −спасибо
Place: улица Ленина · 80%
Body: Минтранс · 90%
↳ topic “Roads” → Минтранс (rule no. 1)

🗂 Left to a curator: no answer seems needed
Model test, 2 Mar 12:00
+ for, − against, strongest first"""
    )
    assert stage.last(VERA).buttons == [
        "🏷 Topic",
        "💬 Kind",
        "📍 Place",
        "🔔 Answer needed",
        "🗑 Spam",
        "🏛 A body's own answer",
        "Open No. 1",
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"topics": (Scored("roads", 0.599), Scored("housing", 0.3))}, "тема 59 %, порог 60 %"),
        ({"topics": (Scored("waste", 0.9),)}, "нет подходящего органа с рабочим чатом"),
        ({"topics": (Scored("roads", 0.62),), "topic_threshold": 0.701}, "тема 62 %, порог 71 %"),
        ({"topic_threshold": 1.01}, "в этой теме модель сама себе не доверяет"),
        ({"needs_answer": False}, "похоже, ответ не нужен"),
        ({"needs_answer": False, "official_reply": True}, "похоже на ответ органа"),
        ({"spam": True}, "похоже на спам"),
    ],
)
async def test_why_it_was_left_to_a_curator(
    stage: Stage, explainer: Explainer, changes: dict[str, Any], why: str
) -> None:
    said = explainer.guess = replace(POTHOLES, subtopics=(), **changes)
    await arrive(stage, said)
    await stage.write(VERA, "/explain 1")
    assert f"\n\n🗂 Решал куратор: {why}\nМодель test" in stage.text(VERA)


async def test_a_curator_is_always_asked_where_it_is_set_so(stage: Stage, explainer: Explainer) -> None:
    async with stage.database.writing() as session:
        await take_in(session, POTHOLE, POTHOLES, rules=TriageRules(mode=TriageMode.CONFIRM), now=NOON)
    await stage.deliver()
    await stage.write(VERA, "/explain 1")
    assert "Решал куратор: так настроено, или на пост уже ответили" in stage.text(VERA)


async def test_a_held_topic_says_so(stage: Stage, explainer: Explainer) -> None:
    async with stage.database.writing() as session:
        session.add(RoutingHold(topic="roads", held_at=NOON))
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    assert "⏸ Решал куратор: программа назначила бы сама, но автоматика" in stage.text(VERA)


async def test_a_keyword_of_another_body_says_so(stage: Stage, explainer: Explainer) -> None:
    async with stage.database.writing() as session:
        session.add(KeywordRow(text="яма", body_id=stage.bodies["housing"], added_at=NOON))
    explainer.guess = replace(POTHOLES, topics=(Scored("roads", 0.9),), subtopics=())
    await arrive(stage, explainer.guess, keywords=(1,))
    await stage.write(VERA, "/explain 1")
    assert "Орган: Минжилищный <надзор> · 0 %\n↳ по ключевому слову органа" in stage.text(VERA)
    assert "ключевое слово указало на орган, а тема не его (0 %, порог 60 %)" in stage.text(VERA)


async def test_two_bodies_that_share_a_rule_are_too_few_for_each(stage: Stage, explainer: Explainer) -> None:
    async with stage.database.writing() as session:
        session.add(Route(topic="roads", body_id=stage.bodies["housing"], note="<село>"))
    await arrive(stage, replace(POTHOLES, topics=(Scored("roads", 0.9),), subtopics=()))
    await stage.write(VERA, "/explain 1")
    assert "Решал куратор: орган 45 %, порог 60 %" in stage.text(VERA)


async def test_spam_and_an_official_answer_show_their_words(stage: Stage, explainer: Explainer) -> None:
    explainer.guess = replace(
        POTHOLES,
        spam=True,
        spam_confidence=0.97,
        official_reply=True,
        official_confidence=0.66,
        needs_answer=False,
    )
    explainer.words = {"voice": (Reason("скидки", 3.0), Reason("рассмотрено", -2.0))}
    await arrive(stage, explainer.guess)
    await stage.write(VERA, "/explain 1")
    assert "Спам: да · 97 %\nОтвет органа: да · 66 %\n+скидки −рассмотрено\n" in stage.text(VERA)
    assert {"🗑 Не спам", "🏛 Это не ответ органа"} <= set(stage.last(VERA).buttons)


async def test_a_newer_model_says_what_it_would_say_today(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    explainer.guess = replace(
        guess("housing", sure=0.556),
        model_id="learned-<2>",
        kind=Kind.QUESTION,
        place="",
        subtopics=(Scored("housing.lift", 0.5),),
    )
    await stage.write(VERA, "/explain 1")
    assert (
        stage.text(VERA)
        == """\
🤖 Почему так: № 1
Яма <b>на</b> Ленина & никто не чинит

Тема: Дороги · 90 %
↳ нынешняя модель: Дом и управляющая компания · 55 %
+яма +<ленина> −чинит +на +и
Подтема: Ямы и ремонт покрытия
Вид: Жалоба · 90 %
↳ нынешняя модель: Вопрос · 90 %
+никто +не чинит
Ответ: нужен · 90 %
+чинит −спасибо
Место: улица Ленина
Орган: Минтранс · 90 %
↳ тема «Дороги» → Минтранс (правило № 1)

✅ Программа назначила сама: тема 90 %, орган 90 %, порог 60 %
Модель test, 02.03 12:00
Слова показывает нынешняя модель, learned-<2>.
+ за, − против, сильные первыми"""
    )


async def test_the_words_are_those_the_classifier_read(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    for text in ("Уже починили", "Снова яма"):
        async with stage.database.writing() as session:
            post = await session.get_one(Post, 1)
            await see_again(session, post, replace(POTHOLE, text=text), now=stage.clock())
    await stage.write(VERA, "/explain 1")
    assert explainer.asked == [POTHOLE.text]
    assert stage.text(VERA) == ASSIGNED


WITHOUT_WORDS = """\
🤖 Почему так: № 1
{text}
Тема: Дороги · 90 %
Подтема: Ямы и ремонт покрытия
Вид: Жалоба · 90 %
Ответ: нужен · 90 %
Место: улица Ленина
Орган: Минтранс · 90 %
↳ тема «Дороги» → Минтранс (правило № 1)

✅ Программа назначила сама: тема 90 %, орган 90 %, порог 60 %
Модель test, 02.03 12:00
"""


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_classifier_that_cannot_be_opened(
    stage: Stage, explainer: Explainer, *, is_there: bool
) -> None:
    explainer.broken = True
    if not is_there:
        stage.house = replace(stage.house, explainer=None)
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    assert stage.text(VERA) == WITHOUT_WORDS.format(text=f"{POTHOLE.text}\n") + (
        "⚠️ Слова показать не могу: классификатор не открылся. Повторите через минуту. "
        "Если не поможет, скажите оператору: причина в журнале программы."
    )
    assert stage.last(VERA).buttons == CORRECT


async def test_a_text_that_was_deleted(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    async with stage.database.writing() as session:
        (await session.get_one(Post, 1)).text = ""
    await stage.write(VERA, "/explain 1")
    assert stage.text(VERA) == WITHOUT_WORDS.format(text="") + (
        "Текста нет: в посте одни фото, или он удалён по сроку хранения. "
        "Решение осталось, слов уже не показать. Откройте пост."
    )
    assert explainer.asked == []


async def test_an_incident_without_a_prediction(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    async with stage.database.writing() as session:
        await session.execute(delete(Prediction))
    await stage.write(VERA, "/explain 1")
    assert stage.text(VERA) == (
        "🤖 Почему так: № 1\nЯма <b>на</b> Ленина & никто не чинит\n\n"
        "Классификатор об этом обращении ничего не говорил."
    )
    await stage.press(VERA, "Тема")
    assert stage.last(VERA).buttons[0] == "Дороги"


async def test_a_merged_incident_leads_on(stage: Stage, explainer: Explainer) -> None:
    one, other = await arrive(stage), await arrive(stage, number=3)
    await stage.write(VERA, f"/merge {one} {other}")
    await stage.write(VERA, f"/explain {one}")
    assert stage.text(VERA) == "№ 1 объединено с № 2. Смотрите: /explain 2"
    assert stage.last(VERA).buttons == ["Открыть № 1"]
    spam = SetFlag(incident_id=one, flag="spam", value=True).pack()
    refused = "!№ 1 объединено с № 2. Исправляйте его: /explain 2"
    assert await stage.press_data(VERA, spam) == refused
    assert await stage.press_data(VERA, PickTopic(incident_id=one, offset=0).pack()) == refused
    assert await labels(stage) == []


async def test_hostile_words_break_nothing(stage: Stage, explainer: Explainer) -> None:
    nasty = tuple(Reason("<b>&" * 900 + str(number), 9.0 - number) for number in range(8))
    explainer.words = dict.fromkeys(("topic", "subtopic", "kind", "needs_answer", "body"), nasty)
    explainer.guess = replace(POTHOLES, place="<i>" * 60)
    await arrive(stage, explainer.guess, text="&<>" * 3000)
    await stage.write(VERA, "/explain 1")
    assert len(stage.text(VERA)) < 1200


# -- who may


@pytest.mark.parametrize("who", [ANNA, IRINA])
async def test_a_body_reads_its_own_and_corrects_nothing(
    stage: Stage, explainer: Explainer, who: int
) -> None:
    await arrive(stage)
    await stage.write(who, "/explain 1")
    assert stage.text(who) == ASSIGNED
    assert stage.last(who).buttons == ["Открыть № 1"]
    pressed = [
        PickTopic(incident_id=1, offset=0),
        PickSubtopic(incident_id=1, topic="other"),
        SetTopic(incident_id=1, code="housing.lift", seen="roads"),
        PickKind(incident_id=1),
        SetKind(incident_id=1, kind=Kind.QUESTION, seen=Kind.COMPLAINT),
        SetFlag(incident_id=1, flag="spam", value=True),
    ]
    for one in pressed:
        assert await stage.press_data(who, one.pack()) == "!Это может только: куратор. Что можно вам: /help"
    assert await stage.audited() == [("press", "NotAllowed")] * len(pressed)
    assert await labels(stage) == []
    assert (await stage.incident(1)).topic == "roads"


async def test_another_bodys_incident_is_refused(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(BORIS, "/explain 1", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == "Это обращение другого органа: Минтранс. Что можно вам: /help"
    assert await stage.press_data(BORIS, Explain(incident_id=1).pack()) == (
        "!Это обращение другого органа: Минтранс. Что можно вам: /help"
    )
    await stage.write(STRANGER, "/explain 1")
    assert stage.text(STRANGER).startswith("Это рабочий бот")
    assert explainer.asked == []
    assert await stage.audited() == [("message", "NotYours"), ("press", "NotYours"), ("message", "stranger")]


async def test_a_number_is_needed(stage: Stage, explainer: Explainer) -> None:
    await stage.write(VERA, "/explain")
    assert stage.text(VERA) == "Напишите номер: /explain 17"
    await stage.write(VERA, "/explain 99")
    assert stage.text(VERA) == "Обращения № 99 нет."


async def test_it_stands_in_menus_and_help(stage: Stage) -> None:
    for who in (VERA, ANNA):
        await stage.write(who, "/start")
        assert "explain" in stage.menus[who]
        assert "/explain — Почему так решено\n" in stage.text(who)


# -- setting it right


async def test_the_topic_is_set_right(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    due_at = (await stage.incident(1)).due_at
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    assert await stage.press(VERA, "Тема", on=screen) == "Выберите верное"
    assert screen.visible == "№ 1 · сейчас: Дороги · Ямы и ремонт покрытия\nКакая тема верная?"
    assert screen.buttons == [
        "Дороги · 90 %",
        "Дом и управляющая компания · 5 %",
        "Другое, неясно · 1 %",
        "Тепло, вода, свет, газ",
        "Благоустройство",
        "Мусор",
        "Общественный транспорт",
        "Здравоохранение",
        "Дальше ▶️",
        "⬆️ К разбору",
    ]
    assert await stage.press(VERA, "Дом и", on=screen) == "Выберите верное"
    assert screen.visible == "№ 1 · Дом и управляющая компания\nКакая подтема?"
    assert screen.buttons[4:6] == ["Подъезд: уборка и ремонт", "Лифт"]
    assert screen.buttons[-3:] == ["Без подтемы", "⬆️ Другая тема", "⬆️ К разбору"]
    assert await stage.press(VERA, "Лифт", on=screen) == "Исправлено"
    assert screen.visible == (
        "✏️ № 1 · исправлено. Тема: Дом и управляющая компания · Лифт\n"
        "Приоритет: 🔴 авария. Орган и срок прежние, модель учтёт."
    )
    assert screen.buttons == ["↪️ Переназначить", "⬆️ К разбору", "Открыть № 1"]
    incident = await stage.incident(1)
    assert (incident.topic, incident.subtopic, incident.priority) == (
        "housing",
        "housing.lift",
        Priority.ACCIDENT,
    )
    assert (incident.due_at, incident.body_id, incident.status) == (
        due_at,
        stage.bodies["roads"],
        Status.ASSIGNED,
    )
    assert await labels(stage) == [(LabelField.TOPIC, "housing"), (LabelField.SUBTOPIC, "housing.lift")]
    assert stage.text(ANNA).startswith("№ 1 · Жалоба · Дом и управляющая компания · Лифт · 🔴 авария\n")

    assert await stage.press(VERA, "К разбору", on=screen) == "№ 1 ниже"
    assert "+яма\n✏️ исправлено: Дом и управляющая компания · Лифт\nВид:" in screen.visible
    await stage.press(VERA, "Открыть № 1", on=screen)
    await stage.press(VERA, "История")
    assert stage.text(VERA) == (
        "История № 1\n\n"
        "2 марта, понедельник\n"
        "12:00 Пришла публикация: ВКонтакте · Подслушано\n"
        "12:00 Зарегистрировано, срок пошёл — автоматически\n"
        "12:00 Назначено: Минтранс — автоматически\n"
        "12:00 ✏️ Тема: Дом и управляющая компания · Лифт — Вера"
    )


async def test_all_topics_can_be_reached(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    await stage.press(VERA, "Тема", on=screen)
    seen = [one.split(" · ")[0] for one in screen.buttons[:8]]
    while "Дальше ▶️" in screen.buttons:
        await stage.press(VERA, "Дальше", on=screen)
        seen += [one for one in screen.buttons if "▶️" not in one and "◀️" not in one and "⬆️" not in one]
    assert sorted(seen) == sorted(topic.name_ru for topic in rubricator().values())
    await stage.press(VERA, "Назад", on=screen)
    assert "◀️ Назад" in screen.buttons


async def test_a_topic_alone_and_a_topic_that_has_no_subtopics(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    await stage.press(VERA, "Тема", on=screen)
    await stage.press(VERA, "Дороги", on=screen)
    assert screen.buttons[0] == "Ямы и ремонт покрытия"
    assert await stage.press(VERA, "Без подтемы", on=screen) == "Исправлено"
    assert screen.visible == ("✏️ № 1 · исправлено. Тема: Дороги\nОрган и срок прежние, модель учтёт.")
    assert (await stage.incident(1)).subtopic == ""
    assert stage.text(ANNA).startswith("№ 1 · Жалоба · Дороги\n")
    await stage.press(VERA, "К разбору", on=screen)
    await stage.press(VERA, "Тема", on=screen)
    assert await stage.press(VERA, "Другое", on=screen) == "Исправлено"
    assert (await stage.incident(1)).topic == "other"
    assert await labels(stage) == [(LabelField.TOPIC, "roads"), (LabelField.TOPIC, "other")]


async def test_the_kind_is_set_right(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage, replace(POTHOLES, topics=(Scored("utilities", 0.9),), subtopics=()))
    assert await priority(stage) is Priority.ACCIDENT
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    assert await stage.press(VERA, "Вид", on=screen) == "Выберите верное"
    assert screen.visible == "№ 1 · сейчас: Жалоба\nЧто это?"
    assert screen.buttons == ["Негатив", "Жалоба", "Вопрос", "Отзыв", "Благодарность", "⬆️ К разбору"]
    assert await stage.press(VERA, "Благодарность", on=screen) == "Исправлено"
    assert screen.visible == (
        "✏️ № 1 · исправлено. Вид: Благодарность\nПриоритет: обычный. Орган и срок прежние, модель учтёт."
    )
    assert await priority(stage) is Priority.ORDINARY
    assert await labels(stage) == [(LabelField.KIND, "gratitude")]


async def test_no_answer_is_needed_and_then_it_is(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage, replace(POTHOLES, topics=(Scored("roads", 0.1),)))
    card = stage.last(VERA)
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    assert await stage.press(VERA, "Ответ не нужен", on=screen) == "Исправлено"
    assert screen.visible == "✏️ № 1 · исправлено. Ответ: не нужен\nОрган и срок прежние, модель учтёт."
    assert screen.buttons == ["🚫 Не требует ответа", "⬆️ К разбору", "Открыть № 1"]
    assert card.visible.endswith("🆕 Новое, ждёт разбора\n🤖 похоже, ответ не нужен")
    await stage.press(VERA, "К разбору", on=screen)
    assert "+чинит −спасибо\n✏️ исправлено: не нужен\n" in screen.visible
    assert "🔔 Ответ нужен" in screen.buttons
    await stage.press(VERA, "Ответ нужен", on=screen)
    assert card.visible.endswith("🆕 Новое, ждёт разбора")
    assert await labels(stage) == [(LabelField.NEEDS_ANSWER, "no"), (LabelField.NEEDS_ANSWER, "yes")]


async def test_spam_is_closed_in_one_press_more(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    await stage.press(VERA, "Спам", on=screen)
    assert screen.visible == "✏️ № 1 · исправлено. Спам: да\nОрган и срок прежние, модель учтёт."
    assert await stage.press(VERA, "Не требует ответа", on=screen) == "Отмечено: ответ не нужен"
    assert (await stage.incident(1)).status is Status.SKIPPED
    await stage.write(VERA, "/explain 1")
    assert "✏️ Спам: да\n" in stage.text(VERA)
    assert "🗑 Не спам" in stage.last(VERA).buttons


async def test_it_is_a_bodys_own_answer(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    await stage.press(VERA, "Это ответ органа", on=screen)
    assert screen.visible == ("✏️ № 1 · исправлено. Ответ органа: да\nОрган и срок прежние, модель учтёт.")
    await stage.press(VERA, "Не требует ответа", on=screen)
    assert screen.visible == "№ 1: почему ответ не нужен?"
    assert await labels(stage) == [(LabelField.OFFICIAL, "yes")]


async def test_what_is_settled_offers_no_step_that_cannot_be_done(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.write(VERA, "/skip 1 дубль")
    await stage.write(VERA, "/explain 1")
    screen = stage.last(VERA)
    await stage.press(VERA, "Спам", on=screen)
    assert screen.buttons == ["⬆️ К разбору", "Открыть № 1"]
    lift = SetTopic(incident_id=1, code="housing.lift", seen="roads").pack()
    assert await stage.press_data(VERA, lift, on=screen.message_id) == "Исправлено"
    assert await priority(stage) is Priority.ORDINARY


async def test_confirming_teaches_once(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    same = SetKind(incident_id=1, kind=Kind.COMPLAINT, seen=Kind.COMPLAINT).pack()
    assert await stage.press_data(VERA, same) == "Исправлено"
    assert await stage.press_data(VERA, same) == "!Так уже отмечено."
    assert await labels(stage) == [(LabelField.KIND, "complaint")]


async def test_pressed_twice_it_is_done_once(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    for one in (
        SetTopic(incident_id=1, code="housing.lift", seen="roads"),
        SetFlag(incident_id=1, flag="answer", value=False),
    ):
        assert await stage.press_data(VERA, one.pack()) == "Исправлено"
        assert await stage.press_data(VERA, one.pack()) == "!Так уже отмечено."
    assert len(await labels(stage)) == 3


async def test_an_old_menu_undoes_nobodys_correction(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    assert await stage.press_data(VERA, SetTopic(incident_id=1, code="waste", seen="roads").pack()) == (
        "Исправлено"
    )
    meanwhile = "!Пока вы выбирали, это исправил другой куратор. Посмотрите: /explain 1"
    old = SetTopic(incident_id=1, code="housing.lift", seen="roads").pack()
    assert await stage.press_data(VERA, old) == meanwhile
    await stage.press_data(VERA, SetKind(incident_id=1, kind=Kind.REVIEW, seen=Kind.COMPLAINT).pack())
    old = SetKind(incident_id=1, kind=Kind.QUESTION, seen=Kind.COMPLAINT).pack()
    assert await stage.press_data(VERA, old) == meanwhile
    incident = await stage.incident(1)
    assert (incident.topic, incident.kind) == ("waste", Kind.REVIEW)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("a1.tp:1:nowhere:roads", "!Такой темы в рубрикаторе уже нет. Выберите заново: /explain"),
        ("a1.tp:1:roads.lift:roads", "!Такой темы в рубрикаторе уже нет. Выберите заново: /explain"),
        ("a1.tp:1:housing.nothing:roads", "!Такой темы в рубрикаторе уже нет. Выберите заново: /explain"),
        ("a1.tps:1:nowhere", "!Такой темы в рубрикаторе уже нет. Выберите заново: /explain"),
        ("a1.tps:99:roads", "!Обращения № 99 нет."),
        ("a1.tp:99:roads:roads", "!Обращения № 99 нет."),
        ("a1.exp:99", "!Обращения № 99 нет."),
        ("a1.tp:1:ROADS:roads", "!Эта кнопка больше не работает. Откройте обращение заново: /my"),
        ("a1.kd:1:praise:complaint", "!Эта кнопка больше не работает. Откройте обращение заново: /my"),
        ("a1.flg:1:body:1", "!Эта кнопка больше не работает. Откройте обращение заново: /my"),
        ("a1.exp:0", "!Эта кнопка больше не работает. Откройте обращение заново: /my"),
    ],
)
async def test_forged_presses_change_nothing(
    stage: Stage, explainer: Explainer, data: str, says: str
) -> None:
    await arrive(stage)
    assert await stage.press_data(VERA, data) == says
    assert await labels(stage) == []
    assert (await stage.incident(1)).topic == "roads"


async def test_pages_beyond_the_last_still_lead_back(stage: Stage, explainer: Explainer) -> None:
    await arrive(stage)
    await stage.press_data(VERA, PickTopic(incident_id=1, offset=1_000_000).pack())
    assert stage.last(VERA).buttons == ["◀️ Назад", "⬆️ К разбору"]


def test_every_code_of_the_rubricator_fits_a_button() -> None:
    longest = max(rubricator(), key=len)
    for code in [*rubricator(), *subtopics()]:
        packed = SetTopic(incident_id=LARGEST_ID, code=code, seen=longest).pack()
        assert len(packed.encode()) <= 64
        assert SetTopic.unpack(packed).code == code
