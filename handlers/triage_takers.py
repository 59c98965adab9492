"""Words written in answer to a question of /triage: the card goes on below them."""

from handlers import triage_menus as menus
from handlers.curator import take_skip_reason as skip_from_card
from handlers.reassign import take_search as search_from_card
from handlers.takers import Taken
from handlers.triage_screens import goes_on_below, next_screen, said_of, waiting
from incidents import acts
from incidents.prompting import close_prompt
from incidents.routing import search_bodies


async def take_search(taken: Taken) -> None:
    """A word of a body's name."""
    if not taken.prompt.context.get("triage"):
        await search_from_card(taken)
        return
    words, number = taken.reader.words, taken.prompt.about
    await waiting(taken.session, number, taken.actor, taken.reader)
    found = await search_bodies(taken.session, taken.text)
    if not found:
        taken.tell(words("bodies_not_found", query=taken.text[:100]))
        return
    close_prompt(taken.prompt, now=taken.reader.now)
    goes_on_below(taken)
    rows = menus.which_body(found, number, words)
    taken.tell(words("bodies_found", query=taken.text[:100]), rows=rows)


async def take_skip_reason(taken: Taken) -> None:
    """Why no answer is owed, in one's own words."""
    if not taken.prompt.context.get("triage"):
        await skip_from_card(taken)
        return
    close_prompt(taken.prompt, now=taken.reader.now)
    act = await acts.dismiss(
        taken.session,
        incident_id=taken.prompt.about,
        reason=taken.text,
        actor=taken.actor,
        now=taken.reader.now,
    )
    said = await said_of(taken.session, act, "", taken.reader)
    text, rows = await next_screen(taken.session, taken.actor, taken.reader, said=said)
    goes_on_below(taken)
    taken.tell(text, rows=rows)
