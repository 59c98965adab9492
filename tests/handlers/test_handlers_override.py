"""Personal data in an answer: seen before it is sent, stopped, and let through only by name and with a reason."""

import pytest
from sqlalchemy import select, update

from handlers.callbacks import Send
from handlers.callbacks.checks import DoNotLet, LetThrough
from models import Answer, AnswerState, AuditEntry, Body, Membership, Official, Role, Status
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BELLA, BORIS, HOUSING_CHAT, IRINA, VERA, Stage

NAMING = "Жалобу подал Николаев Игорь Степанович, ответим 12 марта."
CLEAN = "Яму засыплем 12 марта."


async def an_answer(stage: Stage, text: str = NAMING) -> int:
    number = await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, text)
    return number


async def drafts(stage: Stage) -> list[Answer]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(Answer).order_by(Answer.id)))


async def is_coordinator(stage: Stage, who: int, body: str = "roads") -> None:
    async with stage.database.writing() as session:
        person = await session.scalar(select(Official).where(Official.telegram_id == who))
        assert person is not None
        session.add(
            Membership(
                official_id=person.id, role=Role.COORDINATOR, body_id=stage.bodies[body], granted_at=NOON
            )
        )


async def needs_approval(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await session.execute(
            update(Body).where(Body.id == stage.bodies["roads"]).values(needs_approval=True)
        )


async def test_a_clean_answer_keeps_its_buttons(stage: Stage) -> None:
    await an_answer(stage, CLEAN)
    assert stage.text(ANNA) == f"Проверьте ответ на № 1\n\n{CLEAN}"
    assert stage.last(ANNA).buttons[0] == "✅ Отправить"


async def test_a_name_takes_the_buttons_to_send_away(stage: Stage) -> None:
    await an_answer(stage)
    assert stage.text(ANNA) == (
        f"Проверьте ответ на № 1\n\n{NAMING}\n\n"
        "⛔ Имя человека полностью, уберите: «Николаев Игорь Степанович»"
    )
    assert stage.last(ANNA).buttons == ["✏️ Изменить", "🔓 Отправить всё же", "Отмена"]


async def test_a_forged_press_does_not_send_it(stage: Stage) -> None:
    number = await an_answer(stage)
    (draft,) = await drafts(stage)
    said = await stage.press_data(ANNA, Send(answer_id=draft.id, interim=False).pack())
    assert said.startswith("!В ответе личные данные: имя полностью.")
    assert (await stage.incident(number)).status is Status.ACCEPTED
    assert [one.state for one in await drafts(stage)] == [AnswerState.DRAFT]


async def test_who_may_not_asks_who_may_and_sends_after_their_word(stage: Stage) -> None:
    number = await an_answer(stage)
    said = await stage.press(ANNA, "Отправить всё же")
    assert said == (
        "!Сами вы отправить это не можете. Могут: координатор органа, куратор, согласующий. "
        "Мы их спросили, ответ придёт сюда."
    )
    assert stage.text(IRINA) == (
        "🔓 № 1: Анна хочет отправить ответ с личными данными.\n"
        f"{NAMING}\n"
        "⛔ Имя человека полностью, уберите: «Николаев Игорь Степанович»\n"
        "Ответ увидят все. Разрешить?"
    )
    assert "хочет отправить" not in "".join(one.visible for one in stage.chats[VERA])
    assert await stage.press(IRINA, "Разрешить") == "Напишите причину"
    assert stage.text(IRINA) == (
        "🔓 № 1: почему личные данные должны остаться в ответе? Причину увидят согласующий и проверяющий."
    )
    await stage.write(IRINA, "Он сам <просил>\nназвать его", to=stage.last(IRINA))
    assert stage.text(IRINA) == "🔓 № 1: разрешено. Автор может отправлять."
    assert stage.text(ANNA).splitlines()[-1] == (
        "🔓 Обошли защиту (имя полностью): Ирина, «Он сам <просил> назвать его»"
    )
    assert await stage.press(ANNA, "✅ Отправить") == "Отправлено на публикацию"
    assert (await stage.incident(number)).status is Status.APPROVED
    (sent,) = await drafts(stage)
    assert (sent.override_reason, sent.warnings) == ("Он сам <просил> назвать его", ["full_name"])
    async with stage.database.reading() as session:
        kept = await session.scalar(select(AuditEntry).where(AuditEntry.action == "override"))
    assert kept is not None
    assert (kept.telegram_id, kept.outcome) == (IRINA, "let_through")
    assert kept.details == {
        "incident_id": number,
        "answer_id": sent.id,
        "reason": "Он сам <просил> назвать его",
    }


async def test_a_coordinator_writes_a_reason_and_sends_it_alone(stage: Stage) -> None:
    await is_coordinator(stage, ANNA)
    await an_answer(stage)
    assert await stage.press(ANNA, "Отправить всё же") == "Напишите причину"
    await stage.write(ANNA, "Публичное лицо", to=stage.last(ANNA))
    assert stage.text(ANNA).splitlines()[-1] == ("🔓 Обошли защиту (имя полностью): Анна, «Публичное лицо»")
    assert await stage.press(ANNA, "✅ Отправить") == "Отправлено на публикацию"


async def test_the_approver_reads_what_was_passed_over_and_by_whom(stage: Stage) -> None:
    await needs_approval(stage)
    await is_coordinator(stage, ANNA)
    await an_answer(stage, "Яма у кв. 5 устранена, вопрос на контроле.")
    await stage.press(ANNA, "Отправить всё же")
    await stage.write(ANNA, "Адрес назван в посте", to=stage.last(ANNA))
    await stage.press(ANNA, "✅ Отправить")
    card = next(one for one in stage.chats[IRINA] if "На согласовании" in one.visible)
    assert "🔓 Обошли защиту (квартира): Анна, «Адрес назван в посте»" in card.visible.splitlines()
    assert "⚠️ Замечания: сделано без фото, отписка" in card.visible.splitlines()


async def test_other_words_are_stopped_again(stage: Stage) -> None:
    await is_coordinator(stage, ANNA)
    await an_answer(stage)
    await stage.press(ANNA, "Отправить всё же")
    await stage.write(ANNA, "Публичное лицо", to=stage.last(ANNA))
    await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, NAMING + " Звоните.", to=stage.last(ANNA))
    assert "🔓 Отправить всё же" in stage.last(ANNA).buttons
    assert (await drafts(stage))[-1].override_by is None


async def test_a_refusal_sends_the_author_back_to_the_words(stage: Stage) -> None:
    await an_answer(stage)
    await stage.press(ANNA, "Отправить всё же")
    assert await stage.press(IRINA, "Пусть исправит") == "Автору сказано"
    assert stage.text(IRINA) == "✏️ № 1: автор исправит ответ."
    assert stage.text(ANNA) == (
        "✏️ № 1: Ирина не разрешает личные данные в ответе. Нажмите «Изменить» под черновиком и уберите их."
    )
    assert ("override", "refused") in await stage.audited()


async def test_without_anybody_in_the_body_the_curators_are_asked(stage: Stage) -> None:
    number = await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    await stage.write(BORIS, NAMING, chat=HOUSING_CHAT, to=stage.last(HOUSING_CHAT))
    await stage.press(BORIS, "Отправить всё же", chat=HOUSING_CHAT)
    assert stage.text(VERA).startswith(f"🔓 № {number}: Борис хочет отправить ответ с личными данными.")
    await stage.press(VERA, "Разрешить")
    await stage.write(VERA, "Согласие есть", to=stage.last(VERA))
    assert "🔓 Обошли защиту (имя полностью): Вера, «Согласие есть»" in stage.text(HOUSING_CHAT)


async def test_a_colleague_without_the_right_cannot_press_it(stage: Stage) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    await stage.write(BORIS, NAMING, chat=HOUSING_CHAT, to=stage.last(HOUSING_CHAT))
    said = await stage.press(BELLA, "Отправить всё же", chat=HOUSING_CHAT)
    assert said.startswith("!Это может только: координатор органа, куратор, согласующий.")


@pytest.mark.parametrize("press", [LetThrough, DoNotLet])
async def test_an_approver_of_another_body_may_not(
    stage: Stage, press: type[LetThrough] | type[DoNotLet]
) -> None:
    await stage.arrive(topic="housing")
    await stage.press(BORIS, "Ответить", chat=HOUSING_CHAT)
    await stage.write(BORIS, NAMING, chat=HOUSING_CHAT, to=stage.last(HOUSING_CHAT))
    (draft,) = await drafts(stage)
    said = await stage.press_data(IRINA, press(answer_id=draft.id).pack())
    assert said.startswith("!Это обращение другого органа: Минжилищный")
    assert (await drafts(stage))[0].override_by is None


async def test_a_late_word_changes_nothing(stage: Stage) -> None:
    await an_answer(stage)
    await stage.press(ANNA, "Отправить всё же")
    await stage.press(IRINA, "Разрешить")
    asked = stage.last(IRINA)
    await stage.press(ANNA, "Изменить")
    await stage.write(ANNA, CLEAN, to=stage.last(ANNA))
    await stage.write(IRINA, "Можно", to=asked)
    assert [one.override_by for one in await drafts(stage)] == [None, None]


async def test_clean_words_have_nothing_to_let_through(stage: Stage) -> None:
    await an_answer(stage, CLEAN)
    (draft,) = await drafts(stage)
    said = await stage.press_data(ANNA, LetThrough(answer_id=draft.id).pack())
    assert said == "!Разрешать нечего: личных данных уже нет или они разрешены."


async def test_more_remarks_than_a_screen_holds_are_folded(stage: Stage) -> None:
    text = (
        "Яма у кв. 5 устранена, вопрос на контроле. Звоните 89105551234, ivan@mail.ru, УЖКХ, https://x.ru, "
        "СНИЛС 112-233-445 95, Николаев Игорь Степанович"
    )
    await an_answer(stage, text)
    html = stage.last(ANNA).text
    shown, folded = html.split("<blockquote expandable>")
    assert shown.count("⛔") + shown.count("⚠️") == 5
    assert folded.count("⚠️") == 4


async def test_a_hostile_text_still_has_a_preview(stage: Stage) -> None:
    await an_answer(stage, ("<&> кв. 1, 89105551234 УЖКХ вопрос на контроле " * 90)[:4000])
    assert stage.text(ANNA).startswith("Проверьте ответ на № 1")


async def test_in_english(stage: Stage) -> None:
    await an_answer(stage)
    await stage.says_english(ANNA)
    (draft,) = await drafts(stage)
    await stage.notify(ANNA, "preview", answer_id=draft.id, incident_id=draft.incident_id)
    assert stage.text(ANNA).splitlines()[-1] == (
        "⛔ A person's full name, remove it: «Николаев Игорь Степанович»"
    )
