"""Template text in, tokens out: `lex("a{{ .B }}")` gives text, `{{`, space, field `.B`, space, `}}`, end.

The token kinds and the trimming of white space follow the documentation of Go's text/template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a token is."""

    ERROR = auto()
    BOOL = auto()
    CHAR = auto()
    CHAR_CONSTANT = auto()
    COMPLEX = auto()
    ASSIGN = auto()
    DECLARE = auto()
    EOF = auto()
    FIELD = auto()
    IDENTIFIER = auto()
    LEFT_DELIM = auto()
    LEFT_PAREN = auto()
    NUMBER = auto()
    PIPE = auto()
    RAW_STRING = auto()
    RIGHT_DELIM = auto()
    RIGHT_PAREN = auto()
    SPACE = auto()
    STRING = auto()
    TEXT = auto()
    VARIABLE = auto()
    DOT = auto()
    NIL = auto()
    KEYWORD = auto()


KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"})

SPACE = " \t\r\n"
LEFT, RIGHT = "{{", "}}"
_IDENTIFIER = re.compile(r"\w*")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_QUOTED = {
    '"': (re.compile(r'"(?:[^"\\\n]|\\[^\n])*"'), Kind.STRING, "unterminated quoted string"),
    "'": (re.compile(r"'(?:[^'\\\n]|\\[^\n])*'"), Kind.CHAR_CONSTANT, "unterminated character constant"),
    "`": (re.compile(r"`[^`]*`"), Kind.RAW_STRING, "unterminated raw quoted string"),
}
_TERMINATORS = frozenset(SPACE + ".,|:)(")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `pos` is its index in the text, `line` starts at 1."""

    kind: Kind
    pos: int
    text: str
    line: int

    def __str__(self) -> str:
        if self.kind is Kind.EOF:
            return "EOF"
        if self.kind is Kind.ERROR:
            return self.text
        if self.kind in {Kind.KEYWORD, Kind.DOT, Kind.NIL}:
            return f"<{self.text}>"
        return f"{quote(self.text[:10])}..." if len(self.text) > 10 else quote(self.text)


def quote(text: str) -> str:
    """Give `text` as Go's `%q` writes it, for the characters that occur in templates."""
    simple = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b"}
    simple |= {"\f": "\\f", "\v": "\\v"}
    return '"' + "".join(simple.get(char) or _printable(char) for char in text) + '"'


def _printable(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, kept by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _LexError(Exception):
    """Ends the scan; carries the text of the error token."""


def lex(text: str) -> list[Token]:
    """Split a template into tokens; the last one is EOF, or ERROR with Go's message."""
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.tokens: list[Token] = []
        self.line = 1
        self.counted = 0
        self.parens = 0
        self.in_action = False

    def line_at(self, pos: int) -> int:
        self.line += self.text.count("\n", self.counted, pos)
        self.counted = max(pos, self.counted)
        return self.line

    def emit(self, kind: Kind, end: int) -> None:
        line = self.line_at(self.pos)
        self.tokens.append(Token(kind, self.pos, self.text[self.pos : end], line))
        self.pos = end

    def run(self) -> list[Token]:
        try:
            while self.pos < len(self.text) or self.in_action:
                if self.in_action:
                    self.action()
                else:
                    self.plain()
            self.emit(Kind.EOF, self.pos)
        except _LexError as problem:
            self.tokens.append(Token(Kind.ERROR, self.pos, str(problem), self.line_at(self.pos)))
        return self.tokens

    def plain(self) -> None:
        """Take text up to the next action, then the opening delimiter or the whole comment."""
        start = self.text.find(LEFT, self.pos)
        if start < 0:
            self.emit(Kind.TEXT, len(self.text))
            return
        after = start + len(LEFT)
        trims = self.text[after : after + 1] == "-" and self.text[after + 1 : after + 2] in tuple(SPACE)
        end = self.pos + len(self.text[self.pos : start].rstrip(SPACE)) if trims else start
        if end > self.pos:
            self.emit(Kind.TEXT, end)
        self.pos = start
        body = after + 2 if trims else after
        if self.text.startswith("/*", body):
            self.comment(body)
            return
        self.emit(Kind.LEFT_DELIM, after)
        self.pos = body
        self.in_action, self.parens = True, 0

    def comment(self, body: int) -> None:
        close = self.text.find("*/", body + 2)
        self.pos = body
        if close < 0:
            raise _LexError("unclosed comment")
        trims, end = self.right_delim(close + 2)
        if end < 0:
            raise _LexError("comment ends before closing delimiter")
        self.pos = self.skip_space(end) if trims else end

    def right_delim(self, pos: int) -> tuple[bool, int]:
        """Tell whether a closing delimiter at `pos` trims, and where it ends (-1: there is none)."""
        if self.text[pos : pos + 1] in tuple(SPACE) and self.text.startswith("-" + RIGHT, pos + 1):
            return True, pos + 4
        return False, pos + 2 if self.text.startswith(RIGHT, pos) else -1

    def skip_space(self, pos: int) -> int:
        while pos < len(self.text) and self.text[pos] in SPACE:
            pos += 1
        return pos

    def action(self) -> None:
        """Take one token inside `{{ }}`."""
        trims, end = self.right_delim(self.pos)
        if end >= 0:
            if self.parens:
                raise _LexError("unclosed left paren")
            self.emit(Kind.RIGHT_DELIM, end)
            self.pos = self.skip_space(end) if trims else end
            self.in_action = False
            return
        if self.pos >= len(self.text):
            raise _LexError("unclosed action")
        char = self.text[self.pos]
        if char in SPACE:
            self.space()
        elif char in _QUOTED:
            self.quoted(char)
        elif char == "$" or (char == "." and not self.text[self.pos + 1 : self.pos + 2].isdecimal()):
            self.field_or_variable(char)
        elif char in "+-." or char in "0123456789":
            self.number()
        elif char == "_" or char.isalpha() or char.isdecimal():
            self.identifier()
        else:
            self.punctuation(char)

    def space(self) -> None:
        end = self.skip_space(self.pos)
        if self.text.startswith("-" + RIGHT, end):  # the last blank belongs to the trimming delimiter
            end -= 1
        if end > self.pos:
            self.emit(Kind.SPACE, end)

    def quoted(self, char: str) -> None:
        pattern, kind, message = _QUOTED[char]
        found = pattern.match(self.text, self.pos)
        if not found:
            raise _LexError(message)
        self.emit(kind, found.end())

    def field_or_variable(self, char: str) -> None:
        end = self.word_end(self.pos + 1)
        if end == self.pos + 1:
            self.emit(Kind.VARIABLE if char == "$" else Kind.DOT, end)
        else:
            self.emit(Kind.VARIABLE if char == "$" else Kind.FIELD, end)

    def word_end(self, pos: int) -> int:
        found = _IDENTIFIER.match(self.text, pos)
        end = found.end() if found else pos
        following = self.text[end : end + 1]
        if following and following not in _TERMINATORS and not self.text.startswith(RIGHT, end):
            raise _LexError(f"bad character U+{ord(following):04X} '{following}'")
        return end

    def identifier(self) -> None:
        end = self.word_end(self.pos)
        word = self.text[self.pos : end]
        if word in KEYWORDS:
            self.emit(Kind.KEYWORD, end)
        elif word in {"true", "false"}:
            self.emit(Kind.BOOL, end)
        else:
            self.emit(Kind.NIL if word == "nil" else Kind.IDENTIFIER, end)

    def number(self) -> None:
        end = self.number_end(self.pos)
        if self.text[end : end + 1] in ("+", "-"):
            end = self.number_end(end)
            if self.text[end - 1] != "i":
                raise _LexError(f"bad number syntax: {quote(self.text[self.pos : end])}")
            self.emit(Kind.COMPLEX, end)
            return
        self.emit(Kind.NUMBER, end)

    def number_end(self, pos: int) -> int:
        found = _NUMBER.match(self.text, pos)
        end = found.end() if found else pos
        following = self.text[end : end + 1]
        if following == "_" or following.isalpha() or following.isdecimal():
            raise _LexError(f"bad number syntax: {quote(self.text[self.pos : end + 1])}")
        return end

    def punctuation(self, char: str) -> None:
        if char == ":":
            if not self.text.startswith(":=", self.pos):
                raise _LexError("expected :=")
            self.emit(Kind.DECLARE, self.pos + 2)
            return
        if char == ")" and not self.parens:
            raise _LexError("unexpected right paren")
        kinds = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.LEFT_PAREN, ")": Kind.RIGHT_PAREN}
        if char not in kinds and not (char.isascii() and char.isprintable()):
            shown = f" '{char}'" if char.isprintable() else ""
            raise _LexError(f"unrecognized character in action: U+{ord(char):04X}{shown}")
        self.parens += {"(": 1, ")": -1}.get(char, 0)
        self.emit(kinds.get(char, Kind.CHAR), self.pos + 1)
