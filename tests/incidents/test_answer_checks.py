"""The answer checks, one by one: what triggers, what does not, and that nobody can hang them."""

import time

import pytest

from incidents.answer_checks import PERSONAL, Code, Draft, Severity, check
from incidents.answer_checks.copies import similarity
from incidents.answer_checks.documents import is_inn, is_luhn, is_snils
from incidents.answer_checks.findings import LONGEST


def codes(text: str, **about: object) -> set[Code]:
    return {one.code for one in check(Draft(text, **about))}  # type: ignore[arg-type]  # any field of a draft


def personal(text: str) -> set[Code]:
    return codes(text) & set(PERSONAL)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Наберите +7 (910) 123-45-67.", Code.PHONE, "+7 (910) 123-45-67"),
        ("Наберите 8\u00a0910\u00a0123\u201345\u201367.", Code.PHONE, "8 910 123–45–67"),
        ("Наберите 8 9IO 123 45 б7.", Code.PHONE, "8 9IO 123 45 б7"),
        ("Мастер был в кв. 45.", Code.FLAT, "кв. 45"),
        ("Мастер был в 45-й квартире.", Code.FLAT, "45-й квартире"),
        ("Внесли 112-233-445 95 сегодня.", Code.DOCUMENT, "112-233-445 95"),
        ("Жалоба Петровой Анны Ивановны.", Code.FULL_NAME, "Петровой Анны Ивановны"),
        ("Пишите на anna1965@mail.ru.", Code.MAIL, "anna1965@mail.ru"),
        ("Ученик 2014 г.р. переведён.", Code.BIRTH_DATE, "2014 г.р."),
        ("Ваш диагноз астма.", Code.SENSITIVE, "Ваш диагноз астма"),
        ("Уберите машину О123АК40.", Code.PLATE, "О123АК40"),
    ],
)
def test_personal_data_blocks_and_quotes_what_it_found(text: str, code: Code, words: str) -> None:
    (found,) = [one for one in check(Draft(text)) if one.code is code]
    assert found.severity is Severity.BLOCK
    assert found.words == (words,)
    assert all(text[start:end].strip() for start, end in found.spans)


@pytest.mark.parametrize(
    "text",
    [
        "Горячая линия 8-800-200-00-00, приёмная 22-33-44, спасатели 112.",
        "Дом 12, корпус 2, подъезд 3, этаж 5.",
        "Глава города Иван Сергеевич Петров, министр Орлова Е. А.",
        "На улице Юрия Гагарина, у школы имени Зои Космодемьянской.",
        "Постановление № 1234567890 от 12.05.2026, 89 123 456 789 рублей.",
        "Автобус 12, рейсы в 8:00, 10:30 и 12-45.",
        "120-квартирный дом, 60 квартир, 45 кв. м, 3 кв. 2027 года.",
        "ИНН организации 7707083893, ОГРН 1027700132195.",
        "Прививки детям 2020 года рождения, инсулин больным диабетом.",
        "Пишите на transport@primer.gov.ru или school5@yandex.ru.",
        "Кадастровый номер 40:26:000123:456.",
    ],
)
def test_what_is_public_is_not_personal(text: str) -> None:
    assert personal(text) == set()


def test_the_bodys_own_signature_names_nobody() -> None:
    text = "Знак вернём завтра.\n\nПриёмная, Лосев Пётр Ильич"
    assert Code.FULL_NAME not in codes(text, signature="Приёмная, Лосев Пётр Ильич")


def test_a_mistyped_number_is_taken_for_one_all_the_same() -> None:
    assert not is_snils("11223344596")
    assert personal("СНИЛС 112-233-445 96") == {Code.DOCUMENT}
    assert personal("Карта 2202 2061 2345 6788") == {Code.DOCUMENT}


def test_a_bare_row_of_digits_is_told_by_its_checksum() -> None:
    assert is_snils("11223344595")
    assert is_inn("500100732259")
    assert not is_inn("500100732258")
    assert is_luhn("4111111111111111")
    assert personal("В базе 11223344595") == {Code.DOCUMENT}
    assert personal("В базе 11223344596") == set()


@pytest.mark.parametrize(
    ("text", "about", "code"),
    [
        ("Принято, рассмотрим.", {}, Code.NO_SUBSTANCE),
        ("Дорогу обязательно отремонтируем.", {}, Code.NO_DATE),
        ("Яма устранена.", {}, Code.NO_PROOF),
        ("Вопрос принят, ответим позже.", {"is_interim": True}, Code.BARE_INTERIM),
        ("Сделаем по мере финансирования.", {}, Code.STOP_PHRASE),
        ("Замену ДГХ проведёт завтра.", {}, Code.ABBREVIATION),
        ("Смотрите https://x.ru завтра.", {}, Code.LINKS),
        ("Знак вернём завтра.", {"signature": "Комитет"}, Code.NO_SIGNATURE),
        ("Комитет: завтра. Комитет", {"signature": "Комитет"}, Code.SIGNED_TWICE),
        ("Завтра. " + "слово " * 200, {}, Code.TOO_LONG),
    ],
)
def test_warnings(text: str, about: dict[str, object], code: Code) -> None:
    (found,) = [one for one in check(Draft(text, **about)) if one.code is code]  # type: ignore[arg-type]  # fields
    assert found.severity is Severity.WARNING


def test_a_photo_or_an_act_is_proof() -> None:
    assert Code.NO_PROOF not in codes("Яма устранена.", photos=1)
    assert Code.NO_PROOF not in codes("Яма устранена, акт подписан.")
    assert Code.NO_PROOF not in codes("Яма будет устранена завтра.")


def test_a_reasoned_no_needs_no_date() -> None:
    assert Code.NO_DATE not in codes("Перенести столб нельзя, потому что под ним кабель.")
    assert Code.NO_DATE in codes("Перенести столб нельзя.")


def test_an_interim_answer_with_its_control_date_is_none_of_the_bare() -> None:
    about = {"is_interim": True, "has_control_date": True}
    assert codes("Специалисты проверят подвал.", **about) == set()


def test_a_copy_is_the_same_words_in_the_same_order() -> None:
    text = "Улицу чистим по ночам, трактор прошёл в три часа, тротуар дочистили вручную утром, обочины подсыпали."
    assert similarity(text, text.replace("три", "три")) == 1
    assert Code.TEMPLATE_COPY in codes(text, recent=("Другое.", text.upper()))
    assert Code.TEMPLATE_COPY not in codes(text, recent=(" ".join(reversed(text.split())),))
    assert Code.TEMPLATE_COPY not in codes("Спасибо, приняли!", recent=("Спасибо, приняли!",))


HOSTILE = [
    "8" * LONGEST,
    "8 " * (LONGEST // 2),
    "+7(" * (LONGEST // 3),
    "а" * LONGEST,
    "А. А. " * (LONGEST // 6),
    "кв. " * (LONGEST // 4),
    "ваш ваш " * (LONGEST // 8),
    "Иванов Иван Иванович " * (LONGEST // 21),
    "a@" * (LONGEST // 2),
    "a.a.a.a-" * (LONGEST // 8),
    "восемь девятьсот " * (LONGEST // 17),
    "ст. 5 " * (LONGEST // 6),
    "паспорт " * (LONGEST // 8),
    "Мира 5-" * (LONGEST // 7),
    "\n" * LONGEST,
    " " * LONGEST,
    "\u202e\x00\ud800" * (LONGEST // 3),
    "((((" * (LONGEST // 4),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_text_hangs_the_checks(number: int) -> None:
    """Seconds of the processor would mean a catastrophe of some pattern, not a slow machine."""
    started = time.process_time()
    check(Draft(HOSTILE[number], recent=(HOSTILE[number],) * 50))
    assert time.process_time() - started < 5


def test_nothing_to_say_of_nothing() -> None:
    assert check(Draft("")) == []
    assert check(Draft(" \n ")) == []
