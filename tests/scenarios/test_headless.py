"""`demo --headless` as a person types it: the real program, scripted people, and SIGKILL on the way."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PROMISED = (
    "posts_offered",
    "posts_stored",
    "incidents",
    "cards_delivered",
    "accepted",
    "reassigned",
    "answers_submitted",
    "answers_published",
    "lost_posts",
    "lost_answers",
    "doubled_publications",
    "reminders_sent",
    "over_limit_sends",
    "errors",
    "post_to_card_p50_s",
    "post_to_card_p95_s",
    "press_ack_p50_s",
    "press_ack_p95_s",
    "seconds",
)
NONE_OF_IT = ("lost_posts", "lost_answers", "lost_presses", "doubled_publications", "stray_answers")


async def play(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """The exit code, the figures and what was printed."""
    out = folder / "out.json"
    posts = ROOT / "sandbox" / "town" / "posts.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--headless", "--posts", str(posts), "--json", str(out)),
        *options,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    words = printed.decode()
    assert out.exists(), words
    return process.returncode or 0, json.loads(out.read_text(encoding="utf-8")), words


@pytest.mark.timeout(300)
async def test_every_post_gets_its_card_and_every_answer_stands_once(tmp_path: Path) -> None:
    code, figures, words = await play(tmp_path, "--limit", "24")
    assert code == 0, words
    assert set(PROMISED) <= set(figures)
    assert figures["posts_offered"] == figures["posts_stored"] == figures["incidents"] == 24
    assert figures["answers_published"] == figures["answers_submitted"] == figures["answers_expected"]
    assert figures["answers_published"] + figures["skipped"] == 24
    assert figures["accepted"] > 0
    assert [name for name in (*NONE_OF_IT, "over_limit_sends") if figures[name]] == []
    assert "posts 24/24" in words  # progress was shown on the way


@pytest.mark.timeout(400)
async def test_the_same_path_leads_through_every_network_and_people_take_over_where_it_ends(
    tmp_path: Path,
) -> None:
    networks = ("ok", "instagram", "facebook", "x")
    # All at once: they mostly wait.
    options = ("--limit", "10", "--patience", "60")
    runs = [(tmp_path / network, network) for network in networks]
    for folder, _ in runs:
        folder.mkdir()
    played = [play(folder, *options, "--network", network) for folder, network in runs]
    for network, (code, figures, words) in zip(networks, await asyncio.gather(*played), strict=True):
        assert code == 0, words
        assert [name for name in (*NONE_OF_IT, "unanswered") if figures[name]] == [], words
        assert figures["answered_by_hand"] > 0, words
        assert figures["answers_submitted"] > 0, words
        assert figures["answers_published"] == figures["answers_expected"] == figures["answers_told"], words
        assert figures["by_network"] == {
            network: {
                "offered": 10,
                "stored": 10,
                "answered": 10 - figures["skipped"],
                "answered_by_hand": figures["answered_by_hand"],
                "lost": 0,
                "doubled": 0,
            }
        }


@pytest.mark.timeout(600)
async def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    code, figures, words = await play(tmp_path, "--limit", "30", "--rate", "1", "--kills", "6")
    assert code == 0, words
    assert figures["kills"] >= 6
    assert figures["posts_stored"] == 30
    assert figures["answers_published"] == figures["answers_expected"] == 30 - figures["skipped"]
    assert [name for name in NONE_OF_IT if figures[name]] == [], words
