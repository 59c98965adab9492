"""A scripted person does what the chat asks for, once, and again only when nothing has come of it."""

from typing import Any

from sandbox.clock import SandboxClock
from sandbox.network_sides import VkSide
from sandbox.networks import Networks
from sandbox.officials_desk import Desk, Habits
from sandbox.officials_seen import Did
from sandbox.vk.world import VkWorld

NETWORKS = Networks([VkSide(VkWorld(SandboxClock()))])
CARD = ("✅ Принять", "✍️ Ответить", "↪️ Переадресовать")
CURATOR = ("Администрация", "Минздрав", "🔎 Другой орган", "🔗 Объединить с № 3", "🚫 Не требует ответа")


def message(
    message_id: int,
    text: str,
    *labels: str,
    url: str = "https://vk.com/wall-1_5?reply=7",
    asks: bool = False,
) -> dict[str, Any]:
    rows = [[{"label": label, "data": f"d:{label}", "url": None, "disabled": False}] for label in labels]
    rows.append([{"label": "🔗 Открыть пост", "data": None, "url": url, "disabled": False}])
    return {
        "message_id": message_id,
        "text": text,
        "html": text,
        "keyboard": [] if asks else rows,
        "force_reply": {"placeholder": ""} if asks else None,
    }


def desk(*, is_curator: bool = False, move: float = 0.0, skip: float = 0.0) -> Desk:
    habits = Habits(patience=15, move_share=move, skip_share=skip)
    return Desk(10, habits, find=NETWORKS.find, is_curator=is_curator)


def does(person: Desk, *, now: float) -> Did | None:
    """What the person does now; it is noted as tried."""
    found = person.next(now=now)
    if found is None:
        return None
    case, deed = found
    case.tried[deed.what] = now
    return deed.what


def test_an_official_accepts_answers_and_sends() -> None:
    person = desk()
    case = person.see(message(1, "№ 17 · Жалоба", *CARD), now=0)
    assert case is not None
    assert case.post == "wall-1_5_r7"
    assert does(person, now=1) is Did.ACCEPT
    person.see(message(1, "№ 17 · Жалоба", "✍️ Ответить", "↪️ Переадресовать"), now=2)
    assert does(person, now=3) is Did.ANSWER
    person.see(message(2, "✍️ № 17: напишите ответ", asks=True), now=4)
    assert does(person, now=5) is Did.WRITE
    person.see(message(3, "Проверьте ответ на № 17", "✅ Отправить", "✏️ Изменить"), now=6)
    assert does(person, now=7) is Did.SEND
    person.see(message(3, "Ответ на № 17 отправлен"), now=8)
    person.see(message(1, "№ 17 · Жалоба"), now=8)
    assert does(person, now=100) is None


def test_what_had_no_effect_is_tried_again_after_a_while_and_not_before() -> None:
    person = desk()
    person.see(message(1, "№ 17", *CARD), now=0)
    assert does(person, now=1) is Did.ACCEPT
    assert does(person, now=15) is None
    assert does(person, now=16) is Did.ACCEPT


def test_who_was_heard_waits_longer() -> None:
    person = desk()
    case = person.see(message(1, "№ 17", *CARD), now=0)
    assert does(person, now=1) is Did.ACCEPT
    assert case is not None
    case.heard[Did.ACCEPT] = 1.2
    assert does(person, now=20) is None
    assert does(person, now=91) is Did.ACCEPT


def test_what_comes_back_is_not_passed_on_again() -> None:
    person = desk(move=1.0)
    person.see(message(1, "№ 17", *CARD), now=0)
    person.see(message(3, "№ 17 → кураторам. Почему?", "Вопрос другого органа", "Отмена"), now=4)
    person.see(message(3, "№ 17 вернулось кураторам"), now=6)
    assert does(person, now=7) is Did.ACCEPT


def test_a_question_is_answered_once_when_the_draft_is_shown() -> None:
    person = desk()
    person.see(message(2, "№ 17: напишите ответ", asks=True), now=0)
    assert does(person, now=1) is Did.WRITE
    assert does(person, now=5) is None
    assert does(person, now=20) is Did.WRITE
    person.see(message(3, "Ответ на № 17", "✅ Отправить"), now=21)
    person.see(message(3, "Ответ на № 17 отправлен"), now=22)
    assert does(person, now=99) is None


def test_a_card_is_passed_on_by_three_presses_and_its_menus_are_left_alone() -> None:
    person = desk(move=1.0)
    person.see(message(1, "№ 17", *CARD), now=0)
    assert does(person, now=1) is Did.MOVE
    person.see(message(2, "№ 17: чей?", "Минздрав", "🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"), now=2)
    found = person.next(now=3)
    assert found is not None
    assert (found[1].what, found[1].label) == (Did.MOVE_WHERE, "Минздрав")
    why = ("Вопрос другого органа", "Другая территория", "✏️ Своими словами", "Отмена")
    person.see(message(3, "№ 17 → Минздрав. Почему?", *why), now=4)
    assert does(person, now=5) is Did.MOVE_WHY
    person.see(message(3, "№ 17 передано: Минздрав"), now=6)
    person.see(message(1, "№ 17 · Передано: Минздрав"), now=6)
    assert does(person, now=99) is None


def test_a_menu_without_bodies_leads_to_the_curators() -> None:
    person = desk(move=1.0)
    person.see(message(1, "№ 17", *CARD), now=0)
    person.see(message(2, "№ 17: чей?", "🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"), now=2)
    found = person.next(now=3)
    assert found is not None
    assert found[1].label == "↩️ Вернуть куратору"


def test_giving_back_is_asked_whose_it_is_and_the_person_does_not_know() -> None:
    person = desk(move=1.0)
    person.see(message(1, "№ 17", *CARD), now=0)
    person.see(message(2, "№ 17: чей?", "🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"), now=2)
    assert does(person, now=3) is Did.MOVE_WHERE
    why = ("Вопрос другого органа", "Другая территория", "✏️ Своими словами", "Отмена")
    person.see(message(2, "№ 17 → кураторам. Почему?", *why), now=4)
    assert does(person, now=5) is Did.MOVE_WHY
    person.see(message(2, "№ 17: чей?", "Минздрав", "🔎 Найти орган", "🤷 Не знаю", "Отмена"), now=6)
    found = person.next(now=7)
    assert found is not None
    assert (found[1].what, found[1].label) == (Did.MOVE_WHOSE, "🤷 Не знаю")
    person.see(message(2, "№ 17 вернулось кураторам"), now=8)
    person.see(message(1, "№ 17 · Вернулось на распределение"), now=8)
    assert does(person, now=99) is None


def test_a_curator_gives_the_card_to_the_first_body_offered() -> None:
    person = desk(is_curator=True)
    person.see(message(1, "№ 17 · Новое", *CURATOR), now=0)
    found = person.next(now=1)
    assert found is not None
    assert (found[1].what, found[1].label) == (Did.GIVE, "Администрация")
    person.see(message(1, "№ 17 · Назначено", "↪️ Переназначить", "🚫 Не требует ответа"), now=2)
    assert person.next(now=99) is None


def test_a_curator_skips_with_a_reason() -> None:
    person = desk(is_curator=True, skip=1.0)
    person.see(message(1, "№ 17 · Новое", *CURATOR), now=0)
    assert does(person, now=1) is Did.SKIP
    person.see(message(2, "№ 17: почему?", "Реклама или спам", "Уже отвечено", "Отмена"), now=2)
    assert does(person, now=3) is Did.SKIP_WHY


def test_the_words_sent_are_those_of_the_draft_that_is_shown() -> None:
    person = desk()
    person.see(message(2, "№ 17: напишите ответ", asks=True), now=0)
    case = person.cases[17]
    case.written += ["Первый.", "Второй."]
    person.see(message(3, "Ответ на № 17: Первый.", "✅ Отправить"), now=1)
    assert case.previewed(3) == "Первый."


MANUAL = ("✅ Принять", "↪️ Переадресовать", "✅ Готово, вот ссылка")


def test_where_the_program_cannot_publish_the_person_does_and_brings_the_link() -> None:
    person = desk()
    case = person.see(message(1, "№ 17 · ✋ Программа здесь не публикует", *MANUAL), now=0)
    assert case is not None
    assert does(person, now=1) is Did.ACCEPT
    person.see(message(1, "№ 17", "✍️ Ответить", "✅ Готово, вот ссылка"), now=2)
    assert does(person, now=3) is Did.BY_HAND
    person.see(message(2, "🔗 № 17: пришлите ссылку на опубликованный ответ.", asks=True), now=4)
    assert does(person, now=5) is Did.LINK
    assert does(person, now=6) is None
    assert does(person, now=20) is Did.LINK  # nothing came of it: once more
    person.see(message(1, "№ 17 · ✅ Отвечено"), now=21)
    assert does(person, now=99) is None


def test_what_nobody_can_answer_goes_to_the_curators() -> None:
    person = desk()
    closed = "№ 17 · 🚫 Под постом ответить нельзя: комментарии закрыты."
    person.see(message(1, closed, *MANUAL), now=0)
    assert does(person, now=1) is Did.MOVE
    person.see(message(2, "№ 17: чей?", "Минздрав", "🔎 Найти орган", "↩️ Вернуть куратору", "Отмена"), now=2)
    found = person.next(now=3)
    assert found is not None
    assert found[1].label == "↩️ Вернуть куратору"


def test_a_curator_skips_what_nobody_can_answer() -> None:
    person = desk(is_curator=True)
    closed = "№ 17 · 🚫 Под постом ответить нельзя: комментарии закрыты."
    person.see(message(1, closed, *CURATOR), now=0)
    assert does(person, now=1) is Did.SKIP


def test_a_curator_takes_no_button_for_a_body() -> None:
    person = desk(is_curator=True)
    person.see(message(1, "№ 17", "🔎 Другой орган", "🚫 Не требует ответа", "📷 Фото (2)"), now=0)
    assert does(person, now=1) is Did.GIVE_WHERE
