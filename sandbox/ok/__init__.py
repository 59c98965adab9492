"""An Odnoklassniki that runs here: what the program calls, and what a test or a person does in it."""

from sandbox.ok.server import add_routes
from sandbox.ok.world import OkWorld

__all__ = ["OkWorld", "add_routes"]
