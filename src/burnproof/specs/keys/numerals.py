"""Give JSON Schemas of numbers that accept what ``model.quantities`` reads, and little else.

Each is a number within bounds, or a text of a form. They are no second reader: what they let through may still be
refused, with a reason; what they refuse, ``units`` refuses too (held by ``tests/specs/test_schema.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from burnproof.specs.keys.table import Schema

_DIGITS: Final = r"(([0-9]{1,3}(_[0-9]{3})+|[0-9]+)(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
_LENGTH: Final = r"([0-9]+(\.[0-9]+)?\s*(ms|[smhdw])\s*)+"
_PER: Final = r"([rR][pP][sSmMhH]|/[sS]|/[mM]([iI][nN])?|/[hH])?"


def _numeral(text: str, **bounds: float) -> Schema:
    """Take a number within bounds, or a text."""
    number: dict[str, Any] = {"type": "number", **bounds}
    return {"anyOf": [number, {"type": "string", "pattern": rf"^\s*({text})\s*$"}]}


DURATION: Final[Schema] = {"type": "string", "pattern": rf"^\s*{_LENGTH}$"}
OBJECTIVE: Final = _numeral(
    rf"\+?([0_]*[0-9]{{1,2}}(\.[0-9]+)?|\.[0-9]+|{_DIGITS}[eE][+-]?[0-9]{{1,2}})\s*%?",
    exclusiveMinimum=1,
    exclusiveMaximum=100,
)
FACTOR: Final = _numeral(rf"\+?{_DIGITS}\s*[x\u00d7]?", exclusiveMinimum=0)
RATE: Final = _numeral(rf"\+?{_DIGITS}\s*{_PER}", exclusiveMinimum=0)
NATURAL: Final = _numeral(rf"[+-]?{_DIGITS}", minimum=0, multipleOf=1)
POSITIVE: Final = _numeral(rf"\+?{_DIGITS}", exclusiveMinimum=0)
SECONDS: Final = _numeral(rf"{_LENGTH}|\+?{_DIGITS}", exclusiveMinimum=0)
BOUND: Final = _numeral(rf"{_LENGTH}|[+-]?{_DIGITS}\s*%?")
QUANTILE: Final = _numeral(rf"[pP][0-9]+(\.[0-9]+)?|\+?{_DIGITS}\s*%?", exclusiveMinimum=0, exclusiveMaximum=1)
SHARE: Final = _numeral(rf"[+-]?{_DIGITS}\s*%?", minimum=0, exclusiveMaximum=1)
