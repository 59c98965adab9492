"""The card as people read it: whole messages, so that a reviewer sees what an official will see."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from handlers import card_buttons, keyboards
from handlers.cards import card, headline
from handlers.excerpts import utf16
from handlers.outgoing import Outgoing
from handlers.times import Reader
from handlers.words import Words
from incidents.finding import View
from incidents.lifecycle import SETTLED, allows
from incidents.people import Actor
from models import (
    Answer,
    AnswerState,
    Body,
    CardState,
    HistoryEntry,
    Incident,
    Kind,
    LabelField,
    Language,
    Official,
    Post,
    Prediction,
    Priority,
    Publication,
    PublicationState,
    ReplyCapability,
    Role,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.handlers.handlers_stage import checked

ZONE = ZoneInfo("Europe/Moscow")
RU = Reader(Words(Language.RU), ZONE, NOON)
EN = Reader(Words(Language.EN), ZONE, NOON)


def a_post(**changes: Any) -> Post:
    fields: dict[str, Any] = {
        "network": "vk",
        "native_id": "wall-1_2",
        "url": "https://vk.com/wall-1_2?a=1&b=2",
        "text": "Яма <b>на</b> Ленина & никто не чинит",
        "community_title": "Подслушано <Река>",
        "author_name": "Житель",
        "photos": [],
        "posted_at": NOON - timedelta(minutes=30),
        "reply_capability": ReplyCapability.API,
    }
    return Post(**(fields | changes))


def a_view(status: Status = Status.ASSIGNED, **changes: Any) -> View:
    incident = Incident(
        id=17,
        version=1,
        status=status,
        kind=Kind.COMPLAINT,
        topic=changes.pop("topic", "roads"),
        priority=changes.pop("priority", Priority.ORDINARY),
        territory="Верхнереченск",
        place=changes.pop("place", "улица Ленина"),
        body_id=5,
        created_at=NOON,
        due_at=changes.pop("due_at", NOON + timedelta(hours=5, minutes=20)),
        control_at=changes.pop("control_at", None),
        answered_at=changes.pop("answered_at", None),
        merged_into_id=changes.pop("merged_into_id", None),
    )
    return replace(
        View(
            incident=incident,
            posts=[a_post()],
            body=Body(id=5, code="roads", name="Минтранс"),
            official=Official(id=1, name="Иванов"),
            publications=[],
            answer=None,
            prediction=None,
            suggested=[],
            same_words=[],
        ),
        **changes,
    )


def step(
    what: Step, *, who: str = "Иванов", body: str = "Минтранс", reason: str = "", at: datetime = NOON
) -> tuple[HistoryEntry, str, str]:
    entry = HistoryEntry(step=what, reason=reason, at=at, before=Status.NEW, after=Status.NEW)
    return entry, who, body


def publication(state: PublicationState, **changes: Any) -> Publication:
    return Publication(network="vk", state=state, **({"error": "", "url": None} | changes))


def an_answer(text: str = "Закроем до 10 марта.") -> Answer:
    return Answer(id=3, incident_id=17, version=1, state=AnswerState.SUBMITTED, text=text, photos=[])


def test_an_assigned_card() -> None:
    view = a_view(
        priority=Priority.ACCIDENT,
        posts=[a_post(photos=["a", "b"]), a_post(), a_post()],
        same_words=[12, 15],
    )
    assert card(view, [step(Step.ASSIGN)], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b> · 🔴 авария
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит
📎 фото: 2

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
👥 3 публикации · похоже на № 12, № 15
📨 Назначено: Минтранс\
""")


def test_an_assigned_card_in_english() -> None:
    view = a_view(priority=Priority.RAISED, posts=[a_post(), a_post()], same_words=[12])
    assert card(view, [step(Step.ASSIGN, reason="not <ours>")], EN) == snapshot("""\
<b>No. 17 · Complaint · Roads</b> · 🟠 urgent
📍 улица Ленина, Верхнереченск
⏳ by 2 Mar 17:20 · 5 hr 20 min left

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

VK · Подслушано &lt;Река&gt; · 2 Mar 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">open the post</a>
👥 2 posts · similar to № 12
📨 Assigned: Минтранс
💬 “not &lt;ours&gt;”\
""")


def test_the_subtopic_stands_where_it_fits_two_lines_of_a_phone() -> None:
    view = a_view()
    view.incident.subtopic = "roads.potholes"
    assert headline(view.incident, RU.words) == "<b>№ 17 · Жалоба · Дороги · Ямы и ремонт покрытия</b>"
    assert headline(view.incident, EN.words) == "<b>No. 17 · Complaint · Roads · Potholes and resurfacing</b>"
    view.incident.subtopic = "roads.gone"
    assert headline(view.incident, RU.words) == "<b>№ 17 · Жалоба · Дороги</b>"
    view.incident.subtopic = ""
    assert headline(view.incident, RU.words) == "<b>№ 17 · Жалоба · Дороги</b>"
    long = a_view(topic="housing")
    long.incident.kind, long.incident.subtopic = Kind.GRATITUDE, "housing.manager"
    assert headline(long.incident, RU.words) == "<b>№ 17 · Благодарность · Дом и управляющая компания</b>"


def test_a_new_card_before_the_clock_runs() -> None:
    doubtful = Prediction(needs_answer=False)
    assert card(a_view(Status.NEW, due_at=None, prediction=doubtful), [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ срок пойдёт с регистрации

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
🆕 Новое, ждёт разбора
🤖 похоже, ответ не нужен\
""")


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ({}, "🤖 похоже на спам: «Не требует ответа»?"),
        ({LabelField.SPAM: "no"}, "🤖 похоже, ответ не нужен"),
        ({LabelField.SPAM: "no", LabelField.NEEDS_ANSWER: "yes"}, "🆕 Новое, ждёт разбора"),
    ],
)
def test_a_hint_stands_until_a_curator_says_otherwise(told: dict[LabelField, str], ends: str) -> None:
    said = Prediction(needs_answer=False, spam=True)
    text = card(a_view(Status.NEW, due_at=None, prediction=said, told=told), [], RU)
    assert text.split("\n")[-1] == ends


def test_a_returned_card() -> None:
    view = a_view(Status.REGISTERED, body=None, official=None)
    assert card(view, [step(Step.RETURN, reason="Частная <дорога>")], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
🗂 На распределении
↩️ Минтранс: «Частная &lt;дорога&gt;»\
""")


def test_a_taken_card() -> None:
    taken = step(Step.ACCEPT, at=NOON - timedelta(hours=1, minutes=18))
    assert card(a_view(Status.ACCEPTED), [taken], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
✅ В работе: Иванов, с 10:42 · Минтранс\
""")


def test_a_late_card() -> None:
    late = a_view(Status.ACCEPTED, due_at=NOON - timedelta(hours=2))
    assert card(late, [step(Step.ACCEPT)], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 10:00 · <b>просрочено на 2 ч</b>

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
✅ В работе: Иванов, с 12:00 · Минтранс\
""")


def test_a_card_that_was_handed_over() -> None:
    assert card(a_view(), [step(Step.REASSIGN)], RU, disarmed=True) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
↪️ Передано: Минтранс\
""")


def test_an_approvers_card_after_the_approval_does_not_say_it_was_handed_over() -> None:
    view = a_view(
        Status.APPROVED,
        answer=an_answer(),
        publications=[publication(PublicationState.BY_HAND)],
    )
    shown = card(view, [step(Step.APPROVE)], RU, disarmed=True)
    assert shown.endswith("📤 Отправлено, ждёт публикации · Минтранс")


def test_a_card_that_went_back() -> None:
    view = a_view(Status.REGISTERED, body=None)
    assert card(view, [step(Step.RETURN)], EN, disarmed=True).endswith("↩️ Back to be assigned")


def test_a_card_on_review() -> None:
    assert card(a_view(Status.ON_REVIEW, answer=an_answer("<Закроем>")), [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
👀 На согласовании: Иванов · Минтранс
<blockquote expandable>&lt;Закроем&gt;</blockquote>\
""")


def test_a_card_sent_and_waiting() -> None:
    view = a_view(Status.APPROVED, answer=an_answer(), publications=[publication(PublicationState.WAITING)])
    assert card(view, [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
📤 Отправлено, ждёт публикации · Минтранс
✍️ <i>Закроем до 10 марта.</i>\
""")


def test_a_card_to_be_published_by_hand_gives_the_text_to_copy() -> None:
    view = a_view(
        Status.APPROVED,
        answer=an_answer("1 < 2\n" * 20),
        publications=[publication(PublicationState.BY_HAND)],
    )
    text = card(view, [], RU)
    assert "Опубликуйте ответ под постом" in text
    assert "<code>" + "1 &lt; 2\n" * 19 + "1 &lt; 2</code>" in text


def test_a_card_whose_publication_cannot_be_reconciled() -> None:
    view = a_view(
        Status.APPROVED,
        answer=an_answer(),
        publications=[publication(PublicationState.STUCK, error="тайм-аут <504>")],
    )
    assert "⚠️ Не удалось узнать, опубликован ли ответ." in card(view, [], RU)
    assert "тайм-аут &lt;504&gt;" in card(view, [], RU)


def test_an_answered_card_links_to_the_answers() -> None:
    published = [
        publication(PublicationState.PUBLISHED, url=f"https://vk.com/wall-1_2?reply={number}")
        for number in range(5)
    ]
    gone = publication(PublicationState.GONE, error="комментарии закрыты")
    view = a_view(Status.ANSWERED, answered_at=NOON, publications=[*published, gone, gone])
    assert card(view, [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
✅ Отвечено 12:00 <a href="https://vk.com/wall-1_2?reply=0">ссылка 1</a>, <a href="https://vk.com/wall-1_2?reply=1">ссылка 2</a>, <a href="https://vk.com/wall-1_2?reply=2">ссылка 3</a>, и ещё 2 ссылки
⚠️ Под постом ответить нельзя: комментарии закрыты\
""")  # noqa: E501 - the message as it is


def test_an_interim_card_tells_the_control_date() -> None:
    view = a_view(
        Status.INTERIM,
        control_at=NOON + timedelta(days=7),
        publications=[publication(PublicationState.PUBLISHED, url="https://vk.com/wall-1_2?reply=3")],
    )
    assert card(view, [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ Итоговый ответ до 09.03 12:00 · осталось 7 дн.

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
⏳ Промежуточный ответ опубликован <a href="https://vk.com/wall-1_2?reply=3">ссылка 1</a>
📨 Назначено: Минтранс\
""")


def test_a_refused_text_comes_back_with_the_reason() -> None:
    view = a_view(
        Status.REWORK, publications=[publication(PublicationState.REFUSED, error="ссылки запрещены")]
    )
    assert card(view, [step(Step.TAKE_BACK, reason="ссылки запрещены")], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск
⏳ до 02.03 17:20 · осталось 5 ч 20 мин

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
✏️ На доработке: Иванов · Минтранс
💬 «ссылки запрещены»
⚠️ Сеть не приняла текст: ссылки запрещены\
""")


@pytest.mark.parametrize(
    ("status", "last", "says"),
    [
        (Status.CLOSED, Step.CLOSE, "🏁 Закрыто"),
        (Status.SKIPPED, Step.SKIP, "🚫 Не требует ответа: потому"),
        (Status.MERGED, Step.MERGE, "🔗 Объединено с № 12"),
        (Status.SOURCE_GONE, Step.LOSE_SOURCE, "🗑 Пост удалён или закрыт: потому"),
    ],
)
def test_how_it_ended(status: Status, last: Step, says: str) -> None:
    view = a_view(status, merged_into_id=12)
    shown = card(view, [step(last, reason="потому")], RU)
    assert says in shown
    assert "⏳" not in shown, "a settled incident has no time left"


@pytest.mark.parametrize(
    ("post", "says"),
    [
        (a_post(text="", photos=["a", "b"]), "без текста, фото: 2"),
        (a_post(text=" \n ", photos=[]), "без текста"),
        (a_post(text="Яма", photos=["a"]), "Яма\n📎 фото: 1"),
    ],
)
def test_a_post_of_photos(post: Post, says: str) -> None:
    assert says in checked(Outgoing(card(a_view(posts=[post]), [], RU)))


def test_an_address_telegram_would_refuse_is_left_out() -> None:
    for url in ("javascript:alert(1)", "vk.com/wall", "https://", "https://a b", "http://[", ""):
        view = a_view(posts=[a_post(url=url)])
        assert "href" not in card(view, [], RU)
        rows = card_buttons.under_card(view, RU.words, for_curators=False, state=CardState.LIVE)
        assert [one for row in rows for one in row if "url" in one] == []


NASTY = [
    "х" * 10_000,
    "&" * 10_000,
    "<b><i></b>" * 1_000,
    "слово " * 3_000,
    "\n" * 10_000 + "конец",
    "строка\n" * 3_000,
    "Z" + "\u0335\u0336\u0337\u0321" * 3_000 + "algo",
    "\u202e\u202eקשה לקרוא " * 700,
    "مرحبا " * 2_000,
    "👨‍👩‍👧‍👦" * 2_000,
    "🇷🇺" * 4_000,
    "a\x00b\x07\x1b" * 100,
    "\ud800 одинокий",
    "\u200b\u2060",
]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("status", Status)
def test_any_text_gives_a_message_telegram_takes(text: str, status: Status) -> None:
    reason = text[:4000]
    view = a_view(
        status,
        posts=[a_post(text=text, community_title=text[:200])],
        place=text[:200],
        body=Body(id=5, code="x", name=text[:200] or "-"),
        official=Official(id=1, name=text[:200]),
        answer=an_answer(text),
        publications=[
            publication(PublicationState.BY_HAND),
            publication(PublicationState.GONE, error=text[:500]),
        ],
        same_words=[12, 13, 14, 15, 16],
    )
    history = [step(one, who=text[:200], body=text[:200], reason=reason) for one in Step]
    for disarmed in (False, True):
        visible = checked(Outgoing(card(view, history, RU, disarmed=disarmed)))
        # The answer to copy and the one to approve, which is folded, stand there whole.
        if status not in {Status.APPROVED, Status.ON_REVIEW}:
            assert utf16(visible) <= 1300


@given(st.text(max_size=2_000), st.text(max_size=300), st.sampled_from(Status))
def test_whatever_people_write_parses(text: str, name: str, status: Status) -> None:
    view = a_view(status, posts=[a_post(text=text, community_title=name)], place=name, answer=an_answer(text))
    checked(Outgoing(card(view, [step(one, reason=text, body=name) for one in Step], RU)))


def test_a_cut_never_splits_an_emoji() -> None:
    shown = card(a_view(posts=[a_post(text="👨‍👩‍👧‍👦" * 500)]), [], RU)
    shown.encode("utf-16")  # no lone surrogate
    assert "\u200d…" not in shown


def test_right_to_left_text_does_not_turn_the_card() -> None:
    shown = card(a_view(posts=[a_post(text="\u202eשלום 17:00")]), [], RU)
    assert "\u2068שלום 17:00\u2069" in shown
    assert "\u202e" not in shown


# -- buttons


def labels(rows: keyboards.Rows) -> list[str]:
    return [one["text"] for row in rows for one in row]


@pytest.mark.parametrize("status", Status)
def test_no_button_offers_what_the_table_forbids(status: Status) -> None:
    view = a_view(status, suggested=[Body(id=5, name="Минтранс")], same_words=[12], posts=[])
    body = labels(card_buttons.under_card(view, RU.words, for_curators=False, state=CardState.LIVE))
    curator = labels(card_buttons.under_card(view, RU.words, for_curators=True, state=CardState.LIVE))
    needs = {
        "✅ Принять": Step.ACCEPT,
        "↪️ Переадресовать": Step.REASSIGN,
        "↩️ Вернуть": Step.RETURN,
        "✅ Согласовать": Step.APPROVE,
        "↩️ На доработку": Step.SEND_BACK,
        "↪️ Переназначить": Step.REASSIGN,
        "🚫 Не требует ответа": Step.SKIP,
        "🔄 Открыть снова": Step.REOPEN,
        "🔗 Объединить с № 12": Step.MERGE,
    }
    for label in [*body, *curator]:
        if label in needs:
            assert allows(status, needs[label]), label
    assert ("✍️ Ответить" in body) == (allows(status, Step.SEND) or allows(status, Step.ACCEPT))
    assert ("Минтранс" in curator) == (status in {Status.NEW, Status.REGISTERED})
    if status not in SETTLED and status is not Status.APPROVED:
        assert body or curator, "an open incident has a way on"


def test_a_disarmed_card_has_no_button() -> None:
    assert card_buttons.under_card(a_view(), RU.words, for_curators=False, state=CardState.DISARMED) == []


def test_who_is_both_sees_both_sorts_of_buttons() -> None:
    actor = Actor(1, 101, "Анна", Language.RU, frozenset(Role), frozenset({5}), frozenset({5}))
    assert labels(card_buttons.under_view(a_view(), RU.words, actor)) == snapshot(
        [
            "✅ Принять",
            "✍️ Ответить",
            "↪️ Переадресовать",
            "↪️ Переназначить",
            "🚫 Не требует ответа",
            "📜 История",
            "💡 Как отвечали",
            "🔗 Пост",
        ]
    )


def test_long_names_are_cut_on_buttons() -> None:
    [[one]] = keyboards.bodies([Body(id=5, name="Министерство " * 20)], Incident(id=17))
    assert utf16(one["text"]) <= 40
