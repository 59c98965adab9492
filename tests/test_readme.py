"""What the README says of networks is what the code says."""

from bot.smoking import table
from tests.conftest import ROOT


def test_the_table_of_networks_is_made_from_the_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = readme.split("<!-- networks -->")[1].split("<!-- /networks -->")[0].strip()
    assert told == table(), "python -m bot networks prints what belongs there"
