"""Prepare tokens for promql-parser: which words are keywords, which characters it must not see.

promql-parser decides structure and types; every literal is read from our own tokens. So durations, timestamps and
strings are swapped for harmless stand-ins before it sees them, which also keeps its faults with ``@ -1``, ``1_000``,
string escapes, foreign regexes and duration arithmetic out of play.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from promrules.syntax.durations import DurationReader
from promrules.syntax.nodes import Boundary, Duration
from promrules.syntax.tokens import PromqlSyntaxError, Token, number_value

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DEPTH: Final = 100
"""Brackets, signs and powers within each other; more would exhaust a stack somewhere."""

MAX_OPERATORS: Final = 2000
"""Binary operators and arguments in one expression: promql-parser needs time quadratic in them."""

AGGREGATIONS: Final = frozenset(
    "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio".split()  # noqa: SIM905 (a list of words reads best as words)
)
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
MATCHING_WORDS: Final = frozenset({"on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right"})
_SYMBOL_OPERATORS: Final = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", "<=", ">=", "<", ">", "</", ">/"})
_OPERAND_ENDS: Final = frozenset({"name", "number", "duration", "string", ")", "]", "}"})
_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")
_MATCHER_OPERATORS: Final = frozenset({"!=", "=~", "!~"})
_MODES: Final = frozenset({"anchored", "smoothed"})
_MAX_SECONDS: Final = (2**63 - 1) / 1000


@dataclass(slots=True)
class Prepared:
    """Tokens, what our own readers found at some of them, and the text for promql-parser.

    Attributes:
        tokens: All tokens as written.
        durations: Index of a duration's first token → its value and the index after its last.
        times: Index of ``@`` → the time and the index after the modifier.
        text: What promql-parser gets.
        modes: Indices of the keywords ``anchored`` and ``smoothed``.
    """

    tokens: list[Token]
    durations: dict[int, tuple[Duration, int]] = field(default_factory=dict)
    times: dict[int, tuple[int | Boundary, int]] = field(default_factory=dict)
    text: str = ""
    modes: set[int] = field(default_factory=set)


def is_operator(token: Token) -> bool:
    """Tell whether ``token`` is a binary operator (where an operand has just ended)."""
    return token.kind in _SYMBOL_OPERATORS or (token.kind == "name" and token.text.lower() in WORD_OPERATORS)


def prepare(tokens: list[Token]) -> Prepared:
    """Read durations and timestamps, and write the stand-in text.

    Raises:
        PromqlSyntaxError: a bad duration or timestamp, or an expression too deep or too long.
    """
    check_size(tokens)
    found = Prepared(tokens)
    pieces: list[str] = []
    index = 0
    braces = 0
    while tokens[index].kind != "end":
        kind, text, _ = token = tokens[index]
        if kind == "[":
            pieces.append("[")
            index, piece = _range(found, index + 1)
            pieces.append(piece)
            continue
        if kind in ("{", "}"):
            braces += 1 if kind == "{" else -1
        elif kind == "@" and not braces:
            pieces.append("@ 0")
            index = _timestamp(found, index)
            continue
        elif kind == "name" and not braces and index and tokens[index - 1].kind in _OPERAND_ENDS:
            if text.lower() == "offset":
                pieces.append("offset 1m")
                index = _duration(found, index + 1, in_brackets=False)
                continue
            if text in _MODES:
                found.modes.add(index)
                index += 1
                continue
        # Whether a matcher accepts nothing is for our own check; to promql-parser all are plain equalities.
        pieces.append("=" if braces and kind in _MATCHER_OPERATORS else _stand_in(token, index))
        index += 1
    found.text = " ".join(pieces)
    return found


def check_size(tokens: Sequence[Token]) -> None:
    """Refuse what no parser or evaluator should recurse into.

    Raises:
        PromqlSyntaxError: nested deeper or longer than the limits.
    """
    if len(tokens) <= MAX_DEPTH:
        return  # too few to reach any limit
    depth = operators = powers = run = 0
    for token in tokens:
        kind = token.kind
        depth += (kind in _OPENERS) - (kind in _CLOSERS)
        powers += kind == "^"
        run = run + 1 if kind in ("-", "+") else 0
        operators += kind == "," or is_operator(token)
        if depth > MAX_DEPTH or run > MAX_DEPTH or powers > MAX_DEPTH:
            raise PromqlSyntaxError(f"expression is nested deeper than {MAX_DEPTH} levels", token.start, token.end)
        if operators > MAX_OPERATORS:
            message = f"expression has more than {MAX_OPERATORS} operators and arguments"
            raise PromqlSyntaxError(message, token.start, token.end)


def _stand_in(token: Token, index: int) -> str:
    """Give what promql-parser sees in place of ``token``."""
    if token.kind == "string":
        return f'"s{index}"'  # distinct, so that quoted label names stay different from each other
    if token.kind in ("number", "duration"):
        return "1"
    if token.kind in ("</", ">/"):
        return ">"
    return token.text


def _range(found: Prepared, index: int) -> tuple[int, str]:
    """Read ``range]`` or ``range:step]`` behind the opening bracket; give the next index and the stand-in."""
    tokens = found.tokens
    index = _duration(found, index, in_brackets=True)
    piece = "1m"
    if tokens[index].kind == ":":
        index += 1
        piece = "1m:"
        if tokens[index].kind != "]":
            index = _duration(found, index, in_brackets=True)
            piece = "1m:1m"
    token = tokens[index]
    if token.kind != "]":
        shown = f'"{token.text}"' if token.text else "end of input"
        raise PromqlSyntaxError(f"unexpected {shown} in range, expected ':' or ']'", token.start, token.end)
    return index + 1, piece + "]"


def _duration(found: Prepared, index: int, *, in_brackets: bool) -> int:
    """Read the duration at ``index``, note it, and give the index behind it."""
    reader = DurationReader(found.tokens, index)
    value = reader.read(in_brackets=in_brackets)
    if in_brackets and isinstance(value, int) and value <= 0:
        start, end = found.tokens[index].start, found.tokens[reader.position - 1].end
        raise PromqlSyntaxError("duration must be greater than 0", start, end)
    found.durations[index] = (value, reader.position)
    return reader.position


def _timestamp(found: Prepared, index: int) -> int:
    """Read ``@ <number>``, ``@ start()`` or ``@ end()`` at ``index``; give the index behind it."""
    tokens = found.tokens
    position = index + 1
    sign = 1.0
    while tokens[position].kind in ("+", "-"):
        sign = -sign if tokens[position].kind == "-" else sign
        position += 1
    token = tokens[position]
    if token.kind == "name" and token.text.lower() in ("start", "end") and position == index + 1:
        if [item.kind for item in tokens[position + 1 : position + 3]] != ["(", ")"]:
            raise PromqlSyntaxError(f'expected "()" after "{token.text}"', token.start, token.end)
        found.times[index] = (Boundary(token.text.lower()), position + 3)
        return position + 3
    value = number_value(token) if token.kind in ("number", "duration") else _named_number(token)
    if not abs(value) < _MAX_SECONDS:
        message = f"timestamp out of bounds for @ modifier: {sign * value:f}"
        raise PromqlSyntaxError(message, token.start, token.end)
    found.times[index] = (round_half_away(sign * value * 1000), position + 1)
    return position + 1


def _named_number(token: Token) -> float:
    """Give the value of ``Inf`` or ``NaN`` written as a timestamp; anything else is no timestamp."""
    if token.kind == "name" and token.text.lower() in ("inf", "nan"):
        return float(token.text)
    shown = f'"{token.text}"' if token.text else "end of input"
    raise PromqlSyntaxError(f"unexpected {shown} in @ modifier, expected timestamp", token.start, token.end)


def round_half_away(value: float) -> int:
    """Round as Go's ``math.Round``: halves away from zero."""
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)
