"""A simulated quarter of presses with drift: does learning from them help, and can one person harm it?

`python -m benchmarks.quarter` takes some twenty minutes of one core, prints a table and writes the curve to
docs/classifier/quarter.svg. Half of the shipped corpus is what the model knows, the other half arrives post by post.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from benchmarks.quarter_town import TERRITORY, People, Plan, body_of, build, shares
from classifier import corpus_rows
from classifier.calibrate import hold_out
from classifier.calibration import Calibration
from classifier.challenger import CORRECTION, challenge
from classifier.corpus_rows import RESIDENT, Row
from classifier.model import TOPIC, Model
from classifier.place import PlaceFinder
from classifier.presses import presses_of
from classifier.reading import ModelClassifier
from classifier.shipped import learn_shipped
from classifier.thresholds import thresholds
from classifier.trials import Verdict
from incidents.incoming import Guess
from incidents.intake import TriageRules
from incidents.teaching import training_rows
from models import Body
from models.database import Database, open_database

BEGAN: Final = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
OUT: Final = Path(__file__).resolve().parent.parent / "docs" / "classifier" / "quarter.svg"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Side:
    """One week of one model: of `posts` residents' posts how many topics were right, and how many bodies; how many
    posts it would send to a body by itself, and how many of those with the right topic.

    `victim`, `new`: of the saboteur's class and of the new topic, posts and how many were right.
    """

    posts: int
    right: int
    bodies: int
    sent: int
    sent_right: int
    victim: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Week:
    number: int
    without: Side
    learning: Side
    verdict: str
    rules_changed: int


def first_model(known: Sequence[Row], *, tell: Tell) -> tuple[Model, Calibration]:
    """The shipped model of that half, calibrated as the shipped one is."""
    tell("measuring the half that is known")
    answers, sharpness, curves = hold_out(known)
    calibration = Calibration(sharpness=sharpness, curves=curves, thresholds=thresholds(answers[TOPIC]))
    tell("learning it")
    return learn_shipped(known, model_id="half", calibration=calibration), calibration


async def simulate(
    plan: Plan,
    folder: Path,
    *,
    known: Sequence[Row],
    flow: Sequence[Sequence[Row]],
    first: tuple[Model, Calibration],
    correction: float = CORRECTION,
    tell: Tell = lambda line: None,
) -> list[Week]:
    """Week after week: posts come, people press, the night learns (unless the plan says not to)."""
    database = open_database(f"sqlite+aiosqlite:///{folder / 'quarter.sqlite3'}")
    try:
        return await _quarter(plan, database, known, flow, first, correction, tell)
    finally:
        await database.close()


async def _quarter(
    plan: Plan,
    database: Database,
    known: Sequence[Row],
    flow: Sequence[Sequence[Row]],
    first: tuple[Model, Calibration],
    correction: float,
    tell: Tell,
) -> list[Week]:
    actors = await build(database, plan, now=BEGAN)
    async with database.reading() as session:
        bodies = {body.code: body.id for body in await session.scalars(select(Body))}
    people, places = People(plan, actors, bodies), PlaceFinder((TERRITORY,))
    shipped, calibration = first
    champion = shipped
    seen_until: datetime | None = None
    weeks = []
    for number, rows in enumerate(flow, 1):
        begins = BEGAN + timedelta(weeks=number - 1)
        texts = [row.text for row in rows]
        guesses = ModelClassifier(champion, places).classify(texts)
        idle = ModelClassifier(shipped, places).classify(texts)
        sent_to = []
        for at, (row, guess) in enumerate(zip(rows, guesses, strict=True)):
            async with database.writing() as session:
                sent_to.append(
                    await people.take(
                        session, row, guess, number=1000 * number + at, week=number, now=_at(begins, at, rows)
                    )
                )
        ends = begins + timedelta(weeks=1)
        verdict, changed = "", 0
        if plan.learns:
            async with database.reading() as session:
                lessons = await training_rows(session, since=BEGAN, until=ends)
            trial = challenge(
                presses_of(lessons.rows)[0],
                champion=champion,
                model_id=f"week{number}",
                corpus=known,
                calibration=calibration,
                seen_until=seen_until,
                correction=correction,
            )
            verdict = _said(trial.verdict, trial.figures)
            if trial.model is not None:
                champion = trial.model
                seen_until = datetime.fromisoformat(trial.model.about["newest_post"])
            async with database.writing() as session:
                changed = await people.change_rules(session, now=ends)
        suggested = [body for body, _ in sent_to]
        week = Week(
            number,
            without=_side(plan, number, rows, idle, [body_of(one.topic.value, plan, week=1) for one in idle]),
            learning=_side(plan, number, rows, guesses, suggested),
            verdict=verdict,
            rules_changed=changed,
        )
        weeks.append(week)
        tell(line_of(week))
    return weeks


def _at(begins: datetime, at: int, rows: Sequence[Row]) -> datetime:
    return begins + timedelta(days=6) * (at / len(rows))


def _said(verdict: Verdict, figures: Mapping[str, Any]) -> str:
    topics = figures.get(TOPIC)
    if topics is None:
        return verdict.value
    worse = f" ({', '.join(topics['worse'])})" if topics["worse"] else ""
    return f"{verdict.value} {topics['champion']}→{topics['challenger']} of {topics['rows']}{worse}"


def _side(
    plan: Plan, week: int, rows: Sequence[Row], guesses: Sequence[Guess], bodies: Sequence[str]
) -> Side:
    said = [
        (row, guess, body)
        for row, guess, body in zip(rows, guesses, bodies, strict=True)
        if row.voice == RESIDENT
    ]
    right = [row.topic == guess.topic.value for row, guess, _ in said]
    sent = [_would_send(guess) for _, guess, _ in said]
    return Side(
        posts=len(said),
        right=sum(right),
        bodies=sum(body == body_of(row.topic, plan, week=week) for row, _, body in said),
        sent=sum(sent),
        sent_right=sum(one and other for one, other in zip(right, sent, strict=True)),
        victim=_of(plan.victim, said, right),
        new=_of(plan.new_topic, said, right),
    )


def _of(topic: str, said: Sequence[tuple[Row, Guess, str]], right: Sequence[bool]) -> tuple[int, int]:
    own = [was for (row, _, _), was in zip(said, right, strict=True) if row.topic == topic]
    return len(own), sum(own)


def _would_send(guess: Guess) -> bool:
    """As intake decides."""
    sure = guess.topic.confidence >= max(TriageRules().threshold, guess.topic_threshold)
    return sure and guess.needs_answer and not guess.official_reply and not guess.spam


# -- telling


def line_of(week: Week) -> str:
    """One row of the table."""
    one, two = week.without, week.learning
    return (
        f"| {week.number} | {one.right / one.posts:.0%} | {two.right / two.posts:.0%} "
        f"| {one.bodies / one.posts:.0%} | {two.bodies / two.posts:.0%} "
        f"| {_sent(one)} | {_sent(two)} | {_share(two.new)} | {_share(two.victim)} "
        f"| {week.verdict}{'; rule changed' if week.rules_changed else ''} |"
    )


HEAD: Final = (
    "| week | topic right, without | with | body right, without | with | by itself, without | with "
    "| new topic | saboteur's class | the night |\n|---|---|---|---|---|---|---|---|---|---|"
)


def _sent(side: Side) -> str:
    right = f"{side.sent_right / side.sent:.0%}" if side.sent else "—"
    return f"{side.sent / side.posts:.0%}, right {right}"


def _share(counts: tuple[int, int]) -> str:
    return f"{counts[1]}/{counts[0]}" if counts[0] else "—"


_STYLE: Final = (
    "<style>.q{font:11px system-ui,sans-serif;--ink:#1c2330;--line:#d8dde6;--on:#2563c9;--off:#98a2b3;--mark:#b4530a}"
    ".q text{fill:var(--ink)}.q .line{stroke:var(--line)}.q path{fill:none;stroke-width:2}.q .on{stroke:var(--on)}"
    ".q .off{stroke:var(--off)}.q .mark{stroke:var(--mark);stroke-dasharray:4 3}.q .dash{stroke-dasharray:2 4}"
    "@media(prefers-color-scheme:dark){.q{--ink:#e6eaf2;--line:#3a4354;--on:#6ea8ff;--off:#667085;--mark:#ffb066}}"
    "</style>"
)


def picture(weeks: Sequence[Week], plan: Plan) -> str:
    """The curve: share of right topics and (dotted) of right bodies, week by week, with and without learning."""
    floor = 0.3

    def x(number: float) -> float:
        return 44 + (number - 1) * 500 / max(len(weeks) - 1, 1)

    def y(share: float) -> float:
        return 16 + (1 - max(share, floor)) * 230 / (1 - floor)

    def curve(style: str, values: Sequence[float]) -> str:
        points = "L".join(f"{x(at):.0f} {y(one):.0f}" for at, one in enumerate(values, 1))
        return f'<path class="{style}" d="M{points}"/>'

    grid = [
        f'<path class="line" d="M44 {y(one):.0f}H544"/>'
        f'<text x="38" y="{y(one) + 4:.0f}" text-anchor="end">{one:.0%}</text>'
        for one in (0.4, 0.6, 0.8, 1.0)
    ]
    ticks = [
        f'<text x="{x(one.number):.0f}" y="264" text-anchor="middle">{one.number}</text>' for one in weeks
    ]
    events = [
        f'<path class="mark" d="M{x(week):.0f} 16V246"/>'
        f'<text x="{x(week) + 5:.0f}" y="{240 - 14 * place}">{words}</text>'
        for place, (week, words) in enumerate(
            [(plan.appears, "появляется новая тема"), (plan.moves, "дело уходит другому органу")]
        )
        if week <= len(weeks)
    ]
    curves = [
        curve("off", [one.without.right / one.without.posts for one in weeks]),
        curve("on", [one.learning.right / one.learning.posts for one in weeks]),
        curve("off dash", [one.without.bodies / one.without.posts for one in weeks]),
        curve("on dash", [one.learning.bodies / one.learning.posts for one in weeks]),
    ]
    key = (
        '<path class="on" d="M44 284h24"/><text x="74" y="288">учится на нажатиях</text>'
        '<path class="off" d="M214 284h24"/><text x="244" y="288">не учится</text>'
        '<text x="330" y="288">сплошная: тема, точки: орган</text>'
    )
    title = "Доля верных тем и органов по неделям"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 298" class="q" role="img" aria-label="{title}">'
        f"<title>{title}</title>{_STYLE}{''.join([*grid, *ticks, *events, *curves])}{key}</svg>\n"
    )


def main() -> None:
    """Run the whole quarter."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.quarter", description=__doc__)
    options.add_argument("--weeks", type=int, default=13)
    options.add_argument("--posts", type=int, default=250)
    options.add_argument("--correction", type=float, default=CORRECTION)
    options.add_argument("--out", type=Path, default=OUT)
    asked = options.parse_args()
    plan = Plan(weeks=asked.weeks, posts=asked.posts)
    known, flow = shares(corpus_rows.lesson(), plan)
    first = first_model(known, tell=lambda line: print(line, file=sys.stderr))  # noqa: T201
    print(HEAD)  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        weeks = asyncio.run(
            simulate(
                plan,
                Path(folder),
                known=known,
                flow=flow,
                first=first,
                correction=asked.correction,
                tell=lambda line: print(line, flush=True),  # noqa: T201
            )
        )
    asked.out.write_text(picture(weeks, plan), encoding="utf-8")


if __name__ == "__main__":
    main()
