"""Which words decided: the classifier opened when somebody first asks, and kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.installing import places
from bot.settings import Settings
from classifier import open_classifier
from handlers.context import NotExplained
from incidents.incoming import Classifier, Explanation
from models.database import Database

_log = logging.getLogger(__name__)

Opening = Callable[[], Awaitable[Classifier]]


class Explaining:
    """`await explaining(text)`: handlers.context.Explain.

    `opening` opens the classifier, off the event loop; it is asked once, and again only after it failed or after
    `forget`. Whoever already has the very classifier that routes gives it by `use`: there is no need of a second.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._classifier: Classifier | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, text: str) -> Explanation:
        """Raises: NotExplained."""
        try:
            classifier = await self._opened()
            return await asyncio.to_thread(classifier.explain, text)
        except Exception as error:
            _log.exception("the classifier cannot explain")
            raise NotExplained from error

    async def _opened(self) -> Classifier:
        async with self._one_at_a_time:
            if self._classifier is None:
                opened = await self._opening()
                self._classifier = self._classifier or opened  # meanwhile one may have been given
            return self._classifier

    def use(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def forget(self) -> None:
        """Another model speaks now: it is opened at the next question."""
        self._classifier = None


def opener(settings: Settings, database: Database) -> Opening:
    """What opens the classifier as the settings have it, off the event loop, with the places the database knows."""

    async def opening() -> Classifier:
        section = settings.classifier
        return await asyncio.to_thread(
            open_classifier,
            section.cache_dir,
            places=await places(database),
            model=section.model,
            gazetteer=section.gazetteer,
        )

    return opening
