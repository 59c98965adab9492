"""Invitations, roles, languages, and what strangers get."""

from sqlalchemy import select

from handlers.access import ANONYMOUS_ADMIN
from models import AuditEntry, Body, ChatState, Invitation, Official
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, STRANGER, VERA, Stage


async def test_a_curator_invites_an_official_who_enters_and_binds_the_chat(stage: Stage) -> None:
    await stage.write(VERA, "/invite silent")
    assert stage.text(VERA) == (
        "Приглашение: официальное лицо, Без чата\n\n"
        "Действует один раз, до 03.03 12:00. Показываю только сейчас, перешлите:\n"
        "https://t.me/otklik_bot?start=token0\n\n"
        "Для чата органа: откройте эту ссылку сами и выберите группу, её и привяжем. "
        "Приглашение то же, на один раз:\n"
        "https://t.me/otklik_bot?startgroup=token0"
    )
    await stage.write(STRANGER, "/start token0")
    assert stage.text(STRANGER).startswith("Здравствуйте, Чужой! Вы отвечаете за орган «Без чата».")
    assert "рабочий чат органа «Без чата»" in stage.text(STRANGER)
    menu = set(stage.menus[STRANGER])
    assert {"my", "late", "help", "language"} <= menu
    assert not {"queue", "rules", "bodies"} & menu
    async with stage.database.reading() as session:
        body = await session.get_one(Body, stage.bodies["silent"])
        [invitation] = await session.scalars(select(Invitation))
    assert (body.chat_id, body.chat_state) == (STRANGER, ChatState.LIVE)
    assert "token0" not in invitation.token_hash


async def test_an_invitation_used_in_a_group_binds_the_group(stage: Stage) -> None:
    await stage.write(VERA, "/invite silent")
    await stage.write(STRANGER, "/start@otklik_bot token0", chat=-1009)
    assert "рабочий чат органа «Без чата»" in stage.text(-1009)
    assert {"my", "late", "bind", "help"} <= set(stage.menus[-1009])


async def test_an_invitation_works_once(stage: Stage) -> None:
    await stage.write(VERA, "/invite curator")
    await stage.write(STRANGER, "/start token0")
    await stage.write(777, "/start token0")
    assert stage.text(777).startswith("Приглашение не подошло")
    assert ("message", "InvitationRefused") in await stage.audited()


async def test_a_refused_token_is_not_kept_anywhere(stage: Stage) -> None:
    await stage.write(STRANGER, "/start guessed-token")
    async with stage.database.reading() as session:
        [entry] = await session.scalars(select(AuditEntry))
    assert "guessed" not in str(entry.details)


async def test_a_body_that_has_a_chat_keeps_it(stage: Stage) -> None:
    await stage.write(VERA, "/invite housing")
    await stage.write(STRANGER, "/start token0")
    assert "Карточки обращений приходят в рабочий чат органа: «Чат ЖКХ»." in stage.text(STRANGER)


async def test_an_approver_and_an_observer_are_invited(stage: Stage) -> None:
    await stage.write(VERA, "/invite roads approver")
    assert stage.text(VERA).startswith("Приглашение: согласующий, Минтранс")
    await stage.write(VERA, "/invite observer")
    await stage.write(STRANGER, "/start token1")
    assert stage.text(STRANGER).startswith("Здравствуйте, Чужой! Вы наблюдатель")


async def test_whom_to_invite_is_asked(stage: Stage) -> None:
    for command in ("/invite", "/invite roads boss"):
        await stage.write(VERA, command)
        assert stage.text(VERA).startswith("Кого пригласить?")
    await stage.press(VERA, "Пригласить куратора")
    assert stage.text(VERA).startswith("Приглашение: куратор")


async def test_the_bodies_and_their_chats(stage: Stage) -> None:
    await stage.arrive()
    await stage.write(VERA, "/bodies")
    assert stage.text(VERA) == (
        "Органы: 3\n\n"
        "⚪️ Без чата · silent\nчата нет · в работе: 0\n\n"
        "🟢 Минжилищный <надзор> · housing\nчат: Чат ЖКХ · в работе: 0\n\n"
        "🟢 Минтранс · roads\nчат: — · в работе: 1"
    )
    assert await stage.press(VERA, "➕ Пригласить: Минтранс") == "Ссылка в вашем личном чате"
    assert "официальное лицо, Минтранс" in stage.text(VERA)


async def test_a_link_asked_for_in_a_group_goes_to_the_private_chat(stage: Stage) -> None:
    await stage.write(VERA, "/invite curator", chat=HOUSING_CHAT)
    assert stage.chats[HOUSING_CHAT] == []
    assert "?start=token0" in stage.text(VERA)


async def test_a_strangers_press_is_refused_and_noted(stage: Stage) -> None:
    await stage.arrive()
    words = await stage.press_data(STRANGER, stage.last(ANNA).data("Принять"), chat=ANNA)
    assert words == "!Это рабочий бот: кнопки только для сотрудников с приглашением."
    assert await stage.audited() == [("press", "stranger")]


async def test_a_strangers_words_are_answered_politely_in_private_only(stage: Stage) -> None:
    for text in ("привет", "/start", "/my", "/start "):
        await stage.write(STRANGER, text)
        assert stage.text(STRANGER).startswith("Это рабочий бот для официальных лиц")
    await stage.write(STRANGER, "/my", chat=HOUSING_CHAT)
    await stage.write(STRANGER, "привет", chat=HOUSING_CHAT)
    assert stage.chats[HOUSING_CHAT] == []


async def test_who_left_is_a_stranger(stage: Stage) -> None:
    await stage.arrive()
    async with stage.database.writing() as session:
        anna = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
        assert anna is not None
        anna.is_active = False
    assert (await stage.press(ANNA, "Принять")).startswith("!Это рабочий бот")


async def test_an_anonymous_admin_is_told_why_nothing_happens(stage: Stage) -> None:
    await stage.write(ANONYMOUS_ADMIN, "/my", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT).startswith("Вы пишете от имени группы")
    await stage.write(ANONYMOUS_ADMIN, "/start token0", chat=HOUSING_CHAT)
    assert stage.text(HOUSING_CHAT).startswith("Вы пишете от имени группы")
    seen = len(stage.chats[HOUSING_CHAT])
    await stage.write(ANONYMOUS_ADMIN, "обед", chat=HOUSING_CHAT)
    assert len(stage.chats[HOUSING_CHAT]) == seen


async def test_forged_presses_change_nothing_and_are_noted(stage: Stage) -> None:
    for data in (
        "a1.acc:9999", "a1.acc:-1", "a1.acc:99999999999999999999", "a1.acc:x", "a1.acc", "a1.acc:1:2",
        "a0.gone:1", "", "a1.why:1:0:forged", "a1.page:all:0", "я" * 32,
    ):  # fmt: skip
        words = await stage.press_data(ANNA, data)
        assert words.startswith("!")
    noted = await stage.audited()
    assert noted[0] == ("press", "NoSuchIncident")
    assert noted[1:] == [("press", "unreadable")] * 10


async def test_a_button_works_only_in_ones_own_chat_and_the_bodys(stage: Stage) -> None:
    number = await stage.arrive(topic="housing")
    take = stage.last(HOUSING_CHAT).data("Принять")
    words = await stage.press_data(ANNA, take, chat=HOUSING_CHAT)
    assert words.startswith("!Эта кнопка здесь не работает")
    assert await stage.audited() == [("press", "wrong_chat")]
    assert (await stage.incident(number)).official_id is None


async def test_an_official_cannot_press_a_curators_button(stage: Stage) -> None:
    number = await stage.arrive(sure=0.1)
    for label in ("Минтранс", "Другой орган", "Не требует"):
        refusal = await stage.press_data(ANNA, stage.last(VERA).data(label))
        assert refusal == "!Это может только: куратор. Что можно вам: /help"
    assert (await stage.incident(number)).body_id is None
    assert await stage.audited() == [("press", "NotAllowed")] * 3


async def test_an_acknowledgement_that_comes_too_late_breaks_nothing(stage: Stage) -> None:
    number = await stage.arrive()
    stage.session.too_old = True
    await stage.press(ANNA, "Принять")
    assert (await stage.incident(number)).official_id is not None
    await stage.press_data(BORIS, f"a1.acc:{number}")


async def test_who_is_known_is_greeted_with_help(stage: Stage) -> None:
    await stage.write(ANNA, "/start")
    assert stage.text(ANNA).startswith("Вы уже в системе, Анна.\n\nЧто здесь можно")


async def test_what_is_not_understood_is_answered_with_what_can_be_done(stage: Stage) -> None:
    await stage.write(ANNA, "что?")
    assert stage.text(ANNA).startswith("Не понял.")
    assert "/my — Что у меня в работе" in stage.text(ANNA)
    await stage.write(BORIS, "/unknown", chat=HOUSING_CHAT)
    assert stage.chats[HOUSING_CHAT] == []


async def test_a_swipe_to_something_else_of_the_bot_is_explained(stage: Stage) -> None:
    await stage.write(ANNA, "да", to=500)
    assert stage.text(ANNA) == "Сейчас я ни о чём не спрашивал."


async def test_the_language_is_changed_for_words_buttons_and_menu(stage: Stage) -> None:
    await stage.write(ANNA, "/language")
    assert stage.last(ANNA).buttons == ["Русский", "English"]
    assert await stage.press(ANNA, "English") == "English from now on."
    await stage.arrive()
    assert stage.last(ANNA).buttons[0] == "✅ Take"
    assert (await stage.press(ANNA, "Take")).startswith("Taken. Answer by 3 Mar 12:00 · 1 day left")
    await stage.write(ANNA, "/language ru")
    assert stage.text(ANNA) == "Теперь по-русски."
    assert {"my", "late", "help", "language"} <= set(stage.menus[ANNA])


async def test_a_curators_menu_and_help(stage: Stage) -> None:
    await stage.write(VERA, "/start")
    assert {"queue", "late", "invite", "people"} <= set(stage.menus[VERA])
    await stage.write(VERA, "/help")
    assert "/assign — Назначить орган" in stage.text(VERA)
