"""Telegram as a source: channels and discussion groups where the bot is a member."""

from collectors.contract import Facts, Network
from collectors.telegram.connecting import connect
from collectors.telegram.links import page_of_link, parse_link
from collectors.telegram.settings import TelegramSourceSettings
from incidents.links import AnswerLinks

__all__ = ["NETWORK", "TelegramSourceSettings", "connect", "page_of_link", "parse_link"]

NETWORK = Network(
    name="telegram",
    title="Telegram",
    facts=Facts(
        reads="posts of channels, messages of discussion groups, from the moment the bot is a member",
        finds="no search; matched here",
        answers="reply in the group, by the bot under its own name",
        edits="yes",
        push="the bot's own updates",
        limits="30 messages a second in all, 20 a minute in a group; 4096 characters; no history, no deletions",
    ),
    settings=TelegramSourceSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    answer_links=AnswerLinks.OWN,
    open_questions=(
        "whether the bot is told of the automatic copy of a channel's post while privacy mode is on",
        "privacy mode must be off, or the bot an administrator of the group, to see every message",
        "what 429 looks like when answers and work messages share one bot",
    ),
)
