"""The page and the card: opened as a person would, with the worst names a label can have."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import fromstring  # our own pictures, no stranger's XML

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright

from classifier import pictures
from classifier.figures import Study, study
from classifier.held_out import HeldOut
from classifier.model_card import model_card
from classifier.report_page import report_page
from classifier.report_words import WORDS
from models.person import Language
from tests.browser.conftest import QUIET, SCREENSHOTS, executable

HOSTILE = "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'>\"'>]]></title></svg>&amp;|`*"
NAMES = {
    "topic": {
        "roads": HOSTILE,
        "water": "Водоснабжение, водоотведение и всё, что с ними связано в любом месте",
    }
}


@pytest.fixture(scope="module")
def studies() -> list[Study]:
    dice = np.random.default_rng(0)
    labels = ("roads", "water", "school", HOSTILE, *(f"t{number}" for number in range(24)))
    truth = np.minimum(dice.geometric(0.2, 900) - 1, len(labels) - 1)
    scores = 2.2 * dice.normal(size=(900, len(labels))) + 6 * np.eye(len(labels))[truth]
    powers = np.exp(scores)
    topic = HeldOut(
        name="topic",
        labels=labels,
        truth=truth,
        probabilities=powers / powers.sum(axis=1, keepdims=True),
        lengths=dice.integers(0, 1_500, 900),
        networks=tuple(dice.choice(["vk", "ok", HOSTILE], 900)),
        territories=tuple(dice.choice(["Курск", "Льгов"], 900)),
    )
    one = HeldOut(HOSTILE, ("no", "yes"), np.array([0]), np.array([[0.4, 0.6]]), np.array([3]))
    return [study(topic, seeds=range(2)), study(one)]


VIEWS: tuple[tuple[str, int, int, Literal["light", "dark"]], ...] = (
    ("wide", 1280, 900, "light"),
    ("phone", 360, 780, "dark"),
)


def watched(page: Page) -> list[str]:
    """What the page asks for, and what goes wrong in it, as it happens."""
    seen: list[str] = []
    page.on("request", lambda asked: seen.append(asked.url))
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("lang", list(Language))
def test_no_name_becomes_markup_and_nothing_is_fetched(studies: list[Study], lang: Language) -> None:
    page = report_page(studies, about={"model_id": HOSTILE, HOSTILE: [HOSTILE]}, names=NAMES, lang=lang)
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "link", "iframe", "object"}
    assert not {name for name in tags.attributes if name.startswith("on")} | (tags.attributes & {"src"})
    assert "<script" not in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert all(WORDS[lang][word] in page for word in ("title", "contract", "confusion", "network", "never"))


def test_both_languages_say_everything() -> None:
    assert WORDS[Language.RU].keys() == WORDS[Language.EN].keys()
    blanks = {
        lang: {key: set(re.findall(r"\{\w+\}", text)) for key, text in WORDS[lang].items()}
        for lang in Language
    }
    assert blanks[Language.RU] == blanks[Language.EN]


def test_every_picture_stands_by_itself_as_xml(studies: list[Study]) -> None:
    figures = studies[0].figures
    names = NAMES["topic"]
    drawn = [
        pictures.reliability(figures.bins, title=HOSTILE, across=HOSTILE, up="y"),
        pictures.risk_coverage(
            figures.curve, precision=0.95, reached=figures.at_precision, title="t", across="x", up=HOSTILE
        ),
        pictures.class_bars(figures.classes, names=names, title="t", rows_word="n"),
        pictures.slice_bars(studies[0].slices["network"], names={}, title="t", rows_word="n"),
        pictures.confusion_map(figures.confusion, names=names, title="t", elsewhere=HOSTILE),
    ]
    for picture in drawn:
        root = fromstring(picture)  # noqa: S314 - made here
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [one for one in root.iter() if one.tag.endswith(("script", "image", "foreignObject"))]


def test_the_dot_of_the_contract_stands_where_the_figure_says(studies: list[Study]) -> None:
    figures = studies[0].figures
    picture = pictures.risk_coverage(
        figures.curve, precision=0.95, reached=figures.at_precision, title="t", across="x", up="y"
    )
    dot = next(one for one in fromstring(picture).iter() if one.get("class") == "mark")  # noqa: S314 - made here
    left, right = 52, 342
    assert float(dot.attrib["cx"]) == pytest.approx(
        left + (right - left) * figures.at_precision.coverage, abs=0.1
    )


def test_the_card_tells_figures_limits_and_who_answers(studies: list[Study]) -> None:
    about = {
        "model_id": "m-1",
        "sha256": "ab12",
        "data": "900 rows",
        "versions": {"numpy": "2.4"},
        "limits": ["one", "two"],
    }
    card = model_card(studies, about=about, names=NAMES, lang=Language.EN)
    figures = studies[0].figures
    for told in (
        "# Model card m-1",
        "`ab12`",
        "900 rows",
        "- numpy 2.4",
        "- one",
        "## Human oversight",
        "## Intended use",
    ):
        assert told in card
    assert f"{figures.macro_f1:.3f}" in card
    assert f"| school | {next(one.support for one in figures.classes if one.label == 'school')} |" in card
    assert "<script" not in card
    rows = [line for line in card.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in {5, 11} for row in rows)  # no name broke a table


async def test_the_page_opens_in_a_browser_by_day_and_on_a_phone_by_night(
    studies: list[Study], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_page(studies, about={"model_id": "m-1"}, names=NAMES), encoding="utf-8")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(QUIET))
        for name, wide, high, scheme in VIEWS:
            page = await browser.new_page(viewport={"width": wide, "height": high}, color_scheme=scheme)
            faults = watched(page)
            await page.goto(path.as_uri())
            assert await page.evaluate("window.pwned") is None
            assert await page.evaluate("document.documentElement.scrollWidth") <= wide
            assert await page.locator("svg").count() == 2 * 5 + 2  # and networks, territories of the first
            assert (
                await page.locator("svg").first.evaluate("node => node.getBoundingClientRect().width") > 250
            )
            await page.screenshot(path=SCREENSHOTS / f"report_{name}.png", full_page=True)
            assert faults == [path.as_uri()]
        await browser.close()
