"""What the page and the model card say, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models.person import Language

WORDS: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType(
    {
        Language.RU: MappingProxyType(
            {
                "title": "Насколько можно верить классификатору",
                "lead": "Все числа — по сообщениям, на которых модель не училась. Повторы одного "
                "сообщения никогда не стоят по обе стороны проверки.",
                "about": "О модели",
                "rows": "сообщ.",
                "of_labels": "меток",
                "accuracy": "Верно",
                "macro_f1": "F1 по меткам",
                "macro_f1_of_10": "F1 по меткам от 10 сообщений",
                "weighted_f1": "F1 по сообщениям",
                "top3": "Верная в первых трёх",
                "ece": "Ошибка уверенности (ECE)",
                "aurc": "Площадь под кривой риска",
                "at_precision": "Без человека при {precision} верных",
                "reliability": "Уверенность и правда",
                "reliability_says": "Если модель говорит «уверена на 80\N{NO-BREAK SPACE}%», права она должна "
                "быть в 80 случаях из 100: точки лежат на пунктире. Ниже пунктира — она "
                "самоуверенна. Чем больше точка, тем больше сообщений.",
                "promised": "обещано",
                "came_true": "сбылось",
                "risk": "Сколько можно отдать без человека",
                "risk_says": "Чем больше сообщений проходит без куратора (вправо), тем чаще ошибки "
                "(вниз). Точка — сколько проходит, пока верны {precision}.",
                "covered": "проходит без человека",
                "right": "из них верно",
                "contract": "Договор",
                "contract_says": "Пороги выбраны на одной половине сообщений и проверены на другой, и "
                "наоборот, {halves} раз: без человека прошло {coverage}, из них верно "
                "{right} (в худшей половине {lowest}; обещано {precision}).",
                "contract_none": "Сообщений слишком мало, чтобы проверить договор.",
                "contract_classes": "Что пропущено, по меткам",
                "classes": "По меткам",
                "classes_says": "F1 — среднее между «не пропускает своё» и «не берёт чужое», 1 — без "
                "ошибок. У меток, где сообщений мало, число случайно.",
                "confusion": "Что с чем путает",
                "confusion_says": "Строка — что было на самом деле, столбец — что сказала модель; верное "
                "стоит на диагонали.",
                "elsewhere": "остальные метки",
                "confused": "Чаще всего",
                "length": "По длине сообщения, знаков",
                "network": "По сетям",
                "territory": "По территориям",
                "slices_says": "Доля верных; чёрточка показывает, где она лежит с уверенностью 95\N{NO-BREAK SPACE}%: "
                "при малом числе сообщений она широкая.",
                "thresholds": "Пороги",
                "thresholds_says": "С какой уверенности метка проходит без куратора.",
                "never": "никогда",
                "label": "Метка",
                "threshold": "Порог",
                "taken": "пропущено",
                "card": "Карточка модели",
                "data": "Данные",
                "split": "Как отложены проверочные сообщения",
                "split_says": "Где даты известны у девяти сообщений из десяти, проверка идёт по последней"
                " пятой части времени; иначе каждое сообщение проверено один раз, в пяти "
                "частях. Почти одинаковые сообщения всегда вместе.",
                "figures": "Показатели",
                "question": "Вопрос",
                "intended_use": "Для чего",
                "intended_use_says": "Подсказать, о чём сообщение жителя и чьё оно, чтобы быстрее дошло до того,"
                " кто ответит. Не для оценки авторов, не для отказа в ответе, не для "
                "решений о людях.",
                "oversight": "Кто отвечает",
                "oversight_says": "Ниже порога решает куратор. Любое решение модели человек меняет одним "
                "нажатием, и нажатие становится уроком. Если живая доля верных падает ниже "
                "обещанной, тема сама возвращается к куратору.",
                "limits": "Чего не умеет",
                "limits_says": "Плохо знает редкие метки и темы, которых не было в уроках; сарказм, намёки"
                " на фото и чужие языки понимает слабо; на сообщениях другого времени или "
                "края числа будут иными. Разметка людьми сама расходится, и выше её "
                "согласия модель не поднимется.",
                "versions": "Версии",
                "sha256": "Отпечаток",
                "made_at": "Сделана",
                "model_id": "Модель",
                "q.kind": "Вид сообщения",
                "q.needs_answer": "Нужен ли ответ",
                "q.official": "Ответ ведомства или нет",
                "q.official_reply": "Ответ ведомства или нет",
                "q.spam": "Спам",
                "q.topic": "Тема",
                "q.subtopic": "Подтема",
                "q.group": "Группа тем",
                "q.body": "Исполнитель",
                "q.owner": "Чьё",
                "q.priority": "Срочность",
            }
        ),
        Language.EN: MappingProxyType(
            {
                "title": "How far the classifier may be trusted",
                "lead": "Every figure is of messages the model had not learned from. Repeats of one"
                " message never stand on both sides of the check.",
                "about": "About the model",
                "rows": "rows",
                "of_labels": "labels",
                "accuracy": "Right",
                "macro_f1": "F1, mean of labels",
                "macro_f1_of_10": "F1 of labels with 10 rows and more",
                "weighted_f1": "F1, mean of rows",
                "top3": "Right one in the first three",
                "ece": "Calibration error (ECE)",
                "aurc": "Area under the risk curve",
                "at_precision": "Without a person at {precision} right",
                "reliability": "Confidence and truth",
                "reliability_says": "When the model says it is 80\N{NO-BREAK SPACE}% sure, it should be right "
                "80 times of 100: dots lie on the dashes. Below them it is overconfident. "
                "The larger the dot, the more messages.",
                "promised": "promised",
                "came_true": "came true",
                "risk": "How much can go without a person",
                "risk_says": "The more messages pass without a curator (right), the more mistakes "
                "(down). The dot is what passes while {precision} is right.",
                "covered": "passes without a person",
                "right": "right of those",
                "contract": "The contract",
                "contract_says": "Thresholds chosen on one half of the messages and judged on the other, "
                "both ways, {halves} times: {coverage} passed without a person, {right} of "
                "it right ({lowest} in the worst half; promised {precision}).",
                "contract_none": "Too few messages to check the contract.",
                "contract_classes": "What was let through, label by label",
                "classes": "Label by label",
                "classes_says": "F1 is the mean of “misses none of its own” and “takes no other's”; 1 is no"
                " mistake. Where rows are few the figure is chance.",
                "confusion": "What is taken for what",
                "confusion_says": "A row is what was true, a column what the model said; the diagonal is "
                "right.",
                "elsewhere": "other labels",
                "confused": "Most often",
                "length": "By length of the message, characters",
                "network": "By network",
                "territory": "By territory",
                "slices_says": "Share right; the whisker is where it lies with 95\N{NO-BREAK SPACE}% "
                "certainty: wide where rows are few.",
                "thresholds": "Thresholds",
                "thresholds_says": "From which confidence a label passes without a curator.",
                "never": "never",
                "label": "Label",
                "threshold": "Threshold",
                "taken": "let through",
                "card": "Model card",
                "data": "Data",
                "split": "How rows were put aside",
                "split_says": "Where nine messages of ten are dated, the latest fifth is judged; else "
                "every message once, in five parts. Near-duplicates always stay together.",
                "figures": "Figures",
                "question": "Question",
                "intended_use": "Intended use",
                "intended_use_says": "To suggest what a resident's message is about and whose it is, so that it "
                "reaches sooner whoever will answer. Not to judge authors, not to refuse an"
                " answer, not for decisions about people.",
                "oversight": "Human oversight",
                "oversight_says": "Below the threshold a curator decides. Any decision of the model is "
                "changed by one press, and the press becomes a lesson. When the live share "
                "right falls below the promise, the topic goes back to the curator by "
                "itself.",
                "limits": "Limits",
                "limits_says": "Weak on rare labels and on topics it was not taught; on sarcasm, hints at "
                "a photo and other languages; on messages of another time or region the "
                "figures will differ. People who label disagree among themselves, and the "
                "model cannot rise above their agreement.",
                "versions": "Versions",
                "sha256": "Hash",
                "made_at": "Made",
                "model_id": "Model",
                "q.kind": "Kind of message",
                "q.needs_answer": "Needs an answer",
                "q.official": "A body's own reply or not",
                "q.official_reply": "A body's own reply or not",
                "q.spam": "Spam",
                "q.topic": "Topic",
                "q.subtopic": "Subtopic",
                "q.group": "Group of topics",
                "q.body": "Responsible body",
                "q.owner": "Whose it is",
                "q.priority": "Priority",
            }
        ),
    }
)


def question(name: str, lang: Language) -> str:
    """The name of a question for people; one nobody named is shown as it is."""
    return WORDS[lang].get(f"q.{name}", name)
