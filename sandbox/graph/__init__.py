"""The Graph API of Facebook and Instagram.

Sources: https://developers.facebook.com/docs/graph-api, https://developers.facebook.com/docs/instagram-platform
"""

from sandbox.graph.instagram_world import InstagramWorld
from sandbox.graph.server import add_routes
from sandbox.graph.world import FacebookWorld

__all__ = ["FacebookWorld", "InstagramWorld", "add_routes"]
