"""From a resident's words to the answer under them, in every network; a client we did not write reads it there."""

from collections.abc import Callable

import pytest

from collectors.contract import Publisher
from collectors.editing import Editor
from models import Incident, Post, PublicationState, ReplyCapability, Status
from tests.scenarios.network_lines import LINES
from tests.scenarios.network_stage import Stage, network_stage
from tests.scenarios.network_world import Line
from tests.scenarios.x_lines import OlderXLine

KINDS: tuple[type[Line], ...] = (*LINES, OlderXLine)
Words = Callable[[Publisher], str]


def longest(publisher: Publisher) -> str:
    """As much as the network takes."""
    text = "Всё ещё чиним. " * publisher.text_limit
    while publisher.measure(text) > publisher.text_limit:
        text = text[: -max(1, publisher.measure(text) - publisher.text_limit)].rstrip()
    text += "!" * (publisher.text_limit - publisher.measure(text))
    assert publisher.measure(text) == publisher.text_limit
    return text


WORDS: dict[str, Words] = {
    "cyrillic": lambda _: "Здравствуйте! Яму на улице Ленина засыпем до пятницы.",
    "emoji": lambda _: "Спасибо! 👷🏽‍♀️🚧 Уже едем 🇷🇺",
    "signs": lambda _: 'Ёлки-палки: «100 %» & <b>не тег</b> — съёмка\n\nС уважением, ЖЭК № 5 "Юг"',
    "longest": longest,
}
CASES = [pytest.param(kind, words, True, id=f"{kind.__name__}-{words}") for kind in KINDS for words in WORDS]
CASES += [
    pytest.param(kind, "cyrillic", False, id=f"{kind.__name__}-post") for kind in KINDS if kind.takes_posts
]


@pytest.mark.parametrize(("kind", "words", "comment"), CASES)
async def test_a_resident_writes_and_reads_one_answer(kind: type[Line], words: str, *, comment: bool) -> None:
    async with network_stage([kind]) as stage:
        line, program = stage.lines[kind.network.name], stage.program
        text = WORDS[words](program.publishers[line.name])
        await program.read()
        stage.clock.forward(minutes=6)
        asked = await line.offer("Яма на Ленина — ёлки, когда засыплют? 🕳", comment=comment)
        post, incident = await _collected(stage, asked)
        assert (post.text.endswith("когда засыплют? 🕳"), post.is_official) == (True, False)
        assert (post.reply_capability, incident.status) == (ReplyCapability.API, Status.ASSIGNED)
        await program.accept(incident.id)
        assert (await program.incident(incident.id)).status is Status.ACCEPTED
        await program.respond(lambda network: text)
        assert (await program.incident(incident.id)).status is Status.APPROVED
        assert await line.judge(asked) == []
        stage.clock.forward(seconds=30)
        await program.publish()
        assert await line.judge(asked) == [text]
        published = await program.publication()
        assert published.state is PublicationState.PUBLISHED
        assert (await program.incident(incident.id)).status is Status.ANSWERED
        await _is_read_back(stage, published.native_id or "", text)
        assert await line.judge(asked) == [text]
        assert program.heard == []


async def _collected(stage: Stage, native_id: str) -> tuple[Post, Incident]:
    """The resident's words as they were stored, and the one incident they made."""
    await stage.program.read()
    (post,) = await stage.program.posts(native_id=native_id)
    (incident,) = await stage.program.incidents()
    assert post.incident_id == incident.id
    return post, incident


async def _is_read_back(stage: Stage, native_id: str, text: str) -> None:
    """Our own answer is brought as an official page's, and is nobody's incident."""
    stage.clock.forward(minutes=6)
    await stage.program.read()
    (own,) = await stage.program.posts(native_id=native_id)
    assert (own.is_official, own.incident_id) == (True, None)
    assert own.text.endswith(text)
    assert len(await stage.program.incidents()) == 1
    await stage.program.publish()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_an_answer_that_stands_gets_other_words(kind: type[Line]) -> None:
    """Where the network allows it the program does it; elsewhere a person is given the words."""
    async with network_stage([kind]) as stage:
        line, program = stage.lines[kind.network.name], stage.program
        await program.read()
        stage.clock.forward(minutes=6)
        asked = await line.offer("Яма на Ленина", comment=True)
        _, incident = await _collected(stage, asked)
        await program.respond(lambda network: "Заделаем до пятницы, 6 марта.")
        await program.publish()
        first = await program.publication()
        stage.clock.forward(minutes=5)
        await program.correct(incident.id, "Заделаем до вторника, 10 марта.")
        stage.clock.forward(seconds=30)
        await program.publish()
        second = await program.publication(edits_id=first.id)
        assert (await program.incident(incident.id)).status is Status.ANSWERED
        if isinstance(program.publishers[line.name], Editor):
            assert await line.judge(asked) == ["Заделаем до вторника, 10 марта."]
            assert (second.state, second.native_id) == (PublicationState.PUBLISHED, first.native_id)
            await program.publish()  # nothing is left to do
        else:
            assert await line.judge(asked) == ["Заделаем до пятницы, 6 марта."]
            assert (second.state, second.url) == (PublicationState.BY_HAND, first.url)
        assert program.heard == []
