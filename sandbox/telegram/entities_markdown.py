"""The MarkdownV2 dialect of the Bot API, with TDLib's complaints.

Source: https://core.telegram.org/bots/api#markdownv2-style
"""

import re
from dataclasses import dataclass

from sandbox.telegram import errors
from sandbox.telegram.entities import Entity, utf16
from sandbox.telegram.entities_html import link

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# Longest first: "__" is underline, not italic twice.
_MARKS = (("__", "Underline"), ("||", "Spoiler"), ("*", "Bold"), ("_", "Italic"), ("~", "Strikethrough"))
_TYPES = {
    "Underline": "underline",
    "Spoiler": "spoiler",
    "Bold": "bold",
    "Italic": "italic",
    "Strikethrough": "strikethrough",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "BlockQuote": "blockquote",
}
_ENDS = {name: mark for mark, name in _MARKS} | {
    "Code": "`",
    "Pre": "```",
    "PreCode": "```",
    "TextUrl": "]",
    "CustomEmoji": "]",
}
_LITERAL = frozenset({"Code", "Pre", "PreCode"})
_LAST_ASCII = 126


@dataclass
class _Open:
    name: str
    at: int
    offset: int
    start: int
    language: str = ""


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def has(self, mark: str) -> bool:
        return self.source.startswith(mark, self.at)

    def put(self, char: str) -> None:
        self.text.append(char)
        self.length += utf16(char)

    def reserved(self, char: str) -> errors.ApiError:
        return errors.PARSE.error(
            f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
        )

    def unclosed(self, opened: _Open) -> errors.ApiError:
        return errors.PARSE.error(
            f"Can't find end of {opened.name} entity at byte offset {self.byte(opened.at)}"
        )

    def run(self) -> None:
        self.quote_line()
        while self.at < len(self.source):
            char = self.source[self.at]
            following = self.source[self.at + 1 : self.at + 2]
            if char == "\\" and following and ord(following) <= _LAST_ASCII:
                self.put(following)
                self.at += 2
            elif self.open and self.open[-1].name in _LITERAL:
                self.literal(char)
            elif char == "\n":
                self.new_line()
            elif char not in _RESERVED:
                self.put(char)
                self.at += 1
            elif not self.ends() and not self.starts():
                raise self.reserved(char)
        self.end_quote()
        if self.open:
            raise self.unclosed(self.open[-1])

    def literal(self, char: str) -> None:
        if self.ends():
            return
        if char == "`" and self.open[-1].name == "Code":
            raise self.reserved(char)
        self.put(char)
        self.at += 1

    def begin(self, name: str, width: int, language: str = "") -> None:
        self.open.append(_Open(name, self.at, self.length, len(self.text), language))
        self.at += width

    def starts(self) -> bool:
        if self.has("```"):
            self.begin_pre()
        elif self.has("`"):
            self.begin("Code", 1)
        elif self.has("!["):
            self.begin("CustomEmoji", 2)
        elif self.has("["):
            self.begin("TextUrl", 1)
        else:
            for mark, name in _MARKS:
                if self.has(mark):
                    self.begin(name, len(mark))
                    return True
            return False
        return True

    def begin_pre(self) -> None:
        match = re.compile(r"```(?:([^\s`]+)(?=\s))?\n?").match(self.source, self.at)
        language = (match.group(1) or "") if match else ""
        self.begin("PreCode" if language else "Pre", match.end() - self.at if match else 3, language)

    def ends(self) -> bool:
        if not self.open:
            return False
        opened = self.open[-1]
        if opened.name == "BlockQuote":
            return self.ends_expandable()
        mark = _ENDS[opened.name]
        if not self.has(mark) or (opened.name == "Italic" and self.has("__")):
            return False
        self.open.pop()
        self.at += len(mark)
        self.close(opened)
        return True

    def ends_expandable(self) -> bool:
        if not self.has("||") or self.source[self.at + 2 : self.at + 3] not in {"", "\n"}:
            return False
        self.at += 2
        opened = self.open.pop()
        place = {"offset": opened.offset, "length": self.length - opened.offset}
        self.entities.append({"type": "expandable_blockquote", **place})
        return True

    def close(self, opened: _Open) -> None:
        length = self.length - opened.offset
        entity: Entity | None = {"offset": opened.offset, "length": length}
        if opened.name == "TextUrl":
            shown = "".join(self.text[opened.start :])
            entity = link(self.target() or shown, opened.offset, length)
        elif opened.name == "CustomEmoji":
            match = re.fullmatch(r"tg://emoji\?id=(\d+)", self.target())
            if match is None:
                raise errors.PARSE.error("Custom emoji entity must contain a tg://emoji URL")
            entity = {"type": "custom_emoji", **(entity or {}), "custom_emoji_id": match.group(1)}
        else:
            entity = {"type": _TYPES[opened.name], **(entity or {})}
            if opened.language:
                entity["language"] = opened.language
        if entity and length:
            self.entities.append(entity)

    def target(self) -> str:
        """The `(address)` after a link's text, or nothing."""
        if not self.has("("):
            return ""
        begin = self.at
        self.at += 1
        url: list[str] = []
        while self.at < len(self.source) and not self.has(")"):
            if self.has("\\"):
                self.at += 1
            url.append(self.source[self.at : self.at + 1])
            self.at += 1
        if not self.has(")"):
            raise errors.PARSE.error(f"Can't find end of a URL at byte offset {self.byte(begin)}")
        self.at += 1
        return "".join(url)

    def new_line(self) -> None:
        self.at += 1
        if self.source[self.at : self.at + 1] != ">" or self.has("**>"):
            self.end_quote()
        self.put("\n")
        self.quote_line()

    def quote_line(self) -> None:
        """At the start of a line: `>` begins a quotation or carries it on."""
        if self.has("**>"):
            self.begin("BlockQuote", 3)
        elif self.has(">"):
            if any(opened.name == "BlockQuote" for opened in self.open):
                self.at += 1
            else:
                self.begin("BlockQuote", 1)

    def end_quote(self) -> None:
        if not any(opened.name == "BlockQuote" for opened in self.open):
            return
        opened = self.open.pop()
        if opened.name != "BlockQuote":
            raise self.unclosed(opened)
        self.close(opened)


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Text and entities.

    Raises:
        ApiError: "can't parse entities: …", with the byte offset Telegram would name.
    """
    parser = _Parser(source)
    parser.run()
    return "".join(parser.text), parser.entities
