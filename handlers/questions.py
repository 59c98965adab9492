"""A prompt as a message: a question that opens the reply field of whoever is asked."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.excerpts import line, quoted, utf16
from handlers.outgoing import Outgoing
from handlers.takers import body_of_prompt
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.blanks import KNOWN
from incidents.wording import Rules, networks_of
from models import Answer, Body, Card, Official, Prompt, PromptKind, Template

_EVERY_LINE: Final = 1000
_TO_COPY: Final = 3000  # UTF-16 units; a longer text stands above, where its author wrote it


async def question(session: AsyncSession, prompt: Prompt, reader: Reader, rules: Rules) -> Outgoing:
    """In a group the person is named, so that the reply field opens for nobody else."""
    words = reader.words
    text, placeholder = await _words(session, prompt, words, rules)
    if prompt.chat_id < 0:
        text = f"{await _mention(session, prompt, words)} {text}"
    return Outgoing(
        text,
        reply_to=await card_message(session, prompt.incident_id, prompt.chat_id)
        if prompt.incident_id
        else None,
        force_reply=True,
        placeholder=placeholder,
    )


async def card_message(session: AsyncSession, incident_id: int, chat_id: int) -> int | None:
    """Where the incident's card stands in this chat."""
    found: int | None = await session.scalar(
        select(Card.message_id).where(Card.incident_id == incident_id, Card.chat_id == chat_id)
    )
    return found


async def _words(session: AsyncSession, prompt: Prompt, words: Words, rules: Rules) -> tuple[str, str]:
    number = prompt.incident_id or 0
    match prompt.kind:
        case PromptKind.ANSWER:
            before = await _before(session, number, words)
            photos = len(prompt.context.get("photos", ()))
            kept = Html(" " + words("prompt.photos_stay", photos=photos)) if photos else ""
            asked = words("prompt.answer", number=number)
            seen = words(await _who_sees_photos(session, number, rules))
            return f"{asked} {seen}{kept}{before}", words.plain("prompt.place_answer")
        case PromptKind.SKIP_REASON:
            return words("prompt.skip_reason", number=number), words.plain("prompt.place_reason")
        case PromptKind.FIND_BODY:
            return words("prompt.find_body", number=number), words.plain("prompt.place_body")
        case PromptKind.LINK:
            return words("prompt.link", number=number), words.plain("prompt.place_link")
        case PromptKind.TEMPLATE:
            known = " ".join(f"{{{name}}}" for name in KNOWN)
            asked = words("prompt.template", known=known)
            return asked + await _template(session, prompt, words), words.plain("prompt.place_template")
        case PromptKind.RETURN_REASON:
            return await _reason(session, prompt, words), words.plain("prompt.place_reason")
        case kind:
            asked = words(f"prompt.{kind.value}", number=number)
            return asked, words.plain(f"prompt.place_{kind.value}")


async def _who_sees_photos(session: AsyncSession, number: int, rules: Rules) -> str:
    """Said before anybody writes "see the photo": in some networks the resident will see none."""
    limits = [rules[one].photos_limit if one in rules else 0 for one in await networks_of(session, number)]
    if not any(limits):
        return "prompt.photos_kept"
    return "prompt.photos_go" if all(limits) else "prompt.photos_some"


async def _reason(session: AsyncSession, prompt: Prompt, words: Words) -> str:
    if prompt.context.get("send_back"):
        return words("prompt.send_back_reason", number=prompt.incident_id)
    body_id = body_of_prompt(prompt)
    body = await session.get(Body, body_id) if body_id else None
    if body is None:
        return words("prompt.return_reason", number=prompt.incident_id)
    return words("prompt.move_reason", number=prompt.incident_id, body=line(body.name, 100))


async def _before(session: AsyncSession, incident_id: int, words: Words) -> str:
    """The newest wording, if there is one: on a phone nobody writes a paragraph twice."""
    answer = await session.scalar(
        select(Answer).where(Answer.incident_id == incident_id).order_by(Answer.version.desc()).limit(1)
    )
    if answer is None or not answer.text or utf16(answer.text) > _TO_COPY:
        return ""
    return Html(
        f"\n\n{words('prompt.before')}\n<code>{quoted(answer.text, _TO_COPY + 1, lines=_EVERY_LINE)}</code>"
    )


async def _template(session: AsyncSession, prompt: Prompt, words: Words) -> str:
    """The template that is to be changed, to copy; nothing for a new one."""
    template_id = prompt.context.get("template_id")
    template = await session.get(Template, template_id) if template_id else None
    if template is None:
        return ""
    whole = quoted(f"{template.name}\n{template.text}", _TO_COPY, lines=_EVERY_LINE)
    return Html(f"\n\n{words('prompt.before')}\n<code>{whole}</code>")


async def _mention(session: AsyncSession, prompt: Prompt, words: Words) -> str:
    person = await session.get_one(Official, prompt.official_id)
    name = words("prompt.for_person", name=line(person.name, 60))
    return f'<a href="tg://user?id={person.telegram_id}">{name}</a>'
