"""Help: every command has it, and whatever is typed is answered with what is possible here."""

import pytest

from handlers.commands import COMMANDS, GROUP, menu, open_to
from handlers.excerpts import folded
from handlers.words import Words
from models import Language, Role
from tests.handlers.handlers_stage import ANNA, VERA, Stage


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_every_command_has_a_line_in_the_menu_and_help(language: Language, command: object) -> None:
    name = command.name  # type: ignore[attr-defined]  # parametrize knows no types
    words = Words(language)
    assert 3 <= len(words.plain(f"command.{name}")) <= 60
    assert len(words(f"help_of.{name}")) <= 900
    assert words(f"help_of.{name}").strip()


def test_a_menu_shows_what_its_person_may_and_nothing_else() -> None:
    words = Words(Language.RU)
    for role in Role:
        shown = {one.command for one in menu(words, {role})}
        assert shown == {one.name for one in COMMANDS if one.in_menu and open_to(one, {role})}
        assert {"help", "language"} <= shown
    assert {one.command for one in menu(words, {Role.OBSERVER})} == {"help", "language"}
    assert len(menu(words, set(Role))) <= 100  # https://core.telegram.org/bots/api#setmycommands
    assert set(GROUP) <= {one.name for one in COMMANDS}


async def test_help_of_one_command(stage: Stage) -> None:
    for typed in ("/help late", "/help /late", "/help LATE"):
        await stage.write(ANNA, typed)
        assert stage.text(ANNA) == "/late — Что просрочено и не отвечено. Начните с верхнего."


async def test_help_tells_only_of_what_is_open_to_the_person(stage: Stage) -> None:
    await stage.write(ANNA, "/help")
    assert "/my — Что у меня в работе" in stage.text(ANNA)
    assert "/rules" not in stage.text(ANNA)
    await stage.write(ANNA, "/help rules")
    assert "/rules — " not in stage.text(ANNA)
    await stage.write(VERA, "/help rules")
    assert stage.text(VERA).startswith("/rules — Правила")


async def test_a_command_mistyped_is_guessed(stage: Stage) -> None:
    await stage.write(ANNA, "/lat")
    assert stage.text(ANNA) == "Команды /lat нет. Может быть, /late?"
    await stage.write(ANNA, "/ " + "я" * 5000)
    assert stage.text(ANNA).startswith("Команды / нет.")
    await stage.write(ANNA, "/<b>nothing&like it")
    assert stage.text(ANNA).startswith("Команды /<b>nothing&like нет.")
    assert "/my — Что у меня в работе" in stage.text(ANNA)


async def test_a_long_list_of_commands_is_folded(stage: Stage) -> None:
    await stage.write(VERA, "/help")
    assert "<blockquote expandable>" in stage.last(VERA).text


def test_a_fold_hides_only_what_is_worth_hiding() -> None:
    assert folded(["1", "2", "3"], shown=1) == "1\n2\n3"
    assert folded(["1", "2", "3", "4"], shown=1) == "1\n<blockquote expandable>2\n3\n4</blockquote>"
