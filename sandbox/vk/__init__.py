"""A VK that runs here: what the program calls, and what a test or a person does in it."""

from sandbox.vk.server import add_routes
from sandbox.vk.world import VkWorld

__all__ = ["VkWorld", "add_routes"]
