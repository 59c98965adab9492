"""No secret leaves in a log line, whoever writes it and however."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest

from bot.logs import Redactor, set_up

SECRET = "very-secret-value"


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize("style", ["text", "json"])
def test_secrets_are_taken_out_of_every_record(style: str) -> None:
    stream = io.StringIO()
    set_up(level="DEBUG", style=style, secrets=[SECRET], stream=stream)  # type: ignore[arg-type] # both styles
    log = logging.getLogger("some.library")
    log.warning("GET https://api.telegram.org/bot123456:AAH-token_of_a_bot/getMe")
    log.warning("url=%s", "https://api.vk.ru/method/wall.get?access_token=vk1.a.tokenlike&v=5")
    log.warning("sent %s", {"access_token": "vk1.a.tokenlike"})
    log.warning("value %s", SECRET, extra={"header": SECRET})
    log.warning("postgresql+asyncpg://me:pa55word@host/name")
    log.error("broke", exc_info=ValueError(SECRET))
    written = stream.getvalue()
    for secret in (SECRET, "AAH-token", "tokenlike", "pa55word"):
        assert secret not in written
    assert written.count("***") >= 6


def test_httpx_does_not_write_its_urls() -> None:
    stream = io.StringIO()
    set_up(level="DEBUG", style="text", secrets=[], stream=stream)
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with httpx.Client(transport=transport) as http:
        http.get("https://example.org/?key=in-the-url")
    assert stream.getvalue() == ""


def test_json_lines_are_json_with_what_was_passed_along() -> None:
    stream = io.StringIO()
    set_up(level="INFO", style="json", secrets=[], stream=stream)
    logging.getLogger("x").info("hello %s", "there", extra={"incident": 17})
    told = json.loads(stream.getvalue())
    assert (told["message"], told["incident"], told["level"]) == ("hello there", 17, "INFO")


def test_ordinary_words_stay() -> None:
    assert (
        Redactor(["abc"])("12:30 abc bot: https://vk.com/wall-1_2")
        == "12:30 abc bot: https://vk.com/wall-1_2"
    )
