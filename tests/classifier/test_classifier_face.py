"""The seam's promises: any text gets an honest guess and never an exception."""

import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.incoming import Classifier, Guess
from incidents.rubricator import OTHER, rubricator
from models.kinds import Kind

NASTY = (
    "",
    " \n\t",
    "\x00\x01\x02",
    "\ud800\udfff",
    "🙏",
    "z̸̡̛a̷l̶g̵o̸" * 50,
    "\u202eтекст наоборот",
    "<b>не закрыт",
    "<" * 100_000,
    "&#" * 50_000,
    "&#x110000; &#xD800; &amp;amp;",
    "ы" * 100_000,
    "[" * 50_000 + "club1|",
    "http://" + "a" * 100_000,
    "улица " * 20_000,
    "яма " * 25_000,
    "ул. «" * 20_000,
    "²³¼ ٣٤ ⅷ",
    "東京で水が出ません",
    string.printable,
    bytes(range(256)).decode("latin-1"),
)


def assert_honest(guess: Guess) -> None:
    assert isinstance(guess.kind, Kind)
    assert 1 <= len(guess.topics) <= 3
    assert all(scored.value in rubricator() for scored in guess.topics)
    confidences = [scored.confidence for scored in guess.topics]
    assert confidences == sorted(confidences, reverse=True)
    for confidence in (
        *confidences,
        guess.kind_confidence,
        guess.needs_answer_confidence,
        guess.place_confidence,
    ):
        assert 0 <= confidence <= 1
        assert type(confidence) is float
    assert type(guess.needs_answer) is bool
    assert type(guess.official_reply) is bool
    assert bool(guess.place) == (guess.place_confidence > 0)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:12]))
def test_no_text_is_too_nasty(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.classify([text])
    assert_honest(guess)


@settings(max_examples=300)
@given(text=st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_any_text_gets_an_honest_guess(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.classify([text])
    assert_honest(guess)


@settings(max_examples=200)
@given(text=st.text(alphabet="<>/[]|&#;:«» ёЁяЯ.ул14bi!?"))
def test_any_scrap_of_markup_gets_an_honest_guess(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.classify([text])
    assert_honest(guess)


@pytest.mark.parametrize(
    "text", ["", "12345", "???", "Урамда чүп бик күп", "東京で水が出ません", "qwrtplkj zxcvb"]
)
def test_what_it_cannot_read_is_other_with_a_low_confidence_and_is_shown_to_a_human(
    classifier: Classifier, text: str
) -> None:
    (guess,) = classifier.classify([text])
    assert (guess.topic.value, guess.needs_answer) == (OTHER, True)
    assert guess.topic.confidence < 0.5
    assert guess.kind_confidence < 0.5


def test_every_text_of_a_batch_is_guessed_as_if_alone_and_in_order(classifier: Classifier) -> None:
    texts = ["Яма на дороге", "", "Спасибо врачам!", "Когда дадут горячую воду?"]
    assert classifier.classify(texts) == [classifier.classify([text])[0] for text in texts]
    assert classifier.classify([]) == []


def test_markup_of_a_portal_changes_nothing(classifier: Classifier) -> None:
    marked, bare = classifier.classify(
        ['<p style="color:red">Мусор&nbsp;не вывозят<br/>вторую неделю</p>', "Мусор не вывозят вторую неделю"]
    )
    assert marked == bare


@pytest.mark.parametrize(
    ("text", "kind", "topic"),
    [
        ("Не вывозят мусор со двора, баки переполнены, примите меры", Kind.COMPLAINT, "waste"),
        ("Когда включат отопление?", Kind.QUESTION, "utilities"),
        ("Огромное спасибо врачам больницы за операцию!", Kind.GRATITUDE, "health"),
        ("Ну спасибо дорожникам за разбитую дорогу, позорище", Kind.NEGATIVE, "roads"),
        ("Предлагаю поставить лавочки в сквере", Kind.REVIEW, "amenities"),
        ("ВО ДВОРЕ СТАЯ БРОДЯЧИХ САБАК!!! отловите", Kind.COMPLAINT, "animals"),
    ],
)
def test_plain_cases_of_every_kind_are_told_apart(
    classifier: Classifier, text: str, kind: Kind, topic: str
) -> None:
    (guess,) = classifier.classify([text])
    assert (guess.kind, guess.topic.value) == (kind, topic)
    assert guess.topic.confidence >= 0.5


def test_an_advertisement_needs_no_answer_and_a_complaint_does(classifier: Classifier) -> None:
    advertisement, complaint = classifier.classify(
        ["Натяжные потолки недорого, скидки, звоните", "Третий день нет воды, примите меры"]
    )
    assert not advertisement.needs_answer
    assert complaint.needs_answer


def test_a_bodys_answer_is_recognised(classifier: Classifier) -> None:
    (guess,) = classifier.classify(
        ["Здравствуйте! Работы по замене светильников будут завершены до 20 мая. Администрация города."]
    )
    assert guess.official_reply
    assert not guess.needs_answer


@pytest.mark.parametrize(
    "text",
    [
        "Здравствуйте! Прошу сообщить срок ремонта дороги, обращаюсь повторно. С уважением, жители улицы.",
        "Уважаемая администрация! Информируем, что работы на нашей улице не завершены. Просим принять меры.",
        "Добрый день! Ваше предприятие не вывозит мусор. Почему?",
    ],
)
def test_a_polite_resident_is_not_taken_for_a_body(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.classify([text])
    assert not guess.official_reply
    assert guess.needs_answer


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("нет света на улице Садовой", "ул. Садовая"),
        ("Садовая улица, 14: яма", "ул. Садовая, 14"),
        ("яма на ул. Гагарина, д. 12", "ул. Гагарина, 12"),
        ("в Сосновке нет фельдшера", "Сосновка"),
        ("живём в верхнереченске, дороги никакие", "Верхнереченск"),
        ("в мкр Южный не ходит автобус", "мкр. Южный"),
        ("переехали из Тулы, тут холодно", "Тула"),
        ("просто нет воды", ""),
        ("Безнең урамда ике көн су юк, зинһар, ярдәм итегез", ""),
    ],
)
def test_places_are_told_in_the_nominative(classifier: Classifier, text: str, place: str) -> None:
    (guess,) = classifier.classify([text])
    assert guess.place == place


@pytest.mark.parametrize("unwanted", ["sklearn", "scipy", "aiogram"])
def test_importing_the_package_is_light(unwanted: str) -> None:
    code = f"import sys, classifier; sys.exit({unwanted!r} in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
