"""Web forms connected: nothing is polled."""

from collections.abc import Sequence
from datetime import UTC, datetime

from collectors.contract import Collector, Connector, Link, Page, Tools, Watch
from collectors.webform.hook import NETWORK, WebformHook
from collectors.webform.publish import WebformPublisher
from collectors.webform.settings import WebformSettings


def connect(settings: WebformSettings, tools: Tools) -> Connector:
    """No call is made here.

    Raises:
        ValueError: no form, or a form without a secret: anybody could write.
    """
    if not settings.forms:
        raise ValueError("forms is missing: [[collectors.webform.forms]] with a name and a secret")
    for number, form in enumerate(settings.forms):
        if form.secret is None:
            raise ValueError(f"forms.{number}.secret is missing: without it anybody could write")
    publisher = WebformPublisher(tools.http, settings, lambda: datetime.now(UTC))
    answered = any(form.answer_url for form in settings.forms)
    return Connector(
        network=NETWORK,
        watch=_nothing_is_polled,
        publisher=publisher if answered else None,
        hook=WebformHook(settings),
    )


def _nothing_is_polled(_: Watch) -> Sequence[Collector]:
    return []


def no_link(_: str) -> Link | None:
    """The site's addresses are its own."""
    return None


def no_page(_: str) -> Page | None:
    """A form is no official page."""
    return None
