"""Links that people paste: whether one leads to an answer under this very post.

What cannot be told without asking the network is believed; incidents/confirming.py has it read back later.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from incidents.errors import BadLink, LinkElsewhere, LinkToAnother, LinkToQuestion
from models import Post, ReplyCapability

LONGEST = 500  # characters: the column's


class Pasted(Protocol):
    """What a link names: collectors.contract.Link."""

    @property
    def network(self) -> str: ...

    @property
    def native_id(self) -> str: ...

    @property
    def root_id(self) -> str | None: ...


Parse = Callable[[str], Pasted | None]


class AnswerLinks(StrEnum):
    """How a network's links to answers look."""

    COMMENT = "comment"  # they name the comment, and the post it stands under
    POST = "post"  # comments have no links of their own: the post's is all there is
    OWN = "own"  # an answer is a post by itself; what it answers cannot be seen from its link
    ANYWHERE = "anywhere"  # nobody can answer in the very place: a news site, a letter


def address(text: str) -> str:
    """The link, cleaned.

    Raises:
        BadLink: no http(s) address, or more than one.
    """
    link = text.strip()
    try:
        parts = urlsplit(link)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # "http://[" and the like
        is_web = False
    if not is_web or len(link) > LONGEST or len(link.split()) != 1:
        raise BadLink
    return link


def answered_posts(
    posts: Sequence[Post],
    url: str,
    pasted: Pasted | None,
    kinds: Mapping[str, AnswerLinks],
    *,
    parse: Parse = lambda _: None,
) -> list[tuple[Post, str]]:
    """Those of the posts that the link is an answer to, each with the answer's native id, "" if it has none.

    Under a post that nobody can answer, an answer given anywhere else will do. `kinds`: network → how its links
    look, `COMMENT` where nothing is said. `parse` reads the posts' own links: where a link names a post otherwise
    than the API does (Instagram's short codes), only those can be compared.

    Raises:
        LinkElsewhere, LinkToAnother, LinkToQuestion: it is an answer to none of them.
    """
    refusals: list[LinkElsewhere | LinkToAnother | LinkToQuestion] = []
    fitting: list[tuple[Post, str]] = []
    for post in posts:
        if post.reply_capability is ReplyCapability.IMPOSSIBLE:
            continue
        try:
            kind = kinds.get(post.network, AnswerLinks.COMMENT)
            fitting.append((post, _native_id(post, url, pasted, kind, parse)))
        except (LinkElsewhere, LinkToAnother, LinkToQuestion) as refusal:
            refusals.append(refusal)
    if fitting:
        return fitting
    closed = [post for post in posts if post.reply_capability is ReplyCapability.IMPOSSIBLE]
    if refusals and not closed:
        raise min(refusals, key=_nearness)
    return [(post, "") for post in closed]


def _nearness(refusal: Exception) -> int:
    return (LinkToQuestion, LinkToAnother, LinkElsewhere).index(type(refusal))


def _native_id(post: Post, url: str, pasted: Pasted | None, kind: AnswerLinks, parse: Parse) -> str:
    if kind is AnswerLinks.ANYWHERE:
        return pasted.native_id if pasted is not None and pasted.network == post.network else ""
    if pasted is None:
        _must_be_near(post, url, kind)
        return ""
    if pasted.network != post.network:
        raise LinkElsewhere(network=post.network, url=post.url)
    own = parse(post.url)
    named = (own.native_id, own.root_id) if own is not None and own.network == post.network else ()
    ids = [one for one in (post.native_id, post.root_id, *named) if one is not None]
    if _same(pasted.native_id, ids):
        if kind is AnswerLinks.POST:
            return ""
        raise LinkToQuestion
    if pasted.root_id is None:
        if kind is not AnswerLinks.OWN:
            raise LinkToAnother(url=post.url)
    elif not _same(pasted.root_id, ids):
        raise LinkToAnother(url=post.url)
    return pasted.native_id


def _must_be_near(post: Post, url: str, kind: AnswerLinks) -> None:
    """A short or shared form that nobody can take apart here: the site at least must be the same."""
    if _site(url) != _site(post.url):
        raise LinkElsewhere(network=post.network, url=post.url)
    if _same_page(url, post.url) and kind is not AnswerLinks.POST:
        raise LinkToQuestion


def _same(native_id: str, others: Sequence[str]) -> bool:
    """Equal, or the same post with its page's number before it ("12_34" and "34")."""
    return any(
        native_id == one or native_id.endswith(f"_{one}") or one.endswith(f"_{native_id}") for one in others
    )


def _site(url: str) -> str:
    """The last two labels of the host: m.vk.com and vk.com are one site."""
    host = (urlsplit(url).hostname or "").lower()
    return ".".join(host.split(".")[-2:])


def _same_page(url: str, other: str) -> bool:
    one, two = urlsplit(url), urlsplit(other)
    return (one.path.rstrip("/"), one.query) == (two.path.rstrip("/"), two.query)
