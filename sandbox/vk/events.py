"""What happens in the communities, as Bots Long Poll and the Callback API tell it.

Source: https://dev.vk.com/ru/api/bots-long-poll/getting-started , .../callback/getting-started ,
.../community-events/json-schema
"""

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.vk import shapes
from sandbox.vk.things import Comment, Post
from sandbox.vk.world import Unknown, VkWorld

KEPT: Final = 1000  # events of one community; older ones are forgotten
VERSION: Final = "5.199"
NAMES: Final = (
    *("message_new", "message_reply", "message_edit", "message_allow", "message_deny", "message_read"),
    *("message_typing_state", "photo_new", "audio_new", "video_new"),
    *("wall_post_new", "wall_repost"),
    *("wall_reply_new", "wall_reply_edit", "wall_reply_delete", "wall_reply_restore"),
    *("board_post_new", "board_post_edit", "board_post_delete", "board_post_restore"),
    *("photo_comment_new", "photo_comment_edit", "photo_comment_delete", "photo_comment_restore"),
    *("video_comment_new", "video_comment_edit", "video_comment_delete", "video_comment_restore"),
    *("market_comment_new", "market_comment_edit", "market_comment_delete", "market_comment_restore"),
    *("poll_vote_new", "group_join", "group_leave", "group_change_settings", "group_change_photo"),
    *("group_officers_edit", "user_block", "user_unblock"),
    *("message_reaction_event", "wall_schedule_post_new", "wall_schedule_post_delete"),
    *("donut_subscription_create", "donut_subscription_prolonged", "donut_subscription_cancelled"),
    *("donut_subscription_expired", "donut_subscription_price_changed"),
    *("donut_money_withdraw", "donut_money_withdraw_error"),
)


@dataclass(slots=True)
class Delivery:
    """One event on its way to a Callback server. `tries` were made; `done`: it was answered with `ok`."""

    event: dict[str, Any]
    tries: int = 0
    done: bool = False


@dataclass(slots=True)
class Callback:
    url: str
    secret: str
    queue: list[Delivery] = field(default_factory=list)


@dataclass(slots=True)
class Log:
    """One community's events. `last` is the number of the newest, `ts` of the answers."""

    group: int
    is_enabled: bool = False
    api_version: str = VERSION
    switched_on: set[str] = field(default_factory=set)
    last: int = 0
    kept: deque[tuple[int, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=KEPT))
    keys: int = 0
    is_lost: bool = False
    callback: Callback | None = None
    waiting: set[asyncio.Event] = field(default_factory=set)

    @property
    def key(self) -> str:
        return hashlib.sha256(f"long poll {self.group} {self.keys}".encode()).hexdigest()[:40]

    @property
    def code(self) -> str:
        """What the Callback server must answer to be confirmed."""
        return hashlib.sha256(f"code {self.group}".encode()).hexdigest()[:8]

    def add(self, event: dict[str, Any]) -> None:
        if self.callback is not None:
            self.callback.queue.append(Delivery(event))
        if self.is_enabled and event["type"] in self.switched_on:
            self.last += 1
            self.kept.append((self.last, event))
            for bell in self.waiting:
                bell.set()

    def forget(self) -> None:
        """The history is lost, up to now."""
        self.kept.clear()

    def refused(self, key: str, ts: int) -> dict[str, Any] | None:
        """VK's `failed`, None if it will answer."""
        if self.is_lost:
            return {"failed": 3}
        if key != self.key or not self.is_enabled:
            return {"failed": 2}
        oldest = self.kept[0][0] if self.kept else self.last + 1
        if not oldest - 1 <= ts <= self.last:
            return {"failed": 1, "ts": self.last}
        return None

    async def after(self, ts: int, *, wait: float) -> list[dict[str, Any]]:
        """The events after `ts`; where there are none, the first within `wait` seconds."""
        bell = asyncio.Event()
        self.waiting.add(bell)
        try:
            if self.last <= ts and wait > 0:
                async with asyncio.timeout(wait):
                    await bell.wait()
        except TimeoutError:
            pass
        finally:
            self.waiting.discard(bell)
        return [event for number, event in self.kept if number > ts]


class Logs:
    """Every community's log; hears of everything the world does."""

    def __init__(self, world: VkWorld) -> None:
        self._world = world
        self._of: dict[int, Log] = {}
        self._count = 0
        world.tell = self.tell

    def of(self, group: int) -> Log:
        """Raises:
        Unknown: there is no such community.
        """
        if group not in self._world.communities:
            raise Unknown(f"no community {group}")
        return self._of.setdefault(group, Log(group))

    def tell(self, kind: str, item: Post | Comment) -> None:
        group = -item.owner_id
        if group not in self._world.communities:
            return
        self._count += 1
        named = hashlib.sha256(f"{group} {self._count}".encode()).hexdigest()[:40]
        event = {
            "group_id": group,
            "type": kind,
            "event_id": named,
            "v": self.of(group).api_version,
            "object": self._object(kind, item),
        }
        self.of(group).add(event)

    def _object(self, kind: str, item: Post | Comment) -> dict[str, Any]:
        if isinstance(item, Post):
            # As VK sends it: no rights, and no names.
            return shapes.post(self._world, item) | {"comments": {"count": 0}}
        if kind == "wall_reply_delete":
            return {
                "owner_id": item.owner_id,
                "id": item.id,
                "deleter_id": item.from_id,
                "post_id": item.post_id,
            }
        shape = shapes.comment(self._world, item, preview=0, thread_items=0)
        shape.pop("thread", None)
        return {**shape, "post_owner_id": item.owner_id}
