"""Links to Facebook as people paste them.

A page's short name stays in the native id ("gorod_123") until Facebook is asked: see verify.py. Posts named
by "pfbid…" cannot be resolved by the API at all.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from collectors.contract import Link, Page
from collectors.facebook.posts import NETWORK

_HOSTS: Final = frozenset({"facebook.com", "fb.com"})
_SUBDOMAINS: Final = ("www.", "m.", "mbasic.", "web.", "ru-ru.")
_NAME: Final = re.compile(r"[A-Za-z0-9.\-]{1,100}", re.ASCII)
_POST: Final = re.compile(r"\d+|pfbid\w+", re.ASCII)
_COMMENT: Final = re.compile(r"\d+(?:_\d+)?", re.ASCII)
_NO_PAGES: Final = frozenset(
    {"groups", "watch", "events", "share", "sharer", "login", "help", "marketplace", "reel", "photo", "story.php",
     "permalink.php", "photo.php", "hashtag", "search", "gaming", "policies", "profile.php", "pages", "people"}
)  # fmt: skip


def parse_link(text: str) -> Link | None:
    """The post or the comment a link names, None if it is neither."""
    url = _facebook(text)
    if url is None:
        return None
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    parts = [part for part in url.path.split("/") if part]
    page, post = _post(parts, query)
    if not _NAME.fullmatch(page) or not _POST.fullmatch(post):
        return None
    root = f"{page}_{post}"
    comment = query.get("reply_comment_id") or query.get("comment_id") or ""
    if not comment:
        return Link(NETWORK, root)
    if not _COMMENT.fullmatch(comment):
        return None
    return Link(NETWORK, comment if "_" in comment else f"{post}_{comment}", root)


def page_of_link(text: str) -> Page | None:
    """The page a link leads to, None if it leads to none."""
    url = _facebook(text)
    if url is None:
        return None
    parts = [part for part in url.path.split("/") if part]
    number = parse_qs(url.query).get("id", [""])[0]
    if parts == ["profile.php"]:
        return Page(number) if number.isascii() and number.isdecimal() else None
    if len(parts) == 3 and parts[0] in {"pages", "people"}:  # noqa: PLR2004 - pages/<title>/<number>
        return _page(parts[2])
    if len(parts) != 1 or parts[0].lower() in _NO_PAGES or not _NAME.fullmatch(parts[0]):
        return None
    return _page(parts[0])


def _page(name: str) -> Page | None:
    if name.isascii() and name.isdecimal():
        return Page(name)
    # "Gorod-Solnechny-1234567890": a title and the number behind it.
    title, _, number = name.rpartition("-")
    if title and number.isascii() and number.isdecimal() and len(number) > 8:  # noqa: PLR2004 - no page's number is shorter
        return Page(number)
    return Page("", name.lower()) if _NAME.fullmatch(name) else None


def _post(parts: list[str], query: dict[str, str]) -> tuple[str, str]:
    """The page and the post; empty where the link names none."""
    if parts in (["permalink.php"], ["story.php"]):
        return query.get("id", ""), query.get("story_fbid", "")
    if len(parts) in {3, 4} and parts[1] == "posts":  # <page>/posts/<title of the post>/<id>
        return parts[0], parts[-1]
    if len(parts) == 1:  # the API's own form: <page>_<post>
        page, _, post = parts[0].partition("_")
        return (page, post) if page.isdecimal() else ("", "")
    return "", ""


def _facebook(text: str) -> SplitResult | None:
    """The address, if it is one of Facebook's; the scheme may be left out."""
    text = text.strip()
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        host = (url.hostname or "").lower()
    except ValueError:
        return None
    for start in _SUBDOMAINS:
        host = host.removeprefix(start)
    return url if url.scheme in {"http", "https"} and host in _HOSTS else None
