"""Where the program cannot publish: a person does, and brings the link; or answers past the bot and is noticed."""

from dataclasses import replace
from typing import Any

import pytest
from inline_snapshot import snapshot
from sqlalchemy import select, update

from handlers.cards import card
from incidents import confirming
from incidents.errors import TextRefused
from incidents.incoming import FoundPost
from incidents.intake import TriageRules, take_in
from incidents.links import AnswerLinks
from incidents.wording import TextRules
from models import Body, Post, Publication, PublicationState, PublishedHow, ReplyCapability, Status
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, BORIS, HOUSING_CHAT, IRINA, VERA, Stage, guess
from tests.handlers.test_handlers_cards import RU, a_view, an_answer, publication
from tests.incidents.test_links import Names

MANUAL, IMPOSSIBLE = ReplyCapability.MANUAL, ReplyCapability.IMPOSSIBLE
ANSWER = "https://vk.com/wall-1_2?reply=9"


def read(link: str) -> Names | None:
    """A network's parser, as far as these stories go."""
    known = {
        ANSWER: Names("vk", "wall-1_2_r9", "wall-1_2"),
        "https://vk.com/wall-1_7?reply=1": Names("vk", "wall-1_7_r1", "wall-1_7"),
        "https://vk.com/wall-1_2": Names("vk", "wall-1_2"),
        "https://ok.ru/group/1/topic/5": Names("ok", "topic:5"),
    }
    return known.get(link)


@pytest.fixture
def reading(stage: Stage) -> Stage:
    stage.house = replace(stage.house, links=read)
    return stage


async def test_a_card_that_only_people_answer_leads_to_the_post_and_takes_the_link(reading: Stage) -> None:
    stage = reading
    number = await stage.arrive(reply_capability=MANUAL, reply_reason="not_our_page")
    shown = stage.last(ANNA)
    assert shown.visible.endswith(
        "✋ Программа здесь не публикует: это не наша страница. Откройте пост, ответьте сами и пришлите ссылку "
        "на ответ."
    )
    assert shown.buttons == [
        "✅ Принять",
        "✍️ Ответить",
        "↪️ Переадресовать",
        "✅ Готово, вот ссылка",
        "🔗 Открыть",
        "💡 Как отвечали",
    ]
    await stage.press(ANNA, "Принять")
    assert "Готово, вот ссылка" in " ".join(shown.buttons)
    assert await stage.press(ANNA, "Готово") == "Жду ссылку"
    await stage.write(ANNA, ANSWER)
    assert stage.text(ANNA) == f"✅ № {number}: ссылка принята, спасибо."
    assert (await stage.incident(number)).status is Status.ANSWERED
    assert "✅ Отвечено 12:00" in shown.visible
    assert f'href="{ANSWER}"' in shown.text
    assert shown.buttons == ["✏️ Исправить ответ", "🔗 Пост"]


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("https://ok.ru/group/1/topic/5", "Это ссылка на другой сайт. Ответ нужен здесь: ВКонтакте, https://vk.com/wall-1_2."),
        ("https://example.org/a", "Это ссылка на другой сайт."),
        ("https://vk.com/wall-1_7?reply=1", "Эта ссылка ведёт на другой пост. Нужна ссылка на ваш ответ под этим: "),
        ("https://vk.com/wall-1_2", "Это ссылка на слова жителя."),
        ("готово", "Не похоже на ссылку"),
    ],
)  # fmt: skip
async def test_a_link_that_is_no_answer_is_explained_and_asked_for_again(
    reading: Stage, pasted: str, says: str
) -> None:
    stage = reading
    number = await stage.arrive(reply_capability=MANUAL)
    await stage.press(ANNA, "Готово")
    await stage.write(ANNA, pasted)
    assert stage.text(ANNA).startswith(says)
    assert (await stage.incident(number)).status is Status.ASSIGNED
    await stage.write(ANNA, ANSWER)
    assert (await stage.incident(number)).status is Status.ANSWERED


async def test_where_comments_have_no_links_the_post_s_own_is_taken(reading: Stage) -> None:
    stage = reading
    stage.house = replace(stage.house, answer_links={"vk": AnswerLinks.POST})
    number = await stage.arrive(reply_capability=MANUAL)
    await stage.press(ANNA, "Готово")
    await stage.write(ANNA, "https://vk.com/wall-1_2")
    assert (await stage.incident(number)).status is Status.ANSWERED


async def test_a_stranger_to_the_incident_is_not_asked_for_a_link(stage: Stage) -> None:
    await stage.arrive(reply_capability=MANUAL)
    data = stage.last(ANNA).data("Готово")
    assert (
        await stage.press_data(BORIS, data) == "!Это обращение другого органа: Минтранс. Что можно вам: /help"
    )


async def test_an_answer_written_in_the_bot_first_is_copied_by_a_touch(stage: Stage) -> None:
    stage.house = replace(
        stage.house,
        compose={"vk": lambda post_id, text: f"https://vk.com/answer?to={post_id}&length={len(text)}"},
    )
    await stage.arrive(reply_capability=MANUAL)
    shown = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    await stage.press(ANNA, "Отправить")
    assert shown.buttons == ["📋 Скопировать ответ", "✅ Готово, вот ссылка", "🔗 Открыть"]
    assert shown.outgoing.keyboard is not None
    (copy,), (_, post) = shown.outgoing.keyboard.inline_keyboard
    assert copy.copy_text is not None
    assert copy.copy_text.text == "Починим"
    assert post.url == "https://vk.com/answer?to=wall-1_2&length=7"


@pytest.mark.parametrize(("length", "has_button"), [(256, True), (257, False)])
async def test_a_longer_answer_is_copied_from_the_card_itself(
    stage: Stage, length: int, *, has_button: bool
) -> None:
    await stage.arrive(reply_capability=MANUAL)
    shown = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "я" * length)
    await stage.press(ANNA, "Отправить")
    assert ("📋 Скопировать ответ" in shown.buttons) == has_button
    assert f"<code>{'я' * length}</code>" in shown.text


async def test_under_a_closed_post_the_card_says_why_and_what_is_left_to_do(stage: Stage) -> None:
    number = await stage.arrive(reply_capability=IMPOSSIBLE, reply_reason="comments_closed")
    assert stage.text(ANNA).endswith(
        "🚫 Под постом ответить нельзя: комментарии закрыты. Ответьте жителю в другом месте и пришлите ссылку, или "
        "пусть куратор отметит: ответ не нужен."
    )
    await stage.press(ANNA, "Готово")
    await stage.write(ANNA, "https://example.org/news/17")
    assert (await stage.incident(number)).status is Status.ANSWERED


async def test_a_reason_nobody_has_named_is_said_without_its_code(stage: Stage) -> None:
    await stage.arrive(reply_capability=MANUAL, reply_reason="some_new_code")
    assert "не публикует: ВКонтакте не даёт." in stage.text(ANNA)


async def test_what_the_program_can_publish_offers_no_link(stage: Stage) -> None:
    await stage.arrive()
    assert stage.last(ANNA).buttons == [
        "✅ Принять",
        "✍️ Ответить",
        "↪️ Переадресовать",
        "🔗 Пост",
        "💡 Как отвечали",
    ]
    assert "✋" not in stage.text(ANNA)


async def test_an_answer_noticed_in_the_network_is_told_and_shown(stage: Stage) -> None:
    number = await stage.arrive()
    shown = stage.last(ANNA)
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    draft = stage.last(ANNA)
    found = FoundPost(
        network="vk",
        native_id="wall-1_2_r9",
        root_id="wall-1_2",
        text="Уже починили.",
        url=ANSWER,
        posted_at=NOON,
        by_community=True,
    )
    async with stage.database.writing() as session:
        await take_in(session, found, guess(), rules=TriageRules(), now=stage.clock())
    await stage.deliver()
    assert stage.text(ANNA) == f"✅ № {number}: ответ дан в сети, срок остановлен. {ANSWER}"
    assert "✅ Ответ дан в сети 12:00 ссылка 1" in shown.visible
    assert f'href="{ANSWER}"' in shown.text
    assert await stage.press(ANNA, "Отправить", on=draft) == "!Этот черновик уже отправлен или заменён."
    await stage.write(VERA, f"/incident {number}")
    assert "Ответ дан в сети" in stage.text(VERA)
    await stage.press(VERA, "История")
    assert "Ответ дан прямо в сети" in stage.text(VERA)


async def test_a_link_that_the_network_does_not_confirm_is_told_and_reopened_by_a_curator(
    stage: Stage,
) -> None:
    number = await stage.arrive(reply_capability=MANUAL)
    shown = stage.last(ANNA)
    await stage.press(ANNA, "Готово")
    await stage.write(ANNA, ANSWER)
    async with stage.database.writing() as session:
        publication_id = (await session.scalars(select(Publication.id))).one()
        for _ in range(confirming.MOST_ASKED):
            await confirming.denied(session, publication_id=publication_id, error="", now=stage.clock())
    await stage.deliver()
    assert stage.text(VERA).startswith(f"⚠️ № {number}: по ссылке ответа не видно. {ANSWER}")
    assert stage.text(ANNA) == stage.text(VERA)
    assert "По ссылке ответа не видно" in shown.visible
    await stage.write(VERA, f"/incident {number}")
    await stage.press(VERA, "Открыть снова")
    assert (await stage.incident(number)).status is Status.REGISTERED


def test_a_card_answered_in_the_network() -> None:
    noticed = publication(PublicationState.PUBLISHED, url=ANSWER, how=PublishedHow.NOTICED)
    view = a_view(Status.ANSWERED, answered_at=NOON, answer=an_answer(), publications=[noticed])
    assert card(view, [], RU) == snapshot("""\
<b>№ 17 · Жалоба · Дороги</b>
📍 улица Ленина, Верхнереченск

Яма &lt;b&gt;на&lt;/b&gt; Ленина &amp; никто не чинит

ВКонтакте · Подслушано &lt;Река&gt; · 02.03 11:30 · <a href="https://vk.com/wall-1_2?a=1&amp;b=2">открыть пост</a>
✅ Ответ дан в сети 12:00 <a href="https://vk.com/wall-1_2?reply=9">ссылка 1</a>\
""")


# -- the words


async def test_words_the_network_refuses_are_told_before_they_are_sent(stage: Stage) -> None:
    rules = TextRules(3000, objection=lambda text: "link" if "https://" in text else "")
    stage.house = replace(stage.house, rules={"vk": rules})
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Подробности: https://gov.example/1")
    why = "В ответе ссылка, а ВКонтакте такой ответ не примет. Нажмите «Изменить» и уберите её: черновик цел."
    preview = stage.last(ANNA)
    assert f"⚠️ {why}" in preview.visible.splitlines()
    assert "некоторые сети" not in preview.visible
    assert "некоторые сети" not in preview.visible, "what is refused is not warned of as well"
    assert await stage.press(ANNA, "Отправить") == f"!{why}"
    await stage.press(ANNA, "Изменить", on=preview)
    await stage.write(ANNA, "Подробности на сайте.", to=stage.last(ANNA))
    assert await stage.press(ANNA, "Отправить") == "Отправлено на публикацию"


@pytest.mark.parametrize("key", ["link", "mention", "hashtag", "cashtag", "capitals", "brand_new"])
async def test_every_objection_fits_an_alert(stage: Stage, key: str) -> None:
    stage.house = replace(stage.house, rules={"vk": TextRules(3000, objection=lambda _: key)})
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    await stage.write(ANNA, "Починим")
    refusal = await stage.press(ANNA, "Отправить")
    assert "ВКонтакте" in refusal
    assert refusal.endswith("черновик цел.")
    assert str(TextRefused(objection=key, network="vk")) == f"vk refuses it: {key}"


async def test_of_several_networks_the_strictest_is_named(stage: Stage) -> None:
    stage.house = replace(
        stage.house, rules={"vk": TextRules(3000), "x": TextRules(280, measure=lambda text: 2 * len(text))}
    )
    first = await stage.arrive()
    other = await stage.arrive(20, network="x", url="https://x.com/a/status/20")
    await stage.write(VERA, f"/merge {other} {first}")
    await stage.press(ANNA, "Ответить", on=stage.chats[ANNA][0])
    await stage.write(ANNA, "я" * 200)
    assert "Длина 400, а X примет не больше 280" in stage.text(ANNA)
    async with stage.database.writing() as session:
        await session.execute(update(Post).where(Post.network == "x").values(reply_capability=IMPOSSIBLE))
    assert await stage.press(ANNA, "Отправить") == "Отправлено на публикацию"


# -- photos

PHOTOS = ("https://cdn.example/1.jpg?a=1&b=2", "https://cdn.example/2.jpg")


async def test_photos_of_a_post_stand_above_the_card_and_behind_a_button(stage: Stage) -> None:
    number = await stage.arrive(photos=(*PHOTOS, "not a link"))
    shown = stage.last(ANNA)
    assert shown.outgoing.preview == PHOTOS[0]
    assert shown.buttons[-2:] == ["💡 Как отвечали", "📷 Фото (2)"]
    assert await stage.press(ANNA, "Фото") == "Фото — ниже"
    album = stage.last(ANNA).outgoing
    assert (album.album, album.text) == (PHOTOS, f"📷 Фото к № {number}")
    assert album.instead == snapshot("""\
📷 Фото к № 1
Telegram не смог их загрузить. Откройте по ссылкам:
<a href="https://cdn.example/1.jpg?a=1&amp;b=2">фото 1</a> · <a href="https://cdn.example/2.jpg">фото 2</a>\
""")
    assert album.reply_to == shown.message_id


async def test_more_photos_than_an_album_holds_come_as_links_too(stage: Stage) -> None:
    await stage.arrive(photos=tuple(f"https://cdn.example/{number}.jpg" for number in range(12)))
    await stage.press(ANNA, "Фото")
    album = stage.last(ANNA).outgoing
    assert len(album.album) == 10
    assert "Остальные — по ссылкам:" in album.text
    assert 'href="https://cdn.example/11.jpg">фото 12</a>' in album.text


async def test_endless_addresses_of_photos_fit_a_message_all_the_same(stage: Stage) -> None:
    await stage.arrive(photos=tuple(f"https://cdn.example/{number}?{'a&' * 250}" for number in range(30)))
    await stage.press(ANNA, "Фото")
    assert stage.last(ANNA).outgoing.instead.count("<a ") == 2


async def test_photos_are_shown_to_those_who_may_see_the_incident(stage: Stage) -> None:
    async with stage.database.writing() as session:
        (await session.get_one(Body, stage.bodies["roads"])).needs_approval = True
    await stage.arrive(photos=PHOTOS)
    data = stage.last(ANNA).data("Фото")
    assert (await stage.press_data(BORIS, data, chat=HOUSING_CHAT)).startswith(
        "!Это обращение другого органа"
    )
    for who in (IRINA, VERA):
        assert await stage.press_data(who, data) == "Фото — ниже"


async def test_photos_that_are_gone_are_said_to_be(stage: Stage) -> None:
    await stage.arrive(photos=PHOTOS)
    async with stage.database.writing() as session:
        await session.execute(update(Post).values(photos=[]))
    assert await stage.press(ANNA, "Фото") == "Фото уже нет"


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (0, "ВКонтакте: фото не публикуем, сохраним как подтверждение"),
        (1, "ВКонтакте: опубликуем только 1, остальные сохраним как подтверждение"),
        (2, "ВКонтакте: фото опубликуем"),
    ],
)
async def test_the_preview_says_where_the_photos_will_be_seen(stage: Stage, limit: int, says: str) -> None:
    stage.house = replace(stage.house, rules={"vk": TextRules(3000, photos_limit=limit)})
    await stage.arrive()
    await stage.press(ANNA, "Ответить")
    size = {"file_unique_id": "u", "width": 1, "height": 1}
    album: dict[str, Any] = {"media_group_id": "7"}
    await stage.write(ANNA, photo=[{"file_id": "p1", **size}], caption="Готово", **album)
    await stage.write(ANNA, photo=[{"file_id": "p2", **size}], **album)
    stage.clock.forward(seconds=2)
    await stage.deliver()
    assert says in stage.text(ANNA)


def test_an_old_post_is_still_answered_by_hand() -> None:
    """Every waiting status has the line, and no settled one."""
    by_hand = a_view(Status.ASSIGNED)
    by_hand.posts[0].reply_capability, by_hand.posts[0].reply_reason = MANUAL, "no_token"
    for status in Status:
        by_hand.incident.status = status
        says = "✋" in card(replace(by_hand, incident=by_hand.incident), [], RU).split("ВКонтакте", 1)[1]
        assert says == (status in {Status.ASSIGNED, Status.ACCEPTED, Status.REWORK, Status.INTERIM}), status
