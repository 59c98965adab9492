"""Facebook: walls of official pages with their comments, tags, and answers by the page."""

from collectors.contract import Connector, Facts, Network, Tools, Watch
from collectors.facebook.collect import TAGGED, WALL, PageSource
from collectors.facebook.hook import FacebookHook
from collectors.facebook.links import page_of_link, parse_link
from collectors.facebook.pages import Pages
from collectors.facebook.posts import NETWORK as NAME
from collectors.facebook.publish import FacebookPublisher
from collectors.facebook.settings import FacebookSettings, PageSettings
from collectors.facebook.verify import FacebookReadings
from collectors.graph import GraphClients
from collectors.graph.feed import PostsAndComments

__all__ = ["NETWORK", "FacebookSettings", "PageSettings", "compiled", "connect", "page_of_link", "parse_link"]

compiled = None  # Facebook knows no search for words: keywords are matched locally


def connect(settings: FacebookSettings, tools: Tools) -> Connector:
    """Everything Facebook does. No call is made here.

    Raises:
        ValueError: nothing could be read: there is neither a Page token nor a public one.
    """
    pages = Pages(settings, GraphClients(tools.http, settings, network=NAME))
    if not pages.tokens and pages.public is None:
        raise ValueError("communities needs one page with its page_token at least; or give public_token")
    readings = FacebookReadings(pages)

    def watch(wanted: Watch) -> list[PostsAndComments]:
        pages.watch(wanted.pages)
        edges = (WALL, TAGGED) if settings.read_tagged else (WALL,)
        return [
            PostsAndComments(PageSource(page, edge, pages), settings)
            for page in wanted.pages
            for edge in edges
        ]

    return Connector(
        network=NAME,
        watch=watch,
        publisher=FacebookPublisher(pages) if pages.tokens else None,
        look_up=readings.look_up,
        check=readings.check,
        verify_link=readings.verify_link,
        hook=_hook(settings, pages),
    )


def _hook(settings: FacebookSettings, pages: Pages) -> FacebookHook | None:
    if settings.app_secret is None or settings.verify_token is None:
        return None
    return FacebookHook(pages, app_secret=settings.app_secret, verify_token=settings.verify_token)


NETWORK = Network(
    name=NAME,
    title="Facebook",
    facts=Facts(
        reads="walls of pages with comments of all levels; posts that tag them",
        finds="nothing: keywords are matched locally",
        answers="as the page, under its own wall; one photo",
        edits="yes",
        push="webhook `feed`",
        limits="4800 calls in 24 h per engaged user of a page; the headers tell",
    ),
    settings=FacebookSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    compiled=compiled,
    open_questions=(
        "whether the summary of an edge inside `fields` (COUNTED in posts.py) is told to a Page token",
        "whether /{comment}/comments takes a photo in `source`: documented, absent from Meta's own SDK",
        "whether `can_comment` is true for a reply to a comment",
        "which codes closed comments, a hidden comment and too long a text bring: 100 is expected",
        "whether a Page token may do with the permissions pages_read_user_content, pages_manage_engagement",
    ),
)
