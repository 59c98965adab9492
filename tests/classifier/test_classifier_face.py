"""The seam's promises: any text gets an honest guess and never an exception."""

import random
import string
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.incoming import Classifier, Guess
from incidents.rubricator import OTHER, rubricator, subtopics, topic_of
from models.kinds import Kind, Owner

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
    random.Random(7).randbytes(100_000).decode("cp1251", "replace"),  # noqa: S311 - the same bytes every time
    "\x7fELF\x02\x01\x01" + "\x00" * 5_000,
    "🙏" * 20_000,
    "и\u0306" * 30_000,
    '<div class="post"><p>Мусор&nbsp;не <b>вывозят</b></p><script>alert(1)</script>' * 1_500,
    "НЕТ ВОДЫ! " * 10_000,
)


def assert_honest(guess: Guess) -> None:
    assert isinstance(guess.kind, Kind)
    assert 1 <= len(guess.topics) <= 3
    assert all(scored.value in rubricator() for scored in guess.topics)
    confidences = [scored.confidence for scored in guess.topics]
    assert confidences == sorted(confidences, reverse=True)
    assert len(guess.subtopics) <= 3
    assert all(scored.value in subtopics() for scored in guess.subtopics)
    assert all(topic_of(scored.value) == guess.topic.value for scored in guess.subtopics[:1])
    for confidence in (
        *confidences,
        *(scored.confidence for scored in guess.subtopics),
        guess.kind_confidence,
        guess.needs_answer_confidence,
        guess.place_confidence,
        guess.official_confidence,
        guess.spam_confidence,
    ):
        assert 0 <= confidence <= 1
        assert type(confidence) is float
    assert type(guess.needs_answer) is bool
    assert type(guess.official_reply) is bool
    assert type(guess.spam) is bool
    assert guess.owner in {"", *Owner}
    assert guess.bodies == ()
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
    "text",
    [
        *("", "12345", "???", "🙏", "👍👍👍", "Урамда чүп бик күп", "東京で水が出ません", "qwrtplkj zxcvb"),
        *("\x7fELF\x02\x01", "\ud800\udfff", "z̸̡̛a̷l̶g̵o̸", "АААААААА", "lorem ipsum dolor sit amet"),
    ],
    ids=ascii,
)
def test_what_it_cannot_read_is_other_with_a_low_confidence_and_is_shown_to_a_human(
    classifier: Classifier, text: str
) -> None:
    (guess,) = classifier.classify([text])
    assert (guess.topic.value, guess.needs_answer) == (OTHER, True)
    assert guess.topic.confidence < 0.5
    assert guess.kind_confidence < 0.5
    assert guess.topic_threshold > guess.topic.confidence
    assert not guess.spam
    assert not guess.official_reply


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("U nas vo dvore ne vyvozyat musor uzhe nedelyu, primite mery", "waste"),
        ("Kogda vklyuchat otoplenie? Deti merznut", "utilities"),
        ("yama na doroge probil koleso", "roads"),
        ("net vody tretiy den", "utilities"),
        ("pochemu avtobus ne hodit po raspisaniyu", "transport"),
        ("zdravstvuyte, pomogite pozhaluista s rabotoy", "labour"),
        ("Чому не вивозять сміття з нашого подвір'я вже другий тиждень?", "waste"),
        ("Коли увімкнуть опалення, діти мерзнуть", "utilities"),
        ("Дуже дякую лікарям лікарні за операцію", "health"),
        ("На вулиці немає світла, темно ходити", "amenities"),
        ("Допоможіть, немає води третій день", "utilities"),
        ("Безнең урамда ике көн су юк, зинһар, ярдәм итегез", "utilities"),
        ("Юллар бик начар, машина йөри алмый", "roads"),
        ("Табибларга зур рәхмәт", "health"),
        ("Балалар бакчасында урын юк", "education"),
        ("Беҙҙең ауылда юл юҡ, ярҙам итегеҙ", "roads"),
    ],
)
def test_in_another_tongue_it_is_sure_only_where_it_is_right(
    classifier: Classifier, text: str, topic: str
) -> None:
    (guess,) = classifier.classify([text])
    assert_honest(guess)
    assert guess.topic.value == topic or guess.topic.confidence < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "НЕ ВЫВОЗЯТ МУСОР ВТОРУЮ НЕДЕЛЮ",
        "Не вы\xadво\xadзят му\xadсор вторую неделю",
        "Не выво̸зя̶т м̷у̶с̵о̸р вторую неделю",
    ],
    ids=["capitals", "soft hyphens", "marks over letters"],
)
def test_a_disguise_does_not_hide_what_it_is_about(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.classify([text])
    assert guess.topic.value == "waste"


def test_a_letter_of_two_characters_is_the_letter(classifier: Classifier) -> None:
    one, two = classifier.classify(["В нашей больнице нет врачей", "В нашеи\u0306 больнице нет врачеи\u0306"])
    assert (one.topics, one.kind, one.subtopics) == (two.topics, two.kind, two.subtopics)


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


@pytest.mark.parametrize("count", [1, 2, 511, 512, 513, 1100])
def test_any_number_of_texts_is_answered_in_order(classifier: Classifier, count: int) -> None:
    texts = [("яма на дороге", "спасибо врачам больницы", "")[number % 3] for number in range(count)]
    guesses = classifier.classify(texts)
    assert guesses == (classifier.classify(texts[:3]) * count)[:count]


def test_threads_get_the_answers_of_one(classifier: Classifier) -> None:
    texts = [text for text in NASTY if len(text) < 1_000] * 3
    alone = classifier.classify(texts)
    with ThreadPoolExecutor(4) as threads:
        assert all(
            guesses == alone for guesses in threads.map(lambda _: classifier.classify(texts), range(8))
        )


def test_an_explanation_names_the_words_that_decided(classifier: Classifier) -> None:
    explanation = classifier.explain("На нашей улице яма, разбита дорога!")
    assert explanation.guess.topic.value == "roads"
    assert {"яма", "дорога"} & {reason.word for reason in explanation.words["topic"]}
    assert {"kind", "needs_answer", "voice", "topic"} <= explanation.words.keys()


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:12]))
def test_any_text_can_be_explained(classifier: Classifier, text: str) -> None:
    assert_honest(classifier.explain(text).guess)
