"""Answers: official comments of the group's administrator.

Source: https://apiok.ru/dev/methods/rest/discussions/discussions.addDiscussionComment (documented in 2017; its
page answered 404 on 2026-09-25, so the setting `answers` is off until the operator has tried it)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from collectors.contract import NetworkError, Outcome, Published, Reply
from collectors.ok.client import OkClient
from collectors.ok.comments import comment_id, read_comments
from collectors.ok.pages import NETWORK, SITE, Account
from collectors.ok.reading import Row, inner, number, objects, reference
from collectors.ok.settings import OkSettings
from collectors.ok.text import same
from collectors.ok.topics import GROUP_TOPIC, topic_url
from collectors.text import storable

_NATIVE: Final = re.compile(r"GROUP_TOPIC:(\d{1,20})(?::(\d{1,20}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """What is answered: a topic, or a comment under it."""

    topic: str
    comment: str = ""


def target(post_id: str) -> Target | None:
    """The topic and comment a native id names; None if it names none of a group."""
    parts = _NATIVE.fullmatch(post_id)
    return Target(parts[1], parts[2] or "") if parts else None


def is_ours(row: Row, *, acting: str) -> bool:
    """Under a group's topic only the group itself may write as a group."""
    kind, identity = reference(row, "author_ref")
    return kind == "group" or acting in {identity, number(row, "author_id")}


class OkPublisher:
    """Writes and reads back with the administrator's token."""

    def __init__(self, *, client: OkClient, settings: OkSettings, account: Account) -> None:
        self._client = client
        self._settings = settings
        self._account = account
        self._owners: dict[str, str] = {}

    @property
    def network(self) -> str:
        return NETWORK

    @property
    def idempotent(self) -> bool:
        """OK has no key for that: a second call makes a second comment."""
        return False

    @property
    def text_limit(self) -> int:
        return self._settings.text_limit

    @property
    def photos_limit(self) -> int:
        """How pictures are attached to a comment is not documented."""
        return 0

    def measure(self, text: str) -> int:
        return len(text)

    def objection(self, text: str) -> str:
        return ""

    async def publish(self, reply: Reply) -> Published:
        """Write the comment as the group.

        Raises:
            NetworkError: see `maybe_done`; NEVER while `answers` is switched off.
        """
        where = _target(reply)
        if not self._settings.answers:
            raise NetworkError("ok: answers are switched off (`answers`)", outcome=Outcome.NEVER)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"ok: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        question: dict[str, str | int] = {
            "entityId": where.topic,
            "entityType": GROUP_TOPIC,
            "comment": reply.text,
            "as_admin": "true",
        }
        if where.comment:
            question["reply_to_comment_id"] = where.comment
        answer = await self._client.ask("discussions.addDiscussionComment", question, writes=True)
        made = _made(answer)
        if not made:
            raise NetworkError(
                "ok discussions.addDiscussionComment: no comment's id in the answer",
                outcome=Outcome.LATER,
                retry_after=timedelta(minutes=1),
                maybe_done=True,
            )
        return Published(comment_id(where.topic, made), await self.url(where.topic))

    async def edit(self, reply: Reply, *, native_id: str) -> None:
        """Put other words in place of an answer of ours.

        Source: https://apiok.ru/dev/methods/rest/discussions/discussions.editDiscussionComment

        Raises:
            NetworkError: see `maybe_done`; NEVER while `answers` is switched off.
        """
        ours = target(native_id)
        if ours is None or not ours.comment:
            raise NetworkError(f"ok: {native_id!r} is no comment", outcome=Outcome.NEVER)
        if not self._settings.answers:
            raise NetworkError("ok: answers are switched off (`answers`)", outcome=Outcome.NEVER)
        if self.measure(reply.text) > self.text_limit:
            raise NetworkError(f"ok: longer than {self.text_limit} characters", outcome=Outcome.REFUSED)
        question: dict[str, str | int] = {
            "discussionId": ours.topic,
            "discussionType": GROUP_TOPIC,
            "comment_id": ours.comment,
            "comment": reply.text,
        }
        await self._client.ask("discussions.editDiscussionComment", question, writes=True)

    async def find(self, reply: Reply) -> Published | None:
        """Our comment with this text under this very topic or comment, else None.

        Raises:
            NetworkError: the comments could not be read.
        """
        where = _target(reply)
        acting = await self._account.uid()
        rows = await read_comments(self._client, self._settings, where.topic)
        for identity, row in sorted(rows.items(), key=lambda one: int(one[0])):
            ours = is_ours(row, acting=acting)
            if ours and answered(row) == where.comment and same(row.get("text"), reply.text):
                return Published(comment_id(where.topic, identity), await self.url(where.topic))
        return None

    async def url(self, topic: str) -> str:
        """The topic's address. The answer stands already: that nothing can be asked now must not undo that."""
        if topic not in self._owners:
            question = {"topic_ids": topic, "fields": "media_topic.ID,media_topic.OWNER_REF"}
            try:
                answer = await self._client.ask("mediatopic.getByIds", question)
            except NetworkError:
                answer = None
            rows = objects(answer, "media_topics") if isinstance(answer, dict) else []
            kind, gid = reference(rows[0], "owner_ref") if rows else ("", "")
            if kind != "group":
                return f"{SITE}/topic/{topic}"
            self._owners[topic] = gid
        return topic_url(self._owners[topic], topic)


def answered(row: Row) -> str:
    """The comment this one answers, "" when it answers the topic."""
    parent = number(row, "reply_to_comment_id")
    return "" if parent == "0" else parent


def _target(reply: Reply) -> Target:
    where = target(reply.post_id)
    if where is None:
        raise NetworkError(f"ok: {reply.post_id!r} is no topic of a group", outcome=Outcome.NEVER)
    return where


def _made(answer: object) -> str:
    """The new comment's id: a bare text, or in an object, as the years have had it."""
    if isinstance(answer, str):
        return number({"id": storable(answer)}, "id")
    if not isinstance(answer, Mapping):
        return ""
    return number(answer, "id") or number(answer, "comment_id") or number(inner(answer, "comment"), "id")
