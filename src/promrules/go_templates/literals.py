"""Go literals to Python values: quoted strings, runes and numbers."""

from __future__ import annotations

import math
import re

from promrules.go_templates.errors import TemplateError
from promrules.go_templates.lexer import Kind, quote
from promrules.go_templates.nodes import Number

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL
)
_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
_INVALID = "invalid syntax"
MIN_INT, MAX_INT, MAX_UINT = -(2**63), 2**63 - 1, 2**64 - 1


def unquote(quoted: str) -> str:
    """Give the text of a Go string literal, quotes included in the input; bytes that are no UTF-8 become surrogates.

    Raises:
        TemplateError: a bad escape, worded as `strconv.Unquote` words it.
    """
    mark, body = quoted[0], quoted[1:-1]
    if mark == "`":
        return body.replace("\r", "")
    return (
        _ESCAPE.sub(lambda found: _unescape(found, mark), body)
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "surrogateescape")
    )


def _unescape(found: re.Match[str], mark: str) -> str:
    simple, hexadecimal, octal, short, long, _ = found.groups()
    if simple:
        if simple in "'\"" and simple != mark:
            raise TemplateError(_INVALID)
        return chr(_SIMPLE[simple])
    if hexadecimal or octal:
        code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
        if code > 0xFF:
            raise TemplateError(_INVALID)
        return chr(code) if code < 0x80 else chr(0xDC00 + code)
    if short or long:
        code = int(short or long, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise TemplateError(_INVALID)
        return chr(code)
    raise TemplateError(_INVALID)


def number(pos: int, text: str, kind: Kind) -> Number:
    """Read a number or a rune, under each type that can hold it.

    Raises:
        TemplateError: no such number, or an integer that overflows.
    """
    if kind is Kind.CHAR_CONSTANT:
        rune = unquote(text)
        if len(rune) != 1:
            raise TemplateError(f"malformed character constant: {text}" if rune else _INVALID)
        return Number(pos, text, ord(rune), float(ord(rune)))
    if text.endswith("i"):
        return _imaginary(pos, text)
    integer = parse_int(text)
    if integer is not None and MIN_INT <= integer <= MAX_UINT:
        return Number(pos, text, integer, float(integer))
    real = parse_float(text)
    if real is None or math.isinf(real):
        raise TemplateError(f"illegal number syntax: {quote(text)}")
    if not any(mark in text for mark in ".eEpP"):
        raise TemplateError(f"integer overflow: {quote(text)}")
    whole = int(real) if math.isfinite(real) and real == int(real) and MIN_INT <= real <= MAX_INT else None
    return Number(pos, text, whole, real)


def _imaginary(pos: int, text: str) -> Number:
    try:
        value = complex(text[:-1].replace("_", "") + "j")
    except ValueError:
        raise TemplateError(f"illegal number syntax: {quote(text)}") from None
    if value.imag:
        return Number(pos, text, None, None, value)
    whole = int(value.real) if value.real == int(value.real) else None
    return Number(pos, text, whole, value.real, value)


_INTEGER = re.compile(
    r"([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[oO]?(?:_?[0-7]+)*|0[bB]_?[01]+(?:_[01]+)*|[1-9][0-9]*(?:_[0-9]+)*)"
)


def parse_int(text: str) -> int | None:
    """Read a Go integer literal with base prefix (`strconv.ParseInt(text, 0, …)`), or give None."""
    found = _INTEGER.fullmatch(text)
    if not found:
        return None
    sign, digits = found.groups()
    digits = digits.replace("_", "")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdecimal():
        digits = "0o" + digits[1:]
    try:
        return int(sign + digits, 0)
    except ValueError:
        return None


_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+)?")
_HEX_FLOAT = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F_]+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F_]+)[pP][+-]?[0-9]+")
_SPECIAL = re.compile(r"([+-]?)(inf(?:inity)?|nan)", re.IGNORECASE)


def parse_float(text: str, *, underscores: bool = True) -> float | None:
    """Read a number as `strconv.ParseFloat` does (`inf`, `nan` and hexadecimal too), or give None."""
    if not underscores and "_" in text:
        return None
    plain = text.replace("_", "")
    if _FLOAT.fullmatch(text):
        return float(plain)
    if _HEX_FLOAT.fullmatch(text):
        try:
            return float.fromhex(plain)
        except OverflowError:
            return None
    special = _SPECIAL.fullmatch(text)
    return float(plain) if special and not (special[1] and special[2].lower() == "nan") else None
