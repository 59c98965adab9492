"""Lists longer than one answer.

Source: https://developers.facebook.com/docs/graph-api/results
A page may be empty and still have a next one; `next` holds the token, so only its `after` is taken and the
address is never kept. Cursors are not kept from one run to the next.
"""

import json
import logging
from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from collectors.contract import NetworkError, Outcome
from collectors.graph.answers import Row, child, id_of, rows
from collectors.graph.client import GraphClient, Params
from collectors.graph.errors import TRANSIENT

_log = logging.getLogger(__name__)

MOST_BARREN: Final = 5  # pages in a row that bring nothing new


async def pages(
    client: GraphClient, path: str, params: Params, *, most_pages: int
) -> AsyncGenerator[list[Row], None]:
    """The list's pages, each without what an earlier one brought. It ends, whatever the network does.

    Raises:
        NetworkError: a page could not be read.
    """
    seen: set[str] = set()
    used: set[str] = set()
    barren = 0
    after = ""
    for _ in range(most_pages):
        answer = await _page(client, path, params, after)
        fresh: list[Row] = []
        for row in rows(answer, what=path):
            key = id_of(row) or json.dumps(row, sort_keys=True)
            if key not in seen:
                seen.add(key)
                fresh.append(row)
        yield fresh
        barren = 0 if fresh else barren + 1
        after = next_after(answer)
        if not after:
            return
        # Hashtags' cursors repeat and go on working: a cursor that repeats is an end only if nothing came.
        if barren >= MOST_BARREN or (after in used and not fresh):
            break
        used.add(after)
    _log.warning("%s: stopped with no end in sight", path)


async def _page(client: GraphClient, path: str, params: Params, after: str) -> Row:
    if not after:
        return await client.get(path, params)
    try:
        return await client.get(path, {**params, "after": after})
    except NetworkError as error:
        if error.outcome is not Outcome.NEVER:
            raise
        # What the cursor stood at is gone: the same list is well when it is read from its beginning.
        raise NetworkError(
            str(error), outcome=Outcome.LATER, retry_after=TRANSIENT.retry_after, code=error.code
        ) from None


async def everything(client: GraphClient, path: str, params: Params, *, most_pages: int) -> list[Row]:
    """All rows of a list.

    Raises:
        NetworkError: a page could not be read.
    """
    return [row async for page in pages(client, path, params, most_pages=most_pages) for row in page]


def next_after(answer: Row) -> str:
    """The cursor of the next page, "" when this is the last one."""
    paging = child(answer, "paging")
    following = paging.get("next")
    if not isinstance(following, str) or not following:
        return ""
    after = child(paging, "cursors").get("after")
    if isinstance(after, str) and after:
        return after
    try:
        return parse_qs(urlsplit(following).query).get("after", [""])[0]
    except ValueError:
        return ""
