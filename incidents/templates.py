"""Templates of answers: a body's own, and those common to all. A changed one is a new row; the old one is kept."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.blanks import check, fill
from incidents.errors import IncidentError
from incidents.intake import clean
from incidents.moving import load
from incidents.people import Actor, must_for_body
from incidents.permissions import Permission
from incidents.promises import policy_of
from incidents.rubricator import rubricator
from models import Body, Incident, Template

COMMON: Final = 0  # stands for "every body's" where a number is wanted
LONGEST: Final = 3000  # characters
LONGEST_NAME: Final = 60
OFFERED: Final = 6


class TemplateGone(IncidentError):
    """It was changed or switched off meanwhile."""

    text_key = "refused.template_gone"


class TemplateUnclear(IncidentError):
    """No name on the first line, or nothing below it."""

    text_key = "refused.template_unclear"


class TemplateTooLong(IncidentError):
    text_key = "refused.template_long"

    def __init__(self, *, name_limit: int, limit: int) -> None:
        super().__init__("the template or its name is too long")
        self.name_limit = name_limit
        self.limit = limit


class TemplateNameTaken(IncidentError):
    text_key = "refused.template_name"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"there is a template {name!r} already")
        self.name = name


async def must_manage(session: AsyncSession, actor: Actor, body_id: int | None) -> None:
    """Raises: NotAllowed; NotYourBody: another body's, or the common ones."""
    await must_for_body(session, actor, Permission.TEMPLATES, body_id)


def scopes(actor: Actor) -> list[int]:
    """Whose templates the person keeps: bodies, and `COMMON` for those of all."""
    mine = sorted(actor.coordinates)
    return [COMMON, *mine] if actor.scope(Permission.TEMPLATES) is None else mine


async def page(
    session: AsyncSession, *, body_id: int | None, limit: int, offset: int
) -> tuple[list[Template], int]:
    """The active ones of a body (None: the common ones) by topic and name, and how many there are."""
    where = (Template.is_active, _of(body_id))
    total = await session.scalar(select(func.count()).select_from(Template).where(*where))
    found = await session.scalars(
        select(Template).where(*where).order_by(Template.topic, Template.name).limit(limit).offset(offset)
    )
    return list(found), total or 0


async def open_template(session: AsyncSession, template_id: int, actor: Actor) -> Template:
    """To change it. Raises: TemplateGone, NotAllowed, NotYourBody."""
    template = await session.get(Template, template_id)
    if template is None or not template.is_active:
        raise TemplateGone
    await must_manage(session, actor, template.body_id)
    return template


async def add(
    session: AsyncSession, *, body_id: int | None, topic: str, words: str, actor: Actor, now: datetime
) -> Template:
    """A new template; `words`: its name on the first line, the text below. An empty `topic` fits any.

    Raises:
        NotAllowed, NotYourBody, TemplateUnclear, TemplateTooLong, TemplateNameTaken, UnknownBlank.
    """
    await must_manage(session, actor, body_id)
    name, text = _name_and_text(words)
    await _must_be_free(session, body_id, name)
    newest: int | None = await session.scalar(
        select(func.max(Template.version)).where(_of(body_id), Template.topic == topic, Template.name == name)
    )
    template = Template(
        body_id=body_id,
        topic=topic,
        name=name,
        text=text,
        version=(newest or 0) + 1,
        created_by=actor.official_id,
        created_at=now,
    )
    session.add(template)
    await session.flush()
    return template


async def change(
    session: AsyncSession, *, template_id: int, words: str, actor: Actor, now: datetime
) -> Template:
    """Other words, a version of its own; the old one is kept and offered no more.

    Raises:
        TemplateGone, NotAllowed, NotYourBody, TemplateUnclear, TemplateTooLong, TemplateNameTaken, UnknownBlank.
    """
    old = await open_template(session, template_id, actor)
    name, text = _name_and_text(words)
    if name != old.name:
        await _must_be_free(session, old.body_id, name)
    old.is_active = False
    await session.flush()
    template = Template(
        body_id=old.body_id,
        topic=old.topic,
        name=name,
        text=text,
        version=old.version + 1,
        created_by=actor.official_id,
        created_at=now,
    )
    session.add(template)
    await session.flush()
    return template


async def switch_off(session: AsyncSession, *, template_id: int, actor: Actor) -> Template:
    """Offered no more; its versions are kept. Raises: TemplateGone, NotAllowed, NotYourBody."""
    template = await open_template(session, template_id, actor)
    template.is_active = False
    return template


async def fitting(session: AsyncSession, incident: Incident, *, limit: int = OFFERED) -> list[Template]:
    """What an answer to this incident may begin with: the body's for the topic, the body's, the common ones."""
    order = case(
        (Template.body_id.is_not(None) & (Template.topic == incident.topic), 0),
        (Template.body_id.is_not(None), 1),
        (Template.topic == incident.topic, 2),
        else_=3,
    )
    found = await session.scalars(
        select(Template)
        .where(
            Template.is_active,
            or_(Template.body_id.is_(None), Template.body_id == incident.body_id),
            Template.topic.in_(["", incident.topic]),
        )
        .order_by(order, Template.name, Template.id)
        .limit(limit)
    )
    return list(found)


async def filled(
    session: AsyncSession, *, template_id: int, incident_id: int, actor: Actor, now: datetime
) -> str:
    """The template's words for this very incident.

    Raises:
        TemplateGone: also where it is another body's. NoSuchIncident.
    """
    incident = await load(session, incident_id)
    template = await session.get(Template, template_id)
    if template is None or not template.is_active or template.body_id not in {None, incident.body_id}:
        raise TemplateGone
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    topic = rubricator().get(incident.topic)
    values = {
        "number": str(incident.id),
        "place": ", ".join(part for part in (incident.place, incident.territory) if part),
        "topic": topic.name_ru if topic else "",  # residents read it, whatever the official's own language
        "body": body.name if body else "",
        "signature": body.signature if body else "",
        "official": actor.name,
    }
    calendar = (await policy_of(session, incident)).calendar
    return fill(template.text, values, today=now.astimezone(calendar.zone).date(), calendar=calendar)


async def _must_be_free(session: AsyncSession, body_id: int | None, name: str) -> None:
    taken = await session.scalar(
        select(Template.id).where(Template.is_active, _of(body_id), Template.name == name).limit(1)
    )
    if taken is not None:
        raise TemplateNameTaken(name=name)


def _of(body_id: int | None) -> ColumnElement[bool]:
    return Template.body_id.is_(None) if body_id is None else Template.body_id == body_id


def _name_and_text(words: str) -> tuple[str, str]:
    name, _, text = clean(words).strip().partition("\n")
    name, text = " ".join(name.split()), text.strip()
    if not name or not text:
        raise TemplateUnclear
    if len(name) > LONGEST_NAME or len(text) > LONGEST:
        raise TemplateTooLong(name_limit=LONGEST_NAME, limit=LONGEST)
    check(text)
    return name, text
