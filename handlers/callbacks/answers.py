"""Presses of drafts, versions, templates, control dates and approval."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks.fields import Id, IdOrNone, Offset

_Topic = Annotated[str, Field(pattern=r"^([a-z][a-z_]{0,31})?$")]


class ControlDate(CallbackData, prefix="a1.ctl"):
    """An interim answer goes out; `day`: the promised one, days since 01.01.0001."""

    answer_id: Id
    day: Annotated[int, Field(gt=0, le=3_652_059)]


class OwnDate(CallbackData, prefix="a1.ctlo"):
    """«Своя дата»: asks for it."""

    answer_id: Id


class BackToPreview(CallbackData, prefix="a1.ctlb"):
    """The draft again, in the place of the menu."""

    answer_id: Id


class Fix(CallbackData, prefix="a1.fix"):
    """«Исправить»: other words for what was sent back."""

    incident_id: Id


class AnswerPhotos(CallbackData, prefix="a1.apic"):
    answer_id: Id


class OpenVersions(CallbackData, prefix="a1.ver"):
    """«🗂 Версии», below a card or a notice."""

    incident_id: Id


class Versions(CallbackData, prefix="a1.verp"):
    """Another page of them."""

    incident_id: Id
    offset: Offset


class VersionText(CallbackData, prefix="a1.vert"):
    answer_id: Id


class Drafts(CallbackData, prefix="a1.drf"):
    offset: Offset


class OpenDraft(CallbackData, prefix="a1.drfo"):
    answer_id: Id


class DropDraft(CallbackData, prefix="a1.drfx"):
    answer_id: Id
    offset: Offset


class AskAgain(CallbackData, prefix="a1.drfa"):
    prompt_id: Id


class DropPrompt(CallbackData, prefix="a1.drfp"):
    prompt_id: Id
    offset: Offset


class Templates(CallbackData, prefix="a1.tpl"):
    """A page of one body's templates; body 0: the common ones."""

    body_id: IdOrNone
    offset: Offset


class OpenTemplate(CallbackData, prefix="a1.tplo"):
    template_id: Id


class ChangeTemplate(CallbackData, prefix="a1.tplc"):
    template_id: Id


class SwitchTemplateOff(CallbackData, prefix="a1.tplx"):
    template_id: Id


class NewTemplate(CallbackData, prefix="a1.tpln"):
    """A page of the topics a new template may be for."""

    body_id: IdOrNone
    offset: Offset


class NameTemplate(CallbackData, prefix="a1.tplt"):
    """The topic was chosen ("": any): asks for the words."""

    body_id: IdOrNone
    topic: _Topic


class UseTemplate(CallbackData, prefix="a1.tplu"):
    """A draft from the template."""

    incident_id: Id
    template_id: Id
