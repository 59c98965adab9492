"""Instagram: media of official accounts with their comments, mentions, hashtags, and replies by the account."""

from collectors.contract import Collector, Connector, Facts, Network, Tools, Watch
from collectors.graph import GraphClients
from collectors.graph.feed import PostsAndComments
from collectors.instagram.accounts import Accounts
from collectors.instagram.collect import OWN, TAGGED, AccountSource
from collectors.instagram.hashtags import Searching, compiled
from collectors.instagram.hook import InstagramHook
from collectors.instagram.links import page_of_link, parse_link
from collectors.instagram.posts import NETWORK as NAME
from collectors.instagram.publish import InstagramPublisher
from collectors.instagram.settings import AccountSettings, InstagramSettings
from collectors.instagram.verify import InstagramReadings
from incidents.links import AnswerLinks

__all__ = [
    "NETWORK",
    "AccountSettings",
    "InstagramSettings",
    "compiled",
    "connect",
    "page_of_link",
    "parse_link",
]


def connect(settings: InstagramSettings, tools: Tools) -> Connector:
    """Everything Instagram does. No call is made here.

    Raises:
        ValueError: there is no account with a token: nothing could be read.
    """
    accounts = Accounts(settings, GraphClients(tools.http, settings, network=NAME))
    if not len(accounts):
        raise ValueError("accounts needs one account with its token at least")
    publisher = InstagramPublisher(accounts)
    readings = InstagramReadings(accounts, publisher)
    searching = Searching(accounts)

    def watch(wanted: Watch) -> list[Collector]:
        accounts.watch(wanted.pages)
        found = (accounts.of(page) for page in wanted.pages)
        own = {account.id: account for account in found if account is not None}
        edges = (OWN, TAGGED) if settings.read_tagged else (OWN,)
        lists = [AccountSource(account, edge, accounts) for account in own.values() for edge in edges]
        return [*(PostsAndComments(one, settings) for one in lists), *searching.feeds(wanted.keywords)]

    return Connector(
        network=NAME,
        watch=watch,
        publisher=publisher,
        look_up=readings.look_up,
        check=readings.check,
        verify_link=readings.verify_link,
        hook=_hook(settings, accounts),
    )


def _hook(settings: InstagramSettings, accounts: Accounts) -> InstagramHook | None:
    if settings.app_secret is None or settings.verify_token is None:
        return None
    return InstagramHook(accounts, app_secret=settings.app_secret, verify_token=settings.verify_token)


NETWORK = Network(
    name=NAME,
    title="Instagram",
    facts=Facts(
        reads="own media with comments and replies; media that tag us",
        finds="hashtags: 24 h back, 30 an account in 7 days",
        answers="as the account, under own media and @mentions; hashtag finds by hand",
        edits="no",
        push="webhooks `comments`, `mentions`",
        limits="4800 calls in 24 h per engaged user of an account; the headers tell",
    ),
    settings=InstagramSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    answer_links=AnswerLinks.POST,  # its app copies no links to comments
    compiled=compiled,
    open_questions=(
        "the form of the answer to ig_hashtag_search, and whether that call alone uses up one of the 30",
        "how long a comment may be: text_limit is a guess on the safe side",
        "whether a reply posted to a reply is hung under its thread, as documented, or refused",
        "whether the web's number of a comment is the API's id or its legacy_instagram_comment_id",
        "which codes a hidden comment and closed comments bring: 100 is expected",
    ),
)
