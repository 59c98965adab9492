"""Which networks a demo plays in."""

from collections.abc import Mapping
from typing import Final

from bot.demo_networks import DemoNetwork, Ok, Vk
from bot.demo_networks_meta import Facebook, Instagram
from bot.demo_networks_x import X

_ALL: Final[tuple[type[DemoNetwork], ...]] = (Vk, Ok, Instagram, Facebook, X)
EVERY_NETWORK: Final[Mapping[str, type[DemoNetwork]]] = {kind.name: kind for kind in _ALL}


def cast(name: str) -> tuple[DemoNetwork, ...]:
    """Fresh networks of the demo: one by its name, or "all"."""
    return tuple(kind() for kind in _ALL) if name == "all" else (EVERY_NETWORK[name](),)
