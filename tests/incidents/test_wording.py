"""Each network's rules for words, asked before anything is sent."""

from inline_snapshot import snapshot

from incidents.errors import AnswerTooLong, TextRefused
from incidents.wording import TextRules, faults

VK = TextRules(4096)
X = TextRules(
    280,
    measure=lambda text: sum(2 if ord(letter) > 0x10FF else 1 for letter in text),
    objection=lambda text: "link" if "://" in text else "mention" if "@" in text else "",
)
FEW = TextRules(100)


def said(text: str, networks: list[str]) -> list[str]:
    return [str(one) for one in faults(text, networks, {"vk": VK, "x": X, "few": FEW})]


def test_an_answer_that_every_network_takes_has_no_faults() -> None:
    assert said("Заделаем до пятницы.", ["vk", "x", "telegram"]) == []


def test_no_words_at_all_are_the_only_fault_told() -> None:
    assert said("", ["vk", "x"]) == snapshot([""])


def test_the_strictest_network_is_named() -> None:
    assert said("я" * 300, ["vk"]) == []
    [fault] = faults("я" * 300, ["vk", "x", "few"], {"vk": VK, "x": X, "few": FEW})
    assert isinstance(fault, AnswerTooLong)
    assert (fault.network, fault.length, fault.limit) == ("few", 300, 100)


def test_a_network_measures_in_its_own_way() -> None:
    assert said("界" * 140, ["x"]) == []
    assert said("界" * 141, ["x"]) == snapshot(["x: 282 characters, 280 allowed"])


def test_an_objection_names_what_and_where() -> None:
    [fault] = faults("см. https://gov.example/x", ["vk", "x"], {"vk": VK, "x": X})
    assert isinstance(fault, TextRefused)
    assert (fault.objection, fault.network) == ("link", "x")
    assert said("@ivan, заделаем", ["vk"]) == []
