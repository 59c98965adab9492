"""VK: walls of official communities, search, and answers by the community."""

import httpx
from pydantic import SecretStr

from collectors.contract import Collector
from collectors.vk.client import VkClient
from collectors.vk.collect import VkWall
from collectors.vk.communities import Communities
from collectors.vk.publish import TokenCheck, VkPublisher
from collectors.vk.search import VkSearch
from collectors.vk.settings import CommunitySettings, VkSettings

__all__ = ["CommunitySettings", "TokenCheck", "VkPublisher", "VkSettings", "build"]


def build(settings: VkSettings, http: httpx.AsyncClient) -> tuple[list[Collector], VkPublisher | None]:
    """Everything VK does; nothing when it is disabled. No call is made here.

    Raises:
        ValueError: VK is enabled without a service token: nothing could be read.
    """
    if not settings.enabled:
        return [], None
    if settings.service_token is None:
        raise ValueError("collectors.vk: a service token is needed to read walls")
    pages = Communities(settings)
    reader = _client(settings, http, settings.service_token)
    walls = [
        VkWall(client=reader, settings=settings, page=page, pages=pages) for page in settings.communities
    ]
    searches = [
        VkSearch(client=reader, settings=settings, query=query, pages=pages) for query in settings.queries
    ]
    writers = {
        position: _client(settings, http, page.community_token)
        for position, page in enumerate(settings.communities)
        if page.community_token is not None
    }
    publisher = VkPublisher(reader=reader, writers=writers, settings=settings, pages=pages)
    return [*walls, *searches], publisher if writers else None


def _client(settings: VkSettings, http: httpx.AsyncClient, token: SecretStr) -> VkClient:
    return VkClient(
        http,
        base_url=settings.api_url,
        version=settings.api_version,
        token=token,
        calls_per_second=settings.calls_per_second,
        timeout_seconds=settings.timeout_seconds,
    )
