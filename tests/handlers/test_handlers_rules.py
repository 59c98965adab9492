"""/rules from the phone: shown by topics, added and removed by a press, tried on a text."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from handlers import rules as rules_screen
from handlers.callbacks import LARGEST_ID, AddRule, RemoveRule, TurnRules
from handlers.rules_editing import Refused, asked_for
from handlers.rules_words import why, why_guessed
from handlers.words import Words
from incidents.incoming import Explanation, Scored
from incidents.routing import BodyGuess
from incidents.rubricator import rubricator
from incidents.rules import RuleLine, mark_of
from models import AuditEntry, Body, ChatState, Language, Route
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, HOUSING_CHAT, VERA, Stage, guess

HOW = "➕ Как менять"
ADD, CANCEL = "✅ Добавить", "Отмена"


@pytest.fixture(autouse=True)
def listening(stage: Stage) -> None:
    """The screen among the others, wherever the program lists it."""
    (root,) = stage.dispatcher.sub_routers
    if all(one.name != rules_screen.__name__ for one in root.sub_routers):
        root.include_router(rules_screen.build_router())
        root.sub_routers.insert(0, root.sub_routers.pop())


async def stored(stage: Stage) -> list[tuple[int, str, str, str, str, str]]:
    async with stage.database.reading() as session:
        found = await session.execute(
            select(Route.id, Route.topic, Route.territory, Route.owner, Body.code, Route.note)
            .join(Body, Body.id == Route.body_id)
            .order_by(Route.id)
        )
        return [(id_, topic, place, owner, code, note) for id_, topic, place, owner, code, note in found]


async def audited(stage: Stage) -> list[tuple[str, str]]:
    async with stage.database.reading() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "rule").order_by(AuditEntry.id)
        )
        return [(row.outcome, str(row.details.get("topic"))) for row in rows]


async def put(stage: Stage, *rules: tuple[str, str, str, str]) -> None:
    async with stage.database.writing() as session:
        for topic, territory, owner, code in rules:
            body_id = stage.bodies[code]
            session.add(Route(topic=topic, territory=territory, owner=owner, body_id=body_id))


# -- the list


async def test_the_rules_are_shown_topic_by_topic(stage: Stage) -> None:
    await put(stage, ("roads.snow", "Верхнереченск", "municipal", "housing"), ("*", "", "", "silent"))
    async with stage.database.writing() as session:
        await session.execute(update(Route).where(Route.id == 3).values(note="по <уставу>"))
    await stage.write(VERA, "/rules")
    page = stage.last(VERA)
    assert page.visible == (
        "Правила: 4\nДороги\n\n"
        "№ 3 · Снег и лёд на дороге · Верхнереченск · муниципальное → Минжилищный <надзор> housing\n"
        "по <уставу>\n\n"
        "№ 1 · вся тема · везде → Минтранс roads"
    )
    assert page.buttons == [HOW, "Дальше ▶️"]
    assert await stage.press(VERA, "Дальше", on=page) == "Правила: 4 · Дом и управляющая компания"
    assert page.visible == (
        "Правила: 4\nДом и управляющая компания\n\n№ 2 · вся тема · везде → Минжилищный <надзор> housing"
    )
    await stage.press(VERA, "Дальше", on=page)
    assert page.visible == (
        "Правила: 4\nЛюбая тема\n\n№ 4 · вся тема · везде → Без чата silent ⚠️ нет рабочего чата"
    )
    assert page.buttons == [HOW, "◀️ Назад"]
    await stage.press(VERA, "Назад", on=page)
    assert "Дом и управляющая компания" in page.visible


async def test_one_topic_can_be_asked_for(stage: Stage) -> None:
    await put(stage, *(("roads", f"Посёлок {number:02}", "", "housing") for number in range(9)))
    await stage.write(VERA, "/rules дороги")
    page = stage.last(VERA)
    assert page.visible.startswith("Правила: 10\nДороги\n\n№ 3 · вся тема · Посёлок 00 → ")
    assert page.visible.count("№") == rules_screen.PAGE
    await stage.press(VERA, "Дальше", on=page)
    assert page.visible.count("№") == 2
    await stage.write(VERA, "/rules Сосульки, снег с крыши")
    assert stage.text(VERA) == (
        "По теме «Сосульки, снег с крыши» правил нет. Добавьте: /rules add housing.icicles КОД. "
        "Коды органов: /bodies"
    )
    await stage.write(VERA, "/rules космос <b>")
    assert stage.text(VERA).startswith(
        "Темы «космос <b>» нет. Возьмите код из списка:\nДороги — roads\nТепло, вода, свет, газ — utilities\n"
    )
    assert len(stage.text(VERA).splitlines()) == 1 + len(rubricator())


async def test_a_page_that_is_no_more_is_the_last_one(stage: Stage) -> None:
    data = TurnRules(topic="", offset=99).pack()
    assert await stage.press_data(VERA, data) == "Правила: 2 · Дом и управляющая компания"
    nothing = TurnRules(topic="sport", offset=0).pack()
    assert (await stage.press_data(VERA, nothing)).startswith("По теме «Спорт» правил нет.")


async def test_how_rules_are_changed_is_explained(stage: Stage) -> None:
    await stage.write(VERA, "/rules")
    assert await stage.press(VERA, HOW) == "Как менять — ниже"
    assert stage.text(VERA).startswith("/rules дороги — правила одной темы\n/rules add roads.potholes ")
    assert stage.text(VERA).endswith("Другое, неясно — other")


async def test_only_curators_see_and_change_rules(stage: Stage) -> None:
    refusal = "Это может только: куратор. Что можно вам: /help"
    for written in ("", " add roads housing", " remove 1", " try яма"):
        await stage.write(ANNA, f"/rules{written}")
        assert stage.text(ANNA) == refusal
    async with stage.database.reading() as session:
        mark = mark_of(await session.get_one(Route, 1))
    for press in (TurnRules(topic="", offset=0), AddRule(asked_id=1), RemoveRule(rule_id=1, mark=mark)):
        assert await stage.press_data(ANNA, press.pack()) == f"!{refusal}"
    assert len(await stored(stage)) == 2


# -- adding


async def test_a_rule_is_shown_then_added_by_a_press(stage: Stage) -> None:
    await stage.write(
        VERA, "/rules add roads.potholes верхнереченск муниципальная HOUSING\nтак решил\nсовет <1>"
    )
    ask = stage.last(VERA)
    assert ask.visible == (
        "Новое правило\n"
        "тема «Дороги», подтема «Ямы и ремонт покрытия», территория «Верхнереченск», муниципальное"
        " → Минжилищный <надзор>\n"
        "так решил совет <1>"
    )
    assert ask.buttons == [ADD, CANCEL]
    assert len(await stored(stage)) == 2
    assert await stage.press(VERA, ADD) == "Правило № 3 действует"
    assert ask.visible == (
        "✅ Правило № 3: тема «Дороги», подтема «Ямы и ремонт покрытия», территория «Верхнереченск», "
        "муниципальное → Минжилищный <надзор> (правило № 3)\nтак решил совет <1>"
    )
    assert ask.buttons == []
    rule = (3, "roads.potholes", "Верхнереченск", "municipal", "housing", "так решил совет <1>")
    assert (await stored(stage))[2:] == [rule]
    assert await audited(stage) == [("asked", "roads.potholes"), ("added", "roads.potholes")]


async def test_pressing_twice_adds_once(stage: Stage) -> None:
    await stage.write(VERA, "/rules add waste housing")
    data = stage.last(VERA).data(ADD)
    for _ in range(2):
        assert await stage.press_data(VERA, data) == "Правило № 3 действует"
    assert [row[1] for row in await stored(stage)] == ["roads", "housing", "waste"]


async def test_what_may_be_meant_otherwise_is_warned_of(stage: Stage) -> None:
    await stage.write(VERA, "/rules add roads silent")
    assert stage.text(VERA) == (
        "Новое правило\nтема «Дороги» → Без чата\n\n"
        "⚠️ У органа «Без чата» нет рабочего чата: пока его нет, правило не действует. Пригласить: /bodies\n\n"
        "⚠️ Точно так же подходит Минтранс (правило № 1). Уверенность поделится, и решать будет куратор. "
        "Убрать то правило: /rules remove 1"
    )
    await stage.write(VERA, "/rules add * Верхнеречинск - housing")
    assert stage.text(VERA) == (
        "Новое правило\nлюбая тема, территория «Верхнеречинск» → Минжилищный <надзор>\n\n"
        "⚠️ Территории «Верхнеречинск» нет ни у одной страницы и ни в одном правиле. Проверьте написание. "
        "Похожие: Верхнереченск"
    )
    await stage.press(VERA, ADD)
    assert (await stored(stage))[-1][1:5] == ("*", "Верхнеречинск", "", "housing")


async def test_a_rule_that_is_there_is_not_added_again_but_its_note_changes(stage: Stage) -> None:
    await stage.write(VERA, "/rules add дороги roads")
    assert stage.text(VERA) == "Такое правило уже есть: тема «Дороги» → Минтранс (правило № 1)"
    assert stage.last(VERA).buttons == []
    await stage.write(VERA, "/rules add дороги roads\nвсегда было так")
    assert stage.text(VERA) == "Правило № 1: другое пояснение\nтема «Дороги» → Минтранс\nвсегда было так"
    await stage.press(VERA, ADD)
    assert (await stored(stage))[0] == (1, "roads", "", "", "roads", "всегда было так")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("add", "Нужны хотя бы тема и орган: /rules add roads КОД."),
        ("add roads", "Нужны хотя бы тема и орган: /rules add roads КОД."),
        ("add космос housing", "Темы «космос» нет. Возьмите код из списка:\nДороги — roads"),
        ("add roads nobody", "Органа «nobody» нет. Коды: /bodies"),
        (f"add roads {'я' * 101} housing", "Территория длиннее 100 знаков."),
        ("add roads housing\n" + "я" * 201, "Пояснение длиннее 200 знаков."),
        ("remove", "Напишите номер правила: /rules remove 12. Номера: /rules"),
        ("убрать дороги", "Напишите номер правила: /rules remove 12. Номера: /rules"),
        ("remove 99", "Правила № 99 уже нет. Какие есть: /rules"),
        ("try", "Напишите текст, как написал бы житель: /rules try яма на трассе М-7"),
        ("try territory=Заречный", "Напишите текст, как написал бы житель: /rules try яма на трассе М-7"),
        ("try яма", "Классификатор ещё не открыт. Повторите через минуту."),
    ],
)
async def test_what_cannot_be_is_said_with_the_way_out(stage: Stage, written: str, says: str) -> None:
    await stage.write(VERA, f"/rules {written}")
    assert stage.text(VERA).startswith(says)
    assert len(await stored(stage)) == 2


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("roads gorod", RuleLine(topic="roads", body_code="gorod")),
        ("* - - gorod", RuleLine(topic="*", body_code="gorod")),
        ("roads частная GOROD", RuleLine(topic="roads", owner="private", body_code="gorod")),
        (
            "roads Верхний Яр federal gorod",
            RuleLine(topic="roads", territory="Верхний Яр", owner="federal", body_code="gorod"),
        ),
        ("roads «Верхний Яр» gorod", RuleLine(topic="roads", territory="Верхний Яр", body_code="gorod")),
        ('roads "Частный" gorod', RuleLine(topic="roads", territory="Частный", body_code="gorod")),
        ("«Дом и управляющая компания» gorod", RuleLine(topic="housing", body_code="gorod")),
        ("roads", Refused("usage_add")),
        ("rods gorod", Refused("topic", value="rods")),
    ],
)
def test_a_rule_is_understood_as_people_write_it(written: str, asked: RuleLine | Refused) -> None:
    assert asked_for(written) == asked


async def test_a_confirmation_of_nothing_is_refused(stage: Stage) -> None:
    assert await stage.press_data(VERA, AddRule(asked_id=LARGEST_ID).pack()) == (
        "!Этот вопрос устарел. Напишите /rules add ещё раз."
    )
    await stage.write(VERA, "/rules add waste housing")
    data = stage.last(VERA).data(ADD)
    async with stage.database.writing() as session:
        await session.execute(update(Body).where(Body.code == "housing").values(is_active=False))
    assert await stage.press_data(VERA, data) == "!Органа «housing» нет. Коды: /bodies"
    assert len(await stored(stage)) == 2


# -- removing


async def test_a_rule_is_removed_by_a_press_and_can_be_had_back(stage: Stage) -> None:
    await put(stage, ("roads.snow", "Верхний Яр", "municipal", "housing"))
    await stage.write(VERA, "/rules remove №3")
    ask = stage.last(VERA)
    says = "тема «Дороги», подтема «Снег и лёд на дороге», территория «Верхний Яр», муниципальное"
    assert ask.visible == f"Убрать правило № 3?\n{says} → Минжилищный <надзор> (правило № 3)"
    assert ask.buttons == ["🗑 Убрать № 3", CANCEL]
    data = ask.data("Убрать")
    assert await stage.press(VERA, "Убрать № 3") == "Правило № 3 убрано"
    command = "/rules add roads.snow «Верхний Яр» municipal housing"
    assert ask.visible == (f"🗑 Правило № 3 убрано: {says} → Минжилищный <надзор>\nВернуть: {command}")
    assert len(await stored(stage)) == 2
    assert await audited(stage) == [("removed", "roads.snow")]
    assert await stage.press_data(VERA, data) == "!Правила № 3 уже нет. Какие есть: /rules"
    await stage.write(VERA, command)
    await stage.press(VERA, ADD)
    assert (await stored(stage))[-1][1:5] == ("roads.snow", "Верхний Яр", "municipal", "housing")


async def test_an_old_button_does_not_remove_the_rule_that_has_its_number_now(stage: Stage) -> None:
    await put(stage, ("waste", "", "", "housing"))
    await stage.write(VERA, "/rules remove 3")
    data = stage.last(VERA).data("Убрать")
    async with stage.database.writing() as session:
        await session.execute(update(Route).where(Route.id == 3).values(topic="sport"))
    assert await stage.press_data(VERA, data) == "!Правила № 3 уже нет. Какие есть: /rules"
    assert len(await stored(stage)) == 3


async def test_a_curator_may_think_better_of_it(stage: Stage) -> None:
    await stage.write(VERA, "/rules add waste housing")
    await stage.press(VERA, CANCEL)
    assert len(await stored(stage)) == 2


# -- trying


def with_classifier(stage: Stage, **changes: object) -> list[str]:
    read: list[str] = []

    async def explain(text: str) -> Explanation:
        read.append(text)
        return Explanation(replace(guess(sure=0.8), **changes), {})  # type: ignore[arg-type]  # any field

    stage.house = replace(stage.house, explainer=explain)
    return read


async def test_a_text_is_tried_on_the_rules(stage: Stage) -> None:
    await put(stage, ("roads", "Верхнереченск", "municipal", "housing"), ("*", "", "", "roads"))
    read = with_classifier(
        stage,
        subtopics=(Scored("roads.potholes", 0.7),),
        territory="Верхнереченск",
        owner="municipal",
    )
    await stage.write(VERA, "/rules try Яма <b> на муниципальной дороге")
    assert read == ["Яма <b> на муниципальной дороге"]
    assert stage.text(VERA) == (
        "🔎 Яма <b> на муниципальной дороге\n"
        "Тема: Дороги — 80 %\n"
        "Подтема: Ямы и ремонт покрытия — 70 %\n"
        "Территория: Верхнереченск\n"
        "Чьё: муниципальное\n\n"
        "1. Минжилищный <надзор> — 85 %\n"
        "тема «Дороги», территория «Верхнереченск», муниципальное → Минжилищный <надзор> (правило № 3)\n"
        "2. Минтранс — 1 %\n"
        "любая тема → Минтранс (правило № 4)"
    )
    assert len(await stored(stage)) == 4
    assert await audited(stage) == []


async def test_a_text_is_tried_in_a_territory_asked_for(stage: Stage) -> None:
    await put(stage, ("roads", "Верхний Яр", "", "housing"))
    with_classifier(stage, territory="Марс")
    await stage.write(VERA, "/rules try яма")
    assert "Территория: не названа\nЧьё: не сказано\n\n1. Минтранс — 80 %" in stage.text(VERA)
    await stage.write(VERA, "/rules try территория=«верхний яр» яма")
    assert "🔎 яма\nТема: Дороги — 80 %\nТерритория: Верхний Яр\n" in stage.text(VERA)
    assert "1. Минжилищный <надзор> — 85 %" in stage.text(VERA)


async def test_where_nobody_fits_a_rule_is_proposed(stage: Stage) -> None:
    with_classifier(stage, topics=(Scored("sport", 0.9),))
    await stage.write(VERA, "/rules try где секция")
    assert stage.text(VERA) == (
        "🔎 где секция\nТема: Спорт — 90 %\nТерритория: не названа\nЧьё: не сказано\n\n"
        "Никто не подходит. Добавьте правило: /rules add sport КОД. Коды органов: /bodies"
    )


# -- why


def test_why_a_body_was_suggested() -> None:
    body = Body(id=7, code="gorod", name="Горсовет <1>", chat_state=ChatState.LIVE, created_at=NOON)
    rule = Route(id=12, topic="roads", territory="Заречный", owner="municipal", body_id=7, note="")
    assert why(rule, body, Words(Language.RU)) == (
        "тема «Дороги», территория «Заречный», муниципальное → Горсовет &lt;1&gt; (правило № 12)"
    )
    assert why(rule, body, Words(Language.EN)) == (
        "topic “Roads”, territory “Заречный”, municipal → Горсовет &lt;1&gt; (rule no. 12)"
    )
    assert why_guessed(BodyGuess(body, 0.5), Words(Language.RU)) == (
        "Горсовет &lt;1&gt;: по ключевому слову или по памяти модели, правила нет"
    )


async def test_a_group_of_a_body_has_no_say(stage: Stage) -> None:
    await stage.write(ANNA, "/rules add roads housing", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT) == "Эта команда в этом чате не работает. Напишите её мне в личный чат."
