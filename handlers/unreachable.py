"""Why Telegram took no message for a chat, in people's words."""

from typing import Final

from handlers.words import Words

NOTICES: Final = frozenset({"body_unreachable", "body_lost_coordinator"})

# What stands in Telegram's own words, https://core.telegram.org/bots/api#chatmember and the errors of sendMessage.
_GONE: Final = ("kicked", "left", "blocked", "deactivated", "not a member", "chat not found")
_NO_TOPIC: Final = ("thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")


def why_unreachable(error: str, words: Words) -> str:
    """Without the full stop; what is not known is said as Telegram said it."""
    said = error.casefold()
    if any(one in said for one in _NO_TOPIC):
        return words.plain("unreachable.no_topic")
    if any(one in said for one in _GONE):
        return words.plain("unreachable.gone")
    return error.strip().rstrip(".")
