"""X's query language, as much of it as is used here.

Source: https://docs.x.com/x-api/posts/search/integrate/build-a-query , .../operators
A space is AND and binds closer than OR; a minus negates one operator, not a group; words and #tags have no forms;
case and signs over letters do not matter.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from sandbox.x.things import HASHTAG, Account, Post

_TOKEN: Final = re.compile(r'\s*(?:(\()|(\))|(-?)(?:([a-z_]+):)?(?:"([^"]*)"|([^\s()"]+)))')
_WORD: Final = re.compile(r"\w+")
OPERATORS: Final = frozenset(
    {"from", "to", "conversation_id", "in_reply_to_tweet_id", "is", "lang", "has", "url"}
)
_NEED_COMPANY: Final = frozenset({"is", "lang", "has"})
_KINDS: Final = {
    "is": {"reply", "quote", "retweet", "verified"},
    "has": {"links", "media", "mentions", "hashtags"},
}

Test: TypeAlias = Callable[[Post], bool]


class BadQuery(ValueError):
    """X would refuse it; the message says why."""


@dataclass(frozen=True, slots=True)
class _Node:
    """`stands`: it may be asked for alone."""

    test: Test
    stands: bool


def folded(text: str) -> str:
    """Case and diacritics gone."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def compiled(query: str) -> Test:
    """What a post must be.

    Raises:
        BadQuery: X would refuse it.
    """
    parser = _Parser(query)
    node = parser.any_of()
    if parser.rest:
        raise BadQuery(f"no viable alternative at '{parser.rest[0][0]}'")
    if not node.stands:
        raise BadQuery("Rule must contain a standalone operator beside `is:`, `lang:` and `has:`")
    return node.test


class _Parser:
    def __init__(self, query: str) -> None:
        self.rest: list[re.Match[str]] = []
        at = 0
        while query[at:].strip():
            found = _TOKEN.match(query, at)
            if found is None:
                raise BadQuery(f"no viable alternative at character {at + 1}")
            self.rest.append(found)
            at = found.end()
        self.rest.reverse()  # the next one is the last

    def any_of(self) -> _Node:
        """Alternatives, as in: a b OR c."""
        nodes = [self._all_of()]
        while self.rest and self._is_or():
            self.rest.pop()
            nodes.append(self._all_of())
        if len(nodes) == 1:
            return nodes[0]
        return _Node(lambda post: any(one.test(post) for one in nodes), all(one.stands for one in nodes))

    def _all_of(self) -> _Node:
        nodes = []
        while self.rest and not self._is_or() and not self.rest[-1][2]:
            nodes.append(self._one())
        if not nodes:
            raise BadQuery("an operator is missing")
        return _Node(lambda post: all(one.test(post) for one in nodes), any(one.stands for one in nodes))

    def _one(self) -> _Node:
        found = self.rest.pop()
        if found[1]:
            inside = self.any_of()
            if not self.rest or not self.rest.pop()[2]:
                raise BadQuery("a bracket is not closed")
            return inside
        sign, operator, phrase, word = found[3], found[4], found[5], found[6]
        if not sign and word == "-" and self.rest and self.rest[-1][1]:
            raise BadQuery("groups cannot be negated")
        if operator and operator not in OPERATORS:
            raise BadQuery(f"Reference to invalid operator '{operator}'")
        test = self._operator(operator, word or phrase or "") if operator else _text(word, phrase)
        if sign:
            return _Node(lambda post: not test(post), stands=False)
        return _Node(test, stands=operator not in _NEED_COMPANY)

    def _is_or(self) -> bool:
        last = self.rest[-1]
        return last[6] == "OR" and not last[3] and not last[4]

    def _operator(self, operator: str, value: str) -> Test:
        small = value.lower()
        if operator in _KINDS and small not in _KINDS[operator]:
            raise BadQuery(f"Invalid value for `{operator}:`")
        tests: dict[str, Test] = {
            "from": lambda post: small in _names(post.author),
            "to": lambda post: small in _names(post.answered),
            "conversation_id": lambda post: post.conversation == value,
            "in_reply_to_tweet_id": lambda post: post.reply_to == value,
            "lang": lambda post: post.lang == small,
            "url": lambda post: folded(value) in folded(post.text),
            "is": lambda post: _is(post, small),
            "has": lambda post: _has(post, small),
        }
        return tests[operator]


def _names(account: Account | None) -> set[str]:
    return {account.username.lower(), account.id} if account is not None else set()


def _is(post: Post, kind: str) -> bool:
    facts = {
        "reply": bool(post.reply_to),
        "quote": bool(post.quoted),
        "retweet": bool(post.repost_of),
        "verified": post.author.verified,
    }
    return facts[kind]


def _has(post: Post, kind: str) -> bool:
    facts = {
        "links": "http" in post.text,
        "media": bool(post.photos or post.media),
        "mentions": bool(post.names),
        "hashtags": bool(HASHTAG.search(post.text)),
    }
    return facts[kind]


def _text(word: str | None, phrase: str | None) -> Test:
    if word is not None and word.startswith("#"):
        tag = folded(word[1:])
        return lambda post: tag in {folded(one) for one in HASHTAG.findall(post.text)}
    if word is not None and word.startswith("@"):
        name = word[1:].lower()
        return lambda post: name in post.names
    wanted = _WORD.findall(folded(word if word is not None else phrase or ""))
    if not wanted:
        raise BadQuery("an empty word")

    def holds(post: Post) -> bool:
        words = _WORD.findall(folded(post.text))
        return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))

    return holds
