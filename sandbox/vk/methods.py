"""Which methods there are, which tokens may call them, and the ones that write.

Source: access_token_type in VKCOM/vk-api-schema (5.199)
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.vk import reading
from sandbox.vk.params import Params
from sandbox.vk.pushing import Pushing
from sandbox.vk.refusals import Refusal, bad_parameter
from sandbox.vk.things import Comment, Post, Token
from sandbox.vk.world import Unknown, VkWorld

Method = Callable[[VkWorld, Params, Token], Any]
PushMethod = Callable[[Pushing, Params, Token], Any]

_LINK: Final = re.compile(r"https?://|www\.|\bvk\.(?:com|ru|cc)/", re.IGNORECASE)
_NO_ACCESS: Final = "no access to call this method. It cannot be called with current scopes."


def create_comment(world: VkWorld, params: Params, token: Token) -> dict[str, Any]:
    owner = params.whole("owner_id")
    post = world.post(owner, params.whole("post_id"))
    if post is None:
        raise Refusal(15, "post was not found or was deleted")
    text = _normal(params.get("message", ""))
    if not text and not params.get("attachments") and not params.get("sticker_id"):
        raise bad_parameter("message is undefined")
    reply_to = params.whole("reply_to_comment", 0) or None
    if reply_to is not None:
        _live_comment(world, post, reply_to)
    guid = params.get("guid", "")
    author = _author(params, token)
    _may_comment(world, post, author=author, text=text)
    if author > 0:
        comment = world.write_comment(post, from_id=author, text=text, reply_to=reply_to)
    else:
        comment = world.publish(post, community_id=-author, text=text, reply_to=reply_to, guid=guid)
    return {"comment_id": comment.id, "parents_stack": [comment.top] if comment.top is not None else []}


def edit_comment(world: VkWorld, params: Params, token: Token) -> int:
    comment = _any_comment(world, params)
    world.edit(comment.native_id, _normal(params.text("message")))
    return 1


def delete_comment(world: VkWorld, params: Params, token: Token) -> int:
    world.delete(_any_comment(world, params).native_id)
    return 1


def post_to_wall(world: VkWorld, params: Params, token: Token) -> dict[str, int]:
    owner = params.whole("owner_id")
    text = _normal(params.text("message"))
    author = owner if params.flag("from_group") and owner < 0 else world.user("Редактор Страницы")
    return {"post_id": world.offer_post(owner_id=owner, from_id=author, text=text).id}


def _author(params: Params, token: Token) -> int:
    """A community's token speaks for its community alone; a person may speak for a community."""
    asked = params.whole("from_group", 0)
    if token.kind != "community":
        return -asked if asked else 1
    if "wall" not in token.rights:
        raise Refusal(15, _NO_ACCESS)
    if asked and asked != token.community_id:
        raise Refusal(15, "no access to this group")
    return -token.community_id


def _may_comment(world: VkWorld, post: Post, *, author: int, text: str) -> None:
    community = world.communities.get(-post.owner_id)
    foreign_group = author < 0 and author != post.owner_id
    if world.comments_closed(post):
        raise Refusal(213)
    if community is not None and foreign_group and not community.groups_may_comment:
        raise Refusal(213)
    if community is not None and community.links_forbidden and _LINK.search(text):
        raise Refusal(222)


def _live_comment(world: VkWorld, post: Post, number: int) -> Comment:
    found = world.comments.get((post.owner_id, number))
    if found is None or found.deleted or found.post_id != post.id:
        raise Refusal(15, "comment was not found or was deleted")
    return found


def _any_comment(world: VkWorld, params: Params) -> Comment:
    try:
        found = world.comment(params.whole("owner_id"), params.whole("comment_id"))
    except Unknown:
        raise Refusal(211) from None
    if found.deleted:
        raise Refusal(211)
    return found


def _normal(text: str) -> str:
    """As VK keeps a text: no NUL, plain line ends, nothing hanging over at the ends."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


_USER, _SERVICE, _COMMUNITY = "user", "service", "community"
_READERS: Final = frozenset({_USER, _SERVICE})
_ALL: Final = frozenset({_USER, _SERVICE, _COMMUNITY})

METHODS: Final[Mapping[str, tuple[frozenset[str], Method]]] = {
    "wall.get": (_READERS, reading.wall_get),
    "wall.getById": (_READERS, reading.wall_get_by_id),
    "wall.getComments": (_READERS, reading.wall_get_comments),
    "wall.getComment": (frozenset({_USER}), reading.wall_get_comment),
    "wall.search": (_READERS, reading.wall_search),
    "newsfeed.search": (_READERS, reading.newsfeed_search),
    "wall.createComment": (frozenset({_USER, _COMMUNITY}), create_comment),
    "wall.post": (frozenset({_USER}), post_to_wall),
    "wall.editComment": (frozenset({_USER}), edit_comment),
    "wall.deleteComment": (frozenset({_USER}), delete_comment),
    "groups.getById": (_ALL, reading.groups_get_by_id),
    "groups.getTokenPermissions": (frozenset({_COMMUNITY}), reading.groups_get_token_permissions),
    "users.get": (_ALL, reading.users_get),
    "utils.getServerTime": (_ALL, reading.utils_get_server_time),
    "utils.resolveScreenName": (_ALL, reading.utils_resolve_screen_name),
}

PUSH_METHODS: Final[Mapping[str, PushMethod]] = {
    "groups.getLongPollServer": Pushing.long_poll_server,
    "groups.getLongPollSettings": Pushing.long_poll_settings,
    "groups.setLongPollSettings": Pushing.set_long_poll_settings,
    "groups.getCallbackConfirmationCode": Pushing.confirmation_code,
}
_PUSHED: Final = frozenset({_USER, _COMMUNITY})


def call(world: VkWorld, pushing: Pushing, name: str, params: Params) -> Any:
    """VK's `response` to one call.

    Raises:
        Refusal: VK's `error`.
    """
    if name not in METHODS and name not in PUSH_METHODS:
        raise Refusal(3)
    if not params.get("v"):
        raise Refusal(8, "v (version) is required")
    secret = params.get("access_token", "")
    token = world.tokens.get(secret)
    if token is None:
        raise Refusal(5)
    world.check_rate(secret, token.kind)
    allowed = METHODS[name][0] if name in METHODS else _PUSHED
    if token.kind not in allowed:
        raise Refusal(27 if token.kind == _COMMUNITY else 28)
    if name in METHODS:
        return METHODS[name][1](world, params, token)
    return PUSH_METHODS[name](pushing, params, token)
