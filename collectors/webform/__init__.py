"""A form on the region's own site: appeals pushed to us, signed; answers pushed back, signed the same way."""

from collectors.contract import Facts, Network
from collectors.webform.connecting import connect, no_link, no_page
from collectors.webform.settings import FormSettings, WebformSettings
from incidents.links import AnswerLinks

__all__ = ["NETWORK", "FormSettings", "WebformSettings", "connect"]

NETWORK = Network(
    name="webform",
    title="Web form",
    facts=Facts(
        reads="what the site sends",
        finds="matched here",
        answers="POST to the site's answer address; by hand without one",
        edits="no",
        push="POST /hooks/webform, HMAC-SHA256, five minutes",
        limits="1 MB a message; 10 000 characters",
    ),
    settings=WebformSettings,
    connect=connect,
    parse_link=no_link,
    page_of_link=no_page,
    has_pages=False,
    answer_links=AnswerLinks.ANYWHERE,
)
