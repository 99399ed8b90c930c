"""Write values as YAML scalars: ``scalar``, ``quoted``, ``text``, ``promql`` and others.

>>> scalar("slo:objective:ratio"), scalar("yes"), duration("1h30m"), number("NaN")
('slo:objective:ratio', '"yes"', '1h30m', '.nan')

These are the filters of the templates. Each gives text that YAML 1.1 and 1.2 read alike, on one line
except for ``text``, whose block form a reader can paste into a query browser.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from promrules.syntax.line_breaks import broken

LINE = 100
"""Characters up to which a text stays on the line of its key."""

_PLAIN = re.compile(r"(?:[A-Za-z_]|\.\./)[A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*", re.ASCII)
# Words that YAML 1.1 reads as booleans or null, and the letters some readers take for them.
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
# Not printable in YAML, though JSON leaves them as they are.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_NOT_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PLAIN_EXPR = re.compile(r"[A-Za-z0-9_(][ -~]*[({][ -~]*[^ :]", re.ASCII)
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+", re.ASCII)
_SPECIAL_NUMBERS = {"nan": ".nan", "inf": ".inf", "+inf": ".inf", "-inf": "-.inf"}


@lru_cache(maxsize=65536)
def quoted(value: str) -> str:
    """Give ``value`` in double quotes, everything unprintable escaped."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


@lru_cache(maxsize=65536)
def scalar(value: str) -> str:
    """Give ``value`` bare where no reader can mistake it, else in the quotes that need fewest escapes."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if ('"' in value or "\\" in value) and not _CONTROL.search(value):
        return "'" + value.replace("'", "''") + "'"
    return quoted(value)


def text(value: str, indent: int) -> str:
    """Give a short line as ``scalar`` does, and a longer or many-lined text as a literal block.

    Args:
        value: the text; what a block cannot hold (blanks at an end, control characters) is quoted instead.
        indent: columns before each line of the block.
    """
    if len(value) <= LINE and "\n" not in value:
        return scalar(value)
    kept = value.removesuffix("\n")
    if not kept or kept[0] in " \t\n" or kept[-1] in " \t\n" or _NOT_IN_BLOCK.search(kept):
        return quoted(value)
    margin = " " * indent
    body = "\n".join(margin + line if line else "" for line in kept.split("\n"))
    return ("|" if value.endswith("\n") else "|-") + "\n" + body


def promql(expr: str, indent: int) -> str:
    """Give a short expression bare, as rule files in the field have it, and break a longer one into a block."""
    if len(expr) <= LINE and "\n" not in expr:
        if _PLAIN_EXPR.fullmatch(expr) and ": " not in expr and " #" not in expr:
            return expr
        return scalar(expr)
    return text(broken(expr), indent)


@lru_cache(maxsize=4096)
def duration(value: str) -> str:
    """Give a Prometheus duration such as ``1h30m`` bare, and anything else in quotes."""
    return value if _DURATION.fullmatch(value) else quoted(value)


def number(value: str) -> str:
    """Give a number's text as YAML writes it: ``NaN`` and ``+Inf`` have names of their own there."""
    return _SPECIAL_NUMBERS.get(value.lower(), value)


def comment(value: str) -> str:
    """Give ``value`` fit for a comment: one line, nothing unprintable."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
