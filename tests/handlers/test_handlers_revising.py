"""Other words for an answer that stands: as its author, the approver and whoever edits by hand see it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from incidents import publishing
from incidents.wording import TextRules
from models import Answer, AnswerState, Body, Publication, PublicationState, Status
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, IRINA, STRANGER, Stage

OLD = "Добрый день! Яму на Ленина заделаем до пятницы, 6 марта."
NEW = "Добрый день! Яму на Ленина заделаем до вторника, 10 марта."


@pytest.fixture
def editable(stage: Stage) -> Stage:
    stage.house = replace(stage.house, rules={"vk": TextRules(200, can_edit=True)})
    return stage


async def publications(stage: Stage) -> list[Publication]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(Publication).order_by(Publication.id)))


async def stands(stage: Stage) -> None:
    """The newest publication reaches its post."""
    one = (await publications(stage))[-1]
    async with stage.database.writing() as session:
        await publishing.published(
            session,
            publication_id=one.id,
            native_id=one.native_id or "wall-1_2_r9",
            url=one.url or "https://vk.com/wall-1_2?reply=9",
            now=stage.clock(),
        )
    await stage.deliver()


async def answered(stage: Stage) -> int:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, OLD, to=stage.last(ANNA))
    await stage.press(ANNA, "Отправить")
    await stands(stage)
    assert (await stage.incident(number)).status is Status.ANSWERED
    return number


def card_of(stage: Stage, chat: int = ANNA) -> str:
    return next(one.visible for one in stage.chats[chat] if one.visible.startswith("№ 1 · "))


async def rewritten(stage: Stage, text: str = NEW) -> None:
    await stage.press(ANNA, "Исправить ответ")
    assert stage.text(ANNA) == (
        "✏️ № 1: ответ уже опубликован. Пришлите новый текст, он заменит прежний под постом."
    )
    await stage.write(ANNA, text, to=stage.last(ANNA))


async def test_the_author_replaces_what_stands(editable: Stage) -> None:
    stage = editable
    number = await answered(stage)
    await rewritten(stage)
    assert stage.text(ANNA) == f"Новый текст ответа на № 1\n\n{NEW}\n\nСейчас под постом:\n{OLD}"
    assert stage.last(ANNA).buttons == ["✅ Заменить ответ", "✏️ Изменить", "Отмена"]
    assert await stage.press(ANNA, "Заменить ответ") == "Отправлено"
    assert stage.text(ANNA) == "✏️ Новый текст ответа на № 1 отправлен."
    assert "✏️ Правка ответа в пути, под постом пока прежний текст" in card_of(stage)
    assert "ссылка 1" in card_of(stage)
    old, new = await publications(stage)
    assert (new.edits_id, new.state, new.native_id) == (old.id, PublicationState.WAITING, "wall-1_2_r9")
    await stands(stage)
    assert "✏️ Ответ исправлен 12:00" in card_of(stage)
    incident = await stage.incident(number)
    assert (incident.status, incident.answered_at) == (Status.ANSWERED, stage.clock())


async def test_where_no_program_may_edit_a_person_is_given_the_words(stage: Stage) -> None:
    await answered(stage)
    await rewritten(stage)
    await stage.press(ANNA, "Заменить ответ")
    shown = next(one for one in stage.chats[ANNA] if one.visible.startswith("✋"))
    assert shown.visible == (
        "✋ № 1: ВКонтакте не даёт программе править ответ. Откройте его, замените текст на этот (нажмите, чтобы "
        f"скопировать) и отметьте.\n\n{NEW}"
    )
    assert shown.buttons == ["🔗 Открыть", "✅ Готово, исправлено"]
    assert f"<code>{NEW}</code>" in shown.text
    assert await stage.press(ANNA, "Готово, исправлено") == "Отмечено"
    assert "✏️ Ответ исправлен 12:00" in card_of(stage)
    assert (await publications(stage))[-1].state is PublicationState.PUBLISHED
    assert (await stage.press_data(ANNA, "a1.revh:2")).startswith("!")


async def test_where_answers_are_approved_corrections_are_too(editable: Stage) -> None:
    stage = editable
    await answered(stage)
    async with stage.database.writing() as session:
        (await session.get_one(Body, stage.bodies["roads"])).needs_approval = True
    await rewritten(stage)
    await stage.press(ANNA, "Заменить ответ")
    assert stage.text(ANNA).startswith("👀 Новый текст ответа на № 1 ушёл на согласование.")
    asked = stage.last(IRINA)
    assert asked.visible == (
        f"👀 № 1: Анна исправляет опубликованный ответ.\n\n{NEW}\n\nСейчас под постом:\n{OLD}"
    )
    assert len(await publications(stage)) == 1
    assert (await stage.press_data(ANNA, asked.data("Согласовать"))).startswith("!")
    await stage.press(IRINA, "Отклонить")
    await stage.press(IRINA, "Нет сроков")
    assert stage.text(IRINA) == "↩️ Правка ответа на № 1 отклонена: Нет сроков. Под постом прежний текст."
    assert stage.text(ANNA).startswith("↩️ № 1: правка ответа отклонена: «Нет сроков».")
    await rewritten(stage)
    await stage.press(ANNA, "Заменить ответ")
    assert await stage.press(IRINA, "Согласовать") == "Согласовано"
    assert len(await publications(stage)) == 2
    assert (await stage.press_data(IRINA, f"a1.reva:{await newest(stage)}")).startswith("!")


async def newest(stage: Stage) -> int:
    async with stage.database.reading() as session:
        return (await session.scalars(select(Answer.id).order_by(Answer.id.desc()))).first() or 0


async def test_the_same_words_are_no_correction_and_the_question_stays(editable: Stage) -> None:
    stage = editable
    await answered(stage)
    await rewritten(stage, OLD)
    assert stage.text(ANNA) == (
        "Это тот же текст, что уже опубликован. Пришлите другой: вопрос остаётся открыт."
    )
    await stage.write(ANNA, NEW)
    assert stage.text(ANNA).startswith("Новый текст ответа на № 1")


async def test_one_correction_at_a_time(editable: Stage) -> None:
    stage = editable
    await answered(stage)
    await rewritten(stage)
    await stage.press(ANNA, "Заменить ответ")
    assert "Исправить ответ" not in " ".join(stage.chats[ANNA][0].buttons)
    refused = await stage.press_data(ANNA, "a1.rev:1")
    assert refused == "!Прошлая правка ещё не дошла или ждёт согласования. Дождитесь её и исправьте снова."


async def test_what_the_network_refuses_leaves_the_old_words(editable: Stage) -> None:
    stage = editable
    await answered(stage)
    await rewritten(stage)
    await stage.press(ANNA, "Заменить ответ")
    async with stage.database.writing() as session:
        await publishing.give_up(
            session, publication_id=2, state=PublicationState.REFUSED, error="too rude", now=stage.clock()
        )
    await stage.deliver()
    assert stage.text(ANNA) == ("⚠️ № 1: сеть не приняла правку ответа, под постом прежний текст. too rude")
    assert "Отвечено" in card_of(stage)
    assert "Исправить ответ" in " ".join(stage.chats[ANNA][0].buttons)
    async with stage.database.reading() as session:
        states = list(await session.scalars(select(Answer.state).order_by(Answer.id)))
    assert states == [AnswerState.SUBMITTED, AnswerState.SUPERSEDED]


@pytest.mark.parametrize("who", [BORIS, IRINA, STRANGER])
async def test_nobody_else_corrects_it(editable: Stage, who: int) -> None:
    stage = editable
    await answered(stage)
    chat = HOUSING_CHAT if who == BORIS else who
    assert (await stage.press_data(who, "a1.rev:1", chat=chat)).startswith("!")
    await rewritten(stage)
    for data in ("a1.revs:2", "a1.revd:2", "a1.reva:2", "a1.revr:2", "a1.revw:2:dates", "a1.revh:1"):
        assert (await stage.press_data(who, data, chat=chat)).startswith("!")
    assert len(await publications(stage)) == 1


async def test_a_draft_of_a_correction_cannot_be_sent_as_an_answer(editable: Stage) -> None:
    stage = editable
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, OLD, to=stage.last(ANNA))
    await stage.press(ANNA, "Промежуточный ответ")
    await stage.press(ANNA, stage.last(ANNA).buttons[0])
    await stands(stage)
    assert (await stage.incident(number)).status is Status.INTERIM
    await rewritten(stage)
    assert (await stage.press_data(ANNA, f"a1.send:{await newest(stage)}:0")).startswith("!")
    assert (await stage.incident(number)).status is Status.INTERIM
    assert await stage.press(ANNA, "Заменить ответ") == "Отправлено"
    await stands(stage)
    assert (await stage.incident(number)).status is Status.INTERIM


async def test_personal_data_are_kept_out_of_corrections_too(editable: Stage) -> None:
    stage = editable
    await answered(stage)
    await rewritten(stage, "Добрый день! Позвоните Ивановой Марии Петровне, 8 912 345-67-89, кв. 14.")
    assert (await stage.press_data(ANNA, f"a1.revs:{await newest(stage)}")).startswith("!")
    assert "Заменить ответ" not in " ".join(stage.last(ANNA).buttons)
    assert len(await publications(stage)) == 1
