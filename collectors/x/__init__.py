"""X: the official accounts, mentions, search by words, and answers to who asked us."""

from collectors.contract import Facts, Network
from collectors.x.connecting import connect
from collectors.x.links import intent_url, page_of_link, parse_link
from collectors.x.queries import compiled
from collectors.x.settings import XSettings
from incidents.links import AnswerLinks

__all__ = ["NETWORK", "XSettings", "compiled", "connect", "intent_url", "page_of_link", "parse_link"]

NETWORK = Network(
    name="x",
    title="X",
    facts=Facts(
        reads="posts of official accounts, answers to them, mentions (Bearer token, paid per post)",
        finds="public posts of seven days by words, all forms, phrases and minus-words",
        answers="where the author mentioned or quoted the account; elsewhere by hand (enterprise keys: anywhere)",
        edits="no: an answer can be deleted by hand",
        push="no: polling of mentions and searches",
        limits="450 searches in 15 minutes; 512 characters a query; 280 weights; a monthly budget in $",
    ),
    settings=XSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    compiled=compiled,
    answer_links=AnswerLinks.OWN,
    compose=intent_url,
    open_questions=(
        "which names of fields this app gets: post.fields or tweet.fields (setting dialect)",
        "the words of the 403 that refuses a reply nobody asked for, and of the one that refuses a double",
        "whether reading the account's own posts with the Bearer token is billed as an owned read",
    ),
)
