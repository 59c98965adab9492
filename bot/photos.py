"""Photos of an official's answer: from Telegram, as bytes, for the networks that take pictures."""

import asyncio
import io
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import aiohttp
from aiogram import Bot
from aiogram.exceptions import AiogramError

from collectors.contract import Photo

_log = logging.getLogger(__name__)

_TRIES: Final = 3  # then the resident gets the words alone
_SECONDS: Final = 20.0  # for all photos of an answer
_TYPES: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

PhotoOf = Callable[[str], Awaitable[bytes]]
"""Telegram's file id → its bytes. Raises: PhotoUnavailableError."""


class PhotoUnavailableError(Exception):
    """It could not be fetched, or is no picture. The message holds no address: that has the token in it."""


def from_telegram(bot: Bot) -> PhotoOf:
    """Through the Bot API's file endpoint.

    Source: https://core.telegram.org/bots/api#getfile (20 MB at most; a photo has 10)
    """

    async def fetch(file_id: str) -> bytes:
        try:
            found = await bot.download(file_id, destination=io.BytesIO())
        except (AiogramError, aiohttp.ClientError, OSError) as error:
            raise PhotoUnavailableError(f"Telegram does not give the photo: {type(error).__name__}") from None
        return found.read() if found is not None else b""

    return fetch


class AnswerPhotos:
    """The photos of answers on their way. Where Telegram does not give them, an answer goes without in the end.

    Failures are counted in memory: after a restart Telegram is asked anew.
    """

    def __init__(self, photo_of: PhotoOf | None) -> None:
        self._photo_of = photo_of
        self._failures: Counter[int] = Counter()

    async def of(self, publication_id: int, file_ids: Sequence[str], *, limit: int) -> tuple[Photo, ...]:
        """The first `limit` of the photos; none once it failed too often.

        Raises:
            PhotoUnavailableError: to be tried again later.
        """
        wanted = file_ids[:limit]
        if not wanted or self._failures[publication_id] >= _TRIES:
            return ()
        try:
            async with asyncio.timeout(_SECONDS):
                return tuple([await self._fetch(file_id) for file_id in wanted])
        except (PhotoUnavailableError, TimeoutError) as error:
            self._failures[publication_id] += 1
            words = str(error) or "Telegram does not give the photo in time"
            if self._failures[publication_id] < _TRIES:
                raise PhotoUnavailableError(words) from None
            _log.warning("publication %s goes without its photos: %s", publication_id, words)
            return ()

    def were_left_out(self, publication_id: int) -> bool:
        """Whether the answer went without them. Asked once, when it has arrived."""
        return self._failures.pop(publication_id, 0) >= _TRIES

    async def _fetch(self, file_id: str) -> Photo:
        if self._photo_of is None:
            raise PhotoUnavailableError("this process has no way to Telegram's files")
        return _photo(await self._photo_of(file_id))


def _photo(content: bytes) -> Photo:
    for beginning, content_type in _TYPES.items():
        if content.startswith(beginning):
            return Photo(content, content_type)
    raise PhotoUnavailableError("neither JPEG nor PNG")
