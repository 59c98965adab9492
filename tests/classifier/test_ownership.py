"""Whose the thing is, by the words alone: said outright, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.features import plain, tokens
from classifier.ownership import owner_of
from models.kinds import Owner

SAID = [
    ("Федеральная трасса после дождя как решето", "federal"),
    ("На федеральной скоростной автодороге опять провал", "federal"),
    ("трасса Р-239, поворот на Кувандык, ям больше чем асфальта", "federal"),
    ("Разбили дорогу М-7 у Чебоксар, когда чинить будете?", "federal"),
    ("стоим в пробке на М5 третий час, дорога одна", "federal"),
    ("ФАД А-108, освещения нет километров десять", "federal"),
    ("УПРДОР обещал отбойник, где он", "federal"),
    ("Дорога федерального значения, а обочины нет", "federal"),
    ("ямы на федералке под Пензой", "federal"),
    ("региональная дорога до нашего села убита", "regional"),
    ("дорога у нас областная, район говорит ждите", "regional"),
    ("в областной детской клинической больнице ждали шесть часов", "regional"),
    ("краевая стоматологическая поликлиника не берёт трубку", "regional"),
    ("республиканский онкологический диспансер, очередь на КТ до осени", "regional"),
    ("ГБУЗ без педиатра с марта", "regional"),
    ("облбольница завалена снегом", "regional"),
    ("автодорога 38К-042, выбоины по всей ширине", "regional"),
    ("городская поликлиника № 3: регистратура хамит", "municipal"),
    ("живём в муниципальной квартире, батареи ледяные", "municipal"),
    ("Дорога там муниципальная, чистить некому", "municipal"),
    ("МУП не вывозит снег со стоянки", "municipal"),
    ("дорога на балансе города, а город молчит", "municipal"),
    ("проезд — дорога местного значения, асфальта нет", "municipal"),
    ("МБОУ СОШ 5: в столовой холодно", "municipal"),
    ("УК третий месяц не моет подъезд", "private"),
    ("Управляющая компания сняла лавочки", "private"),
    ("наше ТСЖ собрало деньги и пропало", "private"),
    ("застройщика не найти, дом не сдан", "private"),
    ("частный перевозчик снял последний рейс", "private"),
    ("ООО «Чистый двор» мусор не забирает", "private"),
]
UNSAID = [
    "",
    "!!! 🙂",
    "Яма на Ленина, колесо оставил",
    "чья это дорога, муниципальная?",
    "непонятно, областная это трасса или районная",
    "дорога муниципальная или областная — все кивают друг на друга",
    "УК говорит, что дорога муниципальная",
    "это не федеральная трасса, а наша улица",
    "дорога не является муниципальной собственностью",
    "дорога не стоит на балансе города",
    "у нас нет УК, дом сам по себе",
    "посадили бы вас по 158 УК РФ за такие дороги",
    "статья УК по вам плачет",
    "федеральный закон приняли, дороги как были",
    "по федеральной программе обещали школу",
    "живём в областном центре, а воды нет",
    "муниципальный округ, яма во дворе",
    "город федерального значения, а дороги как в деревне",
    "в частном секторе отключили свет",
    "краеведческий музей закрыт",
    "окружная дорога стоит",
    "остановка напротив областной больницы без навеса",
    "переход возле муниципального парка стёрся",
    "лекарство положено по федералке",
    "BMW М5 стоит на газоне",
    "Дорога плохая. А 10 лет назад чинили каждый год",
    "ооо как красиво во дворе",
    "бесхозная муниципальная труба течёт",
]


def said(text: str) -> str:
    shown = plain(text)
    return owner_of(shown, tokens(shown))


@pytest.mark.parametrize(("text", "owner"), SAID)
def test_what_is_said_outright_is_understood(text: str, owner: str) -> None:
    assert said(text) == owner
    assert said(f"Здравствуйте! {text} Примите меры.") == owner


@pytest.mark.parametrize("text", UNSAID)
def test_what_is_not_said_is_not_guessed(text: str) -> None:
    assert said(text) == ""


def test_capitals_change_nothing() -> None:
    assert said("ФЕДЕРАЛЬНАЯ ТРАССА М-7 В ЯМАХ") == "federal"
    assert said("УК НЕ ЧИСТИТ ДВОР") == "private"


def test_every_owner_can_be_said() -> None:
    assert {owner for _, owner in SAID} == {owner.value for owner in Owner}


@given(st.text(max_size=400) | st.lists(st.sampled_from([text for text, _ in SAID] + UNSAID)).map(" ".join))
def test_any_text_has_an_answer(text: str) -> None:
    assert said(text) in {"", *(owner.value for owner in Owner)}


def test_a_long_text_of_nothing_but_signs_is_read_through() -> None:
    assert said("муниципальная " * 5_000) == ""
    assert said("М-" * 5_000 + " дорога") == ""
