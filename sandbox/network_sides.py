"""VK, Odnoklassniki and X as sides: see sandbox/networks.py; sandbox/network_sides_meta.py has the others."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sandbox.ok.things import Comment as OkComment
from sandbox.ok.things import Topic
from sandbox.ok.world import OkWorld
from sandbox.ok.world import Unknown as UnknownToOk
from sandbox.vk.things import Comment as VkComment
from sandbox.vk.things import Post as VkPost
from sandbox.vk.world import Unknown as UnknownToVk
from sandbox.vk.world import VkWorld
from sandbox.x.world import XWorld

_VK: Final = re.compile(r"https?://(?:m\.)?vk\.(?:com|ru)/(wall-?\d+_\d+)(?:\?reply=(\d+))?")
_OK: Final = re.compile(r"https?://ok\.ru/(?:group/\d+/topic|profile/\d+/statuses)/(\d+)")
_X: Final = re.compile(
    r"https?://(?:twitter|x)\.com/(?:\w+/status/(\d+)|intent/(?:post|tweet)\?[^\s\"<]*?in_reply_to=(\d+))"
)


class VkSide:
    name = "vk"

    def __init__(self, world: VkWorld) -> None:
        self._world = world

    @property
    def offered(self) -> Mapping[str, float]:
        offered = self._world.record.offered
        return {one.native_id: one.monotonic for one in offered if self._by_resident(one.native_id)}

    @property
    def received(self) -> Sequence[tuple[str, str]]:
        return [(one.under, one.text) for one in self._world.record.received]

    @property
    def standing(self) -> Mapping[str, int]:
        answers: Mapping[str, int] = self._world.record.shown()["answers"]
        return answers

    @property
    def doubled(self) -> Sequence[str]:
        doubled: Sequence[str] = self._world.record.shown()["doubled"]
        return doubled

    @property
    def pages(self) -> int:
        return len(self._world.communities)

    def native_of(self, text: str) -> list[Sequence[str]]:
        """Links tell everything here; what they name need not be known."""
        return [(f"{post}_r{comment}" if comment else post,) for post, comment in _VK.findall(text)]

    def words_of(self, native_id: str) -> str | None:
        item = self._item(native_id)
        return item.text if item is not None else None

    def answer_by_hand(self, native_id: str, text: str) -> str:
        world, item = self._world, self._world.item(native_id)
        above = item if isinstance(item, VkComment) else None
        post = world.posts[item.owner_id, above.post_id if above else item.id]
        # On a wall that is nobody's page, the first community speaks.
        community = -item.owner_id if item.owner_id < 0 else next(iter(world.communities))
        written = world.write_comment(
            post, from_id=-community, text=text, reply_to=above.id if above else None
        )
        return f"https://vk.com/wall{post.owner_id}_{post.id}?reply={written.id}"

    def offer(self, page: str, *, author: str, text: str) -> None:
        owner = -self._world.communities[-int(page)].id
        self._world.offer_post(owner_id=owner, from_id=self._world.user(author), text=text)

    def _by_resident(self, native_id: str) -> bool:
        """What an official page wrote itself is nobody's appeal."""
        item = self._item(native_id)
        return item is None or item.from_id > 0  # None: deleted since

    def _item(self, native_id: str) -> VkPost | VkComment | None:
        try:
            return self._world.item(native_id)
        except UnknownToVk:
            return None


class OkSide:
    name = "ok"

    def __init__(self, world: OkWorld) -> None:
        self._world = world

    @property
    def offered(self) -> Mapping[str, float]:
        return {native: at for native, at, by_resident in self._world.offered if by_resident}

    @property
    def received(self) -> Sequence[tuple[str, str]]:
        return self._world.received

    @property
    def standing(self) -> Mapping[str, int]:
        answers: Counter[str] = Counter()
        for native, texts in self._world.shown()["answers"].items():
            answers[self._called(native)] += len(texts)
        return answers

    @property
    def doubled(self) -> Sequence[str]:
        return [self._called(native) for native in self._world.record.shown()["doubled"]]

    @property
    def pages(self) -> int:
        return len(self._world.groups)

    def native_of(self, text: str) -> list[Sequence[str]]:
        """A comment's link is its topic's: any of the people's words there may be meant."""
        found: list[Sequence[str]] = []
        for number in _OK.findall(text):
            topic = self._world.topics.get(number)
            there: list[Topic | OkComment] = [topic, *topic.live] if topic is not None else []
            found.append([one.native_id for one in there if not one.author.startswith("group:")])
        return found

    def words_of(self, native_id: str) -> str | None:
        item = self._item(native_id)
        return item.text if item is not None else None

    def answer_by_hand(self, native_id: str, text: str) -> str:
        item = self._world.item(native_id)
        topic = item if isinstance(item, Topic) else self._world.topics[item.topic]
        in_group = topic.owner.startswith("group:")
        self._world.write_comment(
            topic,
            author=topic.owner if in_group else f"group:{next(iter(self._world.groups))}",
            text=text,
            reply_to=item.id if isinstance(item, OkComment) else "",
        )
        number = topic.owner.partition(":")[2]
        place = f"group/{number}/topic" if in_group else f"profile/{number}/statuses"
        return f"https://ok.ru/{place}/{topic.id}"

    def offer(self, page: str, *, author: str, text: str) -> None:
        owner = f"group:{self._world.groups[page.removeprefix('group:')].uid}"
        self._world.offer_topic(owner=owner, author=f"user:{self._world.user(author)}", text=text)

    def _called(self, native_id: str) -> str:
        """The world counts answers under a person's topic as if it were a group's."""
        item = self._item(native_id)
        return item.native_id if item is not None else native_id

    def _item(self, native_id: str) -> Topic | OkComment | None:
        try:
            return self._world.item(native_id)
        except UnknownToOk:
            return None


class XSide:
    name = "x"

    def __init__(self, world: XWorld) -> None:
        self._world = world

    @property
    def offered(self) -> Mapping[str, float]:
        return {native: at for native, at, by_resident in self._world.offered if by_resident}

    @property
    def received(self) -> Sequence[tuple[str, str]]:
        return self._world.received

    @property
    def standing(self) -> Mapping[str, int]:
        return Counter(native for native, _ in self._answers())

    @property
    def doubled(self) -> Sequence[str]:
        return sorted({native for (native, _), count in Counter(self._answers()).items() if count > 1})

    @property
    def pages(self) -> int:
        return sum(account.is_official for account in self._world.accounts.values())

    def native_of(self, text: str) -> list[Sequence[str]]:
        """A post's address, or the one that opens the answer to it."""
        return [(status or answered,) for status, answered in _X.findall(text)]

    def words_of(self, native_id: str) -> str | None:
        post = self._world.posts.get(native_id)
        return post.text if post is not None and not post.deleted else None

    def answer_by_hand(self, native_id: str, text: str) -> str:
        post = self._world.item(native_id)
        officials = [one for one in self._world.accounts.values() if one.is_official]
        named = [one for one in officials if one.username.lower() in post.names]
        author = (named or officials)[0]
        written = self._world.write(author, text, reply_to=post.id)
        return f"https://x.com/{author.username}/status/{written.id}"

    def offer(self, page: str, *, author: str, text: str) -> None:
        """A post that mentions the account."""
        named = self._world.accounts[page].username
        self._world.offer(self._world.resident(author), f"@{named} {text}")

    def _answers(self) -> list[tuple[str, str]]:
        """(post answered, account) of each reply of an official account that stands."""
        return [
            (post.reply_to, post.author.id)
            for post in self._world.timeline
            if post.author.is_official and post.reply_to
        ]
