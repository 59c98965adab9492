"""The permission matrix × every button and command × every role, through the real dispatcher.

Allowed works, refused says why, changes nothing and is kept; and nothing of another body's incident leaks.
"""

import importlib
import pkgutil
import re

import pytest
from aiogram.filters.callback_data import CallbackData

from handlers import callbacks
from handlers.commands import COMMANDS, menu
from handlers.words import Words
from incidents.lifecycle import allows
from incidents.people import ANY_BODY, Actor
from incidents.permissions import MATRIX, MEANS, Permission, table, who_may
from models import Language, Role, Status
from tests.conftest import ROOT
from tests.handlers.handlers_stage import Stage
from tests.handlers.permission_table import COMMANDS_SAID, PRESSES, Press, Said
from tests.handlers.permission_world import (
    CAST,
    SECRET_AUTHOR,
    SECRET_PLACE,
    SECRET_TEXT,
    Seen,
    World,
    build,
)

EVERY = {
    one
    for module in pkgutil.iter_modules(callbacks.__path__)
    for one in vars(importlib.import_module(f"handlers.callbacks.{module.name}")).values()
    if isinstance(one, type) and issubclass(one, CallbackData) and one is not CallbackData
}
# What a refusal of rights is called in the audit trail.
RIGHTS = frozenset({"NotAllowed", "NotYours", "NotYourBody", "NotYourColleague", "stranger"})


@pytest.fixture
async def world(stage: Stage) -> World:
    return await build(stage)


def has_right(world: World, who: str, case: Press | Said) -> bool:
    actor = world.actors[who]
    if actor is None or case.needs is None:
        return actor is not None
    return actor.may(case.needs, world.roads if case.of_body else ANY_BODY)


def faults(who: str, name: str, case: Press | Said, seen: Seen, *, may: bool) -> list[str]:
    """What is wrong with how it ended, in words."""
    told = f"{who} {name}: {seen.said or seen.texts[:1]} {seen.refused} {seen.audited}"
    if not may and isinstance(case, Press) and who in case.besides:
        return [] if not seen.refused else [f"should be told what to do: {told}"]
    if not may:
        wrong = [] if set(seen.audited) & RIGHTS else [f"not refused, or not kept: {told}"]
        wrong += [f"refused without a word: {told}"] if not (seen.said or seen.texts) else []
        wrong += [f"refused, and changed {seen.changed}: {told}"] if seen.changed else []
        secrets = (SECRET_TEXT, SECRET_AUTHOR, SECRET_PLACE)
        leaks = [one for one in secrets if one in seen.said or one in "".join(seen.texts)]
        return wrong + ([f"a refusal tells {leaks}: {told}"] if leaks else [])
    expected = case.only is None or who in case.only
    if expected and not seen.works:
        return [f"should work: {told}"]
    return [f"should be refused: {told}"] if not expected and seen.works else []


def test_every_button_and_every_command_is_in_the_table() -> None:
    """A new one: add its line to tests/handlers/permission_table.py, with the right it takes."""
    missing = sorted(one.__name__ for one in EVERY - {case.of for case in PRESSES})
    unsaid = sorted({one.name for one in COMMANDS} - {case.name for case in COMMANDS_SAID})
    assert (missing, unsaid) == ([], []), "add a line to tests/handlers/permission_table.py for each of these"


def test_a_command_in_the_table_takes_the_right_its_menu_says() -> None:
    said = {case.name: case.needs for case in COMMANDS_SAID}
    assert [one.name for one in COMMANDS if one.name in said and said[one.name] is not one.needs] == []


@pytest.mark.parametrize("who", CAST)
async def test_who_has_the_right_is_served_and_nobody_else(world: World, who: str) -> None:
    wrong: list[str] = []
    for case in PRESSES:
        data = case.of(**case.fields(world)).pack()
        seen = await world.press(who, data)
        wrong += faults(who, data, case, seen, may=has_right(world, who, case))
    for said in COMMANDS_SAID:
        text = f"/{said.name} {said.rest(world)}".strip()
        wrong += faults(who, text, said, await world.say(who, text), may=has_right(world, who, said))
    assert wrong == []


@pytest.mark.parametrize("who", ["other_official", "head", "observer", "operator", "former", "stranger"])
async def test_refusals_leave_every_row_as_it_was(world: World, who: str) -> None:
    """Nothing is taken back here: what a refusal writes besides the words and the audit trail would stay."""
    before = await world.rows()
    for case in PRESSES:
        if not has_right(world, who, case):
            await world.press(who, case.of(**case.fields(world)).pack(), keeps=True)
    for said in COMMANDS_SAID:
        if not has_right(world, who, said):
            await world.say(who, f"/{said.name} {said.rest(world)}".strip(), keeps=True)
    assert await world.rows() == before


async def test_a_step_works_exactly_where_the_table_of_steps_allows_it(world: World) -> None:
    wrong: list[str] = []
    for case in (one for one in PRESSES if one.step is not None):
        for who in CAST:
            if not has_right(world, who, case) or (case.only is not None and who not in case.only):
                continue
            for status, number in world.at.items():
                data = case.of(**{**case.fields(world), "incident_id": number}).pack()
                assert case.step is not None
                works = allows(status, case.step) and _is_with(world.actors[who], case, world, status)
                seen = await world.press(who, data)
                if seen.works != works:
                    wrong.append(f"{who} {data} {status}: {seen.said} {seen.refused}")
    assert wrong == []


def _is_with(actor: Actor | None, case: Press, world: World, status: Status) -> bool:
    """What is with no body is a curator's only."""
    assert actor is not None
    assert case.needs is not None
    scope = actor.scope(case.needs)
    if scope is None:
        return True
    with_nobody = {Status.NEW, Status.REGISTERED, Status.SKIPPED, Status.MERGED, Status.SOURCE_GONE}
    return status not in with_nobody and world.roads in scope


async def test_what_stands_behind_buttons_is_numbers_and_codes_only(world: World) -> None:
    """No text, name or place of anybody: what a curator's and an official's screens put behind their buttons."""
    shown: list[str] = []
    for who in ("curator", "official", "coordinator", "approver"):
        for case in PRESSES:
            shown += (await world.press(who, case.of(**case.fields(world)).pack())).data
        for said in COMMANDS_SAID:
            shown += (await world.say(who, f"/{said.name} {said.rest(world)}".strip())).data
    assert len(shown) > 100
    plain = re.compile(
        r"^a\d\.[a-z]+(:([0-9]*|[a-z][a-z_]*(\.[a-z_]+)?|\*|[0-9a-f]{8}|presses-\d{8}-[0-9a-f]{8}))*$"
    )
    assert [one for one in shown if not plain.match(one) or len(one.encode()) > 64] == []


@pytest.mark.parametrize(
    "who", ["other_official", "other_coordinator", "observer", "operator", "stranger", "former"]
)
async def test_another_bodys_number_and_no_number_tell_nothing_of_what_is_there(
    world: World, who: str
) -> None:
    for text in ("/incident {}", "/explain {}"):
        for number in (*world.at.values(), 999_999):
            seen = await world.say(who, text.format(number))
            said = "".join(seen.texts)
            assert said
            assert not any(secret in said for secret in (SECRET_TEXT, SECRET_AUTHOR, SECRET_PLACE)), said


@pytest.mark.parametrize("who", [name for name in CAST if name not in {"former", "stranger"}])
async def test_a_menu_offers_what_is_open_to_the_person_and_nothing_more(world: World, who: str) -> None:
    actor = world.actors[who]
    assert actor is not None
    offered = {one.command for one in menu(Words(Language.RU), actor.roles)}
    open_ones = {one.name for one in COMMANDS if one.needs is None or actor.may(one.needs)}
    assert offered == {one.name for one in COMMANDS if one.in_menu} & open_ones


async def test_what_is_no_bodys_is_in_nobodys_own_reach(world: World) -> None:
    """A check with the body of an incident that has none must not ask whether one has the right anywhere."""
    for actor in filter(None, world.actors.values()):
        for permission in Permission:
            assert actor.may(permission, None) == (actor.scope(permission) is None)


def test_the_matrix_in_the_docs_is_the_table() -> None:
    assert table() in (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")


def test_every_permission_is_somebodys_and_means_something() -> None:
    assert set(MATRIX) == set(MEANS) == set(Permission)
    assert [one for one in Permission if not who_may(one)] == []
    assert [one for one in Permission if Role.OBSERVER in who_may(one)] == []
