"""A channel's discussion group as a source, through the whole program and back."""

from sqlalchemy import select

from models import Body, ChatState, Community, Incident, Post, PushRow, Status
from tests.bot.bot_stage import until
from tests.bot.test_app import ANNA, World, running
from tests.conftest import NOON
from tests.scenarios.sources_stage import answer, channels, count, settled, status_of


async def test_a_comment_in_the_discussion_group_gets_its_answer_there(world: World) -> None:
    async with settled(world) as database:
        chats = await channels(world, database)
        async with running(world):
            news = world.telegram.say(chats.olga, "Новости недели", chat_id=chats.channel)
            comment = world.telegram.comment(chats.petr, chats.channel, news.id, "Яма на Ленина")
            await answer(world, 1, "Яма на Ленина", "Заделаем до пятницы")
            await until(lambda: world.telegram.messages(chats.group)[-1]["from"]["is_bot"])
            await until(lambda: any("Отвечено" in one for one in world.texts(ANNA)))
        told = world.telegram.messages(chats.group)[-1]
        assert (told["text"], told["reply_to"]) == ("Заделаем до пятницы", comment.id)
        assert told["root_id"] == comment.root_id
        assert not any("Новости" in one for one in world.texts(ANNA))  # the page's own words
        assert await count(database, Incident) == 1
        assert await count(database, Post, Post.is_official) == 2  # the post and its copy
        assert await count(database, PushRow, PushRow.done_at.is_(None)) == 0
        assert await status_of(database, 1) is Status.ANSWERED
    assert world.telegram.summary()["errors"] == 0


async def test_who_answers_as_the_channel_past_the_bot_is_noticed(world: World) -> None:
    async with settled(world) as database:
        chats = await channels(world, database)
        async with running(world):
            news = world.telegram.say(chats.olga, "Новости недели", chat_id=chats.channel)
            asked = world.telegram.comment(chats.petr, chats.channel, news.id, "Яма на Ленина")
            await until(lambda: any("Яма на Ленина" in one for one in world.texts(ANNA)))
            assert await status_of(database, 1) is Status.ASSIGNED
            world.telegram.edit(chats.petr, chats.group, asked.id, "Две ямы на Ленина")
            await until(lambda: any("Две ямы" in one for one in world.texts(ANNA)))
            world.telegram.say(
                chats.olga,
                "Бригада выехала",
                chat_id=chats.group,
                reply_to=asked.id,
                spoken_as=chats.channel,
            )

            async def is_answered() -> bool:
                return await status_of(database, 1) is not Status.ASSIGNED

            await until(is_answered)
        assert await status_of(database, 1) is Status.ANSWERED
        assert await count(database, Incident) == 1


async def test_other_chats_are_no_source(world: World) -> None:
    async with settled(world) as database:
        chats = await channels(world, database)
        yard = world.telegram.create_supergroup("Соседи", [chats.petr], bot_status="administrator").id
        work = world.telegram.create_supergroup("Работа", [chats.petr], bot_status="administrator").id
        async with database.writing() as session:
            session.add(Community(network="telegram", native_id=str(work), added_at=NOON))
            session.add(
                Body(code="housing", name="ЖКХ", chat_id=work, chat_state=ChatState.LIVE, created_at=NOON)
            )
        async with running(world):
            for chat_id in (yard, work):
                world.telegram.say(chats.petr, "Яма у соседей", chat_id=chat_id)
            world.telegram.say(chats.olga, "Последняя яма", chat_id=chats.group)
            await until(lambda: any("Последняя яма" in one for one in world.texts(ANNA)))
        async with database.reading() as session:
            assert list(await session.scalars(select(Post.text))) == ["Последняя яма"]


async def test_an_answer_in_the_discussion_group_gets_other_words(world: World) -> None:
    async with settled(world) as database:
        chats = await channels(world, database)
        async with running(world):
            news = world.telegram.say(chats.olga, "Новости недели", chat_id=chats.channel)
            world.telegram.comment(chats.petr, chats.channel, news.id, "Яма на Ленина")
            await answer(world, 1, "Яма на Ленина", "Заделаем до пятницы")
            await until(lambda: any("Отвечено" in one for one in world.texts(ANNA)))
            world.telegram.press(ANNA, ANNA, world.last("Отвечено"), data="a1.rev:1")
            await until(lambda: any("ответ уже опубликован" in one for one in world.texts(ANNA)))
            world.telegram.say(ANNA, "Заделаем до среды", reply_to=world.last("ответ уже опубликован"))
            await until(lambda: any("Новый текст ответа" in one for one in world.texts(ANNA)))
            world.telegram.press(ANNA, ANNA, world.last("Сейчас под постом"), data="a1.revs:2")
            await until(lambda: any("Ответ исправлен" in one for one in world.texts(ANNA)))
        told = [one for one in world.telegram.messages(chats.group) if one["from"]["is_bot"]]
        assert [one["text"] for one in told] == ["Заделаем до среды"]
        assert await status_of(database, 1) is Status.ANSWERED
    assert world.telegram.summary()["errors"] == 0
