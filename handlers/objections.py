"""Why a network would not take these words, and what to change in them."""

from handlers.words import Words
from incidents.errors import AnswerTooLong, EmptyAnswer, IncidentError, TextRefused


def objection(refusal: TextRefused, words: Words) -> str:
    """Plain text: what the network refuses, and what to do. A key nobody has named says only that it does."""
    network = words.name("network", refusal.network)
    template = words.name("refused_text", refusal.objection)
    if template == refusal.objection:
        return words.plain("refused_text.other", network=network)
    return template.format(network=network)


def doubts(faults: list[IncidentError], words: Words) -> list[str]:
    """The same for a draft that is looked at before it is sent."""
    lines: list[str] = []
    for fault in faults:
        if isinstance(fault, EmptyAnswer):
            lines.append(words("preview.empty"))
        elif isinstance(fault, AnswerTooLong):
            network = words.name("network", fault.network)
            lines.append(words("preview.too_long", length=fault.length, limit=fault.limit, network=network))
        elif isinstance(fault, TextRefused):
            lines.append(words("preview.refused", why=objection(fault, words)))
    return lines
