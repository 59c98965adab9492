"""Of several rules the one that says more wins; a body's confidence is what leads to it."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from incidents.incoming import Scored
from incidents.routing import ANY_TOPIC, suggest_bodies
from models import Body, ChatState, Route
from models.database import Database
from models.kinds import Owner
from tests.incidents.conftest import ON_SQLITE
from tests.incidents.rules_stage import Rule, put_body, put_routes

ROADS = (Scored("roads", 0.8), Scored("housing", 0.1), Scored("waste", 0.05))
POTHOLES = (Scored("roads.potholes", 0.6), Scored("roads.snow", 0.1))


async def suggested(
    database: Database,
    *,
    topics: Sequence[Scored] = ROADS,
    subtopics: Sequence[Scored] = (),
    territory: str = "",
    owner: str = "",
    named: Sequence[Scored] = (),
    keyword_bodies: Sequence[int] = (),
) -> list[tuple[str, float]]:
    async with database.reading() as session:
        found = await suggest_bodies(
            session,
            topics,
            territory=territory,
            subtopics=subtopics,
            owner=owner,
            named=named,
            keyword_bodies=keyword_bodies,
        )
    return [(one.body.code, one.confidence) for one in found]


async def put(database: Database, *rules: Rule) -> list[int]:
    async with database.writing() as session:
        return [route.id for route in await put_routes(session, rules)]


# The weaker rule first; for a pothole on a municipal road of Заречный.
STRONGER: list[tuple[tuple[str, str, str], tuple[str, str, str]]] = [
    ((ANY_TOPIC, "", ""), ("roads", "", "")),
    ((ANY_TOPIC, "Заречный", "municipal"), ("roads", "", "")),
    (("roads", "", ""), ("roads.potholes", "", "")),
    (("roads", "", ""), ("roads", "Заречный", "")),
    (("roads", "", ""), ("roads", "", "municipal")),
    (("roads", "Заречный", ""), ("roads.potholes", "", "")),
    (("roads", "Заречный", ""), ("roads", "", "municipal")),
    (("roads.potholes", "Заречный", ""), ("roads", "", "municipal")),
    (("roads", "Заречный", "municipal"), ("roads.potholes", "", "municipal")),
    ((ANY_TOPIC, "Заречный", ""), (ANY_TOPIC, "", "municipal")),
    ((ANY_TOPIC, "", ""), (ANY_TOPIC, "Заречный", "")),
]


@pytest.mark.parametrize(("weaker", "stronger"), STRONGER)
async def test_the_rule_that_says_more_wins(
    database: Database, weaker: tuple[str, str, str], stronger: tuple[str, str, str]
) -> None:
    rules = [(*weaker, "weak"), (*stronger, "strong")]
    for in_order in (rules, rules[::-1]):
        async with database.writing() as session:
            await session.execute(delete(Route))
        await put(database, *in_order)
        found = await suggested(
            database,
            topics=(Scored("roads", 0.8),),
            subtopics=(Scored("roads.potholes", 0.8),),
            territory="Заречный",
            owner="municipal",
        )
        assert found == [("strong", 0.8), ("weak", 0.0)]


RULES: list[Rule] = [
    ("roads", "Южный", "", "other_place"),
    ("roads", "", "federal", "other_owner"),
    ("roads.snow", "", "", "other_subtopic"),
    ("waste", "", "", "other_topic"),
]


@pytest.mark.parametrize("rule", RULES)
async def test_a_rule_for_something_else_gives_no_confidence(database: Database, rule: Rule) -> None:
    await put(database, rule)
    sure, within = (Scored("roads", 0.8),), (Scored("roads.potholes", 0.8),)
    found = await suggested(database, topics=sure, subtopics=within, territory="Заречный", owner="municipal")
    assert found == []


# -- confidence


@ON_SQLITE
async def test_topics_of_one_body_make_it_surer(database: Database) -> None:
    await put(database, ("roads", "", "", "town"), ("housing", "", "", "town"), ("waste", "", "", "waste"))
    assert await suggested(database) == [("town", 0.9), ("waste", 0.05)]


@ON_SQLITE
async def test_a_subtopic_takes_its_part_of_its_topic(database: Database) -> None:
    await put(database, ("roads.potholes", "", "", "repairs"), ("roads", "", "", "ministry"))
    assert await suggested(database, subtopics=POTHOLES) == [("repairs", 0.6), ("ministry", 0.2)]
    # Subtopics surer than their topic have no more than it; those of no topic guessed have nothing.
    too_sure = (Scored("roads.potholes", 1.0), Scored("roads.snow", 1.0), Scored("sport.clubs", 1.0))
    assert await suggested(database, subtopics=too_sure) == [("repairs", 0.4), ("ministry", 0.4)]


@ON_SQLITE
async def test_rules_that_say_as_much_share(database: Database) -> None:
    await put(database, ("roads", "", "", "first"), ("roads", "", "", "second"), (ANY_TOPIC, "", "", "last"))
    assert await suggested(database) == [("first", 0.4), ("second", 0.4), ("last", 0.15)]


@ON_SQLITE
async def test_the_rule_that_leads_there_is_told(database: Database) -> None:
    numbers = await put(
        database, ("roads", "", "", "town"), ("housing", "", "", "town"), ("roads", "", "federal", "fku")
    )
    async with database.reading() as session:
        found = await suggest_bodies(session, ROADS, territory="")
    assert [(one.body.code, one.rule and one.rule.id) for one in found] == [
        ("town", numbers[0]),
        ("fku", numbers[2]),
    ]


@ON_SQLITE
async def test_where_the_owner_is_not_known_each_is_possible_and_none_is_sure(database: Database) -> None:
    await put(
        database,
        ("roads", "", "federal", "fku"),
        ("roads", "Заречный", "municipal", "town"),
        ("housing", "", "", "housing"),
    )
    assert await suggested(database, territory="Заречный") == [("housing", 0.1), ("town", 0.0), ("fku", 0.0)]
    assert await suggested(database, territory="Заречный", owner="federal") == [
        ("fku", 0.8),
        ("housing", 0.1),
    ]


@ON_SQLITE
async def test_keywords_come_first_and_keep_the_confidence_of_the_rules(database: Database) -> None:
    await put(database, ("roads", "", "", "town"), ("housing", "", "", "housing"))
    async with database.writing() as session:
        dogs = await put_body(session, "dogs")
        dead = await put_body(session, "dead", chat=ChatState.DEAD)
        housing = await session.get_one(Body, 2)
    found = await suggested(database, keyword_bodies=[dogs.id, dead.id, housing.id])
    assert found == [("housing", 0.1), ("dogs", 0.0), ("town", 0.8)]


# -- a learned model


async def named_town(database: Database) -> None:
    async with database.writing() as session:
        await put_body(session, "town", name="Администрация «Заречный»")
        await put_body(session, "roads", name="Минтранс")
        await put_body(session, "twin1", name="Школа № 1")
        await put_body(session, "twin2", name="Школа №1")
        await put_body(session, "dead", name="Без чата", chat=ChatState.NONE)


@ON_SQLITE
async def test_a_learned_models_bodies_are_known_by_their_names(database: Database) -> None:
    await named_town(database)
    named = [
        Scored("администрация ЗАРЕЧНЫЙ", 0.5),
        Scored("минтранс", 0.2),
        Scored("Школа №1", 0.1),
        Scored("Без чата", 0.1),
        Scored("Минздрав", 0.1),
    ]
    assert await suggested(database, named=named) == [("town", 0.5), ("roads", 0.2)]


@ON_SQLITE
async def test_a_model_that_agrees_makes_no_surer_than_the_surer_one(database: Database) -> None:
    await named_town(database)
    await put(database, ("roads", "", "", "roads"))
    assert await suggested(database, named=[Scored("Минтранс", 0.5)]) == [("roads", 0.8)]
    assert await suggested(database, named=[Scored("Минтранс", 0.95)]) == [("roads", 0.95)]


@ON_SQLITE
async def test_a_model_that_disagrees_takes_away_half_of_what_it_is_sure_of(database: Database) -> None:
    await named_town(database)
    await put(database, ("roads", "", "", "roads"))
    found = await suggested(database, named=[Scored("Администрация Заречный", 0.5)])
    assert found == [("roads", 0.6), ("town", 0.3)]


# -- always

TOPICS = ("roads", "roads.potholes", "roads.snow", "housing", "housing.lift", ANY_TOPIC)
_rule = st.tuples(
    st.sampled_from(TOPICS),
    st.sampled_from(("", "Заречный", "Южный")),
    st.sampled_from(("", *(owner.value for owner in Owner))),
    st.sampled_from(("alive1", "alive2", "alive3", "alive4", "dead", "gone")),
)
_share = st.floats(0, 1, allow_nan=False).map(lambda one: round(one, 3))


@st.composite
def guesses(draw: st.DrawFn) -> tuple[list[Scored], list[Scored]]:
    sure = sorted(draw(st.lists(_share, min_size=2, max_size=2)), reverse=True)
    total = max(sum(sure), 1.0)
    topics = [Scored(code, one / total) for code, one in zip(("roads", "housing"), sure, strict=True)]
    subs = draw(st.lists(_share, min_size=3, max_size=3))
    codes = ("roads.potholes", "roads.snow", "housing.lift")
    return topics, [Scored(code, one / 3) for code, one in zip(codes, subs, strict=True)]


def says_more(one: Rule, other: Rule) -> bool:
    """In every respect as much, and in some more."""

    def measure(rule: Rule) -> tuple[int, bool, bool]:
        return (0 if rule[0] == ANY_TOPIC else 1 + ("." in rule[0])), bool(rule[1]), bool(rule[2])

    pairs = list(zip(measure(one), measure(other), strict=True))
    return all(left >= right for left, right in pairs) and any(left > right for left, right in pairs)


def fits(rule: Rule, code: str, territory: str, owner: str) -> bool:
    return (
        rule[0] in {code, code.split(".", maxsplit=1)[0], ANY_TOPIC}
        and rule[1] in {"", territory}
        and rule[2] in {"", owner}
    )


@ON_SQLITE
async def test_whatever_the_rules_the_best_three_are_in_order(database: Database) -> None:
    async with database.writing() as session:
        for code in ("alive1", "alive2", "alive3", "alive4"):
            await put_body(session, code)
        await put_body(session, "dead", chat=ChatState.DEAD)
        await put_body(session, "gone", is_active=False)
    beaten_rules = 0

    async def check(
        rules: list[Rule], guessed: tuple[list[Scored], list[Scored]], territory: str, owner: str
    ) -> None:
        async with database.writing() as session:
            await session.execute(delete(Route))
            await put_routes(session, rules)
        nonlocal beaten_rules
        topics, subtopics = guessed

        async def ask() -> list[tuple[str, float]]:
            return await suggested(
                database, topics=topics, subtopics=subtopics, territory=territory, owner=owner
            )

        found = await ask()
        assert found == await ask()
        assert len(found) <= 3
        assert not {code for code, _ in found} & {"dead", "gone"}
        assert len({code for code, _ in found}) == len(found)
        assert all(left[1] >= right[1] for left, right in pairwise(found))
        assert sum(one for _, one in found) <= 1 + 1e-5
        # One code alone: of two rules that fit, the one that says more in every respect has it all.
        for code in ("roads.potholes", "housing.lift"):
            topic = code.split(".", maxsplit=1)[0]
            alone = await suggested(
                database,
                topics=[Scored(topic, 0.9)],
                subtopics=[Scored(code, 0.9)],
                territory=territory,
                owner=owner,
            )
            fitting = [one for one in rules if fits(one, code, territory, owner) and "alive" in one[3]]
            best = {one[3] for one in fitting if not any(says_more(other, one) for other in fitting)}
            sure = {code for code, confidence in alone if confidence > 0}
            assert sure <= best
            assert bool(sure) == bool(fitting)
            beaten_rules += len({one[3] for one in fitting} - best)

    plain = ([Scored("roads", 0.9)], [Scored("roads.potholes", 0.5)])
    beaten: list[Rule] = [("roads.potholes", "", "", "alive1"), ("roads", "", "", "alive2")]
    examples: list[tuple[list[Rule], tuple[list[Scored], list[Scored]], str, str]] = [(beaten, plain, "", "")]

    @given(
        st.lists(_rule, max_size=8, unique=True),
        guesses(),
        st.sampled_from(("", "Заречный")),
        st.sampled_from(("", "municipal", "federal")),
    )
    def collect(
        rules: list[Rule], guessed: tuple[list[Scored], list[Scored]], territory: str, owner: str
    ) -> None:
        examples.append((rules, guessed, territory, owner))

    collect()
    for example in examples:
        await check(*example)
    assert beaten_rules, "no example had a weaker rule: nothing was tested"
