"""The tables. Importing this package knows them all (migrations compare against it)."""

from models.answer import (
    Answer,
    AnswerState,
    Prompt,
    PromptKind,
    Publication,
    PublicationState,
    PublishedHow,
    Template,
)
from models.base import Base
from models.body import Body, ChatState, DutyChat, Route
from models.feed import Alarm, Feed, PushRow, Spending
from models.incident import Assignment, AuditEntry, HistoryEntry, Incident, Policy, PolicyRule, Reminder
from models.kinds import Kind, Priority, ReplyCapability
from models.learning import Decision, Label, LabelField, ModelRow, ModelState, Outcome, RoutingHold
from models.messaging import (
    Card,
    CardState,
    InboxRow,
    InboxState,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Urgency,
)
from models.person import Absence, Invitation, Language, Membership, Official, Role
from models.post import Post, PostVersion, Prediction
from models.search import Search, SearchDoc
from models.status import Status, Step
from models.triage import Claim, TriageAct
from models.watch import Community, CommunityLevel, CommunityState, KeywordHit, KeywordRow

__all__ = [
    "Absence",
    "Alarm",
    "Answer",
    "AnswerState",
    "Assignment",
    "AuditEntry",
    "Base",
    "Body",
    "Card",
    "CardState",
    "ChatState",
    "Claim",
    "Community",
    "CommunityLevel",
    "CommunityState",
    "Decision",
    "DutyChat",
    "Feed",
    "HistoryEntry",
    "InboxRow",
    "InboxState",
    "Incident",
    "Invitation",
    "KeywordHit",
    "KeywordRow",
    "Kind",
    "Label",
    "LabelField",
    "Language",
    "Membership",
    "ModelRow",
    "ModelState",
    "Official",
    "OutboxKind",
    "OutboxRow",
    "OutboxState",
    "Outcome",
    "Policy",
    "PolicyRule",
    "Post",
    "PostVersion",
    "Prediction",
    "Priority",
    "Prompt",
    "PromptKind",
    "Publication",
    "PublicationState",
    "PublishedHow",
    "PushRow",
    "Reminder",
    "ReplyCapability",
    "Role",
    "Route",
    "RoutingHold",
    "Search",
    "SearchDoc",
    "Spending",
    "Status",
    "Step",
    "Template",
    "TriageAct",
    "Urgency",
]
