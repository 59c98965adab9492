"""The town of the working week: ten bodies, forty people, and a classifier that goes by one word."""

from collections.abc import Mapping, Sequence
from typing import Final

from incidents.incoming import Explanation, Guess, Scored
from models import Kind, Role
from tests.scenarios.week_stage import Person

# code, name, topic
BODIES: Final = (
    ("roads", "Дороги", "roads"),
    ("heat", "Теплосети", "utilities"),
    ("housing", "ЖКХ", "housing"),
    ("yards", "Благоустройство", "amenities"),
    ("waste", "Экология", "waste"),
    ("buses", "Транспорт", "transport"),
    ("health", "Минздрав", "health"),
    ("schools", "Минобр", "education"),
    ("social", "Соцзащита", "social"),
    ("zarechny", "Заречный", "property"),
)

VERA, GLEB, OLEG, INNA, HEAD = 1001, 1002, 1003, 1004, 1005
ANNA, BORIS, KIRA = 1101, 1102, 1103  # roads
ILYA, PAVEL, RITA = 1201, 1202, 1203  # heat
ZOYA, MARK, LENA = 1301, 1302, 1303  # housing
YANA, TIMUR, ALLA = 1401, 1402, 1403  # yards
EGOR, NINA, FAINA = 1501, 1502, 1503  # waste
DENIS, OLGA, ROMA = 1601, 1602, 1603  # buses
VIKTOR, SONYA, LEV = 1701, 1702, 1703  # health
TANYA, ARTEM, GALYA = 1801, 1802, 1803  # schools
MAYA, YURI, KLAVA = 1901, 1902, 1903  # social
FEDOR, LIZA, NIK = 2001, 2002, 2003  # zarechny
APPROVER, APPROVER_2, APPROVER_3 = 1704, 1804, 1904
ROADS_HEAD, HEALTH_HEAD = 1105, 1705

_C, _O, _A, _H = Role.COORDINATOR, Role.OFFICIAL, Role.APPROVER, Role.HEAD


def _body(code: str, *people: tuple[int, str, Role]) -> list[Person]:
    return [Person(number, name, role, code) for number, name, role in people]


PEOPLE: Final[Sequence[Person]] = (
    Person(VERA, "Вера", Role.CURATOR),
    Person(GLEB, "Глеб", Role.CURATOR),
    Person(OLEG, "Олег", Role.OPERATOR),
    Person(INNA, "Инна", Role.OBSERVER),
    Person(HEAD, "Губернатор", Role.HEAD),
    *_body("roads", (ANNA, "Анна", _O), (BORIS, "Борис", _O), (KIRA, "Кира", _C), (ROADS_HEAD, "Степан", _H)),
    *_body("heat", (ILYA, "Илья", _O), (PAVEL, "Павел", _O), (RITA, "Рита", _C)),
    *_body("housing", (ZOYA, "Зоя", _O), (MARK, "Марк", _O), (LENA, "Лена", _C)),
    *_body("yards", (YANA, "Яна", _O), (TIMUR, "Тимур", _O), (ALLA, "Алла", _C)),
    *_body("waste", (EGOR, "Егор", _O), (NINA, "Нина", _O), (FAINA, "Фаина", _C)),
    *_body("buses", (DENIS, "Денис", _O), (OLGA, "Ольга", _O), (ROMA, "Рома", _C)),
    *_body(
        "health",
        (VIKTOR, "Виктор", _O),
        (SONYA, "Соня", _O),
        (LEV, "Лев", _C),
        (APPROVER, "Марина", _A),
        (HEALTH_HEAD, "Министр", _H),
    ),
    *_body(
        "schools", (TANYA, "Таня", _O), (ARTEM, "Артём", _O), (GALYA, "Галя", _C), (APPROVER_2, "Ада", _A)
    ),
    *_body("social", (MAYA, "Майя", _O), (YURI, "Юрий", _O), (KLAVA, "Клава", _C), (APPROVER_3, "Раиса", _A)),
    *_body("zarechny", (FEDOR, "Фёдор", _O), (LIZA, "Лиза", _O), (NIK, "Ник", _C)),
)

_TOPICS: Final[Mapping[str, str]] = {
    "ям": "roads",
    "батаре": "utilities",
    "подъезд": "housing",
    "качел": "amenities",
    "мусор": "waste",
    "автобус": "transport",
    "врач": "health",
    "школ": "education",
    "пособи": "social",
    "участ": "property",
}


class ByWords:
    """One word decides; without one the program is unsure, and a curator is asked."""

    model_id = "week-1"

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        return [self._guess(text.lower()) for text in texts]

    def _guess(self, text: str) -> Guess:
        topic = next((topic for word, topic in _TOPICS.items() if word in text), "")
        return Guess(
            model_id=self.model_id,
            kind=Kind.QUESTION if "?" in text else Kind.COMPLAINT,
            kind_confidence=0.9,
            needs_answer=True,
            needs_answer_confidence=0.9,
            official_reply=False,
            topics=(Scored(topic or "amenities", 0.97 if topic else 0.3), Scored("roads", 0.02)),
        )

    def explain(self, text: str) -> Explanation:
        return Explanation(guess=self.classify([text])[0], words={})
