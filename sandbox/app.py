"""The sandbox's web application: every emulated network on one port."""

from aiohttp import web

from sandbox import graph, ok
from sandbox.clock import SandboxClock
from sandbox.control import add_control_routes
from sandbox.network_sides import OkSide, VkSide, XSide
from sandbox.network_sides_meta import FacebookSide, InstagramSide
from sandbox.networks import Networks
from sandbox.officials_control import add_officials_routes
from sandbox.page import server as page_server
from sandbox.telegram import server as telegram_server
from sandbox.telegram.webhook import add_delivery
from sandbox.telegram.world import TelegramWorld
from sandbox.vk import server as vk_server
from sandbox.vk.world import VkWorld
from sandbox.x import server as x_server
from sandbox.x.world import XWorld

# Telegram takes uploads up to 50 MB; the multipart wrapping comes on top.
MAX_BODY = 56 * 1024 * 1024


def build_app(clock: SandboxClock, telegram: TelegramWorld, vk: VkWorld) -> web.Application:
    """Bot API, the networks, /control and the page, ready to run. All share `clock`."""
    app = web.Application(client_max_size=MAX_BODY)
    telegram_server.add_routes(app, telegram)
    add_delivery(app, telegram)
    okru, x, facebook = ok.OkWorld(clock), XWorld(clock), graph.FacebookWorld(clock)
    instagram = graph.InstagramWorld(facebook)
    vk_server.add_routes(app, vk)
    ok.add_routes(app, okru)
    graph.add_routes(app, facebook, instagram)
    x_server.add_routes(app, x)
    networks = Networks(
        [VkSide(vk), OkSide(okru), InstagramSide(instagram), FacebookSide(facebook), XSide(x)]
    )
    add_control_routes(app, clock, telegram)
    add_officials_routes(app, telegram, networks)
    page_server.add_routes(app, clock, telegram, networks)
    return app
