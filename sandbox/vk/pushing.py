"""Push methods of the API, and the Long Poll server itself.

Source: https://dev.vk.com/ru/method/groups.getLongPollServer and its neighbours
"""

from typing import Any, Final

from sandbox.vk.events import NAMES, Log, Logs
from sandbox.vk.params import Params
from sandbox.vk.refusals import Refusal, bad_parameter
from sandbox.vk.things import Token
from sandbox.vk.world import Unknown

LONGEST_WAIT: Final = 90  # seconds
_NO_RIGHT: Final = "no access to call this method. It cannot be called with current scopes."


class Pushing:
    """`origin`: where this sandbox is, e.g. http://127.0.0.1:8081; known from the first call."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self.origin = ""

    def long_poll_server(self, params: Params, token: Token) -> dict[str, Any]:
        log = self._log(params, token)
        if not log.is_enabled:
            raise bad_parameter("longpoll for this group is not enabled")
        log.is_lost = False
        return {"key": log.key, "server": f"{self.origin}/vk/lp/wh{log.group}", "ts": str(log.last)}

    def long_poll_settings(self, params: Params, token: Token) -> dict[str, Any]:
        log = self._log(params, token)
        return {
            "api_version": log.api_version,
            "is_enabled": log.is_enabled,
            "events": {name: int(name in log.switched_on) for name in NAMES},
        }

    def set_long_poll_settings(self, params: Params, token: Token) -> int:
        log = self._log(params, token)
        for name in NAMES:
            if name in params:
                (log.switched_on.add if params.flag(name) else log.switched_on.discard)(name)
        if "enabled" in params:
            log.is_enabled = params.flag("enabled")
        log.api_version = params.get("api_version") or log.api_version
        return 1

    def confirmation_code(self, params: Params, token: Token) -> dict[str, str]:
        return {"code": self._log(params, token).code}

    async def check(self, group: int, params: Params) -> dict[str, Any]:
        """One request of a client that listens."""
        log = self._logs.of(group)
        ts, wait = params.whole("ts", -1), params.whole("wait", 25)
        if params.get("act") != "a_check":
            raise bad_parameter("act is undefined")
        if refused := log.refused(params.get("key", ""), ts):
            return refused
        updates = await log.after(ts, wait=min(wait, LONGEST_WAIT))
        return log.refused(params.get("key", ""), ts) or {"ts": str(log.last), "updates": updates}

    def _log(self, params: Params, token: Token) -> Log:
        group = params.whole("group_id")
        if token.kind == "community" and ("manage" not in token.rights or token.community_id != group):
            raise Refusal(15, _NO_RIGHT)
        try:
            return self._logs.of(group)
        except Unknown:
            raise Refusal(125) from None
