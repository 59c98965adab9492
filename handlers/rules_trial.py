"""/rules try: the three bodies a text would go to, and the rules that lead there. Nothing is stored."""

import re
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import rules_words
from handlers.context import House, Reading
from handlers.excerpts import line, quoted
from handlers.words import Html, Words
from incidents import rules
from incidents.incoming import Guess
from incidents.routing import BodyGuess, suggest_bodies

_TERRITORY: Final = re.compile(
    r"""(?:territory|территория)=(?:["«“„](?P<quoted>[^"»”“]*)["»”“]|(?P<bare>\S+))(?:\s+|$)""", re.IGNORECASE
)
_TEXT: Final = 300  # UTF-16 units
_NAME: Final = 80


async def trial(written: str, reading: Reading, words: Words, house: House) -> Html:
    """What `/rules try` answers. `written`: the text, before it `territory=…` where the page's is to be tried."""
    option = _TERRITORY.match(written)
    territory = (option["quoted"] or option["bare"] or "") if option else ""
    text = written[option.end() :].strip() if option else written.strip()
    if not text:
        return words("rule_refused.usage_try")
    if house.explainer is None:
        return words("rules.not_ready")
    guess = (await house.explainer(text)).guess
    async with reading() as session:
        place = await _territory(session, territory, guess)
        found = await suggest_bodies(
            session,
            guess.topics,
            territory=place,
            subtopics=guess.subtopics,
            owner=guess.owner,
            named=guess.bodies,
        )
        return _told(text, guess, place, found, words)


async def _territory(session: AsyncSession, asked: str, guess: Guess) -> str:
    """The territory asked for, as it is spelled; else the one the text names, where a page or a rule knows it."""
    if asked:
        return (await rules.spelled(session, asked.strip()))[0]
    for named in (guess.territory, guess.place):
        known, unknown = await rules.spelled(session, named)
        if known and unknown is None:
            return known
    return ""


def _told(text: str, guess: Guess, territory: str, found: list[BodyGuess], words: Words) -> Html:
    topic = guess.topic
    name = rules_words.topic_words(topic.value, words)
    lines = [
        words("rules.tried", text=quoted(text, _TEXT, lines=4)),
        words("rules.tried_topic", topic=name, percent=_percent(topic.confidence)),
    ]
    if guess.subtopics:
        best = guess.subtopics[0]
        name = rules_words.topic_words(best.value, words)
        lines.append(words("rules.tried_subtopic", topic=name, percent=_percent(best.confidence)))
    if territory:
        lines.append(words("rules.tried_territory", territory=line(territory, _NAME)))
    else:
        lines.append(words("rules.tried_no_territory"))
    if guess.owner:
        lines.append(words("rules.tried_owner", owner=words.name("owner", guess.owner)))
    else:
        lines.append(words("rules.tried_no_owner"))
    lines.append(Html(""))
    lines += [
        words(
            "rules.tried_body",
            number=number,
            body=line(one.body.name, _NAME),
            percent=_percent(one.confidence),
            why=rules_words.why_guessed(one, words),
        )
        for number, one in enumerate(found, 1)
    ]
    if not found:
        lines.append(words("rules.tried_nobody", code=topic.value))
    return Html("\n".join(lines))


def _percent(confidence: float) -> int:
    return round(100 * confidence)
