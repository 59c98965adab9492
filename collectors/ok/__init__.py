"""Odnoklassniki: topics and comments of official groups, hashtags, and the group's official answers."""

from collections.abc import Sequence

from pydantic import SecretStr

from collectors.contract import Collector, Connector, Facts, Network, Page, Tools, Watch
from collectors.ok.check import OkCheck
from collectors.ok.client import OkClient
from collectors.ok.groups import OkGroups
from collectors.ok.links import page_of_link, parse_link
from collectors.ok.pages import NETWORK as NAME
from collectors.ok.pages import Account, Pages
from collectors.ok.publish import OkPublisher
from collectors.ok.settings import OkSettings
from collectors.ok.signature import session_secret
from collectors.ok.tags import OkTag, compiled
from incidents.keywords import Keyword, hashtag_of
from incidents.links import AnswerLinks

__all__ = ["NETWORK", "OkSettings", "compiled", "connect", "page_of_link", "parse_link"]


def connect(settings: OkSettings, tools: Tools) -> Connector:
    """Everything Odnoklassniki does, with one session. No call is made here.

    Raises:
        ValueError: a key is missing.
    """
    client = _client(settings, tools)
    account = Account(client)
    publisher = OkPublisher(client=client, settings=settings, account=account)
    watched: list[Page] = []

    def watch(wanted: Watch) -> Sequence[Collector]:
        watched[:] = wanted.pages
        pages = Pages(wanted.pages, answers=settings.answers)
        found: list[Collector] = []
        if wanted.pages:
            found.append(OkGroups(client=client, settings=settings, pages=pages, account=account))
        theirs: dict[str, list[Keyword]] = {}
        for keyword in wanted.keywords:
            theirs.setdefault(hashtag_of(keyword) or "", []).append(keyword)
        theirs.pop("", None)  # words that make no hashtag are matched in what the groups bring
        for tag, keywords in theirs.items():
            found.append(
                OkTag(
                    client=client, settings=settings, tag=tag, keywords=keywords, pages=pages, account=account
                )
            )
        return found

    checks = OkCheck(
        client=client, settings=settings, account=account, publisher=publisher, watched=lambda: watched
    )
    return Connector(
        network=NAME,
        watch=watch,
        publisher=publisher if settings.answers else None,
        look_up=checks.look_up,
        check=checks.check,
        verify_link=checks.verify_link,
    )


def _client(settings: OkSettings, tools: Tools) -> OkClient:
    if not settings.application_key:
        raise ValueError("application_key: the public key of the application is needed")
    if settings.access_token is None:
        raise ValueError("access_token: the token of a group's administrator is needed")
    secret = settings.session_secret
    if secret is None:
        if settings.application_secret is None:
            raise ValueError("session_secret: give it, or application_secret")
        token = settings.access_token.get_secret_value()
        secret = SecretStr(session_secret(token, settings.application_secret.get_secret_value()))
    return OkClient(
        tools.http,
        url=settings.api_url,
        application_key=settings.application_key,
        token=settings.access_token,
        secret=secret,
        calls_per_second=settings.calls_per_second,
        timeout_seconds=settings.timeout_seconds,
    )


NETWORK = Network(
    name=NAME,
    title="Одноклассники",
    facts=Facts(
        reads="topics of official groups and comments under them (discussions of the group's administrator)",
        finds="topics by hashtag only",
        answers="official answer of the group under its own topics, once switched on; elsewhere by hand",
        edits="noticed by re-reading; a published answer is edited where `answers` is on",
        push="none for comments",
        limits="none published: 1 call a second by default; 3000 characters; no photos",
    ),
    settings=OkSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    compiled=compiled,
    answer_links=AnswerLinks.POST,
    open_questions=(
        "whether discussions.addDiscussionComment with as_admin is open to the application (GROUP_CONTENT)",
        "what it answers, and whether the group or its administrator signs the comment",
        "whether discussions.getList shows every topic of a group, and in which order (the liveliest first?)",
        "whether search.tagContents is still open, and whether its answer begins with the newest",
        "how comments are dated: date_ms, or date in Moscow time (both are read)",
        "which error a topic with closed comments gives",
        "how many calls a second are allowed, and how many topics mediatopic.getByIds takes at once",
        "whether a comment has a link of its own",
    ),
)
