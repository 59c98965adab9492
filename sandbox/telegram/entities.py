"""Text with formatting: what is common to HTML, MarkdownV2 and entities given outright.

Offsets and lengths are UTF-16 code units. Source: https://core.telegram.org/bots/api#messageentity
"""

import html
import re
from typing import Any, TypeAlias

from sandbox.telegram import errors

Entity: TypeAlias = dict[str, Any]

MAX_ENTITIES = 100
MAX_RAW_BYTES = 32_768

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"]+|(?<![\w@./-])(?:[\w-]+\.)+(?:ru|com|org|net|рф|gov|info|su|me)\b(?:/[^\s<>\"]*)?)"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[a-zA-Z]{2,})"
    r"|(?P<bot_command>(?<![\w/@<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@])@[a-zA-Z0-9_]{3,32}(?!\w))"
    r"|(?P<hashtag>(?<![\w#&])#(?=\w*[^\W\d])\w{1,256})"
)
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "url", "custom_emoji"})
_TRAILING = ".,;:!?)]}'»"
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}


def utf16(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """Carriage returns go, other control characters become spaces, as TDLib does before parsing.

    Raises:
        ApiError: a lone surrogate, or more than 32 768 bytes before parsing.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise errors.NOT_UTF8.error() from None
    if size > MAX_RAW_BYTES:
        raise errors.TEXT_HUGE.error()
    return _CONTROLS.sub(" ", text.replace("\r", ""))


def finish(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Trim the text, fit the entities to it, and add those the server finds by itself."""
    first = min((entity["offset"] for entity in entities), default=utf16(text))
    lead = 0
    while lead < min(first, len(text)) and text[lead] in " \n":
        lead += 1
    text = text[lead:].rstrip()
    size = utf16(text)
    kept: list[Entity] = []
    for entity in entities:
        offset = entity["offset"] - lead
        length = min(entity["length"], size - offset)
        if length > 0:
            kept.append({**entity, "offset": offset, "length": length})
    for found in _detect(text):
        if not any(_overlap(found, other) for other in kept if other["type"] in _OPAQUE):
            kept = [piece for entity in kept for piece in _split(entity, found)]
            kept.append(found)
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, kept[:MAX_ENTITIES]


def given(text: str, entities: Any) -> list[Entity]:
    """Entities sent with the request, without those a bot may not set.

    Raises:
        ApiError: one runs over the end of the text.
    """
    size = utf16(text)
    taken: list[Entity] = []
    for entity in entities if isinstance(entities, list) else []:
        offset, length = int(entity.get("offset", 0)), int(entity.get("length", 0))
        if offset + length > size:
            raise errors.ENTITY_BOUNDS.error(offset, size)
        if length > 0 and entity.get("type") not in {"url", "mention", "hashtag", "bot_command", "email"}:
            taken.append({key: value for key, value in entity.items() if value is not None})
    return taken


def _detect(text: str) -> list[Entity]:
    found: list[Entity] = []
    for match in _DETECTED.finditer(text):
        kind = str(match.lastgroup)
        value = match.group()
        if kind == "url":
            value = value.rstrip(_TRAILING)
        found.append({"type": kind, "offset": utf16(text[: match.start()]), "length": utf16(value)})
    return found


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def _split(entity: Entity, edge: Entity) -> list[Entity]:
    """Cut `entity` at the borders of `edge` if they cross; nested ones stay whole."""
    start, end = entity["offset"], entity["offset"] + entity["length"]
    left, right = edge["offset"], edge["offset"] + edge["length"]
    for cut in (left, right):
        crosses = start < cut < end and not (start <= left and right <= end)
        if crosses:
            return [
                {**entity, "length": cut - start},
                {**entity, "offset": cut, "length": end - cut},
            ]
    return [entity]


def to_html(text: str, entities: list[Entity]) -> str:
    """The text as a person sees it, in the HTML dialect of the Bot API."""
    units = text.encode("utf-16-le")
    pieces: list[str] = []
    closing: list[tuple[int, str]] = []
    at = 0

    def advance(to: int) -> None:
        nonlocal at
        pieces.append(html.escape(units[at * 2 : to * 2].decode("utf-16-le"), quote=False))
        at = to

    for entity in entities:
        while closing and closing[-1][0] <= entity["offset"]:
            end, tag = closing.pop()
            advance(end)
            pieces.append(tag)
        start, tag = _tag(entity)
        if not start:
            continue
        advance(entity["offset"])
        pieces.append(start)
        closing.append((entity["offset"] + entity["length"], tag))
    while closing:
        end, tag = closing.pop()
        advance(end)
        pieces.append(tag)
    advance(len(units) // 2)
    return "".join(pieces)


def _tag(entity: Entity) -> tuple[str, str]:
    kind = entity["type"]
    if name := _TAGS.get(kind):
        return f"<{name}>", f"</{name}>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    if kind == "pre":
        language = html.escape(entity.get("language", ""))
        if language:
            return f'<pre><code class="language-{language}">', "</code></pre>"
        return "<pre>", "</pre>"
    if kind == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    return "", ""
