"""Every network there is. A new one is its folder, its tests, its section of config.example.toml, and a line here."""

from typing import Final

from collectors import facebook, instagram, ok, rss, telegram, vk, webform, x
from collectors.contract import Network

NETWORKS: Final[tuple[Network, ...]] = (
    vk.NETWORK,
    ok.NETWORK,
    instagram.NETWORK,
    facebook.NETWORK,
    x.NETWORK,
    telegram.NETWORK,
    rss.NETWORK,
    webform.NETWORK,
)
