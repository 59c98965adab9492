"""The words: the same keys in every language, all of them used, and none missing."""

import ast
import string
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.errors import words_of
from handlers.reasons import MoveReason, ReworkReason, SkipReason
from handlers.times import Reader
from handlers.words import Html, Words, catalogue, plural_form
from incidents import errors
from incidents.absences import AlreadyAway, SeveralOfThatName
from incidents.acts import NotInQueue
from incidents.answer_checks import Code
from incidents.away_dates import AwayTooLong
from incidents.blanks import BlanksLeft, UnknownBlank
from incidents.body_settings import SignatureTooLong
from incidents.chats import ChatKept, ChatTaken
from incidents.checking import PersonalData
from incidents.control_dates import DateBeyondNorm, DateInThePast, NormIsOver
from incidents.deciding import Why
from incidents.delegating import ColleagueAway, HeldMeanwhile, HoldsAlready
from incidents.duty import WorkingChat
from incidents.first import GivenBack, MovedOn
from incidents.people import NotYourBody
from incidents.permissions import Permission
from incidents.reviewing import OwnAnswer
from incidents.templates import TemplateNameTaken, TemplateTooLong
from incidents.undoing import MovedSince, UndoneAlready, UndoTooLate
from incidents.versions import Fate
from models import Kind, Language, Priority, PromptKind, Role, Status, Step
from tests.conftest import NOON, ROOT

RU, EN = catalogue(Language.RU), catalogue(Language.EN)
NAMED = ("words", "plain", "count", "name")


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def keys_in_code() -> Iterator[tuple[str, bool]]:
    """Every key the handlers ask for; True where only its beginning is written there."""
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                called = name in NAMED or (isinstance(function, ast.Call))
                key = node.args[0]
                if not called:
                    continue
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, name == "name"
                elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                    yield str(key.values[0].value), True


# Named where they stand in tables, or by their owner.
INDIRECT = {
    "stranger",
    "anonymous",
    "reason.move",
    "reason.skip",
    "reason.rework",
    *(refusal.text_key for refusal in errors.IncidentError.__subclasses__()),
    "refused.not_yours_holder",
    "refused.moved_on",
}


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    assert list(RU) == list(EN)
    for key, russian in RU.items():
        english = EN[key]
        if isinstance(russian, str) and isinstance(english, str):
            assert blanks(russian) == blanks(english), key
        else:
            assert (len(russian), len(english)) == (3, 2), key


def test_every_key_asked_for_exists() -> None:
    missing = {key for key, is_beginning in keys_in_code() if not is_beginning and key not in RU}
    assert missing == set()
    assert {refusal.text_key for refusal in errors.IncidentError.__subclasses__()} <= set(RU)


def test_every_key_is_asked_for() -> None:
    asked = set(keys_in_code())
    exact = {key for key, is_beginning in asked if not is_beginning}
    beginnings = tuple(key for key, is_beginning in asked if is_beginning) + tuple(INDIRECT)
    unused = [key for key in RU if key not in exact and not key.startswith(beginnings)]
    assert unused == []


@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("kind", Kind),
        ("status", Status),
        ("step", Step),
        ("welcome", Role),
        ("help", Role),
        ("reason.move", MoveReason),
        ("reason.skip", SkipReason),
        ("reason.rework", ReworkReason),
        ("keyword_fault", errors.KeywordFault),
        ("explain.why", Why),
        ("check", Code),
        ("check_short", Code),
        ("version", Fate),
        ("drafts.asked", PromptKind),
    ],
)
def test_every_member_of_a_family_has_its_words(family: str, members: type[Kind]) -> None:
    assert [one for one in members if f"{family}.{one.value}" not in RU] == []


def test_priorities_but_the_ordinary_one_have_words() -> None:
    assert {f"priority.{one.value}" for one in Priority} - set(RU) == {"priority.ordinary"}


def test_a_refusal_fills_the_blanks_of_its_words() -> None:
    refusals: list[errors.IncidentError] = [
        errors.NoSuchIncident(7),
        errors.NoSuchBody("x"),
        errors.StepNotAllowed(step=Step.ACCEPT, status=Status.CLOSED),
        errors.AlreadyTaken(name="Анна", at=NOON, status=Status.ACCEPTED),
        errors.AlreadyYours(at=NOON, status=Status.ACCEPTED),
        errors.NotYours(holder="ЖКХ"),
        errors.BodyUnreachable(name="ЖКХ"),
        errors.SameBody(name="ЖКХ"),
        NotInQueue(number=7, status=Status.ASSIGNED),
        UndoneAlready(number=7),
        UndoTooLate(number=7),
        MovedSince(number=7, status=Status.ACCEPTED),
        GivenBack(name="Анна", at=NOON),
        ColleagueAway(name="Анна"),
        HoldsAlready(name="Анна"),
        HeldMeanwhile(name="Анна"),
        DateInThePast(latest=NOON),
        DateBeyondNorm(latest=NOON),
        NormIsOver(latest=NOON),
        UnknownBlank(blank="{x}"),
        BlanksLeft(),
        TemplateTooLong(name_limit=60, limit=3000),
        TemplateNameTaken(name="Яма"),
        SignatureTooLong(length=201, limit=200),
        OwnAnswer(others="Ирина"),
        errors.NotAllowed(permission=Permission.TRIAGE, who=(Role.CURATOR,)),
        errors.GivenMeanwhile(name="ЖКХ"),
        errors.ReleasedAlready(name="Вера", at=NOON),
        errors.SameIncident(number=7),
        errors.CorrectedMeanwhile(number=7),
        errors.MergedAway(number=7, into=9),
        errors.ProposalGone(name="Анна"),
        errors.BadKeyword(errors.KeywordFault.EMPTY, "яма"),
        errors.AnswerTooLong(length=2, limit=1, network="vk"),
        errors.TextRefused(objection="link", network="x"),
        errors.LinkElsewhere(network="vk", url="https://vk.com/wall-1_2"),
        NotYourBody(name="ЖКХ"),
        ChatTaken(name="ЖКХ"),
        ChatKept(name="ЖКХ", title="Чат"),
        AlreadyAway(until=NOON),
        AwayTooLong(days=90),
        SeveralOfThatName(names="Борис, Борис Петров"),
        WorkingChat(name="ЖКХ"),
        errors.LinkToAnother(url="https://vk.com/wall-1_2"),
        PersonalData(groups=(Code.PHONE, Code.FLAT)),
    ]
    bare = [one for one in errors.IncidentError.__subclasses__() if one.__init__ is Exception.__init__]
    refusals += [one() for one in bare]
    assert len(refusals) == len(errors.IncidentError.__subclasses__())
    for language in Language:
        for refusal in refusals:
            assert words_of(refusal, reader(language))


@pytest.mark.parametrize(
    ("number", "form"),
    [(0, 2), (1, 0), (2, 1), (4, 1), (5, 2), (11, 2), (12, 2), (14, 2), (21, 0), (22, 1), (111, 2), (101, 0)],
)
def test_russian_plurals(number: int, form: int) -> None:
    assert plural_form(Language.RU, number) == form


def test_english_plurals() -> None:
    assert [plural_form(Language.EN, number) for number in (0, 1, 2, 21)] == [1, 0, 1, 1]
    assert Words(Language.EN).count("count.posts", 1) == "1 post"


def test_blanks_are_escaped_once() -> None:
    words = Words(Language.RU)
    inner = words("refused.same_body", name="<ЖКХ & Ко>")
    assert inner == "Обращение уже у органа «&lt;ЖКХ &amp; Ко&gt;»."
    assert words("plain", text=inner) == inner
    assert words("plain", text=str(inner)) == inner.replace("&", "&amp;")
    assert words.plain("plain", text="<b>") == "<b>"
    assert isinstance(inner, Html)


def test_a_missing_key_or_blank_is_an_error() -> None:
    words = Words(Language.RU)
    for key in ("no.such", "refused.taken"):
        with pytest.raises(KeyError):
            words(key)
    with pytest.raises(TypeError):
        words("count.posts")
    with pytest.raises(TypeError):
        words.count("stranger", 2)


def test_what_nobody_has_named_is_called_by_its_code() -> None:
    assert Words(Language.RU).name("network", "vk") == "ВКонтакте"
    assert Words(Language.RU).name("network", "rutube") == "rutube"


def test_command_descriptions_fit_telegram() -> None:
    for language in Language:
        for key, text in catalogue(language).items():
            if key.startswith("command."):
                assert 1 <= len(text) <= 256
                assert "<" not in text


def test_the_files_are_read_by_anybody() -> None:
    for language in Language:
        paths = list((ROOT / "handlers" / "texts" / language.value).glob("*.toml"))
        assert paths
        assert all(tomllib.loads(path.read_text(encoding="utf-8")) for path in paths)


def test_every_file_of_words_stands_in_both_languages() -> None:
    ru, en = (
        {path.name for path in (ROOT / "handlers" / "texts" / language.value).glob("*.toml")}
        for language in (Language.RU, Language.EN)
    )
    assert ru == en


def reader(language: Language = Language.RU, now: datetime = NOON) -> Reader:
    return Reader(Words(language), ZoneInfo("Asia/Yekaterinburg"), now)


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(hours=5, minutes=20), "до 02.03 19:20 · осталось 5 ч 20 мин"),
        (timedelta(hours=5), "до 02.03 19:00 · осталось 5 ч"),
        (timedelta(days=2, hours=3, minutes=9), "до 04.03 17:09 · осталось 2 дн. 3 ч"),
        (timedelta(days=2, minutes=9), "до 04.03 14:09 · осталось 2 дн."),
        (timedelta(seconds=30), "до 02.03 14:00 · осталось меньше минуты"),
        (timedelta(), "до 02.03 14:00 · <b>просрочено на 1 мин</b>"),
        (-timedelta(hours=2), "до 02.03 12:00 · <b>просрочено на 2 ч</b>"),
    ],
)
def test_deadlines_in_the_regions_time(left: timedelta, says: str) -> None:
    assert reader().deadline(NOON + left) == says


def test_a_deadline_in_english() -> None:
    assert reader(Language.EN).deadline(NOON + timedelta(hours=1)) == "by 2 Mar 15:00 · 1 hr left"


def test_moments_name_the_day_only_where_it_is_another() -> None:
    assert reader().moment(NOON) == "14:00"
    assert reader().moment(NOON - timedelta(days=1)) == "01.03 14:00"
    assert reader().moment(datetime(2025, 12, 31, 20, 30, tzinfo=UTC)) == "01.01 01:30"
    assert reader().day(datetime(2025, 12, 31, 1, 30, tzinfo=UTC)) == "31.12.2025 06:30"


def test_a_refusal_names_who_was_faster() -> None:
    moved_on = MovedOn(step=Step.REASSIGN, status=Status.APPROVED, name="Анна", at=NOON)
    assert words_of(moved_on, reader()) == "Уже нельзя: Ждёт публикации (Анна, 14:00). Посмотрите карточку."
