"""Answers: a signed POST to the site's `answer_url`: {"id", "text", "key"}.

The answer stands when the site says 2xx and {"ok": true}, with an optional "url" where it is read: a bare 200
may be a proxy's. The site drops a second message with a `key` it knows, and says the same again.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import httpx

from collectors.contract import NetworkError, Outcome, Published, Reply
from collectors.webform.hook import NETWORK
from collectors.webform.settings import FormSettings, WebformSettings
from collectors.webform.signature import FORM, SIGNATURE, TIME, sign

_BROKEN: Final = timedelta(minutes=1)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_VERDICTS: Final[Mapping[int, Outcome]] = {
    401: Outcome.STOP,
    403: Outcome.STOP,
    404: Outcome.GONE,
    410: Outcome.GONE,
    400: Outcome.NEVER,
    422: Outcome.REFUSED,
}


class WebformPublisher:
    """`clock` gives aware UTC: the signature carries the time."""

    def __init__(
        self, http: httpx.AsyncClient, settings: WebformSettings, clock: Callable[[], datetime]
    ) -> None:
        self._http = http
        self._settings = settings
        self._forms = {form.name: form for form in settings.forms}
        self._clock = clock

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        """The site drops a key it knows: that is the contract with it."""
        return True

    @property
    def text_limit(self) -> int:
        return self._settings.text_limit

    @property
    def photos_limit(self) -> int:
        return 0

    def measure(self, text: str) -> int:
        return len(text)

    def objection(self, text: str) -> str:
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Send the answer to the site.

        Raises:
            NetworkError: see `maybe_done`.
        """
        form, number = self._form(reply)
        if len(reply.text) > self.text_limit:
            raise NetworkError(f"webform: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        body = json.dumps({"id": number, "text": reply.text, "key": reply.key}).encode()
        unix = int(self._clock().timestamp())
        secret = form.secret.get_secret_value() if form.secret is not None else ""
        headers = {
            "Content-Type": "application/json",
            FORM: form.name,
            TIME: str(unix),
            SIGNATURE: sign(body, secret=secret, unix=unix),
        }
        try:
            told = await self._http.post(
                form.answer_url, content=body, headers=headers, timeout=self._settings.timeout_seconds
            )
        except _NOT_SENT as error:
            raise _later(type(error).__name__, maybe_done=False) from None
        except httpx.HTTPError as error:
            raise _later(type(error).__name__, maybe_done=True) from None
        if not told.is_success:
            raise _refusal(told)
        return Published(f"{reply.post_id}:answer", _url_of(told))

    async def find(self, reply: Reply) -> Published | None:
        """The site cannot be read; it drops the key it knows."""
        return None

    def _form(self, reply: Reply) -> tuple[FormSettings, str]:
        name, _, number = reply.post_id.partition(":")
        form = self._forms.get(name)
        if form is None or not form.answer_url or not number or not number.isprintable():
            raise NetworkError(f"webform: no form takes answers to {reply.post_id!r}", outcome=Outcome.NEVER)
        return form, number


def _later(words: str, *, maybe_done: bool, wait: timedelta = _BROKEN) -> NetworkError:
    return NetworkError(f"webform: {words}", outcome=Outcome.LATER, retry_after=wait, maybe_done=maybe_done)


def _refusal(told: httpx.Response) -> NetworkError:
    verdict = _VERDICTS.get(told.status_code)
    if verdict is not None:
        return NetworkError(f"webform: HTTP {told.status_code}", outcome=verdict)
    asked = told.headers.get("Retry-After", "")
    wait = timedelta(seconds=min(int(asked), 86_400)) if asked.isdecimal() else _BROKEN
    return _later(f"HTTP {told.status_code}", maybe_done=True, wait=wait)


def _url_of(told: httpx.Response) -> str:
    """Where the answer is read; "" if the site does not say.

    Raises:
        NetworkError: these are not the words of a site that took the answer.
    """
    try:
        answer = json.loads(told.content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        raise _later(f'HTTP {told.status_code} without {{"ok": true}}', maybe_done=True)
    url = answer.get("url")
    return url if isinstance(url, str) and url.startswith("https://") else ""
