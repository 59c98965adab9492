"""The sandbox's web application: every emulated network on one port."""

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control import add_control_routes
from sandbox.officials_control import add_officials_routes
from sandbox.page import server as page_server
from sandbox.telegram import server as telegram_server
from sandbox.telegram.webhook import add_delivery
from sandbox.telegram.world import TelegramWorld
from sandbox.vk import server as vk_server
from sandbox.vk.world import VkWorld

# Telegram takes uploads up to 50 MB; the multipart wrapping comes on top.
MAX_BODY = 56 * 1024 * 1024


def build_app(clock: SandboxClock, telegram: TelegramWorld, vk: VkWorld) -> web.Application:
    """Bot API, VK, /control and the page, ready to run. All share `clock`."""
    app = web.Application(client_max_size=MAX_BODY)
    telegram_server.add_routes(app, telegram)
    add_delivery(app, telegram)
    vk_server.add_routes(app, vk)
    add_control_routes(app, clock, telegram)
    add_officials_routes(app, telegram, vk)
    page_server.add_routes(app, clock, telegram, vk)
    return app
