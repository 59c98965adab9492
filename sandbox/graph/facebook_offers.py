"""What residents and Pages put on Facebook, as the driver says it."""

from datetime import UTC, datetime

from sandbox.graph.control import RESIDENT, Body, Offers, page_of
from sandbox.graph.facebook_nodes import post_link
from sandbox.graph.things import Comment, Page, Person, Post
from sandbox.graph.world import FacebookWorld, GraphWorld


class FacebookOffers:
    def __init__(self, world: FacebookWorld) -> None:
        self._world = world

    def page(self, body: Body) -> Body:
        number = str(body["id"]) if "id" in body else None
        page = self._world.add_page(name=body["name"], title=body["title"], number=number)
        return {"id": page.id, "name": page.name, "title": page.title}

    def token_page(self, body: Body) -> str:
        return self._world.page(page_of(body)).id

    def offer(self, body: Body) -> Body:
        """{page_id, text, author?: "page", author_name?, under?, reply_to?, photos?, date?, tags?}

        `under`: native id of the post commented on; `reply_to`: of the comment answered. `date`: Unix seconds.
        `tags`: the post stands on the author's own wall and names the Page.
        """
        if body.get("under") is not None:
            return offered_comment(self._world, self, body)
        page = self._world.page(page_of(body))
        post = self._world.offer_post(
            page,
            author=author(self._world, body, page),
            text=text_of(body),
            photos=tuple(body.get("photos", ())),
            date=date_of(body),
            tags=bool(body.get("tags")),
        )
        return ids(self, post, post)

    def link(self, item: Post | Comment) -> str:
        if isinstance(item, Post):
            return post_link(item)
        link = f"{post_link(self._world.posts[item.post_id])}?comment_id="
        if item.top is None:
            return link + item.id.partition("_")[2]
        return f"{link}{item.top.partition('_')[2]}&reply_comment_id={item.id.partition('_')[2]}"


def offered_comment(world: GraphWorld, offers: Offers, body: Body) -> Body:
    """Raises:
    ValueError: `under` names no post.
    """
    post = world.item(str(body["under"]))
    if not isinstance(post, Post):
        raise ValueError("`under` names a post; a comment goes into `reply_to`")  # noqa: TRY004 - a wrong value
    page = world.pages.get(post.owner_id) or next(iter(world.pages.values()))
    comment = world.offer_comment(
        post,
        author=author(world, body, world.page(page_of(body, page.id))),
        text=text_of(body),
        reply_to=None if body.get("reply_to") is None else str(body["reply_to"]),
        photos=tuple(body.get("photos", ())),
        date=date_of(body),
    )
    return ids(offers, post, comment)


def author(world: GraphWorld, body: Body, page: Page) -> Page | Person:
    if body.get("author") in {"page", "community", "account"}:
        return page
    return world.person(body.get("author_name") or RESIDENT)


def text_of(body: Body) -> str:
    text = body.get("text", "")
    if not isinstance(text, str):
        raise TypeError("text is a string")
    return text


def date_of(body: Body) -> datetime | None:
    return None if body.get("date") is None else datetime.fromtimestamp(body["date"], UTC)


def ids(offers: Offers, post: Post, item: Post | Comment) -> Body:
    return {
        "page_id": post.owner_id,
        "post_id": post.id,
        "comment_id": None if item is post else item.id,
        "native_id": item.id,
        "url": offers.link(item),
    }
