"""The conversation: what people see and press."""

from aiogram import Router

from handlers import (
    accept,
    answer,
    approving,
    assigning,
    away,
    binding,
    body_settings,
    communities,
    curator,
    delegate,
    drafts,
    duty,
    explain,
    explain_places,
    find,
    help,  # noqa: A004 - a screen's name
    history,
    interim,
    invitations,
    keywords,
    lists,
    model,
    override,
    people,
    photos,
    proposals,
    reassign,
    replies,
    revise,
    routing_holds,
    rules,
    similar,
    start,
    template_use,
    templates,
    triage_corrections,
    triage_queue,
    triage_storms,
    versions,
    why,
)
from handlers.access import Access
from handlers.errors import Refusals


def build_router() -> Router:
    """All the screens. Needs `transaction`, `reading`, `clock` and `house` among the handlers' data."""
    router = Router(name=__name__)
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.outer_middleware(Access())
        observer.outer_middleware(Refusals())
    router.include_routers(
        duty.build_router(),  # before the door: its link is no invitation
        start.build_router(),
        invitations.build_router(),
        people.build_router(),
        binding.build_router(),
        accept.build_router(),
        reassign.build_router(),
        assigning.build_router(),
        delegate.build_router(),
        answer.build_router(),
        interim.build_router(),
        approving.build_router(),
        override.build_router(),
        versions.build_router(),
        drafts.build_router(),
        template_use.build_router(),
        templates.build_router(),
        body_settings.build_router(),
        revise.build_router(),
        curator.build_router(),
        explain.build_router(),
        explain_places.build_router(),
        triage_queue.build_router(),
        triage_corrections.build_router(),
        triage_storms.build_router(),
        why.build_router(),
        lists.build_router(),
        find.build_router(),
        history.build_router(),
        similar.build_router(),
        photos.build_router(),
        keywords.build_router(),
        communities.build_router(),
        routing_holds.build_router(),
        rules.build_router(),
        proposals.build_router(),
        model.build_router(),
        away.build_router(),
        help.build_router(),
        # Last: what nothing else took.
        replies.build_router(),
    )
    return router
