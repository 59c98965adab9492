"""/model from the phone, and a rule that presses speak against."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.callbacks import RollBack, TakeProposal
from incidents import models_history, proposals
from models import AuditEntry, Incident, Label, LabelField, Membership, ModelRow, ModelState, Role, Route
from tests.handlers.handlers_stage import ANNA, IRINA, VERA, Stage

FIRST, SECOND, THIRD = (f"presses-2026030{day}-1a2b3c4d" for day in (1, 2, 3))


def metrics(champion: int, challenger: int, *worse: str) -> dict[str, Any]:
    return {"topic": {"rows": 200, "champion": champion, "challenger": challenger, "worse": list(worse)}}


async def learned(stage: Stage, model_id: str, *, over: str | None = None, **kept: Any) -> None:
    """A challenger is promoted, and a minute passes."""
    async with stage.database.writing() as session:
        await models_history.began(session, model_id, labels=120, now=stage.clock())
        await models_history.promote(
            session, model_id, over=over, metrics=kept.get("metrics", metrics(162, 168)), now=stage.clock()
        )
    stage.clock.forward(minutes=1)
    await stage.deliver()


async def speaks(stage: Stage) -> str | None:
    async with stage.database.reading() as session:
        row = await models_history.champion(session)
        return row.model_id if row else None


async def test_a_new_model_is_one_line(stage: Stage) -> None:
    await learned(stage, FIRST)
    assert stage.text(VERA) == (
        "Модель обновлена: тема верна 81 % → 84 % на 200 новых сообщениях. Откатить: /model"
    )
    assert not stage.chats[ANNA]
    await stage.says_english(VERA)
    await stage.notify(VERA, "model.updated", before=81, after=84, rows=200)
    assert (
        stage.text(VERA) == "Model updated: topic right 81 % → 84 % of 200 new messages. To go back: /model"
    )


async def test_before_anything_was_learned(stage: Stage) -> None:
    await stage.write(VERA, "/model")
    assert stage.text(VERA).startswith(
        "Говорит модель из коробки: нажатиям она не училась.\nСвоих моделей ещё не было."
    )
    assert stage.last(VERA).buttons == []


async def test_one_press_back_after_a_question(stage: Stage) -> None:
    await learned(stage, FIRST)
    await learned(stage, SECOND, over=FIRST)
    async with stage.database.writing() as session:
        await models_history.began(session, THIRD, labels=130, now=stage.clock())
        lost = metrics(170, 160, "roads", "housing")
        await models_history.reject(session, THIRD, metrics=lost, why="worse", now=stage.clock())
    await stage.write(VERA, "/model")
    screen = stage.last(VERA)
    assert screen.visible == (
        f"Модель {SECOND}\n"
        "Говорит с 02.03 12:01, выучила 120 размеченных постов\n"
        "На свежих, которых не видела: тема верна 81 % → 84 % на 200\n\n"
        "Последние\n"
        "✖️ 02.03 12:02: тема верна 85 % → 80 % на 200, хуже в темах: Дороги, Дом и управляющая компания\n"
        "✅ 02.03 12:01: тема верна 81 % → 84 % на 200\n"
        "▫️ 02.03 12:00: тема верна 81 % → 84 % на 200, сменилась следующей"
    )
    assert await stage.press(VERA, "Откатить", on=screen) == "Точно?"
    assert await speaks(stage) == SECOND  # nothing is done by the question
    assert f"Вернуть {FIRST}?" in screen.visible
    assert await stage.press(VERA, "Да, откатить", on=screen) == "Модель возвращена"
    assert screen.visible.startswith(f"↩️ Теперь говорит {FIRST}.")
    assert await speaks(stage) == FIRST
    # Once more: to what shipped.
    await stage.write(VERA, "/model")
    await stage.press(VERA, "Откатить на предыдущую", on=stage.last(VERA))
    assert "Вернуть модель из коробки?" in stage.text(VERA)
    await stage.press(VERA, "Да, откатить", on=stage.last(VERA))
    assert await speaks(stage) is None
    assert [one for one in await stage.audited() if one[0] == "model"] == [("model", "rolled_back")] * 2


async def test_an_old_button_goes_back_from_nothing(stage: Stage) -> None:
    await learned(stage, FIRST)
    await learned(stage, SECOND, over=FIRST)
    for sure in (False, True):
        old = RollBack(model_id=FIRST, sure=sure).pack()
        assert await stage.press_data(VERA, old) == "!Сейчас говорит уже другая модель: /model"
    now = RollBack(model_id=SECOND, sure=True).pack()
    assert await stage.press_data(VERA, now) == "Модель возвращена"
    assert await stage.press_data(VERA, now) == "!Сейчас говорит уже другая модель: /model"
    assert await speaks(stage) == FIRST


async def test_for_curators_and_operators_alone(stage: Stage) -> None:
    await learned(stage, FIRST)
    await stage.write(ANNA, "/model")
    assert stage.text(ANNA) == "Это может только: куратор, оператор. Что можно вам: /help"
    assert (await stage.press_data(ANNA, RollBack(model_id=FIRST, sure=True).pack())).startswith(
        "!Это может только"
    )
    assert await speaks(stage) == FIRST
    async with stage.database.writing() as session:
        irina = await session.scalar(select(Membership).where(Membership.role == Role.APPROVER))
        assert irina is not None
        irina.role, irina.body_id = Role.OPERATOR, None
    await stage.write(IRINA, "/model")
    assert f"Модель {FIRST}" in stage.text(IRINA)


async def test_every_fate_of_a_model_has_its_words(stage: Stage) -> None:
    await stage.says_english(VERA)
    for day, (state, why) in enumerate(
        [
            (ModelState.REJECTED, models_history.OVERTAKEN),
            (ModelState.REJECTED, models_history.ROLLED_BACK),
            (ModelState.REJECTED, "worse"),
        ]
    ):
        async with stage.database.writing() as session:
            session.add(
                ModelRow(
                    model_id=f"presses-2026030{day}-1a2b3c4d",
                    state=state,
                    trained_at=stage.clock() - timedelta(days=day),
                    metrics=metrics(100, 90),
                    why=why,
                )
            )
    await stage.write(VERA, "/model")
    told = stage.text(VERA).splitlines()
    assert told[0] == "The shipped model speaks: it has learned from no press."
    assert [one.rsplit(", ", 1)[-1] for one in told[3:]] == [
        "but the model was changed meanwhile",
        "rolled back",
        "no better than before",
    ]


async def move(stage: Stage, numbers: range, *, stays: tuple[int, ...] = ()) -> None:
    """Incidents about roads go to housing by a curator's word, but for those that stay."""
    for number in numbers:
        incident = await stage.arrive(number, text=f"Яма номер {number} у дома", sure=0.3)
        await stage.write(VERA, f"/assign {incident} {'roads' if number in stays else 'housing'}")


async def propose(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await proposals.propose(session, now=stage.clock())
    await stage.deliver()


async def test_a_rule_is_proposed_once_and_changed_by_a_press(stage: Stage) -> None:
    await move(stage, range(10, 17))
    await propose(stage)
    assert "Изменить правило" not in "".join(stage.last(VERA).buttons)  # seven are too few
    await move(stage, range(17, 21), stays=(17,))
    await propose(stage)
    assert stage.text(VERA) == (
        "Тема «Дороги, Верхнереченск»: 9 из 10 последних ушло в «Минжилищный <надзор>» вместо «Минтранс» "
        "(решали: 1 человек). Правила: /rules"
    )
    said = len(stage.chats[VERA])
    await propose(stage)
    assert len(stage.chats[VERA]) == said

    screen = stage.last(VERA)
    assert "правило" in (await stage.press(VERA, "Изменить правило", on=screen)).lower()
    async with stage.database.reading() as session:
        rules = {(one.topic, one.territory, one.body_id) for one in await session.scalars(select(Route))}
    assert ("roads", "Верхнереченск", stage.bodies["housing"]) in rules
    assert ("roads", "", stage.bodies["roads"]) in rules  # elsewhere it stays as it was
    again = TakeProposal(proposal_id=(await _proposals(stage))[0]).pack()
    assert await stage.press_data(VERA, again) == (
        "!Это правило уже не предлагается. Кто принял: Вера. Правила: /rules"
    )
    assert await stage.press_data(ANNA, again) == "!Это может только: куратор. Что можно вам: /help"
    assert (await stage.press_data(VERA, TakeProposal(proposal_id=999).pack())).startswith("!Это правило")


async def _proposals(stage: Stage) -> list[int]:
    async with stage.database.reading() as session:
        found = await session.execute(select(AuditEntry.id).where(AuditEntry.action == proposals.ACTION))
        return [number for (number,) in found]


async def test_the_rule_of_the_very_place_is_replaced(stage: Stage) -> None:
    async with stage.database.writing() as session:
        session.add(Route(topic="roads", territory="Верхнереченск", body_id=stage.bodies["roads"]))
    await move(stage, range(10, 19))
    await propose(stage)
    await stage.press(VERA, "Изменить правило", on=stage.last(VERA))
    async with stage.database.reading() as session:
        of_place = list(
            await session.scalars(select(Route.body_id).where(Route.territory == "Верхнереченск"))
        )
    assert of_place == [stage.bodies["housing"]]


async def test_what_mostly_stays_where_the_rule_sends_it_proposes_nothing(stage: Stage) -> None:
    await move(stage, range(10, 30), stays=(13, 21, 24, 27))
    await propose(stage)
    assert await _proposals(stage) == []


async def test_a_corrected_topic_says_nothing_of_the_rule(stage: Stage) -> None:
    await move(stage, range(10, 20))
    async with stage.database.writing() as session:
        for label in list(await session.scalars(select(Label).where(Label.field == LabelField.BODY))):
            incident = await session.get_one(Incident, label.incident_id)
            incident.topic = "housing"
    await propose(stage)
    assert await _proposals(stage) == []
