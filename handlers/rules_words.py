"""A rule in words: what it says, why a body was suggested, and the command that makes it."""

from collections.abc import Iterable
from typing import Final

from handlers.excerpts import line
from handlers.words import Html, Words
from incidents.routing import ANY_TOPIC, BodyGuess
from incidents.rubricator import Subtopic, Topic, rubricator, subtopics, topic_of
from incidents.rules import Listed, RuleLine
from models import Body, ChatState, Language, Route

_NAME: Final = 80  # UTF-16 units
_TERRITORY: Final = 60
_NOTE: Final = 100


def topic_words(code: str, words: Words) -> str:
    """The name of a topic or subtopic; the code itself where the rubricator no longer has it."""
    if code == ANY_TOPIC:
        return words.plain("rules.any_topic")
    found: Topic | Subtopic | None = rubricator().get(code) or subtopics().get(code)
    if found is None:
        return code
    return found.name_en if words.language is Language.EN else found.name_ru


def no_such_topic(written: str, words: Words) -> Html:
    """The refusal, with every topic to choose from."""
    return words("rule_refused.topic", value=line(written, _TERRITORY), topics=topics_list(words))


def topics_list(words: Words) -> Html:
    """Every topic with its code, a line each."""
    return _lines(
        words("rules.topic_line", name=topic_words(code, words), code=code) for code in rubricator()
    )


def _conditions(rule: Route | RuleLine, words: Words) -> Html:
    """As «тема «Дороги», территория «Заречный», муниципальное»."""
    if rule.topic == ANY_TOPIC:
        parts = [words("rules.if_any_topic")]
    else:
        main = topic_of(rule.topic)
        parts = [words("rules.if_topic", name=topic_words(main, words))]
        if main != rule.topic:
            parts.append(words("rules.if_subtopic", name=topic_words(rule.topic, words)))
    if rule.territory:
        parts.append(words("rules.if_territory", name=line(rule.territory, _TERRITORY)))
    if rule.owner:
        parts.append(words("rules.if_owner", owner=words.name("owner", rule.owner)))
    return Html(", ".join(parts))


def why(rule: Route, body: Body, words: Words) -> Html:
    """As «тема «Дороги», территория «Заречный», муниципальное → Горсовет (правило № 12)»."""
    return words("rules.why", what=_conditions(rule, words), body=line(body.name, _NAME), number=rule.id)


def why_noted(rule: Route, body: Body, words: Words) -> Html:
    """The same with the rule's note on a line of its own."""
    return _noted(why(rule, body, words), rule.note, words)


def why_new(asked: RuleLine, body: Body, words: Words) -> Html:
    """The same of a rule that has no number yet."""
    told = words("rules.why_new", what=_conditions(asked, words), body=line(body.name, _NAME))
    return _noted(told, asked.note or "", words)


def why_guessed(guess: BodyGuess, words: Words) -> Html:
    """Why this body was suggested."""
    if guess.rule is None:
        return words("rules.why_without", body=line(guess.body.name, _NAME))
    return why(guess.rule, guess.body, words)


def _noted(told: Html, note: str, words: Words) -> Html:
    return words("rules.why_noted", why=told, note=line(note, _NOTE)) if note else told


def row(one: Listed, words: Words) -> Html:
    """A line of the list, where the topic stands above."""
    rule, body = one.rule, one.body
    parts = [words("rules.whole_topic") if "." not in rule.topic else topic_words(rule.topic, words)]
    parts.append(line(rule.territory, _TERRITORY) if rule.territory else words("rules.everywhere"))
    parts += [words.name("owner", rule.owner)] if rule.owner else []
    is_live = body.is_active and body.chat_state is ChatState.LIVE
    told = words(
        "rules.row",
        number=rule.id,
        what=" · ".join(parts),
        body=line(body.name, _NAME),
        code=body.code,
        mark="" if is_live else words("rules.not_live"),
    )
    return words("rules.row_note", row=told, note=line(rule.note, _NOTE)) if rule.note else told


def command_of(rule: Route, body: Body) -> str:
    """What a person writes to have the rule."""
    territory = [f"«{rule.territory}»"] if rule.territory else []
    owner = [rule.owner] if rule.owner else []
    command = " ".join(["/rules add", rule.topic, *territory, *owner, body.code])
    return f"{command}\n{rule.note}" if rule.note else command


def _lines(parts: Iterable[Html]) -> Html:
    return Html("\n".join(parts))
