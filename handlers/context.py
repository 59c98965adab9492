"""What receiving hands to every handler, by name: aiogram passes `transaction`, `reading`, `clock`, `house`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from incidents.communities import REQUIRED_NETWORKS
from incidents.incoming import Explanation
from incidents.keywords import Forms, Keyword, as_written
from incidents.links import AnswerLinks, Parse, Pasted
from incidents.registry_columns import LinkReader
from incidents.wording import Rules
from models import Language

# `async with transaction() as session:` one transaction in which the update is marked done as well: the
# business change and "this press was handled" commit together or not at all. At most once per update.
Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]

# `async with reading() as session:` a snapshot to look at.
Reading = Callable[[], AbstractAsyncContextManager[AsyncSession]]

Clock = Callable[[], datetime]

# What keywords become in one network, query by query; None where posts are only matched as they are brought.
Compiled = Callable[[Sequence[Keyword]], Sequence[str]] | None

Compose = Callable[[str, str], str]

# The words of a text that decide. Raises NotExplained; may take seconds the first time.
Explain = Callable[[str], Awaitable[Explanation]]


class NotExplained(Exception):
    """The classifier cannot be opened, or broke: whoever opens it has logged why."""


def _no_link(_: str) -> Pasted | None:
    return None


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every press: the bot's name, the region's zone and language, the networks' rules.

    `rules`: network → what it wants of an answer. `new_token` makes a fresh invitation token. `links` takes a
    pasted link apart, `answer_links` says how a network's links to answers look. `compose`: network → the address
    that opens its own app with the answer written already, made of the post's native id and the text.
    `compiled`: network's title → its queries, in the order to show. `word_forms` opens the dictionary: call it
    off the event loop. `readers`: network → what reads the link to a page there. `required_networks`: where every
    body must have a page. `explainer`: None where nobody can say which words decided.
    """

    bot_username: str
    zone: ZoneInfo
    language: Language
    new_token: Callable[[], str]
    rules: Rules = field(default_factory=dict)
    links: Parse = _no_link
    answer_links: Mapping[str, AnswerLinks] = field(default_factory=dict)
    compose: Mapping[str, Compose] = field(default_factory=dict)
    compiled: Mapping[str, Compiled] = field(default_factory=dict)
    word_forms: Forms = as_written
    readers: Mapping[str, LinkReader] = field(default_factory=dict)
    required_networks: tuple[str, ...] = REQUIRED_NETWORKS
    explainer: Explain | None = None
