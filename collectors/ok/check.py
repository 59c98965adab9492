"""What can be verified by reading alone: the keys, the groups, and a link to an answer written by hand.

Source: https://apiok.ru/dev/methods/rest/group/group.getInfo
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from collectors.contract import Check, Link, NetworkError, Outcome, Page, PageFacts, Published, Reply
from collectors.ok.client import OkClient
from collectors.ok.comments import comment_id, read_comments
from collectors.ok.pages import SWITCHED_OFF, Account, number_of
from collectors.ok.publish import OkPublisher, Target, answered, is_ours, target
from collectors.ok.reading import Row, moment
from collectors.ok.settings import OkSettings
from collectors.ok.text import same
from collectors.text import storable

NOT_ADMIN: Final = "not_admin"
_MAY_ANSWER: Final = frozenset({"ADMIN", "MODERATOR"})
_METERED: Final = "discussions.getList,discussions.getComments,mediatopic.getByIds,search.tagContents"


class OkCheck:
    """Reading calls only. `watched` gives the groups that are watched now."""

    def __init__(
        self,
        *,
        client: OkClient,
        settings: OkSettings,
        account: Account,
        publisher: OkPublisher,
        watched: Callable[[], Sequence[Page]],
    ) -> None:
        self._client = client
        self._settings = settings
        self._account = account
        self._publisher = publisher
        self._watched = watched

    async def look_up(self, page: Page) -> PageFacts:
        """A group's number, short name and title, and whether our administrator may answer in it.

        OK does not tell of the verification mark here.

        Raises:
            NetworkError: OK could not be asked, or there is no such group (GONE).
        """
        gid = page.native_id or await number_of(self._client, page.name)
        question = {"uids": gid, "fields": "uid,name,shortname"}
        answer = await self._client.ask("group.getInfo", question) if gid else None
        groups = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
        if not groups:
            raise NetworkError(f"ok: no group {page.native_id or page.name}", outcome=Outcome.GONE)
        problem = await self._problem(gid)
        return PageFacts(
            native_id=gid,
            name=storable(groups[0].get("shortname")) or page.name,
            title=storable(groups[0].get("name")),
            can_answer=not problem,
            problem=problem,
        )

    async def check(self) -> Sequence[Check]:
        """The session, what is left of its calls, each watched group, and the switch of answers."""
        try:
            answer = await self._client.call("users.getCurrentUser", {"fields": "uid,name"})
        except NetworkError as error:
            return [Check("users.getCurrentUser", "the token", str(error))]
        found = [Check("users.getCurrentUser", f"the token is of {storable(answer.get('name'))}")]
        found.append(await self._calls_left())
        found += [await self._group(page) for page in self._watched()]
        off = "" if self._settings.answers else SWITCHED_OFF
        return [*found, Check("discussions.addDiscussionComment", "answers by the program", off)]

    async def verify_link(self, link: Link, reply: Reply) -> Published | None:
        """The answer written by hand under `reply`'s post, if it stands in the topic the link names.

        A comment has no link of its own, so it is looked for: the group's, not older than the message it
        answers, with the words of `reply` if it has any.

        Raises:
            NetworkError: the topic could not be read.
        """
        named, asked = target(link.native_id), target(reply.post_id)
        if named is None or asked is None or named.topic != asked.topic:
            return None
        acting = await self._account.uid()
        rows = await read_comments(self._client, self._settings, asked.topic)
        for identity, row in sorted(rows.items(), key=lambda one: int(one[0]), reverse=True):
            said = not reply.text or same(row.get("text"), reply.text)
            if said and is_ours(row, acting=acting) and _answers(row, asked, rows):
                return Published(comment_id(asked.topic, identity), await self._publisher.url(asked.topic))
        return None

    async def _problem(self, gid: str) -> str:
        """Why nothing can be answered in this group, "" if it can."""
        if not self._settings.answers:
            return SWITCHED_OFF
        question = {"group_id": gid, "uids": await self._account.uid()}
        answer = await self._client.ask("group.getUserGroupsByIds", question)
        mine = answer[0] if isinstance(answer, list) and answer and isinstance(answer[0], dict) else {}
        return "" if mine.get("status") in _MAY_ANSWER else NOT_ADMIN

    async def _calls_left(self) -> Check:
        try:
            answer = await self._client.ask("users.getCallsLeft", {"methods": _METERED})
        except NetworkError as error:
            return Check("users.getCallsLeft", "calls left", str(error))
        rows = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
        shown = [f"{one.get('methodName', '?')} {one.get('callsLeft', '?')}" for one in rows]
        used_up = [str(one.get("methodName", "?")) for one in rows if one.get("available") is False]
        return Check("users.getCallsLeft", "calls left: " + ", ".join(shown), ", ".join(used_up))

    async def _group(self, page: Page) -> Check:
        subject = page.title or page.name or page.native_id
        try:
            facts = await self.look_up(page)
        except NetworkError as error:
            return Check(subject, "the group is read", str(error))
        # That answers are switched off is said once, not of each group.
        problem = "" if facts.problem == SWITCHED_OFF else facts.problem
        return Check(subject, f"the group is read: {facts.title}", problem)


def _answers(row: Row, asked: Target, rows: dict[str, Row]) -> bool:
    """Whether this comment may be the answer: to the very comment, or to nobody in particular after it."""
    to = answered(row)
    if not asked.comment:
        return not to
    if to:
        return to == asked.comment
    long_ago = datetime.min.replace(tzinfo=UTC)
    question = rows.get(asked.comment)
    if question is None:
        return False
    return (moment(row) or long_ago) >= (moment(question) or long_ago)
