"""PromQL text to tokens with their characters, and durations and strings to values."""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple


class PromqlSyntaxError(ValueError):
    """A text that is not PromQL: ``message`` says what is wrong, ``[start, end)`` which characters."""

    def __init__(self, message: str, start: int, end: int) -> None:
        """Note the message and the span in the text."""
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class Token(NamedTuple):
    """A lexeme.

    Attributes:
        kind: ``number``, ``duration``, ``string``, ``name``, ``end``, or the symbol itself.
        text: The characters as written.
        start: Offset of the first character.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)


_TOKEN: Final = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    |(?P<duration>(?:[0-9]+(?:ms|[smhdwy]))+(?![A-Za-z0-9_.]))
    |(?P<number>(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)(?![A-Za-z0-9_.]))
    |(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
    |(?P<symbol>=~|!~|!=|==|<=|>=|</|>/|[-+*/%^=<>(){}\[\],:@])""",
    re.VERBOSE | re.DOTALL,
)
_NAME_IN_BRACKETS: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BAD_NUMBER: Final = re.compile(r"[0-9.][A-Za-z0-9_.]*")
_DURATION: Final = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_UNIT_MS: Final = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_MAX_INT64: Final = 2**63 - 1
_LONE_UNDERSCORE: Final = (
    re.compile(r"(?<![0-9])_|_(?![0-9])"),
    re.compile(r"(?<![0-9a-fx])_|_(?![0-9a-f])", re.IGNORECASE),
)
"""An underscore that does not stand between digits: in decimal and in hexadecimal numbers."""
MAX_DURATION_MS: Final = (2**63 - 1) // 1_000_000
"""Durations are nanoseconds in an int64 in Prometheus."""


def tokenize(text: str) -> list[Token]:
    """Split ``text`` into tokens, blanks and comments left out, a token of kind ``end`` last.

    Raises:
        PromqlSyntaxError: a character or literal that belongs to no token.
    """
    tokens: list[Token] = []
    position, size = 0, len(text)
    brackets = 0
    while position < size:
        found = _TOKEN.match(text, position)
        if found is None:
            raise _bad_lexeme(text, position)
        kind = found.lastgroup or ""
        lexeme = found[0]
        if brackets and kind == "name":
            # Within [...] a colon parts range and step, it is no letter of a name.
            short = _NAME_IN_BRACKETS.match(text, position)
            kind, lexeme = ("name", short[0]) if short else ("symbol", ":")
        if kind == "symbol":
            tokens.append(Token(lexeme, lexeme, position))
            if lexeme == "[":
                brackets += 1
            elif lexeme == "]" and brackets:
                brackets -= 1
        elif kind != "blank":
            tokens.append(Token(kind, lexeme, position))
        position += len(lexeme)
    tokens.append(Token("end", "", len(text)))
    return tokens


def _bad_lexeme(text: str, position: int) -> PromqlSyntaxError:
    """Say what is wrong with the text at ``position``, where no token begins."""
    char = text[position]
    if char in "\"'`":
        return PromqlSyntaxError("unterminated quoted string", position, len(text))
    number = _BAD_NUMBER.match(text, position)
    if number:
        return PromqlSyntaxError(f'bad number or duration syntax: "{number.group()}"', position, number.end())
    if char == "!":
        return PromqlSyntaxError("unexpected character after '!': expected '!=' or '!~'", position, position + 1)
    return PromqlSyntaxError(f"unexpected character: {char!r}", position, position + 1)


def duration_ms(token: Token) -> int:
    """Give the milliseconds of a duration token such as ``1h30m``.

    Raises:
        PromqlSyntaxError: units out of order or repeated, or more than an int64 of nanoseconds holds.
    """
    found = _DURATION.fullmatch(token.text)
    if found is None:
        raise PromqlSyntaxError(f'not a valid duration string: "{token.text}"', token.start, token.end)
    total = sum(int(part) * unit for part, unit in zip(found.groups(), _UNIT_MS, strict=True) if part)
    if total > MAX_DURATION_MS:
        raise PromqlSyntaxError("duration out of range", token.start, token.end)
    return total


def parse_duration(text: str) -> int:
    """Give the milliseconds of ``5m``, ``1h30m`` or ``0``.

    Raises:
        ValueError: not a Prometheus duration.
    """
    if text == "0":
        return 0
    if not text:
        raise ValueError("empty duration string")
    return duration_ms(Token("duration", text, 0))


def number_value(token: Token) -> float:
    """Give the value of a number or duration token; a duration counts in seconds.

    Raises:
        PromqlSyntaxError: an underscore that parts no digits, or more than a float64 holds.
    """
    if token.kind == "duration":
        return duration_ms(token) / 1000
    try:
        return read_number(token.text)
    except ValueError as error:
        raise PromqlSyntaxError(f"error parsing number: {error}", token.start, token.end) from None


def read_number(text: str) -> float:
    """Read an unsigned number as Go does: an int64 in any base if it is one (``010`` is 8), else a decimal float.

    Raises:
        ValueError: neither of them.
    """
    digits = text.replace("_", "").lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    try:
        whole = int(digits, base)
    except ValueError:
        whole = _MAX_INT64 + 1
    if _LONE_UNDERSCORE[base == 16].search(text) or (base == 16 and whole > _MAX_INT64):
        raise ValueError(f'"{text}": invalid syntax')
    if whole <= _MAX_INT64:
        return float(whole)
    value = float(digits)
    if math.isinf(value) and digits != "inf":
        raise ValueError(f'"{text}": value out of range')
    return value


_ESCAPES: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<short>[abfnrtv\\'\"])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"
    r"|(?P<o>[0-7]{3})|(?P<bad>.))",
    re.DOTALL,
)


def string_value(token: Token) -> str:
    r"""Give the value of a string token; ``\xNN`` and octal escapes are bytes of UTF-8, as in Go.

    Raises:
        PromqlSyntaxError: an escape Go does not know.
    """
    body = token.text[1:-1]
    if token.text[0] == "`" or "\\" not in body:
        return body
    out = bytearray()
    last = 0
    for found in _ESCAPE.finditer(body):
        out += body[last : found.start()].encode("utf-8", "surrogatepass")
        out += _unescape(found, token)
        last = found.end()
    out += body[last:].encode("utf-8", "surrogatepass")
    return out.decode("utf-8", "surrogateescape")


def _unescape(found: re.Match[str], token: Token) -> bytes:
    """Give the bytes one escape stands for."""
    if found["short"]:
        return _ESCAPES[found["short"]].encode()
    if found["x"]:
        return bytes([int(found["x"], 16)])
    code = int(found["u"] or found["U"] or "0", 16)
    if found["o"] and int(found["o"], 8) < 256:
        return bytes([int(found["o"], 8)])
    at = token.start + 1 + found.start()
    if found["bad"] or found["o"] or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        message = f"invalid escape sequence {found.group()} in string"
        raise PromqlSyntaxError(message, at, at + len(found.group()))
    return chr(code).encode()
