"""What people and accounts put on Instagram, as the driver says it."""

from sandbox.graph.control import Body, page_of
from sandbox.graph.facebook_offers import author, date_of, ids, offered_comment, text_of
from sandbox.graph.instagram_world import InstagramWorld, permalink
from sandbox.graph.things import Comment, Post

STRANGER = "ivan.zhitel"


class InstagramOffers:
    def __init__(self, world: InstagramWorld) -> None:
        self._world = world

    def page(self, body: Body) -> Body:
        """`page_id` is the Facebook Page it is linked to; one is made where none is named."""
        account = self._world.add_page(
            name=body["name"],
            title=body["title"],
            number=str(body["id"]) if "id" in body else None,
            page_id=str(body.get("page_id", "")),
        )
        return {
            "id": account.id,
            "name": account.name,
            "title": account.title,
            "page_id": account.page_id,
        }

    def token_page(self, body: Body) -> str:
        """The Facebook Page behind an account."""
        number = page_of(body)
        if number in self._world.facebook.pages:
            return number
        return self._world.page(number).page_id

    def offer(self, body: Body) -> Body:
        """{page_id, text, author?: "page", author_name?, under?, reply_to?, photos?, date?, tagged?, …}

        A media is the account's own with `author` "page", else a stranger's: for a hashtag, a @mention or a mark
        to find. `tagged`: marks the account on the photo. Also media_type, is_private, is_live, likes (null: hidden).
        """
        body = {"author_name": STRANGER, **body}
        if body.get("under") is not None:
            return offered_comment(self._world, self, body)
        account = self._world.page(page_of(body))
        options = {
            name: body[name] for name in ("media_type", "is_private", "is_live", "likes") if name in body
        }
        post = self._world.offer_post(
            author(self._world, body, account),
            text=text_of(body),
            photos=tuple(body.get("photos", ())),
            date=date_of(body),
            tagged=(account.id,) if body.get("tagged") else (),
            **options,
        )
        return ids(self, post, post)

    def link(self, item: Post | Comment) -> str:
        if isinstance(item, Post):
            return permalink(item)
        return f"{permalink(self._world.posts[item.post_id])}c/{item.id}/"
