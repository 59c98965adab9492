"""The demo's own parts: what it is told wrongly is said in one line, and what it makes can be used."""

import io
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from bot import demo
from bot.__main__ import main
from bot.demo_cast import EVERY_NETWORK, cast
from bot.demo_headless import is_clean
from bot.demo_networks import Letter, OfficialPage
from bot.demo_place import config_text, read_place
from bot.demo_posts import read_posts
from bot.demo_processes import ChildError, Program, clean_environment
from bot.demo_report import Progress, table
from bot.demo_show import free_port, read_day
from bot.importing import read_bodies
from bot.networks import enabled
from bot.settings import load
from collectors.vk.settings import VkSettings
from incidents.rubricator import rubricator
from models import Role
from sandbox.summary import Evidence, summarize
from tests.conftest import ROOT

PLACES = ("town", "region")


def test_a_bad_file_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("id,words\n1,Яма\n", encoding="utf-8")
    assert main(["demo", "--headless", "--posts", str(posts)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "row 1: no column" in told


@pytest.mark.parametrize("option", ["--limit", "--rate", "--patience", "--hang-chat"])
def test_what_must_be_above_zero_is_refused_at_zero(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        demo.main(["--headless", option, "0"])
    assert option in capsys.readouterr().err


def test_empty_rows_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("id,text\n1,\n2,Яма\n", encoding="utf-8")
    demo._tell_empty(read_posts(posts), posts)  # noqa: SLF001 - a run takes half a minute
    assert "1 rows have no text and are left out: 2" in capsys.readouterr().out


@pytest.mark.parametrize("name", PLACES)
def test_the_settings_made_for_a_place_are_read_without_a_fault(tmp_path: Path, name: str) -> None:
    place = read_place(ROOT / "sandbox" / name)
    text = config_text(
        place,
        cast("all"),
        address="http://127.0.0.1:8088",
        folder=tmp_path,
        cache_dir=tmp_path / "it's «there»",
        poll_seconds=2,
    )
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    settings = load(config, {})
    assert settings.telegram.api_url == "http://127.0.0.1:8088"
    assert settings.clock.follow_url == "http://127.0.0.1:8088/control/clock"
    vk = settings.collectors.of("vk")
    assert isinstance(vk, VkSettings)
    pages = vk.communities
    assert [(page.id, page.territory) for page in pages] == [
        (page.id, page.territory) for page in place.pages
    ]
    assert all(page.community_token for page in pages)


@pytest.mark.parametrize("name", PLACES)
def test_in_a_place_every_topic_finds_a_body_and_every_body_a_person(name: str) -> None:
    place = read_place(ROOT / "sandbox" / name)
    bodies = read_bodies(place.folder / "bodies.csv")
    for page in place.pages:
        routed = {
            topic
            for line in bodies
            for topic in line.topics
            if not line.territories or page.territory in line.territories
        }
        if page.territory:
            assert routed == set(rubricator()), page
    assert {owner.body for owner in place.people if owner.role is Role.OFFICIAL} == {
        line.code for line in bodies
    }
    assert any(owner.role is Role.CURATOR for owner in place.people)


def test_the_day_is_in_order_and_its_threads_hang_on_earlier_posts() -> None:
    day = read_day(ROOT / "sandbox" / "town" / "posts.jsonl")
    times = [post["after_s"] for post in day]
    assert times == sorted(times)
    assert all(post["under"] < number for number, post in enumerate(day) if "under" in post)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port


def test_no_setting_of_the_environment_reaches_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_TELEGRAM__TOKEN", "123:a-real-one")
    monkeypatch.setenv("UNRELATED", "1")
    clean = clean_environment()
    assert "OTKLIK_TELEGRAM__TOKEN" not in clean
    assert clean["UNRELATED"] == "1"


async def test_a_program_that_ends_by_itself_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    program = Program(root=ROOT, config=tmp_path / "none.toml", log_path=tmp_path / "program.log")
    await program.start()
    with pytest.raises(ChildError, match=r"code 2.*\n.*none\.toml"):
        await program.watch()


def figures(**changed: Any) -> dict[str, Any]:
    nothing = Evidence(offered={}, received=[], standing={}, doubled=[], cards=[], deeds=[], acks={})
    return {**summarize(nothing), "kills": 0, "seconds": 1.0, **changed}


@pytest.mark.parametrize(
    "fault",
    ["lost_posts", "lost_answers", "doubled_publications", "stray_answers", "lost_presses", "unanswered"],
)
def test_any_loss_or_double_spoils_the_run(fault: str) -> None:
    assert is_clean(figures())
    assert not is_clean(figures(**{fault: 1}))


def test_the_table_names_what_is_missing() -> None:
    shown = table(figures(lost_posts=1, missing={"lost_posts": ["wall-1_9"]}))
    assert "lost_posts: wall-1_9" in shown
    assert "–" in shown  # no post, no delay


def test_progress_is_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    progress = Progress(out)
    for _ in range(3):
        progress.show(figures(), total=7, kills=0, seconds=1)
    assert out.getvalue().count("\n") == 1
    assert "posts 0/7" in out.getvalue()


def test_each_fourth_message_of_a_network_is_for_hands() -> None:
    page = OfficialPage(1, "gorod", "Город", "Заречье")
    luck = random.Random(0)  # noqa: S311 - no secret is made of it
    letters = [Letter(page, "Яма", number, number, luck) for number in range(8)]
    assert [letter.turn for letter in letters if letter.is_for_hands] == [1, 5]


def test_a_network_is_chosen_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert [network.name for network in cast("ok")] == ["ok"]
    assert [network.name for network in cast("all")] == list(EVERY_NETWORK)
    with pytest.raises(SystemExit):
        demo.main(["--headless", "--network", "myspace"])
    assert "myspace" in capsys.readouterr().err


@pytest.mark.parametrize("name", PLACES)
def test_every_network_of_the_demo_is_switched_on_by_its_settings(tmp_path: Path, name: str) -> None:
    place = read_place(ROOT / "sandbox" / name)
    networks = cast("all")
    text = config_text(
        place,
        networks,
        address="http://127.0.0.1:8088",
        folder=tmp_path,
        cache_dir=tmp_path,
        poll_seconds=2,
    )
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    sections = dict(enabled(load(config, {})))
    shown = {network.name: len(section.pages()) for network, section in sections.items()}
    for network in networks:
        own = network.name == "x"  # X's settings name the one account that answers for all
        assert shown[network.name] + len(network.registered(place.pages)) == len(place.pages) + own
    assert shown.keys() == EVERY_NETWORK.keys()
