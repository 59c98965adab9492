"""What stands behind buttons: small, versioned, and readable for as long as cards live."""

import importlib
import pkgutil

import pytest
from aiogram.filters.callback_data import CallbackData
from pydantic import ValidationError

from handlers import callbacks
from handlers.callbacks import LARGEST_ID, Accept, Give, MoveWhy, Send, SkipWhy, Turn, modern
from handlers.reasons import MoveReason, SkipReason

EVERY = {
    one
    for module in pkgutil.iter_modules(callbacks.__path__)
    for one in vars(importlib.import_module(f"handlers.callbacks.{module.name}")).values()
    if isinstance(one, type) and issubclass(one, CallbackData) and one is not CallbackData
}


def test_prefixes_are_versioned_and_differ() -> None:
    prefixes = [one.__prefix__ for one in EVERY]
    assert len(set(prefixes)) == len(prefixes) >= 50
    assert [one for one in prefixes if not one.startswith(("a1.", "a2."))] == []


def test_the_format_is_the_one_standing_in_old_cards() -> None:
    """Changing one of these breaks cards in people's chats: give it a new prefix and a line in `OLDER`."""
    assert Accept(incident_id=17).pack() == "a1.acc:17"
    assert MoveWhy(incident_id=17, body_id=0, reason=MoveReason.FEDERAL).pack() == "a1.why:17:0:federal"
    assert MoveWhy.unpack("a1.why:17:0:") == MoveWhy(incident_id=17, body_id=0, reason=None)
    assert Send(answer_id=5, interim=True).pack() == "a1.send:5:1"
    assert SkipWhy(incident_id=1, reason=SkipReason.OTHER_REGION).pack() == "a1.swhy:1:region"
    assert Turn(listed="queue", offset=6).pack() == "a1.page:queue:6"


def test_the_largest_ids_fit() -> None:
    longest = MoveWhy(incident_id=LARGEST_ID, body_id=LARGEST_ID, reason=MoveReason.FEDERAL).pack()
    assert len(longest.encode()) <= 64


@pytest.mark.parametrize(
    "forged", ["a2.give:0:1:0", "a2.give:-5:1:0", f"a2.give:{2**31}:1:0", "a2.give:x:1:0"]
)
def test_forged_ids_are_not_read(forged: str) -> None:
    with pytest.raises(ValidationError):
        Give.unpack(forged)


def test_an_older_format_is_read_in_one_place() -> None:
    older = {"a0.take": lambda data: Accept(incident_id=int(data.split(":")[1])).pack()}
    assert modern("a0.take:17", older) == "a1.acc:17"
    assert modern("a0.take:x", older) == "a0.take:x"
    assert modern("a1.acc:17", older) == "a1.acc:17"
    assert Give.unpack(modern("a1.give:17:5")) == Give(incident_id=17, body_id=5, holder=0)
    assert modern("", older) == ""
