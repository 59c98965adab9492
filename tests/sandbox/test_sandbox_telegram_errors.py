"""The table of refusals against the list taken from the server's own source."""

import json
import re
from pathlib import Path

import pytest

from sandbox.telegram import errors

LISTED = Path(__file__).parents[3] / "shared/reference/specs/telegram/bot-api-server-errors.json"


@pytest.mark.skipif(not LISTED.exists(), reason="the list is not part of the project")
def test_every_text_said_to_be_the_servers_is_in_its_source() -> None:
    listed = json.loads(LISTED.read_text())
    whole = {(entry["code"], re.sub(r"\{.*?\}", "{}", entry["description"])) for entry in listed["mapped"]}
    whole |= {(entry["code"], also) for entry in listed["mapped"] for also in entry.get("also", ())}
    whole |= {(entry["code"], entry["description"]) for entry in listed["literals"] if not entry["partial"]}
    begun = {(entry["code"], entry["description"] + "{}") for entry in listed["literals"] if entry["partial"]}
    ours = {(text.code, text.words) for text in errors.TEXTS if text.source == "server"}
    assert ours - whole - (begun - {(400, "Bad Request: {}")}) == set()


def test_no_refusal_is_written_twice() -> None:
    words = [text.words for text in errors.TEXTS]
    assert len(words) == len(set(words))


def test_a_text_with_blanks_is_known_when_filled() -> None:
    assert errors.known(429, errors.TOO_MANY.error(7).description)
    assert not errors.known(400, "Bad Request: something else")
