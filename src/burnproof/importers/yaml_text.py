"""Write values as YAML as people do: plain text if that is safe, else quotes; blocks for several lines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.model.decimals import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

# Begins with nothing that YAML gives a meaning, and has no ": " and no " #" in it.
_PLAIN: Final = re.compile(r"(?![-?:](?:\s|$))[^\s\[\]{},#&*!|>'\"%@`](?:[^\n]*[^\s:])?")
_NOT_PLAIN: Final = re.compile(r":\s|\s#|[\x00-\x1f\x7f\u0085\u2028\u2029\ufeff]")
_FLOW: Final = re.compile(r"[\[\]{},?:]|^-")  # readers differ in what : and ? mean inside of brackets
# What YAML readers take for a switch, a number, a time of day or a date.
_OTHER_TYPE: Final = re.compile(
    r"~|null|true|false|yes|no|on|off|y|n|[-+]?(?:0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|(?=[\d.])[\d_]*\.?[\d_]*(?:e[-+]?\d+)?)"
    r"|\d+(?::[\d.]+)+|\d{4}-\d\d?-\d\d?.*|[-+]?\.(?:inf|nan)|<<|=",
    re.IGNORECASE,
)
_SPECIAL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ufeff]")


def scalar(text: str, *, flow: bool = False) -> str:
    """Write text on one line; ``flow`` is for inside of brackets."""
    plain = _PLAIN.fullmatch(text) and not _NOT_PLAIN.search(text) and not _OTHER_TYPE.fullmatch(text)
    if plain and not (flow and _FLOW.search(text)):
        return text
    if _SPECIAL.search(text):
        return _double_quoted(text)
    return '"' + text + '"' if not re.search(r'["\\]', text) else "'" + text.replace("'", "''") + "'"


def _double_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def is_block(text: str) -> bool:
    """Tell whether text is better written as a block: it has several lines, and nothing that a block would lose."""
    return "\n" in text and not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029\ufeff]", text)


def block(text: str, indent: str) -> list[str]:
    """Write the lines of a block, below a key that ends in ``|``."""
    return [f"{indent}{line.rstrip()}" if line.strip() else "" for line in text.strip().split("\n")]


def flow_list(items: tuple[str, ...]) -> str:
    """Write a list on one line."""
    return f"[{', '.join(scalar(item, flow=True) for item in items)}]"


def flow_map(pairs: tuple[tuple[str, str], ...]) -> str:
    """Write a mapping on one line."""
    return f"{{{', '.join(f'{key}: {scalar(value, flow=True)}' for key, value in pairs)}}}"


def document(value: dict[str, Any]) -> str:
    """Write a mapping of mappings, lists, text, numbers and switches as a YAML document."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    entries = value.items() if isinstance(value, dict) else (("", item) for item in value)
    for key, below in entries:
        head = f"{indent}{key}:" if key else f"{indent}-"
        if isinstance(below, str) and is_block(below):
            yield f"{head} |"
            yield from block(below, f"{indent}  ")
        elif not isinstance(below, dict | list):
            yield f"{head} {_one_line(below)}"
        elif not below:
            yield f"{head} {{}}" if isinstance(below, dict) else f"{head} []"
        elif key:
            yield head
            yield from _lines(below, f"{indent}  ")
        else:
            first, *rest = _lines(below, f"{indent}  ")
            yield f"{head} {first.strip()}"
            yield from rest


def _one_line(value: str | bool | Decimal) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, Decimal) else scalar(value)
