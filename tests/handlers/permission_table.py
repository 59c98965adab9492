"""Every button and every command, what right it takes, and how to press it so that it works: one line each.

A new callback class or command belongs here; tests/handlers/test_permission_matrix.py fails until it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiogram.filters.callback_data import CallbackData

from handlers import callbacks as c
from handlers import explain_menus
from handlers.callbacks import answers as s
from handlers.callbacks import away as y
from handlers.callbacks import checks as k
from handlers.callbacks import entering as e
from handlers.callbacks import find as f
from handlers.callbacks import moving as m
from handlers.callbacks import revise as r
from handlers.callbacks import triage as t
from handlers.reasons import MoveReason, ReworkReason, SkipReason
from incidents import permissions
from models import Kind, Language, Status, Step
from tests.conftest import NOON
from tests.handlers.permission_begun import MODEL
from tests.handlers.permission_world import World

P = permissions.Permission
Fields = Callable[[World], Mapping[str, Any]]

OFFICIAL: Final = frozenset({"official"})  # holds it, wrote it: their colleague is refused, and told who does
APPROVERS: Final = frozenset({"approver", "two_hats"})  # a curator only where none of them can be reached


@dataclass(frozen=True, slots=True)
class Press:
    """One kind of button. `needs` None: anybody's who is in.

    `of_body`: the right is one with what the body has, so another body's people are refused.
    `only`: who it works for among those who have the right. `besides`: without it, it does another thing for them.
    `step`: it works exactly in the statuses from which the step leads.
    """

    of: type[CallbackData]
    needs: P | None
    fields: Fields = lambda _: {}
    of_body: bool = True
    only: frozenset[str] | None = None
    besides: frozenset[str] = frozenset()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One command with what is written after it."""

    name: str
    needs: P | None
    rest: Callable[[World], str] = lambda _: ""
    of_body: bool = False
    only: frozenset[str] | None = None


def at(status: Status, **more: Any) -> Fields:
    return lambda w: {"incident_id": w.at[status], **more}


def alike(**more: Any) -> Fields:
    return lambda w: {"incident_id": w.begun.alike, **more}


_N, _A, _B = Status.NEW, Status.ASSIGNED, Status.ACCEPTED

PRESSES: Final = (
    # -- a body's work
    Press(c.Accept, P.ACCEPT, at(_A), step=Step.ACCEPT),
    Press(c.Answer, P.ANSWER, at(_A)),
    Press(c.Move, P.HAND_OVER, at(_A)),
    Press(c.MoveTo, P.HAND_OVER, at(_A, body_id=2), only=frozenset({"official", "coordinator", "curator"})),
    Press(c.MoveWhy, P.HAND_OVER, at(_A, body_id=2, reason=MoveReason.FEDERAL)),
    Press(c.Find, P.TRIAGE, at(_A, curator=True), of_body=False),
    Press(c.Send, P.ANSWER, lambda w: {"answer_id": w.draft, "interim": False}, only=OFFICIAL),
    Press(c.Change, P.ANSWER, lambda w: {"answer_id": w.draft, "incident_id": w.at[_B]}, only=OFFICIAL),
    Press(c.Discard, P.ANSWER, lambda w: {"answer_id": w.draft}, only=OFFICIAL),
    Press(c.ByHand, P.PUBLISH_BY_HAND, at(_B), step=Step.ANSWER_DIRECTLY),
    Press(
        c.Approve,
        P.APPROVE,
        at(Status.ON_REVIEW),
        only=APPROVERS,
        step=Step.APPROVE,
    ),
    Press(
        c.SendBack,
        P.APPROVE,
        at(Status.ON_REVIEW),
        only=APPROVERS,
        step=Step.SEND_BACK,
    ),
    Press(
        c.SendBackWhy,
        P.APPROVE,
        at(Status.ON_REVIEW, reason=ReworkReason.TONE),
        only=APPROVERS,
    ),
    # -- looking
    Press(c.Open, P.SEE_INCIDENT, at(_A)),
    Press(c.History, P.SEE_INCIDENT, at(_A)),
    Press(c.Photos, P.SEE_INCIDENT, at(_A)),
    Press(c.Turn, P.SEE_QUEUE, lambda _: {"listed": "queue", "offset": 0}, of_body=False),
    Press(c.Explain, P.EXPLAIN, at(_A)),
    # -- a curator's work
    Press(c.Give, P.TRIAGE, lambda w: {"incident_id": w.at[Status.NEW], "body_id": w.roads, "holder": 0}),
    Press(c.Pick, P.TRIAGE, at(Status.NEW)),
    Press(c.Skip, P.TRIAGE, at(Status.NEW), step=Step.SKIP),
    Press(c.SkipWhy, P.TRIAGE, at(Status.NEW, reason=SkipReason.SPAM), step=Step.SKIP),
    Press(c.Merge, P.TRIAGE, lambda w: {"incident_id": w.at[Status.NEW], "into_id": w.at[_A]}),
    Press(c.Reopen, P.REOPEN, at(Status.ANSWERED), step=Step.REOPEN),
    Press(c.PickTopic, P.CORRECT, at(_A, offset=0)),
    Press(c.PickSubtopic, P.CORRECT, at(_A, topic="roads")),
    Press(c.SetTopic, P.CORRECT, at(_A, code="housing", seen="roads")),
    Press(c.PickKind, P.CORRECT, at(_A)),
    Press(c.SetKind, P.CORRECT, at(_A, kind=Kind.QUESTION, seen=Kind.COMPLAINT)),
    Press(c.SetFlag, P.CORRECT, at(_A, flag="spam", value=True)),
    # -- the house
    Press(c.TurnBodies, P.SEE_BODIES, lambda _: {"offset": 0}, of_body=False),
    Press(c.TurnKeywords, P.SEE_KEYWORDS, lambda _: {"offset": 0}, of_body=False),
    Press(
        c.SwitchKeyword,
        P.KEYWORDS,
        lambda w: {"keyword_id": w.keyword, "is_on": False, "offset": 0},
        of_body=False,
    ),
    Press(c.ExplainKeywords, None),
    Press(c.Communities, P.SEE_COMMUNITIES, lambda _: {"shown": "summary", "offset": 0}, of_body=False),
    Press(c.OpenCommunity, P.SEE_COMMUNITIES, lambda w: {"community_id": w.community}),
    Press(c.WatchCommunity, P.COMMUNITIES, lambda w: {"community_id": w.community, "is_watched": False}),
    Press(c.SendCommunities, P.SEE_COMMUNITIES, of_body=False),
    Press(c.TurnRouting, P.ROUTING, lambda _: {"offset": 0}, of_body=False),
    Press(c.HoldTopic, P.ROUTING, lambda _: {"topic": "roads", "offset": 0}, of_body=False),
    Press(c.ReleaseTopic, P.ROUTING, lambda w: {"hold_id": w.hold, "offset": 0}, of_body=False),
    Press(c.TurnRules, P.RULES, lambda _: {"topic": "", "offset": 0}, of_body=False),
    Press(c.ExplainRules, P.RULES, of_body=False),
    Press(c.AddRule, P.RULES, lambda w: {"asked_id": w.asked_rule}, of_body=False),
    Press(c.RemoveRule, P.RULES, lambda w: {"rule_id": w.rule, "mark": w.rule_mark}, of_body=False),
    Press(c.TakeProposal, P.RULES, lambda w: {"proposal_id": w.begun.proposal}, of_body=False),
    Press(c.RollBack, P.MODEL, lambda _: {"model_id": MODEL, "sure": True}, of_body=False),
    # -- people and chats
    Press(c.Invite, P.INVITE_STAFF, lambda w: {"body_id": w.roads}),
    Press(e.Revoke, P.INVITE_STAFF, lambda w: {"invitation_id": w.invitation}),
    Press(e.TurnPeople, P.PEOPLE, lambda w: {"body_id": w.roads, "offset": 0}),
    Press(e.OpenPerson, P.PEOPLE, lambda w: {"official_id": w.official_ids["official"]}),
    Press(e.TakeRole, P.PEOPLE, lambda w: {"membership_id": w.membership, "sure": True}),
    Press(e.Dismiss, P.PEOPLE, lambda w: {"official_id": w.official_ids["official"], "sure": True}),
    Press(e.BindTo, P.BIND, lambda w: {"body_id": w.roads}, only=OFFICIAL),
    # -- triage, storms, undo
    Press(t.Triage, P.TRIAGE, lambda _: {"anew": False}, of_body=False),
    Press(t.TriageCard, P.TRIAGE, at(_N), of_body=False),
    Press(t.TriageGive, P.TRIAGE, lambda w: {"incident_id": w.at[_N], "body_id": w.roads}, of_body=False),
    Press(t.TriageBodies, P.TRIAGE, at(_N), of_body=False),
    Press(t.TriageFind, P.TRIAGE, at(_N), of_body=False),
    Press(t.TriageSkip, P.TRIAGE, at(_N), of_body=False),
    Press(t.TriageSkipWhy, P.TRIAGE, at(_N, reason=SkipReason.SPAM), of_body=False),
    Press(t.TriageMerge, P.TRIAGE, at(_N), of_body=False),
    Press(
        t.TriageMergeInto, P.TRIAGE, lambda w: {"incident_id": w.at[_N], "into_id": w.at[_A]}, of_body=False
    ),
    Press(t.TriagePass, P.TRIAGE, at(_N), of_body=False),
    Press(t.TriageStop, P.TRIAGE, of_body=False),
    Press(t.UndoAct, P.TRIAGE, lambda w: {"act_id": w.begun.act}, of_body=False),
    Press(t.UndoAll, P.TRIAGE, lambda w: {"batch": w.begun.batch}, of_body=False),
    Press(t.TriageTopics, P.CORRECT, at(_N, offset=0), of_body=False),
    Press(t.TriageSubtopics, P.CORRECT, at(_N, topic="roads"), of_body=False),
    Press(t.TriageSetTopic, P.CORRECT, at(_N, code="housing", seen="roads"), of_body=False),
    Press(t.TriageKinds, P.CORRECT, at(_N), of_body=False),
    Press(t.TriageSetKind, P.CORRECT, at(_N, kind=Kind.QUESTION, seen=Kind.COMPLAINT), of_body=False),
    Press(t.PickPlace, P.CORRECT, at(_A, queue=False), of_body=False),
    Press(
        t.SetTerritory,
        P.CORRECT,
        at(_A, mark=explain_menus.mark_of("Верхнереченск"), queue=False),
        of_body=False,
    ),
    Press(t.WritePlace, P.CORRECT, at(_A, queue=False), of_body=False),
    Press(t.Storm, P.TRIAGE, alike(), of_body=False),
    Press(t.TurnStorm, P.TRIAGE, alike(offset=0), of_body=False),
    Press(
        t.Tick,
        P.TRIAGE,
        lambda w: {"incident_id": w.begun.alike, "other_id": w.begun.alike_other, "offset": 0},
        of_body=False,
    ),
    Press(t.StormGive, P.TRIAGE, lambda w: {"incident_id": w.begun.alike, "body_id": w.roads}, of_body=False),
    Press(t.StormMerge, P.TRIAGE, alike(), of_body=False),
    Press(t.StormSkip, P.TRIAGE, alike(), of_body=False),
    Press(t.StormSkipWhy, P.TRIAGE, alike(reason=SkipReason.SPAM), of_body=False),
    # -- moving inside and out of a body
    Press(m.ReturnTo, P.RETURN, at(_A, body_id=0, reason=MoveReason.FEDERAL, prompt_id=0)),
    Press(m.FindOwner, P.RETURN, at(_A, reason=MoveReason.FEDERAL, prompt_id=0)),
    Press(
        m.GiveMeant,
        P.TRIAGE,
        lambda w: {
            "incident_id": w.at[_A],
            "body_id": 2,
            "asked_id": w.begun.assign_asked,
            "holder": w.roads,
        },
        of_body=False,
    ),
    Press(m.Delegate, P.DELEGATE, at(_A, offset=0), step=Step.DELEGATE),
    Press(
        m.DelegateTo,
        P.DELEGATE,
        lambda w: {"incident_id": w.at[_A], "official_id": w.official_ids["official"], "holder": 0},
    ),
    # -- drafts, versions, control dates
    Press(
        s.ControlDate,
        P.ANSWER,
        lambda w: {"answer_id": w.draft, "day": (NOON + timedelta(days=2)).date().toordinal()},
        only=OFFICIAL,
    ),
    Press(s.OwnDate, P.ANSWER, lambda w: {"answer_id": w.draft}, only=OFFICIAL),
    Press(s.BackToPreview, P.ANSWER, lambda w: {"answer_id": w.draft}, only=OFFICIAL),
    Press(s.Fix, P.ANSWER, at(Status.REWORK), only=OFFICIAL),
    Press(s.AnswerPhotos, P.SEE_INCIDENT, lambda w: {"answer_id": w.begun.answered}),
    Press(s.OpenVersions, P.SEE_INCIDENT, at(Status.ANSWERED)),
    Press(s.Versions, P.SEE_INCIDENT, at(Status.ANSWERED, offset=0)),
    Press(s.VersionText, P.SEE_INCIDENT, lambda w: {"answer_id": w.begun.answered}),
    Press(s.Drafts, P.SEE_INCIDENT, lambda _: {"offset": 0}, of_body=False),
    Press(s.OpenDraft, P.ANSWER, lambda w: {"answer_id": w.draft}, only=OFFICIAL),
    Press(s.DropDraft, P.ANSWER, lambda w: {"answer_id": w.draft, "offset": 0}, only=OFFICIAL),
    Press(s.AskAgain, None, lambda w: {"prompt_id": w.begun.question}, only=OFFICIAL),
    Press(s.DropPrompt, None, lambda w: {"prompt_id": w.begun.question, "offset": 0}, only=OFFICIAL),
    # -- templates
    Press(s.Templates, P.TEMPLATES, lambda w: {"body_id": w.roads, "offset": 0}),
    Press(s.OpenTemplate, P.TEMPLATES, lambda w: {"template_id": w.begun.template}),
    Press(s.ChangeTemplate, P.TEMPLATES, lambda w: {"template_id": w.begun.template}),
    Press(s.SwitchTemplateOff, P.TEMPLATES, lambda w: {"template_id": w.begun.template}),
    Press(s.NewTemplate, P.TEMPLATES, lambda w: {"body_id": w.roads, "offset": 0}),
    Press(s.NameTemplate, P.TEMPLATES, lambda w: {"body_id": w.roads, "topic": "roads"}),
    Press(s.UseTemplate, P.ANSWER, lambda w: {"incident_id": w.at[_A], "template_id": w.begun.template}),
    # -- other words for what is published
    Press(r.Revise, P.REVISE, at(Status.ANSWERED), step=Step.REVISE),
    Press(r.SendRevision, P.REVISE, lambda w: {"answer_id": w.begun.correction}, only=OFFICIAL),
    Press(r.DropRevision, P.REVISE, lambda w: {"answer_id": w.begun.correction}, only=OFFICIAL),
    Press(r.ApproveRevision, P.APPROVE, lambda w: {"answer_id": w.begun.to_review}, only=APPROVERS),
    Press(r.RefuseRevision, P.APPROVE, lambda w: {"answer_id": w.begun.to_review}, only=APPROVERS),
    Press(
        r.RefuseRevisionWhy,
        P.APPROVE,
        lambda w: {"answer_id": w.begun.to_review, "reason": ReworkReason.TONE},
        only=APPROVERS,
    ),
    Press(r.RevisedByHand, P.PUBLISH_BY_HAND, lambda w: {"publication_id": w.begun.by_hand}),
    # -- personal data: its author may not let it through, but may ask who may
    Press(k.LetThrough, P.OVERRIDE, lambda w: {"answer_id": w.begun.private}, besides=OFFICIAL),
    Press(k.DoNotLet, P.OVERRIDE, lambda w: {"answer_id": w.begun.private}),
    # -- being away: one's own, and a colleague's for whoever may say so
    Press(y.AskAway, P.ABSENCE, of_body=False),
    Press(y.ListAway, P.ABSENCE_OF_OTHERS, of_body=False),
    Press(
        y.StandIn,
        P.ABSENCE_OF_OTHERS,
        lambda w: {
            "official_id": w.official_ids["official"],
            "first": (NOON + timedelta(days=3)).date().toordinal(),
            "last": (NOON + timedelta(days=9)).date().toordinal(),
            "substitute_id": w.official_ids["coordinator"],
        },
        besides=OFFICIAL,
    ),
    Press(
        y.CallOffAway,
        P.ABSENCE_OF_OTHERS,
        lambda w: {"official_id": w.official_ids["official"]},
        besides=OFFICIAL,
    ),
    # -- looking further
    Press(f.HistoryPage, P.SEE_INCIDENT, at(_A, page=0)),
    Press(
        f.FindPage,
        P.SEE_INCIDENT,
        lambda w: {"search_id": w.begun.search, "offset": 0},
        of_body=False,
        only=OFFICIAL,
    ),
    Press(f.HowAnswered, P.SEE_INCIDENT, at(_A)),
    Press(f.TakeAnswer, P.ANSWER, lambda w: {"incident_id": w.at[_A], "answer_id": w.begun.answered}),
    # -- everybody's
    Press(c.Speak, None, lambda _: {"language": Language.EN}),
    Press(c.Close, None),
)

COMMANDS_SAID: Final = (
    Said("my", P.ANSWER),
    Said("queue", P.SEE_QUEUE),
    Said("late", P.SEE_INCIDENT),
    Said("incident", P.SEE_INCIDENT, lambda w: str(w.at[_A]), of_body=True),
    Said("explain", P.EXPLAIN, lambda w: str(w.at[_A]), of_body=True),
    Said("bodies", P.SEE_BODIES),
    Said("keywords", P.SEE_KEYWORDS),
    Said("communities", P.SEE_COMMUNITIES),
    Said("routing", P.ROUTING),
    Said("rules", P.RULES),
    Said("model", P.MODEL),
    Said("invite", P.INVITE_STAFF, lambda _: "roads", of_body=True),
    Said("invitations", P.INVITE_STAFF),
    Said("people", P.PEOPLE, lambda _: "roads", of_body=True),
    Said("bind", P.BIND, lambda _: "roads", of_body=True, only=OFFICIAL),
    Said("assign", P.TRIAGE, lambda w: f"{w.at[Status.NEW]} roads"),
    Said("reassign", P.REASSIGN, lambda w: f"{w.at[_A]} housing"),
    Said("skip", P.TRIAGE, lambda w: f"{w.at[Status.NEW]} реклама"),
    Said("merge", P.TRIAGE, lambda w: f"{w.at[Status.NEW]} {w.at[_A]}"),
    Said("reopen", P.REOPEN, lambda w: str(w.at[Status.ANSWERED])),
    Said("help", None),
    Said("language", None, lambda _: "en"),
    Said("triage", P.TRIAGE),
    Said("signature", P.TEMPLATES, lambda _: "roads С уважением, Минтранс", of_body=True),
    Said("delegate", P.DELEGATE, lambda w: str(w.at[_A]), of_body=True),
    Said("duty", P.DUTY),
    Said("approval", P.SET_APPROVAL, lambda _: "roads on"),
    Said("templates", P.TEMPLATES, lambda _: "roads", of_body=True),
    Said("away", P.ABSENCE),
    Said("find", P.SEE_INCIDENT, lambda _: "яма"),
    Said("drafts", P.SEE_INCIDENT),
    Said("why", P.DEADLINE, lambda w: str(w.at[_A]), of_body=True),
    Said("cancel", None),
)
