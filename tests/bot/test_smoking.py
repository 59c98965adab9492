"""`check` and `live-smoke` with every network switched on and nothing to be reached: one line each, no secret."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from bot import __main__ as commands
from collectors.networks import NETWORKS

SECRET = "secret-of-all-the-keys"
EVERYTHING = f"""
[telegram]
token = "42:{SECRET}"
api_url = "http://127.0.0.1:1"
[database]
url = "sqlite+aiosqlite:///DATABASE"
[collectors.vk]
enabled = true
api_url = "http://127.0.0.1:1"
service_token = "{SECRET}"
[[collectors.vk.communities]]
id = 1
community_token = "{SECRET}"
[collectors.ok]
enabled = true
api_url = "http://127.0.0.1:1"
application_key = "key"
application_secret = "{SECRET}"
access_token = "{SECRET}"
[collectors.instagram]
enabled = true
api_url = "http://127.0.0.1:1"
[[collectors.instagram.accounts]]
id = "17"
token = "{SECRET}"
[collectors.facebook]
enabled = true
api_url = "http://127.0.0.1:1"
[[collectors.facebook.communities]]
id = "18"
page_token = "{SECRET}"
[collectors.x]
enabled = true
api_url = "http://127.0.0.1:1"
bearer_token = "{SECRET}"
[collectors.telegram]
enabled = true
[collectors.rss]
enabled = true
[[collectors.rss.feeds]]
url = "http://127.0.0.1:1/feed.xml"
[collectors.webform]
enabled = true
[[collectors.webform.forms]]
name = "gorod"
secret = "{SECRET}"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "region.toml"
    path.write_text(EVERYTHING.replace("DATABASE", str(tmp_path / "otklik.sqlite3")), encoding="utf-8")
    return path


def test_check_looks_at_every_network_whatever_the_others_say(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["check", "--config", str(config)]) == 1
    told = capsys.readouterr()
    lines = told.out.splitlines()
    for network in NETWORKS:
        assert any(line.split()[1].rstrip(":") == network.name for line in lines), network.name
    assert all(line.startswith(("ok   ", "FAIL ")) for line in lines)
    assert "FAIL webform: nothing can be pushed" in told.out
    assert SECRET not in told.out + told.err


@pytest.mark.parametrize("network", [network.name for network in NETWORKS if network.name != "webform"])
def test_live_smoke_says_what_fails_and_what_stays_open(
    config: Path, network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["live-smoke", network, "--config", str(config)]) == 1
    told = capsys.readouterr()
    assert "FAIL " in told.out
    open_questions = next(one.open_questions for one in NETWORKS if one.name == network)
    assert [line for line in told.out.splitlines() if line.startswith("open ")] == [
        f"open {question}" for question in open_questions
    ]
    assert SECRET not in told.out + told.err


def _lead_to(config: Path, url: str) -> None:
    text = config.read_text(encoding="utf-8").replace("http://127.0.0.1:1/feed.xml", url)
    config.write_text(text, encoding="utf-8")


async def test_a_feed_that_answers_is_well(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(text="<rss><channel/></rss>")

    app = web.Application()
    app.router.add_get("/feed.xml", feed)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed.xml"
    _lead_to(config, url)

    code = await asyncio.to_thread(commands.main, ["live-smoke", "rss", "--config", str(config)])
    await runner.cleanup()
    assert (code, capsys.readouterr().out) == (0, f"ok   {url}: answers\n")


def test_a_network_nobody_knows_is_named_with_those_there_are(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["live-smoke", "myspace", "--config", str(config)]) == 2
    assert "vk, ok, instagram" in capsys.readouterr().err


def test_a_wrong_proxy_is_a_fault_of_the_settings(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text(encoding="utf-8").replace(
        "[collectors.x]", '[collectors.x]\nproxy = "socks9://x"'
    )
    config.write_text(text, encoding="utf-8")
    assert commands.main(["check", "--config", str(config)]) == 2
    assert "region.toml: collectors.x.proxy: a proxy begins with" in capsys.readouterr().err
