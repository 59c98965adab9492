"""Facebook's nodes as they are read: people, Pages, posts, comments.

Sources: https://developers.facebook.com/docs/graph-api/reference/page, …/page/feed, …/pagepost, …/comment
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.graph.access import PAGES_LIST, PAGES_PEOPLE, PAGES_READ, Token
from sandbox.graph.errors import GraphError, bad_parameter, missing_object, no_permission
from sandbox.graph.fields import Field
from sandbox.graph.instagram_nodes import ACCOUNT
from sandbox.graph.select import Ask, Edge, Json, Kind, between, node, plain, when
from sandbox.graph.things import Comment, Page, Post

TASKS: Final = ["MODERATE", "MESSAGING", "ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"]
_PAGE_LIMIT: Final = 100


def may_see_page(ask: Ask, page: Page, method: str) -> None:
    if not ask.token.sees(page.id):
        raise no_permission(PAGES_READ, writing=method != "GET")


def wall_token(ask: Ask, page: Page) -> None:
    """Walls are the Page token's business."""
    may_see_page(ask, page, "GET")
    if ask.token.kind != "page":
        raise GraphError(210)
    ask.token.needs(PAGES_READ)


def may_see_post(ask: Ask, post: Post, method: str) -> None:
    near = (post.owner_id, *post.tagged)
    if post.deleted or not any(ask.token.sees(page_id) for page_id in near if page_id in ask.facebook.pages):
        raise missing_object(method, post.id)
    ask.token.needs(PAGES_READ)


def may_see_comment(ask: Ask, comment: Comment, method: str) -> None:
    post = ask.facebook.posts[comment.post_id]
    if comment.deleted or post.deleted or not post.owner_id or not ask.token.sees(post.owner_id):
        raise missing_object(method, comment.id)
    if ask.token.kind != "page":
        raise GraphError(210)
    if not comment.page_id:
        ask.token.needs(PAGES_PEOPLE)


def writer(ask: Ask, one: Post | Comment) -> Json | None:
    """`from`: a person is named to a Page's token that may read people, to nobody else."""
    is_told = ask.token.kind == "page" and PAGES_PEOPLE in ask.token.rights
    return {"id": one.from_id, "name": one.from_name} if one.page_id or is_told else None


def post_link(post: Post) -> str:
    wall, _, number = post.id.partition("_")
    return f"https://www.facebook.com/{wall}/posts/{number}"


def comment_link(ask: Ask, one: Comment) -> str:
    link = f"{post_link(ask.facebook.posts[one.post_id])}?comment_id={(one.top or one.id).partition('_')[2]}"
    return link if one.top is None else f"{link}&reply_comment_id={one.id.partition('_')[2]}"


def _picture(url: str, number: str) -> Json:
    return {
        "type": "photo",
        "media": {"image": {"src": url, "height": 720, "width": 1080}},
        "target": {"id": number, "url": f"https://www.facebook.com/photo.php?fbid={number}"},
        "url": f"https://www.facebook.com/photo.php?fbid={number}",
    }


def _attachments(_ask: Ask, post: Post, _asked: Field) -> Json | None:
    pictures = [
        _picture(url, f"{post.id.partition('_')[2]}{index}") for index, url in enumerate(post.photos, 1)
    ]
    if not pictures:
        return None
    if len(pictures) == 1:
        return {"data": pictures}
    return {"data": [{**pictures[0], "type": "album", "subattachments": {"data": pictures}}]}


# Lists


def _accounts(ask: Ask, token: Token, args: Mapping[str, str]) -> Sequence[Page]:
    if PAGES_LIST not in ask.token.rights:
        return []
    return [page for page in ask.facebook.pages.values() if ask.token.sees(page.id)]


def _wall(ask: Ask, page: Page, args: Mapping[str, str]) -> list[Post]:
    wall_token(ask, page)
    posts = [post for post in ask.facebook.posts.values() if post.owner_id == page.id and not post.deleted]
    return between(sorted(posts, key=lambda post: (post.date, post.id), reverse=True), args)


def _published(ask: Ask, page: Page, args: Mapping[str, str]) -> list[Post]:
    return [post for post in _wall(ask, page, args) if post.page_id == page.id]


def _visitors(ask: Ask, page: Page, args: Mapping[str, str]) -> list[Post]:
    ask.token.needs(PAGES_PEOPLE)
    return [post for post in _wall(ask, page, args) if post.page_id != page.id]


def _feed(ask: Ask, page: Page, args: Mapping[str, str]) -> list[Post]:
    """Visitors' posts stand here too, for those who may read what people write."""
    may_people = PAGES_PEOPLE in ask.token.rights
    return [post for post in _wall(ask, page, args) if may_people or post.page_id == page.id]


def _tagged(ask: Ask, page: Page, args: Mapping[str, str]) -> list[Post]:
    wall_token(ask, page)
    ask.token.needs(PAGES_PEOPLE)
    posts = [post for post in ask.facebook.posts.values() if page.id in post.tagged and not post.deleted]
    return between(sorted(posts, key=lambda post: (post.date, post.id), reverse=True), args)


def _ordered(ask: Ask, comments: Sequence[Comment], args: Mapping[str, str]) -> list[Comment]:
    order = args.get("order", "chronological")
    if order not in {"chronological", "reverse_chronological"}:
        raise bad_parameter("Param order must be one of {CHRONOLOGICAL, REVERSE_CHRONOLOGICAL}")
    shown = between(ask.facebook.visible(comments), args)
    return shown[::-1] if order == "reverse_chronological" else shown


def _under_post(ask: Ask, post: Post, args: Mapping[str, str]) -> list[Comment]:
    """`filter`: toplevel by default, stream for every level. A user's token sees nothing."""
    which = args.get("filter", "toplevel")
    if which not in {"toplevel", "stream"}:
        raise bad_parameter("Param filter must be one of {TOPLEVEL, STREAM}")
    if ask.token.kind != "page":
        return []
    if not ask.token.sees(post.owner_id):
        raise no_permission(PAGES_READ)
    ask.token.needs(PAGES_PEOPLE)
    return _ordered(ask, post.everything() if which == "stream" else post.comments, args)


def _under_comment(ask: Ask, comment: Comment, args: Mapping[str, str]) -> list[Comment]:
    ask.token.needs(PAGES_PEOPLE)
    return _ordered(ask, comment.thread, args)


def _summary(ask: Ask, thing: Post | Comment, items: Sequence[Any]) -> Json:
    post = thing if isinstance(thing, Post) else ask.facebook.posts[thing.post_id]
    may = ask.token.kind == "page" and not ask.facebook.closed(post)
    return {"order": "chronological", "total_count": len(items), "can_comment": may}


# Fields of single nodes


def _access_token(ask: Ask, page: Page, _asked: Field) -> str | None:
    return ask.facebook.access.page_token(page.id).secret if ask.token.sees(page.id) else None


def _can_comment(ask: Ask, one: Comment, _asked: Field) -> bool:
    return not ask.facebook.closed(ask.facebook.posts[one.post_id])


def _is_strangers(_ask: Ask, one: Comment, _asked: Field) -> bool:
    return not one.page_id


def _photo(_ask: Ask, one: Comment, _asked: Field) -> Json | None:
    return _picture(one.photos[0], one.id.partition("_")[2]) if one.photos else None


def _from(ask: Ask, one: Post | Comment, _asked: Field) -> Json | None:
    return writer(ask, one)


def _permissions(ask: Ask, token: Token, args: Mapping[str, str]) -> Sequence[Any]:
    return [_Permission(right) for right in sorted(token.rights)]


class _Permission:
    def __init__(self, name: str) -> None:
        self.id = name


def _anyone(_ask: Ask, _thing: Any, _method: str) -> None:
    return None


PERMISSION: Final = Kind(
    "Permission",
    ("permission", "status"),
    {"permission": plain(lambda one: one.id), "status": plain(lambda _: "granted")},
    _anyone,
)
COMMENT: Final[Kind] = Kind(
    "Comment",
    ("created_time", "from", "message"),
    {
        "message": plain(lambda one: one.text),
        "created_time": plain(lambda one: when(one.date)),
        "from": _from,
        "parent": node(lambda: COMMENT, lambda ask, one: ask.facebook.comments.get(one.top)),
        "permalink_url": lambda ask, one, _: comment_link(ask, one),
        "can_comment": _can_comment,
        "can_hide": _is_strangers,
        "can_remove": plain(lambda _: True),
        "can_like": plain(lambda _: True),
        "can_reply_privately": _is_strangers,
        "is_hidden": plain(lambda one: one.is_hidden),
        "is_private": plain(lambda _: False),
        "comment_count": lambda ask, one, _: len(ask.facebook.visible(one.thread)),
        "like_count": plain(lambda one: one.likes),
        "user_likes": plain(lambda _: False),
        "attachment": _photo,
    },
    may_see_comment,
    frozenset({"message_tags", "object", "admin_creator", "application", "private_reply_conversation"}),
)
POST: Final = Kind(
    "Post",
    ("created_time", "message"),
    {
        "message": plain(lambda one: one.text or None),
        "created_time": plain(lambda one: when(one.date)),
        "updated_time": plain(lambda one: when(one.updated or one.date)),
        "from": _from,
        "permalink_url": plain(post_link),
        "full_picture": plain(lambda one: one.photos[0] if one.photos else None),
        "attachments": _attachments,
        "is_published": plain(lambda _: True),
        "is_hidden": plain(lambda _: False),
        "status_type": plain(lambda one: "added_photos" if one.photos else "mobile_status_update"),
    },
    may_see_post,
    frozenset(
        {"parent_id", "story", "message_tags", "story_tags", "shares", "to", "place", "via", "actions"}
    ),
)
PAGE: Final = Kind(
    "Page",
    ("name",),
    {
        "name": plain(lambda one: one.title),
        "username": plain(lambda one: one.name or None),
        "link": plain(lambda one: f"https://www.facebook.com/{one.name or one.id}"),
        "category": plain(lambda _: "Government organization"),
        "category_list": plain(lambda _: [{"id": "147714868971098", "name": "Government organization"}]),
        "tasks": lambda ask, one, _: TASKS if ask.token.sees(one.id) else None,
        "is_published": plain(lambda _: True),
        "is_verified": plain(lambda _: True),
        "verification_status": plain(lambda _: "blue_verified"),
        "can_post": plain(lambda _: True),
        "access_token": _access_token,
        "instagram_business_account": node(
            lambda: ACCOUNT, lambda ask, one: ask.instagram.account_of(one.id)
        ),
    },
    may_see_page,
    frozenset(
        {"about", "description", "fan_count", "followers_count", "website", "phone", "picture", "cover"}
    ),
)
USER: Final = Kind(
    "User",
    ("name",),
    {"name": plain(lambda one: one.user_name)},
    _anyone,
    frozenset({"email", "first_name", "last_name", "picture"}),
)

POST.edges["comments"] = Edge(COMMENT, _under_post, COMMENT.default, summary=_summary)
COMMENT.edges["comments"] = Edge(COMMENT, _under_comment, COMMENT.default, summary=_summary)
for _name, _items in {
    "feed": _feed,
    "posts": _published,
    "published_posts": _published,
    "visitor_posts": _visitors,
    "tagged": _tagged,
}.items():
    PAGE.edges[_name] = Edge(POST, _items, POST.default, most=_PAGE_LIMIT, is_strict=True)
USER.edges["accounts"] = Edge(PAGE, _accounts, ("access_token", "category", "category_list", "name", "tasks"))
USER.edges["permissions"] = Edge(PERMISSION, _permissions, PERMISSION.default)
