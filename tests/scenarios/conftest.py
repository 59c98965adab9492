"""Stories use the stage of the program's own tests: a Telegram and a VK on one port, settings that lead there."""

from tests.bot import test_app

world = test_app.world
quick_classifier = test_app.quick_classifier
