"""The networks that run here, for every test of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.collectors.vk_cast import Vk, a_vk


@pytest.fixture
async def vk() -> AsyncIterator[Vk]:
    async with a_vk() as here:
        yield here
