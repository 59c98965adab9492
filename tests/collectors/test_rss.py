"""Feeds of news sites: read once, matched here, and hostile files refused."""

from collections.abc import Callable

import httpx
import pytest

from collectors import rss
from collectors.contract import Batch, Collector, NetworkError, Outcome, Watch
from collectors.rss.entries import NotAFeedError, read_feed
from incidents.keywords import parse
from models.kinds import ReplyCapability
from tests.collectors.collector_contract import NOON, CollectorContract
from tests.collectors.free_tools import tools

URL = "https://news.example.org/feed.xml"
HOLE, FAIR = "Яма на Ленина", "Ярмарка мёда"
RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Новости города</title>
<item><title>{HOLE}</title><description>&lt;p&gt;Пробито колесо &amp;amp; диск&lt;/p&gt;</description>
<link>/2026/hole?a=1&amp;b=2</link><guid isPermaLink="false">17</guid><dc:creator>Редакция</dc:creator>
<pubDate>Mon, 02 Mar 2026 11:50:00 +0300</pubDate></item>
<item><title>{FAIR}</title><link>https://news.example.org/fair</link>
<pubDate>Mon, 02 Mar 2026 08:40:00 GMT</pubDate></item>
<item><title>Давно</title><link>https://news.example.org/old</link>
<pubDate>Mon, 05 Jan 2026 08:40:00 GMT</pubDate></item>
</channel></rss>""".encode()
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Форум</title><entry><id>urn:1</id><title>{HOLE}</title>
<link rel="self" href="https://forum.example.org/api/1"/><link href="https://forum.example.org/1"/>
<updated>2026-03-02T08:00:00Z</updated>
<content type="html">&lt;b&gt;Опять&lt;/b&gt;</content></entry></feed>""".encode()
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><title>&b;&b;&b;</title><link>https://x.example.org</link></item></channel></rss>"""


def collector(http: httpx.AsyncClient, *words: str, only: bool = False) -> Collector:
    settings = rss.RssSettings(enabled=True, feeds=(rss.FeedSettings(url=URL, only_keywords=only),))
    keywords = tuple(parse(one, id=number) for number, one in enumerate(words, start=1))
    [found] = rss.connect(settings, tools(http)).watch(Watch(keywords=keywords))
    return found


async def read(
    handle: Callable[[httpx.Request], httpx.Response],
    *words: str,
    only: bool = False,
    cursor: str | None = None,
) -> Batch:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        return await collector(http, *words, only=only).fetch(cursor, now=NOON)


class TestRss(CollectorContract):
    def collector(self, http: httpx.AsyncClient) -> Collector:
        return collector(http)

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=RSS)


async def test_an_entry_is_read_as_a_person_reads_it() -> None:
    hole, fair = (await read(lambda _: httpx.Response(200, content=RSS))).posts
    assert hole.text == f"{HOLE}\n\nПробито колесо & диск"
    assert hole.url == "https://news.example.org/2026/hole?a=1&b=2"
    assert (hole.author_name, hole.community_title) == ("Редакция", "Новости города")
    assert hole.posted_at.isoformat() == "2026-03-02T08:50:00+00:00"
    assert fair.text == FAIR
    assert {one.reply_capability for one in (hole, fair)} == {ReplyCapability.MANUAL}


async def test_atom_is_read_as_well() -> None:
    title, [entry] = read_feed(ATOM, base=URL)
    assert (title, entry.url, entry.text) == ("Форум", "https://forum.example.org/1", f"{HOLE}\n\nОпять")


async def test_of_a_news_site_only_what_has_a_keyword_is_taken() -> None:
    batch = await read(lambda _: httpx.Response(200, content=RSS), "ленина яма", only=True)
    assert [one.text.split("\n")[0] for one in batch.posts] == [HOLE]
    assert (await read(lambda _: httpx.Response(200, content=RSS), only=True)).posts == []


async def test_an_unchanged_feed_is_not_sent_again() -> None:
    asked: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.headers.get("If-None-Match") == '"v1"':
            return httpx.Response(304)
        return httpx.Response(200, content=RSS, headers={"ETag": '"v1"'})

    first = await read(site)
    second = await read(site, cursor=first.cursor)
    assert (len(first.posts), len(second.posts), len(asked)) == (2, 0, 2)
    # A site that forgot its ETag sends everything again: known entries are not brought twice.
    third = await read(lambda _: httpx.Response(200, content=RSS), cursor=first.cursor)
    assert third.posts == []


@pytest.mark.parametrize("content", [BOMB, b"<html><body/></html>", b"<rss", b"", b"\xff\xfe<rss"])
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(NotAFeedError):
        read_feed(content, base=URL)


async def test_an_endless_feed_is_cut_off() -> None:
    with pytest.raises(NetworkError) as refused:
        await read(lambda _: httpx.Response(200, content=b"<rss>" + b" " * 5_000_001))
    assert refused.value.outcome is Outcome.LATER
    assert "5000000 bytes" in str(refused.value)


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, Outcome.STOP), (403, Outcome.STOP), (503, Outcome.LATER)]
)
async def test_a_feed_that_is_gone_is_told_to_the_operator(status: int, outcome: Outcome) -> None:
    with pytest.raises(NetworkError) as refused:
        await read(lambda _: httpx.Response(status))
    assert refused.value.outcome is outcome


ODD = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>Двор</title></channel>
<item><title>Яма</title><link>https://dvor.example.org/1</link></item>
<item><title>Без адреса</title><link>http://[</link></item>
<item><title>Чужая схема</title><link>javascript:alert(1)</link></item>
<item><description>   </description><link>https://dvor.example.org/2</link></item>
<item><title>5 &lt; 6 и &lt;b&gt;жирно&lt;/b&gt;</title><link>https://dvor.example.org/3</link><pubDate>вчера</pubDate></item>
</rdf:RDF>""".encode()


def test_of_an_odd_feed_what_can_be_read_is_taken() -> None:
    title, entries = read_feed(ODD, base=URL)
    assert title == "Двор"
    assert [(one.text, one.url, one.at) for one in entries] == [
        ("Яма", "https://dvor.example.org/1", None),
        ("5 < 6 и жирно", "https://dvor.example.org/3", None),
    ]


def test_an_authors_e_mail_is_not_kept() -> None:
    words = ATOM.replace(
        b"<content", "<author><name>Иван</name><email>i@example.org</email></author><content".encode()
    )
    _, [entry] = read_feed(words, base=URL)
    assert entry.author == "Иван"


async def test_an_entry_whose_keyword_came_later_is_not_dug_out() -> None:
    first = await read(lambda _: httpx.Response(200, content=RSS), only=True)
    later = await read(lambda _: httpx.Response(200, content=RSS), "ярмарка", only=True, cursor=first.cursor)
    assert later.posts == []


async def test_an_unreadable_cursor_begins_anew() -> None:
    assert len((await read(lambda _: httpx.Response(200, content=RSS), cursor="{")).posts) == 2


async def test_two_long_addresses_are_two_feeds() -> None:
    long = f"https://news.example.org/{'a' * 300}"
    feeds = (rss.FeedSettings(url=f"{long}?1"), rss.FeedSettings(url=f"{long}?2"))
    async with httpx.AsyncClient() as http:
        made = rss.connect(rss.RssSettings(enabled=True, feeds=feeds), tools(http)).watch(Watch())
    names = {one.feed for one in made}
    assert len(names) == 2
    assert all(len(name) <= 200 for name in names)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "https://", "http://[", "news.example.org"])
def test_only_web_addresses_are_feeds(url: str) -> None:
    with pytest.raises(ValueError, match="https:// address is expected"):
        rss.FeedSettings(url=url)


async def test_a_feed_that_has_moved_is_told() -> None:
    moved = httpx.Response(307, headers={"Location": "https://new.example.org/"})
    with pytest.raises(NetworkError, match="it has moved") as refused:
        await read(lambda _: moved)
    assert refused.value.outcome is Outcome.LATER


async def test_check_says_which_feed_cannot_be_read() -> None:
    feeds = (
        rss.FeedSettings(url=URL, title="Новости"),
        rss.FeedSettings(url="https://gone.example.org/feed"),
    )

    def site(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.host == "news.example.org" else 410)

    async with httpx.AsyncClient(transport=httpx.MockTransport(site)) as http:
        connector = rss.connect(rss.RssSettings(enabled=True, feeds=feeds), tools(http))
        assert connector.check is not None
        told = await connector.check()
    assert [(one.subject, one.problem) for one in told] == [
        ("Новости", ""),
        ("https://gone.example.org/feed", "HTTP 410"),
    ]
    with pytest.raises(ValueError, match="feeds is missing"):
        rss.connect(rss.RssSettings(enabled=True), tools(http))
