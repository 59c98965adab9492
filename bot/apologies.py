"""What a person is told when the program itself failed at their press or words."""

from aiogram.types import CallbackQuery, Update

from handlers.access import language_of
from handlers.context import Clock, House
from handlers.errors import bug_words
from handlers.telling import acknowledge, spot_of, tell
from handlers.words import Words
from models.database import Database


class Apologies:
    """Callable as receiving wants it: (update, number of the error in the log)."""

    def __init__(self, database: Database, *, house: House, clock: Clock) -> None:
        self._database = database
        self._house = house
        self._clock = clock

    async def __call__(self, update: Update, number: str) -> None:
        event = update.callback_query or update.message or update.edited_message
        if event is None or event.from_user is None:
            return
        words = Words(language_of(event.from_user, self._house))
        text = bug_words(words, number)
        if isinstance(event, CallbackQuery):
            await acknowledge(event, text, alert=True)
            return
        async with self._database.writing() as session:
            tell(session, spot_of(event), text, now=self._clock())
