"""The HTML dialect of the Bot API, with TDLib's complaints.

Source: https://core.telegram.org/bots/api#html-style
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.telegram import errors
from sandbox.telegram.entities import Entity, utf16

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,10})|([a-zA-Z]+));?")
_BARE_ATTRIBUTES = frozenset({"expandable"})
_LAST_CODE_POINT = 0x10FFFF


def _decode(source: str, at: int) -> tuple[str, int] | None:
    """The character a reference at `at` stands for, and where the text goes on; None for a plain `&`."""
    match = _REFERENCE.match(source, at)
    if match is None:
        return None
    hexadecimal, decimal, name = match.groups()
    if name:
        return (_NAMED[name], match.end()) if name in _NAMED else None
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code <= _LAST_CODE_POINT or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - surrogates
        return None
    return chr(code), match.end()


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def fail(self, words: str) -> errors.ApiError:
        return errors.PARSE.error(words)

    def byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def char(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def put(self, text: str) -> None:
        self.text.append(text)
        self.length += utf16(text)

    def skip_spaces(self) -> None:
        while self.char().isspace():
            self.at += 1

    def run(self) -> None:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "&" and (decoded := _decode(self.source, self.at)):
                letter, self.at = decoded
                self.put(letter)
            elif char != "<":
                end = self.at + 1
                while end < len(self.source) and self.source[end] not in "<&":
                    end += 1
                self.put(self.source[self.at : end])
                self.at = end
            elif self.source.startswith("</", self.at):
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            raise self.fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        while self.char() and not self.char().isspace() and self.char() != ">":
            self.at += 1
        if not self.char():
            raise self.fail(f"Unclosed start tag at byte offset {self.byte(begin)}")
        tag = self.source[begin + 1 : self.at].lower()
        if tag not in _KINDS:
            raise self.fail(f'Unsupported start tag "{tag}" at byte offset {self.byte(begin)}')
        attributes = self.attributes(tag, begin)
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.fail(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(begin)}')
        self.open.append(_Open(tag, attributes, self.length, len(self.text)))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        where = self.byte(begin)
        while True:
            self.skip_spaces()
            if self.char() == ">":
                return found
            start = self.at
            while self.char() and not self.char().isspace() and self.char() not in "=>/\"'":
                self.at += 1
            name = self.source[start : self.at].lower()
            if not name:
                words = (
                    "Unclosed start tag" if not self.char() else f'Empty attribute name in the tag "{tag}"'
                )
                raise self.fail(f"{words} at byte offset {where}")
            self.skip_spaces()
            if self.char() != "=":
                if name in _BARE_ATTRIBUTES:
                    found[name] = ""
                    continue
                raise self.fail(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" '
                    f"at byte offset {where}"
                )
            self.at += 1
            self.skip_spaces()
            found[name] = self.value()
            if not self.char():
                raise self.fail(f"Unclosed start tag at byte offset {where}")

    def value(self) -> str:
        if self.char() not in {"'", '"'}:
            start = self.at
            while self.char().isalnum() or (self.char() and self.char() in ".-"):
                self.at += 1
            if self.char() and not self.char().isspace() and self.char() != ">":
                raise self.fail(f"Unexpected end of name token at byte offset {self.byte(start)}")
            return self.source[start : self.at].lower()
        quote = self.char()
        self.at += 1
        value: list[str] = []
        while self.char() and self.char() != quote:
            if self.char() == "&" and (decoded := _decode(self.source, self.at)):
                letter, self.at = decoded
                value.append(letter)
            else:
                value.append(self.char())
                self.at += 1
        self.at += 1
        return "".join(value)

    def end_tag(self) -> None:
        begin = self.at
        where = self.byte(begin)
        if not self.open:
            raise self.fail(f"Unexpected end tag at byte offset {where}")
        self.at += 2
        while self.char() and not self.char().isspace() and self.char() != ">":
            self.at += 1
        name = self.source[begin + 2 : self.at].lower()
        self.skip_spaces()
        if self.char() != ">":
            raise self.fail(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.tag:
            raise self.fail(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self.length > opened.offset:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        entity: Entity | None = {
            "type": _KINDS[opened.tag],
            "offset": opened.offset,
            "length": self.length - opened.offset,
        }
        attributes = opened.attributes
        if opened.tag == "a":
            shown = "".join(self.text[opened.start :])
            entity = link(attributes.get("href") or shown, opened.offset, self.length - opened.offset)
        elif opened.tag == "code" and attributes.get("class", "").startswith("language-"):
            entity = self.language(opened, attributes["class"].removeprefix("language-"))
        elif opened.tag == "tg-emoji" and entity:
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        elif opened.tag == "tg-time" and entity:
            entity |= {"unix_time": int(attributes.get("unix", "0") or 0)}
            if "format" in attributes:
                entity["date_time_format"] = attributes["format"]
        elif "expandable" in attributes and entity:
            entity["type"] = "expandable_blockquote"
        if opened.tag == "pre" and self._swallowed(opened):
            return
        if entity:
            self.entities.append(entity)

    def language(self, opened: _Open, language: str) -> Entity | None:
        length = self.length - opened.offset
        outer = self.open[-1] if self.open else None
        if outer and outer.tag == "pre" and outer.offset == opened.offset:
            return {"type": "pre", "offset": opened.offset, "length": length, "language": language}
        return {"type": "code", "offset": opened.offset, "length": length}

    def _swallowed(self, opened: _Open) -> bool:
        """`<pre><code class="language-x">` is one entity, already there."""
        return bool(
            self.entities
            and self.entities[-1]["type"] == "pre"
            and self.entities[-1]["offset"] == opened.offset
            and self.entities[-1]["length"] == self.length - opened.offset
        )


def link(url: str, offset: int, length: int) -> Entity | None:
    """A text_link, a text_mention for tg://user?id=, or nothing when the address is no address."""
    place: dict[str, Any] = {"offset": offset, "length": length}
    if match := re.fullmatch(r"tg://user/?\?id=(\d+)", url):
        return {"type": "text_mention", **place, "user": {"id": int(match.group(1))}}
    if re.match(r"(?:https?|tg|ton|mailto|tel):", url):
        return {"type": "text_link", **place, "url": url}
    if re.fullmatch(r"(?:[\w-]+\.)+[\w-]{2,}(?:[/?#].*)?", url):
        return {"type": "text_link", **place, "url": f"http://{url}"}
    return None


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities.

    Raises:
        ApiError: "can't parse entities: …", with the byte offset Telegram would name.
    """
    parser = _Parser(source)
    parser.run()
    return "".join(parser.text), parser.entities
