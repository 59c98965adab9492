"""The conversation: what people see and press."""

from aiogram import Router

from handlers import (
    accept,
    answer,
    communities,
    curator,
    explain,
    help,  # noqa: A004 - a screen's name
    keywords,
    lists,
    model,
    photos,
    proposals,
    reassign,
    replies,
    routing_holds,
    rules,
    start,
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
        start.build_router(),
        accept.build_router(),
        reassign.build_router(),
        answer.build_router(),
        curator.build_router(),
        explain.build_router(),
        lists.build_router(),
        photos.build_router(),
        keywords.build_router(),
        communities.build_router(),
        routing_holds.build_router(),
        rules.build_router(),
        proposals.build_router(),
        model.build_router(),
        help.build_router(),
        # Last: what nothing else took.
        replies.build_router(),
    )
    return router
