"""What keywords and pages become in X's query language, as few queries as fit.

Source: https://docs.x.com/x-api/posts/search/integrate/build-a-query , .../operators
A space is AND and binds closer than OR; groups cannot be negated; X splits texts into words and knows no Russian
word forms, so every form is asked for.
"""

import re
from collections.abc import Sequence
from typing import Final

from collectors.contract import Page
from collectors.x.links import NATIVE
from incidents.keywords import Keyword, Term, forms_of, pack

MOST_PARTS: Final = 4  # queries for one keyword of several words
TAIL: Final = " -is:retweet"
_NAME: Final = re.compile(r"\w{1,15}", re.ASCII)
_PLAIN: Final = re.compile(r"\w+")
_OPERATORS: Final = frozenset({"or", "and", "not"})

Group = tuple[str, ...]  # any of these


def compiled(keywords: Sequence[Keyword]) -> list[str]:
    """The queries all these keywords need, with X's shortest limit, for people to see."""
    return keyword_queries(keywords, limit=512, lang="")


def keyword_queries(keywords: Sequence[Keyword], *, limit: int, lang: str) -> list[str]:
    """Several keywords in a query, up to `limit` characters; one too long for any is cut into several."""
    tail = f"{TAIL} lang:{lang}" if lang else TAIL
    room = limit - len(tail) - len("()")
    parts = [part for keyword in keywords for part in _parts(keyword, room=room)]
    return [f"({query}){tail}" for query in pack(parts, limit=room)]


def page_queries(pages: Sequence[Page], *, own_name: str, limit: int) -> list[str]:
    """What official accounts write, what is written to them, and where they are named.

    Of our own account only answers that do not name it: the rest comes with its posts and mentions, cheaper.
    """
    names = {page.name.lower() for page in pages if _NAME.fullmatch(page.name)} - {own_name}
    numbers = {page.native_id for page in pages if not page.name and NATIVE.fullmatch(page.native_id)}
    parts = [f"from:{name} OR to:{name} OR @{name}" for name in sorted(names)]
    parts += [f"from:{number} OR to:{number}" for number in sorted(numbers)]
    if own_name:
        parts.insert(0, f"(to:{own_name} -@{own_name} -from:{own_name})")
    return [f"({query}){TAIL}" for query in pack(parts, limit=limit - len(TAIL) - len("()"))]


def _parts(keyword: Keyword, *, room: int) -> list[str]:
    """The keyword in brackets: once, or as often as its word forms need.

    A keyword that would need many queries is asked for by fewer of its words, and with fewer minus-words: that
    finds more, and what is too much is dropped when the posts are read.
    """
    groups = [group for term in keyword.terms for group in _groups(term, keyword)]
    minus: list[str] = []
    for one in (one for term in keyword.minus for one in _negations(term, keyword)):
        if sum(map(len, minus)) + len(minus) + len(one) < room // 3:
            minus.append(one)
    while groups:
        parts = _cut(groups, minus, room=room)
        if parts:
            return parts
        if len(groups) > 1:
            groups.remove(max(groups, key=lambda group: sum(map(len, group))))
        elif minus:
            minus.clear()
        else:
            break
    return []


def _cut(groups: Sequence[Group], minus: Sequence[str], *, room: int) -> list[str]:
    """Parts that fit, the longest group halved again and again; none if they cannot, or would be too many."""
    waiting, done = [list(groups)], []
    while waiting:
        wanted = waiting.pop()
        written = _written(wanted, minus)
        if len(written) <= room:
            done.append(written)
            continue
        at = max(range(len(wanted)), key=lambda at: (len(wanted[at]) > 1, sum(map(len, wanted[at]))))
        group = wanted[at]
        if len(group) == 1 or (len(wanted) > 1 and len(waiting) + len(done) >= MOST_PARTS):
            return []
        half = len(group) // 2
        waiting += [[*wanted[:at], part, *wanted[at + 1 :]] for part in (group[half:], group[:half])]
    return done


def _written(groups: Sequence[Group], minus: Sequence[str]) -> str:
    wanted = [f"({' OR '.join(group)})" if len(group) > 1 else group[0] for group in groups]
    all_of_it = " ".join([*wanted, *minus])
    return all_of_it if len(wanted) == 1 and not minus else f"({all_of_it})"


def _groups(term: Term, keyword: Keyword) -> list[Group]:
    """Each word of the term in all its forms. Words of a phrase are asked for apart: side by side, in every
    form, they would be hundreds; whether they stand side by side is seen when the post is read.
    """
    if term.hashtag:
        return [(f"#{term.words[0]}",)]
    return [tuple(dict.fromkeys(map(_word, forms))) for forms in forms_of(term, keyword)]


def _negations(term: Term, keyword: Keyword) -> list[str]:
    """A minus-word in all its forms, each with its own sign."""
    if term.hashtag:
        return [f"-#{term.words[0]}"]
    if len(term.words) > 1:
        return [f'-"{" ".join(term.words)}"']
    return [f"-{_word(form)}" for form in forms_of(term, keyword)[0]]


def _word(form: str) -> str:
    """A word as the query takes it: in quotes where it has signs or would be an operator."""
    if _PLAIN.fullmatch(form) and form not in _OPERATORS:
        return form
    return f'"{form.replace(chr(34), "")}"'
