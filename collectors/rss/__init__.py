"""RSS and Atom: news sites and city forums that have a feed. Read only."""

from collectors.contract import Facts, Network
from collectors.rss.connecting import connect, no_link, no_page
from collectors.rss.settings import FeedSettings, RssSettings
from incidents.links import AnswerLinks

__all__ = ["NETWORK", "FeedSettings", "RssSettings", "connect"]

NETWORK = Network(
    name="rss",
    title="RSS",
    facts=Facts(
        reads="entries of RSS 2.0, RSS 1.0 and Atom feeds",
        finds="no search; matched here",
        answers="no: by hand on the site",
        edits="no",
        push="no; conditional GET",
        limits="5 MB a feed",
    ),
    settings=RssSettings,
    connect=connect,
    parse_link=no_link,
    page_of_link=no_page,
    has_pages=False,
    answer_links=AnswerLinks.ANYWHERE,
)
