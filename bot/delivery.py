"""Outbox → Telegram: one paced sender, one message in flight to a chat, the most urgent first."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from aiogram import Bot
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import outgoing_rows
from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.outgoing_rows import Claimed, Drafted
from bot.pacing import Pacer
from bot.reach import is_shared, topic_lost
from bot.sending import (
    Again,
    BadToken,
    Flood,
    Letter,
    Migrated,
    Outcome,
    Refused,
    Sent,
    TryLater,
    Unreachable,
    send,
)
from handlers.context import Clock, House
from handlers.outgoing import Outgoing
from models import OutboxRow
from models.database import Database

_log = logging.getLogger(__name__)

Render = Callable[..., Awaitable[Outgoing | None]]
"""handlers.rendering.render: (session, row, *, house, now) → what to send, None for nothing any more."""

_POLL: Final = 0.5  # seconds: what another process wrote rings no bell here
_PAUSE: Final = 0.02  # seconds: many writes in a row are one reason to look
_BATCH: Final = 20
_LAST_WORDS: Final = 5.0  # seconds for what is in flight when the program is told to stop
_KEEPS_ORDER: Final = 5  # failures of a row during which the later ones of its chat wait for it
_GIVES_UP_RENDERING: Final = 5
_NO_TOPIC: Final = "message thread not found"
_OUTAGE: Final = 3  # chats in a row that could not be served: it is the network, not a chat


class Deliverer:
    """`run` until told to stop. The callers make sure that there is only one (bot/singleton.py)."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        *,
        render: Render,
        house: House,
        clock: Clock,
        pacer: Pacer,
        token: Trouble,
        recheck_seconds: float = 60,
    ) -> None:
        """`token`: the trouble of a refused token, shared with whoever else notices it."""
        self._database = database
        self._bot = bot
        self._render = render
        self._house = house
        self._clock = clock
        self._pacer = pacer
        self._token = token
        self._recheck = recheck_seconds
        self._outage = Trouble(database, clock, key="telegram does not answer", notify=False)
        self._failing: set[int] = set()
        self._in_hand: set[int] = set()
        self._bell = database.doorbell()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; what is in flight then gets a few seconds more."""
        await self._persist(outgoing_rows.release_leases)
        async with asyncio.TaskGroup() as group:
            tasks: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                self._bell.clear()
                try:
                    for claimed in await self._claim():
                        task = group.create_task(self._deliver(claimed))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                except (SQLAlchemyError, OSError):
                    _log.exception("the outbox cannot be read")
                    await asyncio.sleep(1)
                await self._rest()
            if tasks:
                await asyncio.wait(tasks, timeout=_LAST_WORDS)
            for task in tasks:
                task.cancel()

    async def _claim(self) -> list[Claimed]:
        moment = _monotonic()
        limit = min(_BATCH, self._pacer.free_slots(moment))
        if self._token.standing:
            limit = min(limit, 1 - min(1, len(self._in_hand)))
        if limit <= 0:
            return []
        skip = self._in_hand | self._pacer.busy_chats(moment).keys()
        claimed = await outgoing_rows.claim(self._database, now=self._clock(), limit=limit, skip_chats=skip)
        for one in claimed:
            self._in_hand.add(one.chat_id)
            self._pacer.take(one.chat_id, moment)
        return claimed

    async def _rest(self) -> None:
        """Until something was written, a slot or a chat is free again, or half a second has passed."""
        moment = _monotonic()
        wakes = [*self._pacer.busy_chats(moment).values(), self._pacer.next_slot_at(moment), moment + _POLL]
        pause = min(at for at in wakes if at > moment) - moment
        try:
            async with asyncio.timeout(pause):
                await self._bell.wait()
            await asyncio.sleep(_PAUSE)
        except TimeoutError:
            pass

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            await self._deliver_one(claimed)
        except Exception:  # noqa: BLE001 - one row's fault must not stop the others
            _log.exception("outbox row %s: delivery broke", claimed.row_id)
            await self._persist(
                lambda session: outgoing_rows.put_off(
                    session,
                    claimed.row_id,
                    until=self._clock() + timedelta(minutes=1),
                    error="a fault of the program, see the log",
                )
            )
        finally:
            self._in_hand.discard(claimed.chat_id)
            self._bell.set()

    async def _deliver_one(self, claimed: Claimed) -> None:
        try:
            drafted = await self._draft(claimed)
        except BaseException:
            self._pacer.cancel(claimed.chat_id)
            raise
        if drafted is None or drafted.outgoing is None:
            self._pacer.cancel(claimed.chat_id)
            if drafted is not None:
                await self._persist(lambda session: outgoing_rows.fold(session, drafted))
            return
        row = drafted.row
        if self._pacer.is_held(_monotonic()):  # since it was claimed Telegram asked for silence
            self._pacer.cancel(claimed.chat_id)
            await self._persist(lambda session: outgoing_rows.release(session, row.id))
            return
        letter = Letter(chat_id=row.chat_id, thread_id=row.thread_id, outgoing=drafted.outgoing)
        outcome = await self._send(letter)
        while isinstance(outcome, Again):
            if outcome.lost_thread:
                if await self._gives_up_topic(row):
                    return
                await self._persist(
                    lambda session: outgoing_rows.lose_thread(session, row, now=self._clock())
                )
            letter = outcome.letter
            await self._turn(letter.chat_id)
            outcome = await self._send(letter)
        await self._settle(drafted, letter, outcome)

    async def _gives_up_topic(self, row: OutboxRow) -> bool:
        """Where another body reads in the group, nothing of a lost topic goes to the group itself."""
        async with self._database.reading() as session:
            if not await is_shared(session, row.chat_id, row.thread_id):
                return False
        now = self._clock()
        await self._persist(
            lambda session: topic_lost(session, row.chat_id, row.thread_id, error=_NO_TOPIC, now=now)
        )
        return True

    async def _draft(self, claimed: Claimed) -> Drafted | None:
        """Render what the row owes; a row that cannot be rendered is put off, and in the end given up."""
        try:
            async with self._database.reading() as session:
                return await outgoing_rows.draft(
                    session, claimed.row_id, render=self._render, house=self._house, now=self._clock()
                )
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a card that breaks the renderer must not stop the others
            _log.exception("outbox row %s cannot be put into words", claimed.row_id)
            words = f"{type(error).__name__}: {error}"
            now = self._clock()
            await self._persist(
                lambda session: outgoing_rows.fail_rendering(
                    session, claimed.row_id, error=words, most=_GIVES_UP_RENDERING, now=now
                )
            )
            return None

    async def _send(self, letter: Letter) -> Outcome:
        try:
            return await send(self._bot, letter)
        finally:
            self._pacer.release(letter.chat_id, _monotonic())

    async def _turn(self, chat_id: int) -> None:
        """Wait for the chat's next turn, and take it."""
        while True:
            moment = _monotonic()
            at = max(self._pacer.ready_at(chat_id, moment), self._pacer.next_slot_at(moment))
            if at <= moment:
                self._pacer.take(chat_id, moment)
                return
            await asyncio.sleep(min(at - moment, _POLL))

    async def _settle(self, drafted: Drafted, letter: Letter, outcome: Outcome) -> None:
        row, now = drafted.row, self._clock()
        match outcome:
            case Sent(message_id=message_id):
                await self._all_is_well()
                await self._persist(
                    lambda session: outgoing_rows.record(
                        session, drafted, message_id=message_id, anew=letter.anew, now=now
                    )
                )
            case Flood(seconds=seconds):
                self._hold(row.chat_id, seconds)
                await self._persist(lambda session: outgoing_rows.release(session, row.id))
            case BadToken(error=error):
                self._pacer.hold(_monotonic() + self._recheck)
                await self._persist(lambda session: outgoing_rows.release(session, row.id))
                await self._token.met(refused_token(error, self._recheck))
            case TryLater(error=error):
                await self._put_off(row, error)
            case Unreachable(error=error):
                _log.warning("chat %s cannot be reached any more: %s", row.chat_id, error)
                await self._persist(
                    lambda session: outgoing_rows.unreachable(session, row, error=error, now=now)
                )
            case Migrated(chat_id=chat_id):
                _log.warning("chat %s became %s", row.chat_id, chat_id)
                await self._persist(
                    lambda session: outgoing_rows.migrated(session, row, chat_id=chat_id, now=now)
                )
            case Refused(error=error):
                _log.error("outbox row %s was refused by Telegram: %s", row.id, error)
                await self._persist(lambda session: outgoing_rows.refused(session, row, error=error, now=now))

    def _hold(self, chat_id: int, seconds: float) -> None:
        """Telegram does not say whether the chat or the bot was too fast. A group has its own limit."""
        moment = _monotonic()
        another_stands = any(
            at > moment + 1 and other != chat_id and other < 0
            for other, at in self._pacer.busy_chats(moment).items()
        )
        _log.warning("Telegram asks for %s s of silence (chat %s)", seconds, chat_id)
        if chat_id > 0 or another_stands:
            self._pacer.hold(moment + seconds)
        self._pacer.hold_chat(chat_id, moment + seconds)

    async def _put_off(self, row: OutboxRow, error: str) -> None:
        pause = retry_delay(row.attempts + 1)
        moment = _monotonic()
        if row.attempts < _KEEPS_ORDER:
            self._pacer.hold_chat(row.chat_id, moment + pause.total_seconds())
        self._failing.add(row.chat_id)
        if len(self._failing) >= _OUTAGE:
            self._pacer.hold(moment + pause.total_seconds())
        await self._outage.met(f"Telegram does not take messages ({error}): tried again until it does")
        until = self._clock() + pause
        await self._persist(lambda session: outgoing_rows.put_off(session, row.id, until=until, error=error))

    async def _all_is_well(self) -> None:
        self._failing.clear()
        await self._outage.over()
        await self._token.over()

    async def _persist(self, write: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Write what happened, however long the database is away: what was sent must not be sent again."""
        attempts = 0
        while True:
            try:
                async with self._database.writing() as session:
                    await write(session)
            except (SQLAlchemyError, OSError) as error:
                attempts += 1
                if attempts == 1:
                    _log.error("delivery waits for the database: %s", error)
                await asyncio.sleep(retry_delay(attempts, longest=timedelta(seconds=10)).total_seconds())
            else:
                return


def refused_token(error: str, recheck_seconds: float) -> str:
    """What the operator is told, once."""
    return (
        f"Telegram refuses the bot's token ({error}): put the one from @BotFather into telegram.token "
        f"and restart; until then it is tried again every {recheck_seconds:g} s"
    )


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
