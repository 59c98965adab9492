"""What Facebook and Instagram share: the Graph API's calls, errors, limits, pages and webhooks.

Source: https://developers.facebook.com/docs/graph-api/overview
This folder is a library of those two networks, no network itself.
"""

from collectors.graph.client import GraphClient, GraphClients, Params
from collectors.graph.settings import GraphSettings

__all__ = ["GraphClient", "GraphClients", "GraphSettings", "Params"]
