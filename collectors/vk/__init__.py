"""VK: walls of official communities, search, and answers by the community."""

from collectors.contract import Facts, Network
from collectors.vk.connecting import connect
from collectors.vk.links import page_of_link, parse_link
from collectors.vk.settings import CommunitySettings, VkSettings
from collectors.vk.words import compiled

__all__ = [
    "NETWORK",
    "CommunitySettings",
    "VkSettings",
    "compiled",
    "connect",
    "page_of_link",
    "parse_link",
]

NETWORK = Network(
    name="vk",
    title="VK",
    facts=Facts(
        reads="posts and comments with threads on official pages (service token)",
        finds="public posts by words (newsfeed.search), phrases and minus-words matched here",
        answers="comment as the community (community token); elsewhere where communities may comment",
        edits="no: wall.editComment takes a user's token",
        push="Bots Long Poll; Callback API",
        limits="calls a second per token; wall.get 4500 and newsfeed.search 900 a day; 4096 characters",
    ),
    settings=VkSettings,
    connect=connect,
    parse_link=parse_link,
    page_of_link=page_of_link,
    compiled=compiled,
    open_questions=(
        "how long a comment may really be (text_limit)",
        "whether wall.createComment with from_group works on walls that are not ours",
        "the form of a link to a comment within a thread",
        "whether newsfeed.search knows minus-words and quotes: it is not asked to",
        "the daily quotas of wall.get and newsfeed.search (quoted by developers in 2021-22)",
    ),
)
