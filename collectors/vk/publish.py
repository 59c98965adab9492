"""Answers: comments written by the community itself.

Source: https://dev.vk.com/ru/method/wall.createComment
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from collectors.contract import Link, NetworkError, Outcome, Published, Reply
from collectors.vk.client import VkClient
from collectors.vk.communities import Communities, Community, whole
from collectors.vk.posts import NETWORK, Row, comment_id, comment_url, parents
from collectors.vk.settings import VkSettings
from collectors.vk.text import same
from collectors.vk.threads import Comments, read_comments

_NATIVE: Final = re.compile(r"wall(-?\d+)_(\d+)(?:_r(\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Target:
    owner_id: int
    post: int
    comment: int | None


class VkPublisher:
    """Writes with community tokens, reads back with the service token."""

    def __init__(
        self,
        *,
        reader: VkClient,
        writers: Mapping[int, VkClient],
        settings: VkSettings,
        pages: Communities,
    ) -> None:
        """`writers`: position of the community in the settings → the client of its token."""
        self._reader = reader
        self._writers = writers
        self._settings = settings
        self._pages = pages

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        """VK drops a second comment with the same `guid`."""
        return True

    @property
    def text_limit(self) -> int:
        """Characters."""
        return self._settings.text_limit

    @property
    def photos_limit(self) -> int:
        """None: uploading takes a user's token (photos.getWallUploadServer answers a community's with 27)."""
        return 0

    def measure(self, text: str) -> int:
        return len(text)

    def objection(self, text: str) -> str:
        """Nothing: whether links are forbidden is each community's own choice, told only by refusing (222)."""
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Write the comment; the same `reply.key` never makes a second one.

        Raises:
            NetworkError: see `maybe_done`.
        """
        target = _target(reply)
        community = await self._who(target)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"vk: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        if len(reply.photos) > self.photos_limit:
            raise NetworkError("vk: a comment of ours carries no photos", outcome=Outcome.REFUSED)
        question: dict[str, str | int] = {
            "owner_id": target.owner_id,
            "post_id": target.post,
            "from_group": community.id,
            "message": reply.text,
            "guid": reply.key,
        }
        if target.comment is not None:
            question["reply_to_comment"] = target.comment
        answer = await self._writer(community).call("wall.createComment", question, writes=True)
        number = whole(answer, "comment_id")
        if number is None:
            raise NetworkError(
                "vk wall.createComment: no comment_id in the answer",
                outcome=Outcome.LATER,
                retry_after=timedelta(minutes=1),
                maybe_done=True,
            )
        return _published(target, number, answer)

    async def find(self, reply: Reply) -> Published | None:
        """Our comment with this text under this very post or comment, else None.

        Raises:
            NetworkError: the thread could not be read.
        """
        target = _target(reply)
        community = await self._who(target)
        comments = await self._comments(target)
        for number, row in sorted(comments.rows.items()):
            ours = whole(row, "from_id") == -community.id and not row.get("deleted")
            if ours and _answered(row) == target.comment and same(row.get("text"), reply.text):
                return _published(target, number, row)
        return None

    async def verify_link(self, link: Link, reply: Reply) -> Published | None:
        """The comment a link names, if an official page of ours wrote it under `reply`'s very post.

        With `reply.text` the words must be the same; without, any words of ours will do.

        Raises:
            NetworkError: the thread could not be read.
        """
        named, target = _NATIVE.fullmatch(link.native_id), _target(reply)
        if named is None or named[3] is None:
            return None
        if (int(named[1]), int(named[2])) != (target.owner_id, target.post):
            return None
        await self._pages.resolve(self._reader)
        number = int(named[3])
        row = (await self._comments(target)).rows.get(number)
        if row is None or row.get("deleted") or self._pages.of(whole(row, "from_id") or 0) is None:
            return None
        if reply.text and not same(row.get("text"), reply.text):
            return None
        return _published(target, number, row)

    async def _comments(self, target: _Target) -> Comments:
        return await read_comments(
            self._reader,
            owner_id=target.owner_id,
            post=target.post,
            page_size=self._settings.comments_per_page,
            most_pages=self._settings.most_pages,
        )

    async def _who(self, target: _Target) -> Community:
        await self._pages.resolve(self._reader)
        community = self._pages.answering(target.owner_id)
        if community is None:
            raise NetworkError(
                f"vk: no community token to answer on wall {target.owner_id}", outcome=Outcome.NEVER
            )
        return community

    def _writer(self, community: Community) -> VkClient:
        client = self._writers.get(community.token) if community.token is not None else None
        if client is None:
            raise NetworkError(f"vk: no token of community {community.id}", outcome=Outcome.NEVER)
        return client


def _target(reply: Reply) -> _Target:
    parts = _NATIVE.fullmatch(reply.post_id)
    if parts is None:
        raise NetworkError(f"vk: {reply.post_id!r} is no post of VK", outcome=Outcome.NEVER)
    owner, post, comment = parts.groups()
    return _Target(int(owner), int(post), int(comment) if comment is not None else None)


def _answered(row: Row) -> int | None:
    """The comment this one answers, None when it answers the post."""
    stack = parents(row)
    return whole(row, "reply_to_comment") or (stack[-1] if stack else None)


def _published(target: _Target, number: int, row: Row) -> Published:
    stack = parents(row)
    url = comment_url(target.owner_id, target.post, number, thread=stack[0] if stack else None)
    return Published(comment_id(target.owner_id, target.post, number), url)
