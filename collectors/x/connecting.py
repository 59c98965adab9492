"""X connected: one client, and the feeds for what is wanted now."""

from collections.abc import Sequence
from datetime import timedelta

from collectors.contract import Collector, Connector, Tools, Watch
from collectors.x.accounts import Accounts
from collectors.x.checks import XChecks
from collectors.x.client import XClient
from collectors.x.collect import Reading, XFeed, shared_pace
from collectors.x.links import NETWORK
from collectors.x.oauth1 import Bearer, OAuth1, Signer
from collectors.x.publish import XPublisher
from collectors.x.queries import keyword_queries, page_queries
from collectors.x.settings import XSettings
from collectors.x.spending import Spending
from collectors.x.text import warm_up


def connect(settings: XSettings, tools: Tools) -> Connector:
    """Everything X does. No call is made here.

    Raises:
        ValueError: something is missing; the message begins with the setting's name.
    """
    warm_up()
    if settings.bearer_token is None:
        raise ValueError("bearer_token is missing: X is read with a Bearer token")
    reader, writer = Bearer(settings.bearer_token), _writer(settings)
    if writer is not None and not settings.account:
        raise ValueError("account is missing: whose keys are these?")
    client = XClient(tools.http, base_url=settings.api_url, timeout_seconds=settings.timeout_seconds)
    accounts = Accounts(own_name=settings.account, client=client, reader=reader)
    spending = Spending(
        tools.meter, budget_dollars=settings.monthly_budget_dollars, reserve_dollars=settings.reserve_dollars
    )
    reading = Reading(
        client=client,
        signer=reader,
        accounts=accounts,
        spending=spending,
        settings=settings,
        can_write=writer is not None,
    )
    publisher = XPublisher(
        client=client,
        reader=reader,
        writer=writer,
        accounts=accounts,
        spending=spending,
        settings=settings,
    )
    checks = XChecks(client=client, reader=reader, writer=writer, accounts=accounts, spending=spending)
    return Connector(
        network=NETWORK,
        watch=lambda wanted: feeds(wanted, reading),
        publisher=publisher if writer is not None else None,
        look_up=checks.look_up,
        check=checks.check,
        verify_link=publisher.verify_link,
    )


def feeds(wanted: Watch, reading: Reading) -> Sequence[Collector]:
    """Our account's mentions and posts; searches for all the other pages, and for the keywords.

    Searches are numbered: what each asks for may change, and its cursor knows (collect.py).
    """
    settings = reading.settings
    reading.accounts.watch(wanted.pages)
    pages = page_queries(wanted.pages, own_name=settings.account, limit=settings.query_limit)
    words = keyword_queries(wanted.keywords, limit=settings.query_limit, lang=settings.lang)
    every = shared_pace(
        settings.search_every_seconds,
        feeds=len(pages) + len(words),
        per_window=settings.searches_per_window,
    )
    return [
        *_own(reading),
        *(
            XFeed(name=f"x:pages:{at}", reading=reading, every=every, asked={"query": query})
            for at, query in enumerate(pages, 1)
        ),
        *(
            XFeed(
                name=f"x:search:{at}",
                reading=reading,
                every=every,
                asked={"query": query},
                keywords=wanted.keywords,
            )
            for at, query in enumerate(words, 1)
        ),
    ]


def _own(reading: Reading) -> list[XFeed]:
    settings = reading.settings
    if not settings.account:
        return []
    return [
        XFeed(
            name=f"x:mentions:{settings.account}",
            reading=reading,
            every=timedelta(seconds=settings.mentions_every_seconds),
            path="/2/users/{own}/mentions",
            asked={},
            is_own=True,
        ),
        XFeed(
            name=f"x:posts:{settings.account}",
            reading=reading,
            every=timedelta(seconds=settings.posts_every_seconds),
            path="/2/users/{own}/tweets",
            asked={"exclude": "retweets"},
            is_own=True,
        ),
    ]


def _writer(settings: XSettings) -> Signer | None:
    """Whoever answers: the four keys of OAuth 1.0a, else the OAuth 2.0 token; None without either."""
    keys = {
        "consumer_key": settings.consumer_key,
        "consumer_secret": settings.consumer_secret,
        "access_token": settings.access_token,
        "access_secret": settings.access_secret,
    }
    given = [key for key in keys.values() if key is not None]
    if len(given) == len(keys):
        return OAuth1(*given)
    if given:
        missing = next(name for name, key in keys.items() if key is None)
        raise ValueError(f"{missing} is missing: OAuth 1.0a needs all four keys")
    return Bearer(settings.user_token, who="user") if settings.user_token is not None else None
