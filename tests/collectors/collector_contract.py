"""What every network must do, whatever it is: inherit, give a collector and healthy answers.

class TestVkWall(CollectorContract):
    secrets = (TOKEN,)

    def collector(self, http): ...
    def healthy(self, request): ...
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collectors.contract import Batch, Collector, NetworkError, Outcome, Publisher, Reply

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONGEST_PASSAGE = 1000  # readings with `more`

Handler = Callable[[httpx.Request], httpx.Response]


def _raising(error: type[httpx.TransportError]) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("it failed, and here is the request", request=request)

    return handle


# What may come instead of an answer. The body may have been acted upon wherever `sent` is true.
TROUBLES: dict[str, tuple[Handler, bool]] = {
    "HTTP 500": (lambda _: httpx.Response(500, text="oops"), True),
    "HTTP 502 of a proxy": (lambda _: httpx.Response(502, text="<html>"), True),
    "HTTP 429": (lambda _: httpx.Response(429, headers={"Retry-After": "7"}), True),
    "a redirect": (lambda _: httpx.Response(302, headers={"Location": "https://example.org/"}), True),
    "nothing": (lambda _: httpx.Response(200, text=""), True),
    "HTML": (lambda _: httpx.Response(200, text="<html>ой"), True),
    "half of an answer": (lambda _: httpx.Response(200, text='{"response": {"items": [{'), True),
    "null": (lambda _: httpx.Response(200, text="null"), True),
    "a number": (lambda _: httpx.Response(200, text="17"), True),
    "an empty object": (lambda _: httpx.Response(200, text="{}"), True),
    "a deep hole": (lambda _: httpx.Response(200, text="[" * 100_000), True),
    "bytes of no encoding": (lambda _: httpx.Response(200, content=b"\xff\xfe{"), True),
    "a broken connection": (_raising(httpx.RemoteProtocolError), True),
    "a reset": (_raising(httpx.ReadError), True),
    "silence": (_raising(httpx.ReadTimeout), True),
    "no connection": (_raising(httpx.ConnectError), False),
    "no connection in time": (_raising(httpx.ConnectTimeout), False),
}


async def serving(handler: Handler) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handler))


class CollectorContract:
    """Promises of a collector. `secrets` may never be seen in an error or a log."""

    secrets: tuple[str, ...] = ()

    def collector(self, http: httpx.AsyncClient) -> Collector:
        raise NotImplementedError

    def healthy(self, request: httpx.Request) -> httpx.Response:
        """The network's answers, with at least two messages posted shortly before `NOON`."""
        raise NotImplementedError

    async def passage(self, handler: Handler, cursor: str | None = None) -> list[Batch]:
        """Read until there is no more."""
        async with await serving(handler) as http:
            collector, batches = self.collector(http), []
            for _ in range(LONGEST_PASSAGE):
                batches.append(await collector.fetch(cursor, now=NOON))
                cursor = batches[-1].cursor
                if not batches[-1].more:
                    return batches
        pytest.fail("the feed never ends")

    async def test_messages_are_whole(self) -> None:
        posts = [post for batch in await self.passage(self.healthy) for post in batch.posts]
        assert len(posts) >= 2
        for post in posts:
            assert post.native_id
            assert post.url.startswith("https://")
            assert post.posted_at.utcoffset() == timedelta(0)
            assert post.edited_at is None or post.edited_at.utcoffset() == timedelta(0)
            post.text.encode()
            assert "\0" not in post.text + post.author_name

    async def test_a_message_has_one_name_forever(self) -> None:
        first = [post.native_id for batch in await self.passage(self.healthy) for post in batch.posts]
        second = [post.native_id for batch in await self.passage(self.healthy) for post in batch.posts]
        assert first == second

    async def test_reading_again_brings_nothing_unknown(self) -> None:
        batches = await self.passage(self.healthy)
        again = await self.passage(self.healthy, batches[-1].cursor)
        known = {post.native_id for batch in batches for post in batch.posts}
        assert {post.native_id for batch in again for post in batch.posts} <= known

    async def test_a_feed_has_the_same_name_after_a_restart(self) -> None:
        async with await serving(self.healthy) as http:
            one, other = self.collector(http), self.collector(http)
            assert one.feed == other.feed != ""
            assert one.feed.startswith(one.network)
            assert one.every > timedelta(0)

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_trouble_means_later_and_is_told_without_secrets(
        self, trouble: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        handler, _ = TROUBLES[trouble]
        with pytest.raises(NetworkError) as refused:
            await self.passage(handler)
        assert refused.value.outcome is Outcome.LATER
        assert refused.value.retry_after is not None
        assert refused.value.retry_after > timedelta(0)
        assert not refused.value.maybe_done
        assert not any(secret in str(refused.value) + caplog.text for secret in self.secrets)


class PublisherContract:
    """Promises of a publisher."""

    secrets: tuple[str, ...] = ()
    reply: Reply

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        raise NotImplementedError

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_after_trouble_nobody_claims_to_know(
        self, trouble: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        handler, sent = TROUBLES[trouble]
        async with await serving(handler) as http:
            with pytest.raises(NetworkError) as refused:
                await self.publisher(http).publish(self.reply)
        assert refused.value.outcome is Outcome.LATER
        assert refused.value.maybe_done is sent
        assert not any(secret in str(refused.value) + caplog.text for secret in self.secrets)

    async def test_a_foreign_native_id_is_our_mistake(self) -> None:
        async with await serving(lambda _: httpx.Response(500)) as http:
            for post_id in ("", "wall", "tg:1", "wall-1_2_r3; drop", "wall-1_2\n"):
                with pytest.raises(NetworkError) as refused:
                    await self.publisher(http).publish(
                        Reply(post_id=post_id, root_id=None, text="Ответ", key="k")
                    )
                assert refused.value.outcome is Outcome.NEVER
                assert not refused.value.maybe_done
