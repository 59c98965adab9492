"""What a publisher offers besides, where its network lets an answer be changed after it was published."""

from typing import Protocol, runtime_checkable

from collectors.contract import Reply


@runtime_checkable
class Editor(Protocol):
    """A publisher that can also put other words in place of an answer of ours."""

    async def edit(self, reply: Reply, *, native_id: str) -> None:
        """Give our answer `native_id`, under the post of `reply`, the words `reply.text`.

        The same words twice do no harm, so an unknown outcome is simply tried again.

        Raises:
            NetworkError: see `maybe_done`; GONE when the answer is not there any more.
        """
        ...
