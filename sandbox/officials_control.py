"""/control/officials/…: the scripted people, and the figures of the run, as JSON over HTTP."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from sandbox.control import body_of, reply
from sandbox.officials import Hand, Team
from sandbox.officials_desk import Habits
from sandbox.officials_witness import Witness
from sandbox.summary import Ack, Evidence, summarize
from sandbox.telegram.world import TelegramWorld
from sandbox.vk.world import Unknown, VkWorld


def add_officials_routes(app: web.Application, telegram: TelegramWorld, vk: VkWorld) -> None:
    office = _Office(telegram, vk)
    app.router.add_post("/control/officials/work", office.work)
    app.router.add_get("/control/officials/summary", office.summary)
    app.on_shutdown.append(office.stop)


class _Office:
    def __init__(self, telegram: TelegramWorld, vk: VkWorld) -> None:
        self._telegram = telegram
        self._vk = vk
        self._witness = Witness()
        self._stop = asyncio.Event()
        self._at_work = False

    async def stop(self, _: web.Application) -> None:
        self._stop.set()

    async def work(self, request: web.Request) -> web.StreamResponse:
        """{people: [{user_id, is_curator}], seed?, patience?, pause?: [from, to], move_share?, skip_share?}

        Answers at once with headers, and ends when the sandbox does: so that a script that broke is noticed.
        """
        try:
            body = await body_of(request)
            team = self._team(body)
        except (KeyError, TypeError, ValueError) as error:
            return reply({"error": f"{type(error).__name__}: {error}"}, 400)
        if self._at_work:
            return reply({"error": "they are at work already"}, 409)
        self._at_work = True
        answer = web.StreamResponse()
        await answer.prepare(request)
        await team.work(self._stop)
        return answer

    def _team(self, body: dict[str, Any]) -> Team:
        habits = {key: body[key] for key in ("seed", "patience", "move_share", "skip_share") if key in body}
        first, last = body.get("pause", (0.4, 1.2))
        people = [Hand(int(one["user_id"]), bool(one.get("is_curator"))) for one in body["people"]]
        return Team(self._telegram, self._witness, Habits(**habits), people, (float(first), float(last)))

    async def summary(self, _: web.Request) -> web.StreamResponse:
        return reply(summarize(self._evidence()))

    def _by_resident(self, native_id: str) -> bool:
        """What an official page wrote itself is nobody's appeal."""
        try:
            return self._vk.item(native_id).from_id > 0
        except Unknown:  # deleted since
            return True

    def _evidence(self) -> Evidence:
        record, vk = self._telegram.record, self._vk.record
        shown = vk.shown()
        errors: Counter[str] = Counter()
        for call in record.calls:
            if call.ok is False and not call.over_limit:
                errors[f"{call.method}: {call.error_code} {call.description}"] += 1
        return Evidence(
            offered={one.native_id: one.monotonic for one in vk.offered if self._by_resident(one.native_id)},
            received=[(one.under, one.text) for one in vk.received],
            standing=shown["answers"],
            doubled=shown["doubled"],
            cards=self._witness.cards,
            deeds=self._witness.deeds,
            acks={
                press.callback_query_id: Ack(press.monotonic, press.acknowledged_monotonic, press.show_alert)
                for press in record.presses
            },
            told=len(self._witness.answered),
            reminders=self._witness.reminders,
            delayed=sum(call.fault == "delay" for call in record.calls),
            over_limit=record.counts["over_limit"],
            errors=errors,
        )
