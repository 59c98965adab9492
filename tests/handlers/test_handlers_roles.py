"""Coordinators, people, invitations that are called off, chats that are bound, and rights that follow membership."""

from sqlalchemy import select, update

from models import AuditEntry, Body, ChatState, Invitation, Membership, Official, Role
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, STRANGER, VERA, Stage

KIRA = 301


async def coordinator(stage: Stage, code: str = "roads") -> None:
    async with stage.database.writing() as session:
        kira = Official(telegram_id=KIRA, name="Кира", created_at=NOON)
        session.add(kira)
        await session.flush()
        row = Membership(
            official_id=kira.id, role=Role.COORDINATOR, body_id=stage.bodies[code], granted_at=NOON
        )
        session.add(row)


async def body_of(stage: Stage, code: str) -> Body:
    async with stage.database.reading() as session:
        return await session.get_one(Body, stage.bodies[code])


async def test_a_coordinator_invites_officials_of_their_own_body_only(stage: Stage) -> None:
    await coordinator(stage)
    await stage.write(KIRA, "/invite")
    assert stage.text(KIRA).startswith("Кого пригласить? Нажмите кнопку")
    await stage.press(KIRA, "Пригласить: Минтранс")
    assert stage.text(KIRA).startswith("Приглашение: официальное лицо, Минтранс")
    await stage.write(KIRA, "/invite housing")
    assert stage.text(KIRA).startswith("Это другой орган: Минжилищный <надзор>.")
    for command in ("/invite roads coordinator", "/invite curator", "/invite head"):
        await stage.write(KIRA, command)
        assert stage.text(KIRA) == "Это может только: куратор. Что можно вам: /help"


async def test_a_head_of_a_body_and_one_of_the_region_are_invited(stage: Stage) -> None:
    await stage.write(VERA, "/invite roads head")
    assert stage.text(VERA).startswith("Приглашение: руководитель, Минтранс")
    await stage.write(VERA, "/invite head")
    assert stage.text(VERA).startswith("Приглашение: руководитель, весь регион")
    await stage.write(STRANGER, "/start token1")
    assert stage.text(STRANGER).startswith("Здравствуйте, Чужой! Вы руководитель, весь регион:")


async def test_open_invitations_are_listed_and_called_off(stage: Stage) -> None:
    await stage.write(VERA, "/invite roads")
    await stage.write(VERA, "/invitations")
    assert stage.text(VERA) == (
        "Открытые приглашения\n\n1. официальное лицо, Минтранс\nвыдал(а) Вера · до 03.03 12:00"
    )
    assert await stage.press(VERA, "Отозвать 1") == "Отозвано: ссылка больше не откроет вход"
    assert stage.text(VERA) == "Открытых приглашений нет. Пригласить: /invite"
    assert (await stage.press_data(VERA, "a1.irev:1")).startswith("!Это приглашение уже не действует")
    await stage.write(STRANGER, "/start token0")
    assert stage.text(STRANGER).startswith("Приглашение не подошло")
    async with stage.database.reading() as session:
        said = list(await session.scalars(select(AuditEntry.outcome).order_by(AuditEntry.id)))
        assert (await session.scalars(select(Invitation.revoked_at))).one() == NOON
    assert said == ["issued", "revoked", "InvitationRefused"]


async def test_a_role_is_taken_away_after_one_question(stage: Stage) -> None:
    await coordinator(stage)
    number = await stage.arrive()
    await stage.press(ANNA, "Принять")
    await stage.write(KIRA, "/people")
    assert stage.text(KIRA) == (
        "Сотрудники: 3\n\nАнна · на руках: 1\nофициальное лицо, Минтранс\n\n"
        "Ирина · на руках: 0\nсогласующий, Минтранс\n\nКира · на руках: 0\nкоординатор органа, Минтранс"
    )
    await stage.press(KIRA, "Анна")
    assert await stage.press(KIRA, "Снять: официальное лицо") == "Точно?"
    assert (await stage.incident(number)).official_id is not None
    assert await stage.press(KIRA, "Да, снять") == "Готово"
    assert stage.text(KIRA) == "Доступ закрыт: Анна.".replace("Доступ закрыт", "Роль снята") + (
        f"\nСнова ничьи в органе: № {number}"
    )
    assert (await stage.incident(number)).official_id is None
    await stage.write(ANNA, "/my")
    assert stage.text(ANNA).startswith("Это рабочий бот для официальных лиц")
    await stage.write(KIRA, "/people housing")
    assert stage.text(KIRA).startswith("Это другой орган")


async def test_a_chat_is_bound_again_by_one_who_answers_for_the_body(stage: Stage) -> None:
    await stage.write(BORIS, "/bind", chat=-1009)
    assert stage.text(-1009).startswith("🔗 Этот чат теперь — рабочий чат органа «Минжилищный <надзор>»")
    assert stage.text(HOUSING_CHAT).startswith("↪️ Рабочий чат органа «Минжилищный <надзор>» теперь здесь")
    body = await body_of(stage, "housing")
    assert (body.chat_id, body.chat_state, body.chat_title) == (-1009, ChatState.LIVE, "Чат ЖКХ")
    await stage.write(BORIS, "/bind", chat=-1009)
    assert stage.text(-1009).startswith("Этот чат и так рабочий чат")
    await stage.write(ANNA, "/bind", chat=-1009)
    assert stage.text(-1009).startswith("Этот чат уже привязан к другому органу")
    await stage.write(ANNA, "/bind housing", chat=-1010)
    assert stage.text(-1010).startswith("Это другой орган")
    await stage.write(VERA, "/bind", chat=-1010)
    assert stage.text(-1010).startswith("Какой орган привязать к этому чату?")
    await stage.write(VERA, "/bind silent", chat=-1010)
    assert (await body_of(stage, "silent")).chat_id == -1010


async def test_two_topics_of_one_group_serve_two_bodies(stage: Stage) -> None:
    for code, thread in (("roads", 7), ("housing", 8)):
        await stage.write(VERA, f"/bind {code}", chat=-1011, message_thread_id=thread, is_topic_message=True)
        assert (await body_of(stage, code)).thread_id == thread
    number = await stage.arrive()
    assert stage.last(-1011).buttons[0] == "✅ Принять"
    async with stage.database.reading() as session:
        rows = (await session.scalars(select(Body.thread_id).where(Body.chat_id == -1011))).all()
    assert set(rows) == {7, 8}
    # Pressed from another body's people, in the same group: theirs is the other topic.
    assert (await stage.press_data(BORIS, f"a1.acc:{number}", chat=-1011)).startswith(
        "!Это обращение другого"
    )
    assert (await stage.press(ANNA, "Принять", chat=-1011)).startswith("Принято")


async def test_who_left_the_group_presses_nothing_there(stage: Stage) -> None:
    number = await stage.arrive(topic="housing")
    for standing in ("left", "kicked"):
        stage.session.members[HOUSING_CHAT, BORIS] = standing
        words = await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)
        assert words.startswith("!Вас нет в этой группе")
    await stage.write(BORIS, "/my", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT).startswith("Вас нет в этой группе")
    assert await stage.audited() == [*[("press", "not_member")] * 2, ("message", "not_member")]
    assert (await stage.incident(number)).official_id is None


async def test_while_telegram_does_not_say_who_is_there_the_database_has_the_word(stage: Stage) -> None:
    number = await stage.arrive(topic="housing")
    stage.session.members[HOUSING_CHAT, BORIS] = "left"
    stage.session.silent = True
    assert (await stage.press(BORIS, "Принять", chat=HOUSING_CHAT)).startswith("Принято")
    assert (await stage.incident(number)).official_id is not None


async def test_a_command_works_in_the_chat_of_ones_own_body_only(stage: Stage) -> None:
    await stage.write(ANNA, "/my", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT).startswith("Эта команда в этом чате не работает")
    await stage.write(ANNA, "/my@another_bot", chat=HOUSING_CHAT)
    await stage.write(BORIS, "/my", chat=HOUSING_CHAT)
    assert len(stage.chats[HOUSING_CHAT]) == 2


async def test_a_group_of_another_body_is_not_bound_by_an_invitation(stage: Stage) -> None:
    await stage.write(VERA, "/invite silent")
    await stage.write(STRANGER, "/start@otklik_bot token0", chat=HOUSING_CHAT)
    assert "Этот чат не привязан: он уже служит другому органу." in stage.text(HOUSING_CHAT)
    assert (await body_of(stage, "silent")).chat_state is ChatState.NONE


async def test_nobody_takes_their_own_role_away(stage: Stage) -> None:
    async with stage.database.writing() as session:
        vera = await session.scalar(select(Official.id).where(Official.telegram_id == VERA))
        await session.execute(update(Official).values(is_reachable=True))
    assert (await stage.press_data(VERA, f"a1.pdis:{vera}:1")).startswith("!Себе снять роль нельзя")
