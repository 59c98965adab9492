"""/control/officials/…: the scripted people, and the figures of the run, as JSON over HTTP."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from sandbox.control import body_of, reply
from sandbox.networks import Networks
from sandbox.officials import Hand, Team
from sandbox.officials_desk import Habits
from sandbox.officials_witness import Witness
from sandbox.summary import Ack, Evidence, summarize
from sandbox.telegram.world import TelegramWorld


def add_officials_routes(app: web.Application, telegram: TelegramWorld, networks: Networks) -> None:
    office = _Office(telegram, networks)
    app.router.add_post("/control/officials/work", office.work)
    app.router.add_get("/control/officials/summary", office.summary)
    app.on_shutdown.append(office.stop)


class _Office:
    def __init__(self, telegram: TelegramWorld, networks: Networks) -> None:
        self._telegram = telegram
        self._networks = networks
        self._witness = Witness(networks.find)
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
        return Team(
            self._telegram,
            self._networks,
            self._witness,
            Habits(**habits),
            people,
            (float(first), float(last)),
        )

    async def summary(self, _: web.Request) -> web.StreamResponse:
        return reply(summarize(self._evidence()))

    def _evidence(self) -> Evidence:
        record, sides = self._telegram.record, self._networks.sides
        offered = {side.name: side.offered for side in sides}
        errors: Counter[str] = Counter()
        for call in record.calls:
            if call.ok is False and not call.over_limit:
                errors[f"{call.method}: {call.error_code} {call.description}"] += 1
        return Evidence(
            offered={native: at for one in offered.values() for native, at in one.items()},
            received=[answer for side in sides for answer in side.received],
            standing={native: count for side in sides for native, count in side.standing.items()},
            doubled=[native for side in sides for native in side.doubled],
            by_hand=self._networks.by_hand,
            network={native: name for name, one in offered.items() for native in one},
            cards=self._witness.cards,
            deeds=self._witness.deeds,
            acks={
                press.callback_query_id: Ack(press.monotonic, press.acknowledged_monotonic, press.show_alert)
                for press in record.presses
            },
            told=self._witness.answered,
            reminders=self._witness.reminders,
            delayed=sum(call.fault == "delay" for call in record.calls),
            over_limit=record.counts["over_limit"],
            errors=errors,
        )
