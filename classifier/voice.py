"""Who speaks: the words only a body uses, and the words only a resident does.

They guard the learned guess. A resident taken for a body is an incident lost; a body taken for a resident is only
noise, and collectors know official pages by their id anyway.
"""

import re
from typing import Final

_BODY: Final = re.compile(
    r"приносим извинения|сообщаем|информируем|разъясняем|напоминаем|приглашаем|благодарим за об|отношением понимани"
    r"|ваш(?:е|ему)? (?:обращени[ею]|вопрос|заявка|сообщение|комментарий|заявление)|по результатам|будет|будут"
    r"|взято? на контроль|запланирован|включен[аоы]? в|направлен[аоы]?\b|передан[аоы]?\b|принят[аоы]?\b|вынесен"
    r"|завершен|выполнен|устранен|восстановлен|проведен|отобраны|указано|установлен[аоы]?\b|составлен|прилага"
    r"|уважаемые (?:жители|родители|пассажиры|подписчики)|напишите нам|уточните|необходимо обратиться|осуществляется"
)
_RESIDENT: Final = re.compile(
    r"\?|!!|\b(?:я|меня|мне|мной|мо[йяеи]|моего|моей|моему|мою|моими?|моих|наш[аеиу]?|нашей|нашем|нашего|наших"
    r"|прошу|помогите|живу|живем|обращаюсь|обращаемся|жалуюсь|почему|зачем|сколько|примите|разберитесь|сделайте"
    r"|невозможно|никто|ничего|нельзя|до сих пор|обратите|хотим|хочу|хотелось|неоднократно|бездействи[еяю]|отписк[аиу]"
    r"|просим (?:принять|вас|помочь|разобраться|сделать|отремонтировать|установить|провести)|отсутству[ею]т)\b"
)


def may_be_official(plain_text: str) -> bool:
    """A body's turn of speech is there, and nothing a body would not say."""
    small = plain_text.lower().replace("ё", "е")
    return bool(_BODY.search(small)) and not _RESIDENT.search(small)
