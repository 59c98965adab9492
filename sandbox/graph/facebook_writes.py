"""What a Page's token writes on Facebook: comments, replies, corrections, photos for them.

Source: https://developers.facebook.com/docs/graph-api/reference/object/comments
"""

from typing import Final

from sandbox.graph.access import PAGES_READ, PAGES_WRITE
from sandbox.graph.errors import GraphError, bad_parameter, comment_refused, missing_object
from sandbox.graph.facebook_nodes import COMMENT, PAGE, POST, may_see_page
from sandbox.graph.select import Ask, Json
from sandbox.graph.things import Comment, Page, Post

LONGEST: Final = 8000  # characters of a comment
_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")


def _speaker(ask: Ask) -> Page:
    """The Page that speaks.

    Raises:
        GraphError: 210, a user's token; 200, the right to write was not granted.
    """
    if ask.token.kind != "page":
        raise GraphError(210)
    ask.token.needs(PAGES_WRITE, writing=True)
    return ask.facebook.page(ask.token.page_id)


def _words(ask: Ask) -> str:
    text = ask.params.get("message", "").strip()
    if len(text) > LONGEST:
        raise bad_parameter("Param message is too long")
    return text


def _picture(content: bytes) -> bytes:
    if not content.startswith(_IMAGES):
        raise GraphError(324)
    return content


def _photos(ask: Ask) -> tuple[str, ...]:
    """The address of the photo that goes with a comment: uploaded now or before, or somebody's on the web."""
    world, params = ask.facebook, ask.params
    number = params.get("attachment_id", "")
    if "source" in ask.uploads:
        number = world.keep_photo(_picture(ask.uploads["source"].content))
    elif number and number not in world.photos:
        raise bad_parameter("Invalid attachment_id")
    if number:
        return (f"https://scontent.example/{number}.jpg",)
    url = params.get("attachment_url", "")
    if url and not url.startswith(("http://", "https://")):
        raise bad_parameter("Param attachment_url must be a valid URL")
    return (url,) if url else ()


def _comment(ask: Ask, post: Post, reply_to: str | None) -> Json:
    page = _speaker(ask)
    if ask.facebook.closed(post):
        raise comment_refused("Comments are off", "Comments are turned off for this post.")
    text, photos = _words(ask), _photos(ask)
    if not text and not photos and not ask.params.get("attachment_share_url"):
        raise bad_parameter("Missing message or attachment")
    made = ask.facebook.publish(post, page=page, text=text, reply_to=reply_to, photos=photos)
    return {"id": made.id}


def _comment_post(ask: Ask, post: Post) -> Json:
    if not post.owner_id:  # it stands on somebody else's wall and only names us
        raise GraphError(200)
    return _comment(ask, post, None)


def _reply(ask: Ask, comment: Comment) -> Json:
    if comment.is_hidden:
        raise comment_refused("Comment is hidden", "You cannot reply to a hidden comment.")
    return _comment(ask, ask.facebook.posts[comment.post_id], comment.id)


def _change(ask: Ask, comment: Comment) -> Json:
    """New words for one's own comment; hiding is for the others'."""
    page = _speaker(ask)
    if "is_hidden" in ask.params:
        if comment.page_id == page.id:
            raise bad_parameter("A Page cannot hide its own comment")
        comment.is_hidden = ask.flag("is_hidden")
    if "message" in ask.params:
        if comment.page_id != page.id:
            raise GraphError(200)
        text = _words(ask)
        if not text:
            raise bad_parameter("Missing message or attachment")
        ask.facebook.edit(comment.id, text)
    return {"success": True}


def _remove(ask: Ask, comment: Comment) -> Json:
    _speaker(ask)
    ask.facebook.delete(comment.id)
    return {"success": True}


def _remove_post(ask: Ask, post: Post) -> Json:
    page = _speaker(ask)
    if post.owner_id != page.id:
        raise missing_object("DELETE", post.id)
    ask.facebook.delete(post.id)
    return {"success": True}


def _upload(ask: Ask, page: Page) -> Json:
    """A photo that is not published, to be named by `attachment_id`."""
    may_see_page(ask, page, "POST")
    _speaker(ask)
    if ask.params.get("published", "true").lower() not in {"false", "0"}:
        raise bad_parameter("The sandbox keeps photos with published=false only")
    if "source" not in ask.uploads:
        raise GraphError(324)
    return {"id": ask.facebook.keep_photo(_picture(ask.uploads["source"].content))}


def _subscribe(ask: Ask, page: Page) -> Json:
    may_see_page(ask, page, "POST")
    if ask.token.kind != "page":
        raise GraphError(210)
    ask.token.needs(PAGES_READ)
    wanted = [one.strip(' "[]') for one in ask.params.get("subscribed_fields", "").split(",")]
    if not any(wanted):
        raise bad_parameter("Param subscribed_fields must be non-empty")
    ask.facebook.subscribed[page.id] = tuple(wanted)
    return {"success": True}


POST.creates["comments"] = _comment_post
POST.delete = _remove_post
COMMENT.creates["comments"] = _reply
COMMENT.update = _change
COMMENT.delete = _remove
PAGE.creates["photos"] = _upload
PAGE.creates["subscribed_apps"] = _subscribe
