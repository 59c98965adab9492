"""An X that runs here: what the program calls, and what a test or a person does in it."""

from sandbox.x.server import add_routes
from sandbox.x.world import XWorld

__all__ = ["XWorld", "add_routes"]
