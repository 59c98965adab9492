"""Every method there is, and those that write.

Source: https://apiok.ru/dev/methods and, for addDiscussionComment, the documentation of 2017
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.ok import reading, shapes
from sandbox.ok.fields import KNOWN, Asked
from sandbox.ok.params import Caller, Params, caller
from sandbox.ok.refusals import Refusal, bad_parameter
from sandbox.ok.things import Topic
from sandbox.ok.world import OkWorld

LONGEST: Final = 3000  # characters of a comment

Method = Callable[[OkWorld, Params, Caller], Any]


def add_comment(world: OkWorld, params: Params, who: Caller) -> Any:
    """The id of the new comment as a bare text; an object when fields are asked for."""
    session = who.may("VALUABLE_ACCESS", "GROUP_CONTENT")
    topic = reading.discussed(world, params, "entityId", "entityType")
    text = _words(world, params)
    official = params.flag("as_admin")
    if official and topic.owner.partition(":")[2] not in session.admin_of:
        raise Refusal(10)
    if world.comments_closed(topic):
        raise Refusal(455)
    reply_to = params.get("reply_to_comment_id", "")
    if reply_to:
        reading.live_comment(topic, reply_to)
    if official:
        comment = world.publish(topic, session=session, text=text, reply_to=reply_to)
    else:
        comment = world.write_comment(topic, author=f"user:{session.uid}", text=text, reply_to=reply_to)
    if not params.get("fields"):
        return comment.id
    asked = Asked(params["fields"], usual={"comment": KNOWN["comment"]})
    return {"comment": shapes.comment(world, comment, asked)}


def edit_comment(world: OkWorld, params: Params, who: Caller) -> bool:
    topic = _administered(world, params, who)
    comment = reading.live_comment(topic, params.text("comment_id"))
    world.edit(comment.native_id, _words(world, params))
    return True


def delete_comment(world: OkWorld, params: Params, who: Caller) -> bool:
    topic = _administered(world, params, who)
    world.delete(reading.live_comment(topic, params.text("comment_id")).native_id)
    return True


def post_topic(world: OkWorld, params: Params, who: Caller) -> str:
    """A group's own topic: its id as a bare text."""
    session = who.may("VALUABLE_ACCESS", "GROUP_CONTENT")
    gid = params.text("gid")
    if params.text("type") != "GROUP_THEME":
        raise bad_parameter("Invalid parameter type")
    if gid not in session.admin_of:
        raise Refusal(10)
    try:
        media = json.loads(params.text("attachment"))["media"]
        text = "\n\n".join(str(block["text"]) for block in media if block["type"] == "text")
    except (ValueError, KeyError, TypeError):
        raise bad_parameter("Invalid parameter attachment") from None
    return world.offer_topic(owner=f"group:{gid}", author=f"group:{gid}", text=text).id


def _administered(world: OkWorld, params: Params, who: Caller) -> Topic:
    session = who.may("VALUABLE_ACCESS", "GROUP_CONTENT")
    topic = reading.discussed(world, params, "discussionId", "discussionType")
    if topic.owner.partition(":")[2] not in session.admin_of:
        raise Refusal(10)
    return topic


def _words(world: OkWorld, params: Params) -> str:
    text = params.text("comment").replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise bad_parameter(f"Comment is longer than {LONGEST} characters")
    if any(word in text.casefold() for word in world.censored):
        raise Refusal(454)
    return text


METHODS: Final[Mapping[str, Method]] = {
    "discussions.getList": reading.get_list,
    "discussions.getComments": reading.get_comments,
    "discussions.getComment": reading.get_comment,
    "discussions.addDiscussionComment": add_comment,
    "discussions.editDiscussionComment": edit_comment,
    "discussions.deleteDiscussionComment": delete_comment,
    "mediatopic.getByIds": reading.topics_by_ids,
    "mediatopic.post": post_topic,
    "search.tagContents": reading.tag_contents,
    "users.getCurrentUser": reading.current_user,
    "users.getInfo": reading.users_info,
    "users.getCallsLeft": reading.calls_left,
    "group.getInfo": reading.groups_info,
    "group.getUserGroupsByIds": reading.groups_of_users,
    "url.getInfo": reading.url_info,
}


def call(world: OkWorld, name: str, params: Params) -> Any:
    """The answer to one call.

    Raises:
        Refusal: with the code OK has for it.
    """
    method = METHODS.get(name)
    if method is None:
        raise Refusal(3)
    who = caller(world, params)
    if params.get("format", "json").lower() != "json":
        raise bad_parameter("Only JSON is spoken here")
    world.check_rate(name)
    return method(world, params, who)
